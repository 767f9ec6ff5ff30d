//! Objects through the slices of a scan.

use boxel_segmenter::imaging::measure::volume_ml;
use boxel_segmenter::imaging::{
    ImageBox, ImagePoint, Plane, PropagationLimits, ReviewReason, SlicePlane, Stop, Stroke,
};
use boxel_segmenter::{Direction, EmbedProgress, Origin, Step};
use js_sys::{Array, Uint8Array, Uint8ClampedArray};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use super::scan::window_from;
use crate::error::{from_js, thrown, thrown_with, to_js, with};

#[derive(Serialize)]
struct SliceMask<'a> {
    object: u32,
    origin: Option<&'static str>,
    iou: Option<f32>,
    doubts: &'a [ReviewReason],
}

#[derive(Serialize)]
struct JsStructure<'a> {
    plane: Plane,
    voxels: u64,
    volume_ml: Option<f64>,
    slices: Vec<JsSlice<'a>>,
}

#[derive(Serialize)]
struct JsSlice<'a> {
    slice: u32,
    origin: &'static str,
    iou: Option<f32>,
    doubts: &'a [ReviewReason],
}

#[derive(Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum JsStep {
    Encoding {
        slice: u32,
        stage: String,
        done: usize,
        total: usize,
    },
    Carried {
        slice: u32,
        iou: f32,
        area_px: u64,
        doubts: Vec<ReviewReason>,
    },
    Stopped {
        direction: Direction,
        slice: u32,
        reason: Stop,
    },
    Finished,
}

#[derive(Serialize)]
struct ModelInput {
    side: u32,
    resized: [u32; 2],
    #[serde(rename = "box")]
    model_box: Option<[f32; 4]>,
    points: Vec<[f32; 3]>,
}

#[derive(Serialize)]
struct Memory {
    count: usize,
    bytes: f64,
    budget_bytes: f64,
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Marked => "marked",
        Origin::Carried => "carried",
    }
}

#[wasm_bindgen]
impl Engine {
    /// The mask of every object that reaches into a slice of a view: `[{ object, mask, origin, iou,
    /// doubts }]`. What is beside the mask is known in the plane that the object was marked in.
    ///
    /// # Errors
    ///
    /// `session_order` without a scan.
    pub fn slice_masks(&self, plane: JsValue, slice: u32) -> Result<Array, JsValue> {
        let plane: Plane = from_js(plane, "plane_invalid")?;
        let scan = self.session.scan();
        let scan = scan.ok_or_else(|| thrown_with("session_order", "open an image first"))?;
        let view = SlicePlane::new(scan.grid(), plane);
        let masks = Array::new();
        for (object, structure) in self.session.structures() {
            let mask = structure.mask().slice(&view, slice);
            if slice >= view.slices() || mask.area_px() == 0 {
                continue;
            }
            let about = structure.slice(slice);
            let about = about.filter(|_| structure.plane() == view.plane());
            let found = to_js(&SliceMask {
                object,
                origin: about.map(|about| origin_name(about.origin)),
                iou: about.and_then(|about| about.iou),
                doubts: about.map_or(&[], |about| &about.doubts),
            });
            masks.push(&with(found, "mask", &Uint8Array::from(mask.values()))?);
        }
        Ok(masks)
    }

    /// An object through all slices: `{ plane, voxels, volume_ml, slices: [{ slice, origin, iou, doubts
    /// }] }`.
    ///
    /// # Errors
    ///
    /// `session_order` if nothing was found for it.
    pub fn structure(&self, object: u32) -> Result<JsValue, JsValue> {
        let structure = self.session.structure(object).map_err(thrown)?;
        let voxels = structure.mask().count();
        let scan = self.session.scan();
        let slices = structure.slices().map(|(slice, about)| JsSlice {
            slice,
            origin: origin_name(about.origin),
            iou: about.iou,
            doubts: &about.doubts,
        });
        Ok(to_js(&JsStructure {
            plane: structure.plane(),
            voxels,
            volume_ml: scan.and_then(|scan| volume_ml(scan.grid(), structure.mask())),
            slices: slices.collect(),
        }))
    }

    /// Forgets an object through all slices.
    pub fn remove_object(&mut self, object: u32) {
        self.session.remove_object(object);
    }

    /// Takes the slices back that were carried on for an object; those that were marked stay.
    ///
    /// # Errors
    ///
    /// `session_order` if nothing was found for it.
    pub fn take_back(&mut self, object: u32) -> Result<(), JsValue> {
        self.session.take_back(object).map_err(thrown)
    }

    /// Remembers what was carried for an object, under a number of the caller's.
    ///
    /// # Errors
    ///
    /// `session_order` if nothing was found for it.
    pub fn keep_carried(&mut self, object: u32, version: u32) -> Result<(), JsValue> {
        self.session.keep_carried(object, version).map_err(thrown)
    }

    /// Puts what was carried in a version that was kept in the place of what is there; slices with prompts,
    /// and strokes, stay. A version that was not kept changes nothing.
    ///
    /// # Errors
    ///
    /// `session_order` if nothing was found for it.
    pub fn restore_carried(&mut self, object: u32, version: u32) -> Result<(), JsValue> {
        self.session
            .restore_carried(object, version)
            .map_err(thrown)
    }

    /// Draws strokes over what the model finds for an object on a slice of its plane, in the place of
    /// those before: `[{ kind: "paint" | "erase", radius_px, path }]`, the path in image space. None
    /// takes them back.
    ///
    /// # Errors
    ///
    /// `session_order` if nothing was found for it, or without such a slice; `stroke_invalid`.
    pub fn edit(&mut self, object: u32, slice: u32, strokes: JsValue) -> Result<(), JsValue> {
        let strokes: Vec<Stroke> = from_js(strokes, "stroke_invalid")?;
        self.session.edit(object, slice, strokes).map_err(thrown)
    }

    /// Takes away what a prompt has put on one slice of an object. Strokes stay.
    ///
    /// # Errors
    ///
    /// `session_order` if nothing was found for it.
    pub fn unmark(&mut self, object: u32, slice: u32) -> Result<(), JsValue> {
        self.session.unmark(object, slice).map_err(thrown)
    }

    /// Names an object's voxels: see [`Structure::sha256`](boxel_segmenter::Structure::sha256).
    ///
    /// # Errors
    ///
    /// `session_order` if nothing was found for it.
    pub fn mask_sha256(&self, object: u32) -> Result<String, JsValue> {
        Ok(self.session.structure(object).map_err(thrown)?.sha256())
    }

    /// Begins to carry an object's mask from a slice to its neighbours, in a window, or with null in the one that
    /// the model sees.
    /// `directions` holds `"up"`, towards larger numbers, `"down"`, or both.
    ///
    /// # Errors
    ///
    /// `session_order` if the object has no mask on that slice, or without weights.
    pub fn begin_propagation(
        &mut self,
        object: u32,
        from: u32,
        directions: JsValue,
        window: JsValue,
    ) -> Result<(), JsValue> {
        let directions: Vec<Direction> = from_js(directions, "direction_invalid")?;
        let (session, judges) = (&mut self.session, PropagationLimits::default());
        let begun = match window.is_null() || window.is_undefined() {
            true => session.begin_propagation(object, from, &directions, judges),
            false => {
                let window = window_from(window)?;
                session.begin_propagation_in(window, object, from, &directions, judges)
            }
        };
        begun.map_err(thrown)
    }

    /// Does one step: `{ step: "encoding" | "carried" | "stopped" | "finished", … }`.
    ///
    /// # Errors
    ///
    /// `session_order` where nothing has begun, `device_failed`.
    pub async fn propagation_step(&mut self) -> Result<JsValue, JsValue> {
        let step = self.session.propagation_step().await.map_err(thrown)?;
        Ok(to_js(&match step {
            Step::Encoding { slice, progress } => {
                let EmbedProgress { stage, done, total } = progress;
                JsStep::Encoding {
                    slice,
                    stage,
                    done,
                    total,
                }
            }
            Step::Carried {
                slice,
                iou,
                area_px,
                doubts,
            } => JsStep::Carried {
                slice,
                iou,
                area_px,
                doubts,
            },
            Step::Stopped {
                direction,
                slice,
                reason,
            } => JsStep::Stopped {
                direction,
                slice,
                reason,
            },
            Step::Finished => JsStep::Finished,
        }))
    }

    /// Gives a propagation up. What it has found stays.
    pub fn abandon_propagation(&mut self) {
        self.session.abandon_propagation();
    }

    /// What the model is given for what is shown: `{ side, resized, rgba, box, points }`, the box and
    /// the points in model space.
    ///
    /// # Errors
    ///
    /// `session_order` without weights or scan; `box_invalid`, `box_outside`.
    pub fn model_input(&self, image_box: JsValue, points: JsValue) -> Result<JsValue, JsValue> {
        let image_box: Option<[f32; 4]> = from_js(image_box, "prompt_invalid")?;
        let points: Vec<[f32; 3]> = from_js(points, "prompt_invalid")?;
        let prepared = self.session.model_input().map_err(thrown)?;
        let placement = prepared.placement;
        let image = placement.image;
        let model_box = match image_box {
            Some([x0, y0, x1, y1]) => {
                let drawn = ImageBox { x0, y0, x1, y1 };
                let drawn = drawn.checked(image.width, image.height).map_err(thrown)?;
                let b = placement.model_from_image(drawn);
                Some([b.x0, b.y0, b.x1, b.y1])
            }
            None => None,
        };
        let points = points.into_iter().map(|[x, y, label]| {
            let point = placement.model_from_image_point(ImagePoint { x, y });
            [point.x, point.y, label]
        });
        let input = to_js(&ModelInput {
            side: placement.side,
            resized: [placement.resized.width, placement.resized.height],
            model_box,
            points: points.collect(),
        });
        let recipe = self.session.model().map(|model| model.kind().recipe());
        let rgba = recipe.map(|recipe| prepared.visible(recipe).to_rgba());
        let rgba = Uint8ClampedArray::from(rgba.unwrap_or_default().as_slice());
        with(input, "rgba", &rgba)
    }

    /// What the kept embeddings take: `{ count, bytes, budget_bytes }`.
    pub fn embedding_memory(&self) -> JsValue {
        let memory = self.session.embedding_memory();
        to_js(&Memory {
            count: memory.count,
            bytes: memory.bytes as f64,
            budget_bytes: memory.budget_bytes as f64,
        })
    }

    /// What the kept embeddings may take, in bytes.
    pub fn set_embedding_budget(&mut self, bytes: f64) {
        self.session.set_embedding_budget(bytes.max(0.0) as u64);
    }
}

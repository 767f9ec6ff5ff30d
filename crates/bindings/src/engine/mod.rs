mod measure;
mod restore;
mod save;
mod scan;
mod structure;

use boxel_segmenter::imaging::export::probability_png;
use boxel_segmenter::{Compute, ComputeKind, EmbedProgress, Error, Model, Session, inspect};
use js_sys::Uint8Array;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{thrown, to_js, with};
use crate::prompt::{Found, prompts_from};
use crate::weights::{recipe_from_name, recipe_name};

/// One session on one device: a scan is opened, embedded and prompted.
///
/// Calls must not overlap: wait for one that returns a promise before the next.
#[wasm_bindgen]
pub struct Engine {
    compute: Compute,
    session: Session,
}

#[derive(Serialize)]
struct DeviceInfo<'a> {
    kind: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct LoadedModel {
    name: &'static str,
    recipe: &'static str,
    trained_on_points: bool,
}

#[derive(Serialize)]
struct Progress {
    stage: String,
    done: usize,
    total: usize,
}

#[wasm_bindgen]
impl Engine {
    /// Opens a device: `"gpu"` or `"cpu"`. A GPU can be opened once in a worker.
    ///
    /// # Errors
    ///
    /// `device_unavailable`.
    pub async fn create(device: String) -> Result<Engine, JsValue> {
        let kind = match device.as_str() {
            "gpu" => ComputeKind::Gpu,
            "cpu" => ComputeKind::Cpu,
            other => {
                return Err(thrown(Error::DeviceUnavailable {
                    kind: "device",
                    reason: format!("`{other}` is neither `gpu` nor `cpu`"),
                }));
            }
        };
        Ok(Engine {
            compute: Compute::open(kind).await.map_err(thrown)?,
            session: Session::default(),
        })
    }

    /// A second session on the same device, with an image and weights of its own.
    pub fn beside(&self) -> Engine {
        Engine {
            compute: self.compute.clone(),
            session: Session::default(),
        }
    }

    /// `{ kind: "gpu" | "cpu", name }`. Browsers hide much of an adapter's name.
    pub fn device(&self) -> JsValue {
        to_js(&DeviceInfo {
            kind: match self.compute.kind() {
                ComputeKind::Gpu => "gpu",
                ComputeKind::Cpu => "cpu",
            },
            name: self.compute.name(),
        })
    }

    /// Puts the weights of a file on the device: `{ name, recipe, trained_on_points }`. `recipe` is
    /// one of those that `inspect_weights` finds possible: `"litemedsam"`, `"sam"`, `"medsam"`. An
    /// image that is open stays; masks of another model are forgotten, and those that were restored before the first
    /// one stay. If it fails, the model before stays.
    ///
    /// # Errors
    ///
    /// `weights_format`, `weights_key`, `weights_recipe`.
    pub fn load_weights(&mut self, bytes: Vec<u8>, recipe: &str) -> Result<JsValue, JsValue> {
        let (file, checkpoint) = inspect(&bytes).map_err(thrown)?;
        // The checkpoint has copies, and the module's memory never shrinks.
        drop(bytes);
        let kind = file.kind_with(recipe_from_name(recipe)?).map_err(thrown)?;
        let model = Model::new(kind, checkpoint, &self.compute).map_err(thrown)?;
        self.session.set_model(model);
        Ok(to_js(&LoadedModel {
            name: kind.name(),
            recipe: recipe_name(kind.recipe()),
            trained_on_points: kind.trained_on_points(),
        }))
    }

    /// Begins to embed the image that is shown and returns the number of steps: 0 if its embedding is
    /// kept.
    ///
    /// # Errors
    ///
    /// `session_order`.
    pub fn begin_embedding(&mut self) -> Result<usize, JsValue> {
        self.session.begin_embedding().map_err(thrown)
    }

    /// Does one step: `{ stage, done, total }`. When `done` is `total`, the image is embedded.
    ///
    /// # Errors
    ///
    /// `session_order`, `device_failed`.
    pub async fn embed_step(&mut self) -> Result<JsValue, JsValue> {
        let progress = self.session.embed_step().await.map_err(thrown)?;
        let EmbedProgress { stage, done, total } = progress;
        Ok(to_js(&Progress { stage, done, total }))
    }

    /// Gives the embedding up. The image stays open.
    pub fn abandon_embedding(&mut self) {
        self.session.abandon();
    }

    /// Decodes prompts, those of one form in one batch: an array of
    /// `{ box: [x0, y0, x1, y1] | null, points: [[x, y, label], …], refine: id | null, refine_carried, take,
    /// multimask, object }`, where a label is 1 for foreground and 0 for background, `refine` is an earlier
    /// mask's, and `object` the number of the object whose slice the mask becomes. `refine_carried`: the chain
    /// of prompts starts from the mask that a propagation left there. `take`: it is never only offered.
    ///
    /// Returns for each `{ id, key, box, points, candidates, chosen, iou, mask, area_px, bounds,
    /// decode_ms, offered }`. `offered` is null, or `{ lost_fraction, point_outside, point_inside }` for a
    /// refinement that loses more than half of the mask before it or misses a point: then the object keeps
    /// the mask that it has, until `accept`. `box` is as it was used, within the image; `candidates` are the predicted IoUs
    /// of the masks to choose from, one or three; `mask` has a byte of 0 or 1 per pixel; `bounds`
    /// are `x0, y0, x1, y1`, half-open, or null for an empty mask; `decode_ms` is an equal share of
    /// the call's time.
    ///
    /// # Errors
    ///
    /// `prompt_invalid`, `prompt_empty`, `box_invalid`, `box_outside`, `point_invalid`,
    /// `point_outside`, `session_order`, `device_failed`. Then nothing is kept of all prompts.
    pub async fn segment(&mut self, prompts: JsValue) -> Result<Vec<JsValue>, JsValue> {
        let prompts = prompts_from(prompts)?;
        let start = now_ms();
        let ids = self.session.segment(&prompts).await.map_err(thrown)?;
        let decode_ms = (now_ms() - start) / ids.len().max(1) as f64;
        ids.into_iter()
            .map(|id| self.found(id, decode_ms))
            .collect()
    }

    /// Takes another of the masks to choose from, counted from 0, and returns what `segment` does;
    /// nothing is decoded for it.
    ///
    /// # Errors
    ///
    /// `session_order` if there is none of this number.
    pub fn choose(&mut self, id: u32, candidate: usize) -> Result<JsValue, JsValue> {
        self.session.choose(id, candidate).map_err(thrown)?;
        self.found(id, 0.0)
    }

    /// Takes a refinement that is only offered, and returns what `segment` does.
    ///
    /// # Errors
    ///
    /// `session_order` if there is none of this number.
    pub fn accept(&mut self, id: u32) -> Result<JsValue, JsValue> {
        self.session.accept(id).map_err(thrown)?;
        self.found(id, 0.0)
    }

    /// The Dice coefficient of a mask and one of another session, 0 to 1.
    ///
    /// # Errors
    ///
    /// `session_order` if there is none of this number, `internal` for masks of two sizes.
    pub fn dice(&self, id: u32, other: &Engine, other_id: u32) -> Result<f64, JsValue> {
        let mask = &self.session.get(id).map_err(thrown)?.mask;
        let other = &other.session.get(other_id).map_err(thrown)?.mask;
        mask.dice(other).map_err(thrown)
    }

    /// Forgets a mask.
    ///
    /// # Errors
    ///
    /// `session_order` if there is none of this number.
    pub fn remove(&mut self, id: u32) -> Result<(), JsValue> {
        self.session.remove(id).map_err(thrown)
    }

    /// The largest probability of each pixel as a PNG file: 16-bit grey, the sigmoid before the
    /// threshold, times 65535.
    ///
    /// # Errors
    ///
    /// `session_order` for no mask, or one that there isn't.
    pub fn probability_png(&self, ids: &[u32]) -> Result<Vec<u8>, JsValue> {
        let probability = self.session.maximum_probability(ids).map_err(thrown)?;
        probability_png(&probability).map_err(thrown)
    }

    fn found(&self, id: u32, decode_ms: f64) -> Result<JsValue, JsValue> {
        let segment = self.session.get(id).map_err(thrown)?;
        let key = self.session.key();
        let key = key.as_ref().map_or("", |key| key.as_str());
        let mask = Uint8Array::from(segment.mask.values());
        with(
            to_js(&Found::new(id, key, segment, decode_ms)),
            "mask",
            &mask,
        )
    }
}

/// The worker's clock, in milliseconds; 0 where there is none.
fn now_ms() -> f64 {
    let scope = js_sys::global().dyn_into::<web_sys::WorkerGlobalScope>();
    let clock = scope.ok().and_then(|scope| scope.performance());
    clock.map_or(0.0, |clock| clock.now())
}

use boxel_segmenter::imaging::export::{mask_png, probability_png};
use boxel_segmenter::imaging::{Bounds, ImageBox, Limits};
use boxel_segmenter::sam::Checkpoint;
use boxel_segmenter::{CheckpointKind, Compute, ComputeKind, EmbedProgress, Error, Model, Session};
use js_sys::{Object, Reflect, Uint8Array, Uint8ClampedArray};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{thrown, to_js};

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
struct OpenedImage<'a> {
    key: &'a str,
    width: u32,
    height: u32,
    format: String,
    bits: u32,
}

#[derive(Serialize)]
struct Progress {
    stage: String,
    done: usize,
    total: usize,
}

#[derive(Serialize)]
struct Found<'a> {
    id: u32,
    key: &'a str,
    #[serde(rename = "box")]
    image_box: [f32; 4],
    iou: f32,
    area_px: u64,
    bounds: Option<[u32; 4]>,
    decode_ms: f64,
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

    /// Puts the weights of a safetensors file on the device. An image that is open stays.
    ///
    /// # Errors
    ///
    /// `weights_format`, `weights_key`.
    pub fn load_weights(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        let checkpoint = Checkpoint::from_safetensors(bytes).map_err(thrown)?;
        let model = Model::new(CheckpointKind::LiteMedSam, checkpoint, &self.compute);
        self.session.set_model(model.map_err(thrown)?);
        Ok(())
    }

    /// Opens an image file: `{ key, width, height, format, bits, rgba }`, where `rgba` is what the
    /// model sees, a byte per channel. If it fails, the image before stays.
    ///
    /// # Errors
    ///
    /// `image_format`, `image_truncated`, `image_too_large`, `image_empty`, `image_unsupported`.
    pub fn open(&mut self, bytes: &[u8]) -> Result<JsValue, JsValue> {
        let opened = self.session.open(bytes, &Limits::default());
        let opened = opened.map_err(thrown)?;
        let description = to_js(&OpenedImage {
            key: opened.key.as_str(),
            width: opened.image.width(),
            height: opened.image.height(),
            format: opened.format.to_string(),
            bits: opened.slice.bits(),
        });
        let rgba = Uint8ClampedArray::from(opened.image.to_rgba().as_slice());
        with(description, "rgba", &rgba)
    }

    /// Begins to embed the image and returns the number of steps.
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

    /// Decodes a box: `{ id, key, box, mask, iou, area_px, bounds, decode_ms }`. `box` is as it was
    /// used, within the image; `mask` has a byte of 0 or 1 per pixel; `bounds` are `x0, y0, x1, y1`,
    /// half-open, or null for an empty mask.
    ///
    /// # Errors
    ///
    /// `box_invalid`, `box_outside`, `session_order`, `device_failed`.
    pub async fn segment(
        &mut self,
        x0: f32,
        y0: f32,
        x1: f32,
        y1: f32,
    ) -> Result<JsValue, JsValue> {
        let start = now_ms();
        let ids = self.session.segment(&[ImageBox { x0, y0, x1, y1 }]).await;
        let decode_ms = now_ms() - start;
        let id = ids.map_err(thrown)?.first().copied().unwrap_or_default();
        let segment = self.session.get(id).map_err(thrown)?;
        let ImageBox { x0, y0, x1, y1 } = segment.image_box;
        let corners = |Bounds { x0, y0, x1, y1 }: Bounds| [x0, y0, x1, y1];
        let description = to_js(&Found {
            id,
            key: self.session.key().map_or("", |key| key.as_str()),
            image_box: [x0, y0, x1, y1],
            iou: segment.iou,
            area_px: segment.mask.area_px(),
            bounds: segment.mask.bounds().map(corners),
            decode_ms,
        });
        with(
            description,
            "mask",
            &Uint8Array::from(segment.mask.values()),
        )
    }

    /// Forgets a mask.
    ///
    /// # Errors
    ///
    /// `session_order` if there is none of this number.
    pub fn remove(&mut self, id: u32) -> Result<(), JsValue> {
        self.session.remove(id).map_err(thrown)
    }

    /// Forgets all masks. The image stays embedded.
    pub fn clear(&mut self) {
        self.session.clear();
    }

    /// The union of masks as a PNG file of the image's size: 8-bit grey, 0 or 255.
    ///
    /// # Errors
    ///
    /// `session_order` for no mask, or one that there isn't.
    pub fn mask_png(&self, ids: &[u32]) -> Result<Vec<u8>, JsValue> {
        let mask = self.session.union(ids).map_err(thrown)?;
        mask_png(&mask).map_err(thrown)
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
}

/// Adds an array to an object as one copy; serde would go through it value by value.
fn with(object: JsValue, key: &str, array: &JsValue) -> Result<JsValue, JsValue> {
    Reflect::set(object.unchecked_ref::<Object>(), &key.into(), array)?;
    Ok(object)
}

/// The worker's clock, in milliseconds; 0 where there is none.
fn now_ms() -> f64 {
    let scope = js_sys::global().dyn_into::<web_sys::WorkerGlobalScope>();
    let clock = scope.ok().and_then(|scope| scope.performance());
    clock.map_or(0.0, |clock| clock.now())
}

mod ahead;
mod answer;
mod edits;
mod measure;
mod model_input;
mod objects;
mod propagation;
mod restore;
mod save;
mod scan;

use boxel_segmenter::imaging::Recipe;
use boxel_segmenter::imaging::export::probability_png;
use boxel_segmenter::{Compute, ComputeKind, Model, OpenScan, Prompt, Session};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{from_js, reason_of, thrown, thrown_with, to_js};
use crate::team::{JsTeam, member_of};
use crate::weights::read_weights;
use answer::UpdatedObject;
use objects::{slice_mask, summary};

pub(crate) use answer::Answer;
#[cfg(test)]
pub(crate) use {
    ahead::{Lent, SharedEncoding},
    measure::Measured,
    model_input::ModelInput,
    objects::{ObjectSummary, SliceMask},
    restore::SliceStrokes,
    save::{CodedTerm, ExportedFile},
    scan::OpenedScan,
};

/// One session on one device.
///
/// Calls must not overlap: await a promise before the next call.
#[wasm_bindgen]
pub struct Engine {
    compute: Compute,
    session: Session,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct DeviceInfo<'a> {
    kind: ComputeKind,
    name: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct LoadedWeights {
    name: &'static str,
    recipe: Recipe,
    trained_on_points: bool,
    /// Whether its SHA-256 is in a list of published files.
    published: bool,
}

#[wasm_bindgen]
impl Engine {
    /// Opens a device. A GPU can be opened once in a worker.
    ///
    /// # Errors
    ///
    /// `device_unavailable`.
    pub async fn create(
        #[wasm_bindgen(unchecked_param_type = "\"gpu\" | \"cpu\"")] device: JsValue,
    ) -> Result<Engine, JsValue> {
        let kind: ComputeKind = from_js(device, "device_unavailable")?;
        Ok(Engine {
            compute: Compute::open(kind).await.map_err(thrown)?,
            session: Session::default(),
        })
    }

    /// A second session on the same device with its own scan and weights, for a comparison model.
    pub fn comparison(&self) -> Engine {
        Engine {
            compute: self.compute.clone(),
            session: Session::default(),
        }
    }

    /// The device. Browsers hide much of an adapter's name.
    #[wasm_bindgen(unchecked_return_type = "DeviceInfo")]
    pub fn device(&self) -> JsValue {
        to_js(&DeviceInfo {
            kind: self.compute.kind(),
            name: self.compute.name(),
        })
    }

    /// Loads weights onto the device. `inspect_weights` lists the possible recipes. The open scan stays; masks of
    /// another model are dropped, but those that were restored before the first model stay. If it fails, the former
    /// model stays.
    ///
    /// `checked` is the SHA-256 of the bytes, if the caller has computed it and compared it with a list or with
    /// `inspect_weights`; else the engine computes it. `listed`: a list of models has it. Then, or if Boxel knows it, the
    /// file counts as published.
    ///
    /// # Errors
    ///
    /// `weights_format`, `weights_key`, `weights_recipe`, `weights_checksum`, `weights_values`.
    #[wasm_bindgen(unchecked_return_type = "LoadedWeights")]
    pub fn load_weights(
        &mut self,
        bytes: Vec<u8>,
        #[wasm_bindgen(unchecked_param_type = "Recipe")] recipe: JsValue,
        checked: Option<String>,
        listed: Option<bool>,
    ) -> Result<JsValue, JsValue> {
        let (file, kind, checkpoint) = read_weights(bytes, recipe, checked)?;
        let published = file.published.is_some() || listed == Some(true);
        let model = Model::new(kind, checkpoint, &self.compute).map_err(thrown)?;
        self.session.set_model(model.with_published(published));
        Ok(to_js(&LoadedWeights {
            name: kind.name(),
            recipe: kind.recipe(),
            trained_on_points: kind.trained_on_points(),
            published,
        }))
    }

    /// Starts to embed the current image and returns the number of steps: 0 if its embedding is cached.
    ///
    /// # Errors
    ///
    /// `session_order`.
    pub fn begin_embedding(&mut self) -> Result<usize, JsValue> {
        self.session.begin_embedding().map_err(thrown)
    }

    /// Runs one step, in a team together with the others. When `done` equals `total`, the image is embedded.
    ///
    /// # Errors
    ///
    /// `session_order`, `device_failed`.
    #[wasm_bindgen(unchecked_return_type = "EmbedProgress")]
    pub async fn embed_step(&mut self, team: Option<JsTeam>) -> Result<JsValue, JsValue> {
        let _joined = member_of(team);
        Ok(to_js(&self.session.embed_step().await.map_err(thrown)?))
    }

    /// Drops the embedding of the current image. The scan stays open.
    pub fn abandon_embedding(&mut self) {
        if let Ok(scan) = self.session.open_scan_mut() {
            scan.abandon_embedding();
        }
    }

    /// The memory that cached embeddings take.
    #[wasm_bindgen(unchecked_return_type = "EmbeddingMemory")]
    pub fn embedding_memory(&self) -> JsValue {
        to_js(&self.session.embedding_memory())
    }

    /// Limits the memory of cached embeddings, in bytes.
    pub fn set_embedding_budget(&mut self, bytes: f64) {
        self.session.set_embedding_budget(bytes.max(0.0) as u64);
    }

    /// Decodes prompts; prompts of the same form share a batch. The answers are in the prompts' order. An answer with
    /// `offered` leaves its object's mask until `accept`. The answer to a prompt of the object `measure` has the object's
    /// measures.
    ///
    /// # Errors
    ///
    /// `prompt_invalid`, `prompt_empty`, `polygon_invalid`, `box_invalid`, `box_outside`, `point_invalid`,
    /// `point_outside`, `session_order`, `device_failed`. Then no answer is kept.
    #[wasm_bindgen(unchecked_return_type = "Prediction[]")]
    pub async fn segment(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Prompt[]")] prompts: JsValue,
        measure: Option<u32>,
    ) -> Result<Vec<JsValue>, JsValue> {
        let prompts: Vec<Prompt> = serde_wasm_bindgen::from_value(prompts).map_err(|error| {
            let message = format!("this is not a prompt: {}", reason_of(&error));
            thrown_with("prompt_invalid", &message)
        })?;
        let start = now_ms();
        let ids = self.session.segment(&prompts).await.map_err(thrown)?;
        let decode_ms = (now_ms() - start) / ids.len().max(1) as f64;
        ids.into_iter()
            .map(|id| self.answer(id, decode_ms, measure))
            .collect()
    }

    /// Takes another candidate of an answer, counted from 0. Nothing is decoded. `measure` is as in `segment`.
    ///
    /// # Errors
    ///
    /// `session_order` if the answer or the candidate does not exist.
    #[wasm_bindgen(unchecked_return_type = "Prediction")]
    pub fn choose(
        &mut self,
        id: u32,
        candidate: usize,
        measure: Option<u32>,
    ) -> Result<JsValue, JsValue> {
        self.scan_mut()?.choose(id, candidate).map_err(thrown)?;
        self.answer(id, 0.0, measure)
    }

    /// Takes a refinement that is only offered. `measure` is as in `segment`.
    ///
    /// # Errors
    ///
    /// `session_order` if the answer does not exist.
    #[wasm_bindgen(unchecked_return_type = "Prediction")]
    pub fn accept(&mut self, id: u32, measure: Option<u32>) -> Result<JsValue, JsValue> {
        self.scan_mut()?.accept(id).map_err(thrown)?;
        self.answer(id, 0.0, measure)
    }

    /// The Dice coefficient of an answer's mask and one of another engine, 0 to 1.
    ///
    /// # Errors
    ///
    /// `session_order` if an answer does not exist, `internal` for masks of different sizes.
    pub fn dice(&self, id: u32, other: &Engine, other_id: u32) -> Result<f64, JsValue> {
        let prediction = self.scan()?.prediction(id).map_err(thrown)?;
        let other = other.scan()?.prediction(other_id).map_err(thrown)?;
        prediction.mask.dice(&other.mask).map_err(thrown)
    }

    /// Drops an answer. Its object keeps the mask.
    ///
    /// # Errors
    ///
    /// `session_order` if the answer does not exist.
    pub fn remove(&mut self, id: u32) -> Result<(), JsValue> {
        self.scan_mut()?.remove(id).map_err(thrown)
    }

    /// The largest probability of each pixel as a PNG file: 16-bit grey, the probability before the threshold times
    /// 65535.
    ///
    /// # Errors
    ///
    /// `session_order` without ids, or if an answer does not exist.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
    pub fn probability_png(&self, ids: &[u32]) -> Result<Vec<u8>, JsValue> {
        let probability = self.scan()?.maximum_probability(ids).map_err(thrown)?;
        probability_png(&probability).map_err(thrown)
    }
}

impl Engine {
    fn scan(&self) -> Result<&OpenScan, JsValue> {
        self.session.open_scan().map_err(thrown)
    }

    fn scan_mut(&mut self) -> Result<&mut OpenScan, JsValue> {
        self.session.open_scan_mut().map_err(thrown)
    }

    fn answer(&self, id: u32, decode_ms: f64, measure: Option<u32>) -> Result<JsValue, JsValue> {
        let scan = self.scan()?;
        let prediction = scan.prediction(id).map_err(thrown)?;
        let object = prediction.prompt.object;
        let object = object.filter(|_| prediction.offer().is_none());
        let updated = object.map(|object| self.updated(object, measure == Some(object)));
        let (key, updated) = (scan.image_key(), updated.transpose()?);
        Ok(to_js(&Answer::new(id, key, prediction, decode_ms, updated)))
    }

    fn updated(&self, object: u32, is_measured: bool) -> Result<UpdatedObject<'_>, JsValue> {
        let scan = self.scan()?;
        let shown = scan.shown();
        let mask = scan.object_mask(object).map_err(thrown)?;
        // The object has its mask even if it can't be measured; `measure` says why it can't.
        let measured = is_measured.then(|| self.measured(object, shown.plane, shown.slice));
        Ok(UpdatedObject {
            slice_mask: slice_mask(scan, object, mask, shown.plane, shown.slice),
            mask: summary(scan, mask),
            measured: measured.and_then(Result::ok),
        })
    }
}

/// The worker's clock in milliseconds; 0 without a clock.
fn now_ms() -> f64 {
    let scope = js_sys::global().dyn_into::<web_sys::WorkerGlobalScope>();
    let clock = scope.ok().and_then(|scope| scope.performance());
    clock.map_or(0.0, |clock| clock.now())
}

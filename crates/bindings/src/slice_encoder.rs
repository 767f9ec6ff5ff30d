use boxel_segmenter::imaging::Recipe;
use boxel_segmenter::{Compute, ComputeKind, Encoder, Encoding, inspect, inspect_checked};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{from_js, thrown, thrown_with, to_js};

/// The image encoder of a model, on the CPU of its own worker, for slices that an `Engine` hands out. It knows neither
/// scan nor prompt.
#[wasm_bindgen]
pub struct SliceEncoder {
    encoder: Encoder,
    encoding: Option<Encoding>,
}

#[wasm_bindgen]
impl SliceEncoder {
    /// Loads the image encoder from a weights file. `recipe` and `checked` are those of `Engine.load_weights`.
    ///
    /// # Errors
    ///
    /// Those of `Engine.load_weights`.
    pub async fn create(
        bytes: Vec<u8>,
        #[wasm_bindgen(unchecked_param_type = "Recipe")] recipe: JsValue,
        checked: Option<String>,
    ) -> Result<SliceEncoder, JsValue> {
        let recipe: Recipe = from_js(recipe, "weights_recipe")?;
        let compute = Compute::open(ComputeKind::Cpu).await.map_err(thrown)?;
        let inspected = match checked {
            Some(sha256) => inspect_checked(&bytes, &sha256),
            None => inspect(&bytes),
        };
        let (file, checkpoint) = inspected.map_err(thrown)?;
        // The checkpoint has its own copy, and the module's memory never shrinks.
        drop(bytes);
        let kind = file.kind_with(recipe).map_err(thrown)?;
        Ok(Self {
            encoder: Encoder::new(kind, checkpoint, &compute).map_err(thrown)?,
            encoding: None,
        })
    }

    /// Starts with a slice's input, drops the former slice, and returns the number of steps.
    ///
    /// # Errors
    ///
    /// `internal` for a wrong number of values.
    pub fn begin(&mut self, input: Vec<f32>) -> Result<usize, JsValue> {
        let encoding = Encoding::new(self.encoder.clone(), input).map_err(thrown)?;
        let total = encoding.total();
        self.encoding = Some(encoding);
        Ok(total)
    }

    /// Runs one step.
    ///
    /// # Errors
    ///
    /// `session_order` before `begin`, `device_failed`.
    #[wasm_bindgen(unchecked_return_type = "EmbedProgress")]
    pub async fn step(&mut self) -> Result<JsValue, JsValue> {
        let encoding = self.encoding.as_mut().ok_or_else(not_begun)?;
        Ok(to_js(&encoding.step().await.map_err(thrown)?))
    }

    /// Ends the encoding and returns the embedding, for `Engine.take_encoded`.
    ///
    /// # Errors
    ///
    /// `session_order` before `begin`, `device_failed`.
    #[wasm_bindgen(unchecked_return_type = "Float32Array<ArrayBuffer>")]
    pub async fn finish(&mut self) -> Result<Vec<f32>, JsValue> {
        let encoding = self.encoding.take().ok_or_else(not_begun)?;
        encoding.finish().await.map_err(thrown)
    }

    /// Drops the slice.
    pub fn abandon(&mut self) {
        self.encoding = None;
    }
}

fn not_begun() -> JsValue {
    thrown_with("session_order", "begin to encode a slice first")
}

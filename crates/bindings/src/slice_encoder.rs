use boxel_segmenter::{Compute, ComputeKind, Encoder, Encoding, Halfway};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{from_js, thrown, thrown_with, to_js};
use crate::team::{JsTeam, member_of};
use crate::weights::read_weights;

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
        let compute = Compute::open(ComputeKind::Cpu).await.map_err(thrown)?;
        let (_, kind, checkpoint) = read_weights(bytes, recipe, checked)?;
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

    /// Goes on where `Engine.shared_encoding` is, and drops the former slice.
    ///
    /// # Errors
    ///
    /// `internal` if the values do not fill the shape.
    pub fn resume(
        &mut self,
        done: usize,
        #[wasm_bindgen(unchecked_param_type = "[number, number, number, number]")] shape: JsValue,
        values: Vec<f32>,
    ) -> Result<usize, JsValue> {
        let shape = from_js(shape, "internal")?;
        let halfway = Halfway {
            done,
            shape,
            values,
        };
        let encoding = Encoding::resume(self.encoder.clone(), halfway).map_err(thrown)?;
        let total = encoding.total();
        self.encoding = Some(encoding);
        Ok(total)
    }

    /// Runs one step, in a team together with the others.
    ///
    /// # Errors
    ///
    /// `session_order` before `begin`, `device_failed`.
    #[wasm_bindgen(unchecked_return_type = "EmbedProgress")]
    pub async fn step(&mut self, team: Option<JsTeam>) -> Result<JsValue, JsValue> {
        let _joined = member_of(team);
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

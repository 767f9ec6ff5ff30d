//! Slices that encoders in other workers take over.

use js_sys::Float32Array;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use crate::error::{thrown, to_js};

/// A slice for another worker's `SliceEncoder`.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Lent {
    /// Identifies the slice to `take_encoded`.
    ticket: u32,
    /// The model's input: red, green and blue plane.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[cfg_attr(test, ts(type = "Float32Array<ArrayBuffer>"))]
    input: Float32Array,
}

/// An encoding for the members of a team.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct SharedEncoding {
    /// The number of completed steps.
    done: usize,
    /// The shape of the last step's output, or of the model's input.
    shape: [usize; 4],
    /// Its values.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[cfg_attr(test, ts(type = "Float32Array<ArrayBuffer>"))]
    values: Float32Array,
    /// The number of values of the largest map that the members share.
    largest_map: usize,
}

#[wasm_bindgen]
impl Engine {
    /// Hands out a slice that the propagation will need if no mask ends it early, or a neighbour of the encoded slice.
    /// At most `window` slices are handed out, encoded early or kept at a time; null if all of them are.
    #[wasm_bindgen(unchecked_return_type = "Lent | null")]
    pub fn lend(&mut self, window: usize) -> JsValue {
        match self.session.lend(window) {
            Some(lent) => to_js(&Lent {
                ticket: lent.ticket,
                input: Float32Array::from(lent.input.as_slice()),
            }),
            None => JsValue::NULL,
        }
    }

    /// What other workers' encoders need to go on with the encoding of the current image together with this engine; null
    /// unless it has begun, and on a GPU.
    #[wasm_bindgen(unchecked_return_type = "SharedEncoding | null")]
    pub fn shared_encoding(&self) -> JsValue {
        let scan = self.session.open_scan().ok();
        let shared = scan.and_then(|scan| {
            let encoding = scan.encoding()?;
            let halfway = encoding.halfway()?;
            Some(SharedEncoding {
                done: halfway.done,
                shape: halfway.shape,
                values: Float32Array::from(halfway.values.as_slice()),
                largest_map: encoding.largest_shared_map(),
            })
        });
        shared.map_or(JsValue::NULL, |shared| to_js(&shared))
    }

    /// Drops what was handed out or encoded early and is not among the next `window` slices any more.
    pub fn drop_unwanted(&mut self, window: usize) {
        self.session.drop_unwanted(window);
    }

    /// Whether a slice that was handed out is still wanted.
    pub fn is_lent(&self, ticket: u32) -> bool {
        self.session.is_lent(ticket)
    }

    /// The ticket of the slice that the model sees, if it is handed out.
    pub fn ticket_of_shown(&self) -> Option<u32> {
        self.session.ticket_of_shown()
    }

    /// Takes the embedding of a slice that was handed out; does nothing if it is no longer wanted.
    ///
    /// # Errors
    ///
    /// `internal` for a wrong number of values.
    pub fn take_encoded(&mut self, ticket: u32, values: Vec<f32>) -> Result<(), JsValue> {
        self.session.take_encoded(ticket, values).map_err(thrown)
    }

    /// Takes a slice back that was not encoded.
    pub fn take_back(&mut self, ticket: u32) {
        self.session.take_back(ticket);
    }

    /// Encodes one step of a slice that the propagation will need later, while it waits for one that was handed out.
    /// Null if there is no such slice among the next `window` ones.
    ///
    /// # Errors
    ///
    /// `session_order`, `device_failed`.
    #[wasm_bindgen(unchecked_return_type = "EmbedProgress | null")]
    pub async fn encode_ahead(&mut self, window: usize) -> Result<JsValue, JsValue> {
        let progress = self.session.encode_ahead(window).await.map_err(thrown)?;
        Ok(progress.map_or(JsValue::NULL, |progress| to_js(&progress)))
    }
}

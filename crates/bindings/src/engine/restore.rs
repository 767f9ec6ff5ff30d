//! Objects → session file, and back.

use std::collections::BTreeMap;

use boxel_segmenter::imaging::{Plane, Stroke};
use boxel_segmenter::{RecordedResult, StoredMasks};
use serde::Deserialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use crate::error::{from_js, thrown, to_js};

/// The user's strokes on a slice.
#[derive(Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct SliceStrokes {
    slice: u32,
    strokes: Vec<Stroke>,
}

#[wasm_bindgen]
impl Engine {
    /// An object's masks as JSON text, as in the field `masks` of a session file.
    ///
    /// # Errors
    ///
    /// `session_order` if the object has no mask.
    pub fn stored_masks(&self, object: u32) -> Result<String, JsValue> {
        let masks = self.scan()?.stored_masks(object).map_err(thrown)?;
        Ok(masks.to_json())
    }

    /// Replaces an object's masks; no weights are needed. `masks` comes from `stored_masks`. With `sha256`, the voxels
    /// must have it as their `mask_sha256`. The user's strokes in `edits` are already in the masks. `only_loaded` leaves out
    /// what does not come from a segmentation.
    ///
    /// # Errors
    ///
    /// `session_file` for masks that do not fit the scan or have another hash, `session_order` without a scan,
    /// `stroke_invalid`. Then nothing changes.
    pub fn restore_object(
        &mut self,
        object: u32,
        #[wasm_bindgen(unchecked_param_type = "Plane")] plane: JsValue,
        masks: &str,
        #[wasm_bindgen(unchecked_param_type = "SliceStrokes[]")] edits: JsValue,
        sha256: Option<String>,
        only_loaded: Option<bool>,
    ) -> Result<(), JsValue> {
        let plane: Plane = from_js(plane, "plane_invalid")?;
        let masks = StoredMasks::from_json(masks).map_err(thrown)?;
        let masks = match only_loaded {
            Some(true) => masks.only_loaded(),
            _ => masks,
        };
        let edits: Vec<SliceStrokes> = from_js(edits, "stroke_invalid")?;
        let strokes = edits.into_iter().map(|edit| (edit.slice, edit.strokes));
        let strokes: BTreeMap<u32, Vec<Stroke>> = strokes.collect();
        self.scan_mut()?
            .restore_object(object, plane, &masks, strokes, sha256.as_deref())
            .map_err(thrown)
    }

    /// Compares an object with a recorded result. Without the recorded `masks`, `dice` and `differing` are null unless
    /// the voxels are identical.
    ///
    /// # Errors
    ///
    /// `session_order` if the object has no mask, `session_file` for masks that do not fit the scan.
    #[wasm_bindgen(unchecked_return_type = "ReplayCheck")]
    pub fn check_object(
        &self,
        object: u32,
        #[wasm_bindgen(unchecked_param_type = "Plane")] plane: JsValue,
        #[wasm_bindgen(unchecked_param_type = "RecordedResult")] result: JsValue,
        masks: Option<String>,
    ) -> Result<JsValue, JsValue> {
        let plane: Plane = from_js(plane, "plane_invalid")?;
        let result: RecordedResult = from_js(result, "session_file")?;
        let masks = masks.as_deref().map(StoredMasks::from_json);
        let masks = masks.transpose().map_err(thrown)?;
        let check = self.scan()?.check(object, plane, &result, masks.as_ref());
        Ok(to_js(&check.map_err(thrown)?))
    }
}

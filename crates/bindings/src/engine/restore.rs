//! Objects for a session file, and back from it.

use std::collections::BTreeMap;

use boxel_segmenter::imaging::{Plane, Stroke};
use boxel_segmenter::{ObjectMasks, RecordedResult, ReplayCheck};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use crate::error::{from_js, thrown, to_js};

#[derive(Deserialize)]
struct JsEdit {
    slice: u32,
    strokes: Vec<Stroke>,
}

/// Counts as JavaScript's numbers.
#[derive(Serialize)]
struct JsCheck {
    voxels: f64,
    recorded_voxels: f64,
    identical: bool,
    dice: Option<f64>,
    differing: Option<f64>,
    agrees: bool,
}

impl From<ReplayCheck> for JsCheck {
    fn from(check: ReplayCheck) -> Self {
        Self {
            voxels: check.voxels as f64,
            recorded_voxels: check.recorded_voxels as f64,
            identical: check.identical,
            dice: check.dice,
            differing: check.differing.map(|count| count as f64),
            agrees: check.agrees,
        }
    }
}

#[wasm_bindgen]
impl Engine {
    /// An object's masks as the JSON text of `masks` in a session file.
    ///
    /// # Errors
    ///
    /// `session_order` if nothing was found for it.
    pub fn object_masks(&self, object: u32) -> Result<String, JsValue> {
        let masks = self.session.object_masks(object).map_err(thrown)?;
        Ok(masks.to_json())
    }

    /// Puts an object's masks in the place of what there is of it; no weights are needed. `masks` is what
    /// `object_masks` gives, `sha256` what `mask_sha256` gave for them, or none for masks that never left the page. `edits` are the user's strokes, which are in the
    /// masks already: `[{ slice, strokes: [{ kind, radius_px, path }] }]`.
    ///
    /// # Errors
    ///
    /// `session_file` for masks that do not fit the scan or have another hash, `session_order` without a scan,
    /// `stroke_invalid`. Then nothing is changed.
    pub fn restore_object(
        &mut self,
        object: u32,
        plane: JsValue,
        masks: &str,
        edits: JsValue,
        sha256: Option<String>,
    ) -> Result<(), JsValue> {
        let plane: Plane = from_js(plane, "plane_invalid")?;
        let masks = ObjectMasks::from_json(masks).map_err(thrown)?;
        let edits: Vec<JsEdit> = from_js(edits, "stroke_invalid")?;
        let strokes = edits.into_iter().map(|edit| (edit.slice, edit.strokes));
        let strokes: BTreeMap<u32, Vec<Stroke>> = strokes.collect();
        self.session
            .restore_object(object, plane, &masks, strokes, sha256.as_deref())
            .map_err(thrown)
    }

    /// Compares an object with what a session recorded: `{ voxels, recorded_voxels, identical, dice, differing, agrees
    /// }`. `result` is `{ voxels, sha256 }`, `masks` as for `restore_object`, or none for a session without masks: `dice`
    /// and `differing` are then null unless it is identical.
    ///
    /// # Errors
    ///
    /// `session_order` if nothing was found for it, `session_file` for masks that do not fit the scan.
    pub fn check_object(
        &self,
        object: u32,
        plane: JsValue,
        result: JsValue,
        masks: Option<String>,
    ) -> Result<JsValue, JsValue> {
        let plane: Plane = from_js(plane, "plane_invalid")?;
        let result: RecordedResult = from_js(result, "session_file")?;
        let masks = masks.as_deref().map(ObjectMasks::from_json);
        let masks = masks.transpose().map_err(thrown)?;
        let check = self.session.check(object, plane, &result, masks.as_ref());
        Ok(to_js(&JsCheck::from(check.map_err(thrown)?)))
    }
}

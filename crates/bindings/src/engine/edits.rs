//! Edits of an object in the whole volume.

use boxel_segmenter::RecordedMask;
use boxel_segmenter::imaging::{EditStep, Plane};
use js_sys::{Function, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use crate::error::{from_js, thrown, to_js};

#[wasm_bindgen]
impl Engine {
    /// Computes an edit of an object in the whole volume, and keeps the result as the pending edit, instead of a former one.
    /// Nothing else changes. An object without a mask begins empty, in the current plane. `on_progress` gets the part that
    /// is done, 0 to 1, and returns false to cancel. `other` is the recorded mask of an edit that combines two; without it the
    /// object that the edit names has its own.
    ///
    /// # Errors
    ///
    /// `edit_invalid`, `edit_too_large`, `edit_cancelled`; `session_file` for an `other` of another grid; `session_order`
    /// without a scan. Then no edit is pending.
    #[wasm_bindgen(unchecked_return_type = "VolumeEdit")]
    pub fn begin_volume_edit(
        &mut self,
        object: u32,
        #[wasm_bindgen(unchecked_param_type = "EditStep")] edit: JsValue,
        #[wasm_bindgen(unchecked_param_type = "(part: number) => boolean")] on_progress: &Function,
        #[wasm_bindgen(unchecked_optional_param_type = "RecordedMask | null")] other: JsValue,
    ) -> Result<JsValue, JsValue> {
        let edit: EditStep = from_js(edit, "edit_invalid")?;
        let other: Option<RecordedMask> = from_js(other, "edit_invalid")?;
        // A callback that throws cancels.
        let progress = |part: f64| {
            let goes_on = on_progress.call1(&JsValue::NULL, &part.into());
            goes_on.is_ok_and(|goes_on| goes_on != false)
        };
        let scan = self.scan_mut()?;
        let begun = scan.begin_volume_edit(object, edit, other, &progress);
        Ok(to_js(&begun.map_err(thrown)?))
    }

    /// The object's mask after the pending edit on a slice of a plane, 0 or 1, row-major; null if no edit is pending. An edit
    /// is no longer pending once its object's mask has changed.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer> | null")]
    pub fn pending_edit_mask(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Plane")] plane: JsValue,
        slice: u32,
    ) -> Result<JsValue, JsValue> {
        let plane: Plane = from_js(plane, "plane_invalid")?;
        let mask = self.scan()?.pending_edit_mask(plane, slice);
        Ok(mask.map_or(JsValue::NULL, |mask| Uint8Array::from(mask.values()).into()))
    }

    /// Applies the pending edit. Each slice that it changes has the edit's mask alone, without prompts and strokes. Returns
    /// what a session records.
    ///
    /// # Errors
    ///
    /// `session_order` unless an edit is pending.
    #[wasm_bindgen(unchecked_return_type = "RecordedEdit")]
    pub fn apply_volume_edit(&mut self) -> Result<JsValue, JsValue> {
        let recorded = self.scan_mut()?.apply_volume_edit().map_err(thrown)?;
        Ok(to_js(&recorded))
    }

    /// Drops the pending edit.
    pub fn drop_volume_edit(&mut self) {
        if let Ok(scan) = self.session.open_scan_mut() {
            scan.drop_volume_edit();
        }
    }
}

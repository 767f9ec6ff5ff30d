//! Propagation of a mask through the slices, and its versions.

use boxel_segmenter::imaging::{PropagationLimits, PropagationRule};
use boxel_segmenter::{DEFAULT_PROPAGATION_RANGE, Direction};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use super::scan::optional_window_from;
use crate::error::{from_js, thrown, thrown_with, to_js};

#[wasm_bindgen]
impl Engine {
    /// Starts to propagate an object's mask from a slice to its neighbours, in a window, or with null in the window
    /// that the model sees. `"up"` goes towards larger slice numbers. `rule` is that of a session's step, to repeat it;
    /// without it the newest rule applies. A model with a memory goes `range` slices in each direction, 32 without it;
    /// the other models have no range.
    ///
    /// # Errors
    ///
    /// `rule_invalid`, `range_invalid`; `propagation_too_large`; `session_order` if the object has no mask on that slice,
    /// or without weights.
    pub fn begin_propagation(
        &mut self,
        object: u32,
        from: u32,
        #[wasm_bindgen(unchecked_param_type = "Direction[]")] directions: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Window | null")] window: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number | null")] rule: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number | null")] range: JsValue,
    ) -> Result<(), JsValue> {
        let directions: Vec<Direction> = from_js(directions, "direction_invalid")?;
        let window = optional_window_from(window)?;
        let rule: Option<u32> = from_js(rule, "rule_invalid")?;
        let range: Option<u32> = from_js(range, "range_invalid")?;
        let limits = match rule.map(PropagationRule::try_from) {
            None => PropagationLimits::default(),
            Some(Ok(rule)) => PropagationLimits::with_rule(rule),
            Some(Err(reason)) => return Err(thrown_with("rule_invalid", &reason)),
        };
        self.session
            .begin_propagation_within(
                &[object],
                from,
                &directions,
                window,
                limits,
                range.unwrap_or(DEFAULT_PROPAGATION_RANGE),
            )
            .map_err(thrown)
    }

    /// Runs one step of the propagation.
    ///
    /// # Errors
    ///
    /// `session_order` unless a propagation has begun, `device_failed`.
    #[wasm_bindgen(unchecked_return_type = "PropagationStep")]
    pub async fn propagation_step(&mut self) -> Result<JsValue, JsValue> {
        let step = self.session.propagation_step().await.map_err(thrown)?;
        Ok(to_js(&step))
    }

    /// Cancels the propagation. The masks that it has found stay.
    pub fn abandon_propagation(&mut self) {
        if let Ok(scan) = self.session.open_scan_mut() {
            scan.abandon_propagation();
        }
    }

    /// Discards an object's propagated masks. Slices that the user has touched stay.
    ///
    /// # Errors
    ///
    /// `session_order` if the object has no mask.
    pub fn discard_propagation(&mut self, object: u32) -> Result<(), JsValue> {
        self.scan_mut()?.discard_propagation(object).map_err(thrown)
    }

    /// Stores an object's propagated masks under the caller's version number.
    ///
    /// # Errors
    ///
    /// `session_order` if the object has no mask.
    pub fn keep_propagation(&mut self, object: u32, version: u32) -> Result<(), JsValue> {
        let scan = self.scan_mut()?;
        scan.keep_propagation(object, version).map_err(thrown)
    }

    /// Returns an object to the propagated masks of a stored version. Slices with prompts, and strokes, stay. An
    /// unknown version changes nothing.
    ///
    /// # Errors
    ///
    /// `session_order` if the object has no mask.
    pub fn restore_propagation(&mut self, object: u32, version: u32) -> Result<(), JsValue> {
        let scan = self.scan_mut()?;
        scan.restore_propagation(object, version).map_err(thrown)
    }
}

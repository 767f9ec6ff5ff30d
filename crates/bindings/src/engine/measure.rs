//! Measures of objects, and their comparison with a reference.

use boxel_segmenter::imaging::Plane;
use boxel_segmenter::imaging::measure::{SliceMeasures, VolumeMeasures};
use js_sys::Uint8Array;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use super::scan::scan_of;
use crate::error::{from_js, thrown, to_js};

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Measured {
    /// Null if the object's mask is empty on the slice.
    slice: Option<SliceMeasures>,
    volume: VolumeMeasures,
}

#[derive(Serialize)]
struct Labels<'a> {
    labels: Vec<f64>,
    /// Empty for a label that the file does not name.
    names: Vec<&'a str>,
}

#[wasm_bindgen]
impl Engine {
    /// Measures an object on a slice of a plane and through all slices.
    ///
    /// # Errors
    ///
    /// `session_order` if the object or the slice does not exist.
    #[wasm_bindgen(unchecked_return_type = "Measured")]
    pub fn measure(
        &self,
        object: u32,
        #[wasm_bindgen(unchecked_param_type = "Plane")] plane: JsValue,
        slice: u32,
    ) -> Result<JsValue, JsValue> {
        let plane: Plane = from_js(plane, "plane_invalid")?;
        Ok(to_js(&self.measured(object, plane, slice)?))
    }

    /// Sets a label map that `Opener.open` returned as the reference to compare with. A label that the file does not name
    /// has an empty name.
    ///
    /// # Errors
    ///
    /// `reference_labels` if the scan is not a label map, `grids_differ` if it has another grid; then the former
    /// reference stays.
    #[wasm_bindgen(unchecked_return_type = "{ labels: number[]; names: string[] }")]
    pub fn open_reference(&mut self, scan: Uint8Array) -> Result<JsValue, JsValue> {
        let reference = scan_of(&scan)?;
        let labels = self.scan_mut()?.set_reference(reference).map_err(thrown)?;
        let scan = self.scan()?;
        let names = labels.iter().map(|label| scan.reference_name(*label));
        let names = names.collect();
        Ok(to_js(&Labels { labels, names }))
    }

    /// Compares an object with a label of the reference.
    ///
    /// # Errors
    ///
    /// `session_order` without a reference, or if the object has no mask.
    #[wasm_bindgen(unchecked_return_type = "Agreement")]
    pub fn compare(&self, object: u32, label: f64) -> Result<JsValue, JsValue> {
        let agreement = self.scan()?.agreement(object, label).map_err(thrown)?;
        Ok(to_js(&agreement))
    }

    /// The area of an object on each slice of a plane.
    ///
    /// # Errors
    ///
    /// `session_order` if the object has no mask.
    #[wasm_bindgen(unchecked_return_type = "SliceAreas")]
    pub fn slice_areas(
        &self,
        object: u32,
        #[wasm_bindgen(unchecked_param_type = "Plane")] plane: JsValue,
    ) -> Result<JsValue, JsValue> {
        let plane: Plane = from_js(plane, "plane_invalid")?;
        let areas = self.scan()?.slice_areas(object, plane).map_err(thrown)?;
        Ok(to_js(&areas))
    }

    /// The Dice coefficient of an object and a label of the reference on each slice of a plane; null where both are empty.
    ///
    /// # Errors
    ///
    /// `session_order` without a reference, or if the object has no mask.
    #[wasm_bindgen(unchecked_return_type = "(number | null)[]")]
    pub fn slice_dice(
        &self,
        object: u32,
        label: f64,
        #[wasm_bindgen(unchecked_param_type = "Plane")] plane: JsValue,
    ) -> Result<JsValue, JsValue> {
        let plane: Plane = from_js(plane, "plane_invalid")?;
        let scan = self.scan()?;
        let dice = scan.slice_dice(object, label, plane).map_err(thrown)?;
        Ok(to_js(&dice))
    }

    /// A label of the reference on a slice and an object's mask with it, row-major: 1 in the reference alone, 2 in the mask
    /// alone, 3 in both, otherwise 0. Without an object, the reference alone.
    ///
    /// # Errors
    ///
    /// `session_order` without a reference, or if the object or the slice does not exist.
    pub fn reference_slice(
        &self,
        label: f64,
        #[wasm_bindgen(unchecked_param_type = "Plane")] plane: JsValue,
        slice: u32,
        object: Option<u32>,
    ) -> Result<Uint8Array, JsValue> {
        let plane: Plane = from_js(plane, "plane_invalid")?;
        let scan = self.scan()?;
        let values = scan.reference_slice(label, plane, slice, object);
        Ok(Uint8Array::from(values.map_err(thrown)?.as_slice()))
    }
}

impl Engine {
    pub(super) fn measured(
        &self,
        object: u32,
        plane: Plane,
        slice: u32,
    ) -> Result<Measured, JsValue> {
        let scan = self.scan()?;
        Ok(Measured {
            slice: scan.measure_slice(object, plane, slice).map_err(thrown)?,
            volume: scan.measure_volume(object, plane).map_err(thrown)?,
        })
    }
}

//! What is measured of objects, and how they compare with a reference.

use boxel_segmenter::imaging::measure::{Axis, SliceMeasures, Statistics};
use boxel_segmenter::imaging::{Agreement, Plane, Scan};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use crate::error::{from_js, thrown, to_js};

#[derive(Serialize)]
struct Measured {
    slice: Option<JsSlice>,
    volume: JsVolume,
}

#[derive(Serialize)]
struct JsSlice {
    area_px: u64,
    area_mm2: Option<f64>,
    long_axis: Option<JsAxis>,
    short_axis: Option<JsAxis>,
    values: Option<JsStatistics>,
}

#[derive(Serialize)]
struct JsVolume {
    voxels: u64,
    volume_ml: Option<f64>,
    slices: usize,
    values: Option<JsStatistics>,
}

#[derive(Serialize)]
struct JsAxis {
    ends: [[f32; 2]; 2],
    ends_mm: Option<[[f64; 3]; 2]>,
    length_px: f64,
    length_mm: Option<f64>,
}

#[derive(Serialize)]
struct JsStatistics {
    count: u64,
    mean: f64,
    sd: f64,
    min: f64,
    max: f64,
}

#[derive(Serialize)]
struct Labels {
    labels: Vec<f64>,
}

#[derive(Serialize)]
struct JsAgreement {
    dice: f64,
    nsd: Option<f64>,
}

impl From<Axis> for JsAxis {
    fn from(axis: Axis) -> Self {
        Self {
            ends: axis.ends.map(|end| [end.x, end.y]),
            ends_mm: axis.patient_mm,
            length_px: axis.length_px,
            length_mm: axis.length_mm,
        }
    }
}

impl From<Statistics> for JsStatistics {
    fn from(values: Statistics) -> Self {
        let Statistics {
            mean,
            sd,
            min,
            max,
            count,
        } = values;
        Self {
            count,
            mean,
            sd,
            min,
            max,
        }
    }
}

impl From<SliceMeasures> for JsSlice {
    fn from(slice: SliceMeasures) -> Self {
        Self {
            area_px: slice.area_px,
            area_mm2: slice.area_mm2,
            long_axis: slice.long_axis.map(JsAxis::from),
            short_axis: slice.short_axis.map(JsAxis::from),
            values: slice.values.map(JsStatistics::from),
        }
    }
}

#[wasm_bindgen]
impl Engine {
    /// Measures an object on a slice of a view and through all slices: `{ slice, volume }`, where `slice`
    /// is null where it has nothing. `ends` are in image space, `ends_mm` in the patient (LPS), or null;
    /// `values` are in the scan's unit.
    ///
    /// # Errors
    ///
    /// `session_order` if there is no such object or slice.
    pub fn measure(&self, object: u32, plane: JsValue, slice: u32) -> Result<JsValue, JsValue> {
        let plane: Plane = from_js(plane, "plane_invalid")?;
        let session = &self.session;
        let on_slice = session
            .measure_slice(object, plane, slice)
            .map_err(thrown)?;
        let volume = session.measure_volume(object, plane).map_err(thrown)?;
        Ok(to_js(&Measured {
            slice: on_slice.map(JsSlice::from),
            volume: JsVolume {
                voxels: volume.voxels,
                volume_ml: volume.volume_ml,
                slices: volume.slices.len(),
                values: volume.values.map(JsStatistics::from),
            },
        }))
    }

    /// Takes a label map that `Opener.open` returned as what is to be found: `{ labels }`.
    ///
    /// # Errors
    ///
    /// `reference_labels` for what is no label map, `grids_differ` for one of another scan; then the
    /// reference before stays.
    pub fn open_reference(&mut self, scan: Vec<u8>) -> Result<JsValue, JsValue> {
        let reference = Scan::from_bytes(&scan).map_err(thrown)?;
        let labels = self.session.set_reference(reference).map_err(thrown)?;
        Ok(to_js(&Labels { labels }))
    }

    /// What an object and a label of the reference have in common: `{ dice, nsd }`, each 0 to 1; `nsd`,
    /// at a tolerance of 2 mm, is null where the spacing is not known.
    ///
    /// # Errors
    ///
    /// `session_order` without a reference, or if there is no such object.
    pub fn compare(&self, object: u32, label: f64) -> Result<JsValue, JsValue> {
        let agreement = self.session.agreement(object, label).map_err(thrown)?;
        let Agreement { dice, nsd } = agreement;
        Ok(to_js(&JsAgreement { dice, nsd }))
    }
}

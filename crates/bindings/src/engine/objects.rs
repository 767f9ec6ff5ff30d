//! The objects' masks through the slices of a scan.

use boxel_segmenter::imaging::measure::volume_ml;
use boxel_segmenter::imaging::{Plane, ReviewReason, SlicePlane, Stroke};
use boxel_segmenter::{ObjectMask, ObjectSlice, OpenScan, Origin};
use js_sys::{Array, Uint8Array};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use crate::error::{from_js, thrown, to_js};

/// An object's mask on one slice.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct SliceMask<'a> {
    object: u32,
    /// 0 or 1, row-major.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[cfg_attr(test, ts(type = "Uint8Array<ArrayBuffer>"))]
    mask: Uint8Array,
    /// Null outside the object's plane.
    origin: Option<Origin>,
    iou: Option<f32>,
    doubts: &'a [ReviewReason],
}

/// An object's mask in the volume, without its voxels.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ObjectMask"))]
pub(crate) struct ObjectSummary<'a> {
    plane: Plane,
    voxels: u64,
    volume_ml: Option<f64>,
    slices: Vec<NumberedSlice<'a>>,
}

/// A slice of an object with its number.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ObjectSlice"))]
struct NumberedSlice<'a> {
    slice: u32,
    /// Changes with any voxel of the slice; 0 where it is empty.
    fingerprint: u32,
    #[serde(flatten)]
    about: &'a ObjectSlice,
}

#[wasm_bindgen]
impl Engine {
    /// The masks of all objects on a slice of a plane. `origin`, `iou` and `doubts` are known only in the plane that
    /// the object was marked in.
    ///
    /// # Errors
    ///
    /// `session_order` without a scan.
    #[wasm_bindgen(unchecked_return_type = "SliceMask[]")]
    pub fn slice_masks(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Plane")] plane: JsValue,
        slice: u32,
    ) -> Result<Array, JsValue> {
        let plane: Plane = from_js(plane, "plane_invalid")?;
        let scan = self.scan()?;
        let masks = scan.object_masks();
        let masks = masks.filter_map(|(object, mask)| slice_mask(scan, object, mask, plane, slice));
        Ok(masks.map(|mask| to_js(&mask)).collect())
    }

    /// An object's size and its slices.
    ///
    /// # Errors
    ///
    /// `session_order` if the object has no mask.
    #[wasm_bindgen(unchecked_return_type = "ObjectMask")]
    pub fn object_mask(&self, object: u32) -> Result<JsValue, JsValue> {
        let scan = self.scan()?;
        let mask = scan.object_mask(object).map_err(thrown)?;
        Ok(to_js(&summary(scan, mask)))
    }

    /// Drops an object's mask.
    pub fn remove_object(&mut self, object: u32) {
        if let Ok(scan) = self.session.open_scan_mut() {
            scan.remove_object(object);
        }
    }

    /// Replaces the user's strokes on a slice of an object's plane; the path is in image space. An empty array removes
    /// them. They are drawn over the model's mask, now and after later answers.
    ///
    /// # Errors
    ///
    /// `session_order` if the object has no mask or the slice does not exist; `stroke_invalid`.
    pub fn edit(
        &mut self,
        object: u32,
        slice: u32,
        #[wasm_bindgen(unchecked_param_type = "Stroke[]")] strokes: JsValue,
    ) -> Result<(), JsValue> {
        let strokes: Vec<Stroke> = from_js(strokes, "stroke_invalid")?;
        let scan = self.scan_mut()?;
        scan.edit(object, slice, strokes).map_err(thrown)
    }

    /// Removes a prompt's mask from one slice of an object. Strokes stay.
    ///
    /// # Errors
    ///
    /// `session_order` if the object has no mask.
    pub fn unmark(&mut self, object: u32, slice: u32) -> Result<(), JsValue> {
        self.scan_mut()?.unmark(object, slice).map_err(thrown)
    }

    /// The SHA-256 of an object's voxels on the source's grid, one byte for each voxel, 0 or 1, columns fastest.
    ///
    /// # Errors
    ///
    /// `session_order` if the object has no mask.
    pub fn mask_sha256(&self, object: u32) -> Result<String, JsValue> {
        let mask = self.scan()?.object_mask(object).map_err(thrown)?;
        Ok(mask.sha256())
    }
}

/// An object's mask on a slice, or `None` if it is empty there.
pub(super) fn slice_mask<'a>(
    scan: &OpenScan,
    object: u32,
    mask: &'a ObjectMask,
    plane: Plane,
    slice: u32,
) -> Option<SliceMask<'a>> {
    let slice_plane = SlicePlane::new(scan.scan().grid(), plane);
    let pixels = mask.voxels().slice(&slice_plane, slice);
    if slice >= slice_plane.slices() || pixels.area_px() == 0 {
        return None;
    }
    let about = mask.slice(slice);
    let about = about.filter(|_| mask.plane() == slice_plane.plane());
    Some(SliceMask {
        object,
        mask: Uint8Array::from(pixels.values()),
        origin: about.map(|about| about.origin),
        iou: about.and_then(|about| about.iou),
        doubts: about.map_or(&[], |about| &about.doubts),
    })
}

pub(super) fn summary<'a>(scan: &OpenScan, mask: &'a ObjectMask) -> ObjectSummary<'a> {
    let slices = mask.slices();
    ObjectSummary {
        plane: mask.plane(),
        voxels: mask.voxels().count(),
        volume_ml: volume_ml(scan.scan().grid(), mask.voxels()),
        slices: slices
            .map(|(slice, about)| NumberedSlice {
                slice,
                fingerprint: mask.fingerprint(slice),
                about,
            })
            .collect(),
    }
}

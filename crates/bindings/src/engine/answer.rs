//! Answers to prompts.

use boxel_segmenter::imaging::{Bounds, ImageBox};
use boxel_segmenter::{ImageKey, Offer, Prediction, PromptPoint};
use js_sys::Uint8Array;
use serde::Serialize;

use super::measure::Measured;
use super::objects::{ObjectSummary, SliceMask};

/// The answer to one prompt.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Prediction"))]
pub(crate) struct Answer<'a> {
    id: u32,
    /// The key of the image.
    #[cfg_attr(test, ts(type = "string"))]
    key: ImageKey,
    /// The prompt's box, clipped to the image.
    #[serde(rename = "box")]
    image_box: Option<ImageBox>,
    points: &'a [PromptPoint],
    /// The predicted IoU of each mask: one, or three of a multi-mask prompt.
    candidates: Vec<f32>,
    chosen: usize,
    /// The predicted IoU of the chosen mask.
    iou: f32,
    /// 0 or 1, row-major, width × height.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[cfg_attr(test, ts(type = "Uint8Array<ArrayBuffer>"))]
    mask: Uint8Array,
    area_px: u64,
    /// Half-open; null for an empty mask.
    #[cfg_attr(test, ts(as = "Option<ImageBox>"))]
    bounds: Option<[u32; 4]>,
    decode_ms: f64,
    /// Why the mask is only offered; null if it is taken.
    offered: Option<Offer>,
    /// The object after this answer; null for a prompt without an object, and for an offer.
    updated: Option<UpdatedObject<'a>>,
}

/// An object after an answer.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct UpdatedObject<'a> {
    /// Its mask on the current slice, strokes included; null if it is empty.
    pub slice_mask: Option<SliceMask<'a>>,
    pub mask: ObjectSummary<'a>,
    /// On the current slice; null if the caller did not ask for it, or if it failed: `Engine.measure` says why.
    pub measured: Option<Measured>,
}

impl<'a> Answer<'a> {
    pub fn new(
        id: u32,
        key: ImageKey,
        prediction: &'a Prediction,
        decode_ms: f64,
        updated: Option<UpdatedObject<'a>>,
    ) -> Self {
        Self {
            id,
            key,
            image_box: prediction.prompt.image_box,
            points: &prediction.prompt.points,
            candidates: prediction.candidate_ious().collect(),
            chosen: prediction.chosen(),
            iou: prediction.iou(),
            mask: Uint8Array::from(prediction.mask.values()),
            area_px: prediction.mask.area_px(),
            bounds: prediction
                .mask
                .bounds()
                .map(|Bounds { x0, y0, x1, y1 }| [x0, y0, x1, y1]),
            decode_ms,
            offered: prediction.offer(),
            updated,
        }
    }
}

//! One slice of stored masks.

use serde::{Deserialize, Deserializer, Serialize};

use super::StoredMask;

/// One slice of an object: its mask and the layers below it.
///
/// The top layer is left out if no strokes cover it, because it then equals the mask.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredSlice {
    /// The slice of the object's plane, counted from 0.
    pub slice: u32,
    /// Where the mask comes from.
    pub origin: StoredOrigin,
    /// The visible mask, including strokes.
    #[serde(flatten)]
    pub mask: StoredMask,
    /// The propagated mask, if a prompt or strokes cover it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagated: Option<StoredMask>,
    /// The mask that was loaded from a file, if a prompt or strokes cover it, or if an edit of the volume has replaced it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loaded: Option<StoredMask>,
    /// The mask that an edit of the volume left, if a prompt or strokes cover it. In a box, because few slices have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited: Option<Box<StoredMask>>,
    /// The prompt's mask, if strokes cover it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompted: Option<StoredMask>,
    /// Whether the prompt refined the propagated mask.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub refines_propagated: bool,
}

impl StoredSlice {
    /// A slice with nothing but a mask that was loaded from a file.
    pub(super) fn loaded(slice: u32, mask: StoredMask) -> Self {
        Self {
            slice,
            origin: StoredOrigin::Loaded,
            mask,
            propagated: None,
            loaded: None,
            edited: None,
            prompted: None,
            refines_propagated: false,
        }
    }
}

/// The fields of a slice with its mask's. Serde's own reader of flattened fields holds 32 bytes for each run.
#[derive(Deserialize)]
struct Fields {
    slice: u32,
    origin: StoredOrigin,
    #[serde(default)]
    iou: Option<f32>,
    #[serde(default)]
    review: Vec<String>,
    #[serde(rename = "box", default)]
    image_box: Option<[f32; 4]>,
    #[serde(rename = "box_alone", default)]
    is_of_box_alone: bool,
    runs: Vec<u32>,
    propagated: Option<StoredMask>,
    loaded: Option<StoredMask>,
    edited: Option<Box<StoredMask>>,
    prompted: Option<StoredMask>,
    #[serde(default)]
    refines_propagated: bool,
}

impl<'de> Deserialize<'de> for StoredSlice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Fields::deserialize(deserializer)?;
        Ok(Self {
            slice: fields.slice,
            origin: fields.origin,
            mask: StoredMask {
                iou: fields.iou,
                review: fields.review,
                image_box: fields.image_box,
                is_of_box_alone: fields.is_of_box_alone,
                runs: fields.runs,
            },
            propagated: fields.propagated,
            loaded: fields.loaded,
            edited: fields.edited,
            prompted: fields.prompted,
            refines_propagated: fields.refines_propagated,
        })
    }
}

/// Where a slice's mask comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredOrigin {
    /// The user's prompt or strokes.
    Marked,
    /// A propagation.
    Propagated,
    /// A segmentation that was opened on the scan.
    Loaded,
    /// An edit of the mask in the whole volume.
    Edited,
}

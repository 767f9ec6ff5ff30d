//! Session files: the user's steps in order, and their results. `docs/session-file.md` describes the format.

use boxel_imaging::{ImagePoint, Plane, PropagationRule, Stroke, Window};
use serde::{Deserialize, Serialize};

use super::file_limits::{MAX_FILE_BYTES, check};
use super::{Direction, RecordedEdit, StoredMasks};
use crate::error::Error;
use crate::rendering::Rendering;
use crate::segment_facts::SegmentFacts;

const FORMAT: &str = "boxel-session";
/// The current version. Version 1 has no masks.
const VERSION: u32 = 2;
const MIN_VERSION: u32 = 1;

/// A user's work on a scan. It contains no pixels and no names except those of the objects: only the hash identifies the
/// scan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionFile {
    format: String,
    version: u32,
    /// The scan, by its hash.
    pub scan: Named,
    /// The weights that the session used; `None` if no model made a mask and none was loaded.
    #[serde(default)]
    pub model: Option<Weights>,
    /// The slice that was shown last.
    #[serde(rename = "view")]
    pub rendering: Rendering,
    /// The objects, in the order of their numbers.
    pub objects: Vec<RecordedObject>,
}

/// A reference by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The [`scan_key`](crate::scan_key).
    pub sha256: String,
}

/// A file of weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    /// The name to display.
    pub name: String,
    /// `sam`, `medsam` or `litemedsam`.
    pub recipe: String,
    /// The SHA-256 of the file.
    pub sha256: String,
    /// Whether that SHA-256 was in a list of published files; missing in older sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<bool>,
}

/// An object and its steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedObject {
    /// The object's number.
    pub number: u32,
    /// The user's name for it; may be empty.
    pub name: String,
    /// Its index in the palette.
    pub colour: u32,
    /// The plane that its slices are counted in.
    pub plane: Plane,
    /// The slice of its current prompts. Missing in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u32>,
    /// The user's steps in order.
    pub steps: Vec<RecordedStep>,
    /// What the file says about it that it was loaded from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<SegmentFacts>,
    /// The weights that made its masks, if not the session's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Weights>,
    /// The slices that the user has reviewed and whose masks are as they were then, in ascending order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviewed: Vec<u32>,
    /// The recorded result.
    pub result: RecordedResult,
    /// The object's masks. Missing in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masks: Option<StoredMasks>,
}

/// One step of the user. Slices are counted from 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum RecordedStep {
    /// Loads a segment from a file. Its masks are those of [`RecordedObject::masks`] that were loaded.
    Load,
    /// A chain of prompts on a slice.
    Prompt {
        /// The slice.
        slice: u32,
        /// The window that the model saw.
        window: Window,
        /// The first prompt stands alone; each later one refines the mask before it.
        prompts: Vec<RecordedPrompt>,
    },
    /// Propagates the mask to the neighbouring slices.
    Propagate {
        /// The first slice.
        from: u32,
        /// The window that the model saw.
        window: Window,
        /// The directions, one after the other.
        directions: Vec<Direction>,
        /// The lowest and highest slice that were reached, if the propagation was cancelled.
        until: Option<[u32; 2]>,
        /// How many slices a model with a memory may go in each direction;
        /// [`DEFAULT_PROPAGATION_RANGE`](crate::DEFAULT_PROPAGATION_RANGE) if it is missing.
        #[serde(skip_serializing_if = "Option::is_none")]
        range: Option<u32>,
        /// How its masks were found. Missing in older sessions, which had the first rule.
        rule: PropagationRule,
    },
    /// Discards the propagated masks.
    #[serde(rename = "take_back")]
    DiscardPropagation,
    /// Removes a prompt's mask from a slice.
    Unmark {
        /// The slice.
        slice: u32,
    },
    /// Replaces the strokes on a slice.
    Edit {
        /// The slice.
        slice: u32,
        /// The strokes in order.
        strokes: Vec<Stroke>,
    },
    /// Edits the mask in the whole volume.
    EditVolume(Box<RecordedEdit>),
}

/// A box or a polygon, points, or both, in image space.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedPrompt {
    /// x0, y0, x1, y1; `None` with a polygon, whose bounds are the box.
    #[serde(rename = "box")]
    pub image_box: Option<[f32; 4]>,
    /// x, y and the label: 1 on the object, 0 next to it.
    #[serde(default)]
    pub points: Vec<(f32, f32, u8)>,
    /// The points of a closed polygon. A program that doesn't know it finds neither box nor point, which it refuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub polygon: Vec<ImagePoint>,
    /// Whether the model offered three candidates.
    #[serde(default)]
    pub multimask: bool,
    /// The candidate that the user chose; `None` for the one with the highest predicted IoU.
    #[serde(default)]
    pub candidate: Option<usize>,
    /// Whether the prompt refines the propagated mask of the slice.
    #[serde(
        rename = "refine_carried",
        default,
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub refine_propagated: bool,
}

/// The recorded result of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RecordedResult {
    /// The number of voxels.
    pub voxels: u64,
    /// As [`ObjectMask::sha256`](crate::ObjectMask::sha256) identifies them.
    pub sha256: String,
}

impl RecordedStep {
    /// Whether a replay of the step runs the model.
    fn needs_model(&self) -> bool {
        matches!(self, Self::Prompt { .. } | Self::Propagate { .. })
    }

    /// Whether the step changes masks without the model.
    fn is_edit(&self) -> bool {
        match self {
            Self::Edit { strokes, .. } => !strokes.is_empty(),
            Self::EditVolume(_) => true,
            _ => false,
        }
    }
}

impl RecordedObject {
    /// Whether a replay of the steps runs the model.
    pub fn needs_model(&self) -> bool {
        self.steps.iter().any(RecordedStep::needs_model)
    }

    /// What the file that it was loaded from says about it, as far as it holds after the steps; or that edits of the volume
    /// alone made it.
    pub fn saved_segment(&self) -> Option<SegmentFacts> {
        let by_model = self.needs_model();
        let begins_with_edit = matches!(self.steps.first(), Some(RecordedStep::EditVolume(_)));
        match &self.segment {
            Some(facts) => {
                let by_edits = self.steps.iter().any(RecordedStep::is_edit);
                Some(facts.changed(by_edits, by_model))
            }
            None if begins_with_edit && !by_model => {
                let by_hand = |step: &RecordedStep| match step {
                    RecordedStep::EditVolume(recorded) => recorded.edit.is_by_hand(),
                    _ => true,
                };
                let is_manual = self.steps.iter().all(by_hand);
                Some(SegmentFacts::edited(&self.name, is_manual))
            }
            None => None,
        }
    }
}

impl SessionFile {
    /// Reads a session file.
    ///
    /// # Errors
    ///
    /// [`Error::SessionFile`] unless the bytes are a session of version 1 or 2 within the limits of `file_limits.rs`.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
            version: u32,
        }
        let wrong = |reason: String| Error::SessionFile { reason };
        if bytes.len() > MAX_FILE_BYTES {
            return Err(wrong(format!(
                "it has {} MiB, and the limit is {} MiB",
                bytes.len() >> 20,
                MAX_FILE_BYTES >> 20
            )));
        }
        let head: Result<Head, _> = serde_json::from_slice(bytes);
        let head = head.map_err(|error| wrong(format!("it is not a session file: {error}")))?;
        if head.format != FORMAT {
            return Err(wrong(format!("its format is `{}`", head.format)));
        }
        if !(MIN_VERSION..=VERSION).contains(&head.version) {
            return Err(wrong(format!(
                "it has version {}, and this program reads versions {MIN_VERSION} to {VERSION}",
                head.version
            )));
        }
        let file = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        check(&file).map_err(wrong)?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests;

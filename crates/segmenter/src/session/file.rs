//! Session files: the user's steps in order, and their results. `docs/session-file.md` describes the format.

use boxel_imaging::{Plane, PropagationRule, Stroke, Window};
use serde::{Deserialize, Serialize};

use super::file_limits::{MAX_FILE_BYTES, check};
use super::{Direction, StoredMasks};
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
    /// The weights that the session used; `None` if all masks were loaded from files.
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
}

/// A box, points, or both, in image space.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedPrompt {
    /// x0, y0, x1, y1.
    #[serde(rename = "box")]
    pub image_box: Option<[f32; 4]>,
    /// x, y and the label: 1 on the object, 0 next to it.
    #[serde(default)]
    pub points: Vec<(f32, f32, u8)>,
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

impl RecordedObject {
    /// What the file that it was loaded from says about it, as far as it holds after the steps.
    pub fn saved_segment(&self) -> Option<SegmentFacts> {
        let has = |is: fn(&RecordedStep) -> bool| self.steps.iter().any(is);
        let is_edit = |step: &RecordedStep| match step {
            RecordedStep::Edit { strokes, .. } => !strokes.is_empty(),
            _ => false,
        };
        let by_strokes = has(is_edit);
        let by_model = has(|step| {
            matches!(
                step,
                RecordedStep::Prompt { .. } | RecordedStep::Propagate { .. }
            )
        });
        let facts = self.segment.as_ref()?;
        Some(facts.changed(by_strokes, by_model))
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
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"{
      "format": "boxel-session", "version": 1,
      "scan": { "sha256": "ab" },
      "model": { "name": "LiteMedSAM", "recipe": "litemedsam", "sha256": "cd" },
      "view": { "plane": "axial", "slice": 3, "window": { "kind": "percentiles" } },
      "from a later program": [],
      "objects": [{ "number": 1, "name": "liver", "colour": 0, "plane": "axial",
        "steps": [
          { "do": "prompt", "slice": 3, "window": { "kind": "linear", "level": 40, "width": 400 },
            "prompts": [{ "box": [1, 2, 30, 40], "points": [], "multimask": false, "candidate": null },
                        { "box": null, "points": [[5.5, 6.5, 1]], "refine_carried": true }] },
          { "do": "propagate", "from": 3, "window": { "kind": "percentiles" }, "directions": ["up", "down"] },
          { "do": "take_back" },
          { "do": "unmark", "slice": 4 },
          { "do": "edit", "slice": 3, "strokes": [{ "kind": "erase", "radius_px": 4, "path": [[1, 2], [3, 4]] }] }
        ],
        "result": { "voxels": 12, "sha256": "ef" } }]
    }"#;

    #[test]
    fn a_session_is_read_and_written() {
        let file = SessionFile::read(EXAMPLE.as_bytes()).unwrap();
        let [object] = file.objects.as_slice() else {
            panic!("one object");
        };
        assert_eq!(object.steps.len(), 5);
        let RecordedStep::Prompt { prompts, .. } = &object.steps[0] else {
            panic!("a prompt first");
        };
        assert_eq!(prompts[1].points, [(5.5, 6.5, 1)]);
        assert_eq!(
            prompts
                .iter()
                .map(|prompt| prompt.refine_propagated)
                .collect::<Vec<_>>(),
            [false, true]
        );
        let written = serde_json::to_vec(&file).unwrap();
        assert_eq!(SessionFile::read(&written).unwrap(), file);
    }

    #[test]
    fn version_2_holds_masks() {
        let text = EXAMPLE.replace("\"version\": 1", "\"version\": 2").replace(
            "\"result\"",
            r#""at": 3, "masks": { "size": [4, 3, 5], "slices": [
                { "slice": 3, "origin": "marked", "iou": 0.5, "review": ["drift"], "box": [1, 2, 30, 40], "runs": [2, 10],
                  "propagated": { "iou": null, "review": [], "box": null, "runs": [12] } }] },
              "result""#,
        );
        let file = SessionFile::read(text.as_bytes()).unwrap();
        let object = &file.objects[0];
        let masks = object.masks.as_ref().unwrap();
        assert_eq!((object.at, masks.size), (Some(3), [4, 3, 5]));
        assert_eq!(masks.slices[0].mask.runs, [2, 10]);
        assert_eq!(masks.slices[0].propagated.as_ref().unwrap().runs, [12]);
        let written = serde_json::to_vec(&file).unwrap();
        assert_eq!(SessionFile::read(&written).unwrap(), file);
    }

    #[test]
    fn weights_may_say_that_their_file_is_not_a_published_one() {
        let published = |text: &str| {
            SessionFile::read(text.as_bytes())
                .unwrap()
                .model
                .unwrap()
                .published
        };
        assert_eq!(published(EXAMPLE), None);
        let text = EXAMPLE.replace("\"cd\" }", "\"cd\", \"published\": false }");
        assert_eq!(published(&text), Some(false));
        let written = serde_json::to_string(&SessionFile::read(text.as_bytes()).unwrap()).unwrap();
        assert_eq!(published(&written), Some(false));
    }

    #[test]
    fn a_file_that_is_not_a_session_is_rejected_with_the_reason() {
        let refused = |text: &str| SessionFile::read(text.as_bytes()).unwrap_err().to_string();
        assert!(refused("{}").contains("format"));
        assert!(refused("[1]").contains("not a session"));
        assert!(refused(&EXAMPLE.replace("boxel-session", "coco")).contains("coco"));
        assert!(
            refused(&EXAMPLE.replace("\"version\": 1", "\"version\": 3")).contains("version 3")
        );
        assert!(
            refused(&EXAMPLE.replace("\"version\": 1", "\"version\": 0")).contains("version 0")
        );
        assert!(refused(&EXAMPLE.replace("\"slice\": 3", "\"slice\": -3")).contains("-3"));
    }
}

//! Sessions as files: what the user did, in order, and what came of it. `docs/session-file.md` describes the form.

use boxel_imaging::{Plane, Stroke, Window};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::session::{Direction, ObjectMasks, Rendering};

const FORMAT: &str = "boxel-session";
/// The version that is written. Version 1 has no masks.
const VERSION: u32 = 2;
const MIN_VERSION: u32 = 1;

/// What a user did with a scan. It holds no pixels and no names but those of the objects: the hash alone
/// says which scan it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionFile {
    format: String,
    version: u32,
    /// The scan.
    pub scan: Named,
    /// The weights.
    pub model: Weights,
    /// What was shown at the end.
    pub view: Rendering,
    /// The objects, in the order of their numbers.
    pub objects: Vec<RecordedObject>,
}

/// Something that its content names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// As [`scan_key`](crate::scan_key) has it.
    pub sha256: String,
}

/// A file of weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    /// For people.
    pub name: String,
    /// `sam`, `medsam` or `litemedsam`.
    pub recipe: String,
    /// Of the file.
    pub sha256: String,
}

/// An object, and how it came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedObject {
    /// Its number.
    pub number: u32,
    /// Its name; may be empty.
    pub name: String,
    /// Its place in the palette.
    pub colour: u32,
    /// The plane that its slices are counted in.
    pub plane: Plane,
    /// The slice that its present prompts are on. Version 1 does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u32>,
    /// What was done for it, in order.
    pub steps: Vec<RecordedStep>,
    /// The weights that its masks are of, where they are not the file's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Weights>,
    /// What came of it.
    pub result: RecordedResult,
    /// The masks that came of it. Version 1 has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masks: Option<ObjectMasks>,
}

/// One thing that the user did. Slices are counted from 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum RecordedStep {
    /// A chain of prompts on a slice.
    Prompt {
        /// Where.
        slice: u32,
        /// In which window.
        window: Window,
        /// The first stands alone; each later one refines the mask before it.
        prompts: Vec<RecordedPrompt>,
    },
    /// The mask was carried on to the neighbours.
    Propagate {
        /// From which slice.
        from: u32,
        /// In which window.
        window: Window,
        /// Which ways, one after the other.
        directions: Vec<Direction>,
        /// The lowest and the highest slice that was reached, where it was cancelled.
        #[serde(default)]
        until: Option<[u32; 2]>,
    },
    /// What was carried on was taken back.
    TakeBack,
    /// What a prompt has put on a slice was taken away.
    Unmark {
        /// Which slice.
        slice: u32,
    },
    /// Strokes over a slice, all that there are.
    Edit {
        /// Which slice.
        slice: u32,
        /// In order.
        strokes: Vec<Stroke>,
    },
}

/// A box, points, or both, in image space.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedPrompt {
    /// x0, y0, x1, y1.
    #[serde(rename = "box")]
    pub image_box: Option<[f32; 4]>,
    /// x, y, and 1 for a point of the object, 0 for one that is not.
    #[serde(default)]
    pub points: Vec<(f32, f32, u8)>,
    /// Whether the model offered three masks.
    #[serde(default)]
    pub multimask: bool,
    /// Which of them the user took; without it the one that the model prefers.
    #[serde(default)]
    pub candidate: Option<usize>,
    /// Whether it refines what was carried to the slice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refine_carried: bool,
}

/// What an object came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedResult {
    /// How many voxels it has.
    pub voxels: u64,
    /// As [`Structure::sha256`](crate::Structure::sha256) names them.
    pub sha256: String,
}

impl SessionFile {
    /// Reads a session.
    ///
    /// # Errors
    ///
    /// [`Error::SessionFile`] for anything else than a session of version 1 or 2.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
            version: u32,
        }
        let wrong = |reason: String| Error::SessionFile { reason };
        let head: Result<Head, _> = serde_json::from_slice(bytes);
        let head = head.map_err(|error| wrong(format!("it is no session: {error}")))?;
        if head.format != FORMAT {
            return Err(wrong(format!("its format is `{}`", head.format)));
        }
        if !(MIN_VERSION..=VERSION).contains(&head.version) {
            return Err(wrong(format!(
                "it is of version {}, and this program reads versions {MIN_VERSION} to {VERSION}",
                head.version
            )));
        }
        serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))
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
                .map(|prompt| prompt.refine_carried)
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
    fn what_is_no_session_says_why() {
        let refused = |text: &str| SessionFile::read(text.as_bytes()).unwrap_err().to_string();
        assert!(refused("{}").contains("format"));
        assert!(refused("[1]").contains("no session"));
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

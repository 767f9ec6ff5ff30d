use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::window::{Lut, Window};

/// Everything known about a scan besides its voxels. It doesn't identify a patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Format of the file.
    pub format: Format,
    /// DICOM's code for the modality, such as `CT` or `MR`; empty if unknown.
    pub modality: String,
    /// Unit of the values, such as `HU`; empty if unknown.
    pub unit: String,
    /// Whether the file doesn't name the modality and the values look like Hounsfield units, so that CT windows are
    /// used. This is a guess, which the caller may override.
    pub looks_like_ct: bool,
    /// Bits per sample in the file.
    pub bits: u32,
    /// Whether small values are displayed bright, as with DICOM's `MONOCHROME1`.
    pub inverted: bool,
    /// [`About::inverted`] for each slice of the grid, if slices differ; otherwise empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inverted_slices: Vec<bool>,
    /// The file's own windows, the default one first.
    pub windows: Vec<NamedWindow>,
    /// Tables that [`Window::Lut`] refers to (DICOM VOI LUT Sequence).
    pub luts: Vec<Lut>,
    /// Messages for the user about this scan.
    pub notes: Vec<Note>,
}

impl About {
    /// Whether small values are displayed bright on a slice of the grid.
    pub fn is_inverted(&self, slice: u32) -> bool {
        let own = self.inverted_slices.get(slice as usize);
        own.copied().unwrap_or(self.inverted)
    }

    /// A description with only the format and the bits per sample.
    pub fn new(format: Format, bits: u32) -> About {
        About {
            format,
            modality: String::new(),
            unit: String::new(),
            looks_like_ct: false,
            bits,
            inverted: false,
            inverted_slices: Vec::new(),
            windows: Vec::new(),
            luts: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// A window and the file's name for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct NamedWindow {
    /// The file's explanation, such as `BRAIN`; may be empty.
    pub name: String,
    /// Level and width in the scan's values, or another kind of window.
    pub window: Window,
}

/// A message for the user about the scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Note {
    /// Kind of the message, for programs.
    // The page adds messages of its own.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub code: NoteCode,
    /// Text of the message, for the user.
    pub text: String,
}

/// The subject of a [`Note`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoteCode {
    /// Slices are missing between others.
    SliceGap,
    /// Several slices share a position; one of them was used.
    DuplicateSlice,
    /// Slices are unevenly spaced, or not straight above each other.
    UnevenSlices,
    /// Positions are missing, so slices are sorted by their numbers.
    NoPositions,
    /// The pixel size is unknown, or not measured in the patient.
    Spacing,
    /// Text or marks may be part of the pixels: DICOM Burned In Annotation (0028,0301).
    BurnedIn,
    /// The values look like Hounsfield units, and the scan is treated as a CT ([`About::looks_like_ct`]).
    LooksLikeCt,
    /// The values are numbers of labels, not those of an image.
    LabelMap,
    /// Part of the file was ignored, or not taken literally.
    Reading,
}

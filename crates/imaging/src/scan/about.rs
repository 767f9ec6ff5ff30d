use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::window::{Lut, Window};

/// What is known of a scan beside its voxels. Nothing here identifies a patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// What the file was.
    pub format: Format,
    /// DICOM's code, such as `CT` or `MR`; empty where it isn't known.
    pub modality: String,
    /// Unit of the values, such as `HU`; empty where it isn't known.
    pub unit: String,
    /// The file doesn't tell the modality, and the values look like Hounsfield units: the windows of CT are
    /// offered, and the scan is shown in one. A guess, which a caller may take back.
    pub looks_like_ct: bool,
    /// Bits of a sample in the file.
    pub bits: u32,
    /// Small values are bright: DICOM's `MONOCHROME1`.
    pub inverted: bool,
    /// The same for each slice of the grid where slices differ; else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inverted_slices: Vec<bool>,
    /// Windows that the file brings, the one to begin with first.
    pub windows: Vec<NamedWindow>,
    /// Tables that [`Window::Lut`] counts into (DICOM VOI LUT Sequence).
    pub luts: Vec<Lut>,
    /// What the user should know of this scan.
    pub notes: Vec<Note>,
}

impl About {
    /// Whether small values are bright in a slice of the grid.
    pub fn is_inverted(&self, slice: u32) -> bool {
        let own = self.inverted_slices.get(slice as usize);
        own.copied().unwrap_or(self.inverted)
    }

    /// Of a file that says nothing but its format and its depth.
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

/// A window with the name that the file gives it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedWindow {
    /// The file's explanation, such as `BRAIN`; may be empty.
    pub name: String,
    /// The window.
    pub window: Window,
}

/// Something that the user should know, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// For programs.
    pub code: NoteCode,
    /// For people.
    pub text: String,
}

/// What a [`Note`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoteCode {
    /// Slices are missing between others.
    SliceGap,
    /// Several slices at one position; one of them was taken.
    DuplicateSlice,
    /// Slices are not equally far apart, or not above each other.
    UnevenSlices,
    /// Slices are in the order of their numbers: positions are missing.
    NoPositions,
    /// The size of a pixel is not known, or not that in the patient.
    Spacing,
    /// Letters or marks may be part of the pixels: DICOM Burned In Annotation (0028,0301).
    BurnedIn,
    /// The values look like Hounsfield units, and the scan is treated as a CT ([`About::looks_like_ct`]).
    LooksLikeCt,
    /// Something in the file was left out or taken for something else.
    Reading,
}

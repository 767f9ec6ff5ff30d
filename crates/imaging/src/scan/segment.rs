use serde::{Deserialize, Serialize};

/// A segment that a segmentation's file names. Names are free text, which may name a patient, so that only the user sees
/// them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NamedSegment {
    /// Its value in the voxels.
    pub label: u32,
    /// The part of the file that has it, counted from 0, where segments that overlap are stored one behind the other.
    pub layer: u32,
    /// As in the file; may be empty.
    pub name: String,
    /// Red, green and blue, if the file gives a colour.
    pub color: Option<[u8; 3]>,
    /// Its category as a coded term, such as `SCT`, `123037004`, `Anatomical Structure`.
    pub category: Option<Code>,
    /// Its type, such as `SCT`, `10200004`, `Liver`.
    pub kind: Option<Code>,
    /// What the type leaves open, such as `SCT`, `24028007`, `Right`.
    pub modifier: Option<Code>,
    /// DICOM's word for how it was made: `AUTOMATIC`, `SEMIAUTOMATIC` or `MANUAL`; empty if unknown.
    pub algorithm: String,
    /// Name of the program or model that made it; empty if unknown.
    pub algorithm_name: String,
}

/// A coded term (DICOM PS3.3 section 8.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Code {
    /// Coding scheme, such as `SCT`.
    pub scheme: String,
    /// Code in the scheme.
    pub value: String,
    /// Meaning, for people.
    pub meaning: String,
}

impl NamedSegment {
    /// A segment with a label, and nothing else.
    pub fn new(label: u32) -> NamedSegment {
        NamedSegment {
            label,
            layer: 0,
            name: String::new(),
            color: None,
            category: None,
            kind: None,
            modifier: None,
            algorithm: String::new(),
            algorithm_name: String::new(),
        }
    }
}

use serde::{Deserialize, Serialize};

/// What an export needs of the file that a scan came from. This, and nothing else of a [`Scan`](super::Scan),
/// may identify a patient.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Source {
    /// PNG, JPEG, BMP or TIFF.
    #[default]
    Raster,
    /// NIfTI.
    Nifti(NiftiSource),
    /// DICOM.
    Dicom(DicomSource),
}

/// A NIfTI file without its voxels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NiftiSource {
    /// 1 or 2.
    pub version: u8,
    /// Whether the header is big-endian.
    pub big_endian: bool,
    /// The header as it was read: 348 or 540 bytes.
    pub header: Vec<u8>,
}

/// What a DICOM series says beside its pixels.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DicomSource {
    /// Attributes of the patient, the study, the series, the frame of reference and the equipment,
    /// from the series' first instance.
    pub attributes: Vec<DicomValue>,
    /// For each slice of the grid the frame it came from.
    pub frames: Vec<DicomFrame>,
    /// Burned In Annotation (0028,0301): what the file says, if it does.
    pub burned_in: Option<bool>,
}

/// An attribute with its value as bytes, little-endian, as explicit VR stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DicomValue {
    /// Group and element.
    pub tag: (u16, u16),
    /// Value representation: two capital letters.
    pub vr: [u8; 2],
    /// Without padding to even length where it was text.
    pub value: Vec<u8>,
}

/// One frame of a source instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DicomFrame {
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Series Instance UID: slices of several series may be one volume.
    #[serde(default)]
    pub series_instance_uid: String,
    /// Number of the frame within a multi-frame instance, counted from 1; `None` for a single one.
    pub frame: Option<u32>,
    /// Centre of its first pixel in patient space, in mm, as the file has it (Image Position
    /// (Patient), (0020,0032)). The grid is even; this tells where a slice beside a gap really is.
    pub position: Option<[f64; 3]>,
}

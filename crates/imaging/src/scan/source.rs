use serde::{Deserialize, Serialize};

/// The parts of the original file that exports need. Only this part of a [`Scan`](super::Scan) may identify a patient.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Source {
    /// PNG, JPEG, BMP or TIFF.
    #[default]
    Raster,
    /// NIfTI-1 or NIfTI-2.
    Nifti(NiftiSource),
    /// A DICOM file or series.
    Dicom(DicomSource),
}

/// A NIfTI header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NiftiSource {
    /// Version of the format, 1 or 2.
    pub version: u8,
    /// Whether the header is big-endian.
    pub big_endian: bool,
    /// The header's bytes, 348 or 540.
    pub header: Vec<u8>,
}

/// Attributes and frames of a DICOM series.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DicomSource {
    /// Attributes of patient, study, series, frame of reference and equipment, from the first instance of the series.
    pub attributes: Vec<DicomValue>,
    /// The source frame of each slice of the grid.
    pub frames: Vec<DicomFrame>,
    /// Burned In Annotation (0028,0301), if the file has it.
    pub burned_in: Option<bool>,
}

/// An attribute with its encoded value (explicit VR, little-endian).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DicomValue {
    /// Group and element.
    pub tag: (u16, u16),
    /// Value representation: two capital letters.
    pub vr: [u8; 2],
    /// The value's bytes; text is without padding to even length.
    pub value: Vec<u8>,
}

/// A frame of a source instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DicomFrame {
    /// SOP Class UID of the instance.
    pub sop_class_uid: String,
    /// SOP Instance UID of the instance.
    pub sop_instance_uid: String,
    /// Series Instance UID; slices of several series may form one volume.
    #[serde(default)]
    pub series_instance_uid: String,
    /// Number of the frame in a multi-frame instance, counted from 1; `None` for a single-frame one.
    pub frame: Option<u32>,
    /// Centre of the frame's first pixel in patient space, in mm, as in the file (Image Position (Patient),
    /// (0020,0032)). The grid is regular; this is the true position of a slice next to a gap.
    pub position: Option<[f64; 3]>,
}

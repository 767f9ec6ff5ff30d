//! Names of the supported file formats; `open` detects and reads them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A supported file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Format {
    /// Portable Network Graphics: grey, colour, palette; 1 to 16 bits.
    Png,
    /// JPEG, baseline and progressive, 8 bits.
    Jpeg,
    /// Windows bitmap.
    Bmp,
    /// TIFF and BigTIFF: grey and colour; 1 to 64 bits, floating point; pages, volumes, channels.
    Tiff,
    /// DICOM: single and multi-frame, alone or as a series.
    Dicom,
    /// NIfTI-1, one file or a pair, gzipped or not.
    Nifti1,
    /// NIfTI-2, one file or a pair, gzipped or not.
    Nifti2,
    /// NRRD: one file or a header with its data files; plain, gzipped or as text.
    Nrrd,
    /// MetaImage: one file or a header with its data files; plain, compressed or as text.
    MetaImage,
    /// FreeSurfer's MGH, gzipped (MGZ) or not.
    Mgh,
    /// NumPy's array of labels, alone or in an `.npz`.
    Numpy,
    /// COCO annotations with run-length masks.
    Coco,
}

impl Format {
    /// Name for the user, such as `PNG` or `NIfTI-1`.
    pub fn name(self) -> &'static str {
        match self {
            Format::Png => "PNG",
            Format::Jpeg => "JPEG",
            Format::Bmp => "BMP",
            Format::Tiff => "TIFF",
            Format::Dicom => "DICOM",
            Format::Nifti1 => "NIfTI-1",
            Format::Nifti2 => "NIfTI-2",
            Format::Nrrd => "NRRD",
            Format::MetaImage => "MetaImage",
            Format::Mgh => "MGH",
            Format::Numpy => "NumPy",
            Format::Coco => "COCO",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

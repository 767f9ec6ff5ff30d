use serde::{Deserialize, Serialize};

use super::affine::{Affine, length};
use crate::space::Size;

/// How many voxels there are, how large they are, and where they lie in the patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// Voxels along a row.
    pub columns: u32,
    /// Rows of a slice.
    pub rows: u32,
    /// Slices, or frames.
    pub slices: u32,
    /// What the third axis is.
    pub stacking: Stacking,
    /// Size of a pixel within a slice; `None` where the file doesn't say.
    pub pixel_spacing: Option<PixelSpacing>,
    /// From the centre of a slice to that of the next, in mm; `None` where the file doesn't say.
    pub slice_spacing_mm: Option<f64>,
    /// Voxel index → patient space in mm (LPS); `None` where the file doesn't say.
    pub patient_from_voxel: Option<Affine>,
}

/// What the third axis of a grid is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stacking {
    /// Neighbours in space: the grid is a volume (or one slice of one).
    Slices,
    /// One after the other in time, or pages: there is no volume.
    Frames,
}

/// Size of a pixel within a slice, in mm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PixelSpacing {
    /// From the centre of a column to that of the next.
    pub x_mm: f64,
    /// From the centre of a row to that of the next.
    pub y_mm: f64,
    /// Who says so.
    pub source: SpacingSource,
}

/// Where a pixel's size comes from, which decides how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpacingSource {
    /// In the patient: DICOM Pixel Spacing (0028,0030), or what a functional group says.
    PixelSpacing,
    /// At the detector, so larger than in the patient: DICOM Imager Pixel Spacing (0018,1164).
    ImagerPixelSpacing,
    /// DICOM Nominal Scanned Pixel Spacing (0018,2010) of a scanned film.
    NominalScannedPixelSpacing,
    /// DICOM Sequence of Ultrasound Regions (0018,6011).
    UltrasoundRegion,
    /// NIfTI `pixdim`, or its affine.
    Nifti,
}

impl Grid {
    /// One image of unknown size in the world.
    pub fn image(columns: u32, rows: u32) -> Grid {
        Grid {
            columns,
            rows,
            slices: 1,
            stacking: Stacking::Frames,
            pixel_spacing: None,
            slice_spacing_mm: None,
            patient_from_voxel: None,
        }
    }

    /// `[columns, rows, slices]`.
    pub fn size(&self) -> [u32; 3] {
        [self.columns, self.rows, self.slices]
    }

    /// Size of a slice as it is stored.
    pub fn slice_size(&self) -> Size {
        Size {
            width: self.columns,
            height: self.rows,
        }
    }

    /// Number of voxels.
    pub fn voxels(&self) -> u64 {
        let slice = self.slice_size().pixels();
        slice.saturating_mul(u64::from(self.slices))
    }

    /// Where voxel `[i, j, k]` stands in a list of all; `None` outside the grid.
    pub fn index(&self, [i, j, k]: [u32; 3]) -> Option<usize> {
        let inside = i < self.columns && j < self.rows && k < self.slices;
        let (columns, rows) = (self.columns as usize, self.rows as usize);
        inside.then(|| (k as usize * rows + j as usize) * columns + i as usize)
    }

    /// Whether several slices fill a volume.
    pub fn is_volume(&self) -> bool {
        self.stacking == Stacking::Slices && self.slices > 1
    }

    /// From a voxel to the next along each axis, in mm, where all three are known.
    pub fn spacing_mm(&self) -> Option<[f64; 3]> {
        let PixelSpacing { x_mm, y_mm, .. } = self.pixel_spacing?;
        Some([x_mm, y_mm, self.slice_spacing_mm?])
    }

    /// Volume of a voxel in mm³, where it is known: exact for a sheared grid too.
    pub fn voxel_mm3(&self) -> Option<f64> {
        if !self.is_volume() {
            return None;
        }
        match &self.patient_from_voxel {
            Some(affine) => Some(affine.determinant().abs()),
            None => self.spacing_mm().map(|[x, y, z]| x * y * z),
        }
    }

    /// The spacings that an affine has, in mm.
    pub fn spacing_of(affine: &Affine) -> [f64; 3] {
        [0, 1, 2].map(|axis| length(affine.column(axis)))
    }
}

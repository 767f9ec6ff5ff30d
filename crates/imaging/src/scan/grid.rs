use serde::{Deserialize, Serialize};

use super::affine::{Affine, length};
use crate::space::Size;

/// Number, size and place of a scan's voxels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// Number of columns: voxels per row.
    pub columns: u32,
    /// Number of rows per slice.
    pub rows: u32,
    /// Number of slices, or frames.
    pub slices: u32,
    /// Whether the third axis is space or time.
    pub stacking: Stacking,
    /// Size of a pixel within a slice; `None` if the file doesn't give it.
    pub pixel_spacing: Option<PixelSpacing>,
    /// Height of a pixel in units of its width, if the file gives only this ratio.
    pub pixel_aspect: Option<f64>,
    /// Parts of a slice whose pixels have their own size, or none: one list for all slices, or one for each; empty if
    /// [`Grid::pixel_spacing`] holds everywhere. If that is from an ultrasound region, pixels outside the regions
    /// have no size.
    pub regions: Vec<Vec<Region>>,
    /// Distance between the centres of neighbouring slices, in mm; `None` if the file doesn't give it. For
    /// unevenly spaced slices it is the most frequent distance.
    pub slice_spacing_mm: Option<f64>,
    /// Distance of each slice from the first, in mm along the third axis, ascending from 0; `None` if slices
    /// are evenly spaced or their positions are unknown. A missing slice leaves a larger distance.
    pub slice_positions_mm: Option<Vec<f64>>,
    /// Maps voxel indices to patient space in mm (LPS); `None` if the file doesn't give it. For unevenly spaced
    /// slices it holds only for the first; [`Grid::patient_position`] holds for all.
    pub patient_from_voxel: Option<Affine>,
}

/// The meaning of a grid's third axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stacking {
    /// Neighbours in space: the grid is a volume, or a single slice.
    Slices,
    /// Frames in time, or pages, which don't form a volume.
    Frames,
}

/// Size of a pixel within a slice, in mm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PixelSpacing {
    /// Distance between the centres of neighbouring columns, in mm.
    pub x_mm: f64,
    /// Distance between the centres of neighbouring rows, in mm.
    pub y_mm: f64,
    /// Where the size comes from.
    pub source: SpacingSource,
}

/// Source of a pixel size, which tells how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpacingSource {
    /// In the patient: DICOM Pixel Spacing (0028,0030), or a functional group.
    PixelSpacing,
    /// At the detector, so larger than in the patient: DICOM Imager Pixel Spacing (0018,1164), or a Pixel
    /// Spacing that repeats it.
    ImagerPixelSpacing,
    /// Estimated for the patient: the size at the detector divided by DICOM Estimated Radiographic Magnification Factor
    /// (0018,1114).
    MagnificationFactor,
    /// Estimated for the patient: the size at the detector, scaled by the ratio of DICOM Distance Source to Detector
    /// (0018,1110) and Distance Source to Patient (0018,1111).
    SourceDistances,
    /// In the patient at an unspecified depth: DICOM Pixel Spacing, corrected for magnification (Pixel Spacing
    /// Calibration Type GEOMETRY).
    GeometryCalibration,
    /// At the depth of an object of known size: DICOM Pixel Spacing, calibrated with it (Pixel Spacing Calibration Type
    /// FIDUCIAL).
    FiducialCalibration,
    /// In the patient: DICOM Pixel Spacing of a projection that differs from Imager Pixel Spacing, calibrated in an
    /// unstated way.
    UnstatedCalibration,
    /// At the detector or in the patient: DICOM Pixel Spacing of a projection that doesn't say which.
    UnstatedPixelSpacing,
    /// In the patient at the centre of the beam: DICOM Object Pixel Spacing in Center of Beam (0018,9404).
    ObjectPixelSpacing,
    /// At the plane of an RT image: DICOM Image Plane Pixel Spacing (3002,0011).
    RtImagePlane,
    /// On the scanned film: DICOM Nominal Scanned Pixel Spacing (0018,2010), or a Pixel Spacing that repeats it.
    NominalScannedPixelSpacing,
    /// In the patient, inside a region: DICOM Sequence of Ultrasound Regions (0018,6011).
    UltrasoundRegion,
    /// From NIfTI's `pixdim` or affine.
    Nifti,
    /// From the header of an NRRD, a MetaImage or an MGH file.
    VolumeHeader,
    /// From a microscopy program's entry in a TIFF file: ImageJ's description, or OME's PhysicalSize.
    TiffDescription,
    /// From TIFF's XResolution and YResolution with their ResolutionUnit, which may describe a scanner or a printer.
    TiffResolution,
}

/// The object that a pixel size was measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SizeOf {
    /// The patient or the specimen itself.
    Object,
    /// The patient or the specimen, estimated from the size at the detector.
    ObjectEstimated,
    /// The image of the patient on the detector.
    Detector,
    /// The image of the patient on another plane perpendicular to the beam.
    ImagePlane,
    /// The film that was scanned.
    Film,
    /// Either the patient or the detector, which is not known.
    Unstated,
}

impl SpacingSource {
    /// The object that lengths and areas of this source refer to.
    pub fn size_of(self) -> SizeOf {
        match self {
            SpacingSource::ImagerPixelSpacing => SizeOf::Detector,
            SpacingSource::MagnificationFactor | SpacingSource::SourceDistances => {
                SizeOf::ObjectEstimated
            }
            SpacingSource::RtImagePlane => SizeOf::ImagePlane,
            SpacingSource::NominalScannedPixelSpacing => SizeOf::Film,
            SpacingSource::UnstatedPixelSpacing | SpacingSource::TiffResolution => SizeOf::Unstated,
            _ => SizeOf::Object,
        }
    }
}

/// A rectangle of a slice, in pixels of the grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// First column, and one past the last.
    pub columns: [u32; 2],
    /// First row, and one past the last.
    pub rows: [u32; 2],
    /// Width and height of a pixel; `None` if its axes are not lengths, such as time and velocity.
    pub spacing_mm: Option<[f64; 2]>,
}

impl Region {
    /// Whether the region contains all of another rectangle.
    pub(crate) fn contains(&self, columns: [u32; 2], rows: [u32; 2]) -> bool {
        let is_within = |[a, b]: [u32; 2], [from, to]: [u32; 2]| from <= a && b <= to;
        is_within(columns, self.columns) && is_within(rows, self.rows)
    }

    /// Number of pixels in it.
    pub(crate) fn pixels(&self) -> u64 {
        let side = |[first, end]: [u32; 2]| u64::from(end.saturating_sub(first));
        side(self.columns).saturating_mul(side(self.rows))
    }
}

impl Grid {
    /// The grid of one image of unknown physical size.
    pub fn image(columns: u32, rows: u32) -> Grid {
        Grid {
            columns,
            rows,
            slices: 1,
            stacking: Stacking::Frames,
            pixel_spacing: None,
            pixel_aspect: None,
            regions: Vec::new(),
            slice_spacing_mm: None,
            slice_positions_mm: None,
            patient_from_voxel: None,
        }
    }

    /// The regions of a slice.
    pub fn regions_of(&self, slice: u32) -> &[Region] {
        let own = match self.regions.len() {
            0 | 1 => self.regions.first(),
            _ => self.regions.get(slice as usize),
        };
        own.map_or(&[], Vec::as_slice)
    }

    /// `[columns, rows, slices]`.
    pub fn size(&self) -> [u32; 3] {
        [self.columns, self.rows, self.slices]
    }

    /// Size of a stored slice.
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

    /// Index of voxel `[i, j, k]` in the order of the grid; `None` outside it.
    pub fn index(&self, [i, j, k]: [u32; 3]) -> Option<usize> {
        let inside = i < self.columns && j < self.rows && k < self.slices;
        let (columns, rows) = (self.columns as usize, self.rows as usize);
        inside.then(|| (k as usize * rows + j as usize) * columns + i as usize)
    }

    /// Whether the grid is a volume of several slices.
    pub fn is_volume(&self) -> bool {
        self.stacking == Stacking::Slices && self.slices > 1
    }

    /// Distance between neighbouring voxels along each axis, in mm; `None` unless all three are known. For unevenly
    /// spaced slices the third is the most frequent distance.
    pub fn spacing_mm(&self) -> Option<[f64; 3]> {
        let PixelSpacing { x_mm, y_mm, .. } = self.pixel_spacing?;
        Some([x_mm, y_mm, self.slice_spacing_mm?])
    }

    /// Whether slices are evenly spaced, as far as known.
    pub fn is_even(&self) -> bool {
        self.slice_positions_mm.is_none()
    }

    /// Centre of a voxel in patient space, in mm (LPS), each slice at its own position; `None` if unknown, or for a
    /// slice outside the grid.
    pub fn patient_position(&self, [i, j, k]: [u32; 3]) -> Option<[f64; 3]> {
        let affine = self.patient_from_voxel.as_ref()?;
        Some(affine.apply([f64::from(i), f64::from(j), self.steps_to(k)?]))
    }

    /// Distance between the first slice and another one, in units of [`Grid::slice_spacing_mm`]: the slice's index if
    /// slices are evenly spaced.
    pub(crate) fn steps_to(&self, slice: u32) -> Option<f64> {
        let Some(positions) = &self.slice_positions_mm else {
            return Some(f64::from(slice));
        };
        let position = positions.get(slice as usize)?;
        Some(position / self.slice_spacing_mm?)
    }

    /// Extent of a slice along the third axis, in mm: half way to each neighbour, and at the ends as far outwards as
    /// inwards.
    pub fn slice_extent_mm(&self, slice: u32) -> Option<f64> {
        let Some(positions) = &self.slice_positions_mm else {
            return self.slice_spacing_mm;
        };
        let at = slice as usize;
        let here = *positions.get(at)?;
        let before = at.checked_sub(1).and_then(|before| positions.get(before));
        let before = before.map(|before| here - before);
        let after = positions.get(at + 1).map(|after| after - here);
        match (before, after) {
            (Some(before), Some(after)) => Some((before + after) / 2.0),
            (before, after) => before.or(after),
        }
    }

    /// Volume of a voxel of a slice in mm³, if known: exact for a sheared grid too, and by the slice's own
    /// extent ([`Grid::slice_extent_mm`]) if slices are unevenly spaced.
    pub fn voxel_mm3(&self, slice: u32) -> Option<f64> {
        if !self.is_volume() {
            return None;
        }
        let usual = match &self.patient_from_voxel {
            Some(affine) => affine.determinant().abs(),
            None => {
                let [x, y, z] = self.spacing_mm()?;
                x * y * z
            }
        };
        match self.is_even() {
            true => Some(usual),
            false => Some(usual * self.slice_extent_mm(slice)? / self.slice_spacing_mm?),
        }
    }

    /// The spacings of an affine along its three axes, in mm.
    pub fn spacing_of(affine: &Affine) -> [f64; 3] {
        [0, 1, 2].map(|axis| length(affine.column(axis)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uneven() -> Grid {
        Grid {
            slices: 4,
            stacking: Stacking::Slices,
            slice_spacing_mm: Some(4.0),
            slice_positions_mm: Some(vec![0.0, 4.0, 11.0, 18.0]),
            patient_from_voxel: Some(Affine([
                [0.5, 0.0, 0.0, -1.0],
                [0.0, 0.5, 0.0, -2.0],
                [0.0, 0.0, 4.0, 100.0],
            ])),
            ..Grid::image(3, 2)
        }
    }

    #[test]
    fn each_slice_has_its_own_extent() {
        let grid = uneven();
        let extents: Vec<_> = (0..5).map(|k| grid.slice_extent_mm(k)).collect();
        let expected = [Some(4.0), Some(5.5), Some(7.0), Some(7.0), None];
        assert_eq!(extents, expected);
        let volumes: Vec<_> = (0..5).map(|k| grid.voxel_mm3(k)).collect();
        assert_eq!(volumes, expected.map(|mm| mm.map(|mm| 0.25 * mm)));
        assert_eq!(grid.patient_position([2, 1, 3]), Some([0.0, -1.5, 118.0]));
        assert_eq!(grid.patient_position([0, 0, 4]), None);
        let even = Grid {
            slice_positions_mm: None,
            ..grid
        };
        assert_eq!(even.voxel_mm3(3), Some(1.0));
        assert_eq!(even.patient_position([2, 1, 3]), Some([0.0, -1.5, 112.0]));
    }
}

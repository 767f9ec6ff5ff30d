//! Writes masks, probabilities, overlays and measures to files.
//!
//! Files contain neither the patient's name nor the source file's name or folder, except a linked DICOM Segmentation.
//! Slices are counted from 1 in files.

mod coco;
mod csv;
mod dicom;
mod mesh;
mod nifti;
mod npz;
mod outline;
mod overlay;
mod png;
mod seg_nrrd;
mod svg;

pub use coco::coco_json;
pub use csv::measures_csv;
pub use dicom::{
    AlgorithmType, Code, Identity, NewInstance, SegForm, Segment, Term, dicom_seg, rt_structures,
};
pub use mesh::{MeshFormat, has_surface, surfaces};
pub use nifti::{nifti, nifti_resampled, nifti_warning};
pub use npz::{case_npz, segs_npz};
pub use overlay::{Layer, overlay};
pub use png::{label_png, mask_png, overlay_png, probability_png, rgb_png};
pub use seg_nrrd::seg_nrrd;
pub use svg::outlines_svg;

use crate::error::Error;
use crate::mask::VolumeMask;
use crate::scan::Grid;

/// An object to export.
#[derive(Debug, Clone, Copy)]
pub struct Labelled<'a> {
    /// The user's name for the object.
    pub name: &'a str,
    /// Red, green, blue, each in `[0, 255]`.
    pub colour: [u8; 3],
    /// The object's voxels.
    pub mask: &'a VolumeMask,
}

/// Checks that all objects have this grid.
fn on_grid(grid: &Grid, objects: &[Labelled<'_>]) -> Result<(), Error> {
    let other = |object: &&Labelled<'_>| object.mask.size() != grid.size();
    match objects.iter().find(other) {
        Some(object) => Err(Error::GridsDiffer {
            a: grid.size(),
            b: object.mask.size(),
        }),
        None => Ok(()),
    }
}

//! One edit with its numbers, as a session file records it.

use serde::{Deserialize, Serialize};

use super::components::{MinSize, largest, without_islands};
use super::grow::grow;
use super::holes;
use super::interpolate::interpolate;
use super::job::Job;
use super::lasso::{check_slice, lasso};
use super::margin::margin;
use super::millimetres::Millimetres;
use super::runs::Connectivity;
use super::smooth::smooth;
use super::sphere::{SphereStroke, sphere};
use super::threshold::{ValueRange, threshold};
use crate::error::Error;
use crate::mask::{StrokeKind, VolumeMask};
use crate::scan::{Plane, Scan, SlicePlane};
use crate::space::ImagePoint;

/// An edit of a mask. Slices and voxels are counted from 0; lengths are in mm.
///
/// In JSON it is an object with one field, the edit's name and version: `{ "margin_v1": { "mm": 3 } }`. A change of what an
/// edit does gets a new name, so that an old file leads to its masks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum EditStep {
    /// Fills the slices between others by their shape.
    #[serde(rename = "interpolate_v1")]
    Interpolate {
        /// The plane that the slices are counted in.
        plane: Plane,
        /// The slices in between which to fill; all slices of the mask if empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<u32>>"))]
        slices: Vec<u32>,
    },
    /// Keeps the largest connected part by voxels; of equally large ones the first in the order of the grid.
    #[serde(rename = "largest_v1")]
    Largest {
        /// Which voxels are connected.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Connectivity>"))]
        connectivity: Connectivity,
    },
    /// Removes connected parts below a size.
    #[serde(rename = "remove_islands_v1")]
    RemoveIslands {
        /// The smallest size that stays.
        min: MinSize,
        /// Which voxels are connected.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Connectivity>"))]
        connectivity: Connectivity,
    },
    /// Fills what the mask surrounds.
    #[serde(rename = "fill_holes_v1")]
    FillHoles {
        /// Fills on each slice of a plane what the mask surrounds there; without it, what it surrounds in the volume.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        plane: Option<Plane>,
    },
    /// Takes the majority of the voxels in a box around each voxel.
    #[serde(rename = "smooth_v1")]
    Smooth {
        /// Half the side of the box, rounded to whole voxels along each axis.
        radius_mm: f64,
    },
    /// Grows the mask by a distance, or shrinks it if that is negative.
    #[serde(rename = "margin_v1")]
    Margin {
        /// The distance.
        mm: f64,
    },
    /// Keeps the voxels of the mask whose values lie in a range.
    #[serde(rename = "threshold_within_v1")]
    ThresholdWithin {
        /// The range.
        range: ValueRange,
    },
    /// Replaces the mask by all voxels of the scan whose values lie in a range.
    #[serde(rename = "threshold_v1")]
    Threshold {
        /// The range.
        range: ValueRange,
    },
    /// Adds the voxels that are connected by faces with a voxel, through values in a range.
    #[serde(rename = "grow_v1")]
    Grow {
        /// Column, row and slice of the grid to start at.
        voxel: [u32; 3],
        /// The range, in which the value at the start lies too.
        range: ValueRange,
        /// The largest distance from the start.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        max_mm: Option<f64>,
    },
    /// Paints or erases with a sphere along a path.
    #[serde(rename = "sphere_v1")]
    Sphere {
        /// Whether it adds or removes voxels.
        kind: StrokeKind,
        /// The sphere's radius.
        radius_mm: f64,
        /// Columns, rows and slices of the grid; a whole number is the centre of a voxel. One point makes a ball.
        path: Vec<[f64; 3]>,
        /// Changes only voxels whose values lie in a range.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        range: Option<ValueRange>,
    },
    /// Adds or removes what a polygon encloses on a slice, by the even-odd rule.
    #[serde(rename = "lasso_v1")]
    Lasso {
        /// The plane that the slice is counted in.
        plane: Plane,
        /// The slice.
        slice: u32,
        /// Whether it adds or removes pixels.
        kind: StrokeKind,
        /// The polygon's points, in image space.
        polygon: Vec<ImagePoint>,
    },
    /// Replaces the mask on a slice by that on another one.
    #[serde(rename = "copy_slice_v1")]
    CopySlice {
        /// The plane that the slices are counted in.
        plane: Plane,
        /// The slice to copy.
        from: u32,
        /// The slice to replace.
        to: u32,
    },
    /// Adds the voxels of another object.
    #[serde(rename = "union_v1")]
    Union {
        /// The other object's number.
        object: u32,
    },
    /// Removes the voxels of another object.
    #[serde(rename = "subtract_v1")]
    Subtract {
        /// The other object's number.
        object: u32,
    },
    /// Keeps the voxels that another object has too.
    #[serde(rename = "intersect_v1")]
    Intersect {
        /// The other object's number.
        object: u32,
    },
}

/// What an edit may look at besides the mask.
#[derive(Clone, Copy)]
pub struct EditScene<'a> {
    /// The scan that the mask belongs to.
    pub scan: &'a Scan,
    /// The masks of other objects by their numbers.
    pub other: &'a dyn Fn(u32) -> Option<&'a VolumeMask>,
    /// Is told which part is done, 0 to 1, in between; false cancels the edit with [`Error::EditCancelled`].
    pub progress: &'a dyn Fn(f64) -> bool,
}

impl<'a> EditScene<'a> {
    /// A scan without other objects, whose edits run to their end.
    pub fn new(scan: &'a Scan) -> EditScene<'a> {
        EditScene {
            scan,
            other: &|_| None,
            progress: &|_| true,
        }
    }
}

impl EditStep {
    /// A mask after the edit. The same mask, scan and edit give the same result everywhere.
    ///
    /// # Errors
    ///
    /// [`Error::GridsDiffer`] for a mask of another grid; [`Error::EditInvalid`] for numbers that are not possible on this
    /// scan, which names them; [`Error::EditTooLarge`]; [`Error::EditCancelled`].
    pub fn apply(&self, mask: &VolumeMask, scene: &EditScene<'_>) -> Result<VolumeMask, Error> {
        let scan = scene.scan;
        let grid = scan.grid();
        mask.same_grid(&VolumeMask::empty(grid))?;
        let job = &Job {
            name: self.name(),
            progress: scene.progress,
        };
        match self {
            EditStep::Interpolate { plane, slices } => {
                interpolate(mask, grid, &slices_of(scan, *plane, job)?, slices, job)
            }
            EditStep::Largest { connectivity } => largest(mask, grid, *connectivity, job),
            EditStep::RemoveIslands { min, connectivity } => {
                without_islands(mask, grid, *min, *connectivity, job)
            }
            EditStep::FillHoles { plane: None } => holes::in_volume(mask, job),
            EditStep::FillHoles { plane: Some(plane) } => {
                holes::on_slices(mask, &slices_of(scan, *plane, job)?, job)
            }
            EditStep::Smooth { radius_mm } => {
                smooth(mask, &Millimetres::of(grid, job)?, *radius_mm, job)
            }
            EditStep::Margin { mm } => margin(mask, &Millimetres::of(grid, job)?, *mm, job),
            EditStep::ThresholdWithin { range } => threshold(Some(mask), scan, range, job),
            EditStep::Threshold { range } => threshold(None, scan, range, job),
            EditStep::Grow {
                voxel,
                range,
                max_mm,
            } => grow(mask, scan, *voxel, range, *max_mm, job),
            EditStep::Sphere {
                kind,
                radius_mm,
                path,
                range,
            } => {
                let stroke = SphereStroke {
                    kind: *kind,
                    radius_mm: *radius_mm,
                    path,
                    range: *range,
                };
                sphere(mask, scan, &stroke, job)
            }
            EditStep::Lasso {
                plane,
                slice,
                kind,
                polygon,
            } => {
                let plane = slices_of(scan, *plane, job)?;
                lasso(mask, &plane, *slice, *kind, polygon, job)
            }
            EditStep::CopySlice { plane, from, to } => {
                let plane = slices_of(scan, *plane, job)?;
                check_slice(&plane, *from, job)?;
                check_slice(&plane, *to, job)?;
                let mut result = mask.clone();
                result.set_slice(&plane, *to, &mask.slice(&plane, *from))?;
                Ok(result)
            }
            EditStep::Union { object } => mask.union(other(scene, *object, job)?),
            EditStep::Subtract { object } => mask.without(other(scene, *object, job)?),
            EditStep::Intersect { object } => mask.intersection(other(scene, *object, job)?),
        }
    }
}

/// The slices of a plane, if the scan has it.
fn slices_of(scan: &Scan, plane: Plane, job: &Job<'_>) -> Result<SlicePlane, Error> {
    let slices = SlicePlane::new(scan.grid(), plane);
    match slices.plane() == plane {
        true => Ok(slices),
        false => Err(job.invalid(format!(
            "the scan's position in the patient is unknown, so it has no {} plane; use the stored one",
            format!("{plane:?}").to_lowercase()
        ))),
    }
}

fn other<'a>(scene: &EditScene<'a>, object: u32, job: &Job<'_>) -> Result<&'a VolumeMask, Error> {
    (scene.other)(object).ok_or_else(|| job.invalid(format!("object {object} has no mask")))
}

use super::axes::{Axis, long_axis};
use super::plane::Plane;
use super::{SliceMeasures, Statistics, measure_slice};
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::scan::{Scan, View};

/// What is measured of a mask in a volume.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeMeasures {
    /// Voxels inside.
    pub voxels: u64,
    /// Their volume in millilitres; `None` where the size of a voxel isn't known, or there is no volume.
    pub volume_ml: Option<f64>,
    /// The values inside; `None` in colour and of an empty mask.
    pub values: Option<Statistics>,
    /// The slices of the view that it reaches into.
    pub slices: Vec<u32>,
    /// The slice of the view with the longest long axis, the first of several, and what is measured on
    /// it: where RECIST 1.1 measures a lesion. `None` of an empty mask.
    pub longest: Option<(u32, SliceMeasures)>,
}

/// Measures a mask of a scan, its diameters on the slices of a view.
///
/// # Errors
///
/// [`Error::GridsDiffer`] unless the mask is one of the scan's grid.
pub fn measure_volume(
    scan: &Scan,
    view: &View,
    mask: &VolumeMask,
) -> Result<VolumeMeasures, Error> {
    let grid = scan.grid();
    mask.same_grid(&VolumeMask::empty(grid))?;
    let slices = mask.slices(view);
    let mut longest: Option<(u32, Axis)> = None;
    for &slice in &slices {
        let on_slice = mask.slice(view, slice);
        let plane = Plane::of_mask(view, grid, slice, &on_slice);
        let Some(long) = long_axis(&on_slice, &plane) else {
            continue;
        };
        let so_far = longest.map_or(0.0, |(_, axis)| length(&axis));
        if length(&long) > so_far {
            longest = Some((slice, long));
        }
    }
    let longest = match longest {
        Some((slice, _)) => {
            let measures = measure_slice(scan, view, slice, &mask.slice(view, slice))?;
            Some((slice, measures))
        }
        None => None,
    };
    let voxels = mask.count();
    Ok(VolumeMeasures {
        voxels,
        volume_ml: grid.voxel_mm3().map(|mm3| voxels as f64 * mm3 / 1000.0),
        values: Statistics::of(mask.voxels().filter_map(|voxel| scan.value(voxel))),
        slices,
        longest,
    })
}

fn length(axis: &Axis) -> f64 {
    axis.length_mm.unwrap_or(axis.length_px)
}

use serde::{Serialize, Serializer};

use super::axes::{Axis, long_axis};
use super::plane::PlaneInMm;
use super::{SliceMeasures, Statistics, measure_slice};
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::scan::{Grid, Scan, SlicePlane};

/// The measures of a mask in a volume.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VolumeMeasures {
    /// Number of voxels inside.
    pub voxels: u64,
    /// Volume in millilitres, as [`volume_ml`] computes it.
    pub volume_ml: Option<f64>,
    /// Statistics of the values inside; `None` in colour or for an empty mask.
    pub values: Option<Statistics>,
    /// The slices of the plane with voxels of the mask; serialized as their number.
    #[serde(serialize_with = "count")]
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub slices: Vec<u32>,
    /// The slice with the longest long axis (the first of several) and its measures: where RECIST 1.1 measures a
    /// lesion. `None` for an empty mask.
    #[serde(skip)]
    pub longest: Option<(u32, SliceMeasures)>,
}

fn count<S: Serializer>(slices: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(slices.len() as u64)
}

/// Volume of a mask on a grid, in millilitres; `None` if the voxel size is unknown, or the grid is not a volume.
/// Unevenly spaced slices count with their own extent ([`Grid::slice_extent_mm`]): half way to each neighbour, and at
/// the ends as far outwards as inwards.
pub fn volume_ml(grid: &Grid, mask: &VolumeMask) -> Option<f64> {
    let mm3 = if grid.is_even() {
        mask.count() as f64 * grid.voxel_mm3(0)?
    } else {
        let mut counts = vec![0u64; grid.slices as usize];
        for [_, _, k] in mask.voxels() {
            if let Some(count) = counts.get_mut(k as usize) {
                *count += 1;
            }
        }
        let mm3 = (0..).zip(counts).map(|(slice, count)| {
            let voxel = grid.voxel_mm3(slice)?;
            Some(count as f64 * voxel)
        });
        mm3.sum::<Option<f64>>()?
    };
    Some(mm3 / 1000.0)
}

/// Measures a mask of a scan; diameters are measured on the slices of a plane.
///
/// # Errors
///
/// [`Error::GridsDiffer`] unless the mask has the scan's grid.
pub fn measure_volume(
    scan: &Scan,
    slice_plane: &SlicePlane,
    mask: &VolumeMask,
) -> Result<VolumeMeasures, Error> {
    let grid = scan.grid();
    mask.same_grid(&VolumeMask::empty(grid))?;
    let slices = mask.slices(slice_plane);
    let mut longest: Option<(u32, Axis)> = None;
    for &slice in &slices {
        let on_slice = mask.slice(slice_plane, slice);
        let plane = PlaneInMm::of_mask(slice_plane, grid, slice, &on_slice);
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
            let measures =
                measure_slice(scan, slice_plane, slice, &mask.slice(slice_plane, slice))?;
            Some((slice, measures))
        }
        None => None,
    };
    let voxels = mask.count();
    Ok(VolumeMeasures {
        voxels,
        volume_ml: volume_ml(grid, mask),
        values: Statistics::of(mask.voxels().filter_map(|voxel| scan.value(voxel))),
        slices,
        longest,
    })
}

fn length(axis: &Axis) -> f64 {
    axis.length_mm.unwrap_or(axis.length_px)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_the_number_of_slices() {
        let measures = VolumeMeasures {
            voxels: 6000,
            volume_ml: Some(12.5),
            values: None,
            slices: vec![3, 4, 5],
            longest: None,
        };
        assert_eq!(
            serde_json::to_string(&measures).unwrap(),
            r#"{"voxels":6000,"volume_ml":12.5,"values":null,"slices":3}"#
        );
    }
}

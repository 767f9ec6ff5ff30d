//! Curves over the slices of a plane: a mask's area, and its Dice coefficient with a reference.

use super::plane::PlaneInMm;
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::scan::{Grid, SlicePlane};

/// The area of a mask on each slice of a plane, 0 where it is empty.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SliceAreas {
    /// In mm², as [`SliceMeasures::area_mm2`](crate::measure::SliceMeasures::area_mm2) is; in pixels unless that is
    /// known on each slice with a mask.
    pub areas: Vec<f64>,
    /// Whether the areas are in mm².
    pub in_mm2: bool,
}

/// The area of a mask on each slice of a plane.
pub fn slice_areas(grid: &Grid, slice_plane: &SlicePlane, mask: &VolumeMask) -> SliceAreas {
    let pixels = counts(slice_plane, mask);
    let in_mm2 = (0..).zip(&pixels).map(|(slice, &count)| {
        if count == 0 {
            return Some(0.0);
        }
        let on_slice = mask.slice(slice_plane, slice);
        let plane = PlaneInMm::of_mask(slice_plane, grid, slice, &on_slice);
        plane.pixel_mm2().map(|pixel| count as f64 * pixel)
    });
    match in_mm2.collect::<Option<Vec<f64>>>() {
        Some(areas) => SliceAreas {
            areas,
            in_mm2: true,
        },
        None => SliceAreas {
            areas: pixels.iter().map(|&count| count as f64).collect(),
            in_mm2: false,
        },
    }
}

/// The Dice coefficient of a mask and a reference on each slice of a plane; `None` where both are empty, which says
/// nothing about their agreement.
///
/// # Errors
///
/// [`Error::GridsDiffer`] for masks of two grids.
pub fn slice_dice(
    slice_plane: &SlicePlane,
    mask: &VolumeMask,
    reference: &VolumeMask,
) -> Result<Vec<Option<f64>>, Error> {
    let both = counts(slice_plane, &mask.intersection(reference)?);
    let [of_mask, of_reference] = [mask, reference].map(|of| counts(slice_plane, of));
    let sums = of_mask.iter().zip(of_reference).map(|(a, b)| a + b);
    let pairs = both.iter().zip(sums);
    Ok(pairs
        .map(|(&both, sum)| (sum > 0).then(|| 2.0 * both as f64 / sum as f64))
        .collect())
}

/// The number of pixels inside on each slice of a plane.
fn counts(slice_plane: &SlicePlane, mask: &VolumeMask) -> Vec<u64> {
    let mut counts = vec![0; slice_plane.slices() as usize];
    for voxel in mask.voxels() {
        let [_, _, slice] = slice_plane.slice_plane_from_voxel(voxel);
        if let Some(count) = counts.get_mut(slice as usize) {
            *count += 1;
        }
    }
    counts
}

//! Connected parts: the largest one, and those above a size.

use serde::{Deserialize, Serialize};

use super::SAME_LENGTH;
use super::job::Job;
use super::runs::{Connectivity, Runs};
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::scan::Grid;

/// The smallest size that a part may have.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum MinSize {
    /// As a number of voxels.
    Voxels(u64),
    /// As a volume, in mm³.
    Mm3(f64),
}

/// The largest connected part by voxels; of equally large ones the first in the order of the grid.
pub(super) fn largest(
    mask: &VolumeMask,
    grid: &Grid,
    connectivity: Connectivity,
    job: &Job<'_>,
) -> Result<VolumeMask, Error> {
    let largest = |sizes: &[f64]| {
        let mut best = 0;
        for (at, size) in sizes.iter().enumerate() {
            if *size > sizes[best] {
                best = at;
            }
        }
        best as u32
    };
    kept(
        mask,
        grid,
        connectivity,
        |_| Some(1.0),
        job,
        |sizes| {
            let largest = largest(sizes);
            Box::new(move |part, _| part == largest)
        },
    )
}

/// The connected parts of at least a size.
pub(super) fn without_islands(
    mask: &VolumeMask,
    grid: &Grid,
    min: MinSize,
    connectivity: Connectivity,
    job: &Job<'_>,
) -> Result<VolumeMask, Error> {
    let of_voxel = |slice| match min {
        MinSize::Voxels(_) => Some(1.0),
        MinSize::Mm3(_) => voxel_mm3(grid, slice),
    };
    let min = match min {
        MinSize::Voxels(voxels) => voxels as f64,
        MinSize::Mm3(mm3) if mm3.is_finite() && mm3 >= 0.0 => mm3 * (1.0 - SAME_LENGTH),
        MinSize::Mm3(mm3) => {
            return Err(job.invalid(format!("the size is {mm3} mm³, and it is 0 mm³ or more")));
        }
    };
    kept(mask, grid, connectivity, of_voxel, job, |_| {
        Box::new(move |_, size| size >= min)
    })
}

/// Volume of a voxel; a single image has that of its slice thickness, if it is known.
fn voxel_mm3(grid: &Grid, slice: u32) -> Option<f64> {
    let known = || grid.spacing_mm().map(|[x, y, z]| x * y * z);
    grid.voxel_mm3(slice).or_else(known)
}

type Keeps = Box<dyn Fn(u32, f64) -> bool>;

/// The parts that a rule keeps, which is made from the sizes of all parts. `of_voxel` is the size of a voxel of a slice.
fn kept(
    mask: &VolumeMask,
    grid: &Grid,
    connectivity: Connectivity,
    of_voxel: impl Fn(u32) -> Option<f64>,
    job: &Job<'_>,
    rule: impl FnOnce(&[f64]) -> Keeps,
) -> Result<VolumeMask, Error> {
    let sizes: Option<Vec<f64>> = (0..grid.slices).map(of_voxel).collect();
    let of_slice = sizes.ok_or_else(|| {
        job.invalid("the scan doesn't give the size of its voxels; give the size in voxels")
    })?;
    let Some(bounds) = mask.bounds() else {
        return Ok(mask.clone());
    };
    let mut runs = Runs::of(mask, bounds, true, job)?;
    runs.connect(mask, connectivity, job)?;
    let firsts = runs.firsts();
    let mut sizes = vec![0.0; firsts.len()];
    for (first, (slice, run)) in firsts.iter().zip(runs.each()) {
        let of_voxel = of_slice.get(slice as usize).copied().unwrap_or(0.0);
        sizes[*first as usize] += run.len() as f64 * of_voxel;
    }
    let keeps = rule(&sizes);
    let mut result = mask.clone();
    for (first, (_, run)) in firsts.iter().zip(runs.each()) {
        if !keeps(*first, sizes[*first as usize]) {
            result.fill(run, false);
        }
    }
    Ok(result)
}

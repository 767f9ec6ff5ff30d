//! Grows a mask from a voxel, over connected voxels with similar values.

use super::SAME_LENGTH;
use super::job::Job;
use super::millimetres::Millimetres;
use super::runs::{Connectivity, Runs};
use super::threshold::{ValueRange, Values};
use crate::error::Error;
use crate::mask::{VolumeMask, VoxelBox};
use crate::scan::Scan;

/// Adds the voxels that are connected by faces with a voxel through values in a range, at most `max_mm` away from it:
/// SimpleITK's `ConnectedThreshold`, within a ball.
pub(super) fn grow(
    mask: &VolumeMask,
    scan: &Scan,
    voxel: [u32; 3],
    range: &ValueRange,
    max_mm: Option<f64>,
    job: &Job<'_>,
) -> Result<VolumeMask, Error> {
    let values = Values::of(scan, range, job)?;
    let value = scan.value(voxel).ok_or_else(|| {
        job.invalid(format!(
            "voxel {voxel:?} lies outside the scan of {:?} voxels, counted from 0",
            mask.size()
        ))
    })?;
    if !range.contains(value) {
        return Err(job.invalid(format!(
            "the value {value} at the start does not lie in the range itself; widen the range, or start elsewhere"
        )));
    }
    let ball = max_mm
        .map(|mm| Ball::of(scan, voxel, mm, job))
        .transpose()?;
    let whole = VoxelBox::whole(mask.size());
    let within = ball.as_ref().map_or(whole, |ball| ball.within);
    let mut similar = VolumeMask::empty(scan.grid());
    for k in within.from[2]..within.to[2] {
        for j in within.from[1]..within.to[1] {
            let columns = match &ball {
                Some(ball) => ball.columns(j, k),
                None => Some([within.from[0], within.to[0]]),
            };
            if let Some([from, to]) = columns {
                let start = similar.start(j, k);
                values.select(k, start + from as usize..start + to as usize, &mut similar);
            }
        }
    }
    let mut runs = Runs::of(&similar, within, true, job)?;
    runs.connect(&similar, Connectivity::Faces, job)?;
    let index = mask.start(voxel[1], voxel[2]) + voxel[0] as usize;
    let start = runs.run_with(index);
    let firsts = runs.firsts();
    let part = start.and_then(|at| firsts.get(at));
    let mut result = mask.clone();
    for (first, (_, run)) in firsts.iter().zip(runs.each()) {
        if Some(first) == part {
            result.fill(run, true);
        }
    }
    Ok(result)
}

/// The voxels within a distance of a voxel.
struct Ball {
    within: VoxelBox,
    centre: [u32; 3],
    lengths: Millimetres,
    squared_mm: f64,
}

impl Ball {
    fn of(scan: &Scan, centre: [u32; 3], mm: f64, job: &Job<'_>) -> Result<Ball, Error> {
        job.check_mm("the distance", mm)?;
        let lengths = Millimetres::of(scan.grid(), job)?;
        let within = lengths.around(centre.map(f64::from), mm, scan.grid().size());
        Ok(Ball {
            within,
            centre,
            lengths,
            squared_mm: Millimetres::squared(mm),
        })
    }

    /// The half-open columns of a row that lie in it.
    fn columns(&self, j: u32, k: u32) -> Option<[u32; 2]> {
        let y = (f64::from(j) - f64::from(self.centre[1])) * self.lengths.spacing[1];
        let z = self.lengths.slice(k) - self.lengths.slice(self.centre[2]);
        let rest = self.squared_mm - (y * y + z * z);
        // `as` saturates.
        let columns = (rest >= 0.0)
            .then(|| (rest.sqrt() / self.lengths.spacing[0] * (1.0 + SAME_LENGTH)) as u32)?;
        let from = self.centre[0].saturating_sub(columns);
        let to = self.centre[0].saturating_add(columns).saturating_add(1);
        Some([from.max(self.within.from[0]), to.min(self.within.to[0])])
    }
}

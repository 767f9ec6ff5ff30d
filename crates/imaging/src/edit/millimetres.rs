//! Lengths on a grid.

use super::SAME_LENGTH;
use super::job::Job;
use crate::error::Error;
use crate::mask::VoxelBox;
use crate::scan::Grid;

/// Where the voxels of a grid lie along its axes, in mm.
pub(super) struct Millimetres {
    /// Distance between columns, rows and slices; between unevenly spaced slices the most frequent one.
    pub spacing: [f64; 3],
    /// Place of each slice.
    slices: Vec<f64>,
    /// The smallest distance between slices.
    least: f64,
}

impl Millimetres {
    /// The lengths of a grid; a grid of one slice needs no distance between slices.
    pub(super) fn of(grid: &Grid, job: &Job<'_>) -> Result<Millimetres, Error> {
        let unknown = |what: &str| {
            job.invalid(format!(
                "it needs lengths in mm, and the scan doesn't give {what}"
            ))
        };
        let pixel = grid.pixel_spacing;
        let pixel = pixel.ok_or_else(|| unknown("the size of its pixels"))?;
        let between = match (grid.slice_spacing_mm, grid.slices) {
            (Some(mm), _) => mm,
            (None, 1) => 1.0,
            (None, _) => return Err(unknown("the distance between its slices")),
        };
        let spacing = [pixel.x_mm, pixel.y_mm, between];
        let slices: Vec<f64> = match &grid.slice_positions_mm {
            Some(positions) => positions.clone(),
            None => (0..grid.slices).map(|k| f64::from(k) * between).collect(),
        };
        let steps = slices.windows(2).map(|pair| pair[1] - pair[0]);
        let least = steps.fold(between, f64::min);
        let is_length = |mm: &f64| mm.is_finite() && *mm > 0.0;
        if !spacing.iter().chain([&least]).all(is_length) {
            return Err(unknown("distances above 0 between its voxels"));
        }
        Ok(Millimetres {
            spacing,
            slices,
            least,
        })
    }

    /// Place of a slice along the third axis.
    pub(super) fn slice(&self, k: u32) -> f64 {
        self.slices.get(k as usize).copied().unwrap_or(f64::NAN)
    }

    /// The place of a point between voxels, given by their indices.
    pub(super) fn place(&self, [i, j, k]: [f64; 3]) -> [f64; 3] {
        let last = self.slices.len().saturating_sub(1) as f64;
        let whole = k.floor().clamp(0.0, last);
        let here = self.slice(whole as u32);
        let next = self.slices.get(whole as usize + 1);
        // Beyond the slices the usual distance goes on.
        let step = match next {
            Some(next) if k >= 0.0 => next - here,
            _ => self.spacing[2],
        };
        [
            i * self.spacing[0],
            j * self.spacing[1],
            here + (k - whole) * step,
        ]
    }

    /// How many voxels along each axis lie within a distance, at most.
    pub(super) fn reach(&self, mm: f64) -> [u32; 3] {
        let steps = [self.spacing[0], self.spacing[1], self.least];
        // `as` saturates.
        steps.map(|step| (mm / step * (1.0 + SAME_LENGTH)) as u32)
    }

    /// The box of the voxels that may lie within a distance of a point between voxels.
    pub(super) fn around(&self, voxel: [f64; 3], mm: f64, size: [u32; 3]) -> VoxelBox {
        let reach = self.reach(mm).map(|voxels| f64::from(voxels) + 1.0);
        let within = |at: f64, axis: usize| at.clamp(0.0, f64::from(size[axis])) as u32;
        VoxelBox {
            from: [0, 1, 2].map(|axis| within((voxel[axis] - reach[axis]).floor(), axis)),
            to: [0, 1, 2].map(|axis| within((voxel[axis] + reach[axis]).ceil() + 1.0, axis)),
        }
    }

    /// The square up to which squared distances lie within a radius.
    pub(super) fn squared(mm: f64) -> f64 {
        mm * mm * (1.0 + SAME_LENGTH)
    }
}

//! Shape-based interpolation between slices.

use super::SAME_LENGTH;
use super::job::Job;
use super::plane_box::PlaneBox;
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::mask::distance::squared_mm;
use crate::scan::{Grid, SlicePlane};

/// Fills the slices between the given ones: those where the interpolated signed distance to the outline is not negative (S. P.
/// Raya, J. K. Udupa: Shape-based interpolation of multidimensional objects, IEEE Trans Med Imaging 9, 1990, 32–42). The
/// given slices stay, and those before the first and after the last. Without slices: between all slices of the mask.
///
/// The signed distance is that of a pixel's centre to the nearest centre on the other side of the outline, in mm, positive
/// inside. It is interpolated linearly in between two given slices. Shapes that don't overlap have nothing in common to
/// interpolate.
pub(super) fn interpolate(
    mask: &VolumeMask,
    grid: &Grid,
    plane: &SlicePlane,
    given: &[u32],
    job: &Job<'_>,
) -> Result<VolumeMask, Error> {
    if !grid.is_even() && plane.slice_axis() != 2 {
        return Err(job.invalid(
            "the slices of this scan are unevenly spaced, so that other planes than the stored one can't be interpolated",
        ));
    }
    let given = match given {
        [] => mask.slices(plane),
        given => checked(given, plane, job)?,
    };
    if given.len() < 2 {
        return Err(job.invalid(format!(
            "it needs two slices with a mask or more, and there are {}",
            given.len()
        )));
    }
    let Some(bounds) = mask.bounds() else {
        return Ok(mask.clone());
    };
    let mut by = [1; 3];
    by[plane.slice_axis()] = 0;
    let within = bounds.widened(by, mask.size());
    job.check_voxels(within.voxels())?;
    let slices = PlaneBox::new(plane, within, mask);
    let mut along: Vec<u32> = given
        .iter()
        .map(|&slice| plane.voxel_from_slice_plane([0, 0, slice])[plane.slice_axis()])
        .collect();
    along.sort_unstable();
    let mut between = Between {
        grid,
        slices: &slices,
        spacing: spacing(plane, grid),
        values: Vec::new(),
    };
    let mut result = mask.clone();
    let mut before: Option<(u32, Vec<f64>)> = None;
    let count = along.len();
    for (at, here) in along.into_iter().enumerate() {
        job.done(at, count)?;
        let distances = between.signed_mm(mask, here);
        if let Some((slice, before)) = &before {
            between.fill(&mut result, [*slice, here], [before, &distances]);
        }
        before = Some((here, distances));
    }
    Ok(result)
}

/// Slices in order, each once.
fn checked(given: &[u32], plane: &SlicePlane, job: &Job<'_>) -> Result<Vec<u32>, Error> {
    let count = plane.slices();
    if let Some(slice) = given.iter().find(|slice| **slice >= count) {
        return Err(job.invalid(format!(
            "slice {slice} does not exist: there are {count} slices, counted from 0"
        )));
    }
    let mut given = given.to_vec();
    given.sort_unstable();
    given.dedup();
    Ok(given)
}

/// Distances between columns and rows, in mm if they are known. Only their ratio matters.
fn spacing(plane: &SlicePlane, grid: &Grid) -> [f64; 2] {
    let pair = match plane.spacing_mm(grid) {
        [Some(x), Some(y), _] => [x, y],
        _ => [1.0, plane.pixel_aspect(grid)],
    };
    match pair.iter().all(|mm| mm.is_finite() && *mm > 0.0) {
        true => pair,
        false => [1.0, 1.0],
    }
}

struct Between<'a> {
    grid: &'a Grid,
    slices: &'a PlaneBox,
    spacing: [f64; 2],
    /// Scratch for a slice.
    values: Vec<bool>,
}

impl Between<'_> {
    /// Signed distances on a slice, given by its index along its axis of the grid: infinite where it has no outline.
    fn signed_mm(&mut self, mask: &VolumeMask, slice: u32) -> Vec<f64> {
        // An empty slice may lie beyond the box.
        let at = slice.checked_sub(self.slices.first).map(|at| at as usize);
        match at.filter(|at| *at < self.slices.size[2]) {
            Some(at) => self.slices.read(mask, at, &mut self.values),
            None => self.values.fill(false),
        }
        self.values
            .resize(self.slices.size[0] * self.slices.size[1], false);
        let width = self.slices.size[0];
        let to_inside = squared_mm(&self.values, width, self.spacing);
        for value in &mut self.values {
            *value = !*value;
        }
        let to_outside = squared_mm(&self.values, width, self.spacing);
        let pairs = to_inside.into_iter().zip(to_outside);
        pairs
            .map(|(inside, outside)| outside.sqrt() - inside.sqrt())
            .collect()
    }

    /// Fills the slices between two.
    fn fill(&mut self, result: &mut VolumeMask, [from, to]: [u32; 2], ends: [&[f64]; 2]) {
        let tolerance = SAME_LENGTH * self.spacing[0].min(self.spacing[1]);
        for slice in from + 1..to {
            let part = self.part(from, slice, to);
            self.values.clear();
            let pairs = ends[0].iter().zip(ends[1]);
            let inside = |(a, b): (&f64, &f64)| (1.0 - part) * a + part * b >= -tolerance;
            self.values.extend(pairs.map(inside));
            let at = slice.checked_sub(self.slices.first).map(|at| at as usize);
            if let Some(at) = at.filter(|at| *at < self.slices.size[2]) {
                self.slices.write(result, at, &self.values);
            }
        }
    }

    /// How far a slice is on the way between two, 0 to 1.
    fn part(&self, from: u32, slice: u32, to: u32) -> f64 {
        let place = |slice: u32| {
            let positions = self.grid.slice_positions_mm.as_ref();
            let positions = positions.filter(|_| self.slices.axes[2] == 2);
            let position = positions.and_then(|all| all.get(slice as usize).copied());
            position.unwrap_or(f64::from(slice))
        };
        (place(slice) - place(from)) / (place(to) - place(from))
    }
}

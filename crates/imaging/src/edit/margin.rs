//! Grows and shrinks a mask by a distance in mm.

use super::job::Job;
use super::millimetres::Millimetres;
use crate::error::Error;
use crate::mask::distance::Envelope;
use crate::mask::{VolumeMask, VoxelBox};

/// The voxels whose centre is at most `mm` away from the centre of one of the mask. If `mm` is negative: the voxels of the
/// mask that are more than its amount away from all voxels outside. The edge of the grid takes nothing away.
///
/// The distance is Euclidean and exact. Along the slices it is counted; within a slice it is the lower envelope of
/// parabolas (Felzenszwalb and Huttenlocher), and along a row only the columns that a voxel reaches.
pub(super) fn margin(
    mask: &VolumeMask,
    lengths: &Millimetres,
    mm: f64,
    job: &Job<'_>,
) -> Result<VolumeMask, Error> {
    job.check_mm("the margin", mm.abs())?;
    let Some(bounds) = mask.bounds() else {
        return Ok(mask.clone());
    };
    let grows = mm >= 0.0;
    let reach = match grows {
        true => lengths.reach(mm),
        // What surrounds the box is nearer than what lies further out.
        false => [1, 1, 1],
    };
    let within = bounds.widened(reach, mask.size());
    job.check_voxels(within.voxels())?;
    let mut result = mask.clone();
    let near = Near {
        mask,
        inside: grows,
        lengths,
        squared_mm: Millimetres::squared(mm.abs()),
    };
    near.each_row(within, job, |start, is_near| {
        // What is near includes the mask itself or, if it shrinks, all that lies outside.
        result.replace(start, is_near.iter().map(|is_near| *is_near == grows));
    })?;
    Ok(result)
}

/// What lies near the voxels of a mask, or near the voxels outside it.
struct Near<'a> {
    mask: &'a VolumeMask,
    inside: bool,
    lengths: &'a Millimetres,
    squared_mm: f64,
}

/// No slice of a column has a voxel that counts.
const NONE: u16 = u16::MAX;

impl Near<'_> {
    /// Calls with the index of the first voxel of each row of a box, and with whether each of its voxels is near.
    fn each_row(
        &self,
        within: VoxelBox,
        job: &Job<'_>,
        mut each: impl FnMut(usize, &[bool]),
    ) -> Result<(), Error> {
        let [width, height, slices] = within.size();
        job.at_most("slices", slices as u64, u64::from(NONE))?;
        let pixels = width * height;
        let next = self.next_slices(within);
        let mut last = vec![NONE; pixels];
        let mut squared = vec![f64::INFINITY; pixels];
        let mut plane = Plane::default();
        let mut is_near = vec![false; width];
        for (at, next) in next.chunks_exact(pixels).enumerate() {
            job.done(at, slices)?;
            for (last, next) in last.iter_mut().zip(next) {
                *last = if usize::from(*next) == at {
                    *next
                } else {
                    *last
                };
            }
            if !self.across_slices(within.from[2], at, &last, next, &mut squared) {
                continue;
            }
            plane.down_the_columns(&mut squared, width, self.lengths.spacing[1]);
            let k = within.from[2] + at as u32;
            for (j, squared) in (within.from[1]..).zip(squared.chunks_exact(width)) {
                if self.along_row(squared, &mut is_near) {
                    let start = self.mask.start(j, k) + within.from[0] as usize;
                    each(start, &is_near);
                }
            }
        }
        Ok(())
    }

    /// For each voxel of a box, the first slice from its own on that has a voxel that counts in its column, counted from the
    /// first of the box.
    fn next_slices(&self, within: VoxelBox) -> Vec<u16> {
        let [width, height, slices] = within.size();
        let pixels = width * height;
        let mut next = vec![NONE; pixels * slices];
        for at in (0..slices).rev() {
            let (this, after) = next[at * pixels..].split_at_mut(pixels);
            if let Some(after) = after.get(..pixels) {
                this.copy_from_slice(after);
            }
            let k = within.from[2] + at as u32;
            for (j, row) in (within.from[1]..).zip(this.chunks_exact_mut(width)) {
                let start = self.mask.start(j, k) + within.from[0] as usize;
                self.mask.runs(start..start + width, self.inside, |run| {
                    row[run.start - start..run.end - start].fill(at as u16);
                });
            }
        }
        next
    }

    /// Squared distances along the columns through the slices; infinite beyond the radius. False if all are.
    fn across_slices(
        &self,
        first: u32,
        at: usize,
        last: &[u16],
        next: &[u16],
        squared: &mut [f64],
    ) -> bool {
        let here = self.lengths.slice(first + at as u32);
        let to = |slice: u16| match slice {
            NONE => f64::INFINITY,
            slice => {
                let mm = self.lengths.slice(first + u32::from(slice)) - here;
                mm * mm
            }
        };
        let mut is_any = false;
        // The slices are those of the neighbour more often than not.
        let (mut known, mut known_mm) = ([NONE; 2], f64::INFINITY);
        for (squared, pair) in squared.iter_mut().zip(last.iter().zip(next)) {
            let pair = [*pair.0, *pair.1];
            if pair != known {
                let nearest = to(pair[0]).min(to(pair[1]));
                let is_within = nearest <= self.squared_mm;
                known_mm = if is_within { nearest } else { f64::INFINITY };
                known = pair;
                is_any |= is_within;
            }
            *squared = known_mm;
        }
        is_any
    }

    /// Marks the voxels of a row that are near. False if none is.
    fn along_row(&self, squared: &[f64], is_near: &mut [bool]) -> bool {
        is_near.fill(false);
        let whole = self.columns(0.0);
        let columns = |squared: f64| match squared {
            0.0 => whole,
            squared => self.columns(squared),
        };
        let mut is_any = false;
        // What is near a column to the left, and then to the right: for so many columns on.
        let mut left = 0;
        for (squared, is_near) in squared.iter().zip(is_near.iter_mut()) {
            if *squared <= self.squared_mm {
                left = columns(*squared).saturating_add(1).max(left);
                is_any = true;
            }
            *is_near = left > 0;
            left = left.saturating_sub(1);
        }
        let mut left = 0;
        for (squared, is_near) in squared.iter().zip(is_near.iter_mut()).rev() {
            if *squared <= self.squared_mm {
                left = columns(*squared).saturating_add(1).max(left);
            }
            *is_near |= left > 0;
            left = left.saturating_sub(1);
        }
        is_any
    }

    /// How many columns away is still near, from a voxel whose squared distance in the other directions is known.
    fn columns(&self, squared: f64) -> usize {
        // `as` saturates.
        ((self.squared_mm - squared).sqrt() / self.lengths.spacing[0]) as usize
    }
}

/// Number of columns that are copied at once, so that a line of the cache is read once.
const TILE: usize = 8;

/// Scratch for the columns of a slice.
#[derive(Default)]
struct Plane {
    columns: [Vec<f64>; TILE],
    line: Line,
}

/// Scratch for a column.
#[derive(Default)]
struct Line {
    before: Vec<f64>,
    envelope: Envelope,
}

impl Line {
    /// Replaces each squared distance of a column by the smallest one that leads through another place in it.
    fn lower(&mut self, column: &mut [f64], spacing: f64) {
        self.before.clear();
        self.before.extend_from_slice(column);
        // Inside a run of zeros only the ends are nearest to something else.
        for (before, around) in self.before.iter_mut().skip(1).zip(column.windows(3)) {
            if around == [0.0; 3] {
                *before = f64::INFINITY;
            }
        }
        self.envelope.build(&self.before, spacing);
        self.envelope.fill(&self.before, spacing, |y, value| {
            if column[y] > 0.0 {
                column[y] = value;
            }
        });
    }
}

impl Plane {
    /// Replaces each squared distance by the smallest one that leads through another row.
    fn down_the_columns(&mut self, squared: &mut [f64], width: usize, spacing: f64) {
        let height = squared.len() / width.max(1);
        for x in (0..width).step_by(TILE) {
            let count = TILE.min(width - x);
            let columns = &mut self.columns[..count];
            for column in columns.iter_mut() {
                column.clear();
                column.reserve(height);
            }
            for row in squared.chunks_exact(width) {
                for (column, value) in columns.iter_mut().zip(&row[x..x + count]) {
                    column.push(*value);
                }
            }
            for column in columns.iter_mut() {
                // Most columns are all inside or all beyond the radius.
                if column.iter().any(|value| *value != column[0]) {
                    self.line.lower(column, spacing);
                }
            }
            for (y, row) in squared.chunks_exact_mut(width).enumerate() {
                for (column, value) in columns.iter().zip(&mut row[x..x + count]) {
                    *value = column[y];
                }
            }
        }
    }
}

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
        rows: lengths.reach(mm.abs())[1],
        steps: std::array::from_fn(|at| ((at + 1) as f64 * lengths.spacing[0]).powi(2)),
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
    /// How many rows away may be near.
    rows: u32,
    /// Squared lengths of one column and of some more.
    steps: [f64; FEW],
}

impl Near<'_> {
    /// Calls with the index of the first voxel of each row of a box, and with whether each of its voxels is near.
    fn each_row(
        &self,
        within: VoxelBox,
        job: &Job<'_>,
        mut each: impl FnMut(usize, &[bool]),
    ) -> Result<(), Error> {
        let [width, height, slices] = within.size();
        job.at_most("slices", slices as u64, u64::from(u16::MAX))?;
        let pixels = width * height;
        let next = self.next_slices(within);
        let mut last = vec![slices as u16; pixels];
        let mut across = vec![f64::INFINITY; slices + 1];
        let mut squared = vec![f64::INFINITY; pixels];
        let mut plane = Plane::default();
        let (mut spans, mut is_near) = (Vec::new(), vec![false; width]);
        for (at, next) in next.chunks_exact(pixels).enumerate() {
            job.done(at, slices)?;
            self.across_slices(within.from[2], at, &mut across);
            let mut nearest = f64::INFINITY;
            let pairs = last.iter_mut().zip(next);
            for (squared, (last, next)) in squared.iter_mut().zip(pairs) {
                *last = if usize::from(*next) == at {
                    *next
                } else {
                    *last
                };
                *squared = across[usize::from(*last)].min(across[usize::from(*next)]);
                nearest = nearest.min(*squared);
            }
            if nearest.is_infinite() {
                continue;
            }
            let spacing = self.lengths.spacing[1];
            match self.rows as usize <= FEW {
                true => plane.through_near_rows(&mut squared, width, spacing, self.rows as usize),
                false => plane.down_the_columns(&mut squared, width, spacing),
            }
            let k = within.from[2] + at as u32;
            for (j, squared) in (within.from[1]..).zip(squared.chunks_exact(width)) {
                if self.along_row(squared, &mut spans, &mut is_near) {
                    let start = self.mask.start(j, k) + within.from[0] as usize;
                    each(start, &is_near);
                }
            }
        }
        Ok(())
    }

    /// For each voxel of a box, the first slice from its own on that has a voxel that counts in its column, counted from the
    /// first of the box; their number if there is none.
    fn next_slices(&self, within: VoxelBox) -> Vec<u16> {
        let [width, height, slices] = within.size();
        let pixels = width * height;
        let mut next = vec![slices as u16; pixels * slices];
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

    /// The squared distance of a slice from each slice of a box, infinite beyond the radius and for no slice.
    fn across_slices(&self, first: u32, at: usize, squared: &mut [f64]) {
        squared.fill(f64::INFINITY);
        let here = self.lengths.slice(first + at as u32);
        let slices = squared.len() - 1;
        for (k, squared) in (first..).zip(&mut squared[..slices]) {
            let mm = self.lengths.slice(k) - here;
            if mm * mm <= self.squared_mm {
                *squared = mm * mm;
            }
        }
    }

    /// Marks the voxels of a row that are near. False if none is. `spans` is scratch.
    fn along_row(&self, squared: &[f64], spans: &mut Vec<usize>, is_near: &mut [bool]) -> bool {
        let whole = self.columns(0.0);
        let span = |squared: &f64| match *squared {
            0.0 => whole + 1,
            squared if squared <= self.squared_mm => self.columns(squared) + 1,
            _ => 0,
        };
        spans.clear();
        spans.extend(squared.iter().map(span));
        // Near a column to the left, and then to the right: for so many columns on.
        let mut left = 0;
        for (span, is_near) in spans.iter().zip(is_near.iter_mut()) {
            left = left.max(*span);
            *is_near = left > 0;
            left = left.saturating_sub(1);
        }
        let mut left = 0;
        for (span, is_near) in spans.iter().zip(is_near.iter_mut()).rev() {
            left = left.max(*span);
            *is_near |= left > 0;
            left = left.saturating_sub(1);
        }
        is_near.contains(&true)
    }

    /// How many columns away is still near, from a voxel whose squared distance in the other directions is known.
    fn columns(&self, squared: f64) -> usize {
        let is_beyond = |step: &f64| squared + step > self.squared_mm;
        match self.steps.iter().position(is_beyond) {
            Some(columns) => columns,
            // `as` saturates, and no row has so many columns.
            None => ((self.squared_mm - squared).sqrt() / self.lengths.spacing[0])
                .min(f64::from(u32::MAX)) as usize,
        }
    }
}

/// Number of columns that are copied at once, so that a line of the cache is read once.
const TILE: usize = 8;

/// Up to so many rows away it is faster to compare whole rows with each other, and so many columns to count.
const FEW: usize = 10;

/// Scratch for a slice.
#[derive(Default)]
struct Plane {
    rows: Vec<f64>,
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
    /// Replaces each squared distance by the smallest one that leads through a row at most `reach` away.
    fn through_near_rows(&mut self, squared: &mut [f64], width: usize, spacing: f64, reach: usize) {
        self.rows.clear();
        self.rows.extend_from_slice(squared);
        let height = squared.len() / width;
        for (y, row) in squared.chunks_exact_mut(width).enumerate() {
            let others = y.saturating_sub(reach)..height.min(y + reach + 1);
            for other in others.filter(|other| *other != y) {
                let mm = y.abs_diff(other) as f64 * spacing;
                let from = self.rows[other * width..(other + 1) * width].iter();
                for (value, from) in row.iter_mut().zip(from) {
                    let through = from + mm * mm;
                    *value = if through < *value { through } else { *value };
                }
            }
        }
    }

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

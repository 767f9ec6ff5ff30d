//! A brush that is a sphere in mm.

use super::job::Job;
use super::millimetres::Millimetres;
use super::threshold::{ValueRange, Values};
use super::{MAX_SPHERE_TESTS, SAME_LENGTH};
use crate::error::Error;
use crate::mask::{StrokeKind, VolumeMask, VoxelBox};
use crate::scan::Scan;

/// A stroke of a sphere along a path, in space instead of on a slice.
#[derive(Debug, Clone, Copy)]
pub(super) struct SphereStroke<'a> {
    pub kind: StrokeKind,
    pub radius_mm: f64,
    /// Points between voxels, as column, row and slice; a whole number is the centre of a voxel.
    pub path: &'a [[f64; 3]],
    /// Only voxels with these values change.
    pub range: Option<ValueRange>,
}

/// Adds or removes the voxels whose centres are at most a radius away from a path. One point makes a ball.
pub(super) fn sphere(
    mask: &VolumeMask,
    scan: &Scan,
    stroke: &SphereStroke<'_>,
    job: &Job<'_>,
) -> Result<VolumeMask, Error> {
    job.check_mm("the radius", stroke.radius_mm)?;
    job.check_points(stroke.path.len())?;
    let lengths = Millimetres::of(scan.grid(), job)?;
    let is_number = |point: &[f64; 3]| point.iter().all(|at| at.is_finite());
    if stroke.path.is_empty() || !stroke.path.iter().all(is_number) {
        return Err(job.invalid("it needs a path of points with finite numbers"));
    }
    let values = stroke.range.map(|range| Values::of(scan, &range, job));
    let values = values.transpose()?;
    let mut covered = VolumeMask::empty(scan.grid());
    let pieces = stroke.path.len().saturating_sub(1).max(1);
    let mut tests = 0u64;
    for at in 0..pieces {
        let first = stroke.path.get(at).copied().unwrap_or_default();
        let last = stroke.path.get(at + 1).copied().unwrap_or(first);
        let near = [first, last].map(|at| lengths.around(at, stroke.radius_mm, mask.size()));
        let near = VoxelBox {
            from: [0, 1, 2].map(|axis| near[0].from[axis].min(near[1].from[axis])),
            to: [0, 1, 2].map(|axis| near[0].to[axis].max(near[1].to[axis])),
        };
        tests = tests.saturating_add(near.voxels());
        job.at_most(
            "comparisons of voxels with the path",
            tests,
            MAX_SPHERE_TESTS,
        )?;
        let piece = Piece::new(&lengths, [first, last], stroke.radius_mm);
        for (k, slice) in (near.from[2]..near.to[2]).enumerate() {
            let part = k as f64 / near.size()[2] as f64;
            job.report((at as f64 + part) / pieces as f64)?;
            piece.cover(near, slice, &mut covered);
        }
    }
    if let Some(values) = values {
        let all = covered.clone();
        for k in 0..scan.grid().slices {
            all.runs(all.start(0, k)..all.start(0, k + 1), true, |run| {
                values.select(k, run, &mut covered);
            });
        }
    }
    match stroke.kind {
        StrokeKind::Paint => mask.union(&covered),
        StrokeKind::Erase => mask.without(&covered),
    }
}

/// A straight piece of a path, in mm.
struct Piece<'a> {
    lengths: &'a Millimetres,
    start: [f64; 3],
    along: [f64; 3],
    /// Squared length.
    length: f64,
    squared_mm: f64,
}

impl<'a> Piece<'a> {
    fn new(lengths: &'a Millimetres, ends: [[f64; 3]; 2], radius_mm: f64) -> Piece<'a> {
        let [start, end] = ends.map(|end| lengths.place(end));
        let along = [0, 1, 2].map(|axis| end[axis] - start[axis]);
        Piece {
            lengths,
            start,
            along,
            length: dot(along, along),
            squared_mm: radius_mm * radius_mm * (1.0 + SAME_LENGTH),
        }
    }

    /// Marks the voxels of a slice of a box that are near.
    fn cover(&self, near: VoxelBox, k: u32, covered: &mut VolumeMask) {
        let z = self.lengths.slice(k);
        for j in near.from[1]..near.to[1] {
            let y = f64::from(j) * self.lengths.spacing[1];
            let row = covered.start(j, k);
            for i in near.from[0]..near.to[0] {
                let x = f64::from(i) * self.lengths.spacing[0];
                if self.squared_distance([x, y, z]) <= self.squared_mm {
                    covered.set(row + i as usize, true);
                }
            }
        }
    }

    /// Squared distance of a point from the piece.
    fn squared_distance(&self, point: [f64; 3]) -> f64 {
        let to_point = [0, 1, 2].map(|axis| point[axis] - self.start[axis]);
        let part = match self.length > 0.0 {
            true => (dot(to_point, self.along) / self.length).clamp(0.0, 1.0),
            false => 0.0,
        };
        let off = [0, 1, 2].map(|axis| to_point[axis] - part * self.along[axis]);
        dot(off, off)
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

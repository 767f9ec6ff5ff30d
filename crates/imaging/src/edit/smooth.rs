//! Smooths a mask: each voxel goes with the majority of its neighbourhood.

use super::job::Job;
use super::millimetres::Millimetres;
use super::{MAX_EDIT_MM, MAX_SMOOTH_VOXELS};
use crate::error::Error;
use crate::mask::{VolumeMask, VoxelBox};

/// Takes the voxels in whose neighbourhood more than half of the voxels are inside. The neighbourhood is a box: along each
/// axis the whole number of voxels to both sides that is nearest to the radius. Beyond the edge of the grid its voxels repeat,
/// mirrored.
///
/// It is the median of the mask: `scipy.ndimage.median_filter`, mode `reflect`. The counts are running sums, so that the
/// time does not depend on the radius.
pub(super) fn smooth(
    mask: &VolumeMask,
    lengths: &Millimetres,
    radius_mm: f64,
    job: &Job<'_>,
) -> Result<VolumeMask, Error> {
    job.check_mm("the radius", radius_mm)?;
    let half = lengths.spacing.map(|mm| (radius_mm / mm).round());
    let max = half.into_iter().fold(0.0, f64::max);
    if max > f64::from(MAX_SMOOTH_VOXELS) {
        return Err(job.invalid(format!(
            "a radius of {radius_mm} mm is {max} voxels along an axis, and {MAX_SMOOTH_VOXELS} are possible (up to \
             {MAX_EDIT_MM} mm)"
        )));
    }
    let half = half.map(|voxels| voxels as u32);
    let Some(bounds) = mask.bounds() else {
        return Ok(mask.clone());
    };
    let within = bounds.widened(half, mask.size());
    job.check_voxels(within.voxels())?;
    let [width, height, slices] = within.size();
    let pixels = width * height;
    let [columns, rows, layers] = [0, 1, 2].map(|axis| Window::new(axis, half, within, mask));
    let mut counts = vec![0u16; pixels * slices];
    for (at, counts) in counts.chunks_exact_mut(pixels).enumerate() {
        job.done(at, 2 * slices)?;
        let mut line = Vec::new();
        let mut along = vec![0u16; pixels];
        for (j, sums) in along.chunks_exact_mut(width).enumerate() {
            let start = mask.start(within.from[1] + j as u32, within.from[2] + at as u32);
            let start = start + within.from[0] as usize;
            line.clear();
            line.resize(width, 0);
            mask.runs(start..start + width, true, |run| {
                line[run.start - start..run.end - start].fill(1);
            });
            columns.sums(&line, sums);
        }
        rows.sums_of_lines(&along, width, |y, sums| {
            counts[y * width..(y + 1) * width].copy_from_slice(sums);
        });
    }
    let whole: u32 = half.map(|half| 2 * half + 1).iter().product();
    let mut result = mask.clone();
    layers.sums_of_lines(&counts, pixels, |z, sums: &[u32]| {
        for (j, sums) in (within.from[1]..).zip(sums.chunks_exact(width)) {
            let start = result.start(j, within.from[2] + z as u32) + within.from[0] as usize;
            result.replace(start, sums.iter().map(|count| 2 * count > whole));
        }
    });
    Ok(result)
}

/// A window that moves along an axis of a box.
struct Window {
    half: usize,
    /// For each place from `half` before the box to `half` after it, the place in the box that counts there. Beyond the
    /// box, and within the grid, nothing is inside.
    places: Vec<Option<usize>>,
}

impl Window {
    fn new(axis: usize, half: [u32; 3], within: VoxelBox, mask: &VolumeMask) -> Window {
        let half = i64::from(half[axis]);
        let [from, to, side] =
            [within.from[axis], within.to[axis], mask.size()[axis]].map(i64::from);
        let place = |at: i64| {
            let mirrored = at.rem_euclid(2 * side);
            let mirrored = mirrored.min(2 * side - 1 - mirrored);
            (from..to)
                .contains(&mirrored)
                .then_some((mirrored - from) as usize)
        };
        Window {
            half: half as usize,
            places: (from - half..to + half).map(place).collect(),
        }
    }

    /// Sums of a line within the window around each place.
    fn sums(&self, line: &[u16], sums: &mut [u16]) {
        let value = |place: &Option<usize>| place.map_or(0, |at| line[at]);
        let width = 2 * self.half + 1;
        let mut sum: u16 = self.places.iter().take(width - 1).map(value).sum();
        let entering = self.places.iter().skip(width - 1);
        for ((entering, leaving), out) in entering.zip(&self.places).zip(sums) {
            sum += value(entering);
            *out = sum;
            sum -= value(leaving);
        }
    }

    /// The same for lines that follow each other, each of a length, all places of a line at once.
    fn sums_of_lines<T: Copy + Default + From<u16> + std::ops::AddAssign + std::ops::SubAssign>(
        &self,
        lines: &[u16],
        length: usize,
        mut each: impl FnMut(usize, &[T]),
    ) {
        let line = |place: &Option<usize>| {
            let at = place.as_ref()?;
            lines.get(at * length..(at + 1) * length)
        };
        let width = 2 * self.half + 1;
        let mut sums = vec![T::default(); length];
        let add = |sums: &mut [T], place| {
            for (sum, value) in sums.iter_mut().zip(line(place).unwrap_or_default()) {
                *sum += T::from(*value);
            }
        };
        self.places
            .iter()
            .take(width - 1)
            .for_each(|place| add(&mut sums, place));
        let entering = self.places.iter().skip(width - 1);
        for (at, (entering, leaving)) in entering.zip(&self.places).enumerate() {
            add(&mut sums, entering);
            each(at, &sums);
            for (sum, value) in sums.iter_mut().zip(line(leaving).unwrap_or_default()) {
                *sum -= T::from(*value);
            }
        }
    }
}

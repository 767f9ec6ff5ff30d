//! Resamples label maps for scans whose geometry NIfTI, or the software that reads it, can't represent.

use super::{WHAT, file, header};
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::scan::{Affine, Grid, Scan, Stacking, cross, dot, length};

/// Writes masks as a label map like [`nifti`](super::nifti), but on another grid: with perpendicular axes, evenly
/// spaced slices parallel to the scan's, and covering the whole scan. Each voxel has the label of the nearest voxel
/// of the nearest slice, also where slices are missing. The header's `descrip` begins with `resampled`.
///
/// The slice distance is the smallest of the scan, or a half, third or quarter of that if all distances are multiples
/// of it.
///
/// # Errors
///
/// [`Error::ExportUnavailable`] if the scan has no place, or for a grid of more than 2²⁹ voxels; those of
/// [`nifti`](super::nifti).
pub fn nifti_resampled(scan: &Scan, labels: &[&VolumeMask], gzip: bool) -> Result<Vec<u8>, Error> {
    let grid = scan.grid();
    let unplaced = Error::ExportUnavailable {
        what: WHAT,
        reason: "its slices can't be resampled: nothing says where they lie, or they are too far apart",
    };
    let resampling = Resampling::of(grid).ok_or(unplaced)?;
    let to = &resampling.grid;
    if to.voxels() > MAX_VOXELS {
        return Err(Error::ExportUnavailable {
            what: WHAT,
            reason: "the resampled grid would have more than 536,870,912 voxels; save a DICOM SEG",
        });
    }
    let resampled = labels
        .iter()
        .map(|mask| {
            mask.same_grid(&VolumeMask::empty(grid))?;
            VolumeMask::from_values(to, &resampling.values(mask))
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let [x, y, z] = to.spacing_mm().unwrap_or_default();
    let mut header = header::resampled(scan, to);
    header.set_descrip(&format!(
        "resampled by nearest neighbour to {x:.3} x {y:.3} x {z:.3} mm"
    ));
    file(header, to, &resampled.iter().collect::<Vec<_>>(), gzip)
}

/// Half a GiB of bytes: a browser's 4 GiB hold a few copies.
const MAX_VOXELS: u64 = 1 << 29;

/// Maps a grid to one with perpendicular axes and evenly spaced slices.
struct Resampling<'a> {
    from: &'a Grid,
    grid: Grid,
    /// Columns and rows of the first voxel of each slice of `from`, in voxels of the new grid.
    offsets: Vec<[f64; 2]>,
    /// In-plane transform from the new grid to `from`, for columns and rows.
    from_in_plane: [[f64; 2]; 2],
    /// For each slice of the new grid, the nearest slice of `from`.
    nearest: Vec<u32>,
}

impl<'a> Resampling<'a> {
    fn of(from: &'a Grid) -> Option<Resampling<'a>> {
        let place = from.patient_from_voxel?;
        place.inverse()?;
        let (row, column) = (place.column(0), place.column(1));
        let [x_mm, y_mm, _] = Grid::spacing_of(&place);
        let across = row.map(|value| value / x_mm);
        // The normal points to the next slice; `down` is perpendicular to a row.
        let normal = cross(row, column);
        let normal = normal.map(|value| value / length(normal));
        let down = cross(normal, across);
        let sign = if dot(normal, place.column(2)) < 0.0 {
            -1.0
        } else {
            1.0
        };
        let normal = normal.map(|value| sign * value);

        let firsts: Option<Vec<_>> = (0..from.slices)
            .map(|slice| from.patient_position([0, 0, slice]))
            .collect();
        let origin = place.offset();
        let firsts: Vec<[f64; 3]> = firsts?
            .into_iter()
            .map(|first| [0, 1, 2].map(|axis| first[axis] - origin[axis]))
            .collect();
        let offsets: Vec<[f64; 2]> = firsts
            .iter()
            .map(|first| [dot(*first, across) / x_mm, dot(*first, down) / y_mm])
            .collect();
        // Columns may be oblique within the plane.
        let leaning = [dot(column, across) / x_mm, dot(column, down) / y_mm];
        let heights: Vec<f64> = firsts.iter().map(|first| dot(*first, normal)).collect();
        let alone = dot(place.column(2), normal);
        let (step, lowest, nearest) = slices(&heights, alone)?;

        let (first_column, columns) = span(0, &offsets, &leaning, from)?;
        let (first_row, rows) = span(1, &offsets, &leaning, from)?;
        let rows_of = |axis: usize| {
            let [u, v, w] = [across[axis] * x_mm, down[axis] * y_mm, normal[axis] * step];
            let corner = first_column * u + first_row * v + lowest * normal[axis];
            [u, v, w, origin[axis] + corner]
        };
        let grid = Grid {
            slices: u32::try_from(nearest.len()).ok()?,
            stacking: Stacking::Slices,
            pixel_spacing: from.pixel_spacing,
            slice_spacing_mm: Some(step),
            patient_from_voxel: Some(Affine([0, 1, 2].map(rows_of))),
            ..Grid::image(columns, rows)
        };
        let offsets = offsets
            .into_iter()
            .map(|[u, v]| [u - first_column, v - first_row])
            .collect();
        Some(Resampling {
            from,
            grid,
            offsets,
            from_in_plane: [[1.0, -leaning[0] / leaning[1]], [0.0, 1.0 / leaning[1]]],
            nearest,
        })
    }

    /// Labels of the new grid, in its order: 1 where the mask is.
    fn values(&self, mask: &VolumeMask) -> Vec<u8> {
        let mut values = Vec::with_capacity(self.grid.voxels() as usize);
        let [[ii, ij], [_, jj]] = self.from_in_plane;
        for &k in &self.nearest {
            let [u, v] = self.offsets.get(k as usize).copied().unwrap_or_default();
            for row in 0..self.grid.rows {
                let down = f64::from(row) - v;
                let j = (jj * down).round();
                for column in 0..self.grid.columns {
                    let i = (ii * (f64::from(column) - u) + ij * down).round();
                    // Negative numbers become 0, and large ones a u32 outside the grid: hence the check.
                    let is_inside = i >= 0.0 && j >= 0.0 && mask.get([i as u32, j as u32, k]);
                    values.push(u8::from(is_inside));
                }
            }
        }
        debug_assert_eq!(self.from.size(), mask.size());
        values
    }
}

/// Maximum rounding of positions, as a fraction of a voxel.
const ROUNDED: f64 = 0.01;

/// The first column (axis 0) or row (axis 1) that covers all slices, relative to that of the first slice, and their
/// number.
fn span(axis: usize, offsets: &[[f64; 2]], leaning: &[f64; 2], from: &Grid) -> Option<(f64, u32)> {
    let far_column = if axis == 0 {
        f64::from(from.columns - 1)
    } else {
        0.0
    };
    let far_row = leaning[axis] * f64::from(from.rows - 1);
    let (mut first, mut last) = (0.0f64, 0.0f64);
    for offset in offsets.iter().map(|offset| offset[axis]) {
        first = first.min(offset + far_row.min(0.0));
        last = last.max(offset + far_column + far_row.max(0.0));
    }
    let (first, last) = ((first + ROUNDED).floor(), (last - ROUNDED).ceil());
    let count = last - first + 1.0;
    (count >= 1.0 && count < f64::from(i32::MAX)).then_some((first, count as u32))
}

/// Distance of evenly spaced slices that cover the given heights, the first height, and the nearest given slice for
/// each.
/// `alone` is the thickness of a single slice.
fn slices(heights: &[f64], alone: f64) -> Option<(f64, f64, Vec<u32>)> {
    let steps: Vec<f64> = heights.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let (Some(before), Some(behind)) = (steps.first(), steps.last()) else {
        return Some((alone, 0.0, vec![0]));
    };
    let step = regular_step(&steps)?;
    let (bottom, top) = (
        heights.first()? - before / 2.0,
        heights.last()? + behind / 2.0,
    );
    let count = ((top - bottom) / step).round().max(1.0);
    if count > f64::from(u16::MAX) {
        return None;
    }
    let lowest = bottom + step / 2.0;
    let bounds: Vec<f64> = heights
        .windows(2)
        .map(|pair| (pair[0] + pair[1]) / 2.0)
        .collect();
    let nearest = (0..count as u32).map(|slice| {
        let height = lowest + step * f64::from(slice);
        bounds.partition_point(|&bound| bound < height) as u32
    });
    Some((step, lowest, nearest.collect()))
}

/// The smallest distance, or a fraction of it that divides all distances.
fn regular_step(steps: &[f64]) -> Option<f64> {
    let smallest = steps.iter().copied().fold(f64::INFINITY, f64::min);
    if !smallest.is_finite() || smallest <= 0.0 {
        return None;
    }
    let regular = [1.0, 2.0, 3.0, 4.0].into_iter().find_map(|parts| {
        let step = smallest / parts;
        let whole = |distance: f64| (distance / step).round();
        let are_multiples = steps
            .iter()
            .all(|&distance| (distance - whole(distance) * step).abs() <= 0.02 * smallest);
        let count: f64 = steps.iter().map(|&distance| whole(distance)).sum();
        // The mean, because the smallest distance may be rounded.
        are_multiples.then(|| steps.iter().sum::<f64>() / count)
    });
    Some(regular.unwrap_or(smallest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_have_a_common_part_or_the_smallest_counts() {
        assert_eq!(regular_step(&[4.0, 4.0, 7.0]), Some(1.0));
        assert_eq!(regular_step(&[5.0, 5.0, 10.0]), Some(5.0));
        assert_eq!(regular_step(&[3.0, 4.5]), Some(1.5));
        assert_eq!(regular_step(&[1.0, 1.37]), Some(1.0));
        assert_eq!(regular_step(&[0.0, 1.0]), None);
        assert!((regular_step(&[1.25, 1.24, 1.26]).unwrap() - 1.25).abs() < 1e-12);
    }

    #[test]
    fn each_slice_gets_its_own_extent() {
        let (step, lowest, nearest) = slices(&[0.0, 4.0, 11.0], 1.0).unwrap();
        assert_eq!((step, lowest), (1.0, -1.5));
        let counts = [0, 1, 2].map(|k| nearest.iter().filter(|&&at| at == k).count());
        // 4, 5.5 and 7 mm.
        assert_eq!(counts.iter().sum::<usize>(), 17);
        assert!(
            counts[0] == 4 && counts[2] == 7 || counts[1] == 5,
            "{counts:?}"
        );
        assert_eq!(slices(&[3.0], 2.5), Some((2.5, 0.0, vec![0])));
    }
}

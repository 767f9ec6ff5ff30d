//! Takes the values of a reference at the voxels of a scan that it does not lie on, from the nearest voxels.

use crate::error::Error;
use crate::scan::{Affine, Grid, Scan};

/// Calls with each voxel of a grid that lies in a reference, and with the value of the reference's nearest voxel.
///
/// # Errors
///
/// [`Error::GridsDiffer`] if the place of either is unknown; those of `each`.
pub(super) fn each_nearest(
    grid: &Grid,
    reference: &Scan,
    mut each: impl FnMut(f64, [u32; 3]) -> Result<(), Error>,
) -> Result<(), Error> {
    let theirs = reference.grid();
    let places = theirs.patient_from_voxel.as_ref().and_then(Affine::inverse);
    let (Some(steps_from_patient), Some(_)) = (places, &grid.patient_from_voxel) else {
        return Err(Error::GridsDiffer {
            a: grid.size(),
            b: theirs.size(),
        });
    };
    for k in 0..grid.slices {
        for j in 0..grid.rows {
            // A row is straight: its first two voxels say where all are.
            let steps = |i| {
                let place = grid.patient_position([i, j, k]);
                place.map(|place| steps_from_patient.apply(place))
            };
            let (Some(first), Some(second)) = (steps(0), steps(1)) else {
                continue;
            };
            let step: [f64; 3] = std::array::from_fn(|axis| second[axis] - first[axis]);
            for i in 0..grid.columns {
                let at = |axis: usize| first[axis] + f64::from(i) * step[axis];
                let column = nearest(at(0), theirs.columns);
                let row = nearest(at(1), theirs.rows);
                let (Some(column), Some(row)) = (column, row) else {
                    continue;
                };
                let Some(slice) = nearest_slice(theirs, at(2)) else {
                    continue;
                };
                if let Some(value) = reference.value([column, row, slice]) {
                    each(value, [i, j, k])?;
                }
            }
        }
    }
    Ok(())
}

/// The nearest index along an axis; `None` outside it.
fn nearest(at: f64, count: u32) -> Option<u32> {
    let index = (at + 0.5).floor();
    (index >= 0.0 && index < f64::from(count)).then_some(index as u32)
}

/// The slice whose extent holds a distance from the first one, in slice steps. Where slices are missing, none does.
fn nearest_slice(grid: &Grid, at: f64) -> Option<u32> {
    let Some(positions) = &grid.slice_positions_mm else {
        return nearest(at, grid.slices);
    };
    let spacing_mm = grid.slice_spacing_mm?;
    let mm = at * spacing_mm;
    let above = positions.partition_point(|position| *position < mm);
    let near = [above.checked_sub(1), Some(above)].into_iter().flatten();
    let near = near.filter_map(|slice| Some((slice, (positions.get(slice)? - mm).abs())));
    let (slice, off_mm) = near.min_by(|a, b| a.1.total_cmp(&b.1))?;
    (off_mm <= spacing_mm / 2.0).then_some(slice as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::mask::labels;
    use crate::mask::masks_of_labels;
    use crate::scan::{About, Rescale, Source, Stacking, Voxels};

    fn grid(size: [u32; 3], spacing: [f64; 3]) -> Grid {
        let [a, b, c] = spacing;
        Grid {
            slices: size[2],
            stacking: Stacking::Slices,
            patient_from_voxel: Some(Affine([
                [a, 0.0, 0.0, a / 2.0],
                [0.0, b, 0.0, b / 2.0],
                [0.0, 0.0, c, c / 2.0],
            ])),
            slice_spacing_mm: Some(c),
            ..Grid::image(size[0], size[1])
        }
    }

    /// Twice as many, half as large voxels have the labels of those that they lie in, and none outside.
    #[test]
    fn a_coarser_map_is_taken_from_the_nearest_voxels() {
        let values = vec![0, 5, 7, 0, 0, 7, 5, 0];
        let coarse = grid([2, 2, 2], [2.0, 2.0, 3.0]);
        let about = About::new(Format::Nifti1, 8);
        let voxels = Voxels::U8(values.clone());
        let rescales = vec![Rescale::IDENTITY];
        let map = Scan::new(coarse, voxels, rescales, about, Source::Raster).unwrap();
        let fine = grid([5, 4, 2], [1.0, 1.0, 3.0]);
        let found = labels(&map).unwrap();
        assert!(masks_of_labels(&fine, &map, &found, false).is_err());
        let masks = masks_of_labels(&fine, &map, &found, true).unwrap();
        for ([label, mask], name) in [([5, 0], "5"), ([7, 1], "7")] {
            for k in 0..2 {
                for j in 0..4 {
                    for i in 0..5 {
                        let at = (k * 2 + j / 2) * 2 + i / 2;
                        let expected = i < 4 && values[at as usize] == label;
                        let found = masks[mask as usize].get([i, j, k]);
                        assert_eq!(found, expected, "label {name} at {i} {j} {k}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_missing_slice_is_empty() {
        let mut uneven = grid([2, 2, 2], [1.0, 1.0, 2.0]);
        uneven.slice_positions_mm = Some(vec![0.0, 6.0]);
        let at = [0.0, 0.4, 1.0, 2.0, 2.6, 3.5, 4.0];
        let found = at.map(|at| nearest_slice(&uneven, at));
        assert_eq!(
            found,
            [Some(0), Some(0), None, None, Some(1), Some(1), None]
        );
    }
}

//! Masks from a label map that was opened like a scan, as a reference to compare with.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::mask::VolumeMask;
use crate::mask::lattice::Lattice;
use crate::mask::nearest::each_nearest;
use crate::scan::{Grid, Plane, Scan, SlicePlane};

/// A scan with more labels than this is not a label map.
const MAX_LABELS: usize = 1000;

/// The labels of a label map: its values other than 0 and NaN, in ascending order.
///
/// # Errors
///
/// [`Error::NoLabels`] in colour, if all values are 0, or if there are more than 1000 labels;
/// [`Error::LabelNotFinite`] for an infinite value.
pub fn labels(reference: &Scan) -> Result<Vec<f64>, Error> {
    let grid = reference.grid();
    let plane = SlicePlane::new(grid, Plane::Stored);
    let mut found = BTreeSet::new();
    for slice in 0..plane.slices() {
        for value in reference.slice_values(&plane, slice) {
            if value != 0.0 && !value.is_nan() {
                found.insert(value.to_bits());
            }
        }
        if found.len() > MAX_LABELS {
            break;
        }
    }
    let mut labels: Vec<f64> = found.into_iter().map(f64::from_bits).collect();
    labels.sort_by(f64::total_cmp);
    if let Some(&value) = labels.iter().find(|label| !label.is_finite()) {
        return Err(Error::LabelNotFinite { value });
    }
    match labels.len() {
        1..=MAX_LABELS => Ok(labels),
        count => Err(Error::NoLabels { count }),
    }
}

/// The voxels of a grid where a label map has a label. If the place of both in the patient is known, they
/// are matched there, slice by slice, whatever their storage order; otherwise voxel by voxel. The label map
/// may cover a part of the grid: voxels outside it, and slices without a frame of a DICOM Segmentation, do
/// not have the label.
///
/// # Errors
///
/// [`Error::GridsDiffer`] if a place is unknown and their sizes differ;
/// [`Error::ReferenceElsewhere`] unless the label map's voxels lie on the grid's, and its labels in it.
pub fn mask_of_label(grid: &Grid, reference: &Scan, label: f64) -> Result<VolumeMask, Error> {
    let mut mask = VolumeMask::empty(grid);
    each_on(grid, reference, |value, voxel| {
        if value == label {
            mask.add(voxel()?);
        }
        Ok(())
    })?;
    Ok(mask)
}

/// The masks of several labels, which are in ascending order, read at once. If `resampled`, the map need not lie on the
/// grid: each voxel gets the label of the map's nearest one.
///
/// # Errors
///
/// Those of [`mask_of_label`].
pub(crate) fn masks_of_labels(
    grid: &Grid,
    reference: &Scan,
    labels: &[f64],
    resampled: bool,
) -> Result<Vec<VolumeMask>, Error> {
    let mut masks = vec![VolumeMask::empty(grid); labels.len()];
    each_at(grid, reference, resampled, |value, voxel| {
        let at = labels.binary_search_by(|label| label.total_cmp(&value));
        if let Some(mask) = at.ok().and_then(|at| masks.get_mut(at)) {
            mask.add(voxel()?);
        }
        Ok(())
    })?;
    Ok(masks)
}

/// Adds the voxels of a grid where a scan on it has a value of at least `least`, like [`mask_of_label`]; `resampled` as in
/// [`masks_of_labels`].
///
/// # Errors
///
/// Those of [`mask_of_label`].
pub(crate) fn add_from(
    mask: &mut VolumeMask,
    grid: &Grid,
    reference: &Scan,
    least: f64,
    resampled: bool,
) -> Result<(), Error> {
    each_at(grid, reference, resampled, |value, voxel| {
        if value >= least {
            mask.add(voxel()?);
        }
        Ok(())
    })
}

/// Checks that a reference has whole slices of a grid, each where it is in the patient, up to `most_mm`.
///
/// # Errors
///
/// Those of [`mask_of_label`]; [`Error::ReferenceElsewhere`] with what differs.
pub(crate) fn check_place(grid: &Grid, reference: &Scan, most_mm: f64) -> Result<(), Error> {
    let lattice = Lattice::of(grid, reference)?;
    let checked = lattice.check_place(grid, reference.grid(), most_mm);
    checked.map_err(|differs| Error::ReferenceElsewhere { differs })
}

/// [`each_on`], or from the nearest voxels.
fn each_at(
    grid: &Grid,
    reference: &Scan,
    resampled: bool,
    mut each: impl FnMut(f64, &dyn Fn() -> Result<[u32; 3], Error>) -> Result<(), Error>,
) -> Result<(), Error> {
    match resampled {
        true => each_nearest(grid, reference, |value, voxel| each(value, &|| Ok(voxel))),
        false => each_on(grid, reference, each),
    }
}

/// Calls with each value of a reference, and with what gives its voxel of the grid.
fn each_on(
    grid: &Grid,
    reference: &Scan,
    mut each: impl FnMut(f64, &dyn Fn() -> Result<[u32; 3], Error>) -> Result<(), Error>,
) -> Result<(), Error> {
    let lattice = Lattice::of(grid, reference)?;
    let [columns, rows, slices] = reference.grid().size();
    for k in 0..slices {
        for j in 0..rows {
            for i in 0..columns {
                if let Some(value) = reference.value([i, j, k]) {
                    each(value, &|| lattice.voxel(grid, [i, j, k]))?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::scan::{About, Affine, Rescale, Source, Stacking, Voxels};

    fn scan(values: Vec<u8>, affine: [[f64; 4]; 3]) -> Scan {
        let grid = Grid {
            slices: 2,
            stacking: Stacking::Slices,
            patient_from_voxel: Some(Affine(affine)),
            ..Grid::image(3, 2)
        };
        let about = About::new(Format::Nifti1, 8);
        let rescales = vec![Rescale::IDENTITY];
        Scan::new(grid, Voxels::U8(values), rescales, about, Source::Raster).unwrap()
    }

    const FORWARD: [[f64; 4]; 3] = [
        [1.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
    ];

    #[test]
    fn a_reference_that_is_stored_backwards_lies_where_it_is() {
        let values = vec![0, 5, 0, 7, 0, 0, 0, 0, 0, 0, 0, 5];
        let forward = scan(values.clone(), FORWARD);
        let mut backwards = values;
        backwards.reverse();
        let turned = [
            [-1.0, 0.0, 0.0, 2.0],
            [0.0, -1.0, 0.0, 1.0],
            [0.0, 0.0, -1.0, 1.0],
        ];
        let turned = scan(backwards, turned);
        assert_eq!(labels(&turned).unwrap(), [5.0, 7.0]);
        for label in [5.0, 7.0] {
            let mask = mask_of_label(forward.grid(), &turned, label).unwrap();
            assert_eq!(
                mask,
                mask_of_label(forward.grid(), &forward, label).unwrap()
            );
        }
    }

    #[test]
    fn an_infinite_label_is_refused_by_its_value_and_nan_is_none() {
        let mut values = vec![0.0; 12];
        values[3..5].copy_from_slice(&[1.0, f32::INFINITY]);
        let here = scan(vec![1; 12], FORWARD);
        let of = |values| {
            let (grid, about) = (here.grid().clone(), About::new(Format::Nifti1, 32));
            let rescales = vec![Rescale::IDENTITY];
            Scan::new(grid, Voxels::F32(values), rescales, about, Source::Raster).unwrap()
        };
        let said = labels(&of(values.clone())).unwrap_err().to_string();
        assert!(said.contains("has the value inf"), "{said}");
        values[4] = f32::NAN;
        assert_eq!(labels(&of(values)).unwrap(), [1.0]);
    }

    #[test]
    fn another_place_is_refused() {
        let here = scan(vec![1; 12], FORWARD);
        let mut moved = FORWARD;
        moved[0][3] = 0.5;
        assert!(mask_of_label(here.grid(), &scan(vec![1; 12], moved), 1.0).is_err());
        moved[0][3] = 1.0;
        let beyond = mask_of_label(here.grid(), &scan(vec![1; 12], moved), 1.0);
        assert!(beyond.unwrap_err().to_string().contains("outside the scan"));
        assert!(labels(&scan(vec![0; 12], FORWARD)).is_err());
    }
}

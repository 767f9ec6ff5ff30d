//! The last check of an opened scan: whether its values are numbers, and its place in the patient can be one.
//!
//! Readers take numbers as files give them, and what is derived from them may be NaN or infinite, as a slope times a
//! sample, or an offset along a normal.

use crate::error::Error;
use crate::scan::{Affine, Grid, Note, NoteCode, Rescale, Scan, Source, Voxels};

/// Distances that can be those of voxels, in mm: from a hundredth of an atom, as electron microscopes have them, to a kilometre.
const MIN_MM: f64 = 1e-9;
const MAX_MM: f64 = 1e6;
/// Coordinates that can be a patient's, in mm. Some scanners count from far away.
const MAX_COORDINATE_MM: f64 = 1e9;

/// Checks a scan that a reader has made.
///
/// # Errors
///
/// [`Error::NoFiniteValue`] if none of its values is a finite number.
pub(super) fn checked(mut scan: Scan) -> Result<Scan, Error> {
    let (total, bad) = (scan.voxels().len() as u64, not_finite(&scan));
    if bad == total {
        let format = scan.about.format;
        return Err(Error::NoFiniteValue { format, count: bad });
    }
    if bad > 0 {
        scan.about.notes.push(Note {
            code: NoteCode::Reading,
            text: format!(
                "{bad} of {total} values are NaN or infinite. No statistics count them, and a mask may be wrong where \
                 they are."
            ),
        });
    }
    if let Some(why) = unusable(scan.grid()) {
        without_place(scan.grid_mut());
        scan.about.notes.push(Note {
            code: NoteCode::Spacing,
            text: format!(
                "The size and place of the voxels that the file gives can't be used ({why}): sizes are in pixels."
            ),
        });
    }
    if let Source::Dicom(source) = &mut scan.source {
        for frame in &mut source.frames {
            frame.position = frame.position.filter(is_place);
        }
    }
    Ok(scan)
}

/// How many values are NaN or infinite.
fn not_finite(scan: &Scan) -> u64 {
    let rescales = scan.rescales();
    match scan.voxels() {
        Voxels::F32(values) => counted(scan, values.iter().map(|&x| x.into())),
        Voxels::F64(values) => counted(scan, values.iter().copied()),
        Voxels::Rgb8(_) | Voxels::Rgb16(_) => 0,
        // The ends of 32 bits, with and without a sign: between them a straight line is finite too.
        _ if rescales.iter().all(|rescale| is_finite_at_ends(*rescale)) => 0,
        voxels => {
            let values = (0..voxels.len()).filter_map(|index| voxels.grey(index));
            counted(scan, values)
        }
    }
}

fn is_finite_at_ends(rescale: Rescale) -> bool {
    let ends = [f64::from(i32::MIN), f64::from(u32::MAX)];
    ends.iter().all(|end| rescale.value(*end).is_finite())
}

fn counted(scan: &Scan, stored: impl Iterator<Item = f64>) -> u64 {
    let slice = (scan.grid().slice_size().pixels() as usize).max(1);
    let mut left = 0;
    let (mut rescale, mut next) = (Rescale::IDENTITY, 0);
    let mut bad = 0;
    for stored in stored {
        if left == 0 {
            rescale = scan.rescale(next);
            (left, next) = (slice, next + 1);
        }
        left -= 1;
        bad += u64::from(!rescale.value(stored).is_finite());
    }
    bad
}

fn is_distance(mm: f64) -> bool {
    (MIN_MM..=MAX_MM).contains(&mm)
}

fn is_place(position: &[f64; 3]) -> bool {
    position.iter().all(|mm| mm.abs() <= MAX_COORDINATE_MM)
}

/// Why a grid can't lie where it says.
fn unusable(grid: &Grid) -> Option<String> {
    if let Some(pixel) = grid.pixel_spacing
        && !(is_distance(pixel.x_mm) && is_distance(pixel.y_mm))
    {
        return Some(format!("pixels of {:e} × {:e} mm", pixel.x_mm, pixel.y_mm));
    }
    if let Some(mm) = grid.slice_spacing_mm.filter(|mm| !is_distance(*mm)) {
        return Some(format!("slices {mm:e} mm apart"));
    }
    let mut scales = grid
        .regions
        .iter()
        .flatten()
        .filter_map(|region| region.spacing_mm);
    if let Some([x, y]) = scales.find(|scale| !scale.iter().all(|mm| is_distance(*mm))) {
        return Some(format!("pixels of {x:e} × {y:e} mm in a region"));
    }
    let positions = grid.slice_positions_mm.iter().flatten();
    if let Some(mm) = positions
        .into_iter()
        .find(|mm| !(0.0..=MAX_COORDINATE_MM).contains(*mm))
    {
        return Some(format!("a slice {mm:e} mm from the first"));
    }
    let affine = grid.patient_from_voxel.as_ref()?;
    match is_usable(affine, grid.size()) {
        true => None,
        false => Some("an origin or axes that no patient has".to_owned()),
    }
}

/// Whether all corners of a grid are in reach, and its voxels have a volume.
fn is_usable(affine: &Affine, size: [u32; 3]) -> bool {
    let last = size.map(|side| f64::from(side.saturating_sub(1)));
    let is_whole = affine.inverse().is_some();
    is_whole && is_place(&affine.offset()) && is_place(&affine.apply(last))
}

/// Leaves out everything that a measure in mm would use.
fn without_place(grid: &mut Grid) {
    grid.pixel_spacing = None;
    grid.slice_spacing_mm = None;
    grid.slice_positions_mm = None;
    grid.patient_from_voxel = None;
    for region in grid.regions.iter_mut().flatten() {
        region.spacing_mm = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::scan::{About, PixelSpacing, SpacingSource, Stacking};

    fn scan(values: Vec<f32>, rescale: Rescale) -> Scan {
        let grid = Grid::image(values.len() as u32, 1);
        let about = About::new(Format::Nifti1, 32);
        let voxels = Voxels::F32(values);
        Scan::new(grid, voxels, vec![rescale], about, Source::Raster).unwrap()
    }

    #[test]
    fn values_that_are_no_numbers_are_counted() {
        let some = scan(vec![1.0, f32::NAN, f32::INFINITY], Rescale::IDENTITY);
        let notes = checked(some).unwrap().about.notes;
        assert!(
            notes[0].text.starts_with("2 of 3 values are NaN"),
            "{notes:?}"
        );
        let all = scan(vec![f32::NAN, f32::NEG_INFINITY], Rescale::IDENTITY);
        let refused = checked(all).unwrap_err();
        assert!(matches!(refused, Error::NoFiniteValue { count: 2, .. }));
        assert!(
            checked(scan(vec![1.0, -2.0], Rescale::IDENTITY))
                .unwrap()
                .about
                .notes
                .is_empty()
        );
    }

    #[test]
    fn a_slope_may_lead_to_infinity() {
        let steep = Rescale {
            slope: 1e308,
            intercept: 0.0,
        };
        let some = checked(scan(vec![1.0, 1e6], steep)).unwrap();
        assert!(some.about.notes[0].text.starts_with("1 of 2 values"));
        let grid = Grid::image(2, 1);
        let about = About::new(Format::Nifti1, 16);
        let whole = Voxels::I16(vec![0, 30_000]);
        let scan = Scan::new(grid, whole, vec![steep], about, Source::Raster).unwrap();
        assert!(
            checked(scan).unwrap().about.notes[0]
                .text
                .starts_with("1 of 2 values")
        );
    }

    #[test]
    fn a_place_that_no_patient_has_is_left_out() {
        let placed = |mm: f64, origin: f64, positions: Option<Vec<f64>>| {
            let mut scan = scan(vec![1.0], Rescale::IDENTITY);
            *scan.grid_mut() = Grid {
                stacking: Stacking::Slices,
                pixel_spacing: Some(PixelSpacing {
                    x_mm: mm,
                    y_mm: mm,
                    source: SpacingSource::Nifti,
                }),
                slice_spacing_mm: Some(1.0),
                slice_positions_mm: positions,
                patient_from_voxel: Some(Affine([
                    [mm, 0.0, 0.0, origin],
                    [0.0, mm, 0.0, 0.0],
                    [0.0, 0.0, 1.0, 0.0],
                ])),
                ..Grid::image(1, 1)
            };
            checked(scan).unwrap()
        };
        let sound = placed(0.5, -200.0, None);
        assert!(sound.grid().patient_from_voxel.is_some() && sound.about.notes.is_empty());
        for scan in [
            placed(f64::INFINITY, 0.0, None),
            placed(f64::NAN, 0.0, None),
            placed(0.0, 0.0, None),
            placed(1e-300, 0.0, None),
            placed(1.0, f64::NAN, None),
            placed(1.0, 1e300, None),
            placed(1.0, 0.0, Some(vec![f64::INFINITY])),
        ] {
            assert_eq!(scan.grid().pixel_spacing, None);
            assert_eq!(scan.grid().patient_from_voxel, None);
            assert_eq!(scan.about.notes[0].code, NoteCode::Spacing);
        }
    }
}

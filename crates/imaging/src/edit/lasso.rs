//! A polygon on a slice that adds or removes what it encloses.

use super::job::Job;
use crate::error::Error;
use crate::mask::{Mask, StrokeKind, VolumeMask, enclosed_columns};
use crate::scan::SlicePlane;
use crate::space::ImagePoint;

/// Adds or removes the pixels whose centres a polygon encloses, by the even-odd rule: where it crosses itself, what it encloses
/// twice is outside. The polygon is closed, and its points are in image space; it may reach beyond the image.
pub(super) fn lasso(
    mask: &VolumeMask,
    plane: &SlicePlane,
    slice: u32,
    kind: StrokeKind,
    polygon: &[ImagePoint],
    job: &Job<'_>,
) -> Result<VolumeMask, Error> {
    check_slice(plane, slice, job)?;
    job.check_points(polygon.len())?;
    let is_number = |point: &ImagePoint| point.x.is_finite() && point.y.is_finite();
    if polygon.len() < 3 || !polygon.iter().all(is_number) {
        return Err(job.invalid(format!(
            "it needs three points or more with finite numbers, and has {}",
            polygon.len()
        )));
    }
    let on_slice = mask.slice(plane, slice);
    let mut values = on_slice.values().to_vec();
    let width = on_slice.width() as usize;
    let inside = u8::from(kind == StrokeKind::Paint);
    for (y, row) in values.chunks_exact_mut(width).enumerate() {
        job.done(y, on_slice.height() as usize)?;
        for columns in enclosed_columns(polygon, y, width) {
            row[columns].fill(inside);
        }
    }
    let drawn = Mask::from_parts(on_slice.size(), values);
    let mut result = mask.clone();
    result.set_slice(plane, slice, &drawn)?;
    Ok(result)
}

pub(super) fn check_slice(plane: &SlicePlane, slice: u32, job: &Job<'_>) -> Result<(), Error> {
    let count = plane.slices();
    match slice < count {
        true => Ok(()),
        false => Err(job.invalid(format!(
            "slice {slice} does not exist: there are {count} slices, counted from 0"
        ))),
    }
}

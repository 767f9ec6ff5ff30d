//! Fills holes: what the mask surrounds, in the volume or on each slice.

use super::job::Job;
use super::plane_box::PlaneBox;
use super::runs::{Connectivity, Runs};
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::scan::SlicePlane;

/// Adds what is not connected by faces with the outside of the grid (`scipy.ndimage.binary_fill_holes`). A grid of one slice
/// is filled as an image.
pub(super) fn in_volume(mask: &VolumeMask, job: &Job<'_>) -> Result<VolumeMask, Error> {
    let Some(bounds) = mask.bounds() else {
        return Ok(mask.clone());
    };
    // Whatever is not inside at the faces of the box is connected with the outside, or lies at the edge of the grid.
    let mut runs = Runs::of(mask, bounds, false, job)?;
    runs.connect(mask, Connectivity::Faces, job)?;
    let firsts = runs.firsts();
    let mut is_open = vec![false; firsts.len()];
    let is_image = mask.size()[2] == 1;
    let [columns, rows] = [mask.size()[0], mask.size()[1]].map(|side| side as usize);
    for (first, (k, run)) in firsts.iter().zip(runs.each()) {
        let (i, j) = (run.start % columns, (run.start / columns % rows) as u32);
        let ends = |at: u32, axis: usize| at == bounds.from[axis] || at + 1 == bounds.to[axis];
        let touches = i as u32 == bounds.from[0] || (i + run.len()) as u32 == bounds.to[0];
        if touches || ends(j, 1) || (ends(k, 2) && !is_image) {
            is_open[*first as usize] = true;
        }
    }
    let mut result = mask.clone();
    for (first, (_, run)) in firsts.iter().zip(runs.each()) {
        if !is_open[*first as usize] {
            result.fill(run, true);
        }
    }
    Ok(result)
}

/// Adds on each slice of a plane what is not connected by sides with the edge of the slice.
pub(super) fn on_slices(
    mask: &VolumeMask,
    plane: &SlicePlane,
    job: &Job<'_>,
) -> Result<VolumeMask, Error> {
    let Some(bounds) = mask.bounds() else {
        return Ok(mask.clone());
    };
    job.check_voxels(bounds.voxels())?;
    let slices = PlaneBox::new(plane, bounds, mask);
    let [width, _, count] = slices.size;
    let mut result = mask.clone();
    let (mut values, mut open, mut next) = (Vec::new(), Vec::new(), Vec::new());
    for slice in 0..count {
        job.done(slice, count)?;
        slices.read(mask, slice, &mut values);
        mark_open(&values, width, &mut open, &mut next);
        for (value, open) in values.iter_mut().zip(&open) {
            *value = !*open;
        }
        slices.write(&mut result, slice, &values);
    }
    Ok(result)
}

/// Marks the pixels outside that are connected with the edge of an image. `next` is scratch.
fn mark_open(values: &[bool], width: usize, open: &mut Vec<bool>, next: &mut Vec<usize>) {
    open.clear();
    open.resize(values.len(), false);
    let height = values.len() / width.max(1);
    let corners = [0, height.saturating_sub(1) * width];
    let rows = corners.into_iter().flat_map(|start| start..start + width);
    let sides = (0..height).flat_map(|y| [y * width, y * width + width - 1]);
    for at in rows.chain(sides) {
        open_at(at, values, open, next);
    }
    while let Some(at) = next.pop() {
        let x = at % width;
        if x > 0 {
            open_at(at - 1, values, open, next);
        }
        if x + 1 < width {
            open_at(at + 1, values, open, next);
        }
        if let Some(above) = at.checked_sub(width) {
            open_at(above, values, open, next);
        }
        open_at(at + width, values, open, next);
    }
}

fn open_at(at: usize, values: &[bool], open: &mut [bool], next: &mut Vec<usize>) {
    if values.get(at) == Some(&false) && !open[at] {
        open[at] = true;
        next.push(at);
    }
}

//! Where the voxels of a stack lie (DICOM PS3.3 C.7.6.2.1.1).

use super::frame_info::FrameInfo;
use crate::scan::{Affine, Grid, Note, NoteCode, Stacking, cross, dot, length};

/// A step this much larger than the others is a gap.
const GAP: f64 = 1.5;

/// Steps may differ by this part, or by so many mm, which is how positions are often rounded.
const UNEVEN: f64 = 0.02;
const ROUNDED_MM: f64 = 0.01;

/// A stack may lean by this much (a sine, 0.1°) before it is said.
const LEANING: f64 = 0.002;

/// Places a grid, whose slices are the frames in their order.
pub(super) fn place(grid: &mut Grid, frames: &[&FrameInfo]) {
    let Some(first) = frames.first() else { return };
    grid.pixel_spacing = first.spacing;
    if grid.stacking != Stacking::Slices {
        return;
    }
    grid.slice_spacing_mm = first.slice_spacing;
    let (Some([row, column]), Some(position), Some(spacing)) =
        (first.orientation, first.position, first.spacing)
    else {
        return;
    };
    let step = step(frames).map(|(step, _)| step);
    if let Some(step) = step {
        grid.slice_spacing_mm = Some(length(step));
    }
    let alone = || {
        let thickness = first.slice_spacing.or(first.slice_thickness).unwrap_or(1.0);
        cross(row, column).map(|value| value * thickness)
    };
    let step = step.unwrap_or_else(alone);
    grid.patient_from_voxel = Some(Affine([0, 1, 2].map(|axis| {
        [
            row[axis] * spacing.x_mm,
            column[axis] * spacing.y_mm,
            step[axis],
            position[axis],
        ]
    })));
}

/// From a slice to the next, and the usual distance between planes: along the line from the first slice to
/// the last, which may lean.
fn step(frames: &[&FrameInfo]) -> Option<([f64; 3], f64)> {
    let (first, last) = (frames.first()?, frames.last()?);
    let [row, column] = first.orientation?;
    let normal = cross(row, column);
    let (from, to) = (first.position?, last.position?);
    let whole = [0, 1, 2].map(|axis| to[axis] - from[axis]);
    let along = dot(whole, normal);
    let usual = usual(&steps(frames, normal)?)?;
    (along > 0.0).then(|| (whole.map(|value| value * usual / along), usual))
}

/// Distances between planes.
fn steps(frames: &[&FrameInfo], normal: [f64; 3]) -> Option<Vec<f64>> {
    let distances: Option<Vec<f64>> = frames
        .iter()
        .map(|frame| frame.position.map(|position| dot(position, normal)))
        .collect();
    let distances = distances?;
    Some(distances.windows(2).map(|pair| pair[1] - pair[0]).collect())
}

/// How far steps may be from the usual one.
fn tolerance(usual: f64) -> f64 {
    (UNEVEN * usual).max(ROUNDED_MM)
}

/// The mean of the steps that are near their median: the median alone would add up to a drift where
/// positions are rounded.
fn usual(steps: &[f64]) -> Option<f64> {
    let median = median(steps)?;
    let is_near = |step: &&f64| (**step - median).abs() <= tolerance(median);
    let near = || steps.iter().filter(is_near);
    match near().count() {
        0 => Some(median),
        count => Some(near().sum::<f64>() / count as f64),
    }
}

fn median(steps: &[f64]) -> Option<f64> {
    let mut sorted = steps.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        length if length % 2 == 0 => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
        _ => Some(sorted[middle]),
    }
}

/// What the user should know of where frames lie that are in order.
pub(super) fn notes(frames: &[&FrameInfo]) -> Vec<Note> {
    let mut notes = Vec::new();
    let Some((step, usual)) = step(frames) else {
        return notes;
    };
    let Some([row, column]) = frames.first().and_then(|frame| frame.orientation) else {
        return notes;
    };
    let normal = cross(row, column);
    let steps = steps(frames, normal).unwrap_or_default();
    notes.extend(gaps(frames, &steps, normal, usual));
    let uneven = steps.iter().filter(|&&step| {
        let whole = if step > GAP * usual {
            (step / usual).round()
        } else {
            1.0
        };
        (step - whole * usual).abs() > tolerance(usual)
    });
    let uneven = uneven.count();
    if uneven > 0 {
        notes.push(Note {
            code: NoteCode::UnevenSlices,
            text: format!(
                "{uneven} of {} distances between slices differ from {usual:.2} mm, which is taken \
                 for all.",
                steps.len()
            ),
        });
    }
    let sideways = cross(step.map(|value| value / length(step)), normal);
    let sine = length(sideways);
    if sine > LEANING {
        notes.push(Note {
            code: NoteCode::UnevenSlices,
            text: format!(
                "The slices don't lie straight above each other: the stack leans by {:.1}°.",
                sine.min(1.0).asin().to_degrees()
            ),
        });
    }
    notes
}

/// How many gaps are told one by one.
const TOLD: usize = 3;

fn gaps(frames: &[&FrameInfo], steps: &[f64], normal: [f64; 3], usual: f64) -> Option<Note> {
    let gaps = steps
        .iter()
        .zip(frames)
        .filter(|(step, _)| **step > GAP * usual);
    let gaps: Vec<(f64, f64, f64)> = gaps
        .filter_map(|(step, before)| {
            let from = dot(before.position?, normal);
            Some(((step / usual).round() - 1.0, from, from + step))
        })
        .collect();
    let missing: f64 = gaps.iter().map(|(count, ..)| count.max(1.0)).sum();
    let places: Vec<String> = gaps
        .iter()
        .take(TOLD)
        .map(|(_, from, to)| format!("between {from:.1} and {to:.1} mm"))
        .collect();
    let more = match gaps.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!(", and in {more} more places"),
    };
    let slices = if missing == 1.0 {
        "slice is"
    } else {
        "slices are"
    };
    (!gaps.is_empty()).then(|| Note {
        code: NoteCode::SliceGap,
        text: format!("{missing} {slices} missing {}{more}.", places.join(", ")),
    })
}

//! Computes where the voxels of a stack lie (DICOM PS3.3 C.7.6.2.1.1).

use super::frame_info::FrameInfo;
use crate::scan::{Affine, Grid, Note, NoteCode, Stacking, cross, dot, length};

/// Slices are evenly spaced if each is within this many mm, and within this fraction of the spacing (below), of its
/// place in an even stack. That is less than a pixel of a body CT, and five times the error of positions rounded to
/// one decimal. Chosen by hand.
const MAX_MISPLACED_MM: f64 = 0.25;
const MAX_MISPLACED_FRACTION: f64 = 0.1;

/// This many equal distances in a row, each a multiple of the usual one, mean that slices are further apart there, and
/// not that some are missing. Chosen by hand.
const MIN_SPARSE: usize = 3;

/// Distances may differ by this fraction, or by this many mm (below), because positions are often rounded.
const MAX_UNEVEN: f64 = 0.02;
const ROUNDED_MM: f64 = 0.01;

/// Minimum lean of a stack that is reported, as a sine (0.1°).
const MIN_LEAN: f64 = 0.002;

/// Orientation of a stack: that of its first frame, or if frames differ, the mean of all, since each may be equally
/// wrong. `None` if a frame has no orientation.
pub(super) fn orientation(frames: &[&FrameInfo]) -> Option<[[f64; 3]; 2]> {
    let first = frames.first()?.orientation?;
    let mut sum = [[0.0; 3]; 2];
    let mut is_same = true;
    for frame in frames {
        let own = frame.orientation?;
        is_same &= own == first;
        for (sum, own) in sum.as_flattened_mut().iter_mut().zip(own.as_flattened()) {
            *sum += own;
        }
    }
    if is_same {
        return Some(first);
    }
    let [row, column] = sum.map(|axis| axis.map(|value| value / length(axis)));
    Some(super::frame_info::perpendicular(row, column))
}

/// Sets the position and spacing of a grid; its slices are the frames in their order.
pub(super) fn place(grid: &mut Grid, frames: &[&FrameInfo]) {
    let Some(first) = frames.first() else { return };
    grid.pixel_spacing = first.spacing;
    if grid.stacking != Stacking::Slices {
        return;
    }
    grid.slice_spacing_mm = first.slice_spacing;
    let (Some([row, column]), Some(position), Some(spacing)) =
        (orientation(frames), first.position, first.spacing)
    else {
        return;
    };
    let line = Line::through(frames);
    if let Some(line) = &line {
        grid.slice_spacing_mm = Some(length(line.step));
        grid.slice_positions_mm = line.positions_mm();
    }
    let step = line.map(|line| line.step);
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

/// The line from the first slice to the last; it may lean.
struct Line {
    /// Vector between slices at the usual distance, in mm.
    step: [f64; 3],
    /// Usual distance between planes, in mm.
    usual: f64,
    /// For each slice, the distance of its plane from the first one in units of the usual distance: about its index if
    /// slices are equally spaced.
    at: Vec<f64>,
    /// Distances between planes, in mm.
    distances: Vec<f64>,
    is_even: bool,
}

impl Line {
    fn through(frames: &[&FrameInfo]) -> Option<Line> {
        let (first, last) = (frames.first()?, frames.last()?);
        let [row, column] = orientation(frames)?;
        let normal = cross(row, column);
        let (from, to) = (first.position?, last.position?);
        let whole = [0, 1, 2].map(|axis| to[axis] - from[axis]);
        let along = dot(whole, normal);
        let distances = steps(frames, normal)?;
        let mean = along / distances.len() as f64;
        let heights: Vec<f64> = std::iter::once(0.0)
            .chain(distances.iter().scan(0.0, |height, step| {
                *height += step;
                Some(*height)
            }))
            .collect();
        let harmless = MAX_MISPLACED_MM
            .min(MAX_MISPLACED_FRACTION * mean)
            .max(ROUNDED_MM);
        let is_even = (0..)
            .zip(&heights)
            .all(|(slice, height)| (height - mean * f64::from(slice)).abs() <= harmless);
        let usual = if is_even { mean } else { usual(&distances)? };
        (along > 0.0 && usual > 0.0).then(|| Line {
            step: whole.map(|value| value * usual / along),
            usual,
            at: heights.into_iter().map(|height| height / usual).collect(),
            distances,
            is_even,
        })
    }

    /// Positions of the slices along the line, for [`Grid::slice_positions_mm`].
    fn positions_mm(&self) -> Option<Vec<f64>> {
        let step = length(self.step);
        let positions = self.at.iter().map(|at| at * step);
        (!self.is_even).then(|| positions.collect())
    }

    /// For each distance between planes, the number of missing slices: nonzero if it is a multiple of the usual
    /// distance and its neighbours are not. If they are, the slices are further apart there.
    fn missing(&self) -> Vec<f64> {
        let wholes: Vec<f64> = self
            .distances
            .iter()
            .map(|&distance| {
                let whole = (distance / self.usual).round();
                match (distance - whole * self.usual).abs() <= tolerance(distance) {
                    true => whole,
                    false => 0.0,
                }
            })
            .collect();
        wholes
            .chunk_by(|a, b| a == b)
            .flat_map(|run| {
                let is_gap = run.len() < MIN_SPARSE && run.iter().all(|&whole| whole > 1.0);
                run.iter()
                    .map(move |&whole| if is_gap { whole - 1.0 } else { 0.0 })
            })
            .collect()
    }
}

/// Distances between neighbouring planes, in mm.
fn steps(frames: &[&FrameInfo], normal: [f64; 3]) -> Option<Vec<f64>> {
    let distances: Option<Vec<f64>> = frames
        .iter()
        .map(|frame| frame.position.map(|position| dot(position, normal)))
        .collect();
    let distances = distances?;
    Some(distances.windows(2).map(|pair| pair[1] - pair[0]).collect())
}

/// How far a distance may be from the usual one, in mm.
fn tolerance(usual: f64) -> f64 {
    (MAX_UNEVEN * usual).max(ROUNDED_MM)
}

/// Mean of the distances that are near their median. With rounded positions, multiples of the median itself would drift
/// from the slices.
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

/// Notes for the user on the positions of the frames, which are in order.
pub(super) fn notes(frames: &[&FrameInfo]) -> Vec<Note> {
    let mut notes = Vec::new();
    let Some(line) = Line::through(frames) else {
        return notes;
    };
    let Some([row, column]) = orientation(frames) else {
        return notes;
    };
    let normal = cross(row, column);
    let missing = line.missing();
    notes.extend(not_parallel(frames, normal));
    let gaps = gaps(frames, &line, &missing, normal);
    let has_gaps = gaps.is_some();
    notes.extend(gaps);
    notes.extend(uneven(&line, &missing, has_gaps).map(note));
    let sideways = cross(line.step.map(|value| value / length(line.step)), normal);
    let sine = length(sideways);
    if sine > MIN_LEAN {
        notes.push(note(format!(
            "The slices don't lie straight above each other: the stack leans by {:.1}°.",
            sine.min(1.0).asin().to_degrees()
        )));
    }
    notes.extend(off_line(frames, &line).map(note));
    notes
}

fn note(text: String) -> Note {
    Note {
        code: NoteCode::UnevenSlices,
        text,
    }
}

fn uneven(line: &Line, missing: &[f64], has_gaps: bool) -> Option<String> {
    let usual = line.usual;
    let between = line.distances.iter().zip(missing);
    let others = || between.clone().filter(|(_, missing)| **missing == 0.0);
    let uneven = others()
        .filter(|(distance, _)| (**distance - usual).abs() > tolerance(usual))
        .count();
    if line.is_even {
        return (uneven > 0).then(|| {
            format!(
                "{uneven} of {} distances between slices differ from {usual:.2} mm, which is used \
                 for all.",
                line.distances.len()
            )
        });
    }
    if uneven == 0 && has_gaps {
        return None;
    }
    let smallest = others().map(|(d, _)| *d).fold(f64::INFINITY, f64::min);
    let largest = others().map(|(d, _)| *d).fold(0.0, f64::max);
    Some(format!(
        "The distances between slices differ, from {smallest:.2} to {largest:.2} mm. Volumes count each \
         slice by its own extent, half way to its neighbours. Coronal and sagittal views draw all slices \
         {usual:.2} mm apart, and nothing is measured in mm there. NIfTI can't say such distances: \
         save the resampled NIfTI, or a DICOM SEG, which keeps each slice where it is."
    ))
}

/// A note on slices that are more than half a pixel away from the line.
fn off_line(frames: &[&FrameInfo], line: &Line) -> Option<String> {
    let first = frames.first()?;
    let (origin, spacing) = (first.position?, first.spacing?);
    let furthest = frames
        .iter()
        .zip(&line.at)
        .filter_map(|(frame, at)| {
            let position = frame.position?;
            Some(length([0, 1, 2].map(|axis| {
                position[axis] - origin[axis] - at * line.step[axis]
            })))
        })
        .fold(0.0, f64::max);
    (furthest > spacing.x_mm.min(spacing.y_mm) / 2.0).then(|| {
        format!(
            "Slices lie up to {furthest:.1} mm off the straight line of the stack. Other planes, measures and \
             NIfTI use the line; a DICOM SEG keeps each slice where it is."
        )
    })
}

/// A note on slices that are not parallel, by more than rounding explains.
fn not_parallel(frames: &[&FrameInfo], normal: [f64; 3]) -> Option<Note> {
    let sine = |frame: &&FrameInfo| {
        let [row, column] = frame.orientation?;
        Some(length(cross(cross(row, column), normal)))
    };
    let largest = frames.iter().filter_map(sine).fold(0.0, f64::max);
    (largest > MIN_LEAN).then(|| Note {
        code: NoteCode::UnevenSlices,
        text: format!(
            "The slices are not parallel: they lean by up to {:.1}° from their mean, which is used for all.",
            largest.min(1.0).asin().to_degrees()
        ),
    })
}

/// Maximum number of gaps that are listed one by one.
const MAX_LISTED: usize = 3;

fn gaps(frames: &[&FrameInfo], line: &Line, missing: &[f64], normal: [f64; 3]) -> Option<Note> {
    let gaps: Vec<(f64, f64)> = line
        .distances
        .iter()
        .zip(missing)
        .zip(frames)
        .filter(|((_, missing), _)| **missing > 0.0)
        .filter_map(|((distance, _), before)| {
            let from = dot(before.position?, normal);
            Some((from, from + distance))
        })
        .collect();
    let missing: f64 = missing.iter().sum();
    let places: Vec<String> = gaps
        .iter()
        .take(MAX_LISTED)
        .map(|(from, to)| format!("between {from:.1} and {to:.1} mm"))
        .collect();
    let more = match gaps.len().saturating_sub(MAX_LISTED) {
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

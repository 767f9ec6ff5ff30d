//! Labels of choices. They contain no text from the file, because it may name the patient.

use std::collections::HashMap;

use super::instance::Instance;
use super::stack::Stack;
use crate::scan::{Affine, Grid, Plane, SlicePlane, Stacking};

/// Labels such as `MR, series 3, 20 slices of 256×256, sagittal`; equal ones are numbered.
pub(super) fn labels(stacks: &[Stack], instances: &[Instance]) -> Vec<String> {
    let labels: Vec<String> = stacks.iter().map(|stack| label(stack, instances)).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut nth = |label| {
        let count = counts.entry(label).or_default();
        *count += 1;
        *count
    };
    let places: Vec<usize> = labels.iter().map(|label| nth(label)).collect();
    let numbered = labels.iter().zip(places).map(|(label, place)| {
        match counts.get(label.as_str()).copied().unwrap_or(1) {
            1 => label.clone(),
            all => format!("{label} ({place} of {all})"),
        }
    });
    numbered.collect()
}

fn label(stack: &Stack, instances: &[Instance]) -> String {
    let Some(first) = stack.frames.first() else {
        return String::new();
    };
    let instance = &instances[first.instance];
    let layout = &instance.layout;
    let modality = &instance.modality;
    let is_code = !modality.is_empty() && modality.len() <= 16;
    let mut parts = vec![if is_code { modality.as_str() } else { "DICOM" }.to_owned()];
    if let Some(number) = instance.series_number {
        parts.push(format!("series {number}"));
    }
    let count = stack.frames.len();
    let what = match (count, stack.stacking) {
        (1, _) => "image",
        (_, Stacking::Slices) => "slices",
        (_, Stacking::Frames) => "frames",
    };
    parts.push(format!(
        "{count} {what} of {}×{}",
        layout.columns, layout.rows
    ));
    parts.extend(plane(stack, instances).map(str::to_owned));
    if !stack.variant.is_empty() && stack.variant.is_ascii() && stack.variant.len() <= 64 {
        parts.push(stack.variant.clone());
    }
    parts.join(", ")
}

/// Anatomical plane of a volume's slices.
fn plane(stack: &Stack, instances: &[Instance]) -> Option<&'static str> {
    let frame = |at: &super::stack::FrameRef| &instances[at.instance].frames[at.frame];
    let frames: Vec<_> = stack.frames.iter().map(frame).collect();
    let mut grid = Grid {
        slices: frames.len() as u32,
        stacking: stack.stacking,
        ..Grid::image(1, 1)
    };
    super::geometry::place(&mut grid, &frames);
    let is_placed = |_: &Affine| grid.is_volume();
    grid.patient_from_voxel.filter(is_placed)?;
    Some(match SlicePlane::first(&grid).plane() {
        Plane::Stored => return None,
        Plane::Axial => "axial",
        Plane::Coronal => "coronal",
        Plane::Sagittal => "sagittal",
    })
}

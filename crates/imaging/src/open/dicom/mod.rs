//! DICOM: files → series → scans.
//!
//! | step | from | to |
//! |---|---|---|
//! | [`mod@file`] | bytes | transfer syntax and the bytes of the data set |
//! | [`data_set`] | those bytes | elements, found by [`attribute`] |
//! | [`layout`], [`frame_info`], [`frame_properties`] | elements | format of the samples; place and distinguishing properties of each frame |
//! | [`root_place`], [`mosaic`], [`csa`], [`private`] | elements | places given once for all frames; slices next to each other in one image |
//! | [`copies`], [`series`], [`stack`] | frames of all files | stacks in order: one choice each |
//! | [`split`], [`partial`], [`layers`], [`joined`] | frames at the same positions; single images | a stack for each echo, time, …; one stack of several series |
//! | [`pixels`] | pixel data | native samples, decompressed |
//! | [`voxels`], [`voxel_kind`], [`colour`], [`lut`] | native samples | values or RGB |
//! | [`geometry`], [`meaning`], [`voi`], [`source`] | elements | the grid, units, windows, attributes for exports |
//! | [`remarks`] | remarks on frames | notes |
//!
//! We have our own reader because a general one must be guarded by a walk through all elements before it sees a file
//! (dicom-rs 0.10 allocates the length that a file claims, and recurses into sequences), and that walk is most of a
//! reader. Ours also reads each value as the dictionary defines it, where dicom-rs misreads numbers that are stored as
//! `UN`.

mod attribute;
mod colour;
mod copies;
mod csa;
mod data_set;
mod element;
mod file;
mod frame_info;
mod frame_properties;
mod geometry;
mod instance;
mod joined;
mod jpeg_ls;
mod label;
mod layers;
mod layout;
mod lut;
mod meaning;
mod mosaic;
mod open;
mod partial;
mod pixels;
mod private;
mod problem;
mod refused;
mod regions;
mod remarks;
mod root_place;
mod segmentation;
mod segments;
mod series;
mod sop_class;
mod source;
mod spacing;
mod split;
mod stack;
mod structures;
mod transfer_syntax;
mod voi;
mod voxel_kind;
mod voxels;

use super::Choice;
use super::budget::{Budget, Spent};
use super::entry::Entry;
use crate::error::Error;
use crate::format::Format;
use crate::scan::{Note, Stacking};
use instance::Instance;

pub(super) use open::open;
pub(super) use segmentation::segmentation;
pub(super) use segments::label_map;
pub(super) use structures::{Onto, find as find_structures, structures};

/// The frames of a scan, in the order of its slices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DicomPick {
    frames: Vec<PickedFrame>,
    stacking: Stacking,
    /// Notes from sorting the frames.
    notes: Vec<Note>,
}

/// A frame in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PickedFrame {
    file: u32,
    /// Counted from 0.
    frame: u32,
}

/// Whether the bytes are a DICOM file with its preamble.
pub(super) fn has_preamble(bytes: &[u8]) -> bool {
    file::has_preamble(bytes)
}

/// Whether the bytes are a DICOM data set without preamble, judged by its first elements.
pub(super) fn detect(bytes: &[u8]) -> bool {
    file::detect(bytes)
}

/// Sort key of a stack: its series number, the smallest if it joins several series.
fn order(stack: &stack::Stack, instances: &[Instance]) -> f64 {
    let numbers = stack.frames.iter();
    numbers
        .filter_map(|frame| instances[frame.instance].series_number)
        .fold(f64::MAX, f64::min)
}

/// Lists the scans in the DICOM files, and the errors of other files. They are sorted by study, series, and order of
/// the files.
pub(super) fn survey(
    files: &[Entry<'_>],
    of_them: &[usize],
    budget: &Budget,
) -> (Vec<Choice>, Vec<Error>) {
    let (mut instances, mut errors) = (Vec::new(), Vec::new());
    let mut refused = Vec::new();
    for &file in of_them {
        let Some(entry) = files.get(file) else {
            continue;
        };
        let (error, series) = match entry.load(budget) {
            Ok(bytes) => match Instance::read(file, &bytes, budget) {
                Ok(instance) => {
                    instances.push(instance);
                    continue;
                }
                Err(problem) => {
                    let series = Instance::series_of_refused(&bytes, budget);
                    (problem.error(bytes.len(), budget), series)
                }
            },
            Err(error) => (error, None),
        };
        if !matches!(error, Error::NoImage { .. }) {
            refused.push((series, error.to_string()));
        }
        errors.push(error);
    }
    let found = sorted(&instances, files, &refused, budget);
    let choices = found.unwrap_or_else(|spent| {
        errors.insert(0, spent.error(Format::Dicom));
        Vec::new()
    });
    (choices, errors)
}

/// The stacks that the files make, as choices.
fn sorted(
    instances: &[Instance],
    files: &[Entry<'_>],
    refused: &[refused::Refused],
    budget: &Budget,
) -> Result<Vec<Choice>, Spent> {
    let originals = copies::originals(instances, files, budget);
    let mut stacks: Vec<stack::Stack> = Vec::new();
    for group in series::groups(instances, &originals, budget)? {
        let mut found = stack::stacks(&group, instances, budget)?;
        for stack in &mut found {
            stack.notes.splice(0..0, group.notes.iter().cloned());
            budget.keep(stack.bytes())?;
        }
        stacks.extend(found);
    }
    stacks.splice(0..0, joined::volumes(&stacks, instances, budget)?);
    stacks.sort_by(|a, b| order(a, instances).total_cmp(&order(b, instances)));
    refused::add_notes(&mut stacks, instances, refused);
    let labels = label::labels(&stacks, instances);
    let picked = |at: &stack::FrameRef| PickedFrame {
        file: instances[at.instance].file as u32,
        frame: at.frame as u32,
    };
    let choices = stacks.into_iter().zip(labels).map(|(stack, label)| {
        budget.keep_choice(stack.bytes() + (size_of::<Choice>() + label.len()) as u64)?;
        let pick = DicomPick {
            frames: stack.frames.iter().map(picked).collect(),
            stacking: stack.stacking,
            notes: stack.notes,
        };
        Ok(Choice::new(label, super::Pick::Dicom(pick)))
    });
    choices.collect()
}

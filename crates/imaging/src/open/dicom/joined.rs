//! Joins series of one image each that are slices of one volume, because some scanners and converters give every slice
//! its own series. They are offered as a volume, and also one by one.

use std::collections::HashMap;

use super::instance::Instance;
use super::series::{Form, Group, SAME_COSINE, alike, is_even};
use super::stack::{FrameRef, Stack, stacks, steps};
use crate::open::budget::{Budget, Spent};
use crate::scan::{Note, NoteCode};

/// Minimum number of slices to tell that they are equally spaced.
const MIN_SLICES: usize = 3;

/// What slices of one volume have in common: frame of reference, study (only if that is unknown), modality, pixel
/// format. Series numbers differ, since they may count the slices.
type Shared<'i> = (&'i str, Option<&'i str>, &'i str, Form);

/// The volumes that stacks of one image each make, which share frame of reference, orientation, pixel size and the step from
/// slice to slice, and are of different series.
pub(super) fn volumes(
    single: &[Stack],
    instances: &[Instance],
    budget: &Budget,
) -> Result<Vec<Stack>, Spent> {
    let mut families: HashMap<Shared<'_>, usize> = HashMap::new();
    let mut members: Vec<Vec<FrameRef>> = Vec::new();
    for stack in single {
        let [at] = stack.frames[..] else { continue };
        let instance = &instances[at.instance];
        let frame = &instance.frames[at.frame];
        if instance.is_multi_frame() || frame.position.is_none() || frame.orientation.is_none() {
            continue;
        }
        let reference = instance.frame_of_reference_uid.as_str();
        let shared = (
            reference,
            reference.is_empty().then_some(instance.study_uid.as_str()),
            instance.modality.as_str(),
            Form::of(&instance.layout),
        );
        let family = *families.entry(shared).or_insert_with(|| {
            members.push(Vec::new());
            members.len() - 1
        });
        members[family].push(at);
    }
    let mut volumes = Vec::new();
    for frames in members {
        for frames in alike(frames.into_iter(), |at| *at, instances, SAME_COSINE, budget)? {
            volumes.extend(volume(frames, instances, budget)?);
        }
    }
    Ok(volumes)
}

fn volume(
    frames: Vec<FrameRef>,
    instances: &[Instance],
    budget: &Budget,
) -> Result<Option<Stack>, Spent> {
    let steps = steps(&frames, instances);
    let series = |at: &FrameRef| instances[at.instance].series_uid.as_str();
    let mut uids: Vec<&str> = frames.iter().map(series).collect();
    uids.sort_unstable();
    uids.dedup();
    let is_volume = frames.len() >= MIN_SLICES
        && uids.len() == frames.len()
        && steps.len() + 1 == frames.len()
        && is_even(&steps);
    if !is_volume {
        return Ok(None);
    }
    let count = frames.len();
    let group = Group {
        frames,
        is_multi_frame: false,
        notes: Vec::new(),
    };
    let Some(mut stack) = stacks(&group, instances, budget)?.pop() else {
        return Ok(None);
    };
    stack.variant = format!("of {count} series");
    stack.notes.push(Note {
        code: NoteCode::Reading,
        text: format!(
            "The slices are of {count} series, which share frame of reference, orientation and step; they are read \
             as one volume."
        ),
    });
    Ok(Some(stack))
}

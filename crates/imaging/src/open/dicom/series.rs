//! Groups frames that could form stacks: of one series, size, pixel format and orientation.

use std::collections::{HashMap, HashSet};

use super::frame_info::FrameInfo;
use super::instance::Instance;
use super::layout::{Photometric, PixelLayout};
use super::stack::{FrameRef, steps};
use crate::open::budget::{Budget, Spent};
use crate::scan::{Note, NoteCode, PixelSpacing};

/// Frames that may differ only in position.
#[derive(Debug)]
pub(super) struct Group {
    pub frames: Vec<FrameRef>,
    /// Whether all are frames of one multi-frame image.
    pub is_multi_frame: bool,
    /// Notes for the user, for all stacks of the group.
    pub notes: Vec<Note>,
}

/// Maximum difference of cosines, and relative difference of spacings (below), that rounding explains.
pub(super) const SAME_COSINE: f64 = 1e-3;
const SAME_SPACING: f64 = 1e-3;

/// Maximum difference of cosines rounded to two digits, 0.01, plus some jitter of the file. Frames that differ by
/// this much belong to one stack if it is evenly spaced.
const ROUNDED_COSINE: f64 = 0.0125;

/// What the frames of a group have in common, apart from orientation and pixel size.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Identity<'i> {
    study_uid: &'i str,
    series_uid: &'i str,
    modality: &'i str,
    form: Form,
    /// The multi-frame image: the UID of its concatenation, or the index of its file.
    image: Option<(&'i str, usize)>,
    has_place: bool,
}

/// The pixel properties that frames of one scan must share. Storage may differ: slices of a series may have different
/// stored bits, signs or transfer syntaxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Form {
    rows: u32,
    columns: u32,
    is_colour: bool,
}

impl Form {
    pub fn of(layout: &PixelLayout) -> Form {
        Form {
            rows: layout.rows,
            columns: layout.columns,
            is_colour: layout.channels() == 3 || layout.photometric == Photometric::Palette,
        }
    }
}

/// Groups in the order of their first file; a multi-frame image is none with other files but the other parts of its
/// concatenation. Copies of other files are left out.
pub(super) fn groups(
    instances: &[Instance],
    originals: &[Option<usize>],
    budget: &Budget,
) -> Result<Vec<Group>, Spent> {
    let mut copies = vec![0; instances.len()];
    for original in originals.iter().flatten() {
        copies[*original] += 1;
    }
    let mut places: HashMap<Identity<'_>, usize> = HashMap::new();
    let mut members: Vec<(bool, Vec<FrameRef>)> = Vec::new();
    for (at, instance) in instances.iter().enumerate() {
        if originals.get(at).is_some_and(Option::is_some) {
            continue;
        }
        for frame in 0..instance.frames.len() {
            let identity = identity(instance, at, &instance.frames[frame]);
            let place = *places.entry(identity).or_insert_with(|| {
                members.push((instance.is_multi_frame(), Vec::new()));
                members.len() - 1
            });
            members[place].1.push(FrameRef {
                instance: at,
                frame,
            });
        }
    }
    let mut groups = Vec::new();
    for (is_multi_frame, frames) in members {
        for frames in parallel(frames, instances, budget)? {
            groups.push(Group {
                notes: notes(&frames, instances, &copies),
                frames,
                is_multi_frame,
            });
        }
    }
    Ok(groups)
}

fn identity<'i>(instance: &'i Instance, at: usize, frame: &FrameInfo) -> Identity<'i> {
    let image = match &instance.concatenation {
        Some(part) => Some((part.uid.as_str(), 0)),
        None => instance.is_multi_frame().then_some(("", at)),
    };
    Identity {
        study_uid: &instance.study_uid,
        series_uid: &instance.series_uid,
        modality: &instance.modality,
        form: Form::of(&instance.layout),
        image,
        has_place: frame.position.is_some() && frame.orientation.is_some(),
    }
}

/// Frames by orientation and pixel size. Orientations that differ by no more than rounding are one where the frames
/// are evenly stacked so, or are no stacks without each other.
fn parallel(
    frames: Vec<FrameRef>,
    instances: &[Instance],
    budget: &Budget,
) -> Result<Vec<Vec<FrameRef>>, Spent> {
    let exact = alike(frames.into_iter(), |at| *at, instances, SAME_COSINE, budget)?;
    let rounded = alike(
        exact.into_iter(),
        |group| group[0],
        instances,
        ROUNDED_COSINE,
        budget,
    )?;
    let joined = rounded.into_iter().flat_map(|family| {
        let is_stack = |frames: &[FrameRef]| is_even(&steps(frames, instances));
        let whole: Vec<FrameRef> = family.concat();
        let is_one =
            family.len() == 1 || is_stack(&whole) || !family.iter().any(|group| is_stack(group));
        match is_one {
            true => vec![whole],
            false => family,
        }
    });
    Ok(joined.collect())
}

/// Puts what is parallel together: each with the first family whose first member is parallel to it. Every comparison
/// counts, because all may differ from all.
pub(super) fn alike<T>(
    each: impl Iterator<Item = T>,
    first: impl Fn(&T) -> FrameRef,
    instances: &[Instance],
    same_cosine: f64,
    budget: &Budget,
) -> Result<Vec<Vec<T>>, Spent> {
    let info = |at: FrameRef| &instances[at.instance].frames[at.frame];
    let mut families: Vec<Vec<T>> = Vec::new();
    // Two of the cosines of each, which tell most apart.
    let mut cosines: Vec<[f64; 2]> = Vec::new();
    for one in each {
        let own = info(first(&one));
        let [a, b] = two_cosines(own);
        let mut compared = 0;
        let found = cosines.iter().enumerate().position(|(at, other)| {
            let is_near = (other[0] - a).abs() < same_cosine && (other[1] - b).abs() < same_cosine;
            compared += u64::from(is_near);
            is_near && is_parallel(info(first(&families[at][0])), own, same_cosine)
        });
        let looked_at = found.unwrap_or(families.len()) as u64;
        budget.step(compared + looked_at / LOOKED_AT_PER_STEP + 1)?;
        match found {
            Some(at) => families[at].push(one),
            None => {
                families.push(vec![one]);
                cosines.push([a, b]);
            }
        }
    }
    Ok(families)
}

/// Families whose two cosines are looked at in one step.
const LOOKED_AT_PER_STEP: u64 = 8;

/// Those of a frame without an orientation are no cosines.
fn two_cosines(frame: &FrameInfo) -> [f64; 2] {
    frame
        .orientation
        .map_or([9.0; 2], |[row, column]| [row[0], column[1]])
}

/// Distances between slices may differ by this fraction of the usual one, and this fraction of the distances (below)
/// may be multiples of it, where slices are missing. Chosen by hand: in two interleaved stacks, half of the distances
/// are.
const MAX_UNEVEN: f64 = 0.1;
const MAX_MISSING: f64 = 0.2;

/// Whether at least three planes are equally spaced.
pub(super) fn is_even(steps: &[f64]) -> bool {
    let mut sorted = steps.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(&usual) = sorted.get(sorted.len() / 2).filter(|_| steps.len() > 1) else {
        return false;
    };
    let whole = |step: &f64| (step / usual).round().max(1.0);
    let gaps = steps.iter().filter(|step| whole(step) > 1.0).count();
    gaps as f64 <= MAX_MISSING * steps.len() as f64
        && steps
            .iter()
            .all(|step| (step - whole(step) * usual).abs() <= MAX_UNEVEN * usual)
}

/// Whether two frames have the same orientation, within a difference of cosines, and the same pixel size.
pub(super) fn is_parallel(a: &FrameInfo, b: &FrameInfo, same_cosine: f64) -> bool {
    let orientation = match (&a.orientation, &b.orientation) {
        (Some(a), Some(b)) => {
            let (a, b) = (a.as_flattened(), b.as_flattened());
            a.iter().zip(b).all(|(a, b)| (a - b).abs() < same_cosine)
        }
        (a, b) => a.is_none() && b.is_none(),
    };
    let near = |a: f64, b: f64| (a - b).abs() <= SAME_SPACING * a.abs();
    let spacing = match (a.spacing, b.spacing) {
        (Some(a), Some(b)) => {
            let PixelSpacing { x_mm, y_mm, source } = a;
            near(x_mm, b.x_mm) && near(y_mm, b.y_mm) && source == b.source
        }
        (a, b) => a.is_none() && b.is_none(),
    };
    orientation && spacing
}

/// Maximum number of different notes of a group's files.
const MAX_NOTES: usize = 8;

/// Maximum number of parts of a concatenation that are listed one by one.
const MAX_LISTED: usize = 5;

/// What the files of a group say, copies that were left out, and parts of a concatenation that aren't there.
fn notes(frames: &[FrameRef], instances: &[Instance], copies: &[usize]) -> Vec<Note> {
    let mut of_group: Vec<usize> = frames.iter().map(|frame| frame.instance).collect();
    of_group.sort_unstable();
    of_group.dedup();
    let mut notes: Vec<Note> = Vec::new();
    for note in of_group.iter().flat_map(|&at| &instances[at].notes) {
        if notes.len() < MAX_NOTES && !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    let text = match of_group.iter().map(|&at| copies[at]).sum() {
        0usize => None,
        1 => Some("1 file is there twice and counts once.".to_owned()),
        count => Some(format!(
            "{count} files are copies of others and were left out."
        )),
    };
    notes.extend(text.map(|text| Note {
        code: NoteCode::DuplicateSlice,
        text,
    }));
    notes.extend(missing_parts(&of_group, instances));
    notes
}

fn missing_parts(of_group: &[usize], instances: &[Instance]) -> Option<Note> {
    let parts = of_group
        .iter()
        .filter_map(|&at| Some((instances[at].concatenation.as_ref()?, &instances[at])));
    let mut parts: Vec<_> = parts.collect();
    parts.sort_by_key(|(part, _)| part.number);
    let (last, _) = parts.last()?;
    let total = parts.iter().filter_map(|(part, _)| part.total).max();
    let total = total.unwrap_or(0).max(last.number);
    let numbers: HashSet<u32> = parts.iter().map(|(part, _)| part.number).collect();
    // A file may claim billions.
    let named: Vec<String> = (1..=total)
        .filter(|number| !numbers.contains(number))
        .map(|number| number.to_string())
        .take(MAX_LISTED)
        .collect();
    let count = (total as usize).saturating_sub(parts.len());
    if count == 0 || named.is_empty() {
        return None;
    }
    let more = match count.saturating_sub(named.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (parts, are) = if count == 1 {
        ("part", "is")
    } else {
        ("parts", "are")
    };
    Some(Note {
        code: NoteCode::SliceGap,
        text: format!(
            "The image was split into {total} files: {parts} {}{more} {are} missing.",
            named.join(", ")
        ),
    })
}

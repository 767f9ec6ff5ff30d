//! Frames of a series → stacks: which belong together, and in which order (DICOM PS3.3 C.7.6.2.1.1).

use super::frame_info::FrameInfo;
use super::instance::Instance;
use super::series::Group;
use crate::scan::{Note, NoteCode, Stacking, cross, dot};

/// A frame among those of all instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameRef {
    /// Which instance.
    pub instance: usize,
    /// Which of its frames, from 0.
    pub frame: usize,
}

/// Frames in the order of the slices.
#[derive(Debug)]
pub(super) struct Stack {
    pub frames: Vec<FrameRef>,
    pub stacking: Stacking,
    pub notes: Vec<Note>,
    /// What tells it from the other stacks of its series, such as `echo 2`; empty if it is the only one.
    pub kind: String,
}

/// A frame with what it is sorted by.
struct Placed<'i> {
    at: FrameRef,
    info: &'i FrameInfo,
    /// Along the normal, in mm.
    distance: f64,
    /// Instance number, then the frame's.
    number: (f64, usize),
}

/// The stacks of frames that have everything but their position in common.
pub(super) fn stacks(group: &Group, instances: &[Instance]) -> Vec<Stack> {
    let mut placed: Vec<Placed<'_>> = Vec::new();
    let mut has_positions = true;
    for at in &group.frames {
        let instance = &instances[at.instance];
        let info = &instance.frames[at.frame];
        let distance = distance(info);
        has_positions &= distance.is_some();
        placed.push(Placed {
            at: *at,
            info,
            distance: distance.unwrap_or(0.0),
            number: (instance.instance_number.unwrap_or(f64::MAX), at.frame),
        });
    }
    placed.sort_by(|a, b| {
        a.number
            .0
            .total_cmp(&b.number.0)
            .then(a.number.1.cmp(&b.number.1))
    });
    if placed.len() == 1 {
        let stacking = if has_positions {
            Stacking::Slices
        } else {
            Stacking::Frames
        };
        return vec![stack(&placed, stacking, Vec::new())];
    }
    if !has_positions {
        return vec![without_positions(&placed, group, instances)];
    }
    let tolerance = tolerance(placed[0].info);
    // Sorting is stable: of those at one position, the order of their numbers stays.
    placed.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    split(placed, tolerance)
}

/// Where a frame's first pixel is along the normal of its plane.
fn distance(info: &FrameInfo) -> Option<f64> {
    let [row, column] = info.orientation?;
    Some(dot(info.position?, cross(row, column)))
}

/// Positions nearer to each other than this are one: a hundredth of a pixel.
fn tolerance(info: &FrameInfo) -> f64 {
    info.spacing
        .map_or(0.001, |spacing| spacing.x_mm.min(spacing.y_mm) / 100.0)
}

/// How many frames there are at each position.
fn counts(frames: &[Placed<'_>], tolerance: f64) -> Vec<usize> {
    let same = |a: &Placed<'_>, b: &Placed<'_>| (b.distance - a.distance) <= tolerance;
    frames.chunk_by(same).map(<[_]>::len).collect()
}

fn stack(frames: &[Placed<'_>], stacking: Stacking, notes: Vec<Note>) -> Stack {
    Stack {
        frames: frames.iter().map(|placed| placed.at).collect(),
        stacking,
        notes,
        kind: String::new(),
    }
}

/// In the order of their numbers. A multi-frame image without positions is one after the other in time.
fn without_positions(frames: &[Placed<'_>], group: &Group, instances: &[Instance]) -> Stack {
    let instance = &instances[group.frames[0].instance];
    let is_sliced = ["CT", "MR", "PT"].contains(&instance.modality.as_str());
    if group.is_multi_frame || !is_sliced {
        return stack(frames, Stacking::Frames, Vec::new());
    }
    let note = Note {
        code: NoteCode::NoPositions,
        text:
            "The slices are in the order of their instance numbers: the files don't say where they \
               lie."
                .to_owned(),
    };
    stack(frames, Stacking::Slices, vec![note])
}

/// Frames at the same positions are stacks of their own, told apart by what the files say of them, or
/// by their order; if that is impossible one of each position is taken.
fn split(frames: Vec<Placed<'_>>, tolerance: f64) -> Vec<Stack> {
    // Frames of two segments are no one label map, even where they share no position.
    if are_segments(&frames)
        && let Some(parts) = by_kind(&frames, tolerance)
    {
        return parts;
    }
    let at_each = counts(&frames, tolerance);
    let most = at_each.iter().copied().max().unwrap_or(1);
    if most == 1 {
        return vec![in_space(&frames)];
    }
    if at_each.len() == 1 {
        let mut frames = frames;
        frames.sort_by(|a, b| {
            a.number
                .0
                .total_cmp(&b.number.0)
                .then(a.number.1.cmp(&b.number.1))
        });
        return vec![stack(&frames, Stacking::Frames, Vec::new())];
    }
    if let Some(parts) = by_kind(&frames, tolerance) {
        return parts;
    }
    if at_each.iter().all(|&count| count == most) {
        return by_order(&frames, most);
    }
    vec![without_duplicates(&frames, tolerance)]
}

/// Whether frames belong to different segments of a Segmentation.
fn are_segments(frames: &[Placed<'_>]) -> bool {
    let segment = |placed: &Placed<'_>| {
        let mut kinds = placed.info.kinds.iter();
        kinds.find(|(name, _)| *name == "segment").cloned()
    };
    let first = frames.first().and_then(segment);
    first.is_some() && frames.iter().any(|placed| segment(placed) != first)
}

/// Name and value of what tells frames apart.
type Kind = (&'static str, String);

/// Split by the first attribute, or else by all together, that leaves one frame at each position.
fn by_kind(frames: &[Placed<'_>], tolerance: f64) -> Option<Vec<Stack>> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in frames.iter().flat_map(|placed| &placed.info.kinds) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let single = names.iter().map(|&name| vec![name]);
    let all = [names.clone()];
    single.chain(all).find_map(|names| {
        let mut parts: Vec<(Vec<&Kind>, Vec<usize>)> = Vec::new();
        for (at, placed) in frames.iter().enumerate() {
            let key: Vec<_> = placed
                .info
                .kinds
                .iter()
                .filter(|(n, _)| names.contains(n))
                .collect();
            match parts.iter().position(|(known, _)| *known == key) {
                Some(part) => parts[part].1.push(at),
                None if parts.len() == MAX_PARTS => return None,
                None => parts.push((key, vec![at])),
            }
        }
        let is_sound = parts.len() > 1
            && parts.iter().all(|(_, members)| {
                let pairs = members.windows(2);
                pairs
                    .map(|pair| frames[pair[1]].distance - frames[pair[0]].distance)
                    .all(|step| step > tolerance)
            });
        is_sound.then(|| {
            let part = |(key, members): &(Vec<&Kind>, Vec<usize>)| {
                let taken: Vec<&Placed<'_>> = members.iter().map(|&at| &frames[at]).collect();
                let kind: Vec<String> = key
                    .iter()
                    .map(|(name, value)| format!("{name} {value}"))
                    .collect();
                Stack {
                    kind: kind.join(", "),
                    ..in_space_of(&taken)
                }
            };
            parts.iter().map(part).collect()
        })
    })
}

/// Stacks of one series that are offered.
const MAX_PARTS: usize = 1000;

/// As many stacks as there are frames at each position, the first of each in the first.
fn by_order(frames: &[Placed<'_>], parts: usize) -> Vec<Stack> {
    let part = |part: usize| {
        let taken: Vec<&Placed<'_>> = frames.iter().skip(part).step_by(parts).collect();
        Stack {
            kind: format!("part {} of {parts}", part + 1),
            ..in_space_of(&taken)
        }
    };
    (0..parts).map(part).collect()
}

fn without_duplicates(frames: &[Placed<'_>], tolerance: f64) -> Stack {
    let same = |a: &Placed<'_>, b: &Placed<'_>| (b.distance - a.distance) <= tolerance;
    let firsts: Vec<&Placed<'_>> = frames.chunk_by(same).filter_map(<[_]>::first).collect();
    let mut stack = in_space_of(&firsts);
    stack
        .notes
        .insert(0, duplicates(frames.len() - firsts.len()));
    stack
}

pub(super) fn duplicates(count: usize) -> Note {
    let text = match count {
        1 => "1 slice lies where another one does and was left out.".to_owned(),
        _ => format!("{count} slices lie where others do and were left out."),
    };
    Note {
        code: NoteCode::DuplicateSlice,
        text,
    }
}

fn in_space(frames: &[Placed<'_>]) -> Stack {
    in_space_of(&frames.iter().collect::<Vec<_>>())
}

/// Frames at positions of their own, in order.
fn in_space_of(frames: &[&Placed<'_>]) -> Stack {
    let infos: Vec<&FrameInfo> = frames.iter().map(|placed| placed.info).collect();
    Stack {
        frames: frames.iter().map(|placed| placed.at).collect(),
        stacking: Stacking::Slices,
        notes: super::geometry::notes(&infos),
        kind: String::new(),
    }
}

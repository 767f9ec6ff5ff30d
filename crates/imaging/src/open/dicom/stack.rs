//! Forms stacks of frames: which belong together, and in which order (DICOM PS3.3 C.7.6.2.1.1).

use super::frame_info::FrameInfo;
use super::instance::Instance;
use super::series::Group;
use super::{geometry, split};
use crate::open::budget::{Budget, Spent};
use crate::scan::{Note, NoteCode, Stacking, cross, dot};

/// Index of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameRef {
    /// Index of the instance.
    pub instance: usize,
    /// Index of the frame in the instance.
    pub frame: usize,
}

/// Frames in the order of the slices.
#[derive(Debug)]
pub(super) struct Stack {
    pub frames: Vec<FrameRef>,
    pub stacking: Stacking,
    pub notes: Vec<Note>,
    /// A label that distinguishes it from the other stacks of its series, such as `echo 2`; empty if it is the only
    /// one.
    pub variant: String,
}

impl Stack {
    /// Memory of it.
    pub fn bytes(&self) -> u64 {
        let notes = self.notes.iter();
        let notes: usize = notes.map(|note| size_of::<Note>() + note.text.len()).sum();
        let frames = self.frames.len() * size_of::<FrameRef>();
        (size_of::<Stack>() + frames + notes + self.variant.len()) as u64
    }
}

/// Memory of a frame while its group is divided: lists of it, of the parts that were tried, and of those that were taken.
/// Chosen by hand, above the peak of one group of 60,000 frames.
const SORTING_BYTES: u64 = 2048;

/// A frame with what it is sorted by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'i> {
    pub at: FrameRef,
    pub info: &'i FrameInfo,
    /// Position along the normal, in mm.
    pub distance: f64,
    /// Index of its position among the distinct positions of the group.
    pub slot: usize,
    /// Instance number, then index of the frame.
    number: (f64, usize),
}

impl Placed<'_> {
    /// Compares by instance number, then by frame.
    pub fn by_number(&self, other: &Self) -> std::cmp::Ordering {
        let (a, b) = (self.number, other.number);
        a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
    }
}

/// The stacks of frames that have everything but their position in common.
pub(super) fn stacks(
    group: &Group,
    instances: &[Instance],
    budget: &Budget,
) -> Result<Vec<Stack>, Spent> {
    let count = group.frames.len() as u64;
    let _sorting = budget.hold(count * SORTING_BYTES)?;
    let mut placed = placed(&group.frames, instances);
    placed.sort_by(Placed::by_number);
    let has_positions = placed.iter().all(|frame| frame.info.position.is_some())
        && geometry::orientation(&infos(&placed)).is_some();
    if placed.len() == 1 {
        let stacking = if has_positions {
            Stacking::Slices
        } else {
            Stacking::Frames
        };
        return Ok(vec![stack(&placed, stacking, Vec::new())]);
    }
    if !has_positions {
        return Ok(vec![without_positions(&placed, group, instances)]);
    }
    // The sort is stable, so frames at one position stay in the order of their numbers.
    placed.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    let positions = number_slots(&mut placed);
    if positions == 1 {
        placed.sort_by(Placed::by_number);
        return Ok(vec![stack(&placed, Stacking::Frames, Vec::new())]);
    }
    split::split(&placed, budget)
}

/// Distances between the distinct planes of frames, from the lowest to the highest.
pub(super) fn steps(frames: &[FrameRef], instances: &[Instance]) -> Vec<f64> {
    let mut placed = placed(frames, instances);
    placed.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    number_slots(&mut placed);
    let firsts = placed.chunk_by(|a, b| a.slot == b.slot);
    let distances: Vec<f64> = firsts
        .filter_map(<[_]>::first)
        .map(|frame| frame.distance)
        .collect();
    distances.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Computes the frames' positions along their common normal.
fn placed<'i>(frames: &[FrameRef], instances: &'i [Instance]) -> Vec<Placed<'i>> {
    let info = |at: &FrameRef| &instances[at.instance].frames[at.frame];
    let infos: Vec<&FrameInfo> = frames.iter().map(info).collect();
    let normal = geometry::orientation(&infos).map(|[row, column]| cross(row, column));
    let placed = frames.iter().zip(infos).map(|(at, info)| {
        let instance = &instances[at.instance];
        let part = instance.concatenation.as_ref();
        let number = match part {
            // Parts of a concatenation may share one instance number.
            Some(part) => f64::from(part.number),
            None => instance.instance_number.unwrap_or(f64::MAX),
        };
        let distance = info
            .position
            .zip(normal)
            .map(|(at, normal)| dot(at, normal));
        Placed {
            at: *at,
            info,
            distance: distance.unwrap_or(0.0),
            slot: 0,
            number: (number, at.frame),
        }
    });
    placed.collect()
}

/// Tolerances for positions of one plane, in mm: [`ROUNDED_MM`] for rounding that differs, for example between echoes;
/// [`MOVED_MM`] for motion between volumes, if each plane has the same number of frames; at most half a pixel. Other
/// planes must be [`MIN_APART`] times further away. Chosen by hand: two digits, and a fraction of the thinnest slices
/// of time series.
const ROUNDED_MM: f64 = 0.05;
const MOVED_MM: f64 = 0.25;
const MIN_APART: f64 = 10.0;

/// Assigns slots to frames that are sorted by distance. Returns the number of slots.
fn number_slots(frames: &mut [Placed<'_>]) -> usize {
    let spacing = frames.first().and_then(|frame| frame.info.spacing);
    let pixel = spacing.map_or(0.1, |spacing| spacing.x_mm.min(spacing.y_mm));
    let is_clear = number_clearly(frames, ROUNDED_MM.min(pixel / 2.0)).is_some()
        || number_clearly(frames, MOVED_MM.min(pixel / 2.0))
            .is_some_and(|counts| counts[0] > 1 && counts.iter().all(|count| *count == counts[0]));
    if !is_clear {
        // Positions within a hundredth of a pixel are the same.
        number(frames, pixel / 100.0);
    }
    frames.last().map_or(0, |last| last.slot + 1)
}

/// Assigns slots with a tolerance, if all other positions are much further away. Returns the number of frames in each
/// slot.
fn number_clearly(frames: &mut [Placed<'_>], tolerance: f64) -> Option<Vec<usize>> {
    let mut gaps = frames
        .windows(2)
        .map(|pair| pair[1].distance - pair[0].distance);
    if !gaps.all(|gap| gap <= tolerance || gap >= MIN_APART * tolerance) {
        return None;
    }
    number(frames, tolerance);
    let positions = frames.chunk_by(|a, b| a.slot == b.slot);
    let mut counts = Vec::new();
    for at_one in positions {
        let extent = at_one.last()?.distance - at_one.first()?.distance;
        // Don't merge a chain of very thin slices.
        if extent > tolerance {
            return None;
        }
        counts.push(at_one.len());
    }
    (counts.len() > 1).then_some(counts)
}

/// Assigns slots: a gap above the tolerance begins a new one.
fn number(frames: &mut [Placed<'_>], tolerance: f64) {
    let mut last: Option<(f64, usize)> = None;
    for frame in frames {
        let slot = last.map_or(0, |(distance, slot)| {
            slot + usize::from(frame.distance - distance > tolerance)
        });
        frame.slot = slot;
        last = Some((frame.distance, slot));
    }
}

fn infos<'i>(frames: &[Placed<'i>]) -> Vec<&'i FrameInfo> {
    frames.iter().map(|placed| placed.info).collect()
}

fn stack(frames: &[Placed<'_>], stacking: Stacking, notes: Vec<Note>) -> Stack {
    Stack {
        frames: frames.iter().map(|placed| placed.at).collect(),
        stacking,
        notes,
        variant: String::new(),
    }
}

/// A stack in the order of numbers. A multi-frame image without positions is a time series, unless it is a mosaic.
fn without_positions(frames: &[Placed<'_>], group: &Group, instances: &[Instance]) -> Stack {
    let instance = &instances[group.frames[0].instance];
    if instance.is_mosaic && group.is_multi_frame {
        return stack(frames, Stacking::Slices, Vec::new());
    }
    let is_sliced = ["CT", "MR", "PT"].contains(&instance.modality.as_str());
    if group.is_multi_frame || instance.is_mosaic || !is_sliced {
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

/// A stack of frames that each have their own position, in order.
pub(super) fn in_space(frames: &[Placed<'_>], variant: String) -> Stack {
    Stack {
        frames: frames.iter().map(|placed| placed.at).collect(),
        stacking: Stacking::Slices,
        notes: geometry::notes(&infos(frames)),
        variant,
    }
}

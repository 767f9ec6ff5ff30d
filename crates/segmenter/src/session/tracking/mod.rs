//! Propagation by a model with a memory: each slice attends to what was found on the slices before.
//!
//! The slices that the user marked enter the memory, those beyond the first one as well; a propagation passes them as they
//! are. A slice whose mask comes from a box alone enters with the box, as in MedSAM2's scripts; any other with its mask, as
//! in their scripts for RECIST measures (`add_new_mask`), with corrections as further prompted slices.
//!
//! Several objects go side by side, each with a memory of its own, and share the encoding of a slice.

mod corrections;
mod memory;
mod steps;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use boxel_imaging::{Mask, PropagationRule, SlicePlane, Stop};
use burn_sam::sam2::{self, CorrectedAs, MemoryFormat, Sam2, Tracker, Tracking};

pub(super) use corrections::{Correction, Remembered};

use super::course::Course;
use super::encode::Encoded;
use super::object_mask::ObjectMask;
use super::open_scan::OpenScan;
use super::propagation::{Direction, Wanted, object_from};
use crate::embed::{Embedder, Embedding};
use crate::error::Error;
use crate::rendering::Rendering;

/// How many slices a propagation goes in each direction, if the caller does not say: 3 cm of slices of 1 mm.
pub const DEFAULT_PROPAGATION_RANGE: u32 = 32;

/// Marked slices that enter the memory, the nearest to the first one: each takes as long at every slice as one of the six
/// memories of slices before. Chosen by hand.
const MAX_PROMPTED: usize = 8;

/// Objects on their way through the slices.
#[derive(Debug)]
pub(super) struct TrackedPropagation {
    from: Rendering,
    range: u32,
    objects: Vec<TrackedObject>,
    encoded: Encoded,
    attention: Option<Attention>,
}

/// One object on its way.
#[derive(Debug)]
struct TrackedObject {
    course: Course,
    tracker: Tracker,
    /// Marked slices, with the masks that the memory has of them.
    prompted: Vec<(u32, Mask)>,
    /// Marked slices that are still to enter the memory, the next one last.
    pending: Vec<u32>,
    /// The masks of the slices that were tracked in this direction, by their numbers.
    found: BTreeMap<u32, u64>,
    /// Whether the memories of an earlier propagation in this direction were recalled.
    has_recalled: bool,
}

/// A slice that attends to an object's memory.
#[derive(Debug)]
struct Attention {
    object: u32,
    slice: u32,
    embedding: Box<Embedding>,
    tracking: Tracking,
    done: usize,
}

/// What an object's propagation does next.
enum Next {
    /// Track this slice.
    Slice(u32),
    /// Take the mask of this slice as it is.
    Pass(u32),
    Stop(Stop),
}

impl TrackedPropagation {
    pub fn from(&self) -> Rendering {
        self.from
    }

    pub fn encoded(&self) -> Option<&(Rendering, Embedder)> {
        self.encoded.as_ref()
    }

    /// The next slices that it needs if no mask ends a direction early, the next one first: marked ones, then those of a
    /// direction from the nearest to the farthest.
    pub fn coming(
        &self,
        objects: &BTreeMap<u32, ObjectMask>,
        slice_plane: &SlicePlane,
        count: usize,
    ) -> Vec<u32> {
        let mut coming = BTreeSet::new();
        let from = self.from.slice;
        for tracked in &self.objects {
            let Some(object) = object_from(objects, tracked.course.object(), &self.from) else {
                continue;
            };
            let distance = |slice: u32| slice.abs_diff(from);
            coming.extend(
                tracked
                    .pending
                    .iter()
                    .map(|&slice| (0, distance(slice), slice)),
            );
            let slices = tracked.course.coming(object, slice_plane);
            let slices = slices.filter(|slice| distance(*slice) <= self.range);
            // Downwards comes last in every propagation of both directions.
            let place = |slice: u32| if slice > from { 1 } else { 2 };
            coming.extend(slices.map(|slice| (place(slice), distance(slice), slice)));
        }
        let attending = self.attention.as_ref().map(|attention| attention.slice);
        let slices = coming.into_iter().map(|(.., slice)| slice);
        let slices = slices.filter(|slice| Some(*slice) != attending);
        slices.take(count).collect()
    }

    /// The object whose turn it is: all go in one direction before the next one, side by side.
    fn current(&self) -> Option<usize> {
        let distance = |slice: u32| slice.abs_diff(self.from.slice);
        let turn = |(_, object): &(usize, &TrackedObject)| {
            let left = Reverse(object.course.directions_left());
            match object.pending.last() {
                Some(&slice) => (left, 0, distance(slice)),
                None => (left, 1, distance(object.course.at())),
            }
        };
        let going = self.objects.iter().enumerate();
        let going = going.filter(|(_, object)| object.course.direction().is_some());
        going.min_by_key(turn).map(|(index, _)| index)
    }
}

impl TrackedObject {
    /// Whether the propagation follows the rules before [`PropagationRule::Memories`].
    fn is_of_before(&self) -> bool {
        self.course.rule() != PropagationRule::Memories
    }

    /// The next action. A marked slice is passed, unless the user says that the object is not there.
    fn next(
        &self,
        direction: Direction,
        (from, range): (u32, u32),
        object: &ObjectMask,
        slice_plane: &SlicePlane,
    ) -> Next {
        if self.course.neighbour().area_px() == 0 {
            return Next::Stop(Stop::Empty);
        }
        match direction.next(self.course.at(), slice_plane.slices()) {
            None => Next::Stop(Stop::End),
            Some(slice) if slice.abs_diff(from) > range => Next::Stop(Stop::Range),
            Some(slice) if !object.is_touched(slice) => Next::Slice(slice),
            Some(slice) if object.voxels().slice(slice_plane, slice).area_px() == 0 => {
                Next::Stop(Stop::Marked)
            }
            Some(slice) => Next::Pass(slice),
        }
    }

    /// Prepares the memory for a direction: it keeps marked slices, unless the user has changed one's mask.
    fn turn(&mut self, (from, range): (u32, u32), object: &ObjectMask, slice_plane: &SlicePlane) {
        self.found.clear();
        self.has_recalled = false;
        let marked = marked(object, from, range);
        let mask = |slice: u32| object.voxels().slice(slice_plane, slice);
        let known = self.prompted.iter().map(|(slice, _)| *slice);
        let is_same = known.eq(marked.iter().copied())
            && self
                .prompted
                .iter()
                .all(|(slice, before)| mask(*slice) == *before);
        if is_same {
            self.tracker.turn();
            return;
        }
        self.tracker.reset();
        self.prompted.clear();
        self.pending = marked.into_iter().rev().collect();
    }
}

/// The slices that enter the memory: the first one, whoever made its mask, then the user's, the nearest one first.
fn marked(object: &ObjectMask, from: u32, range: u32) -> Vec<u32> {
    let near = |slice: &u32| *slice != from && slice.abs_diff(from) <= range;
    let slices = object.slices().map(|(slice, _)| slice);
    let mut slices: Vec<u32> = slices
        .filter(near)
        .filter(|slice| object.is_touched(*slice))
        .collect();
    slices.sort_by_key(|slice| (slice.abs_diff(from), *slice));
    std::iter::once(from)
        .chain(slices)
        .take(MAX_PROMPTED)
        .collect()
}

fn way(direction: Direction) -> sam2::Direction {
    match direction {
        Direction::Up => sam2::Direction::Forward,
        Direction::Down => sam2::Direction::Backward,
    }
}

impl OpenScan {
    /// A propagation with the memory of a SAM 2. `from` is the first slice, and the window in which all are seen.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if its memories would not fit.
    pub(super) fn tracked(
        &self,
        sam2: &Sam2,
        from: Rendering,
        courses: Vec<Course>,
        wanted: Wanted<'_>,
    ) -> Result<TrackedPropagation, Error> {
        let slices = from.slice_plane(&self.scan).slices();
        memory::check(sam2, &wanted, slices)?;
        let objects = courses.into_iter().map(|course| {
            let mask = self.object_mask(course.object())?;
            let pending = marked(mask, from.slice, wanted.range);
            let (format, corrected_as) = (MemoryFormat::Bf16, CorrectedAs::Prompted);
            Ok(TrackedObject {
                course,
                tracker: Tracker::new(sam2, slices as usize, format, corrected_as),
                prompted: Vec::new(),
                pending: pending.into_iter().rev().collect(),
                found: BTreeMap::new(),
                has_recalled: false,
            })
        });
        Ok(TrackedPropagation {
            from,
            range: wanted.range,
            objects: objects.collect::<Result<_, Error>>()?,
            encoded: None,
            attention: None,
        })
    }
}

//! Propagation by a model with a memory: each slice attends to what was found on the slices before.
//!
//! The masks of the slices that the user marked enter the memory, those beyond the first one as well; a propagation passes
//! them as they are. This is what the authors' scripts for RECIST measures do (`add_new_mask`), with corrections as further
//! prompted slices.

mod steps;

use boxel_imaging::{Mask, PropagationLimits, SlicePlane, Stop, Window};
use burn_sam::sam2::{self, CorrectedAs, MemoryFormat, Sam2, Tracker, Tracking};

use super::course::Course;
use super::encode::Encoded;
use super::object_mask::ObjectMask;
use super::open_scan::OpenScan;
use super::propagation::Direction;
use crate::embed::Embedding;
use crate::error::Error;
use crate::rendering::Rendering;

/// How many slices a propagation goes in each direction, if the caller does not say: 3 cm of slices of 1 mm.
pub const DEFAULT_PROPAGATION_RANGE: u32 = 32;

/// Marked slices that enter the memory, the nearest to the first one: each takes as long at every slice as one of the six
/// memories of slices before. Chosen by hand.
const MAX_PROMPTED: usize = 8;

/// One object on its way through the slices.
#[derive(Debug)]
pub(super) struct TrackedPropagation {
    object: u32,
    from: Rendering,
    range: u32,
    course: Course,
    tracker: Tracker,
    /// Marked slices, with the masks that the memory has of them.
    prompted: Vec<(u32, Mask)>,
    /// Marked slices that are still to enter the memory, the next one last.
    pending: Vec<u32>,
    encoded: Encoded,
    attention: Option<Attention>,
}

/// A slice that attends to the memory.
#[derive(Debug)]
struct Attention {
    slice: u32,
    embedding: Box<Embedding>,
    tracking: Tracking,
    done: usize,
}

/// What a propagation does next.
enum Next {
    /// Track this slice.
    Slice(u32),
    /// Take the mask of this slice as it is.
    Pass(u32),
    Stop(Stop),
    Finished,
}

impl TrackedPropagation {
    pub fn is_encoding(&self, rendering: &Rendering) -> bool {
        self.encoded.as_ref().is_some_and(|(of, _)| of == rendering)
    }

    /// The slices that it needs if no mask ends a direction early, the next one first.
    fn coming(&self, object: &ObjectMask, slice_plane: &SlicePlane) -> impl Iterator<Item = u32> {
        let way = self.course.coming(object, slice_plane);
        let way = way.filter(move |slice| slice.abs_diff(self.from.slice) <= self.range);
        let attending = self.attention.as_ref().map(|attention| attention.slice);
        let needed = self.pending.iter().rev().copied().chain(way);
        needed.filter(move |slice| Some(*slice) != attending)
    }

    /// The next action. A marked slice is passed, unless the user says that the object is not there.
    fn next(&self, object: &ObjectMask, slice_plane: &SlicePlane) -> Next {
        let Some(direction) = self.course.direction() else {
            return Next::Finished;
        };
        if self.course.neighbour().area_px() == 0 {
            return Next::Stop(Stop::Empty);
        }
        match direction.next(self.course.at(), slice_plane.slices()) {
            None => Next::Stop(Stop::End),
            Some(slice) if slice.abs_diff(self.from.slice) > self.range => Next::Stop(Stop::Range),
            Some(slice) if !object.is_touched(slice) => Next::Slice(slice),
            Some(slice) if object.voxels().slice(slice_plane, slice).area_px() == 0 => {
                Next::Stop(Stop::Marked)
            }
            Some(slice) => Next::Pass(slice),
        }
    }

    /// Prepares the memory for a direction: it keeps the masks of marked slices, unless the user has changed one.
    fn turn(&mut self, object: &ObjectMask, slice_plane: &SlicePlane) {
        self.encoded = None;
        self.attention = None;
        let marked = marked(object, self.from.slice, self.range);
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

/// The slices whose masks enter the memory: the first one, whoever made its mask, then the user's, the nearest one first.
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
    /// Starts to propagate with the memory of a SAM 2. `from` is the first slice, and the window in which all are seen.
    pub(super) fn begin_tracking(
        &mut self,
        sam2: &Sam2,
        object: u32,
        (from, window): (u32, Option<Window>),
        directions: &[Direction],
        judges: PropagationLimits,
        range: u32,
    ) -> Result<(), Error> {
        let mask = self.object_mask(object)?;
        let from = Rendering {
            plane: mask.plane(),
            slice: from,
            window: window.unwrap_or(self.model_rendering().window),
        };
        let slice_plane = from.slice_plane(&self.scan);
        let course = Course::begin(mask, &slice_plane, from.slice, directions, judges);
        let slices = slice_plane.slices() as usize;
        self.inference.tracked = Some(TrackedPropagation {
            object,
            from,
            range,
            course: course.ok_or(Error::NoSuchObject { object })?,
            tracker: Tracker::new(sam2, slices, MemoryFormat::Bf16, CorrectedAs::Prompted),
            prompted: Vec::new(),
            pending: marked(mask, from.slice, range).into_iter().rev().collect(),
            encoded: None,
            attention: None,
        });
        Ok(())
    }

    /// The next slices of the propagation if no mask ends a direction early.
    pub(super) fn coming_in_tracking(&self, count: usize) -> Vec<Rendering> {
        let Some(tracked) = &self.inference.tracked else {
            return Vec::new();
        };
        let object = self.objects.get(&tracked.object);
        let Some(object) = object.filter(|object| object.plane() == tracked.from.plane) else {
            return Vec::new();
        };
        let slice_plane = tracked.from.slice_plane(&self.scan);
        let slices = tracked.coming(object, &slice_plane);
        let renderings = slices.map(|slice| Rendering {
            slice,
            ..tracked.from
        });
        renderings.take(count).collect()
    }
}

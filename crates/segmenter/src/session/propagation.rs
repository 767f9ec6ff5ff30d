use std::collections::BTreeMap;

use boxel_imaging::{PropagationLimits, ReviewReason, Stop, Window};
use serde::{Deserialize, Serialize};

use super::box_propagation::BoxPropagation;
use super::course::Course;
use super::object_mask::ObjectMask;
use super::open_scan::OpenScan;
use super::tracking::TrackedPropagation;
use crate::checkpoint::Model;
use crate::encoder::EmbedProgress;
use crate::error::Error;
use crate::rendering::Rendering;

/// A direction through the slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Towards larger slice numbers.
    Up,
    /// Towards smaller slice numbers.
    Down,
}

impl Direction {
    pub(super) fn next(self, slice: u32, count: u32) -> Option<u32> {
        match self {
            Direction::Up => slice.checked_add(1).filter(|next| *next < count),
            Direction::Down => slice.checked_sub(1),
        }
    }
}

/// What one step of a propagation did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum PropagationStep {
    /// The encoder ran one step on a slice.
    Encoding {
        /// The slice that is being encoded.
        slice: u32,
        /// The progress of its encoding.
        #[serde(flatten)]
        progress: EmbedProgress,
    },
    /// The next slice is encoded elsewhere. `Session::encode_ahead` has work for the meantime.
    Waiting {
        /// The slice.
        slice: u32,
    },
    /// A slice has its mask. Its name for programs is that of the embedding API's first version.
    #[serde(rename = "carried")]
    Propagated {
        /// The object's number.
        #[serde(skip)]
        object: u32,
        /// The slice that was decoded.
        slice: u32,
        /// The IoU that the model predicts for its mask.
        iou: f32,
        /// The area of its mask, in pixels.
        area_px: u64,
        /// Reasons to review the slice.
        doubts: Vec<ReviewReason>,
    },
    /// One direction has ended.
    Stopped {
        /// The object's number.
        #[serde(skip)]
        object: u32,
        /// The direction that ended.
        direction: Direction,
        /// The slice that was not taken, or the last one.
        slice: u32,
        /// Why it ended.
        reason: Stop,
    },
    /// All directions have ended.
    Finished,
}

/// A propagation under way.
#[derive(Debug)]
pub(super) enum Propagation {
    /// By boxes: the objects one after the other, the current one last.
    Boxed(Vec<BoxPropagation>),
    /// With a memory: the objects side by side.
    Tracked(Box<TrackedPropagation>),
}

/// An object's mask, unless the object was removed or started again in another plane.
pub(super) fn object_from<'a>(
    objects: &'a BTreeMap<u32, ObjectMask>,
    number: u32,
    from: &Rendering,
) -> Option<&'a ObjectMask> {
    let object = objects.get(&number);
    object.filter(|object| object.plane() == from.plane)
}

impl Propagation {
    pub fn is_encoding(&self, rendering: &Rendering) -> bool {
        let encoded = match self {
            Self::Boxed(waiting) => waiting.last().and_then(BoxPropagation::encoded),
            Self::Tracked(tracked) => tracked.encoded(),
        };
        encoded.is_some_and(|(of, _)| of == rendering)
    }
}

/// What a propagation is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// All in one plane.
    pub objects: &'a [u32],
    pub from: u32,
    pub directions: &'a [Direction],
    pub window: Option<Window>,
    pub limits: PropagationLimits,
    /// Slices in each direction, of a model with a memory.
    pub range: u32,
}

impl OpenScan {
    pub(super) fn begin_propagation(
        &mut self,
        model: &Model,
        wanted: Wanted<'_>,
    ) -> Result<(), Error> {
        let (first, _) = wanted.objects.split_first().ok_or(Error::Order {
            needs: "choose an object",
        })?;
        let from = Rendering {
            plane: self.object_mask(*first)?.plane(),
            slice: wanted.from,
            window: wanted.window.unwrap_or(self.model_rendering().window),
        };
        let slice_plane = from.slice_plane(&self.scan);
        let courses = wanted.objects.iter().map(|&object| {
            let mask = object_from(&self.objects, object, &from);
            let course = mask.and_then(|mask| {
                let (directions, limits) = (wanted.directions, wanted.limits);
                Course::begin(object, mask, &slice_plane, from.slice, directions, limits)
            });
            course.ok_or(Error::NoSuchObject { object })
        });
        let courses = courses.collect::<Result<Vec<_>, Error>>()?;
        self.inference.propagation = Some(match model.sam2() {
            Some(sam2) => {
                let tracked = self.tracked(sam2, from, courses, wanted)?;
                Propagation::Tracked(Box::new(tracked))
            }
            None => {
                let waiting = courses.into_iter().rev();
                let waiting = waiting.map(|course| BoxPropagation::new(from, course));
                Propagation::Boxed(waiting.collect())
            }
        });
        Ok(())
    }

    /// The next slices of the propagation if no mask ends a direction early.
    pub(super) fn coming(&self, count: usize) -> Vec<Rendering> {
        let (from, slices): (Rendering, Vec<u32>) = match &self.inference.propagation {
            None => return Vec::new(),
            Some(Propagation::Boxed(waiting)) => {
                let Some(current) = waiting.last() else {
                    return Vec::new();
                };
                let from = current.from();
                let object = object_from(&self.objects, current.object(), &from);
                let slice_plane = from.slice_plane(&self.scan);
                let slices = object.map(|object| current.course().coming(object, &slice_plane));
                (from, slices.into_iter().flatten().take(count).collect())
            }
            Some(Propagation::Tracked(tracked)) => {
                let slice_plane = tracked.from().slice_plane(&self.scan);
                let slices = tracked.coming(&self.objects, &slice_plane, count);
                (tracked.from(), slices)
            }
        };
        let renderings = slices.into_iter();
        renderings
            .map(|slice| Rendering { slice, ..from })
            .collect()
    }

    /// Cancels the propagation. The masks that it has found stay.
    pub fn abandon_propagation(&mut self) {
        if let Some(Propagation::Tracked(tracked)) = self.inference.propagation.take() {
            self.remember(*tracked);
        }
        self.inference.ahead.clear();
    }

    pub(super) async fn propagation_step(
        &mut self,
        model: &Model,
    ) -> Result<PropagationStep, Error> {
        match (self.inference.propagation.take(), model.sam2()) {
            (Some(Propagation::Tracked(tracked)), Some(sam2)) => {
                self.tracking_step(tracked, model, sam2).await
            }
            (Some(Propagation::Boxed(waiting)), _) => self.box_step(waiting, model).await,
            _ => Err(Error::Order {
                needs: "begin a propagation",
            }),
        }
    }
}

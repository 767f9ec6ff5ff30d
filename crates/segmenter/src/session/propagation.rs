use std::collections::BTreeMap;

use boxel_imaging::{
    Mask, PropagationLimits, ReviewReason, Signals, SlicePlane, Stop, Window, likeness_outside,
};
use serde::{Deserialize, Serialize};

use super::course::{Course, Next, SliceMask};
use super::encode::{Embedded, Encoded};
use super::evidence::DirectionStart;
use super::object_mask::ObjectMask;
use super::open_scan::OpenScan;
use super::tracking::TrackedPropagation;
use crate::checkpoint::Model;
use crate::embed::Embedding;
use crate::encoder::EmbedProgress;
use crate::error::Error;
use crate::prediction::predict_box;
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
    Tracked(TrackedPropagation),
}

/// One object on its way through the slices from box to box, and the encoding of the next one.
#[derive(Debug)]
pub(super) struct BoxPropagation {
    object: u32,
    from: Rendering,
    course: Course,
    encoded: Encoded,
    start: DirectionStart,
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
            Self::Boxed(waiting) => waiting.last().and_then(|current| current.encoded.as_ref()),
            Self::Tracked(tracked) => tracked.encoded(),
        };
        encoded.is_some_and(|(of, _)| of == rendering)
    }
}

impl BoxPropagation {
    pub fn course(&self) -> &Course {
        &self.course
    }

    /// The last slice that was taken.
    pub fn last(&self) -> Rendering {
        Rendering {
            slice: self.course.at(),
            ..self.from
        }
    }

    pub fn object(&self) -> u32 {
        self.object
    }

    pub fn start(&self) -> &DirectionStart {
        &self.start
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
            Some(sam2) => Propagation::Tracked(self.tracked(sam2, from, courses, wanted)?),
            None => {
                let waiting = courses.into_iter().rev().map(|course| BoxPropagation {
                    object: course.object(),
                    from,
                    course,
                    encoded: None,
                    start: DirectionStart::default(),
                });
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
                let from = current.from;
                let object = object_from(&self.objects, current.object, &from);
                let slice_plane = from.slice_plane(&self.scan);
                let slices = object.map(|object| current.course.coming(object, &slice_plane));
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
            self.remember(tracked);
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

    async fn box_step(
        &mut self,
        mut waiting: Vec<BoxPropagation>,
        model: &Model,
    ) -> Result<PropagationStep, Error> {
        while let Some(current) = waiting.last_mut() {
            let step = self.step_of(current, model).await?;
            if step != PropagationStep::Finished {
                self.inference.propagation = Some(Propagation::Boxed(waiting));
                return Ok(step);
            }
            waiting.pop();
        }
        self.inference.ahead.clear();
        Ok(PropagationStep::Finished)
    }

    async fn step_of(
        &mut self,
        propagation: &mut BoxPropagation,
        model: &Model,
    ) -> Result<PropagationStep, Error> {
        let slice_plane = propagation.from.slice_plane(&self.scan);
        let slice = match self.propagated_object(propagation) {
            // The object was removed, or started again in another plane.
            None => return Ok(PropagationStep::Finished),
            Some(object) => match propagation.course.next(object, &slice_plane) {
                Next::Finished => return Ok(PropagationStep::Finished),
                Next::Stop(reason) => return self.stop(propagation, &slice_plane, reason),
                Next::Slice(slice) => slice,
            },
        };
        let rendering = Rendering {
            slice,
            ..propagation.from
        };
        let encoded = &mut propagation.encoded;
        match self.embedding_of(encoded, model, rendering, true).await? {
            Embedded::No(progress) => Ok(PropagationStep::Encoding { slice, progress }),
            Embedded::Elsewhere => Ok(PropagationStep::Waiting { slice }),
            Embedded::Uniform => self.stop(propagation, &slice_plane, Stop::Uniform),
            Embedded::Yes(embedding) => {
                self.propagate(propagation, model, &slice_plane, rendering, &embedding)
                    .await
            }
        }
    }

    fn propagated_object(&mut self, propagation: &BoxPropagation) -> Option<&mut ObjectMask> {
        let object = self.objects.get_mut(&propagation.object);
        object.filter(|object| object.plane() == propagation.from.plane)
    }

    /// Decodes the next slice from the last mask's box, and takes or rejects the mask.
    async fn propagate(
        &mut self,
        propagation: &mut BoxPropagation,
        model: &Model,
        slice_plane: &SlicePlane,
        rendering: Rendering,
        embedding: &Embedding,
    ) -> Result<PropagationStep, Error> {
        if propagation.course.is_at_start() {
            propagation.start = self.direction_start(propagation, model);
        }
        let Some(model_box) = propagation.next_box(model.kind().recipe()) else {
            return self.stop(propagation, slice_plane, Stop::Empty);
        };
        let prediction = predict_box(model, embedding, rendering, model_box).await?;
        let evidence = self.evidence(propagation, &rendering, &embedding.placement);
        let left = evidence.map(|evidence| prediction.weighed(&evidence));
        let (iou, image_box) = (prediction.iou(), prediction.prompt.image_box);
        let (mask, whole) = match left {
            Some(left) => (left?, Some(prediction.mask)),
            None => (prediction.mask, None),
        };
        let signals = self.signals(propagation, model, rendering, &mask).await?;
        let found = SliceMask {
            iou,
            image_box,
            signals,
            mask,
            whole,
            follows_partial: propagation.follows_partial(),
        };
        match self.propagated_object(propagation) {
            Some(object) => {
                let slice = rendering.slice;
                Ok(propagation.course.take(object, slice_plane, slice, found)?)
            }
            None => Ok(PropagationStep::Finished),
        }
    }

    /// Evidence for or against a mask besides its predicted IoU. Decodes the neighbour once more if its embedding is
    /// cached, which takes about 4 % of the time of an encoding.
    async fn signals(
        &self,
        propagation: &BoxPropagation,
        model: &Model,
        rendering: Rendering,
        mask: &Mask,
    ) -> Result<Signals, Error> {
        let neighbour = propagation.last();
        let embedding = self.inference.embeddings.peek(&neighbour);
        let agreement = match (embedding, model.kind().recipe().next_box(mask)) {
            (Some(embedding), Some(model_box)) => {
                let back = predict_box(model, embedding, neighbour, model_box).await?;
                let evidence = self.evidence(propagation, &neighbour, &embedding.placement);
                let back = match evidence {
                    Some(evidence) => back.weighed(&evidence)?,
                    None => back.mask,
                };
                Some(back.dice(propagation.course.neighbour())?)
            }
            _ => None,
        };
        Ok(Signals {
            agreement,
            likeness: likeness_outside(&rendering.image(&self.scan), mask),
        })
    }

    fn stop(
        &mut self,
        propagation: &mut BoxPropagation,
        slice_plane: &SlicePlane,
        reason: Stop,
    ) -> Result<PropagationStep, Error> {
        propagation.encoded = None;
        match self.propagated_object(propagation) {
            Some(object) => Ok(propagation.course.stop(object, slice_plane, reason)?),
            None => Ok(PropagationStep::Finished),
        }
    }
}

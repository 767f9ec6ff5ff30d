use boxel_imaging::{
    Mask, PropagationLimits, ReviewReason, Signals, SlicePlane, Stop, Window, likeness_outside,
};

use serde::{Deserialize, Serialize};

use super::course::{Course, Next, SliceMask};
use super::encode::{Embedded, Encoded};
use super::object_mask::ObjectMask;
use super::open_scan::OpenScan;
use crate::checkpoint::Model;
use crate::embed::Embedding;
use crate::encoder::EmbedProgress;
use crate::error::Error;
use crate::prediction::predict_box;
use crate::rendering::Rendering;

/// A direction through the slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// One object on its way through the slices, and the encoding of the next one.
#[derive(Debug)]
pub(super) struct Propagation {
    object: u32,
    from: Rendering,
    course: Course,
    embedder: Encoded,
}

impl Propagation {
    pub fn is_encoding(&self, rendering: &Rendering) -> bool {
        self.embedder
            .as_ref()
            .is_some_and(|(of, _)| of == rendering)
    }
}

impl OpenScan {
    pub(super) fn begin_propagation(
        &mut self,
        object: u32,
        from: u32,
        directions: &[Direction],
        window: Option<Window>,
        judges: PropagationLimits,
    ) -> Result<(), Error> {
        let mask = self.object_mask(object)?;
        let from = Rendering {
            plane: mask.plane(),
            slice: from,
            window: window.unwrap_or(self.model_rendering().window),
        };
        let slice_plane = from.slice_plane(&self.scan);
        let course = Course::begin(mask, &slice_plane, from.slice, directions, judges);
        self.inference.propagation = Some(Propagation {
            object,
            from,
            course: course.ok_or(Error::NoSuchObject { object })?,
            embedder: None,
        });
        Ok(())
    }

    /// The next slices of the propagation if no mask ends a direction early.
    pub(super) fn coming_in_propagation(&self, count: usize) -> Vec<Rendering> {
        let Some(propagation) = &self.inference.propagation else {
            return Vec::new();
        };
        let object = self.objects.get(&propagation.object);
        let Some(object) = object.filter(|object| object.plane() == propagation.from.plane) else {
            return Vec::new();
        };
        let slice_plane = propagation.from.slice_plane(&self.scan);
        let slices = propagation.course.coming(object, &slice_plane);
        let renderings = slices.map(|slice| Rendering {
            slice,
            ..propagation.from
        });
        renderings.take(count).collect()
    }

    /// Cancels the propagation. The masks that it has found stay.
    pub fn abandon_propagation(&mut self) {
        self.inference.propagation = None;
        self.inference.tracked = None;
        self.inference.ahead.clear();
    }

    pub(super) async fn propagation_step(
        &mut self,
        model: &Model,
    ) -> Result<PropagationStep, Error> {
        if let (Some(sam2), Some(tracked)) = (model.sam2(), self.inference.tracked.take()) {
            return self.tracking_step(tracked, model, sam2).await;
        }
        let Some(mut propagation) = self.inference.propagation.take() else {
            return Err(Error::Order {
                needs: "begin a propagation",
            });
        };
        let step = self.step_of(&mut propagation, model).await?;
        match step {
            PropagationStep::Finished => self.inference.ahead.clear(),
            _ => self.inference.propagation = Some(propagation),
        }
        Ok(step)
    }

    async fn step_of(
        &mut self,
        propagation: &mut Propagation,
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
        let encoded = &mut propagation.embedder;
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

    fn propagated_object(&mut self, propagation: &Propagation) -> Option<&mut ObjectMask> {
        let object = self.objects.get_mut(&propagation.object);
        object.filter(|object| object.plane() == propagation.from.plane)
    }

    /// Decodes the next slice from the last mask's box, and takes or rejects the mask.
    async fn propagate(
        &mut self,
        propagation: &mut Propagation,
        model: &Model,
        slice_plane: &SlicePlane,
        rendering: Rendering,
        embedding: &Embedding,
    ) -> Result<PropagationStep, Error> {
        let neighbour = propagation.course.neighbour();
        let Some(model_box) = model.kind().recipe().next_box(neighbour) else {
            return self.stop(propagation, slice_plane, Stop::Empty);
        };
        let prediction = predict_box(model, embedding, rendering, model_box).await?;
        let signals = self
            .signals(propagation, model, rendering, &prediction.mask)
            .await?;
        let found = SliceMask {
            iou: prediction.iou(),
            image_box: prediction.prompt.image_box,
            signals,
            mask: prediction.mask,
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
        propagation: &Propagation,
        model: &Model,
        rendering: Rendering,
        mask: &Mask,
    ) -> Result<Signals, Error> {
        let neighbour = Rendering {
            slice: propagation.course.at(),
            ..propagation.from
        };
        let embedding = self.inference.embeddings.peek(&neighbour);
        let agreement = match (embedding, model.kind().recipe().next_box(mask)) {
            (Some(embedding), Some(model_box)) => {
                let back = predict_box(model, embedding, neighbour, model_box).await?;
                Some(back.mask.dice(propagation.course.neighbour())?)
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
        propagation: &mut Propagation,
        slice_plane: &SlicePlane,
        reason: Stop,
    ) -> Result<PropagationStep, Error> {
        propagation.embedder = None;
        match self.propagated_object(propagation) {
            Some(object) => Ok(propagation.course.stop(object, slice_plane, reason)?),
            None => Ok(PropagationStep::Finished),
        }
    }
}

//! A propagation from box to box: the model decodes each slice from the box of the last slice's mask.

use boxel_imaging::{Mask, Signals, SlicePlane, Stop, likeness_outside};

use super::course::{Course, Next, SliceMask};
use super::encode::{Embedded, Encoded};
use super::evidence::DirectionStart;
use super::object_mask::ObjectMask;
use super::open_scan::OpenScan;
use super::propagation::{Propagation, PropagationStep};
use crate::checkpoint::Model;
use crate::embed::{Embedder, Embedding};
use crate::error::Error;
use crate::prediction::predict_box;
use crate::rendering::Rendering;

/// One object on its way through the slices from box to box, and the encoding of the next one.
#[derive(Debug)]
pub(super) struct BoxPropagation {
    from: Rendering,
    course: Course,
    encoded: Encoded,
    start: DirectionStart,
}

impl BoxPropagation {
    pub fn new(from: Rendering, course: Course) -> Self {
        Self {
            from,
            course,
            encoded: None,
            start: DirectionStart::default(),
        }
    }

    /// The first slice.
    pub fn from(&self) -> Rendering {
        self.from
    }

    pub fn encoded(&self) -> Option<&(Rendering, Embedder)> {
        self.encoded.as_ref()
    }

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
        self.course.object()
    }

    pub fn start(&self) -> &DirectionStart {
        &self.start
    }
}

impl OpenScan {
    pub(super) async fn box_step(
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
        let object = self.objects.get_mut(&propagation.object());
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

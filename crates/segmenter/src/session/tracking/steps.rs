//! What each step of a propagation with a memory does: part of a slice's encoding, a marked slice's memory, a layer of the
//! attention to all memories, or a slice's mask.

use boxel_imaging::{Probability, Signals, SlicePlane, Stop, likeness_outside, restore};
use burn_sam::sam2::{Sam2, SlicePrompt};

use super::{Attention, Next, TrackedPropagation, way};
use crate::checkpoint::Model;
use crate::device::ComputeKind;
use crate::encoder::EmbedProgress;
use crate::error::Error;
use crate::rendering::Rendering;
use crate::session::course::SliceMask;
use crate::session::encode::Embedded;
use crate::session::object_mask::ObjectMask;
use crate::session::open_scan::OpenScan;
use crate::session::propagation::PropagationStep;
use crate::tensors::{mask_tensor, read_tracked, wait_for};

impl OpenScan {
    pub(in crate::session) async fn tracking_step(
        &mut self,
        mut tracked: TrackedPropagation,
        model: &Model,
        sam2: &Sam2,
    ) -> Result<PropagationStep, Error> {
        let step = self.step_of_tracking(&mut tracked, model, sam2).await?;
        match step {
            PropagationStep::Finished => self.inference.ahead.clear(),
            _ => self.inference.tracked = Some(tracked),
        }
        Ok(step)
    }

    async fn step_of_tracking(
        &mut self,
        tracked: &mut TrackedPropagation,
        model: &Model,
        sam2: &Sam2,
    ) -> Result<PropagationStep, Error> {
        if let Some(slice) = tracked.pending.last().copied() {
            return self.prompt_tracker(tracked, model, sam2, slice).await;
        }
        if let Some(attention) = tracked.attention.take() {
            return self.attend(tracked, model, sam2, attention).await;
        }
        let slice_plane = tracked.from.slice_plane(&self.scan);
        let slice = loop {
            // The object may have been removed, or started again in another plane.
            let Some(object) = self.tracked_object(tracked) else {
                return Ok(PropagationStep::Finished);
            };
            match tracked.next(object, &slice_plane) {
                Next::Finished => return Ok(PropagationStep::Finished),
                Next::Stop(reason) => return self.stop_tracking(tracked, &slice_plane, reason),
                Next::Pass(slice) => tracked.course.pass(object, &slice_plane, slice),
                Next::Slice(slice) => break slice,
            }
        };
        let rendering = Rendering {
            slice,
            ..tracked.from
        };
        match self
            .embedding_of(&mut tracked.encoded, model, rendering, true)
            .await?
        {
            Embedded::No(progress) => Ok(encoding(slice, progress, sam2)),
            Embedded::Elsewhere => Ok(PropagationStep::Waiting { slice }),
            Embedded::Uniform => self.stop_tracking(tracked, &slice_plane, Stop::Uniform),
            Embedded::Yes(embedding) => {
                let Some(direction) = tracked.course.direction() else {
                    return Ok(PropagationStep::Finished);
                };
                let features = embedding.sam2()?;
                let (at, direction) = (slice as usize, way(direction));
                let attention = Attention {
                    slice,
                    tracking: tracked.tracker.begin(sam2, features, at, direction),
                    embedding,
                    done: 0,
                };
                self.attend(tracked, model, sam2, attention).await
            }
        }
    }

    /// Encodes a marked slice, and puts its mask into the memory.
    async fn prompt_tracker(
        &mut self,
        tracked: &mut TrackedPropagation,
        model: &Model,
        sam2: &Sam2,
        slice: u32,
    ) -> Result<PropagationStep, Error> {
        let rendering = Rendering {
            slice,
            ..tracked.from
        };
        let embedding = match self
            .embedding_of(&mut tracked.encoded, model, rendering, false)
            .await?
        {
            Embedded::No(progress) => return Ok(encoding(slice, progress, sam2)),
            Embedded::Elsewhere => return Ok(PropagationStep::Waiting { slice }),
            Embedded::Uniform => None,
            Embedded::Yes(embedding) => Some(embedding),
        };
        tracked.pending.pop();
        let slice_plane = tracked.from.slice_plane(&self.scan);
        let Some(object) = self.tracked_object(tracked) else {
            return Ok(PropagationStep::Finished);
        };
        let mask = object.voxels().slice(&slice_plane, slice);
        if let Some(embedding) = embedding {
            let prompt = sam2.mask_prompt(mask_tensor(&mask, model.device()));
            let prompt = SlicePrompt::Mask(&prompt);
            let answer = tracked
                .tracker
                .prompt(sam2, embedding.sam2()?, slice as usize, prompt);
            if model.compute().kind() == ComputeKind::Gpu {
                wait_for(&answer.pointer, "memory encoder").await?;
            }
        }
        tracked.prompted.push((slice, mask));
        let total = steps(sam2);
        Ok(PropagationStep::Encoding {
            slice,
            progress: EmbedProgress {
                stage: "memory_encoder".to_owned(),
                done: total,
                total,
            },
        })
    }

    /// Runs one layer of the memory attention, or decodes the slice after the last one and takes or rejects its mask.
    async fn attend(
        &mut self,
        tracked: &mut TrackedPropagation,
        model: &Model,
        sam2: &Sam2,
        mut attention: Attention,
    ) -> Result<PropagationStep, Error> {
        let slice = attention.slice;
        if attention.tracking.step(sam2) {
            let stage = format!("memory_attention.layers.{}", attention.done);
            if model.compute().kind() == ComputeKind::Gpu {
                wait_for(attention.tracking.value(), &stage).await?;
            }
            attention.done += 1;
            let done = sam2.steps().len() + attention.done;
            tracked.attention = Some(attention);
            let total = steps(sam2);
            let progress = EmbedProgress { stage, done, total };
            return Ok(PropagationStep::Encoding { slice, progress });
        }
        let Attention {
            embedding,
            tracking,
            ..
        } = attention;
        let answer = tracked.tracker.finish(sam2, embedding.sam2()?, tracking);
        let decoded = read_tracked(&answer).await?;
        let values = decoded.logits.iter().chain([&decoded.iou]);
        let count = values.filter(|value| !value.is_finite()).count();
        if count > 0 {
            return Err(Error::NotFinite { count });
        }
        let probability = restore(model.kind().recipe(), &decoded.logits, &embedding.placement)?;
        let mask = probability.mask(Probability::THRESHOLD);
        let rendering = Rendering {
            slice,
            ..tracked.from
        };
        let found = SliceMask {
            iou: decoded.iou,
            image_box: None,
            signals: Signals {
                agreement: None,
                likeness: likeness_outside(&rendering.image(&self.scan), &mask),
            },
            mask,
        };
        let slice_plane = tracked.from.slice_plane(&self.scan);
        let direction = tracked.course.direction();
        let Some(object) = self.tracked_object(tracked) else {
            return Ok(PropagationStep::Finished);
        };
        let step = tracked.course.take(object, &slice_plane, slice, found)?;
        match (&step, direction) {
            (PropagationStep::Propagated { .. }, Some(direction)) => {
                tracked
                    .tracker
                    .forget_passed(slice as usize, way(direction));
            }
            _ => tracked.turn(object, &slice_plane),
        }
        Ok(step)
    }

    fn tracked_object(&mut self, tracked: &TrackedPropagation) -> Option<&mut ObjectMask> {
        let object = self.objects.get_mut(&tracked.object);
        object.filter(|object| object.plane() == tracked.from.plane)
    }

    fn stop_tracking(
        &mut self,
        tracked: &mut TrackedPropagation,
        slice_plane: &SlicePlane,
        reason: Stop,
    ) -> Result<PropagationStep, Error> {
        let Some(object) = self.tracked_object(tracked) else {
            return Ok(PropagationStep::Finished);
        };
        let step = tracked.course.stop(object, slice_plane, reason)?;
        tracked.turn(object, slice_plane);
        Ok(step)
    }
}

/// The steps of a slice: those of its encoding, the layers of the memory attention, and the decoder.
fn steps(sam2: &Sam2) -> usize {
    sam2.steps().len() + sam2.memory_attention.layers.len() + 1
}

fn encoding(slice: u32, progress: EmbedProgress, sam2: &Sam2) -> PropagationStep {
    let total = steps(sam2);
    PropagationStep::Encoding {
        slice,
        progress: EmbedProgress { total, ..progress },
    }
}

//! What each step of a propagation with a memory does: part of a slice's encoding, a marked slice's memory, a layer of the
//! attention to all memories, or a slice's mask.

use boxel_imaging::{Mask, Probability, Signals, Stop, likeness_outside, restore};
use burn_sam::sam2::{Answer, Sam2, SlicePrompt};

use super::corrections::number_of;
use super::{Attention, Next, TrackedPropagation, way};
use crate::checkpoint::Model;
use crate::device::ComputeKind;
use crate::embed::Embedding;
use crate::encoder::EmbedProgress;
use crate::error::Error;
use crate::rendering::Rendering;
use crate::session::course::SliceMask;
use crate::session::encode::Embedded;
use crate::session::object_mask::ObjectMask;
use crate::session::open_scan::OpenScan;
use crate::session::propagation::{Direction, Propagation, PropagationStep, object_from};
use crate::tensors::{Decoded, mask_tensor, read_tracked, wait_for};

impl OpenScan {
    pub(in crate::session) async fn tracking_step(
        &mut self,
        mut tracked: Box<TrackedPropagation>,
        model: &Model,
        sam2: &Sam2,
    ) -> Result<PropagationStep, Error> {
        let step = self.step_of_tracking(&mut tracked, model, sam2).await?;
        match step {
            PropagationStep::Finished => self.inference.ahead.clear(),
            _ => self.inference.propagation = Some(Propagation::Tracked(tracked)),
        }
        Ok(step)
    }

    async fn step_of_tracking(
        &mut self,
        tracked: &mut TrackedPropagation,
        model: &Model,
        sam2: &Sam2,
    ) -> Result<PropagationStep, Error> {
        // An object may have been removed, or started again in another plane.
        let from = tracked.from;
        let is_there = |number: u32| object_from(&self.objects, number, &from).is_some();
        tracked
            .objects
            .retain(|object| is_there(object.course.object()));
        if let Some(attention) = tracked.attention.take()
            && is_there(attention.object)
        {
            return self.attend(tracked, model, sam2, attention).await;
        }
        let slice_plane = from.slice_plane(&self.scan);
        let (index, direction, slice) = loop {
            let Some(index) = tracked.current() else {
                return Ok(PropagationStep::Finished);
            };
            let object = &mut tracked.objects[index];
            if let Some(slice) = object.pending.last().copied() {
                return self
                    .prompt_tracker(tracked, model, sam2, index, slice)
                    .await;
            }
            let Some(direction) = object.course.direction() else {
                return Ok(PropagationStep::Finished);
            };
            self.recall(object, direction, from);
            let mask = self.object_mask(object.course.object())?;
            let within = (from.slice, tracked.range);
            match object.next(direction, within, mask, &slice_plane) {
                Next::Stop(reason) => return self.stop_tracking(tracked, index, reason),
                Next::Pass(slice) => object.course.pass(mask, &slice_plane, slice),
                Next::Slice(slice) => break (index, direction, slice),
            }
        };
        let rendering = Rendering { slice, ..from };
        match self
            .embedding_of(&mut tracked.encoded, model, rendering, true)
            .await?
        {
            Embedded::No(progress) => Ok(encoding(slice, progress, sam2)),
            Embedded::Elsewhere => Ok(PropagationStep::Waiting { slice }),
            Embedded::Uniform => self.stop_tracking(tracked, index, Stop::Uniform),
            Embedded::Yes(embedding) => {
                let object = &mut tracked.objects[index];
                let (at, direction) = (slice as usize, way(direction));
                let features = embedding.sam2()?;
                let attention = Attention {
                    object: object.course.object(),
                    slice,
                    tracking: object.tracker.begin(sam2, features, at, direction),
                    embedding,
                    done: 0,
                };
                self.attend(tracked, model, sam2, attention).await
            }
        }
    }

    /// Encodes a marked slice, and puts it into the memory of an object.
    async fn prompt_tracker(
        &mut self,
        tracked: &mut TrackedPropagation,
        model: &Model,
        sam2: &Sam2,
        index: usize,
        slice: u32,
    ) -> Result<PropagationStep, Error> {
        let from = tracked.from;
        let rendering = Rendering { slice, ..from };
        let embedding = match self
            .embedding_of(&mut tracked.encoded, model, rendering, false)
            .await?
        {
            Embedded::No(progress) => return Ok(encoding(slice, progress, sam2)),
            Embedded::Elsewhere => return Ok(PropagationStep::Waiting { slice }),
            Embedded::Uniform => None,
            Embedded::Yes(embedding) => Some(embedding),
        };
        let slice_plane = from.slice_plane(&self.scan);
        let object = &mut tracked.objects[index];
        object.pending.pop();
        let shown = self.object_mask(object.course.object())?;
        let mask = shown.voxels().slice(&slice_plane, slice);
        if let Some(embedding) = embedding {
            let features = embedding.sam2()?;
            let at = slice as usize;
            let corners = corners(shown, slice, &embedding).filter(|_| !object.is_of_before());
            let mut is_prompted = false;
            if let Some(corners) = corners {
                let prompt = SlicePrompt::Points(&corners);
                let answer = object.tracker.prompt(sam2, features, at, prompt);
                // The user may see another mask, as where the model says that the object is not there.
                let (_, answered) = read_mask(model, &answer, &embedding).await?;
                is_prompted = answered == mask;
            }
            if !is_prompted {
                let prompt = sam2.mask_prompt(mask_tensor(&mask, model.device()));
                let prompt = SlicePrompt::Mask(&prompt);
                let answer = object.tracker.prompt(sam2, features, at, prompt);
                if model.compute().kind() == ComputeKind::Gpu {
                    wait_for(&answer.pointer, "memory encoder").await?;
                }
            }
        }
        object.prompted.push((slice, mask));
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
            object: number,
            embedding,
            tracking,
            ..
        } = attention;
        let is_current = |index: &usize| tracked.objects[*index].course.object() == number;
        let Some(index) = (0..tracked.objects.len()).find(is_current) else {
            return Err(Error::NoSuchObject { object: number });
        };
        let from = tracked.from;
        let object = &mut tracked.objects[index];
        let answer = object.tracker.finish(sam2, embedding.sam2()?, tracking);
        let (iou, mask) = read_mask(model, &answer, &embedding).await?;
        let rendering = Rendering { slice, ..from };
        let found = SliceMask {
            iou,
            image_box: None,
            signals: Signals {
                agreement: None,
                likeness: likeness_outside(&rendering.image(&self.scan), &mask),
            },
            mask,
            whole: None,
            follows_partial: false,
        };
        let number_of_mask = number_of(&found.mask);
        let slice_plane = from.slice_plane(&self.scan);
        let direction = object.course.direction();
        let mask = self.objects.get_mut(&number);
        let mask = mask.ok_or(Error::NoSuchObject { object: number })?;
        let step = object.course.take(mask, &slice_plane, slice, found)?;
        match (&step, direction) {
            (PropagationStep::Propagated { .. }, Some(direction)) => {
                object.found.insert(slice, number_of_mask);
                if object.is_of_before() {
                    object.tracker.forget_passed(slice as usize, way(direction));
                }
            }
            (_, direction) => self.turn_tracking(tracked, index, direction)?,
        }
        Ok(step)
    }

    fn stop_tracking(
        &mut self,
        tracked: &mut TrackedPropagation,
        index: usize,
        reason: Stop,
    ) -> Result<PropagationStep, Error> {
        let slice_plane = tracked.from.slice_plane(&self.scan);
        let object = &mut tracked.objects[index];
        let direction = object.course.direction();
        let number = object.course.object();
        let mask = self.objects.get_mut(&number);
        let mask = mask.ok_or(Error::NoSuchObject { object: number })?;
        let step = object.course.stop(mask, &slice_plane, reason)?;
        self.turn_tracking(tracked, index, direction)?;
        Ok(step)
    }

    /// After a direction has ended: keeps its memories, and prepares for the next one.
    fn turn_tracking(
        &mut self,
        tracked: &mut TrackedPropagation,
        index: usize,
        ended: Option<Direction>,
    ) -> Result<(), Error> {
        let (from, range) = (tracked.from, tracked.range);
        tracked.encoded = None;
        let object = &mut tracked.objects[index];
        if let Some(ended) = ended {
            self.remember_direction(object, ended, from);
        }
        let mask = self.object_mask(object.course.object())?;
        object.turn((from.slice, range), mask, &from.slice_plane(&self.scan));
        Ok(())
    }
}

/// The predicted IoU and the mask of an answer, on its slice.
async fn read_mask(
    model: &Model,
    answer: &Answer,
    embedding: &Embedding,
) -> Result<(f32, Mask), Error> {
    let Decoded { logits, iou } = read_tracked(answer).await?;
    let values = logits.iter().chain([&iou]);
    let count = values.filter(|value| !value.is_finite()).count();
    if count > 0 {
        return Err(Error::NotFinite { count });
    }
    let probability = restore(model.kind().recipe(), &logits, &embedding.placement)?;
    Ok((iou, probability.mask(Probability::THRESHOLD)))
}

/// The corners of the box that alone gave a slice its mask, in model space.
fn corners(object: &ObjectMask, slice: u32, embedding: &Embedding) -> Option<[([f32; 2], i32); 2]> {
    let about = object.slice(slice)?;
    let image_box = about.image_box.filter(|_| about.is_of_box_alone)?;
    if !object.strokes(slice).is_empty() {
        return None;
    }
    let corners = embedding.placement.model_from_image(image_box);
    Some([([corners.x0, corners.y0], 2), ([corners.x1, corners.y1], 3)])
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

//! Corrections of slices that were tracked. They attend to the memories that their slice was tracked by, as SAM 2's
//! predictor of videos does for a prompt on a frame that it has passed, and start from the logits that were found there.
//!
//! MedSAM2's predictor and SAM 2's differ in what becomes of the corrected slice. Here it is a prompted one for each later
//! propagation (`add_all_frames_to_correct_as_cond`), which also recalls the slices before it on the way. By their default
//! setting, SAM 2's own predictor and that of transformers run over it again.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use boxel_imaging::Mask;
use burn::tensor::Tensor;
use burn_sam::sam2::{Sam2, Tracker};

use super::{TrackedObject, TrackedPropagation};
use crate::checkpoint::Model;
use crate::device::ComputeKind;
use crate::embed::Embedding;
use crate::error::Error;
use crate::rendering::Rendering;
use crate::session::open_scan::OpenScan;
use crate::session::propagation::{Direction, object_from};
use crate::tensors::{read_map, wait_for};

/// Corrected slices whose embeddings are kept, 1 MiB each with MedSAM2.
const MAX_CORRECTIONS: usize = 32;

/// What a propagation in one direction has left of an object.
#[derive(Debug)]
pub(in crate::session) struct Remembered {
    from: Rendering,
    tracker: Tracker,
    /// The masks that were found, by their numbers: a memory is of a slice's mask only.
    found: BTreeMap<u32, u64>,
}

/// A slice that was tracked, for the user's prompts. It stays the same while the slice is the user's, so that a chain of
/// prompts gives the same masks again.
#[derive(Debug, Clone)]
pub(in crate::session) struct Correction {
    seen: Rendering,
    /// After attention to the memories, `[1, C, G, G]`.
    pub conditioned: Tensor<4>,
    /// That were found by tracking.
    pub logits: Vec<f32>,
}

/// A number that tells masks apart.
pub(super) fn number_of(mask: &Mask) -> u64 {
    let mut hasher = DefaultHasher::new();
    mask.values().hash(&mut hasher);
    hasher.finish()
}

/// Whether a slice comes after another one on the way.
fn is_after(direction: Direction, slice: u32, earlier: u32) -> bool {
    match direction {
        Direction::Up => slice > earlier,
        Direction::Down => slice < earlier,
    }
}

impl Remembered {
    fn sees(&self, rendering: &Rendering) -> bool {
        (self.from.plane, self.from.window) == (rendering.plane, rendering.window)
    }
}

impl OpenScan {
    /// Keeps what a cancelled propagation has found.
    pub(in crate::session) fn remember(&mut self, tracked: TrackedPropagation) {
        for object in &tracked.objects {
            if let Some(direction) = object.course.direction() {
                self.remember_direction(object, direction, tracked.from);
            }
        }
    }

    /// Keeps the memories of a direction instead of those of the propagation before, unless it has reached no slice.
    pub(super) fn remember_direction(
        &mut self,
        object: &TrackedObject,
        direction: Direction,
        from: Rendering,
    ) {
        let has_reached = object
            .found
            .keys()
            .any(|&slice| is_after(direction, slice, from.slice));
        if object.is_of_before() || !has_reached {
            return;
        }
        let remembered = Remembered {
            from,
            tracker: object.tracker.clone(),
            found: object.found.clone(),
        };
        let key = (object.course.object(), direction);
        self.inference.remembered.insert(key, remembered);
    }

    /// Gives an object the memories of slices before the first one on the way, as long as their masks are what was found.
    pub(super) fn recall(&self, object: &mut TrackedObject, direction: Direction, from: Rendering) {
        if object.is_of_before() || object.has_recalled {
            return;
        }
        object.has_recalled = true;
        let number = object.course.object();
        let remembered = self.inference.remembered.get(&(number, direction));
        let Some(remembered) = remembered.filter(|remembered| remembered.sees(&from)) else {
            return;
        };
        let Some(mask) = object_from(&self.objects, number, &from) else {
            return;
        };
        let slice_plane = from.slice_plane(&self.scan);
        let before = remembered.found.iter().filter(|&(&slice, &number)| {
            let shown = || number_of(&mask.voxels().slice(&slice_plane, slice));
            is_after(direction, from.slice, slice) && !mask.is_touched(slice) && shown() == number
        });
        let before: BTreeMap<u32, u64> = before.map(|(slice, number)| (*slice, *number)).collect();
        let slices = before.keys().map(|slice| *slice as usize);
        object.tracker.recall(&remembered.tracker, slices);
        object.found.extend(before);
    }

    /// What the memories say about the current slice, for a prompt that corrects what was tracked there.
    pub(in crate::session) async fn correction(
        &mut self,
        model: &Model,
        sam2: &Sam2,
        object: u32,
        embedding: &Embedding,
    ) -> Result<Option<Correction>, Error> {
        let seen = self.model_rendering();
        let Some(mask) = object_from(&self.objects, object, &seen) else {
            return Ok(None);
        };
        let key = (object, seen.slice);
        let known = self.inference.corrections.get(&key);
        let known = known.filter(|known| known.seen == seen && mask.is_touched(seen.slice));
        if let Some(known) = known {
            return Ok(Some(known.clone()));
        }
        let slice_plane = seen.slice_plane(&self.scan);
        let Some(propagated) = mask.propagated(&slice_plane, seen.slice)? else {
            return Ok(None);
        };
        let number = number_of(&propagated);
        let slice = seen.slice as usize;
        for direction in [Direction::Up, Direction::Down] {
            let remembered = self.inference.remembered.get_mut(&(object, direction));
            let remembered = remembered.filter(|remembered| {
                remembered.sees(&seen) && remembered.found.get(&seen.slice) == Some(&number)
            });
            let Some(Remembered { tracker, .. }) = remembered else {
                continue;
            };
            let features = embedding.sam2()?;
            let tracking = tracker.begin_correction(sam2, features, slice);
            let (Some(mut tracking), Some(logits)) = (tracking, tracker.logits(slice)) else {
                continue;
            };
            while tracking.step(sam2) {
                if model.compute().kind() == ComputeKind::Gpu {
                    wait_for(tracking.value(), "memory attention").await?;
                }
            }
            let correction = Correction {
                seen,
                conditioned: tracking.conditioned(sam2, features),
                logits: read_map(logits).await?,
            };
            let corrections = &mut self.inference.corrections;
            if corrections.len() >= MAX_CORRECTIONS {
                corrections.pop_first();
            }
            corrections.insert(key, correction.clone());
            return Ok(Some(correction));
        }
        Ok(None)
    }
}

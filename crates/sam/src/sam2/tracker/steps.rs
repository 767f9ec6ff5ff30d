//! A slice that is tracked step by step.

use burn::tensor::Tensor;

use super::{Role, Tracker};
use crate::sam2::answer::{Answer, Question};
use crate::sam2::bank::Direction;
use crate::sam2::memory_attention::Conditioning;
use crate::sam2::{ImageFeatures, Sam2};

/// A slice on its way through memory attention.
///
/// Each step takes a fraction of a second on a CPU, so that a caller can show progress, cancel, and submit work to a GPU
/// in portions.
#[derive(Debug)]
pub struct Tracking {
    slice: usize,
    direction: Direction,
    conditioning: Conditioning,
}

impl Tracking {
    /// Runs the next layer of the memory attention; returns false after the last one.
    pub fn step(&mut self, sam2: &Sam2) -> bool {
        self.conditioning.step(&sam2.memory_attention)
    }

    /// The result of the last step, `[1, G², C]`.
    pub fn value(&self) -> &Tensor<3> {
        self.conditioning.value()
    }

    /// The embedding after the last step, `[1, C, G, G]`.
    pub fn conditioned(&self, sam2: &Sam2, features: &ImageFeatures) -> Tensor<4> {
        conditioned(sam2, features, &self.conditioning)
    }
}

impl Tracker {
    /// Begins to track a slice, for a caller that runs its steps one by one.
    pub fn begin(
        &mut self,
        sam2: &Sam2,
        features: &ImageFeatures,
        slice: usize,
        direction: Direction,
    ) -> Tracking {
        Tracking {
            slice,
            direction,
            conditioning: self.conditioning(sam2, features, slice, direction),
        }
    }

    /// Begins to correct a slice that was tracked: it attends to the memories that it was tracked by, as a prompted slice
    /// does after tracking. [`Sam2::predict_on`] decodes the prompt. `None` for any other slice.
    pub fn begin_correction(
        &mut self,
        sam2: &Sam2,
        features: &ImageFeatures,
        slice: usize,
    ) -> Option<Tracking> {
        let kept = self.kept.get(&slice);
        let direction = kept.filter(|kept| kept.role == Role::Tracked)?.passed?;
        Some(self.begin(sam2, features, slice, direction))
    }

    /// Ends the tracking of a slice after its last step, and remembers the answer.
    pub fn finish(&mut self, sam2: &Sam2, features: &ImageFeatures, tracking: Tracking) -> Answer {
        let Tracking {
            slice,
            direction,
            conditioning,
        } = tracking;
        let embedding = conditioned(sam2, features, &conditioning);
        let image_pe = self.image_pe.clone();
        let answer = sam2.answer(embedding, features, image_pe, &Question::default(), true);
        self.keep(
            sam2,
            features,
            slice,
            Role::Tracked,
            Some(direction),
            &answer,
        );
        answer
    }
}

/// The embedding of a slice after attention to its memories. Shape: `[1, C, G, G]`.
pub(super) fn conditioned(
    sam2: &Sam2,
    features: &ImageFeatures,
    conditioning: &Conditioning,
) -> Tensor<4> {
    let normed = sam2
        .memory_attention
        .norm
        .forward(conditioning.value().clone());
    crate::ops::channels_first(normed.reshape(features.embedding.dims()))
}

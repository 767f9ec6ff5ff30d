//! Follows one object from slice to slice.

mod recall;
mod steps;
#[cfg(test)]
#[cfg(feature = "flex")]
mod tests;
mod tokens;

pub use steps::Tracking;

use std::collections::BTreeMap;

use burn::tensor::{DType, FloatDType, Tensor};

use super::answer::{Answer, Question, point_tensors};
use super::bank::{self, Direction, MAX_POINTERS, Selection};
use super::memory_attention::{Conditioning, Rotation};
use super::sine::cell_positions;
use super::{ImageFeatures, Sam2};
use steps::conditioned;

/// Earlier logits are clamped to this before they are a prompt.
pub(super) const MAX_EARLIER_LOGIT: f64 = 32.0;

/// A prompt on a slice.
#[derive(Debug, Clone, Copy)]
pub enum SlicePrompt<'a> {
    /// Points `[x, y]` in model space with labels: 1 inside the object, 0 outside, 2 and 3 the corners of a box, which come
    /// first.
    Points(&'a [([f32; 2], i32)]),
    /// A mask `[1, 1, S, S]`, 1 inside and 0 outside, that is taken as it is.
    Mask(&'a Tensor<4>),
}

/// The number format in which memories are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MemoryFormat {
    /// bfloat16, as in the reference, which stores them so on a CPU too.
    #[default]
    Bf16,
    /// Without rounding.
    F32,
}

/// What a prompt on a slice that was tracked makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CorrectedAs {
    /// A prompted slice: all others attend to it, wherever they are (`add_all_frames_to_correct_as_cond`).
    #[default]
    Prompted,
    /// A tracked slice that no propagation changes, as in MedSAM2's predictor.
    Tracked,
}

/// Follows one object through a volume. It keeps for each slice that it has seen the memory, the pointer and the mask, and
/// nothing else: features are the caller's, who may drop them once a slice has been passed.
///
/// A clone shares the memories.
///
/// Source: `sam2_video_predictor_npz.py` of MedSAM2, class `SAM2VideoPredictorNPZ`.
#[derive(Debug, Clone)]
pub struct Tracker {
    slices: usize,
    format: MemoryFormat,
    corrected_as: CorrectedAs,
    kept: BTreeMap<usize, Kept>,
    image_pe: Tensor<4>,
    /// `[1, G², C]`.
    positions: Tensor<3>,
    rotation: Rotation,
    /// `[1, G², C']`.
    memory_positions: Tensor<3>,
    last: Option<Selection>,
}

/// What is kept of a slice.
#[derive(Debug, Clone)]
struct Kept {
    role: Role,
    /// The direction in which a propagation passed last.
    passed: Option<Direction>,
    /// `[1, G², C']`.
    memory: Tensor<3>,
    /// `[1, C]`.
    pointer: Tensor<2>,
    /// `[1, 1, 4G, 4G]`.
    logits: Tensor<4>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Prompted,
    Corrected,
    Tracked,
}

impl Tracker {
    /// For a volume of `slices` slices, without a prompt yet.
    pub fn new(
        sam2: &Sam2,
        slices: usize,
        format: MemoryFormat,
        corrected_as: CorrectedAs,
    ) -> Self {
        let device = sam2.no_obj_ptr.val().device();
        let image_pe = sam2.sam_prompt_encoder.dense_pe(&device);
        let [_, dim, grid, _] = image_pe.dims();
        let [_, memory_dim] = sam2.no_obj_embed_spatial.dims();
        Self {
            slices,
            format,
            corrected_as,
            kept: BTreeMap::new(),
            image_pe,
            positions: cell_positions(dim, [grid, grid], &device),
            rotation: Rotation::new(dim, grid, &device),
            memory_positions: cell_positions(memory_dim, [grid, grid], &device),
            last: None,
        }
    }

    /// Forgets everything. A propagation in the other direction starts from here: without it, the slices that the first one
    /// tracked would be its past.
    pub fn reset(&mut self) {
        self.kept.clear();
        self.last = None;
    }

    /// Forgets the slices that were tracked, so that a propagation in the other direction can start. The prompted ones stay.
    pub fn turn(&mut self) {
        self.kept.retain(|_, kept| kept.role == Role::Prompted);
        for kept in self.kept.values_mut() {
            kept.passed = None;
        }
        self.last = None;
    }

    /// Forgets the tracked slices that no slice after `slice` attends to, so that the memory does not grow with the volume.
    pub fn forget_passed(&mut self, slice: usize, direction: Direction) {
        self.kept.retain(|&at, kept| {
            let distance = direction.distance(slice, at);
            kept.role != Role::Tracked || distance < MAX_POINTERS as isize - 1
        });
    }

    /// The slices that it remembers.
    pub fn slices(&self) -> impl Iterator<Item = usize> {
        self.kept.keys().copied()
    }

    /// What the slice of the last answer attended to; `None` for one without memories.
    pub fn selection(&self) -> Option<&Selection> {
        self.last.as_ref()
    }

    /// The logits of a slice that the user has prompted, `[1, 1, 4G, 4G]`: a propagation passes it as it is.
    pub fn pass(&mut self, slice: usize, direction: Direction) -> Option<Tensor<4>> {
        let kept = self.kept.get_mut(&slice)?;
        if kept.role == Role::Tracked {
            return None;
        }
        kept.passed = Some(direction);
        Some(kept.logits.clone())
    }

    /// Answers a prompt on a slice, and remembers the answer.
    ///
    /// On a slice that a propagation has passed, the prompt corrects: the slice attends to its memories. Points refine what
    /// is known of the slice.
    pub fn prompt(
        &mut self,
        sam2: &Sam2,
        features: &ImageFeatures,
        slice: usize,
        prompt: SlicePrompt<'_>,
    ) -> Answer {
        let before = self.kept.get(&slice);
        let passed = before.and_then(|kept| kept.passed);
        let earlier = before.map(|kept| {
            let logits = kept.logits.clone();
            logits.clamp(-MAX_EARLIER_LOGIT, MAX_EARLIER_LOGIT)
        });
        let is_correction = passed.is_some() && before.is_some_and(|k| k.role != Role::Prompted);
        let answer = match prompt {
            SlicePrompt::Mask(mask) => {
                self.last = None;
                sam2.answer_with_mask(features, self.image_pe.clone(), mask.clone())
            }
            SlicePrompt::Points(points) => {
                let question = Question {
                    points: Some(point_tensors(points, &features.embedding.device())),
                    mask: earlier,
                };
                let embedding = match passed {
                    Some(direction) => {
                        let mut conditioning = self.conditioning(sam2, features, slice, direction);
                        while conditioning.step(&sam2.memory_attention) {}
                        conditioned(sam2, features, &conditioning)
                    }
                    None => {
                        self.last = None;
                        sam2.unconditioned(features)
                    }
                };
                let ambiguous = question.is_ambiguous();
                sam2.answer(
                    embedding,
                    features,
                    self.image_pe.clone(),
                    &question,
                    ambiguous,
                )
            }
        };
        let role = match (is_correction, self.corrected_as) {
            (true, CorrectedAs::Tracked) => Role::Corrected,
            _ => Role::Prompted,
        };
        self.keep(sam2, features, slice, role, passed, &answer);
        answer
    }

    /// Finds the object on a slice by the memories of others, and remembers the answer.
    pub fn track(
        &mut self,
        sam2: &Sam2,
        features: &ImageFeatures,
        slice: usize,
        direction: Direction,
    ) -> Answer {
        let mut tracking = self.begin(sam2, features, slice, direction);
        while tracking.step(sam2) {}
        self.finish(sam2, features, tracking)
    }

    fn keep(
        &mut self,
        sam2: &Sam2,
        features: &ImageFeatures,
        slice: usize,
        role: Role,
        passed: Option<Direction>,
        answer: &Answer,
    ) {
        let memory = sam2.memorize(
            features,
            answer.logits.clone(),
            answer.object_score.clone(),
            role != Role::Tracked,
        );
        let memory = match self.format {
            MemoryFormat::Bf16 => rounded_to_bf16(memory),
            MemoryFormat::F32 => memory,
        };
        let kept = Kept {
            role,
            passed,
            memory,
            pointer: answer.pointer.clone(),
            logits: answer.logits.clone(),
        };
        self.kept.insert(slice, kept);
    }

    /// The embedding of a slice before attention to its memories.
    fn conditioning(
        &mut self,
        sam2: &Sam2,
        features: &ImageFeatures,
        slice: usize,
        direction: Direction,
    ) -> Conditioning {
        let prompted = |(&slice, kept): (&usize, &Kept)| {
            let is_prompted = kept.role == Role::Prompted;
            is_prompted.then_some(slice)
        };
        let prompted: Vec<usize> = self.kept.iter().filter_map(prompted).collect();
        let selection = bank::select(slice, self.slices, direction, &prompted, |slice| {
            let kept = self.kept.get(&slice);
            kept.is_some_and(|kept| kept.role != Role::Prompted)
        });
        let tokens = self.tokens(sam2, &selection);
        self.last = Some(selection);
        let [b, h, w, c] = features.embedding.dims();
        let embedding = features.embedding.clone().reshape([b, h * w, c]);
        let (positions, rotation) = (self.positions.clone(), self.rotation.clone());
        Conditioning::new(embedding, positions, tokens, rotation)
    }
}

/// Rounds to bfloat16, and stores so where the device can.
fn rounded_to_bf16<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    if x.device().supports_dtype(DType::BF16) {
        return x.cast(FloatDType::BF16);
    }
    // Veltkamp's splitting: what is left of 24 bits after 16 are subtracted.
    let scaled = x.clone().mul_scalar(65537.0);
    let low = scaled.clone() - x;
    scaled - low
}

//! From a question about a slice to one mask: what `SAM2Base._forward_sam_heads` and `_use_mask_as_output` do.

use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::{Decoded, Filter, ImageFeatures, Sam2, resize};
use crate::ops::{channels_first, channels_last, patchwise};
use crate::prompt_encoder::Prompts;

/// Logits of a slice where the object is not there.
const NO_OBJECT: f64 = -1024.0;
/// Logits within this are what the stability of a mask is measured by.
const STABILITY_DELTA: f64 = 0.05;
/// The single mask is taken if its two areas agree by this.
const STABILITY_MIN: f64 = 0.98;
/// Logits of a mask that the user gives: this inside, minus this outside.
const GIVEN_LOGIT: f64 = 10.0;

/// What is asked about a slice.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// Points in model space, pixels of the square slice, with labels: 1 inside the object, 0 outside, 2 and 3 the corners
    /// of a box, which come first. Shapes: `[1, N, 2]`, `[1, N]`.
    pub points: Option<(Tensor<3>, Tensor<2, Int>)>,
    /// Logits of an earlier mask, or a mask, as prompt, `[1, 1, H, W]`; resized to `4G` × `4G`.
    pub mask: Option<Tensor<4>>,
}

/// What the model says about a slice.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Logits of the mask, `[1, 1, 4G, 4G]`: positive inside; −1024 everywhere if the object is not there.
    pub logits: Tensor<4>,
    /// Predicted IoU of the masks that could be chosen, `[1, 3]` for an ambiguous question, else `[1, 1]`.
    pub iou: Tensor<2>,
    /// The object in this slice as one vector, `[1, C]`.
    pub pointer: Tensor<2>,
    /// Positive if the object is in the slice, `[1, 1]`.
    pub object_score: Tensor<2>,
    /// Everything that the decoder said.
    pub decoded: Decoded,
}

impl Question {
    /// Whether several masks fit: after one point or none. A box is two points.
    pub fn is_ambiguous(&self) -> bool {
        let points = self.points.as_ref().map(|(points, _)| points.dims()[1]);
        points.unwrap_or(0) <= 1
    }
}

impl Sam2 {
    /// The embedding of a slice that has no memories. Shape: `[1, C, G, G]`.
    pub fn unconditioned(&self, features: &ImageFeatures) -> Tensor<4> {
        let no_memory = self.no_mem_embed.val().unsqueeze_dim::<4>(1);
        channels_first(features.embedding.clone() + no_memory)
    }

    /// Answers a question about a slice.
    ///
    /// With `ambiguous` the mask with the best predicted IoU of three; else the single mask, or the best of the three if it
    /// is not stable.
    ///
    /// Shapes: `embedding` `[1, C, G, G]`, from [`unconditioned`](Self::unconditioned) or memories; `image_pe`
    /// `[1, C, G, G]`, from [`PromptEncoder::dense_pe`](crate::PromptEncoder::dense_pe).
    ///
    /// Source: `sam2_base.py`, `_forward_sam_heads`.
    pub fn answer(
        &self,
        embedding: Tensor<4>,
        features: &ImageFeatures,
        image_pe: Tensor<4>,
        question: &Question,
        ambiguous: bool,
    ) -> Answer {
        let device = embedding.device();
        // As in the reference, no points are one that is none; the prompt encoder pads another.
        let points = question.points.clone().unwrap_or_else(|| {
            let labels = Tensor::full([1, 1], -1, &device);
            (Tensor::zeros([1, 1, 2], &device), labels)
        });
        let [_, _, grid, _] = embedding.dims();
        let size = [4 * grid, 4 * grid];
        let masks = question.mask.clone();
        let prompts = Prompts {
            points: Some(points),
            boxes: None,
            masks: masks.map(|mask| resize(mask, size, Filter::Antialiased)),
        };
        let (sparse, dense) = self.sam_prompt_encoder.forward(&prompts, &device);
        let decoded = self
            .sam_mask_decoder
            .forward(embedding, features, image_pe, sparse, dense);
        self.chosen(decoded, ambiguous)
    }

    /// One mask from the decoder's four, and the pointer.
    fn chosen(&self, decoded: Decoded, ambiguous: bool) -> Answer {
        let (logits, iou) = match ambiguous {
            true => (several(&decoded.logits), several(&decoded.iou)),
            false => stable_or_best(&decoded),
        };
        let best = iou.clone().argmax(1);
        // As in the reference, the pointer is that of the single mask even where another is given.
        let token = match ambiguous {
            true => picked(several(&decoded.tokens), best.clone()),
            false => decoded.tokens.clone().narrow(1, 0, 1),
        };
        let [b, _, c] = token.dims();
        let is_there = decoded.object_score.clone().greater_elem(0.0);
        let pointer = self.obj_ptr_proj.forward(token.reshape([b, c]));
        let absent = self.no_obj_ptr.val().expand([b, c]);
        let logits = picked(logits, best);
        let nothing = logits.full_like(NO_OBJECT);
        let shape = logits.dims();
        let there_4d = is_there.clone().reshape([b, 1, 1, 1]).expand(shape);
        Answer {
            logits: nothing.mask_where(there_4d, logits),
            iou,
            pointer: absent.mask_where(is_there.expand([b, c]), pointer),
            object_score: decoded.object_score.clone(),
            decoded,
        }
    }

    /// Takes a mask that the user gives as the answer, and makes its pointer.
    ///
    /// Shapes: `mask` `[1, 1, S, S]`, 1 inside and 0 outside; `image_pe` `[1, C, G, G]`.
    ///
    /// Source: `sam2_base.py`, `_use_mask_as_output`.
    pub fn answer_with_mask(
        &self,
        features: &ImageFeatures,
        image_pe: Tensor<4>,
        mask: Tensor<4>,
    ) -> Answer {
        let device = mask.device();
        let [b, _, height, width] = mask.dims();
        let prompt = channels_first(patchwise(
            &self.mask_downsample,
            channels_last(mask.clone()),
        ));
        let question = Question {
            points: None,
            mask: Some(prompt),
        };
        let embedding = channels_first(features.embedding.clone());
        let answer = self.answer(embedding, features, image_pe, &question, false);
        let logits = mask.clone() * (2.0 * GIVEN_LOGIT) - GIVEN_LOGIT;
        let is_there = mask
            .reshape([b, height * width])
            .max_dim(1)
            .greater_elem(0.0);
        let [_, c] = answer.pointer.dims();
        let absent = self.no_obj_ptr.val().expand([b, c]);
        Answer {
            logits: resize(logits, [height / 4, width / 4], Filter::Antialiased),
            iou: Tensor::ones([b, 1], &device),
            pointer: absent.mask_where(is_there.clone().expand([b, c]), answer.pointer),
            object_score: is_there.float() * (2.0 * GIVEN_LOGIT) - GIVEN_LOGIT,
            decoded: answer.decoded,
        }
    }

    /// The memory of a slice.
    ///
    /// `binary` says that the mask was prompted, so that only its sign counts.
    ///
    /// Shapes: `logits` `[1, 1, 4G, 4G]`, `object_score` `[1, 1]` → `[1, G², C']`.
    ///
    /// Source: `sam2_base.py`, `_encode_new_memory`.
    pub fn memorize(
        &self,
        features: &ImageFeatures,
        logits: Tensor<4>,
        object_score: Tensor<2>,
        binary: bool,
    ) -> Tensor<3> {
        let size = [self.image_size, self.image_size];
        let logits = resize(logits, size, Filter::Bilinear);
        let part = match binary {
            true => logits.greater_elem(0.0).float(),
            false => sigmoid(logits),
        };
        let mask = part * (2.0 * GIVEN_LOGIT) - GIVEN_LOGIT;
        let memory = self
            .memory_encoder
            .forward(features.embedding.clone(), mask);
        let [b, h, w, c] = memory.dims();
        let absent = object_score.lower_equal_elem(0.0).float();
        let absent = absent.reshape([b, 1, 1]) * self.no_obj_embed_spatial.val().unsqueeze();
        memory.reshape([b, h * w, c]) + absent
    }

    /// A mask of a slice's own size as a mask prompt.
    ///
    /// Shapes: `[1, 1, H, W]`, 1 inside and 0 outside → `[1, 1, S, S]`.
    ///
    /// Source: `sam2_video_predictor_npz.py`, `add_new_mask`.
    pub fn mask_prompt(&self, mask: Tensor<4>) -> Tensor<4> {
        let size = [self.image_size, self.image_size];
        let part = resize(mask, size, Filter::Antialiased);
        part.greater_equal_elem(0.5).float()
    }

    /// Side of the square slice, in pixels of model space.
    pub fn image_size(&self) -> usize {
        self.image_size
    }
}

/// All but the first on the second axis: what belongs to the masks for an ambiguous prompt.
pub(super) fn several<const D: usize>(x: &Tensor<D>) -> Tensor<D> {
    let count = x.dims()[1];
    x.clone().narrow(1, 1, count - 1)
}

/// The entry of the second axis with an index, `[B, 1]`. Shapes: `[B, M, ..]` → `[B, 1, ..]`.
fn picked<const D: usize>(x: Tensor<D>, index: Tensor<2, Int>) -> Tensor<D> {
    let mut shape = x.dims();
    shape[1] = 1;
    let mut of_index = [1; D];
    of_index[0] = shape[0];
    x.gather(1, index.reshape(of_index).expand(shape))
}

/// The single mask where it is stable, else the best of the others.
///
/// Source: `mask_decoder.py`, `_dynamic_multimask_via_stability`.
pub(super) fn stable_or_best(decoded: &Decoded) -> (Tensor<4>, Tensor<2>) {
    let single = decoded.logits.clone().narrow(1, 0, 1);
    let single_iou = decoded.iou.clone().narrow(1, 0, 1);
    let is_stable = stability(single.clone()).greater_equal_elem(STABILITY_MIN);
    let best = several(&decoded.iou).argmax(1);
    let best_iou = picked(several(&decoded.iou), best.clone());
    let shape = single.dims();
    let [b, ..] = shape;
    let stable_4d = is_stable.clone().reshape([b, 1, 1, 1]).expand(shape);
    (
        picked(several(&decoded.logits), best).mask_where(stable_4d, single),
        best_iou.mask_where(is_stable, single_iou),
    )
}

/// How little the area of a mask depends on the threshold: 1 if not at all, or if the mask is empty.
///
/// Shapes: `[B, M, H, W]` → `[B, M]`.
pub(super) fn stability(logits: Tensor<4>) -> Tensor<2> {
    let [b, m, h, w] = logits.dims();
    let logits = logits.reshape([b, m, h * w]);
    let area = |above: f64| {
        let inside = logits.clone().greater_elem(above).float();
        inside.sum_dim(2).reshape([b, m])
    };
    let (smaller, larger) = (area(STABILITY_DELTA), area(-STABILITY_DELTA));
    let empty = larger.clone().equal_elem(0.0);
    let ratio = smaller / larger.clamp_min(1.0);
    ratio.mask_fill(empty, 1.0)
}

/// A tensor of points or labels from plain values, `[1, N, 2]` and `[1, N]`.
pub(super) fn point_tensors(
    points: &[([f32; 2], i32)],
    device: &Device,
) -> (Tensor<3>, Tensor<2, Int>) {
    let places: Vec<f32> = points.iter().flat_map(|(place, _)| *place).collect();
    let labels: Vec<i32> = points.iter().map(|(_, label)| *label).collect();
    (
        Tensor::from_data(TensorData::new(places, [1, points.len(), 2]), device),
        Tensor::from_data(TensorData::new(labels, [1, points.len()]), device),
    )
}

//! Answers to prompts on one image, without memories.

use burn::tensor::{Int, Tensor};

use super::answer::{several, stable_or_best};
use super::tracker::MAX_EARLIER_LOGIT;
use super::{ImageFeatures, Sam2};
use crate::mask_decoder::MaskPrediction;
use crate::prompt_encoder::Prompts;

impl Sam2 {
    /// Decodes prompts on an image that has been encoded. Masks of prompts are earlier logits, clamped to ±32.
    ///
    /// Differs from [`Sam2::answer`] in that the object's score changes nothing, as in the reference.
    ///
    /// # Shapes
    ///
    /// - `image_pe`: `[1, C, G, G]`, from [`PromptEncoder::dense_pe`](crate::PromptEncoder::dense_pe)
    /// - `prompts`: a batch; masks `[B, 1, 4G, 4G]`
    /// - result: logits `[B, M, 4G, 4G]` and IoU `[B, M]`, where `M` is 3 with `multimask_output` and 1 without
    ///
    /// Source: `sam2/sam2_image_predictor.py`, class `SAM2ImagePredictor`, `_predict`.
    pub fn predict(
        &self,
        features: &ImageFeatures,
        image_pe: Tensor<4>,
        prompts: &Prompts,
        multimask_output: bool,
    ) -> MaskPrediction {
        let embedding = self.unconditioned(features);
        self.predict_on(embedding, features, image_pe, prompts, multimask_output)
    }

    /// As [`Sam2::predict`], on an embedding `[1, C, G, G]` that may be conditioned on memories.
    pub fn predict_on(
        &self,
        embedding: Tensor<4>,
        features: &ImageFeatures,
        image_pe: Tensor<4>,
        prompts: &Prompts,
        multimask_output: bool,
    ) -> MaskPrediction {
        let earlier = prompts.masks.clone();
        let prompts = Prompts {
            points: corners_and_points(prompts),
            boxes: None,
            masks: earlier.map(|logits| logits.clamp(-MAX_EARLIER_LOGIT, MAX_EARLIER_LOGIT)),
        };
        let device = features.embedding.device();
        let (sparse, dense) = self.sam_prompt_encoder.forward(&prompts, &device);
        let decoded = self
            .sam_mask_decoder
            .forward(embedding, features, image_pe, sparse, dense);
        let (low_res_logits, iou) = match multimask_output {
            true => (several(&decoded.logits), several(&decoded.iou)),
            false => stable_or_best(&decoded),
        };
        MaskPrediction {
            low_res_logits,
            iou,
        }
    }
}

/// A box as two points with the labels 2 and 3, before the other points: the prompt encoder pads both alike.
fn corners_and_points(prompts: &Prompts) -> Option<(Tensor<3>, Tensor<2, Int>)> {
    let Some(boxes) = &prompts.boxes else {
        return prompts.points.clone();
    };
    let [b, _] = boxes.dims();
    let device = boxes.device();
    let corners = boxes.clone().reshape([b, 2, 2]);
    let labels = Tensor::<1, Int>::from_data([2, 3], &device);
    let labels = labels.reshape([1, 2]).expand([b, 2]);
    Some(match &prompts.points {
        Some((points, kinds)) => (
            Tensor::cat(vec![corners, points.clone()], 1),
            Tensor::cat(vec![labels, kinds.clone()], 1),
        ),
        None => (corners, labels),
    })
}

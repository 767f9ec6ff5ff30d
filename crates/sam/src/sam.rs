use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::image_encoder::ImageEncoder;
use crate::mask_decoder::{MaskDecoder, MaskPrediction};
use crate::prompt_encoder::{PromptEncoder, Prompts};

/// The Segment Anything Model: an image encoder, run once per image, and a prompt encoder and a
/// mask decoder, run once per prompt.
///
/// Source: `segment_anything/modeling/sam.py`, class `Sam`.
// Differs from the reference: no pixel mean and standard deviation here. Preprocessing belongs to
// the recipe of a checkpoint, and the three recipes disagree.
#[derive(Module, Debug)]
pub struct Sam {
    /// `[B, 3, S, S]` → `[B, C, G, G]`.
    pub image_encoder: ImageEncoder,
    /// Boxes, points and masks → sparse and dense embeddings.
    pub prompt_encoder: PromptEncoder,
    /// Embeddings → logits and predicted IoU.
    pub mask_decoder: MaskDecoder,
}

impl Sam {
    /// Decodes `prompts` on an image that is already embedded.
    ///
    /// # Shapes
    ///
    /// - `embedding`: `[1, C, G, G]`, the grid's embedding; shared by all prompts of the batch
    /// - `image_pe`: `[1, C, G, G]`, [`PromptEncoder::dense_pe`]: the same for every image and prompt
    /// - logits of the result: `[B, M, 4G, 4G]`, IoU: `[B, M]`, where `M` is 3 for
    ///   `multimask_output` and 1 otherwise
    pub fn decode(
        &self,
        embedding: Tensor<4>,
        image_pe: Tensor<4>,
        prompts: &Prompts,
        multimask_output: bool,
    ) -> MaskPrediction {
        let device: Device = embedding.device();
        let (sparse, dense) = self.prompt_encoder.forward(prompts, &device);
        self.mask_decoder
            .forward(embedding, image_pe, sparse, dense, multimask_output)
    }
}

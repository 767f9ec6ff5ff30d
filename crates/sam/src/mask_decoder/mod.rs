//! The mask decoder turns image and prompt embeddings into masks.
//!
//! Source: `segment_anything/modeling/mask_decoder.py`.

mod attention;
pub mod transformer;

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{Embedding, EmbeddingConfig};
use burn::tensor::{Device, Tensor};
use std::ops::Range;

use crate::common::{LayerNorm2d, Mlp};
use crate::ops::{Activation, channels_last, gelu, unpatchwise};
use transformer::{TwoWayTransformer, TwoWayTransformerConfig};

/// Sizes of a [`MaskDecoder`].
#[derive(Config, Debug, PartialEq)]
pub struct MaskDecoderConfig {
    /// Channels of the embeddings.
    pub embed_dim: usize,
    /// Masks for an ambiguous prompt, in addition to the single one.
    #[config(default = 3)]
    pub num_multimask_outputs: usize,
    /// Layers of the head that predicts the IoU.
    #[config(default = 3)]
    pub iou_head_depth: usize,
    /// Hidden size of the head that predicts the IoU.
    #[config(default = 256)]
    pub iou_head_hidden_dim: usize,
    /// Number of blocks of the transformer.
    #[config(default = 2)]
    pub transformer_depth: usize,
    /// Attention heads of the transformer.
    #[config(default = 8)]
    pub transformer_heads: usize,
    /// Hidden size of the transformer's MLPs.
    #[config(default = 2048)]
    pub transformer_mlp_dim: usize,
}

/// Masks, and the model's own estimate of their quality.
#[derive(Debug, Clone)]
pub struct MaskPrediction {
    /// Logits `[B, M, 4G, 4G]`: positive inside the mask.
    pub low_res_logits: Tensor<4>,
    /// Predicted IoU of each mask with the true one, `[B, M]`: about 0 to 1, not clamped.
    pub iou: Tensor<2>,
}

/// Predicts masks from the embeddings of an image and of a prompt.
///
/// Source: `mask_decoder.py`, class `MaskDecoder`.
#[derive(Module, Debug)]
pub struct MaskDecoder {
    /// Attention between prompt tokens and image, in both directions.
    pub transformer: TwoWayTransformer,
    /// The token from which the IoU is read.
    pub iou_token: Embedding,
    /// The tokens from which the masks are read: that of the single mask, then those for an ambiguous prompt.
    pub mask_tokens: Embedding,
    /// Upsamples the embedding to four times its resolution.
    pub output_upscaling: OutputUpscaling,
    /// For each mask, from its token the weights that combine the upsampled channels.
    pub output_hypernetworks_mlps: Vec<Mlp>,
    /// From the IoU token, the IoU of each mask.
    pub iou_prediction_head: Mlp,
}

/// Two transposed 2×2 convolutions with stride 2, each followed by GELU.
#[derive(Module, Debug)]
pub struct OutputUpscaling {
    /// `C` → `C / 4`, 2×2, stride 2.
    pub conv1: ConvTranspose2d,
    /// LayerNorm over the channels, after `conv1`.
    pub norm1: LayerNorm2d,
    /// `C / 4` → `C / 8`, 2×2, stride 2.
    pub conv2: ConvTranspose2d,
}

impl MaskDecoderConfig {
    /// The decoder with random weights.
    pub fn init(&self, device: &Device) -> MaskDecoder {
        let dim = self.embed_dim;
        let masks = self.num_multimask_outputs + 1;
        let transformer = TwoWayTransformerConfig::new(
            dim,
            self.transformer_depth,
            self.transformer_heads,
            self.transformer_mlp_dim,
        );
        let (hidden, depth) = (self.iou_head_hidden_dim, self.iou_head_depth);
        MaskDecoder {
            transformer: transformer.init(device),
            iou_token: EmbeddingConfig::new(1, dim).init(device),
            mask_tokens: EmbeddingConfig::new(masks, dim).init(device),
            output_upscaling: OutputUpscaling::new(dim, device),
            output_hypernetworks_mlps: (0..masks)
                .map(|_| Mlp::new(dim, dim, dim / 8, 3, device))
                .collect(),
            iou_prediction_head: Mlp::new(dim, hidden, masks, depth, device),
        }
    }
}

impl MaskDecoder {
    /// Predicts the single mask of each prompt, or with `multimask_output` the masks for an ambiguous prompt.
    ///
    /// # Shapes
    ///
    /// - `image_embedding`: `[1, C, G, G]`, shared by the batch
    /// - `image_pe`: `[1, C, G, G]`
    /// - `sparse`: `[B, N, C]`, `dense`: `[B, C, G, G]`
    pub fn forward(
        &self,
        image_embedding: Tensor<4>,
        image_pe: Tensor<4>,
        sparse: Tensor<3>,
        dense: Tensor<4>,
        multimask_output: bool,
    ) -> MaskPrediction {
        let masks = match multimask_output {
            true => 1..self.output_hypernetworks_mlps.len(),
            false => 0..1,
        };
        self.predict(image_embedding + dense, image_pe, sparse, masks)
    }

    /// Predicts the masks with the given indices.
    fn predict(
        &self,
        src: Tensor<4>,
        pe: Tensor<4>,
        sparse: Tensor<3>,
        masks: Range<usize>,
    ) -> MaskPrediction {
        let [b, c, h, w] = src.dims();
        let output = vec![self.iou_token.weight.val(), self.mask_tokens.weight.val()];
        let output = Tensor::cat(output, 0).unsqueeze_dim::<3>(0);
        let [_, count, _] = output.dims();
        let tokens = Tensor::cat(vec![output.expand([b, count, c]), sparse], 1);

        let (tokens, src) = self.transformer.forward(flat(src), flat(pe), tokens);
        let token = |i: usize| tokens.clone().narrow(1, i, 1).reshape([b, c]);
        let iou = self.iou_prediction_head.forward(token(0));
        let hyper = masks
            .clone()
            .map(|i| self.output_hypernetworks_mlps[i].forward(token(1 + i)));
        let hyper = Tensor::stack::<3>(hyper.collect(), 2);
        let logits = self.output_upscaling.forward(src).matmul(hyper);
        MaskPrediction {
            low_res_logits: upscaled_maps(logits, [h, w]),
            iou: iou.narrow(1, masks.start, masks.len()),
        }
    }
}

impl OutputUpscaling {
    pub(crate) fn new(dim: usize, device: &Device) -> Self {
        let double = |c_in, c_out| {
            ConvTranspose2dConfig::new([c_in, c_out], [2, 2])
                .with_stride([2, 2])
                .init(device)
        };
        Self {
            conv1: double(dim, dim / 4),
            norm1: LayerNorm2d::new(dim / 4, device),
            conv2: double(dim / 4, dim / 8),
        }
    }

    /// Shapes: `[B, HW, C]` → `[B, HW · 4 · 4, C/8]`: the four pixels of each pixel, and the four of each of these, row by row.
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = unpatchwise(&self.conv1, x, Activation::Identity);
        let x = gelu(self.norm1.forward(x));
        unpatchwise(&self.conv2, x, Activation::Gelu)
    }

    /// [`forward`](Self::forward), where maps in the order of the result are added after each convolution.
    ///
    /// Shapes: `s1` `[1, HW · 4, C/4]`, `s0` `[1, HW · 16, C/8]`.
    pub(crate) fn forward_with(&self, x: Tensor<3>, s1: Tensor<3>, s0: Tensor<3>) -> Tensor<3> {
        let x = unpatchwise(&self.conv1, x, Activation::Identity) + s1;
        let x = gelu(self.norm1.forward(x));
        gelu(unpatchwise(&self.conv2, x, Activation::Identity) + s0)
    }
}

/// Moves the pixels of [`OutputUpscaling`] to their places. Done for the few masks instead of its many channels.
///
/// Shapes: `[B, HW · 4 · 4, M]` → `[B, M, 4H, 4W]`.
pub(crate) fn upscaled_maps(x: Tensor<3>, [h, w]: [usize; 2]) -> Tensor<4> {
    let [b, _, masks] = x.dims();
    x.reshape([b, h, w, 2, 2, 2, 2, masks])
        .permute([0, 7, 1, 3, 5, 2, 4, 6])
        .reshape([b, masks, 4 * h, 4 * w])
}

/// `[B, C, H, W]` → `[B, HW, C]`.
pub(crate) fn flat(x: Tensor<4>) -> Tensor<3> {
    let [b, c, h, w] = x.dims();
    channels_last(x).reshape([b, h * w, c])
}

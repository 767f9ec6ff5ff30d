//! SAM 2's mask decoder: SAM's, with finer features of the image and a score for whether the object is there.
//!
//! Source: `sam2/modeling/sam/mask_decoder.py`.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Embedding, EmbeddingConfig};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

use super::ImageFeatures;
use crate::common::Mlp;
use crate::mask_decoder::transformer::{TwoWayTransformer, TwoWayTransformerConfig};
use crate::mask_decoder::{OutputUpscaling, flat, upscaled_maps};
use crate::ops::{Activation, pointwise};

/// Masks for one prompt: the single one, and three for an ambiguous prompt.
pub(super) const MASKS: usize = 4;

/// Sizes of a [`Sam2MaskDecoder`].
#[derive(Config, Debug, PartialEq)]
pub struct Sam2MaskDecoderConfig {
    /// Channels of the embeddings.
    pub embed_dim: usize,
    /// Layers of the heads that predict the IoU and the object's score.
    #[config(default = 3)]
    pub head_depth: usize,
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

/// Everything that the decoder says about a prompt; [`Sam2::answer`](super::Sam2::answer) chooses from it.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// Logits `[B, 4, 4G, 4G]`: the single mask, then three for an ambiguous prompt.
    pub logits: Tensor<4>,
    /// Predicted IoU of each mask with the true one, `[B, 4]`, 0 to 1.
    pub iou: Tensor<2>,
    /// The token of each mask after the transformer, `[B, 4, C]`.
    pub tokens: Tensor<3>,
    /// Positive if the object is in the image, `[B, 1]`.
    pub object_score: Tensor<2>,
}

/// Predicts masks from the features of an image and the embeddings of a prompt.
///
/// Source: `mask_decoder.py`, class `MaskDecoder`.
#[derive(Module, Debug)]
pub struct Sam2MaskDecoder {
    /// Attention between prompt tokens and image, in both directions.
    pub transformer: TwoWayTransformer,
    /// The token from which the IoU is read.
    pub iou_token: Embedding,
    /// The tokens from which the masks are read: that of the single mask, then those for an ambiguous prompt.
    pub mask_tokens: Embedding,
    /// The token from which the object's score is read.
    pub obj_score_token: Embedding,
    /// Upsamples the embedding to four times its resolution.
    pub output_upscaling: OutputUpscaling,
    /// 1×1, `C` → `C / 8`, on the finest map of the image encoder.
    pub conv_s0: Conv2d,
    /// 1×1, `C` → `C / 4`, on its second map.
    pub conv_s1: Conv2d,
    /// For each mask, from its token the weights that combine the upsampled channels.
    pub output_hypernetworks_mlps: Vec<Mlp>,
    /// From the IoU token, the IoU of each mask.
    pub iou_prediction_head: Mlp,
    /// From the score's token, the object's score.
    pub pred_obj_score_head: Mlp,
}

impl Sam2MaskDecoderConfig {
    /// The decoder with random weights.
    pub fn init(&self, device: &Device) -> Sam2MaskDecoder {
        let dim = self.embed_dim;
        let transformer = TwoWayTransformerConfig::new(
            dim,
            self.transformer_depth,
            self.transformer_heads,
            self.transformer_mlp_dim,
        );
        let token = |count| EmbeddingConfig::new(count, dim).init(device);
        let pointwise = |to| Conv2dConfig::new([dim, to], [1, 1]).init(device);
        let (hidden, depth) = (self.iou_head_hidden_dim, self.head_depth);
        Sam2MaskDecoder {
            transformer: transformer.init(device),
            iou_token: token(1),
            mask_tokens: token(MASKS),
            obj_score_token: token(1),
            output_upscaling: OutputUpscaling::new(dim, device),
            conv_s0: pointwise(dim / 8),
            conv_s1: pointwise(dim / 4),
            output_hypernetworks_mlps: (0..MASKS)
                .map(|_| Mlp::new(dim, dim, dim / 8, 3, device))
                .collect(),
            iou_prediction_head: Mlp::new(dim, hidden, MASKS, depth, device),
            pred_obj_score_head: Mlp::new(dim, dim, 1, depth, device),
        }
    }
}

impl Sam2MaskDecoder {
    /// The finer maps in the channels that the upsampling adds them to.
    ///
    /// Shapes: `[B, 4G, 4G, C]`, `[B, 2G, 2G, C]` → `[B, 4G, 4G, C/8]`, `[B, 2G, 2G, C/4]`.
    pub(super) fn fine_maps(&self, s0: Tensor<4>, s1: Tensor<4>) -> [Tensor<4>; 2] {
        [(&self.conv_s0, s0), (&self.conv_s1, s1)]
            .map(|(conv, x)| pointwise(conv, x, Activation::Identity))
    }

    /// Decodes each prompt of a batch.
    ///
    /// # Shapes
    ///
    /// - `embedding`: `[1, C, G, G]`, the slice's, conditioned on memories or with [`Sam2::no_mem_embed`](super::Sam2)
    /// - `features`: whose fine maps are used
    /// - `image_pe`: `[1, C, G, G]`
    /// - `sparse`: `[B, N, C]`, `dense`: `[B, C, G, G]`
    pub fn forward(
        &self,
        embedding: Tensor<4>,
        features: &ImageFeatures,
        image_pe: Tensor<4>,
        sparse: Tensor<3>,
        dense: Tensor<4>,
    ) -> Decoded {
        let src = embedding + dense;
        let [b, c, h, w] = src.dims();
        let output = vec![
            self.obj_score_token.weight.val(),
            self.iou_token.weight.val(),
            self.mask_tokens.weight.val(),
        ];
        let output = Tensor::cat(output, 0).unsqueeze_dim::<3>(0);
        let [_, count, _] = output.dims();
        let tokens = Tensor::cat(vec![output.expand([b, count, c]), sparse], 1);

        let (tokens, src) = self.transformer.forward(flat(src), flat(image_pe), tokens);
        let token = |i: usize| tokens.clone().narrow(1, i, 1).reshape([b, c]);
        let hyper = self.output_hypernetworks_mlps.iter().enumerate();
        let hyper = hyper.map(|(i, mlp)| mlp.forward(token(2 + i)));
        let hyper = Tensor::stack::<3>(hyper.collect(), 2);
        let upscaled = self.upscaled(src, features.s0.clone(), features.s1.clone());
        Decoded {
            logits: upscaled_maps(upscaled.matmul(hyper), [h, w]),
            iou: sigmoid(self.iou_prediction_head.forward(token(1))),
            tokens: tokens.clone().narrow(1, 2, MASKS),
            object_score: self.pred_obj_score_head.forward(token(0)),
        }
    }

    /// The image at four times its resolution, in the order of [`OutputUpscaling`].
    ///
    /// Shapes: `x` `[B, HW, C]`, `s0` `[1, 4H, 4W, C/8]`, `s1` `[1, 2H, 2W, C/4]` → `[B, HW · 16, C/8]`.
    pub(super) fn upscaled(&self, x: Tensor<3>, s0: Tensor<4>, s1: Tensor<4>) -> Tensor<3> {
        let (s1, s0) = (in_order_of_upscaling(s1), in_order_of_upscaling_twice(s0));
        self.output_upscaling.forward_with(x, s1, s0)
    }
}

/// The pixels of a map in the order in which one upsampling makes them: the four of each coarse pixel, row by row.
///
/// Shapes: `[B, 2H, 2W, C]` → `[B, HW · 4, C]`.
fn in_order_of_upscaling(x: Tensor<4>) -> Tensor<3> {
    let [b, h, w, c] = x.dims();
    x.reshape([b, h / 2, 2, w / 2, 2, c])
        .permute([0, 1, 3, 2, 4, 5])
        .reshape([b, h * w, c])
}

/// The same for two upsamplings. Shapes: `[B, 4H, 4W, C]` → `[B, HW · 16, C]`.
fn in_order_of_upscaling_twice(x: Tensor<4>) -> Tensor<3> {
    let [b, h, w, c] = x.dims();
    x.reshape([b, h / 4, 2, 2, w / 4, 2, 2, c])
        .permute([0, 1, 4, 2, 5, 3, 6, 7])
        .reshape([b, h * w, c])
}

//! The two-way transformer: attention between prompt tokens and image, in both directions.
//!
//! Source: `segment_anything/modeling/transformer.py`.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};

pub use super::attention::Attention;
use crate::common::{EPSILON_LAYER_NORM, MlpBlock};

/// Sizes of a [`TwoWayTransformer`].
#[derive(Config, Debug)]
pub struct TwoWayTransformerConfig {
    /// Channels of tokens and image.
    pub dim: usize,
    /// Number of two-way attention blocks.
    pub depth: usize,
    /// Heads of each attention.
    pub num_heads: usize,
    /// Hidden size of the MLPs.
    pub mlp_dim: usize,
    /// Between tokens and image, attention works in `dim / downsample_rate` channels.
    #[config(default = 2)]
    pub downsample_rate: usize,
}

/// A stack of [`TwoWayAttentionBlock`]s and a last attention from the tokens to the image.
///
/// Source: `transformer.py`, class `TwoWayTransformer`.
#[derive(Module, Debug)]
pub struct TwoWayTransformer {
    /// In order; the first leaves positions out of its self-attention.
    pub layers: Vec<TwoWayAttentionBlock>,
    /// From tokens to image.
    pub final_attn_token_to_image: Attention,
    /// LayerNorm of the tokens, after the final attention.
    pub norm_final_attn: LayerNorm,
}

impl TwoWayTransformerConfig {
    /// The transformer with random weights.
    pub fn init(&self, device: &Device) -> TwoWayTransformer {
        TwoWayTransformer {
            layers: (0..self.depth)
                .map(|i| TwoWayAttentionBlock::new(self, i == 0, device))
                .collect(),
            final_attn_token_to_image: self.cross_attention(device),
            norm_final_attn: self.norm(device),
        }
    }

    fn cross_attention(&self, device: &Device) -> Attention {
        Attention::new(
            self.dim,
            self.dim / self.downsample_rate,
            self.num_heads,
            device,
        )
    }

    fn norm(&self, device: &Device) -> LayerNorm {
        LayerNormConfig::new(self.dim)
            .with_epsilon(EPSILON_LAYER_NORM)
            .init(device)
    }
}

impl TwoWayTransformer {
    /// Returns tokens and image after attention to each other, in the shapes of `tokens` and `image`.
    ///
    /// # Shapes
    ///
    /// - `image`: `[B, HW, C]`, `image_pe`: `[1, HW, C]`
    /// - `tokens`: `[B, N, C]`
    pub fn forward(
        &self,
        image: Tensor<3>,
        image_pe: Tensor<3>,
        tokens: Tensor<3>,
    ) -> (Tensor<3>, Tensor<3>) {
        let (mut queries, mut keys) = (tokens.clone(), image);
        for layer in &self.layers {
            (queries, keys) = layer.forward(queries, keys, tokens.clone(), image_pe.clone());
        }
        let q = queries.clone() + tokens;
        let k = keys.clone() + image_pe;
        let attended = self
            .final_attn_token_to_image
            .attend_to_image(q, k, keys.clone());
        (self.norm_final_attn.forward(queries + attended), keys)
    }
}

/// Self-attention of the tokens, attention from tokens to image, an MLP on the tokens, and attention from image to tokens.
///
/// Source: `transformer.py`, class `TwoWayAttentionBlock`.
#[derive(Module, Debug)]
pub struct TwoWayAttentionBlock {
    /// Attention among the tokens.
    pub self_attn: Attention,
    /// LayerNorm of the tokens, after `self_attn`.
    pub norm1: LayerNorm,
    /// From tokens to image.
    pub cross_attn_token_to_image: Attention,
    /// LayerNorm of the tokens, after `cross_attn_token_to_image`.
    pub norm2: LayerNorm,
    /// On each token by itself.
    pub mlp: MlpBlock,
    /// LayerNorm of the tokens, after `mlp`.
    pub norm3: LayerNorm,
    /// LayerNorm of the image, after `cross_attn_image_to_token`.
    pub norm4: LayerNorm,
    /// From image to tokens.
    pub cross_attn_image_to_token: Attention,
    skip_first_layer_pe: bool,
}

impl TwoWayAttentionBlock {
    fn new(config: &TwoWayTransformerConfig, skip_first_layer_pe: bool, device: &Device) -> Self {
        Self {
            self_attn: Attention::new(config.dim, config.dim, config.num_heads, device),
            norm1: config.norm(device),
            cross_attn_token_to_image: config.cross_attention(device),
            norm2: config.norm(device),
            mlp: MlpBlock::new(config.dim, config.mlp_dim, device),
            norm3: config.norm(device),
            norm4: config.norm(device),
            cross_attn_image_to_token: config.cross_attention(device),
            skip_first_layer_pe,
        }
    }

    /// Shapes: `queries` and `query_pe` `[B, N, C]`, `keys` `[B, HW, C]`, `key_pe` `[1, HW, C]`.
    fn forward(
        &self,
        queries: Tensor<3>,
        keys: Tensor<3>,
        query_pe: Tensor<3>,
        key_pe: Tensor<3>,
    ) -> (Tensor<3>, Tensor<3>) {
        let queries = self
            .norm1
            .forward(self.attend_self(queries, query_pe.clone()));

        let q = queries.clone() + query_pe.clone();
        let k = keys.clone() + key_pe;
        let seen = self
            .cross_attn_token_to_image
            .attend_to_image(q, k.clone(), keys.clone());
        let queries = self.norm2.forward(queries + seen);

        let queries = self
            .norm3
            .forward(queries.clone() + self.mlp.forward_relu(queries));

        let q = queries.clone() + query_pe;
        let seen = self
            .cross_attn_image_to_token
            .attend_to_tokens(k, q, queries.clone());
        (queries, self.norm4.forward(keys + seen))
    }

    fn attend_self(&self, queries: Tensor<3>, query_pe: Tensor<3>) -> Tensor<3> {
        if self.skip_first_layer_pe {
            // As in the reference, the first block also replaces the queries instead of adding to them.
            return self
                .self_attn
                .forward(queries.clone(), queries.clone(), queries);
        }
        let q = queries.clone() + query_pe;
        queries.clone() + self.self_attn.forward(q.clone(), q, queries)
    }
}

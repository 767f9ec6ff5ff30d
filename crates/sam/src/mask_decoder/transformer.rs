//! The two-way transformer: prompt tokens and image look at each other.
//!
//! Source: `segment_anything/modeling/transformer.py`.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Device, FloatDType, Tensor};

use crate::common::{MlpBlock, project};
use crate::config::EPSILON_LAYER_NORM;
use crate::cpu::softmax;
use crate::product::linear_each;

/// Sizes of a [`TwoWayTransformer`].
#[derive(Config, Debug)]
pub struct TwoWayTransformerConfig {
    /// Channels of tokens and image.
    pub dim: usize,
    /// Layers.
    pub depth: usize,
    /// Attention heads.
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
    /// The blocks; the first leaves the position out of its self-attention.
    pub layers: Vec<TwoWayAttentionBlock>,
    /// Tokens → image.
    pub final_attn_token_to_image: Attention,
    /// Behind it.
    pub norm_final_attn: LayerNorm,
}

impl TwoWayTransformerConfig {
    /// The transformer with freshly initialised weights.
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
    /// Returns the tokens and the image, each having seen the other.
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
        let attended = self.final_attn_token_to_image.to_image(q, k, keys.clone());
        (self.norm_final_attn.forward(queries + attended), keys)
    }
}

/// Self-attention of the tokens, tokens to image, an MLP on the tokens, image to tokens.
///
/// Source: `transformer.py`, class `TwoWayAttentionBlock`.
#[derive(Module, Debug)]
pub struct TwoWayAttentionBlock {
    /// Tokens among themselves.
    pub self_attn: Attention,
    /// Behind it.
    pub norm1: LayerNorm,
    /// Tokens → image.
    pub cross_attn_token_to_image: Attention,
    /// Behind it.
    pub norm2: LayerNorm,
    /// On the tokens.
    pub mlp: MlpBlock,
    /// Behind it.
    pub norm3: LayerNorm,
    /// Behind `cross_attn_image_to_token`.
    pub norm4: LayerNorm,
    /// Image → tokens.
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
            .to_image(q, k.clone(), keys.clone());
        let queries = self.norm2.forward(queries + seen);

        let queries = self
            .norm3
            .forward(queries.clone() + self.mlp.forward_relu(queries));

        let q = queries.clone() + query_pe;
        let seen = self
            .cross_attn_image_to_token
            .from_image(k, q, queries.clone());
        (queries, self.norm4.forward(keys + seen))
    }

    fn attend_self(&self, queries: Tensor<3>, query_pe: Tensor<3>) -> Tensor<3> {
        if self.skip_first_layer_pe {
            // As in the reference, the first layer also replaces the queries instead of adding.
            return self
                .self_attn
                .forward(queries.clone(), queries.clone(), queries);
        }
        let q = queries.clone() + query_pe;
        queries.clone() + self.self_attn.forward(q.clone(), q, queries)
    }
}

/// Multi-head attention that may work in fewer channels than its input has.
///
/// Source: `transformer.py`, class `Attention`.
#[derive(Module, Debug)]
pub struct Attention {
    /// Queries, `C` → `C'`.
    pub q_proj: Linear,
    /// Keys, `C` → `C'`.
    pub k_proj: Linear,
    /// Values, `C` → `C'`.
    pub v_proj: Linear,
    /// Back, `C'` → `C`.
    pub out_proj: Linear,
    num_heads: usize,
}

impl Attention {
    fn new(dim: usize, internal_dim: usize, num_heads: usize, device: &Device) -> Self {
        let project = |from, to| LinearConfig::new(from, to).init(device);
        Self {
            q_proj: project(dim, internal_dim),
            k_proj: project(dim, internal_dim),
            v_proj: project(dim, internal_dim),
            out_proj: project(internal_dim, dim),
            num_heads,
        }
    }

    /// Shapes: `q` `[B, N, C]`, `k` and `v` `[B, M, C]` → `[B, N, C]`.
    fn forward(&self, q: Tensor<3>, k: Tensor<3>, v: Tensor<3>) -> Tensor<3> {
        let q = self.separate_heads(project(&self.q_proj, q));
        let k = self.separate_heads(project(&self.k_proj, k));
        let v = self.separate_heads(project(&self.v_proj, v));
        let y = attention(q, k, v, None, None, AttentionModuleOptions::default());
        project(&self.out_proj, join_heads(y))
    }

    /// From a few tokens to an image's many pixels.
    ///
    /// Shapes: `q` `[B, N, C]`, `k` and `v` `[B, M, C]` → `[B, N, C]`.
    // Differs from the reference: it projects every pixel into keys and values. Here the products are taken in
    // another order, `(k W)·q = k·(W q)`, so that the few tokens are projected instead: N · heads columns for each
    // pixel, 56 for a box, in the place of C' = 128.
    fn to_image(&self, q: Tensor<3>, k: Tensor<3>, v: Tensor<3>) -> Tensor<3> {
        let q = self.separate_heads(project(&self.q_proj, q)) * self.factor();
        let [b, heads, n, _] = q.dims();
        let queries = join_rows(q.matmul(self.of_heads(&self.k_proj).swap_dims(2, 3)));
        // The keys' bias adds the same to each score of a token: softmax does not see it.
        let scores = linear_each(k, queries.swap_dims(1, 2), None).swap_dims(1, 2);
        let seen = linear_each(softmax(scores), v, None);
        let [_, _, c] = seen.dims();
        let y = seen
            .reshape([b, heads, n, c])
            .matmul(self.of_heads(&self.v_proj));
        // The weights of a token sum to 1, so that its values' bias comes once.
        let y = y + self.bias_of_heads(&self.v_proj);
        project(&self.out_proj, join_heads(y))
    }

    /// From an image's many pixels to a few tokens.
    ///
    /// Shapes: `q` `[B, M, C]`, `k` and `v` `[B, N, C]` → `[B, M, C]`.
    // Differs from the reference: as `to_image` does.
    fn from_image(&self, q: Tensor<3>, k: Tensor<3>, v: Tensor<3>) -> Tensor<3> {
        let k = self.separate_heads(project(&self.k_proj, k)) * self.factor();
        let [b, heads, n, _] = k.dims();
        let bias = (k.clone() * self.bias_of_heads(&self.q_proj)).sum_dim(3);
        let keys = join_rows(k.matmul(self.of_heads(&self.q_proj).swap_dims(2, 3)));
        let bias = bias.reshape([b, 1, heads * n]);
        let scores = linear_each(q, keys.swap_dims(1, 2), Some(bias));
        let [_, m, _] = scores.dims();
        let weights = softmax(scores.reshape([b, m, heads, n])).reshape([b, m, heads * n]);

        let v = self.separate_heads(project(&self.v_proj, v));
        let [c_inner, c] = self.out_proj.weight.dims();
        let out = in_f32(self.out_proj.weight.val()).reshape([1, heads, c_inner / heads, c]);
        let bias = self.out_proj.bias.as_ref().map(Param::val);
        let bias = bias.map(|bias| in_f32(bias).reshape([1, 1, c]));
        linear_each(weights, join_rows(v.matmul(out)), bias)
    }

    /// What the scores are multiplied by: 1 / √(C' / heads).
    fn factor(&self) -> f32 {
        let [_, c_inner] = self.q_proj.weight.dims();
        ((c_inner / self.num_heads) as f32).sqrt().recip()
    }

    /// A projection's weight `[C, C']` → `[1, heads, C, C' / heads]`.
    fn of_heads(&self, projection: &Linear) -> Tensor<4> {
        let weight = in_f32(projection.weight.val()).unsqueeze_dim::<3>(0);
        self.separate_heads(weight)
    }

    /// A projection's bias `[C']` → `[1, heads, 1, C' / heads]`.
    fn bias_of_heads(&self, projection: &Linear) -> Tensor<4> {
        let [_, c_inner] = projection.weight.dims();
        let shape = [1, self.num_heads, 1, c_inner / self.num_heads];
        match &projection.bias {
            Some(bias) => in_f32(bias.val()).reshape(shape),
            None => Tensor::zeros(shape, &projection.weight.device()),
        }
    }

    /// `[B, N, C']` → `[B, heads, N, C' / heads]`.
    fn separate_heads(&self, x: Tensor<3>) -> Tensor<4> {
        let [b, n, c] = x.dims();
        x.reshape([b, n, self.num_heads, c / self.num_heads])
            .swap_dims(1, 2)
    }
}

/// `[B, heads, N, C' / heads]` → `[B, N, C']`.
fn join_heads(x: Tensor<4>) -> Tensor<3> {
    let [b, heads, n, head_dim] = x.dims();
    x.swap_dims(1, 2).reshape([b, n, heads * head_dim])
}

/// `[B, heads, N, C]` → `[B, heads · N, C]`.
fn join_rows(x: Tensor<4>) -> Tensor<3> {
    let [b, heads, n, c] = x.dims();
    x.reshape([b, heads * n, c])
}

/// What is multiplied with weights first has to be as precise as what stands between two products (`project`).
fn in_f32<const D: usize>(weight: Tensor<D>) -> Tensor<D> {
    weight.cast(FloatDType::F32)
}

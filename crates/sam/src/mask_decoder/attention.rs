use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Device, FloatDType, Tensor};

use crate::common::project;
use crate::ops::{linear_each, softmax};

/// With more tokens than this (about a dozen points) projecting the pixels is less work.
const MAX_TOKENS_TO_PROJECT: usize = 16;

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
    /// Output, `C'` → `C`.
    pub out_proj: Linear,
    num_heads: usize,
}

impl Attention {
    pub(super) fn new(dim: usize, internal_dim: usize, num_heads: usize, device: &Device) -> Self {
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
    pub(super) fn forward(&self, q: Tensor<3>, k: Tensor<3>, v: Tensor<3>) -> Tensor<3> {
        let q = self.separate_heads(project(&self.q_proj, q));
        let k = self.separate_heads(project(&self.k_proj, k));
        let v = self.separate_heads(project(&self.v_proj, v));
        let y = attention(q, k, v, None, None, AttentionModuleOptions::default());
        project(&self.out_proj, join_heads(y))
    }

    /// Attention from a few tokens to the many pixels of an image.
    ///
    /// Shapes: `q` `[B, N, C]`, `k` and `v` `[B, M, C]` → `[B, N, C]`.
    // Differs from the reference: it projects every pixel into keys and values. Here the products are associated the
    // other way, `(k W)·q = k·(W q)`, so that the few tokens are projected instead: N · heads columns for each pixel,
    // 56 for a box, instead of C' = 128.
    pub(super) fn attend_to_image(&self, q: Tensor<3>, k: Tensor<3>, v: Tensor<3>) -> Tensor<3> {
        if q.dims()[1] > MAX_TOKENS_TO_PROJECT {
            return self.forward(q, k, v);
        }
        let q = self.separate_heads(project(&self.q_proj, q)) * self.scale();
        let [b, heads, n, _] = q.dims();
        let queries = join_rows(q.matmul(self.of_heads(&self.k_proj).swap_dims(2, 3)));
        // The bias of the keys adds the same number to all scores of a token, which softmax cancels.
        let scores = linear_each(k, queries.swap_dims(1, 2), None).swap_dims(1, 2);
        let seen = linear_each(softmax(scores), v, None);
        let [_, _, c] = seen.dims();
        let y = seen
            .reshape([b, heads, n, c])
            .matmul(self.of_heads(&self.v_proj));
        // The weights of a token sum to 1, so the bias of the values is added once.
        let y = y + self.bias_of_heads(&self.v_proj);
        project(&self.out_proj, join_heads(y))
    }

    /// Attention from the many pixels of an image to a few tokens.
    ///
    /// Shapes: `q` `[B, M, C]`, `k` and `v` `[B, N, C]` → `[B, M, C]`.
    // Differs from the reference as `attend_to_image` does.
    pub(super) fn attend_to_tokens(&self, q: Tensor<3>, k: Tensor<3>, v: Tensor<3>) -> Tensor<3> {
        if k.dims()[1] > MAX_TOKENS_TO_PROJECT {
            return self.forward(q, k, v);
        }
        let k = self.separate_heads(project(&self.k_proj, k)) * self.scale();
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

    /// The factor of the scores, 1 / √(C' / heads).
    fn scale(&self) -> f32 {
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

/// Weights that are multiplied with weights first must be as precise as the values between two products (`project`).
fn in_f32<const D: usize>(weight: Tensor<D>) -> Tensor<D> {
    weight.cast(FloatDType::F32)
}

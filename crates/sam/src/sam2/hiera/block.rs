use burn::module::{Module, Param};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use crate::common::{MlpBlock, project};
use crate::ops::{Activation, linear, partition, unpartition, window_attention};
use crate::sam2::attention::attend;

/// Epsilon of the trunk's LayerNorms (`hieradet.py`, class `MultiScaleBlock`).
const EPSILON_LAYER_NORM: f64 = 1e-6;

/// Sizes of a block, from the trunk's.
#[derive(Debug, Clone)]
pub(super) struct BlockSizes {
    pub dim: usize,
    pub dim_out: usize,
    pub heads: usize,
    pub window: Option<usize>,
    pub pools: bool,
    pub mlp_ratio: usize,
}

/// Attention and an MLP, each after a LayerNorm and with a residual connection. The first block of a stage widens the
/// channels and, by pooling the queries, halves the map.
///
/// Source: `hieradet.py`, class `MultiScaleBlock`.
#[derive(Module, Debug)]
pub struct HieraBlock {
    /// LayerNorm over the channels, before the attention.
    pub norm1: LayerNorm,
    /// Attention within each window, or over the whole map.
    pub attn: MultiScaleAttention,
    /// LayerNorm over the channels, before the MLP.
    pub norm2: LayerNorm,
    /// On each token by itself.
    pub mlp: MlpBlock,
    /// `C` → `C'` of the residual connection, where they differ.
    pub proj: Option<Linear>,
}

impl HieraBlock {
    pub(super) fn new(sizes: &BlockSizes, device: &Device) -> Self {
        let norm = |dim| {
            LayerNormConfig::new(dim)
                .with_epsilon(EPSILON_LAYER_NORM)
                .init(device)
        };
        let (dim, dim_out) = (sizes.dim, sizes.dim_out);
        let widens = dim != dim_out;
        Self {
            norm1: norm(dim),
            attn: MultiScaleAttention::new(sizes, device),
            norm2: norm(dim_out),
            mlp: MlpBlock::new(dim_out, dim_out * sizes.mlp_ratio, device),
            proj: widens.then(|| LinearConfig::new(dim, dim_out).init(device)),
        }
    }

    /// Shapes: `[B, H, W, C]` → `[B, H', W', C']`, where H' is half of H in a block that pools.
    pub(crate) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let normed = self.norm1.forward(x.clone());
        // As in the reference, the residual of a block that widens is taken after the LayerNorm.
        let shortcut = match &self.proj {
            Some(proj) if self.attn.pools => max_pool(project(proj, normed.clone())),
            Some(proj) => project(proj, normed.clone()),
            None => x,
        };
        let x = shortcut + self.attn.forward(normed);
        x.clone() + self.mlp.forward_gelu(self.norm2.forward(x))
    }
}

/// Multi-head attention whose queries may be pooled.
///
/// Source: `hieradet.py`, class `MultiScaleAttention`.
#[derive(Module, Debug)]
pub struct MultiScaleAttention {
    /// `C` → `3 · C'`: all queries, all keys, all values.
    pub qkv: Linear,
    /// `C'` → `C'`, after the attention.
    pub proj: Linear,
    heads: usize,
    /// Side of the windows, in tokens; `None` if the attention sees the whole map.
    window: Option<usize>,
    pools: bool,
}

impl MultiScaleAttention {
    fn new(sizes: &BlockSizes, device: &Device) -> Self {
        Self {
            qkv: LinearConfig::new(sizes.dim, 3 * sizes.dim_out).init(device),
            proj: LinearConfig::new(sizes.dim_out, sizes.dim_out).init(device),
            heads: sizes.heads,
            window: sizes.window,
            pools: sizes.pools,
        }
    }

    /// Shapes: `[B, H, W, C]` → `[B, H', W', C']`.
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = match self.window {
            Some(side) if self.pools => self.attend_pooled(x, side),
            Some(side) => self.attend_in_windows(x, side),
            None => self.attend(x),
        };
        project(&self.proj, y)
    }

    /// Attention within windows of `side` × `side` tokens.
    fn attend_in_windows(&self, x: Tensor<4>, side: usize) -> Tensor<4> {
        let device = x.device();
        let (weight, bias) = self.qkv_by_head();
        let project = |x| linear(x, weight.clone(), bias.clone(), Activation::Identity);
        let no_bias = Tensor::zeros([1, self.heads, side * side, side * side], &device);
        window_attention(x, project, no_bias, side)
    }

    /// The projection with each head's query, key and value next to each other: weight `[C, heads · 3 · D]` and bias.
    fn qkv_by_head(&self) -> (Tensor<2>, Option<Tensor<1>>) {
        let [c, columns] = self.qkv.weight.dims();
        let head_dim = columns / (3 * self.heads);
        let weight = self.qkv.weight.val();
        let weight = weight
            .reshape([c, 3, self.heads, head_dim])
            .swap_dims(1, 2)
            .reshape([c, columns]);
        let bias = self.qkv.bias.as_ref().map(Param::val).map(|bias| {
            bias.reshape([3, self.heads, head_dim])
                .swap_dims(0, 1)
                .reshape([columns])
        });
        (weight, bias)
    }

    /// Attention within windows, whose pooled queries give windows of half the side.
    fn attend_pooled(&self, x: Tensor<4>, side: usize) -> Tensor<4> {
        let [b, h, w, c] = x.dims();
        let windows = partition(x, side);
        let [count, _, _] = windows.dims();
        let y = self.attend(windows.reshape([count, side, side, c]));
        let [_, half, _, c] = y.dims();
        unpartition(y.reshape([count, half * half, c]), half, [b, h / 2, w / 2])
    }

    /// Attention over each whole map of a batch. Shapes: `[B, H, W, C]` → `[B, H', W', C']`.
    fn attend(&self, x: Tensor<4>) -> Tensor<4> {
        let qkv = project(&self.qkv, x);
        let [_, _, _, columns] = qkv.dims();
        let part = |i: usize| qkv.clone().narrow(3, i * columns / 3, columns / 3);
        let q = match self.pools {
            true => max_pool(part(0)),
            false => part(0),
        };
        let [b, h, w, c] = q.dims();
        let head_dim = c / self.heads;
        let separated = |x: Tensor<4>| {
            let [_, h, w, _] = x.dims();
            x.reshape([b, h * w, self.heads, head_dim])
                .swap_dims(1, 2)
                .reshape([b * self.heads, h * w, head_dim])
        };
        attend(separated(q), separated(part(1)), separated(part(2)))
            .reshape([b, self.heads, h * w, head_dim])
            .swap_dims(1, 2)
            .reshape([b, h, w, c])
    }
}

/// The largest of each 2 × 2 tokens. Shapes: `[B, H, W, C]` → `[B, H/2, W/2, C]`, H and W even.
fn max_pool(x: Tensor<4>) -> Tensor<4> {
    let [b, h, w, c] = x.dims();
    let pairs = x.reshape([b, h, w / 2, 2 * c]);
    let across = pairs
        .clone()
        .narrow(3, 0, c)
        .max_pair(pairs.narrow(3, c, c));
    let pairs = across.reshape([b, h / 2, 2, w / 2 * c]);
    let down = pairs
        .clone()
        .narrow(2, 0, 1)
        .max_pair(pairs.narrow(2, 1, 1));
    down.reshape([b, h / 2, w / 2, c])
}

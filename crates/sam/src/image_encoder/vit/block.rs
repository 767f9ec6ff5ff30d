use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};

use super::VitConfig;
use super::attention::Attention;
use crate::common::MlpBlock;
use crate::ops::{in_parts, narrow_rows, partition, unpartition};

/// Epsilon of the ViT's LayerNorms (`segment_anything/build_sam.py`).
const EPSILON_LAYER_NORM: f64 = 1e-6;

/// Attention and an MLP, each after a LayerNorm and with a residual connection.
///
/// Source: `image_encoder.py`, class `Block`.
#[derive(Module, Debug)]
pub struct VitBlock {
    /// LayerNorm over the channels, before the attention.
    pub norm1: LayerNorm,
    /// Attention within each window, or over the whole grid.
    pub attn: Attention,
    /// LayerNorm over the channels, before the MLP.
    pub norm2: LayerNorm,
    /// On each token by itself.
    pub mlp: MlpBlock,
    /// Side of the windows, in tokens; `None` if the attention sees the whole grid.
    window_size: Option<usize>,
}

impl VitBlock {
    pub(super) fn new(config: &VitConfig, index: usize, device: &Device) -> Self {
        let dim = config.embed_dim;
        let norm = || {
            LayerNormConfig::new(dim)
                .with_epsilon(EPSILON_LAYER_NORM)
                .init(device)
        };
        let is_global = config.global_attn_indexes.contains(&index);
        let window_size = (!is_global).then_some(config.window_size);
        let side = window_size.unwrap_or(config.grid_size());
        Self {
            norm1: norm(),
            attn: Attention::new(dim, config.num_heads, side, device),
            norm2: norm(),
            mlp: MlpBlock::new(dim, dim * config.mlp_ratio, device),
            window_size,
        }
    }

    /// Shapes: `[B, G, G, C]` → `[B, G, G, C]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [_, height, width, channels] = x.dims();
        let shape = [height, width, channels];
        let x = match self.window_size {
            Some(side) => in_parts(&x, shape, side, |rows| {
                let x = narrow_rows(&x, rows);
                x.clone() + self.attend_in_windows(self.norm1.forward(x), side)
            }),
            None => self.attend_to_all(x),
        };
        in_parts(&x, shape, 1, |rows| {
            let x = narrow_rows(&x, rows);
            x.clone() + self.mlp.forward_gelu(self.norm2.forward(x))
        })
    }

    /// All queries need all keys and values, so these are computed first.
    fn attend_to_all(&self, x: Tensor<4>) -> Tensor<4> {
        let [_, height, width, channels] = x.dims();
        let qkv = in_parts(&x, [height, width, 3 * channels], 1, |rows| {
            let x = narrow_rows(&x, rows);
            self.attn.project_qkv(self.norm1.forward(x))
        });
        let heads = self.attn.split_heads(qkv);
        in_parts(&x, [height, width, channels], 1, |rows| {
            narrow_rows(&x, rows.clone()) + self.attn.attend(&heads, rows)
        })
    }

    fn attend_in_windows(&self, x: Tensor<4>, side: usize) -> Tensor<4> {
        let [b, h, w, c] = x.dims();
        let windows = partition(x, side);
        let [count, tokens, _] = windows.dims();
        let y = self.attn.forward(windows.reshape([count, side, side, c]));
        unpartition(y.reshape([count, tokens, c]), side, [b, h, w])
    }
}

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::attention::Attention;
use crate::common::{ConvNorm, EPSILON_LAYER_NORM, project, project_gelu};
use crate::ops::{in_parts, narrow_rows, rows_around};

/// Attention within windows, a depthwise convolution that connects neighbouring windows, and an MLP.
///
/// Source: `tiny_vit_sam.py`, class `TinyViTBlock`.
#[derive(Module, Debug)]
pub struct TinyVitBlock {
    /// Attention within each window, with its LayerNorm.
    pub attn: Attention,
    /// 3×3, depthwise, across the borders of windows.
    pub local_conv: ConvNorm,
    /// On each token by itself.
    pub mlp: Mlp,
}

impl TinyVitBlock {
    pub(super) fn new(
        dim: usize,
        num_heads: usize,
        window_size: usize,
        expand_ratio: usize,
        device: &Device,
    ) -> Self {
        Self {
            attn: Attention::new(dim, num_heads, window_size, device),
            local_conv: ConvNorm::depthwise(dim, 1, device),
            mlp: Mlp::new(dim, dim * expand_ratio, device),
        }
    }

    /// Shapes: `[B, H, W, C]` → `[B, H, W, C]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [_, height, width, channels] = x.dims();
        let shape = [height, width, channels];
        let attended = in_parts(&x, shape, self.attn.window_size(), |rows| {
            let x = narrow_rows(&x, rows);
            x.clone() + self.attn.forward(x)
        });
        in_parts(&attended, shape, 1, |rows| {
            let (near, before) = rows_around(&attended, &rows, 1);
            let x = self.local_conv.rows(near, before..before + rows.len());
            x.clone() + self.mlp.forward(x)
        })
    }
}

/// LayerNorm, then two linear layers with GELU between them.
///
/// Source: `tiny_vit_sam.py`, class `Mlp`.
#[derive(Module, Debug)]
pub struct Mlp {
    /// LayerNorm over the channels, before `fc1`.
    pub norm: LayerNorm,
    /// `C` → hidden size.
    pub fc1: Linear,
    /// Hidden size → `C`.
    pub fc2: Linear,
}

impl Mlp {
    fn new(dim: usize, hidden: usize, device: &Device) -> Self {
        Self {
            norm: LayerNormConfig::new(dim)
                .with_epsilon(EPSILON_LAYER_NORM)
                .init(device),
            fc1: LinearConfig::new(dim, hidden).init(device),
            fc2: LinearConfig::new(hidden, dim).init(device),
        }
    }

    /// Shapes: `[B, H, W, C]` → `[B, H, W, C]`.
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = project_gelu(&self.fc1, self.norm.forward(x));
        project(&self.fc2, x)
    }
}

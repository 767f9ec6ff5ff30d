use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::gelu;
use burn::tensor::{Device, Tensor};

use super::attention::Attention;
use crate::common::ConvNorm;
use crate::config::EPSILON_LAYER_NORM;

/// Attention in windows, a depthwise convolution that lets neighbouring windows speak, and an MLP.
///
/// Source: `tiny_vit_sam.py`, class `TinyViTBlock`.
#[derive(Module, Debug)]
pub struct TinyVitBlock {
    /// Within each window.
    pub attn: Attention,
    /// 3×3, depthwise.
    pub local_conv: ConvNorm,
    /// On each token.
    pub mlp: Mlp,
    /// Side of the windows, in tokens.
    window_size: usize,
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
            window_size,
        }
    }

    /// Shapes: `[B, H, W, C]` → `[B, H, W, C]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = x.clone() + self.attend(x);
        let x = self.local_conv.forward(x);
        x.clone() + self.mlp.forward(x)
    }

    fn attend(&self, x: Tensor<4>) -> Tensor<4> {
        let [b, h, w, _] = x.dims();
        let windows = partition(x, self.window_size);
        unpartition(self.attn.forward(windows), self.window_size, [b, h, w])
    }
}

/// Cuts a map into windows, after padding it with zeros at the bottom and at the right.
///
/// The reference pads in front of the attention's LayerNorm, and does not mask: padding takes part.
///
/// Shapes: `[B, H, W, C]` → `[windows, side², C]`.
fn partition(x: Tensor<4>, side: usize) -> Tensor<3> {
    let [b, h, w, c] = x.dims();
    let (rows, columns) = (h.div_ceil(side), w.div_ceil(side));
    pad(x, rows * side, columns * side)
        .reshape([b, rows, side, columns, side, c])
        .swap_dims(2, 3)
        .reshape([b * rows * columns, side * side, c])
}

/// Puts windows together again and drops the padding: the inverse of [`partition`].
fn unpartition(windows: Tensor<3>, side: usize, [b, h, w]: [usize; 3]) -> Tensor<4> {
    let [_, _, c] = windows.dims();
    let (rows, columns) = (h.div_ceil(side), w.div_ceil(side));
    windows
        .reshape([b, rows, columns, side, side, c])
        .swap_dims(2, 3)
        .reshape([b, rows * side, columns * side, c])
        .slice([0..b, 0..h, 0..w, 0..c])
}

/// Zeros at the bottom and at the right, up to `height` × `width`.
fn pad(x: Tensor<4>, height: usize, width: usize) -> Tensor<4> {
    let [b, h, w, c] = x.dims();
    if [h, w] == [height, width] {
        return x;
    }
    Tensor::zeros([b, height, width, c], &x.device()).slice_assign([0..b, 0..h, 0..w, 0..c], x)
}

/// LayerNorm, then two linear layers with GELU between them.
///
/// Source: `tiny_vit_sam.py`, class `Mlp`.
#[derive(Module, Debug)]
pub struct Mlp {
    /// In front.
    pub norm: LayerNorm,
    /// Into the hidden size.
    pub fc1: Linear,
    /// Back.
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
        let x = self.fc1.forward(self.norm.forward(x));
        self.fc2.forward(gelu(x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Int;

    #[test]
    fn partition_pads_and_unpartition_drops_the_padding() {
        let device = Device::flex();
        let x = Tensor::<1, Int>::arange(0..2 * 5 * 6 * 3, &device)
            .float()
            .reshape([2, 5, 6, 3]);
        let windows = partition(x.clone(), 4);
        assert_eq!(windows.dims(), [2 * 2 * 2, 16, 3]);
        // The last window of the first image holds one row and two columns of it.
        let last = windows.clone().slice([3..4, 0..16, 0..1]);
        let last = last.into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(last[..4], [84.0, 87.0, 0.0, 0.0]);
        assert!(last[4..].iter().all(|&value| value == 0.0));

        let back = unpartition(windows, 4, [2, 5, 6]);
        assert_eq!(back.into_data(), x.into_data());
    }
}

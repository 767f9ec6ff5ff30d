//! The convolutional parts of TinyViT, on channels-last maps.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::common::ConvNorm;
use crate::ops::{gelu, strip_rows};

/// Embeds each patch by two convolutions with the same stride.
///
/// Source: `tiny_vit_sam.py`, class `PatchEmbed`: 3×3 with stride 2 in MobileSAM; 1×1 with stride 1
/// in LiteMedSAM, whose "patch" is one pixel.
#[derive(Module, Debug)]
pub struct PatchEmbed {
    /// `C_in` → `C / 2`, then GELU.
    pub conv1: ConvNorm,
    /// `C / 2` → `C`.
    pub conv2: ConvNorm,
}

impl PatchEmbed {
    pub(super) fn new(c_in: usize, dim: usize, stride: usize, device: &Device) -> Self {
        let conv = |c_in, c_out| match stride {
            1 => ConvNorm::pointwise(c_in, c_out, device),
            _ => ConvNorm::strided(c_in, c_out, stride, device),
        };
        Self {
            conv1: conv(c_in, dim / 2),
            conv2: conv(dim / 2, dim),
        }
    }

    /// Shapes: `[B, S, S, 3]` → `[B, S/stride², S/stride², C]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.conv2.forward(self.conv1.forward_gelu(x))
    }
}

/// An inverted bottleneck: a 1×1 convolution widens, a depthwise one mixes neighbours, a 1×1 one narrows, and the input
/// is added.
///
/// Source: `tiny_vit_sam.py`, class `MBConv`.
#[derive(Module, Debug)]
pub struct MbConv {
    /// 1×1, `C` → `expand_ratio · C`.
    pub conv1: ConvNorm,
    /// 3×3, depthwise, on the widened map.
    pub conv2: ConvNorm,
    /// 1×1, `expand_ratio · C` → `C`.
    pub conv3: ConvNorm,
}

impl MbConv {
    pub(super) fn new(dim: usize, expand_ratio: usize, device: &Device) -> Self {
        let hidden = dim * expand_ratio;
        Self {
            conv1: ConvNorm::pointwise(dim, hidden, device),
            conv2: ConvNorm::depthwise(hidden, 1, device),
            conv3: ConvNorm::pointwise(hidden, dim, device),
        }
    }

    /// Shapes: `[B, H, W, C]` → `[B, H, W, C]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, _, width, _] = x.dims();
        let row_bytes = batch * width * self.conv1.c.weight.dims()[0] * size_of::<f32>();
        let rows = strip_rows(&x, row_bytes);
        self.in_strips(x, rows)
    }

    /// Computes `rows` rows at a time, from those rows and one more on each side. The widened map is the largest of the
    /// encoder: as a whole it would take 64 MiB several times over.
    fn in_strips(&self, x: Tensor<4>, rows: usize) -> Tensor<4> {
        let height = x.dims()[1];
        if rows >= height {
            let wide = self.conv1.forward_gelu(x.clone());
            return self.narrow(self.conv2.forward_gelu(wide), x);
        }
        let strip = |from: usize| {
            let to = (from + rows).min(height);
            let (above, below) = (from.saturating_sub(1), (to + 1).min(height));
            let with_neighbours = x.clone().narrow(1, above, below - above);
            let wide = self.conv1.forward_gelu(with_neighbours);
            let inside = self.conv2.rows_gelu(wide, from - above..to - above);
            self.narrow(inside, x.clone().narrow(1, from, to - from))
        };
        Tensor::cat((0..height).step_by(rows).map(strip).collect(), 1)
    }

    /// Narrows the widened map `y`, and adds the input `x`.
    fn narrow(&self, y: Tensor<4>, x: Tensor<4>) -> Tensor<4> {
        gelu(self.conv3.forward(y) + x)
    }
}

/// Changes the number of channels, and halves the resolution if its stride is 2.
///
/// Source: `tiny_vit_sam.py`, class `PatchMerging`.
#[derive(Module, Debug)]
pub struct PatchMerging {
    /// 1×1, `C_in` → `C_out`.
    pub conv1: ConvNorm,
    /// 3×3, depthwise, with the stride.
    pub conv2: ConvNorm,
    /// 1×1, `C_out` → `C_out`.
    pub conv3: ConvNorm,
}

impl PatchMerging {
    pub(super) fn new(c_in: usize, c_out: usize, stride: usize, device: &Device) -> Self {
        Self {
            conv1: ConvNorm::pointwise(c_in, c_out, device),
            conv2: ConvNorm::depthwise(c_out, stride, device),
            conv3: ConvNorm::pointwise(c_out, c_out, device),
        }
    }

    /// Shapes: `[B, H, W, C_in]` → `[B, H/stride, W/stride, C_out]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.conv1.forward_gelu(x);
        let x = self.conv2.forward_gelu(x);
        self.conv3.forward(x)
    }
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use burn::tensor::{Distribution, Tolerance};

    #[test]
    fn strips_are_the_whole() {
        let device = Device::flex();
        let block = MbConv::new(4, 2, &device);
        let x = Tensor::random([2, 9, 5, 4], Distribution::Normal(0.0, 1.0), &device);
        let whole = block.in_strips(x.clone(), 9).into_data();
        for rows in [1, 2, 4, 8] {
            let strips = block.in_strips(x.clone(), rows).into_data();
            strips.assert_approx_eq::<f32>(&whole, Tolerance::absolute(1e-5));
        }
    }
}

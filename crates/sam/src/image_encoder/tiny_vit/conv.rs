//! The convolutional parts of TinyViT, on channels-last maps.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use std::ops::Range;

use crate::common::ConvNorm;
use crate::ops::{gelu, in_parts, narrow_rows, rows_around, strip_rows};

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
        let [_, height, width, _] = x.dims();
        let stride = self.conv1.c.stride[0] * self.conv2.c.stride[0];
        let [channels, ..] = self.conv2.c.weight.dims();
        let shape = [height.div_ceil(stride), width.div_ceil(stride), channels];
        in_parts(&x, shape, 1, |rows| {
            let (near, before) = match stride {
                1 => (narrow_rows(&x, rows.clone()), 0),
                _ => rows_around(&x, &rows, stride),
            };
            let y = self.conv2.forward(self.conv1.forward_gelu(near));
            narrow_rows(&y, before..before + rows.len())
        })
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
        let [batch, height, width, channels] = x.dims();
        let row_bytes = batch * width * self.conv1.c.weight.dims()[0] * size_of::<f32>();
        let at_once = strip_rows(&x, row_bytes);
        in_parts(&x, [height, width, channels], 1, |rows| {
            self.in_strips(&x, rows, at_once)
        })
    }

    /// Some rows of the result, `at_once` of them at a time, from those rows and one more on each side. The widened map
    /// is the largest of the encoder: as a whole it would take 64 MiB several times over.
    fn in_strips(&self, x: &Tensor<4>, rows: Range<usize>, at_once: usize) -> Tensor<4> {
        let strip = |from: usize| {
            let rows = from..(from + at_once).min(rows.end);
            let (near, before) = rows_around(x, &rows, 1);
            let wide = self.conv1.forward_gelu(near);
            let inside = self.conv2.rows_gelu(wide, before..before + rows.len());
            self.narrow(inside, narrow_rows(x, rows))
        };
        match rows.len() <= at_once {
            true => strip(rows.start),
            false => Tensor::cat(rows.clone().step_by(at_once).map(strip).collect(), 1),
        }
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
        let [_, height, width, _] = x.dims();
        let stride = self.conv2.c.stride[0];
        let [channels, ..] = self.conv3.c.weight.dims();
        let shape = [height.div_ceil(stride), width.div_ceil(stride), channels];
        in_parts(&x, shape, 1, |rows| {
            let (near, before) = rows_around(&x, &rows, stride);
            let y = self.conv1.forward_gelu(near);
            let y = self.conv2.rows_gelu(y, before..before + rows.len());
            self.conv3.forward(y)
        })
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
        let whole = block.in_strips(&x, 0..9, 9).into_data();
        for rows in [1, 2, 4, 8] {
            let strips = block.in_strips(&x, 0..9, rows).into_data();
            strips.assert_approx_eq::<f32>(&whole, Tolerance::absolute(1e-5));
        }
    }
}

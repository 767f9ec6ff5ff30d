use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};

use crate::common::LayerNorm2d;
use crate::ops::{
    Activation, channels_first, conv3x3, in_parts, narrow_rows, pointwise, rows_around,
};

/// SAM's neck: a 1×1 and a 3×3 convolution, each followed by a LayerNorm2d.
///
/// Source: `image_encoder.py`, `ImageEncoderViT.neck`; TinyViT has the same.
#[derive(Module, Debug)]
pub struct Neck {
    /// 1×1, `C_in` → `C_out`, without bias.
    pub conv1: Conv2d,
    /// LayerNorm over the channels, after `conv1`.
    pub norm1: LayerNorm2d,
    /// 3×3, `C_out` → `C_out`, without bias.
    pub conv2: Conv2d,
    /// LayerNorm over the channels, after `conv2`.
    pub norm2: LayerNorm2d,
}

impl Neck {
    pub(super) fn new(c_in: usize, c_out: usize, device: &Device) -> Self {
        Self {
            conv1: Conv2dConfig::new([c_in, c_out], [1, 1])
                .with_bias(false)
                .init(device),
            norm1: LayerNorm2d::new(c_out, device),
            conv2: Conv2dConfig::new([c_out, c_out], [3, 3])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .with_bias(false)
                .init(device),
            norm2: LayerNorm2d::new(c_out, device),
        }
    }

    /// Shapes: `[B, G, G, C_in]` → `[B, C_out, G, G]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [_, height, width, _] = x.dims();
        let [channels, ..] = self.conv2.weight.dims();
        let y = in_parts(&x, [height, width, channels], 1, |rows| {
            let (near, before) = rows_around(&x, &rows, 1);
            let y = pointwise(&self.conv1, near, Activation::Identity);
            let y = conv3x3(&self.conv2, self.norm1.forward(y), Activation::Identity);
            self.norm2
                .forward(narrow_rows(&y, before..before + rows.len()))
        });
        channels_first(y)
    }
}

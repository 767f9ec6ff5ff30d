//! The memory encoder fuses a slice's features with the mask that was found there.
//!
//! Source: `sam2/modeling/memory_encoder.py`.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor};

use crate::common::{LayerNorm2d, project, project_gelu};
use crate::ops::{Activation, channels_first, channels_last, conv3x3, gelu, pointwise};

/// Sizes of a [`MemoryEncoder`].
#[derive(Config, Debug, PartialEq)]
pub struct MemoryEncoderConfig {
    /// Channels of the image's features.
    pub dim: usize,
    /// Channels of a memory.
    pub memory_dim: usize,
    /// Blocks of the fuser.
    #[config(default = 2)]
    pub fuser_depth: usize,
}

/// Turns features and a mask into a memory.
///
/// Source: `memory_encoder.py`, class `MemoryEncoder`.
#[derive(Module, Debug)]
pub struct MemoryEncoder {
    /// Brings the mask to the features' resolution.
    pub mask_downsampler: MaskDownsampler,
    /// 1×1, `C` → `C`, on the features.
    pub pix_feat_proj: Conv2d,
    /// On the sum of both.
    pub fuser: Fuser,
    /// 1×1, `C` → `C'`.
    pub out_proj: Conv2d,
}

/// Four 3×3 convolutions with stride 2, each followed by a LayerNorm2d and GELU, then a 1×1 one.
///
/// Source: `memory_encoder.py`, class `MaskDownSampler`.
#[derive(Module, Debug)]
pub struct MaskDownsampler {
    /// In order: 1 → 4 → 16 → 64 → 256 channels.
    pub levels: Vec<DownsamplingLevel>,
    /// 1×1, 256 → `C`.
    pub last: Conv2d,
}

/// A level of the [`MaskDownsampler`].
#[derive(Module, Debug)]
pub struct DownsamplingLevel {
    /// 3×3, stride 2, to four times the channels.
    pub conv: Conv2d,
    /// LayerNorm over the channels.
    pub norm: LayerNorm2d,
}

/// Blocks of a ConvNeXt.
///
/// Source: `memory_encoder.py`, class `Fuser`.
#[derive(Module, Debug)]
pub struct Fuser {
    /// In order.
    pub layers: Vec<CxBlock>,
}

/// A block of a ConvNeXt (Liu et al., 2022).
///
/// Source: `memory_encoder.py`, class `CXBlock`.
#[derive(Module, Debug)]
pub struct CxBlock {
    /// Depthwise 7×7.
    pub dwconv: Conv2d,
    /// LayerNorm over the channels.
    pub norm: LayerNorm2d,
    /// `C` → `4 C`.
    pub pwconv1: Linear,
    /// `4 C` → `C`.
    pub pwconv2: Linear,
    /// Factor of each channel, `[C]`.
    pub gamma: Param<Tensor<1>>,
}

impl MemoryEncoderConfig {
    /// The encoder with random weights.
    pub fn init(&self, device: &Device) -> MemoryEncoder {
        let (dim, memory_dim) = (self.dim, self.memory_dim);
        MemoryEncoder {
            mask_downsampler: MaskDownsampler::new(dim, device),
            pix_feat_proj: Conv2dConfig::new([dim, dim], [1, 1]).init(device),
            fuser: Fuser {
                layers: (0..self.fuser_depth)
                    .map(|_| CxBlock::new(dim, device))
                    .collect(),
            },
            out_proj: Conv2dConfig::new([dim, memory_dim], [1, 1]).init(device),
        }
    }
}

impl MemoryEncoder {
    /// Shapes: `features` `[1, G, G, C]`, `mask` `[B, 1, 16G, 16G]`, −10 outside the object to 10 inside
    /// → `[B, G, G, C']`.
    pub fn forward(&self, features: Tensor<4>, mask: Tensor<4>) -> Tensor<4> {
        let features = pointwise(&self.pix_feat_proj, features, Activation::Identity);
        let x = features + self.mask_downsampler.forward(mask);
        let x = self
            .fuser
            .layers
            .iter()
            .fold(x, |x, layer| layer.forward(x));
        pointwise(&self.out_proj, x, Activation::Identity)
    }
}

impl MaskDownsampler {
    fn new(dim: usize, device: &Device) -> Self {
        let level = |from: usize| DownsamplingLevel {
            conv: Conv2dConfig::new([from, 4 * from], [3, 3])
                .with_stride([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(device),
            norm: LayerNorm2d::new(4 * from, device),
        };
        Self {
            levels: [1, 4, 16, 64].into_iter().map(level).collect(),
            last: Conv2dConfig::new([256, dim], [1, 1]).init(device),
        }
    }

    /// Shapes: `[B, 1, 16H, 16W]` → `[B, H, W, C]`.
    pub(super) fn forward(&self, mask: Tensor<4>) -> Tensor<4> {
        let x = self.levels.iter().fold(channels_last(mask), |x, level| {
            let x = conv3x3(&level.conv, x, Activation::Identity);
            gelu(level.norm.forward(x))
        });
        pointwise(&self.last, x, Activation::Identity)
    }
}

impl CxBlock {
    fn new(dim: usize, device: &Device) -> Self {
        Self {
            dwconv: Conv2dConfig::new([dim, dim], [7, 7])
                .with_padding(PaddingConfig2d::Explicit(3, 3, 3, 3))
                .with_groups(dim)
                .init(device),
            norm: LayerNorm2d::new(dim, device),
            pwconv1: LinearConfig::new(dim, 4 * dim).init(device),
            pwconv2: LinearConfig::new(4 * dim, dim).init(device),
            gamma: Initializer::Ones.init([dim], device),
        }
    }

    /// Shapes: `[B, H, W, C]` → `[B, H, W, C]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.dwconv.forward(channels_first(x.clone()));
        let y = self.norm.forward(channels_last(y));
        let y = project(&self.pwconv2, project_gelu(&self.pwconv1, y));
        x + y * self.gamma.val().unsqueeze::<4>()
    }
}

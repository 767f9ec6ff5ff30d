//! Layers that more than one part of the model uses.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::module::layer_norm;
use burn::tensor::{DType, Device, FloatDType, Tensor};
use std::ops::Range;

use crate::ops::{self, Activation, linear};

/// Epsilon of the LayerNorms of TinyViT and of the two-way transformer: PyTorch's default.
pub(crate) const EPSILON_LAYER_NORM: f64 = 1e-5;

/// A linear layer in the precision of its weights; f32 in, f32 out.
///
/// With f16 weights only the product is in f16: the values between two products (residuals, LayerNorms, softmax) exceed
/// the range of f16.
pub(crate) fn project<const D: usize>(layer: &Linear, x: Tensor<D>) -> Tensor<D> {
    project_then(layer, x, Activation::Identity)
}

/// [`project`], then the exact GELU.
pub(crate) fn project_gelu<const D: usize>(layer: &Linear, x: Tensor<D>) -> Tensor<D> {
    project_then(layer, x, Activation::Gelu)
}

fn project_then<const D: usize>(layer: &Linear, x: Tensor<D>, activation: Activation) -> Tensor<D> {
    let weight = layer.weight.val();
    if weight.dtype() == DType::F16 {
        let y = layer.forward(x.cast(FloatDType::F16)).cast(FloatDType::F32);
        return match activation {
            Activation::Identity => y,
            Activation::Gelu => ops::gelu(y),
        };
    }
    linear(x, weight, layer.bias.as_ref().map(Param::val), activation)
}

/// A convolution with its BatchNorm folded in (`tiny_vit_sam.py`, class `Conv2d_BN`).
///
/// At inference a BatchNorm is a factor and an offset per channel, so it is folded into the convolution when the weights
/// are read ([`Checkpoint`](crate::Checkpoint)).
#[derive(Module, Debug)]
pub struct ConvNorm {
    /// The convolution, always with a bias.
    pub c: Conv2d,
}

impl ConvNorm {
    /// A 1×1 convolution with random weights.
    pub(crate) fn pointwise(c_in: usize, c_out: usize, device: &Device) -> Self {
        let c = Conv2dConfig::new([c_in, c_out], [1, 1]).init(device);
        Self { c }
    }

    /// A 3×3 convolution with padding 1.
    pub(crate) fn strided(c_in: usize, c_out: usize, stride: usize, device: &Device) -> Self {
        Self::three_by_three([c_in, c_out], stride, 1, device)
    }

    /// A depthwise 3×3 convolution with padding 1.
    pub(crate) fn depthwise(channels: usize, stride: usize, device: &Device) -> Self {
        Self::three_by_three([channels, channels], stride, channels, device)
    }

    fn three_by_three(channels: [usize; 2], stride: usize, groups: usize, device: &Device) -> Self {
        let c = Conv2dConfig::new(channels, [3, 3])
            .with_stride([stride, stride])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_groups(groups)
            .init(device);
        Self { c }
    }

    /// Shapes: `[B, H, W, C_in]` → `[B, H', W', C_out]`.
    pub(crate) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.forward_then(x, Activation::Identity)
    }

    /// [`forward`](Self::forward), then the exact GELU.
    pub(crate) fn forward_gelu(&self, x: Tensor<4>) -> Tensor<4> {
        self.forward_then(x, Activation::Gelu)
    }

    /// Some rows of the result of [`forward`](Self::forward); only of a depthwise convolution.
    pub(crate) fn rows(&self, x: Tensor<4>, rows: Range<usize>) -> Tensor<4> {
        ops::depthwise3x3(&self.c, x, Some(rows), Activation::Identity)
    }

    /// Some rows of the result of [`forward_gelu`](Self::forward_gelu); only of a depthwise convolution.
    pub(crate) fn rows_gelu(&self, x: Tensor<4>, rows: Range<usize>) -> Tensor<4> {
        ops::depthwise3x3(&self.c, x, Some(rows), Activation::Gelu)
    }

    fn forward_then(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        let [c_out, ..] = self.c.weight.dims();
        if self.c.kernel_size == [1, 1] {
            ops::pointwise(&self.c, x, activation)
        } else if self.c.groups == c_out {
            ops::depthwise3x3(&self.c, x, None, activation)
        } else {
            ops::conv3x3(&self.c, x, activation)
        }
    }
}

/// Epsilon of [`LayerNorm2d`].
const EPSILON_LAYER_NORM_2D: f64 = 1e-6;

/// LayerNorm over the channels of a feature map.
///
/// Source: `segment_anything/modeling/common.py`, class `LayerNorm2d`.
#[derive(Module, Debug)]
pub struct LayerNorm2d {
    /// Factor of each channel, `[C]`.
    pub weight: Param<Tensor<1>>,
    /// Offset of each channel, `[C]`.
    pub bias: Param<Tensor<1>>,
}

impl LayerNorm2d {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            weight: Initializer::Ones.init([channels], device),
            bias: Initializer::Zeros.init([channels], device),
        }
    }

    /// Shapes: `[.., C]` → `[.., C]`.
    // Differs from the reference: channels-last, see `ops`.
    pub(crate) fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        let (weight, bias) = (self.weight.val(), self.bias.val());
        layer_norm(x, weight, Some(bias), EPSILON_LAYER_NORM_2D)
    }
}

/// A multi-layer perceptron with ReLU between its layers.
///
/// Source: `segment_anything/modeling/mask_decoder.py`, class `MLP`.
#[derive(Module, Debug)]
pub struct Mlp {
    /// In order; the last has no ReLU.
    pub layers: Vec<Linear>,
}

impl Mlp {
    pub(crate) fn new(
        input: usize,
        hidden: usize,
        output: usize,
        depth: usize,
        device: &Device,
    ) -> Self {
        let layers = (0..depth)
            .map(|i| {
                let d_input = if i == 0 { input } else { hidden };
                let d_output = if i + 1 == depth { output } else { hidden };
                LinearConfig::new(d_input, d_output).init(device)
            })
            .collect();
        Self { layers }
    }

    /// Shapes: `[B, C_in]` → `[B, C_out]`.
    pub(crate) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let last = self.layers.len().saturating_sub(1);
        self.layers.iter().enumerate().fold(x, |x, (i, layer)| {
            let x = project(layer, x);
            if i < last { relu(x) } else { x }
        })
    }
}

/// Two linear layers with an activation between them.
///
/// Source: `segment_anything/modeling/common.py`, class `MLPBlock`.
#[derive(Module, Debug)]
pub struct MlpBlock {
    /// Embedding size → hidden size.
    pub lin1: Linear,
    /// Hidden size → embedding size.
    pub lin2: Linear,
}

impl MlpBlock {
    pub(crate) fn new(embedding: usize, hidden: usize, device: &Device) -> Self {
        Self {
            lin1: LinearConfig::new(embedding, hidden).init(device),
            lin2: LinearConfig::new(hidden, embedding).init(device),
        }
    }

    /// With the exact GELU between the layers, as in the ViT.
    pub(crate) fn forward_gelu<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        project(&self.lin2, project_gelu(&self.lin1, x))
    }

    /// With ReLU between the layers, as in the two-way transformer.
    pub(crate) fn forward_relu<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        project(&self.lin2, relu(project(&self.lin1, x)))
    }
}

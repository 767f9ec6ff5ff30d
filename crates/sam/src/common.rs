//! Layers that more than one part of the model uses, and convolutions written as matrix products.
//!
//! Inside the model, feature maps are channels-last, `[B, H, W, C]`: there a 1×1 convolution is a
//! matrix product, and a `LayerNorm2d` is a LayerNorm over the last axis. Only a convolution that
//! looks at its neighbours changes to `[B, C, H, W]` and back, and on the CPU none.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d};
use burn::nn::{Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::module::layer_norm;
use burn::tensor::{DType, Device, FloatDType, Tensor};
use std::ops::Range;

use crate::config::EPSILON_LAYER_NORM_2D;
use crate::cpu::{self, Activation};
use crate::product::linear;

/// `[B, C, H, W]` → `[B, H, W, C]`.
pub(crate) fn channels_last(x: Tensor<4>) -> Tensor<4> {
    x.permute([0, 2, 3, 1])
}

/// `[B, H, W, C]` → `[B, C, H, W]`.
pub(crate) fn channels_first(x: Tensor<4>) -> Tensor<4> {
    x.permute([0, 3, 1, 2])
}

/// A 1×1 convolution on a channels-last map, as a matrix product over the channels.
///
/// Shapes: `[B, H, W, C_in]` → `[B, H, W, C_out]`.
pub(crate) fn pointwise(conv: &Conv2d, x: Tensor<4>) -> Tensor<4> {
    pointwise_then(conv, x, Activation::Identity)
}

fn pointwise_then(conv: &Conv2d, x: Tensor<4>, activation: Activation) -> Tensor<4> {
    let weight = conv.weight.val();
    let [c_out, c_in, kernel_h, kernel_w] = weight.dims();
    assert_eq!([kernel_h, kernel_w], [1, 1], "pointwise needs a 1×1 kernel");
    let bias = conv.bias.as_ref().map(Param::val);
    let weight = weight.reshape([c_out, c_in]).transpose();
    linear(x, weight, bias, activation)
}

/// A 3×3 convolution with padding 1.
///
/// Shapes: `[B, H, W, C_in]` → `[B, H', W', C_out]`.
pub(crate) fn three_by_three(conv: &Conv2d, x: Tensor<4>, activation: Activation) -> Tensor<4> {
    if cpu::has_three_by_three(conv, &x) {
        cpu::three_by_three(conv, x, activation)
    } else {
        activation.of(channels_last(conv.forward(channels_first(x))))
    }
}

/// A convolution whose kernel is as large as its stride `k`, without padding, on a channels-last
/// map: each patch of `k`×`k` is one row of a matrix product.
///
/// Shapes: `[B, H, W, C_in]` → `[B, H/k, W/k, C_out]`.
pub(crate) fn patchwise(conv: &Conv2d, x: Tensor<4>) -> Tensor<4> {
    let weight = conv.weight.val();
    let [c_out, c_in, k, _] = weight.dims();
    let [b, h, w, _] = x.dims();
    let patches = x
        .reshape([b, h / k, k, w / k, k, c_in])
        .permute([0, 1, 3, 2, 4, 5])
        .reshape([b, h / k, w / k, k * k * c_in]);
    let weight = weight.permute([2, 3, 1, 0]).reshape([k * k * c_in, c_out]);
    let bias = conv.bias.as_ref().map(Param::val);
    linear(patches, weight, bias, Activation::Identity)
}

/// A transposed convolution whose kernel is as large as its stride `k`: a matrix product, whose columns
/// are the `k`×`k` pixels that each pixel becomes, row by row. They are not put in their places.
///
/// Shapes: `[B, N, C_in]` → `[B, N · k · k, C_out]`.
pub(crate) fn unpatchwise(
    conv: &ConvTranspose2d,
    x: Tensor<3>,
    activation: Activation,
) -> Tensor<3> {
    let weight = conv.weight.val();
    let [c_in, c_out, k, _] = weight.dims();
    let [b, n, _] = x.dims();
    let weight = weight.permute([0, 2, 3, 1]).reshape([c_in, k * k * c_out]);
    let bias = conv
        .bias
        .as_ref()
        .map(|bias| bias.val().repeat_dim(0, k * k));
    linear(x, weight, bias, activation).reshape([b, n * k * k, c_out])
}

/// A linear layer in the precision of its weights; f32 in, f32 out.
///
/// With f16 weights only the product is in f16: what stands between two products (residuals,
/// LayerNorms, softmax) grows beyond what f16 can hold.
pub(crate) fn project<const D: usize>(layer: &Linear, x: Tensor<D>) -> Tensor<D> {
    project_then(layer, x, Activation::Identity)
}

/// [`project`], and the exact GELU.
pub(crate) fn project_gelu<const D: usize>(layer: &Linear, x: Tensor<D>) -> Tensor<D> {
    project_then(layer, x, Activation::Gelu)
}

fn project_then<const D: usize>(layer: &Linear, x: Tensor<D>, activation: Activation) -> Tensor<D> {
    let weight = layer.weight.val();
    if weight.dtype() == DType::F16 {
        let y = layer.forward(x.cast(FloatDType::F16));
        return activation.of(y.cast(FloatDType::F32));
    }
    linear(x, weight, layer.bias.as_ref().map(Param::val), activation)
}

/// A convolution with its BatchNorm folded in (`tiny_vit_sam.py`, class `Conv2d_BN`).
///
/// At inference a BatchNorm is a factor and an offset per channel, so that it goes into the
/// convolution when the weights are read ([`Checkpoint`](crate::Checkpoint)).
#[derive(Module, Debug)]
pub struct ConvNorm {
    /// The convolution, always with a bias.
    pub c: Conv2d,
}

impl ConvNorm {
    /// A 1×1 convolution.
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

    /// [`forward`](Self::forward), and the exact GELU.
    pub(crate) fn forward_gelu(&self, x: Tensor<4>) -> Tensor<4> {
        self.forward_then(x, Activation::Gelu)
    }

    /// Some rows of [`forward_gelu`](Self::forward_gelu).
    pub(crate) fn rows_gelu(&self, x: Tensor<4>, rows: Range<usize>) -> Tensor<4> {
        if cpu::has_depthwise(&self.c, &x) {
            return cpu::depthwise(&self.c, x, rows, Activation::Gelu);
        }
        self.forward_gelu(x).narrow(1, rows.start, rows.len())
    }

    fn forward_then(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        if self.c.kernel_size == [1, 1] {
            pointwise_then(&self.c, x, activation)
        } else if cpu::has_depthwise(&self.c, &x) {
            let rows = x.dims()[1].div_ceil(self.c.stride[0]);
            cpu::depthwise(&self.c, x, 0..rows, activation)
        } else {
            three_by_three(&self.c, x, activation)
        }
    }
}

/// LayerNorm over the channels of a feature map, epsilon 1e-6.
///
/// Source: `segment_anything/modeling/common.py`, class `LayerNorm2d`.
#[derive(Module, Debug)]
pub struct LayerNorm2d {
    /// `[C]`.
    pub weight: Param<Tensor<1>>,
    /// `[C]`.
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
    // Differs from the reference: channels-last, see the head of this file.
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
    /// The layers, first to last.
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
    /// Into the hidden size.
    pub lin1: Linear,
    /// Back to the embedding size.
    pub lin2: Linear,
}

impl MlpBlock {
    pub(crate) fn new(embedding: usize, hidden: usize, device: &Device) -> Self {
        Self {
            lin1: LinearConfig::new(embedding, hidden).init(device),
            lin2: LinearConfig::new(hidden, embedding).init(device),
        }
    }

    /// With the exact GELU between the layers, as the ViT has it.
    pub(crate) fn forward_gelu<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        project(&self.lin2, project_gelu(&self.lin1, x))
    }

    /// With ReLU between the layers, as the two-way transformer has it.
    pub(crate) fn forward_relu<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        project(&self.lin2, relu(project(&self.lin1, x)))
    }
}

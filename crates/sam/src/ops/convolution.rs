//! Convolutions on channels-last maps. Those without overlap are matrix products.

use std::ops::Range;

use burn::backend::Dispatch;
use burn::module::Param;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, ConvTranspose2d};
use burn::tensor::Tensor;

use super::backend::{OptionalTensor, SamOps};
use super::{Activation, linear};

/// `[B, C, H, W]` → `[B, H, W, C]`.
pub(crate) fn channels_last(x: Tensor<4>) -> Tensor<4> {
    x.permute([0, 2, 3, 1])
}

/// `[B, H, W, C]` → `[B, C, H, W]`.
pub(crate) fn channels_first(x: Tensor<4>) -> Tensor<4> {
    x.permute([0, 3, 1, 2])
}

/// A 1×1 convolution: a matrix product over the channels.
///
/// Shapes: `[B, H, W, C_in]` → `[B, H, W, C_out]`.
pub(crate) fn pointwise(conv: &Conv2d, x: Tensor<4>, activation: Activation) -> Tensor<4> {
    let weight = conv.weight.val();
    let [c_out, c_in, kernel_h, kernel_w] = weight.dims();
    assert_eq!([kernel_h, kernel_w], [1, 1], "pointwise needs a 1×1 kernel");
    let bias = conv.bias.as_ref().map(Param::val);
    let weight = weight.reshape([c_out, c_in]).transpose();
    linear(x, weight, bias, activation)
}

/// A 3×3 convolution with padding 1.
///
/// Shapes: `[B, H, W, C_in]` → `[B, ⌈H/stride⌉, ⌈W/stride⌉, C_out]`.
pub(crate) fn conv3x3(conv: &Conv2d, x: Tensor<4>, activation: Activation) -> Tensor<4> {
    assert_3x3(conv);
    assert_eq!(conv.groups, 1, "conv3x3 needs one group");
    Tensor::from_dispatch(<Dispatch as SamOps>::conv3x3(
        x.into_dispatch(),
        conv.weight.val().into_dispatch(),
        OptionalTensor::from(conv.bias.as_ref().map(Param::val)),
        conv.stride,
        activation,
    ))
}

/// A depthwise 3×3 convolution with padding 1: the given rows of its result, or all of them.
///
/// Shapes: `[B, H, W, C]` → `[B, rows, ⌈W/stride⌉, C]`, `rows` within `0..⌈H/stride⌉`.
pub(crate) fn depthwise3x3(
    conv: &Conv2d,
    x: Tensor<4>,
    rows: Option<Range<usize>>,
    activation: Activation,
) -> Tensor<4> {
    assert_3x3(conv);
    let [channels, ..] = conv.weight.dims();
    assert_eq!(
        conv.groups, channels,
        "depthwise3x3 needs a group per channel"
    );
    let all = 0..x.dims()[1].div_ceil(conv.stride[0]);
    Tensor::from_dispatch(<Dispatch as SamOps>::depthwise3x3(
        x.into_dispatch(),
        conv.weight.val().into_dispatch(),
        OptionalTensor::from(conv.bias.as_ref().map(Param::val)),
        conv.stride,
        rows.unwrap_or(all),
        activation,
    ))
}

fn assert_3x3(conv: &Conv2d) {
    let padding = PaddingConfig2d::Explicit(1, 1, 1, 1);
    let is_3x3 = conv.kernel_size == [3, 3] && conv.dilation == [1, 1] && conv.padding == padding;
    assert!(
        is_3x3,
        "a 3×3 kernel with padding 1 is needed, not {conv:?}"
    );
}

/// A convolution whose kernel is as large as its stride `k`, without padding: each patch of `k`×`k` pixels is one row
/// of a matrix product.
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

/// A transposed convolution whose kernel is as large as its stride `k`: a matrix product whose columns are the `k`×`k`
/// pixels that each pixel becomes, row by row. The caller moves them to their places.
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

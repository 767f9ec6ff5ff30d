//! The default bodies of [`SamOps`]: Burn's own operations, on any backend.

use std::ops::Range;

use burn::backend::TensorMetadata;
use burn::backend::ops::{ActivationOps, ModuleOps};
use burn::backend::tensor::FloatTensor;
use burn::tensor::ops::{AttentionModuleOptions, ConvOptions};
use burn::tensor::{Shape, Slice};

use super::Activation;
use super::backend::SamOps;

pub(super) fn linear<B: SamOps>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: Option<FloatTensor<B>>,
    activation: Activation,
) -> FloatTensor<B> {
    activate::<B>(<B as ModuleOps<B>>::linear(x, weight, bias), activation)
}

/// Burn convolves `[B, C, H, W]`: the map is permuted before and after.
pub(super) fn conv3x3<B: SamOps>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: Option<FloatTensor<B>>,
    stride: [usize; 2],
    groups: usize,
    activation: Activation,
) -> FloatTensor<B> {
    let options = ConvOptions::new(stride, [1, 1], [1, 1], groups);
    let channels_first = B::float_permute(x, &[0, 3, 1, 2]);
    let y = B::conv2d(channels_first, weight, bias, options);
    activate::<B>(B::float_permute(y, &[0, 2, 3, 1]), activation)
}

pub(super) fn depthwise3x3<B: SamOps>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: Option<FloatTensor<B>>,
    stride: [usize; 2],
    rows: Range<usize>,
    activation: Activation,
) -> FloatTensor<B> {
    let channels = weight.shape()[0];
    let y = conv3x3::<B>(x, weight, bias, stride, channels, activation);
    match rows.len() == y.shape()[1] {
        true => y,
        false => narrow::<B>(y, 1, rows),
    }
}

pub(super) fn softmax<B: SamOps>(x: FloatTensor<B>) -> FloatTensor<B> {
    let last = x.rank() - 1;
    <B as ActivationOps<B>>::softmax(x, last)
}

pub(super) fn gelu<B: SamOps>(x: FloatTensor<B>) -> FloatTensor<B> {
    <B as ActivationOps<B>>::gelu(x)
}

/// Pads the map to whole windows, cuts them out, and puts the results back.
pub(super) fn window_attention<B: SamOps>(
    qkv: FloatTensor<B>,
    padding: Option<FloatTensor<B>>,
    bias: FloatTensor<B>,
    side: usize,
) -> FloatTensor<B> {
    let [batch, height, width, channels] = qkv.shape().dims();
    let [_, heads, tokens, _] = bias.shape().dims::<4>();
    let head_dim = channels / (3 * heads);
    let [rows, columns] = [height.div_ceil(side), width.div_ceil(side)];
    let windows = batch * rows * columns;

    let padded = pad::<B>(qkv, padding, [rows * side, columns * side]);
    let cut = reshape::<B>(padded, [batch, rows, side, columns, side, channels]);
    let cut = swap_window_axes::<B>(cut);
    let qkv = reshape::<B>(cut, [windows, tokens, heads, 3 * head_dim]);
    let part = |i: usize| {
        let part = narrow::<B>(qkv.clone(), 3, i * head_dim..(i + 1) * head_dim);
        B::float_swap_dims(part, 1, 2)
    };
    let options = AttentionModuleOptions::default();
    let y = B::attention(part(0), part(1), part(2), None, Some(bias), options);
    let y = B::float_swap_dims(y, 1, 2);

    let y = reshape::<B>(y, [batch, rows, columns, side, side, heads * head_dim]);
    let y = swap_window_axes::<B>(y);
    let y = reshape::<B>(y, [batch, rows * side, columns * side, heads * head_dim]);
    crop::<B>(y, [height, width])
}

/// Swaps the third and the fourth of six axes. If one of them has length 1, that is a reshape, which copies nothing.
fn swap_window_axes<B: SamOps>(x: FloatTensor<B>) -> FloatTensor<B> {
    let mut shape = x.shape();
    if shape[2] != 1 && shape[3] != 1 {
        return B::float_swap_dims(x, 2, 3);
    }
    (shape[2], shape[3]) = (shape[3], shape[2]);
    B::float_reshape(x, shape)
}

/// Applies the activation by the backend's own GELU, which may be an override.
pub(super) fn activate<B: SamOps>(x: FloatTensor<B>, activation: Activation) -> FloatTensor<B> {
    match activation {
        Activation::Identity => x,
        Activation::Gelu => <B as SamOps>::gelu(x),
    }
}

/// Extends a map `[B, H, W, C]` at the bottom and at the right by the token `padding`, `[C]`.
fn pad<B: SamOps>(
    map: FloatTensor<B>,
    padding: Option<FloatTensor<B>>,
    [to_height, to_width]: [usize; 2],
) -> FloatTensor<B> {
    let [batch, height, width, channels] = map.shape().dims();
    if [height, width] == [to_height, to_width] {
        return map;
    }
    let padding = padding.unwrap_or_else(|| panic!("a {height}×{width} map has partial windows"));
    let padding = reshape::<B>(padding, [1, 1, 1, channels]);
    let whole = B::float_expand(padding, Shape::from([batch, to_height, to_width, channels]));
    let inside = [0..batch, 0..height, 0..width, 0..channels].map(Slice::from);
    B::float_slice_assign(whole, &inside, map)
}

fn crop<B: SamOps>(map: FloatTensor<B>, [height, width]: [usize; 2]) -> FloatTensor<B> {
    let [batch, from_height, from_width, channels] = map.shape().dims();
    if [height, width] == [from_height, from_width] {
        return map;
    }
    let inside = [0..batch, 0..height, 0..width, 0..channels].map(Slice::from);
    B::float_slice(map, &inside)
}

fn reshape<B: SamOps>(x: FloatTensor<B>, shape: impl Into<Shape>) -> FloatTensor<B> {
    B::float_reshape(x, shape.into())
}

fn narrow<B: SamOps>(x: FloatTensor<B>, axis: usize, range: Range<usize>) -> FloatTensor<B> {
    let shape = x.shape();
    let mut slices: Vec<Slice> = shape.iter().map(|&length| Slice::from(0..length)).collect();
    slices[axis] = Slice::from(range);
    B::float_slice(x, &slices)
}

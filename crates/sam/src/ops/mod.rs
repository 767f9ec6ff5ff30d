//! The operations of the model, each by the fastest kernel for its tensors' device.
//!
//! Model files call the functions of this module and know no processor. Below them, [`SamOps`] is a Burn backend
//! extension: its default bodies ([`portable`]) run on any backend, and two backends override some of them.
//!
//! | operation             | [`flex`]: CPU                          | [`cube`]: GPU                  |
//! |-----------------------|----------------------------------------|--------------------------------|
//! | [`linear`]            | packed panels and a SIMD micro-kernel  | a kernel without shared memory |
//! | [`conv3x3`]           | im2col, then `linear`                  |                                |
//! | [`depthwise3x3`]      | channels-last, without permuting       |                                |
//! | [`window_attention`]  | windows are read in place              |                                |
//! | [`softmax`], [`gelu`] | polynomials in SIMD                    |                                |
//!
//! Feature maps are channels-last, `[B, H, W, C]`: there a 1×1 convolution is a matrix product, and a `LayerNorm2d` is
//! a LayerNorm over the last axis. Only 3×3 convolutions convert to channels-first, and only on the GPU.

mod activation;
mod backend;
mod convolution;
#[cfg(feature = "webgpu")]
mod cube;
#[cfg(feature = "flex")]
mod flex;
mod parts;
mod portable;
mod windows;

pub(crate) use activation::Activation;
pub(crate) use convolution::{
    channels_first, channels_last, conv3x3, depthwise3x3, patchwise, pointwise, unpatchwise,
};
#[cfg(all(feature = "flex", target_family = "wasm", target_os = "unknown"))]
pub use flex::relaxed as relaxed_simd;
pub(crate) use parts::{in_parts, narrow_rows, rows_around};
pub(crate) use windows::{partition, unpartition, window_attention};

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use backend::{OptionalTensor, SamOps};

/// Products of fewer rows are left to Burn: on a CPU packing the weight would not pay, and most of a GPU would idle.
#[cfg(any(feature = "flex", feature = "webgpu"))]
const MIN_ROWS: usize = 32;

/// Whether products on the CPU use WebAssembly's relaxed SIMD; `false` natively.
pub fn has_relaxed_simd() -> bool {
    #[cfg(all(feature = "flex", target_family = "wasm", target_os = "unknown"))]
    return flex::relaxed::installed();
    #[allow(unreachable_code, reason = "the only way elsewhere")]
    false
}

/// `activation(x · weight + bias)`.
///
/// Shapes: `x` `[.., K]`, `weight` `[K, N]`, `bias` `[N]` → `[.., N]`.
pub(crate) fn linear<const D: usize>(
    x: Tensor<D>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as SamOps>::linear(
        x.into_dispatch(),
        weight.into_dispatch(),
        OptionalTensor::from(bias),
        activation,
    ))
}

/// [`linear`] for each entry of a batch, with a weight and a bias of its own.
///
/// Shapes: `x` `[B, M, K]`, `weight` `[B, K, N]`, `bias` `[B or 1, 1, N]` → `[B, M, N]`.
pub(crate) fn linear_each(x: Tensor<3>, weight: Tensor<3>, bias: Option<Tensor<3>>) -> Tensor<3> {
    let [b, m, depth] = x.dims();
    let [_, _, columns] = weight.dims();
    let one = |i: usize| {
        let x = x.clone().narrow(0, i, 1).reshape([m, depth]);
        let weight = weight.clone().narrow(0, i, 1).reshape([depth, columns]);
        let bias = bias.clone().map(|bias| {
            let [biases, _, _] = bias.dims();
            bias.narrow(0, i.min(biases - 1), 1).reshape([columns])
        });
        linear(x, weight, bias, Activation::Identity)
    };
    Tensor::stack((0..b).map(one).collect(), 0)
}

/// Softmax over the last axis. Shape: `[.., N]` → `[.., N]`.
pub(crate) fn softmax<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as SamOps>::softmax(x.into_dispatch()))
}

/// The exact GELU, `x · Φ(x)` with the normal distribution's cumulative function Φ, of each value.
pub(crate) fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as SamOps>::gelu(x.into_dispatch()))
}

/// Rows of a map to compute at once, where each row takes `row_bytes` in between: few enough to stay in a CPU's caches,
/// and all `height` of them on a GPU.
pub(crate) fn strip_rows(x: &Tensor<4>, row_bytes: usize) -> usize {
    let [_, height, _, _] = x.dims();
    match <Dispatch as SamOps>::strip_bytes(&x.clone().into_dispatch()) {
        Some(bytes) => (bytes / row_bytes).max(1),
        None => height,
    }
}

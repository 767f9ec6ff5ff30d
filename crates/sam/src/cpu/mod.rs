//! What the CPU computes faster here than in Flex.
//!
//! Each is the same function as Burn's, on a plain slice; a GPU never comes here.

mod attention;
mod blocks;
mod depthwise;
mod exponential;
mod gelu;
mod product;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub mod relaxed;
mod softmax;
mod surroundings;
mod tile;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use attention::window_attention;
pub(crate) use depthwise::depthwise;
pub(crate) use gelu::{Activation, gelu};
pub(crate) use product::{linear_by, tile_for};
pub(crate) use softmax::softmax;
pub(crate) use surroundings::three_by_three;
pub use tile::has_relaxed_simd;

use burn::nn::PaddingConfig2d;
use burn::nn::conv::Conv2d;
use burn::tensor::{DType, Device, Tensor, TensorData};

/// Values that are computed at once, in plain loops that the compiler vectorises: two registers in WebAssembly.
const LANES: usize = 8;

/// Whether a tensor is on the CPU, in f32.
pub(crate) fn has<const D: usize>(x: &Tensor<D>) -> bool {
    x.device() == Device::flex() && x.dtype() == DType::F32
}

/// Whether [`window_attention`] can do it.
pub(crate) fn has_heads_of<const D: usize>(head_dim: usize, qkv: &Tensor<D>) -> bool {
    has(qkv) && head_dim.is_multiple_of(tile::COLUMNS)
}

/// Whether [`depthwise`] can do it: a 3×3 convolution of each channel by itself.
pub(crate) fn has_depthwise(conv: &Conv2d, x: &Tensor<4>) -> bool {
    let [channels, ..] = conv.weight.dims();
    has(x) && is_three_by_three(conv) && conv.groups == channels && channels.is_multiple_of(LANES)
}

/// Whether [`three_by_three`] can do it.
pub(crate) fn has_three_by_three(conv: &Conv2d, x: &Tensor<4>) -> bool {
    has(x) && is_three_by_three(conv) && conv.groups == 1
}

/// With padding 1 on all sides.
fn is_three_by_three(conv: &Conv2d) -> bool {
    let padding = PaddingConfig2d::Explicit(1, 1, 1, 1);
    conv.kernel_size == [3, 3] && conv.dilation == [1, 1] && conv.padding == padding
}

/// The values of what [`has`] looked at, row-major.
fn values(data: &TensorData) -> &[f32] {
    match data.as_slice() {
        Ok(values) => values,
        Err(error) => unreachable!("the dtype was looked at: {error:?}"),
    }
}

/// Changes the values of what [`has`] looked at, row-major: without a copy, where the tensor has no other owner.
fn changed<const D: usize>(x: Tensor<D>, change: impl FnOnce(&mut [f32])) -> Tensor<D> {
    let device = x.device();
    let mut data = x.into_data();
    match data.as_mut_slice() {
        Ok(values) => change(values),
        Err(error) => unreachable!("the dtype was looked at: {error:?}"),
    }
    Tensor::from_data(data, &device)
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

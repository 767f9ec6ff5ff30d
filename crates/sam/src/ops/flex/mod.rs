//! Kernels for the CPU that are faster than those of Burn's Flex backend: the same functions, on plain slices.

mod attention;
mod blocks;
mod depthwise;
mod exponential;
mod gelu;
mod im2col;
mod microkernel;
mod product;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub mod relaxed;
mod softmax;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(super) use product::keep_panels;

use std::ops::Range;

use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{DType, Shape, TensorData};

use super::backend::{OptionalTensor, SamOps};
use super::{Activation, portable};

/// Values in a vector of the plain loops that the compiler vectorises: two registers in WebAssembly, one in AVX2.
const LANES: usize = 8;

/// How many bytes of an intermediate map to compute at once, chosen to stay in the caches and to bound memory.
const STRIP_BYTES: usize = 8 << 20;

impl SamOps for Flex {
    fn linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: OptionalTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        linear(x, weight, bias.into_option(), activation)
    }

    fn conv3x3(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: OptionalTensor<Self>,
        stride: [usize; 2],
        activation: Activation,
    ) -> FloatTensor<Self> {
        let bias = bias.into_option();
        match is_f32(&x) {
            true => im2col::conv3x3(x, weight, bias, stride, activation),
            false => portable::conv3x3::<Self>(x, weight, bias, stride, 1, activation),
        }
    }

    fn depthwise3x3(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: OptionalTensor<Self>,
        stride: [usize; 2],
        rows: Range<usize>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let bias = bias.into_option();
        let channels = weight.shape()[0];
        match is_f32(&x) && channels.is_multiple_of(LANES) {
            true => depthwise::depthwise3x3(x, weight, bias, stride, rows, activation),
            false => portable::depthwise3x3::<Self>(x, weight, bias, stride, rows, activation),
        }
    }

    fn softmax(x: FloatTensor<Self>) -> FloatTensor<Self> {
        match is_f32(&x) {
            true => softmax::softmax(x),
            false => portable::softmax::<Self>(x),
        }
    }

    fn gelu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        match is_f32(&x) {
            true => gelu::gelu(x),
            false => portable::gelu::<Self>(x),
        }
    }

    fn window_attention(
        qkv: FloatTensor<Self>,
        padding: OptionalTensor<Self>,
        bias: FloatTensor<Self>,
        side: usize,
    ) -> FloatTensor<Self> {
        let ([.., channels], [_, heads, ..]) = (qkv.shape().dims::<4>(), bias.shape().dims::<4>());
        match (
            padding,
            Self::reads_windows_in_place(&qkv, channels / (3 * heads)),
        ) {
            (OptionalTensor::Present(padding), true) => {
                attention::window_attention(qkv, padding, bias, side)
            }
            (padding, _) => {
                portable::window_attention::<Self>(qkv, padding.into_option(), bias, side)
            }
        }
    }

    fn reads_windows_in_place(x: &FloatTensor<Self>, head_dim: usize) -> bool {
        is_f32(x) && head_dim.is_multiple_of(microkernel::COLUMNS)
    }

    fn strip_bytes(x: &FloatTensor<Self>) -> Option<usize> {
        is_f32(x).then_some(STRIP_BYTES)
    }
}

/// [`SamOps::linear`].
fn linear(
    x: FlexTensor,
    weight: FlexTensor,
    bias: Option<FlexTensor>,
    activation: Activation,
) -> FlexTensor {
    match product::kernel_for(&x, &weight) {
        Some(kernel) => product::linear(kernel, x, weight, bias, activation),
        None => portable::linear::<Flex>(x, weight, bias, activation),
    }
}

/// Applies the activation to values in place.
fn activate(values: &mut [f32], activation: Activation) {
    match activation {
        Activation::Identity => {}
        Activation::Gelu => gelu::gelu_in_place(values),
    }
}

fn is_f32(x: &FlexTensor) -> bool {
    TensorMetadata::dtype(x) == DType::F32
}

/// The values of an f32 tensor, row-major.
fn values(data: &TensorData) -> &[f32] {
    match data.as_slice() {
        Ok(values) => values,
        Err(error) => unreachable!("the dtype was checked: {error:?}"),
    }
}

/// Changes the values of an f32 tensor, row-major; without a copy where the tensor has no other owner.
fn map_in_place(x: FlexTensor, change: impl FnOnce(&mut [f32])) -> FlexTensor {
    let mut data = x.into_data();
    match data.as_mut_slice() {
        Ok(values) => change(values),
        Err(error) => unreachable!("the dtype was checked: {error:?}"),
    }
    FlexTensor::from_data(data)
}

fn tensor(values: Vec<f32>, shape: impl Into<Shape>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape.into()))
}

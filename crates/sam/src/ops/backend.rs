//! The operations as a Burn backend extension.

use std::ops::Range;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, ExtensionType, backend_extension};
use burn::tensor::Tensor;

use super::{Activation, portable};

/// The operations that [`flex`](super::flex) or [`cube`](super::cube) implement with kernels of their own.
///
/// Every operation has a default body that runs on any backend ([`portable`]). An override falls back to it where its
/// kernel does not apply. Maps are channels-last, `[B, H, W, C]`; tensors are floating-point.
///
/// A backend that is not listed here panics, as the macro has it: list it, and write an empty `impl`.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    Cube: cfg(feature = "webgpu"),
)]
pub(crate) trait SamOps: Backend {
    /// `activation(x · weight + bias)`.
    ///
    /// Shapes: `x` `[.., K]`, `weight` `[K, N]`, `bias` `[N]` → `[.., N]`.
    fn linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        #[extension_type] bias: OptionalTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        portable::linear::<Self>(x, weight, bias.into_option(), activation)
    }

    /// A 3×3 convolution with padding 1, then the activation.
    ///
    /// Shapes: `x` `[B, H, W, C_in]`, `weight` `[C_out, C_in, 3, 3]`, `bias` `[C_out]`
    /// → `[B, ⌈H/stride⌉, ⌈W/stride⌉, C_out]`.
    fn conv3x3(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        #[extension_type] bias: OptionalTensor<Self>,
        stride: [usize; 2],
        activation: Activation,
    ) -> FloatTensor<Self> {
        portable::conv3x3::<Self>(x, weight, bias.into_option(), stride, 1, activation)
    }

    /// Some rows of a depthwise 3×3 convolution with padding 1, then the activation.
    ///
    /// Shapes: `x` `[B, H, W, C]`, `weight` `[C, 1, 3, 3]`, `bias` `[C]`, `rows` within `0..⌈H/stride⌉`
    /// → `[B, rows, ⌈W/stride⌉, C]`.
    fn depthwise3x3(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        #[extension_type] bias: OptionalTensor<Self>,
        stride: [usize; 2],
        rows: Range<usize>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        portable::depthwise3x3::<Self>(x, weight, bias.into_option(), stride, rows, activation)
    }

    /// Softmax over the last axis. Shape: `[.., N]` → `[.., N]`.
    fn softmax(x: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::softmax::<Self>(x)
    }

    /// The exact GELU, `x · Φ(x)`, of each value.
    fn gelu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::gelu::<Self>(x)
    }

    /// Multi-head attention within the windows of a map, with a bias for each pair of tokens.
    ///
    /// Windows are `side` × `side` tokens. A window that reaches beyond the map's edge has the token `padding` there,
    /// which serves as key and value. `padding` may be absent where windows fill the map.
    ///
    /// Shapes: `qkv` `[B, H, W, heads · 3 · D]`, for each head its query, key and value next to each other; `padding`
    /// `[heads · 3 · D]`; `bias` `[1, heads, side², side²]` → `[B, H, W, heads · D]`.
    fn window_attention(
        qkv: FloatTensor<Self>,
        #[extension_type] padding: OptionalTensor<Self>,
        bias: FloatTensor<Self>,
        side: usize,
    ) -> FloatTensor<Self> {
        portable::window_attention::<Self>(qkv, padding.into_option(), bias, side)
    }

    /// Whether [`window_attention`](Self::window_attention) reads windows of heads with `head_dim` channels in place.
    /// Where it does not, cutting the map into windows before it is projected is less work.
    fn reads_windows_in_place(x: &FloatTensor<Self>, head_dim: usize) -> bool {
        let _ = (x, head_dim);
        false
    }

    /// How many bytes of an intermediate map to compute at once, so that they stay in the caches; `None` computes the
    /// whole map at once.
    fn strip_bytes(x: &FloatTensor<Self>) -> Option<usize> {
        let _ = x;
        None
    }
}

/// A tensor that may be absent. The extension macro does not route an `Option<FloatTensor>`.
#[derive(ExtensionType)]
pub(crate) enum OptionalTensor<B: Backend> {
    Absent,
    Present(FloatTensor<B>),
}

impl<B: Backend> OptionalTensor<B> {
    pub(super) fn into_option(self) -> Option<FloatTensor<B>> {
        match self {
            Self::Absent => None,
            Self::Present(tensor) => Some(tensor),
        }
    }
}

impl<const D: usize> From<Option<Tensor<D>>> for OptionalTensor<Dispatch> {
    fn from(tensor: Option<Tensor<D>>) -> Self {
        tensor.map_or(Self::Absent, |tensor| Self::Present(tensor.into_dispatch()))
    }
}

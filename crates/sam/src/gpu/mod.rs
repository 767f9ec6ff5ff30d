//! What a GPU computes here by a kernel of our own, in the place of Burn's.

mod product;

pub(crate) use product::{fits, linear};

use burn::tensor::{DType, Device, Tensor};

/// Whether a tensor is on a GPU, in f32.
pub(crate) fn has<const D: usize>(x: &Tensor<D>) -> bool {
    #[cfg(feature = "flex")]
    let on_cpu = x.device() == Device::flex();
    #[cfg(not(feature = "flex"))]
    let on_cpu = false;
    !on_cpu && x.dtype() == DType::F32
}

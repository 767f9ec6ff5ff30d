//! What a GPU computes here by a kernel of our own, in the place of Burn's.

mod product;

pub(crate) use product::{fits, linear};

use burn::backend::DispatchDevice;
use burn::tensor::{DType, Tensor};

/// Whether a tensor is where CubeCL's kernels run, in f32, and keeps no gradients.
fn has<const D: usize>(x: &Tensor<D>) -> bool {
    let device = x.device();
    matches!(device.as_dispatch(), DispatchDevice::Cube(_)) && x.dtype() == DType::F32
}

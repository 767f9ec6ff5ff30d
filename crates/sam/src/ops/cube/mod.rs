//! Kernels for the GPU that are faster than those of Burn's CubeCL backend.

mod product;

use burn::backend::Cube;
use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::tensor::{FloatDType, Shape};

use super::backend::{OptionalTensor, SamOps};
use super::{Activation, portable};

impl SamOps for Cube {
    fn linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: OptionalTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let bias = bias.into_option();
        if !product::fits(&x, &weight) {
            return portable::linear::<Self>(x, weight, bias, activation);
        }
        let bias = bias.unwrap_or_else(|| {
            let [_, columns] = weight.shape().dims();
            Self::float_zeros(Shape::from([columns]), &x.device(), FloatDType::F32)
        });
        portable::activate::<Self>(product::linear(x, weight, bias), activation)
    }
}

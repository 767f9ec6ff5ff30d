//! Products of matrices, by whatever is fastest where their tensors are.

use burn::tensor::{Tensor, module};

use crate::cpu::{self, Activation};

/// `x` `[.., K]` × `weight` `[K, N]` + `bias` `[N]` → `[.., N]`, and what comes behind it.
pub(crate) fn linear<const D: usize>(
    x: Tensor<D>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<D> {
    if let Some(tile) = cpu::tile_for(&x, &weight) {
        return cpu::linear_by(tile, x, weight, bias, activation);
    }
    #[cfg(feature = "webgpu")]
    if crate::gpu::fits(&x, &weight) {
        return activation.of(crate::gpu::linear(x, weight, bias));
    }
    activation.of(module::linear(x, weight, bias))
}

/// A product for each of a batch: `x` `[B, M, K]` × `weight` `[B, K, N]` + `bias` `[B or 1, 1, N]` → `[B, M, N]`.
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

use core::f64::consts::TAU;

use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Int, Tensor};

/// Embeds positions by random spatial frequencies.
///
/// Source: `prompt_encoder.py`, class `PositionEmbeddingRandom`.
#[derive(Module, Debug)]
pub struct PositionEmbeddingRandom {
    /// The frequencies, `[2, C/2]`: drawn once, then loaded like other weights.
    pub positional_encoding_gaussian_matrix: Param<Tensor<2>>,
}

impl PositionEmbeddingRandom {
    pub(super) fn new(frequencies: usize, device: &Device) -> Self {
        let normal = Initializer::Normal {
            mean: 0.0,
            std: 1.0,
        };
        Self {
            positional_encoding_gaussian_matrix: normal.init([2, frequencies], device),
        }
    }

    /// Embeds positions `[x, y]` in units of the image's side, 0 to 1.
    ///
    /// Shapes: `[B, N, 2]` → `[B, N, C]`.
    pub(super) fn forward(&self, positions: Tensor<3>) -> Tensor<3> {
        let [b, n, _] = positions.dims();
        let frequencies = self.positional_encoding_gaussian_matrix.val();
        let [_, count] = frequencies.dims();
        let centred = positions.mul_scalar(2.0).sub_scalar(1.0);
        let phase = centred
            .reshape([b * n, 2])
            .matmul(frequencies)
            .mul_scalar(TAU)
            .reshape([b, n, count]);
        Tensor::cat(vec![phase.clone().sin(), phase.cos()], 2)
    }

    /// Embeds the centres of the grid's cells. Shape: `[1, G, G, C]`.
    pub(super) fn forward_grid(&self, size: usize, device: &Device) -> Tensor<4> {
        let centres = Tensor::<1, Int>::arange(0..size as i64, device)
            .float()
            .add_scalar(0.5)
            .div_scalar(size as f64);
        let x = centres.clone().reshape([1, size]).expand([size, size]);
        let y = centres.reshape([size, 1]).expand([size, size]);
        let positions = Tensor::stack::<3>(vec![x, y], 2).reshape([1, size * size, 2]);
        let embedded = self.forward(positions);
        let [_, _, channels] = embedded.dims();
        embedded.reshape([1, size, size, channels])
    }
}

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, TensorData};

use crate::common::project;
use crate::sam2::attention::attend;

/// The base of the frequencies.
const THETA: f64 = 10000.0;

/// Attention with one head, whose queries and keys are rotated by their position in the map (RoPE, in two axes).
///
/// Source: `sam2/modeling/sam/transformer.py`, class `RoPEAttention`.
#[derive(Module, Debug)]
pub struct RopeAttention {
    /// Queries, `C` → `C`.
    pub q_proj: Linear,
    /// Keys, `C'` → `C`, where C' is the channels of what is attended to.
    pub k_proj: Linear,
    /// Values, `C'` → `C`.
    pub v_proj: Linear,
    /// Output, `C` → `C`.
    pub out_proj: Linear,
}

impl RopeAttention {
    pub(super) fn new(dim: usize, key_dim: usize, device: &Device) -> Self {
        let project = |from| LinearConfig::new(from, dim).init(device);
        Self {
            q_proj: project(dim),
            k_proj: project(key_dim),
            v_proj: project(key_dim),
            out_proj: project(dim),
        }
    }

    /// Queries are the cells of a map; keys those of one or several such maps, then `unplaced` tokens without a place,
    /// which are not rotated.
    ///
    /// Shapes: `q` `[B, N, C]`, `k` and `v` `[B, M · N + unplaced, C']` → `[B, N, C]`.
    pub(crate) fn forward(
        &self,
        q: Tensor<3>,
        k: Tensor<3>,
        v: Tensor<3>,
        rotation: &Rotation,
        unplaced: usize,
    ) -> Tensor<3> {
        let q = rotation.apply(project(&self.q_proj, q), 0);
        let k = rotation.apply(project(&self.k_proj, k), unplaced);
        let v = project(&self.v_proj, v);
        project(&self.out_proj, attend(q, k, v))
    }
}

/// The rotation of each cell of a map: by its column in the first half of the channels, by its row in the second.
///
/// Source: `sam2/modeling/position_encoding.py`, `compute_axial_cis`.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// Cosine of each pair of channels, `[N, C/2]`.
    pub cos: Tensor<2>,
    /// Sine of each pair of channels, `[N, C/2]`.
    pub sin: Tensor<2>,
}

impl Rotation {
    /// For maps of `side` × `side` cells with `channels` channels.
    pub fn new(channels: usize, side: usize, device: &Device) -> Self {
        let quarter = channels / 4;
        let frequency = |i: usize| THETA.powf(-((4 * i) as f64) / channels as f64);
        let angles = (0..side * side).flat_map(|cell| {
            let along = move |at: usize| (0..quarter).map(move |i| at as f64 * frequency(i));
            along(cell % side).chain(along(cell / side))
        });
        let (sin, cos): (Vec<f32>, Vec<f32>) = angles
            .map(|angle| (angle.sin() as f32, angle.cos() as f32))
            .unzip();
        let shape = [side * side, 2 * quarter];
        let table = |values| Tensor::from_data(TensorData::new(values, shape), device);
        Self {
            cos: table(cos),
            sin: table(sin),
        }
    }

    /// For the cells of a square map, `[1, N, C]`.
    pub(crate) fn of_map(x: &Tensor<3>) -> Self {
        let [_, cells, channels] = x.dims();
        Self::new(channels, cells.isqrt(), &x.device())
    }

    /// Rotates neighbouring channels of all maps' cells; the last `unplaced` tokens stay.
    ///
    /// Shapes: `[B, M · N + unplaced, C]` → the same.
    pub(crate) fn apply(&self, x: Tensor<3>, unplaced: usize) -> Tensor<3> {
        let [b, tokens, c] = x.dims();
        let [cells, half] = self.cos.dims();
        let placed = tokens - unplaced;
        let pairs = x
            .clone()
            .narrow(1, 0, placed)
            .reshape([b, placed / cells, cells, half, 2]);
        let (even, odd) = (pairs.clone().narrow(4, 0, 1), pairs.narrow(4, 1, 1));
        let cos = self.cos.clone().reshape([1, 1, cells, half, 1]);
        let sin = self.sin.clone().reshape([1, 1, cells, half, 1]);
        let rotated = vec![
            even.clone() * cos.clone() - odd.clone() * sin.clone(),
            even * sin + odd * cos,
        ];
        let rotated = Tensor::cat(rotated, 4).reshape([b, placed, c]);
        if unplaced == 0 {
            return rotated;
        }
        Tensor::cat(vec![rotated, x.narrow(1, placed, unplaced)], 1)
    }
}

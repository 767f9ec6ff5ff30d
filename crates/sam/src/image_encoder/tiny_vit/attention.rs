use burn::module::{Module, Param};
use burn::nn::{Initializer, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Device, Int, Tensor};

use crate::common::project;
use crate::config::EPSILON_LAYER_NORM;
use crate::cpu;
use crate::image_encoder::windows::{partition, unpartition};

/// Multi-head attention within a window, with a learned bias for each distance between two tokens.
///
/// Source: `tiny_vit_sam.py`, class `Attention`.
#[derive(Module, Debug)]
pub struct Attention {
    /// In front of `qkv`.
    pub norm: LayerNorm,
    /// Into query, key and value of each head.
    pub qkv: Linear,
    /// Out of the heads.
    pub proj: Linear,
    /// `[heads, offsets]`: the bias for each distance `(|Δy|, |Δx|)`.
    pub attention_biases: Param<Tensor<2>>,
    /// Side of the window, in tokens.
    window_size: usize,
    /// Heads.
    num_heads: usize,
}

impl Attention {
    pub(super) fn new(dim: usize, num_heads: usize, window_size: usize, device: &Device) -> Self {
        // Each of the window's distances occurs once in the first row of pairs.
        let offsets = window_size * window_size;
        Self {
            norm: LayerNormConfig::new(dim)
                .with_epsilon(EPSILON_LAYER_NORM)
                .init(device),
            qkv: LinearConfig::new(dim, 3 * dim).init(device),
            proj: LinearConfig::new(dim, dim).init(device),
            attention_biases: Initializer::Zeros.init([num_heads, offsets], device),
            window_size,
            num_heads,
        }
    }

    /// Shapes: `[B, H, W, C]` → `[B, H, W, C]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [b, h, w, dim] = x.dims();
        let head_dim = dim / self.num_heads;
        let device = x.device();
        let bias = self.bias(&device);
        let project_qkv = |x| project(&self.qkv, self.norm.forward(x));
        if cpu::has_heads_of(head_dim, &x) {
            let padding = project_qkv(Tensor::zeros([1, 1, 1, dim], &device)).reshape([3 * dim]);
            let y = cpu::window_attention(project_qkv(x), padding, bias, self.window_size);
            return project(&self.proj, y);
        }
        // The reference pads in front of the LayerNorm.
        let windows = partition(x, self.window_size);
        let [count, n, _] = windows.dims();
        // In the reference, each head has its query, key and value beside one another.
        let qkv = project_qkv(windows.unsqueeze_dim::<4>(0)).reshape([
            count,
            n,
            self.num_heads,
            3 * head_dim,
        ]);
        let part = |i: usize| {
            qkv.clone()
                .narrow(3, i * head_dim, head_dim)
                .swap_dims(1, 2)
        };
        let options = AttentionModuleOptions::default();
        let y = attention(part(0), part(1), part(2), None, Some(bias), options);
        let y = project(&self.proj, y.swap_dims(1, 2).reshape([count, n, dim]));
        unpartition(y, self.window_size, [b, h, w])
    }

    /// The bias of each pair of tokens. Shape: `[1, heads, N, N]`.
    fn bias(&self, device: &Device) -> Tensor<4> {
        let n = self.window_size * self.window_size;
        let index = Tensor::<1, Int>::from_data(pair_offsets(self.window_size).as_slice(), device);
        self.attention_biases
            .val()
            .select(1, index)
            .reshape([1, self.num_heads, n, n])
    }
}

/// For each pair of tokens of a window, the index of their distance `(|Δy|, |Δx|)`.
///
/// The reference numbers the distances in the order in which a walk over all pairs meets them. The
/// first token meets each distance once, row by row, so that the number is `|Δy| * side + |Δx|`.
fn pair_offsets(side: usize) -> Vec<i32> {
    let tokens = || (0..side).flat_map(|y| (0..side).map(move |x| (y, x)));
    tokens()
        .flat_map(|(y0, x0)| {
            tokens().map(move |(y1, x1)| (y0.abs_diff(y1) * side + x0.abs_diff(x1)) as i32)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// The reference's own walk: a distance gets the next number when it is met for the first time.
    #[test]
    fn distances_are_numbered_as_in_the_reference() {
        for side in [1, 2, 7, 14] {
            let points: Vec<(usize, usize)> =
                (0..side * side).map(|i| (i / side, i % side)).collect();
            let mut numbers = HashMap::new();
            let mut expected = Vec::new();
            for p in &points {
                for q in &points {
                    let next = numbers.len() as i32;
                    let distance = (p.0.abs_diff(q.0), p.1.abs_diff(q.1));
                    expected.push(*numbers.entry(distance).or_insert(next));
                }
            }
            assert_eq!(pair_offsets(side), expected, "window of {side}");
            assert_eq!(numbers.len(), side * side, "window of {side}");
        }
    }
}

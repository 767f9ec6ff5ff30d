use burn::module::{Module, Param};
use burn::nn::{Initializer, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Device, Int, Tensor};

use crate::common::{EPSILON_LAYER_NORM, project};
use crate::ops::window_attention;

/// Multi-head attention within windows, with a learned bias for each distance between two tokens.
///
/// Source: `tiny_vit_sam.py`, class `Attention`.
#[derive(Module, Debug)]
pub struct Attention {
    /// LayerNorm over the channels, before `qkv`.
    pub norm: LayerNorm,
    /// `C` → `heads · 3 · D`: for each head its query, key and value next to each other.
    pub qkv: Linear,
    /// `heads · D` → `C`, after the attention.
    pub proj: Linear,
    /// The bias of each head for each distance `(|Δy|, |Δx|)`, `[heads, distances]`.
    pub attention_biases: Param<Tensor<2>>,
    /// Side of the window, in tokens.
    window_size: usize,
    num_heads: usize,
}

impl Attention {
    pub(super) fn new(dim: usize, num_heads: usize, window_size: usize, device: &Device) -> Self {
        let distances = window_size * window_size;
        Self {
            norm: LayerNormConfig::new(dim)
                .with_epsilon(EPSILON_LAYER_NORM)
                .init(device),
            qkv: LinearConfig::new(dim, 3 * dim).init(device),
            proj: LinearConfig::new(dim, dim).init(device),
            attention_biases: Initializer::Zeros.init([num_heads, distances], device),
            window_size,
            num_heads,
        }
    }

    /// Side of the windows, in tokens.
    pub(super) fn window_size(&self) -> usize {
        self.window_size
    }

    /// Shapes: `[B, H, W, C]` → `[B, H, W, C]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        // The reference pads before the LayerNorm: padding goes through it too.
        let project_qkv = |tokens| project(&self.qkv, self.norm.forward(tokens));
        let bias = self.bias(&x.device());
        let y = window_attention(x, project_qkv, bias, self.window_size);
        project(&self.proj, y)
    }

    /// The bias of each pair of tokens. Shape: `[1, heads, N, N]`.
    fn bias(&self, device: &Device) -> Tensor<4> {
        let n = self.window_size * self.window_size;
        let index = distance_indices(self.window_size);
        let index = Tensor::<1, Int>::from_data(index.as_slice(), device);
        self.attention_biases
            .val()
            .select(1, index)
            .reshape([1, self.num_heads, n, n])
    }
}

/// For each pair of tokens in a window, the index of their distance `(|Δy|, |Δx|)`.
///
/// The reference numbers distances in the order in which it first meets them in a loop over all pairs. The pairs of the
/// first token have every distance once, row by row, so the index is `|Δy| · side + |Δx|`.
fn distance_indices(side: usize) -> Vec<i32> {
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

    /// The reference's own loop: a distance gets the next number when it is first met.
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
            assert_eq!(distance_indices(side), expected, "window of {side}");
            assert_eq!(numbers.len(), side * side, "window of {side}");
        }
    }
}

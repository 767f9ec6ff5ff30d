use burn::module::{Module, Param};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::{Device, Int, Tensor};
use std::ops::Range;

use crate::common::project;
use crate::ops::softmax;

/// How many scores are computed at once: 64 MiB of f32. Each of the four buffers that attention needs for them stays below
/// 128 MiB, the binding limit of many GPUs. All scores of one global attention of ViT-B take 805 MB.
const MAX_SCORES: usize = 16 << 20;

/// Multi-head attention with relative positions, decomposed into a row and a column part.
///
/// Source: `image_encoder.py`, class `Attention`, `get_rel_pos` and `add_decomposed_rel_pos`.
#[derive(Module, Debug)]
pub struct Attention {
    /// `C` → `3 · heads · D`: all queries, all keys, all values.
    pub qkv: Linear,
    /// `heads · D` → `C`, after the attention.
    pub proj: Linear,
    /// Embedding of each distance between two rows, `[2 side − 1, D]`.
    pub rel_pos_h: Param<Tensor<2>>,
    /// Embedding of each distance between two columns, `[2 side − 1, D]`.
    pub rel_pos_w: Param<Tensor<2>>,
    num_heads: usize,
}

impl Attention {
    pub(super) fn new(dim: usize, num_heads: usize, side: usize, device: &Device) -> Self {
        let table = || Initializer::Zeros.init([2 * side - 1, dim / num_heads], device);
        Self {
            qkv: LinearConfig::new(dim, 3 * dim).init(device),
            proj: LinearConfig::new(dim, dim).init(device),
            rel_pos_h: table(),
            rel_pos_w: table(),
            num_heads,
        }
    }

    /// Shapes: `[B, H, W, C]` → `[B, H, W, C]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [_, h, _, _] = x.dims();
        self.attend(&self.split_heads(self.project_qkv(x)), 0..h)
    }

    /// Shapes: `[B, H, W, C]` → `[B, H, W, 3 · heads · D]`.
    pub(super) fn project_qkv(&self, x: Tensor<4>) -> Tensor<4> {
        project(&self.qkv, x)
    }

    /// The queries, keys and values of each head. Shape: `[B, H, W, 3 · heads · D]`.
    pub(super) fn split_heads(&self, qkv: Tensor<4>) -> Heads {
        let [b, h, w, channels] = qkv.dims();
        let (heads, head_dim) = (b * self.num_heads, channels / (3 * self.num_heads));
        let qkv = qkv
            .reshape([b, h * w, 3, self.num_heads, head_dim])
            .permute([2, 0, 3, 1, 4])
            .reshape([3, heads, h * w, head_dim]);
        let part = |i: usize| qkv.clone().narrow(0, i, 1).squeeze_dim::<3>(0);
        Heads {
            q: part(0),
            k: part(1).swap_dims(1, 2),
            v: part(2),
            grid: [b, h, w],
        }
    }

    /// Attends from some rows of queries to all keys. Shape: `[B, rows, W, C]`.
    // Differs from the reference: it takes some rows of queries at a time, see `MAX_SCORES`.
    pub(super) fn attend(&self, heads: &Heads, rows: Range<usize>) -> Tensor<4> {
        let Heads { q, k, v, grid } = heads;
        let ([b, h, w], [count, _, head_dim]) = (*grid, q.dims());
        let row_embeddings = distance_embeddings(&self.rel_pos_h, h);
        let column_embeddings = distance_embeddings(&self.rel_pos_w, w);
        let scale = (head_dim as f64).powf(-0.5);
        let at_once = rows_at_once(count, h, w);
        let attended = rows.clone().step_by(at_once).map(|first| {
            let count = at_once.min(rows.end - first);
            let q = q.clone().narrow(1, first * w, count * w);
            let position = relative_position(
                q.clone(),
                row_embeddings.clone().narrow(0, first, count),
                column_embeddings.clone(),
            );
            let scores = q.mul_scalar(scale).matmul(k.clone()) + position;
            softmax(scores).matmul(v.clone())
        });
        let y = Tensor::cat(attended.collect(), 1)
            .reshape([b, self.num_heads, rows.len() * w, head_dim])
            .swap_dims(1, 2)
            .reshape([b, rows.len(), w, self.num_heads * head_dim]);
        project(&self.proj, y)
    }
}

/// What attention needs of a grid: queries `[heads, H · W, D]`, keys `[heads, D, H · W]`, values `[heads, H · W, D]`,
/// where `heads` counts those of all images.
pub(super) struct Heads {
    q: Tensor<3>,
    k: Tensor<3>,
    v: Tensor<3>,
    /// `[B, H, W]`.
    grid: [usize; 3],
}

/// How many rows of queries to take at once, so that their scores are at most `MAX_SCORES`.
fn rows_at_once(heads: usize, h: usize, w: usize) -> usize {
    (MAX_SCORES / (heads * w * h * w)).clamp(1, h)
}

/// The term that relative positions add to the scores of some rows of queries.
///
/// Shapes: queries `[heads, rows · W, D]`, embeddings of the distances between rows `[rows, D, H]` and between columns
/// `[W, D, W]` → `[heads, rows · W, H · W]`.
fn relative_position(q: Tensor<3>, by_row: Tensor<3>, by_column: Tensor<3>) -> Tensor<3> {
    let [heads, _, dim] = q.dims();
    let ([rows, _, h], [w, _, _]) = (by_row.dims(), by_column.dims());
    let q = q.reshape([heads, rows, w, dim]);
    let of_rows = q
        .clone()
        .permute([1, 0, 2, 3])
        .reshape([rows, heads * w, dim])
        .matmul(by_row)
        .reshape([rows, heads, w, h])
        .permute([1, 0, 2, 3])
        .reshape([heads, rows, w, h, 1]);
    let of_columns = q
        .permute([2, 0, 1, 3])
        .reshape([w, heads * rows, dim])
        .matmul(by_column)
        .reshape([w, heads, rows, w])
        .permute([1, 2, 0, 3])
        .reshape([heads, rows, w, 1, w]);
    (of_rows + of_columns).reshape([heads, rows * w, h * w])
}

/// The embedding of the distance between each query and each key along an axis of `side` tokens.
///
/// Shapes: `[2 side − 1, D]` → `[side, D, side]`.
// Differs from the reference: the table is not interpolated; a checkpoint's must have the right size.
fn distance_embeddings(table: &Param<Tensor<2>>, side: usize) -> Tensor<3> {
    let table = table.val();
    let [_, dim] = table.dims();
    let index: Vec<i32> = (0..side)
        .flat_map(|query| (0..side).map(move |key| (query + side - 1 - key) as i32))
        .collect();
    let index = Tensor::<1, Int>::from_data(index.as_slice(), &table.device());
    table
        .select(0, index)
        .reshape([side, side, dim])
        .swap_dims(1, 2)
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;

    #[test]
    fn the_scores_of_no_model_exceed_what_many_gpus_bind() {
        const BINDING: usize = 128 << 20;
        for (heads, windows) in [(12, 25), (16, 25)] {
            for (heads, side) in [(heads, 64), (heads * windows, 14)] {
                let rows = rows_at_once(heads, side, side);
                let bytes = 4 * heads * rows * side * side * side;
                assert!(bytes <= BINDING / 2, "{heads} heads, {side}²: {bytes}");
            }
        }
        // No more portions than that needs.
        assert_eq!(rows_at_once(12, 64, 64), 5);
        assert_eq!(rows_at_once(12 * 25, 14, 14), 14);
    }

    #[test]
    fn a_distance_is_the_querys_position_less_the_keys() {
        let device = Device::flex();
        let table = Tensor::<1, Int>::arange(0..5, &device).float();
        let table = Param::from_tensor(table.reshape([5, 1]));
        // Entry 2 is distance 0. The second and the third of three positions are queries.
        let found = distance_embeddings(&table, 3).narrow(0, 1, 2).into_data();
        let found = found.try_to_vec::<f32>().unwrap();
        assert_eq!(found, [3.0, 2.0, 1.0, 4.0, 3.0, 2.0]);
    }
}

//! How a map is divided into windows, and its channels into heads and into queries, keys and values.

use burn::tensor::TensorData;

use crate::ops::flex::microkernel::{COLUMNS, UNROLL};
use crate::ops::flex::values;

/// How a map is divided into windows and its channels into heads.
pub(super) struct Windows<'a> {
    /// Height and width of the map, in tokens.
    pub map: [usize; 2],
    /// Side of a window, in tokens.
    pub side: usize,
    pub heads: usize,
    pub head_dim: usize,
    /// The query, key and value of a token outside the map.
    pub padding: &'a [f32],
}

/// A part of a head's channels.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Query,
    Key,
    Value,
}

impl Windows<'_> {
    /// `N`, the tokens of a window.
    pub fn n(&self) -> usize {
        self.side * self.side
    }

    /// Columns of a head's score matrix: `N`, padded to whole panels of keys.
    pub fn columns(&self) -> usize {
        self.n().next_multiple_of(COLUMNS)
    }

    /// Depth of a panel of values: `N`, padded to what a micro-kernel unrolls.
    pub fn value_depth(&self) -> usize {
        self.n().next_multiple_of(UNROLL)
    }

    /// Size of a head's score matrix.
    pub fn scores(&self) -> usize {
        self.n() * self.columns()
    }

    /// `[1, heads, N, N]` → `[heads, N, columns]`. −∞ in the added columns keeps their weights at zero.
    pub fn pad_bias(&self, bias: &TensorData) -> Vec<f32> {
        let mut padded = vec![f32::NEG_INFINITY; self.heads * self.scores()];
        let rows = values(bias).chunks_exact(self.n());
        for (padded, row) in padded.chunks_exact_mut(self.columns()).zip(rows) {
            padded[..row.len()].copy_from_slice(row);
        }
        padded
    }

    /// The query, key or value of a head in the token at `place`, or in the padding.
    pub fn part<'a>(
        &'a self,
        image: &'a [f32],
        place: Option<usize>,
        head: usize,
        part: Part,
    ) -> &'a [f32] {
        let channels = self.padding.len();
        let token = place.map_or(self.padding, |place| &image[place * channels..]);
        &token[(3 * head + part as usize) * self.head_dim..][..self.head_dim]
    }
}

//! The attention of one head in one window.

use super::windows::{Part, Windows};
use crate::ops::flex::LANES;
use crate::ops::flex::blocks::vectorised;
use crate::ops::flex::exponential::exp_in_place;
use crate::ops::flex::microkernel::{
    COLUMNS, MicroKernel, ROWS, Strided, add_product, fastest_or_portable,
};
use crate::ops::flex::softmax::max;

/// Buffers for one head of one window, reused for all of them.
pub(super) struct Scratch {
    kernel: MicroKernel,
    /// Index in the map of the first token in this row of windows.
    first: usize,
    /// For each token of the window, its index in the map; `None` in the padding.
    tokens: Vec<Option<usize>>,
    /// Indices in `tokens` of those inside the map: they have queries.
    inside: Vec<usize>,
    /// `[inside, D]`, scaled by 1 / √D.
    queries: Vec<f32>,
    /// Panels of [`COLUMNS`] keys, `[columns / COLUMNS, D]`.
    keys: Vec<[f32; COLUMNS]>,
    /// Panels of [`COLUMNS`] channels, `[D / COLUMNS, value_depth]`, padded with zeros.
    values: Vec<[f32; COLUMNS]>,
    /// `[inside, columns]`: the scores, then their exponentials.
    scores: Vec<f32>,
    /// For each row of `scores`, 1 / its sum.
    factors: Vec<f32>,
    /// `[inside, D]`: the sums of the values, weighted by the exponentials.
    sums: Vec<f32>,
}

impl Scratch {
    pub fn new(windows: &Windows<'_>) -> Self {
        let (rows, dim) = (windows.n().next_multiple_of(ROWS), windows.head_dim);
        Self {
            kernel: fastest_or_portable(),
            first: 0,
            tokens: Vec::with_capacity(windows.n()),
            inside: Vec::with_capacity(windows.n()),
            queries: vec![0.0; rows * dim],
            keys: vec![[0.0; COLUMNS]; windows.columns() / COLUMNS * dim],
            values: vec![[0.0; COLUMNS]; dim / COLUMNS * windows.value_depth()],
            scores: vec![0.0; rows * windows.columns()],
            factors: Vec::with_capacity(windows.n()),
            sums: vec![0.0; rows * dim],
        }
    }

    /// Finds the tokens of the window whose top left token is given.
    pub fn enter_window(&mut self, windows: &Windows<'_>, [top, left]: [usize; 2]) {
        let [height, width] = windows.map;
        self.first = top * width;
        self.tokens.clear();
        self.tokens.extend((0..windows.n()).map(|i| {
            let (y, x) = (top + i / windows.side, left + i % windows.side);
            (y < height && x < width).then_some(y * width + x)
        }));
        let inside = (0..windows.n()).filter(|i| self.tokens[*i].is_some());
        self.inside.clear();
        self.inside.extend(inside);
    }

    /// Writes the results of one head to `attended`, the part of the map that this row of windows covers.
    pub fn attend(
        &mut self,
        windows: &Windows<'_>,
        head: usize,
        image: &[f32],
        bias: &[f32],
        attended: &mut [f32],
    ) {
        self.pack(windows, head, image);
        self.compute_scores(windows, bias);
        self.sum_values(windows);
        let dim = windows.head_dim;
        let places = self.inside.iter().filter_map(|token| self.tokens[*token]);
        let results = self.sums.chunks_exact(dim).zip(&self.factors).zip(places);
        for ((sums, factor), place) in results {
            let place = place - self.first;
            let to = &mut attended[(place * windows.heads + head) * dim..][..dim];
            for (to, sum) in to.iter_mut().zip(sums) {
                *to = sum * factor;
            }
        }
    }

    /// Scales the queries, and packs keys and values into panels.
    fn pack(&mut self, windows: &Windows<'_>, head: usize, image: &[f32]) {
        let dim = windows.head_dim;
        let scale = (dim as f32).sqrt().recip();
        for (query, token) in self.queries.chunks_exact_mut(dim).zip(&self.inside) {
            let part = windows.part(image, self.tokens[*token], head, Part::Query);
            for (query, value) in query.iter_mut().zip(part) {
                *query = value * scale;
            }
        }
        for (i, token) in self.tokens.iter().enumerate() {
            let keys = &mut self.keys[i / COLUMNS * dim..];
            let key = windows.part(image, *token, head, Part::Key);
            for (column, value) in keys.iter_mut().zip(key) {
                column[i % COLUMNS] = *value;
            }
            let (value, _) = windows.part(image, *token, head, Part::Value).as_chunks();
            for (panel, value) in value.iter().enumerate() {
                self.values[panel * windows.value_depth() + i] = *value;
            }
        }
    }

    /// `exp(q · kᵀ + bias − max)` for each row, and 1 / its sum.
    fn compute_scores(&mut self, windows: &Windows<'_>, bias: &[f32]) {
        let (dim, columns) = (windows.head_dim, windows.columns());
        let rows = self.inside.len().next_multiple_of(ROWS);
        for (scores, token) in self.scores.chunks_exact_mut(columns).zip(&self.inside) {
            scores.copy_from_slice(&bias[token * columns..][..columns]);
        }
        for (i, keys) in self.keys.chunks_exact(dim).enumerate() {
            let queries = Strided {
                data: self.queries.as_slice(),
                stride: dim,
            };
            let scores = Strided {
                data: &mut self.scores[i * COLUMNS..],
                stride: columns,
            };
            add_product(self.kernel, queries, keys, scores, rows);
        }
        let used = windows.n().next_multiple_of(LANES);
        let rows = self.scores.chunks_exact_mut(columns);
        let rows = rows.take(self.inside.len());
        vectorised(|| {
            self.factors.clear();
            self.factors
                .extend(rows.map(|scores| exponentials(&mut scores[..used])));
        });
    }

    /// The sums of the values, weighted by the exponentials.
    fn sum_values(&mut self, windows: &Windows<'_>) {
        let (dim, columns) = (windows.head_dim, windows.columns());
        let rows = self.inside.len().next_multiple_of(ROWS);
        self.sums[..rows * dim].fill(0.0);
        let panels = self.values.chunks_exact(windows.value_depth());
        for (i, values) in panels.enumerate() {
            let weights = Strided {
                data: self.scores.as_slice(),
                stride: columns,
            };
            let sums = Strided {
                data: &mut self.sums[i * COLUMNS..],
                stride: dim,
            };
            add_product(self.kernel, weights, values, sums, rows);
        }
    }
}

/// Replaces scores by their exponentials, relative to the largest, and returns 1 / their sum.
#[inline(always)]
fn exponentials(scores: &mut [f32]) -> f32 {
    let max = max(scores);
    let (vectors, _) = scores.as_chunks_mut::<LANES>();
    exp_in_place(vectors, max).iter().sum::<f32>().recip()
}

//! Multi-head attention within the windows of a map.
//!
//! `softmax(q · kᵀ / √D + bias) · v`, for one head of one window at a time. Windows are not cut out of the map: each
//! token is read at its place and its result is written to its place. A window that reaches beyond the map's edge has
//! a padding token there, which serves as key and value; its own results are not computed.

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use burn::tensor::TensorData;

use super::blocks::{in_blocks, vectorised};
use super::exponential::exp_in_place;
use super::microkernel::{
    COLUMNS, MicroKernel, ROWS, Strided, UNROLL, add_product, fastest_or_portable,
};
use super::softmax::max;
use super::{LANES, tensor, values};

/// [`SamOps::window_attention`](crate::ops::backend::SamOps::window_attention), where `D` is a multiple of [`COLUMNS`].
///
/// Shapes: `qkv` `[B, H, W, heads · 3 · D]`, `padding` `[heads · 3 · D]`, `bias` `[1, heads, N, N]` with `N` = `side`²
/// → `[B, H, W, heads · D]`.
pub(super) fn window_attention(
    qkv: FlexTensor,
    padding: FlexTensor,
    bias: FlexTensor,
    side: usize,
) -> FlexTensor {
    let [batch, height, width, channels] = qkv.shape().dims();
    let [_, heads, _, _] = bias.shape().dims::<4>();
    let shape = [batch, height, width, channels / 3];
    let (qkv, padding) = (qkv.into_data(), padding.into_data());
    let windows = Windows {
        map: [height, width],
        side,
        heads,
        head_dim: channels / (3 * heads),
        padding: values(&padding),
    };
    let bias = windows.pad_bias(&bias.into_data());
    let mut attended = vec![0.0; shape.iter().product()];
    for (image, attended) in values(&qkv)
        .chunks_exact(height * width * channels)
        .zip(attended.chunks_exact_mut(height * width * channels / 3))
    {
        // One block is the part of the map that a row of windows covers.
        in_blocks(attended, side * width * channels / 3, |band, attended| {
            let mut scratch = Scratch::new(&windows);
            for left in (0..width).step_by(side) {
                scratch.enter_window(&windows, [band * side, left]);
                for head in 0..heads {
                    let bias = &bias[head * windows.scores()..];
                    scratch.attend(&windows, head, image, bias, attended);
                }
            }
        });
    }
    tensor(attended, shape)
}

/// How a map is divided into windows and its channels into heads.
struct Windows<'a> {
    /// Height and width of the map, in tokens.
    map: [usize; 2],
    /// Side of a window, in tokens.
    side: usize,
    heads: usize,
    head_dim: usize,
    /// The query, key and value of a token outside the map.
    padding: &'a [f32],
}

/// A part of a head's channels.
#[derive(Clone, Copy)]
enum Part {
    Query,
    Key,
    Value,
}

impl Windows<'_> {
    /// `N`, the tokens of a window.
    fn n(&self) -> usize {
        self.side * self.side
    }

    /// Columns of a head's score matrix: `N`, padded to whole panels of keys.
    fn columns(&self) -> usize {
        self.n().next_multiple_of(COLUMNS)
    }

    /// Depth of a panel of values: `N`, padded to what a micro-kernel unrolls.
    fn value_depth(&self) -> usize {
        self.n().next_multiple_of(UNROLL)
    }

    /// Size of a head's score matrix.
    fn scores(&self) -> usize {
        self.n() * self.columns()
    }

    /// `[1, heads, N, N]` → `[heads, N, columns]`. −∞ in the added columns keeps their weights at zero.
    fn pad_bias(&self, bias: &TensorData) -> Vec<f32> {
        let mut padded = vec![f32::NEG_INFINITY; self.heads * self.scores()];
        let rows = values(bias).chunks_exact(self.n());
        for (padded, row) in padded.chunks_exact_mut(self.columns()).zip(rows) {
            padded[..row.len()].copy_from_slice(row);
        }
        padded
    }

    /// The query, key or value of a head in the token at `place`, or in the padding.
    fn part<'a>(
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

/// Buffers for one head of one window, reused for all of them.
struct Scratch {
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
    fn new(windows: &Windows<'_>) -> Self {
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
    fn enter_window(&mut self, windows: &Windows<'_>, [top, left]: [usize; 2]) {
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
    fn attend(
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

#[cfg(test)]
mod tests {
    use crate::ops::backend::{OptionalTensor, SamOps};
    use crate::ops::{partition, unpartition};
    use burn::backend::{Dispatch, Flex};
    use burn::tensor::module::attention;
    use burn::tensor::ops::AttentionModuleOptions;
    use burn::tensor::{Device, Distribution, Tensor, Tolerance};

    /// Windows of 7 and of 14 tokens a side that fill the map and that do not, and a map smaller than its window; by
    /// the kernel and by the portable form.
    #[test]
    fn it_is_the_attention_of_burn() {
        let device = Device::flex();
        for ([batch, height, width], side, heads, dim) in [
            ([2, 14, 9], 7, 4, 32),
            ([1, 15, 14], 14, 5, 32),
            ([1, 4, 4], 4, 1, 16),
            ([1, 1, 2], 3, 2, 16),
        ] {
            let normal = Distribution::Normal(0.0, 1.0);
            let shape = [batch, height, width, heads * 3 * dim];
            let qkv = Tensor::<4>::random(shape, normal, &device);
            let padding = Tensor::<1>::random([heads * 3 * dim], normal, &device);
            let n = side * side;
            let bias = Tensor::<4>::random([1, heads, n, n], normal, &device);

            let whole = [height, width].map(|length: usize| length.next_multiple_of(side));
            let whole = [batch, whole[0], whole[1], heads * 3 * dim];
            let inside = [0..batch, 0..height, 0..width, 0..heads * 3 * dim];
            let padded = padding.clone().reshape([1, 1, 1, heads * 3 * dim]);
            let padded = padded.expand(whole).slice_assign(inside, qkv.clone());
            let windows = partition(padded, side);
            let windows_count = windows.dims()[0];
            let part = |i: usize| {
                windows
                    .clone()
                    .reshape([windows_count, n, heads, 3 * dim])
                    .narrow(3, i * dim, dim)
                    .swap_dims(1, 2)
            };
            let options = AttentionModuleOptions::default();
            let expected = attention(part(0), part(1), part(2), None, Some(bias.clone()), options)
                .swap_dims(1, 2)
                .reshape([windows_count, n, heads * dim]);
            let expected = unpartition(expected, side, [batch, height, width]).into_data();

            let flex = |x: Tensor<4>| x.try_into_primitive::<Flex>().unwrap();
            let portable = crate::ops::portable::window_attention::<Flex>(
                flex(qkv.clone()),
                Some(padding.clone().try_into_primitive::<Flex>().unwrap()),
                flex(bias.clone()),
                side,
            );
            let kernel = <Dispatch as SamOps>::window_attention(
                qkv.into_dispatch(),
                OptionalTensor::from(Some(padding)),
                bias.into_dispatch(),
                side,
            );
            for found in [
                Tensor::<4>::from_primitive::<Flex>(portable),
                Tensor::from_dispatch(kernel),
            ] {
                found
                    .into_data()
                    .assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-5));
            }
        }
    }
}

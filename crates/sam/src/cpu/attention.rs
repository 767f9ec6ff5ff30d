use burn::tensor::{Tensor, TensorData};

use super::blocks::{in_blocks, vectorised};
use super::exponential::exp_in_place;
use super::softmax::largest;
use super::tile::{COLUMNS, ROWS, STEPS, Tile, add_tiles, best};
use super::{LANES, tensor, values};

/// Multi-head attention within the windows of a map, with a bias for each pair of tokens.
///
/// Windows are not cut out of the map: each token is read where it stands, and its result written there. Beyond
/// the map's edge a window holds `padding`, which takes part as keys and values; its results are not computed.
///
/// Shapes: `qkv` `[B, H, W, heads · 3 · D]`, each head's query, key and value beside one another, with `D` a
/// multiple of 16; `padding` `[heads · 3 · D]`; `bias` `[1, heads, N, N]`, `N` = `side`² → `[B, H, W, heads · D]`.
pub(crate) fn window_attention(
    qkv: Tensor<4>,
    padding: Tensor<1>,
    bias: Tensor<4>,
    side: usize,
) -> Tensor<4> {
    let [batch, height, width, channels] = qkv.dims();
    let heads = bias.dims()[1];
    let shape = [batch, height, width, channels / 3];
    let (qkv, padding) = (qkv.into_data(), padding.into_data());
    let windows = Windows {
        map: [height, width],
        side,
        heads,
        head_dim: channels / (3 * heads),
        padding: values(&padding),
    };
    let bias = windows.whole_tiles(&bias.into_data());
    let mut attended = vec![0.0; shape.iter().product()];
    for (image, attended) in values(&qkv)
        .chunks_exact(height * width * channels)
        .zip(attended.chunks_exact_mut(height * width * channels / 3))
    {
        // Of the rows that a row of windows covers.
        in_blocks(attended, side * width * channels / 3, |band, attended| {
            let mut room = Room::new(&windows);
            for left in (0..width).step_by(side) {
                room.find_tokens(&windows, [band * side, left]);
                for head in 0..heads {
                    let bias = &bias[head * windows.scores()..];
                    room.attend(&windows, head, image, bias, attended);
                }
            }
        });
    }
    tensor(attended, shape)
}

struct Windows<'a> {
    /// Height and width, in tokens.
    map: [usize; 2],
    /// Of a window, in tokens.
    side: usize,
    heads: usize,
    head_dim: usize,
    /// A token outside the map.
    padding: &'a [f32],
}

impl Windows<'_> {
    /// Tokens of a window.
    fn n(&self) -> usize {
        self.side * self.side
    }

    /// Scores in a row: whole tiles.
    fn columns(&self) -> usize {
        self.n().next_multiple_of(COLUMNS)
    }

    /// Tokens of a panel of values: whole steps of a tile.
    fn steps(&self) -> usize {
        self.n().next_multiple_of(STEPS)
    }

    /// Scores of a head.
    fn scores(&self) -> usize {
        self.n() * self.columns()
    }

    /// `[1, heads, N, N]` → `[heads, N, columns]`: no attention to what is no token.
    fn whole_tiles(&self, bias: &TensorData) -> Vec<f32> {
        let mut whole = vec![f32::NEG_INFINITY; self.heads * self.scores()];
        let rows = values(bias).chunks_exact(self.n());
        for (whole, row) in whole.chunks_exact_mut(self.columns()).zip(rows) {
            whole[..row.len()].copy_from_slice(row);
        }
        whole
    }

    /// The query (0), key (1) or value (2) of a head in a token.
    fn part<'a>(
        &'a self,
        image: &'a [f32],
        place: Option<usize>,
        head: usize,
        i: usize,
    ) -> &'a [f32] {
        let channels = self.padding.len();
        let token = place.map_or(self.padding, |place| &image[place * channels..]);
        &token[(3 * head + i) * self.head_dim..][..self.head_dim]
    }
}

/// For one head of one window; used again and again.
struct Room {
    tile: Tile,
    /// Where in the map the row of windows begins.
    first: usize,
    /// Where each token of the window is in the map.
    tokens: Vec<Option<usize>>,
    /// Which of them are in the map: those that ask.
    inside: Vec<usize>,
    /// `[inside, D]`, scaled.
    queries: Vec<f32>,
    /// Panels of sixteen keys, `[columns / 16, D]`.
    keys: Vec<[f32; COLUMNS]>,
    /// Panels of sixteen channels, `[D / 16, steps]`, filled up with zeros.
    values: Vec<[f32; COLUMNS]>,
    /// `[inside, columns]`, then their weights.
    scores: Vec<f32>,
    /// What each row of weights has to be multiplied by, so that its sum is 1.
    factors: Vec<f32>,
    /// `[inside, D]`.
    sums: Vec<f32>,
}

impl Room {
    fn new(windows: &Windows<'_>) -> Self {
        let (rows, dim) = (windows.n().next_multiple_of(ROWS), windows.head_dim);
        Self {
            tile: best(),
            first: 0,
            tokens: Vec::with_capacity(windows.n()),
            inside: Vec::with_capacity(windows.n()),
            queries: vec![0.0; rows * dim],
            keys: vec![[0.0; COLUMNS]; windows.columns() / COLUMNS * dim],
            values: vec![[0.0; COLUMNS]; dim / COLUMNS * windows.steps()],
            scores: vec![0.0; rows * windows.columns()],
            factors: Vec::with_capacity(windows.n()),
            sums: vec![0.0; rows * dim],
        }
    }

    fn find_tokens(&mut self, windows: &Windows<'_>, [top, left]: [usize; 2]) {
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

    /// `attended` is of the row of windows alone.
    fn attend(
        &mut self,
        windows: &Windows<'_>,
        head: usize,
        image: &[f32],
        bias: &[f32],
        attended: &mut [f32],
    ) {
        self.load(windows, head, image);
        self.score(windows, bias);
        self.weigh(windows);
        let dim = windows.head_dim;
        let places = self.inside.iter().filter_map(|token| self.tokens[*token]);
        let found = self.sums.chunks_exact(dim).zip(&self.factors).zip(places);
        for ((sums, factor), place) in found {
            let place = place - self.first;
            let to = &mut attended[(place * windows.heads + head) * dim..][..dim];
            for (to, sum) in to.iter_mut().zip(sums) {
                *to = sum * factor;
            }
        }
    }

    /// The queries' products with the keys, and the bias; then their exponentials.
    fn score(&mut self, windows: &Windows<'_>, bias: &[f32]) {
        let (dim, columns) = (windows.head_dim, windows.columns());
        let rows = self.inside.len().next_multiple_of(ROWS);
        for (scores, token) in self.scores.chunks_exact_mut(columns).zip(&self.inside) {
            scores.copy_from_slice(&bias[token * columns..][..columns]);
        }
        for (i, keys) in self.keys.chunks_exact(dim).enumerate() {
            let scores = &mut self.scores[i * COLUMNS..];
            add_tiles(
                self.tile,
                (&self.queries, dim),
                keys,
                (scores, columns),
                rows,
            );
        }
        let used = windows.n().next_multiple_of(LANES);
        let asking = self
            .scores
            .chunks_exact_mut(columns)
            .take(self.inside.len());
        vectorised(|| {
            self.factors.clear();
            self.factors
                .extend(asking.map(|scores| exponentials(&mut scores[..used])));
        });
    }

    /// The sums of the values by their weights.
    fn weigh(&mut self, windows: &Windows<'_>) {
        let (dim, columns) = (windows.head_dim, windows.columns());
        let rows = self.inside.len().next_multiple_of(ROWS);
        self.sums[..rows * dim].fill(0.0);
        for (i, values) in self.values.chunks_exact(windows.steps()).enumerate() {
            let sums = &mut self.sums[i * COLUMNS..];
            add_tiles(
                self.tile,
                (&self.scores, columns),
                values,
                (sums, dim),
                rows,
            );
        }
    }

    fn load(&mut self, windows: &Windows<'_>, head: usize, image: &[f32]) {
        let dim = windows.head_dim;
        let factor = (dim as f32).sqrt().recip();
        for (query, token) in self.queries.chunks_exact_mut(dim).zip(&self.inside) {
            let part = windows.part(image, self.tokens[*token], head, 0);
            for (query, value) in query.iter_mut().zip(part) {
                *query = value * factor;
            }
        }
        for (i, token) in self.tokens.iter().enumerate() {
            let keys = &mut self.keys[i / COLUMNS * dim..];
            let key = windows.part(image, *token, head, 1);
            for (column, value) in keys.iter_mut().zip(key) {
                column[i % COLUMNS] = *value;
            }
            let (value, _) = windows.part(image, *token, head, 2).as_chunks();
            for (panel, value) in value.iter().enumerate() {
                self.values[panel * windows.steps() + i] = *value;
            }
        }
    }
}

/// Scores become their exponentials; returns what they have to be multiplied by, so that their sum is 1.
#[inline(always)]
fn exponentials(scores: &mut [f32]) -> f32 {
    let most = largest(scores);
    let (vectors, _) = scores.as_chunks_mut::<LANES>();
    exp_in_place(vectors, most).iter().sum::<f32>().recip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image_encoder::windows::{partition, unpartition};
    use burn::tensor::module::attention;
    use burn::tensor::ops::AttentionModuleOptions;
    use burn::tensor::{Device, Distribution, Tolerance};

    /// Windows of 7 and of 14 tokens a side that fill the map and that do not, and a map smaller than its window.
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
            let expected = unpartition(expected, side, [batch, height, width]);
            window_attention(qkv, padding, bias, side)
                .into_data()
                .assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-5));
        }
    }
}

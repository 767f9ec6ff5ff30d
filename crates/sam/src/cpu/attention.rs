use burn::tensor::Tensor;
use wide::f32x8;

use super::{LANES, tensor, values};

/// Sums that stay in registers: of so many keys, or of so many queries.
const ROWS: usize = 4;

/// Multi-head attention within windows, with a bias for each pair of tokens that is the same both ways.
///
/// Eight queries are computed at once. A window is small, and all its scores for them fit into the first cache,
/// so that the softmax needs no second look; and its exponential is a polynomial, where Flex calls libm's.
///
/// Shapes: `qkv` `[windows, N, heads · 3 · D]`, each head's query, key and value beside one another, with `D` a
/// multiple of 8; `bias` `[1, heads, N, N]`, symmetric → `[windows, N, heads · D]`.
pub(crate) fn window_attention(qkv: Tensor<3>, bias: Tensor<4>) -> Tensor<3> {
    let [windows, n, width] = qkv.dims();
    let heads = bias.dims()[1];
    let window = Window {
        n,
        heads,
        head_dim: width / (3 * heads),
    };
    let (qkv, bias) = (qkv.into_data(), bias.into_data());
    let bias = padded(values(&bias), n);
    let mut attended = vec![0.0; windows * n * window.width()];
    let mut room = Room {
        queries: vec![[0.0; LANES]; window.head_dim],
        scores: vec![[0.0; LANES]; n],
    };
    for (qkv, attended) in values(&qkv)
        .chunks_exact(n * width)
        .zip(attended.chunks_exact_mut(n * window.width()))
    {
        window.attend(qkv, &bias, attended, &mut room);
    }
    tensor(attended, [windows, n, window.width()])
}

struct Window {
    /// Tokens.
    n: usize,
    heads: usize,
    head_dim: usize,
}

/// For eight queries of one head; used again and again.
struct Room {
    /// `[D]`, scaled.
    queries: Vec<[f32; LANES]>,
    /// `[N]`, then their weights.
    scores: Vec<[f32; LANES]>,
}

impl Window {
    /// Channels of all heads.
    fn width(&self) -> usize {
        self.heads * self.head_dim
    }

    fn attend(&self, qkv: &[f32], bias: &[[f32; LANES]], attended: &mut [f32], room: &mut Room) {
        let blocks = self.n.div_ceil(LANES);
        for head in 0..self.heads {
            let bias = &bias[head * self.n * blocks..][..self.n * blocks];
            for block in 0..blocks {
                self.load_queries(&qkv[block * LANES * 3 * self.width()..], head, room);
                let keys = &qkv[(3 * head + 1) * self.head_dim..];
                score(&room.queries, keys, 3 * self.width(), &mut room.scores);
                let bias = bias.iter().skip(block).step_by(blocks);
                let factors = f32x8::ONE / exponentials(&mut room.scores, bias);
                let values = &qkv[(3 * head + 2) * self.head_dim..];
                let attended = &mut attended[block * LANES * self.width() + head * self.head_dim..];
                self.weigh(&room.scores, factors.to_array(), values, attended);
            }
        }
    }

    /// Of the last block's queries, those that are missing stay what they were: nobody reads their results.
    fn load_queries(&self, tokens: &[f32], head: usize, room: &mut Room) {
        let factor = (self.head_dim as f32).sqrt().recip();
        let tokens = tokens.chunks_exact(3 * self.width()).take(LANES);
        for (lane, token) in tokens.enumerate() {
            let query = &token[3 * head * self.head_dim..][..self.head_dim];
            for (lanes, value) in room.queries.iter_mut().zip(query) {
                lanes[lane] = value * factor;
            }
        }
    }

    /// The weighted sums of the values, eight channels at a time.
    fn weigh(
        &self,
        weights: &[[f32; LANES]],
        factors: [f32; LANES],
        values: &[f32],
        attended: &mut [f32],
    ) {
        for channel in (0..self.head_dim).step_by(LANES) {
            let sums = weighted(weights, &values[channel..], 3 * self.width());
            let tokens = attended.chunks_mut(self.width());
            for ((token, sum), factor) in tokens.zip(sums).zip(factors) {
                let sum = sum * f32x8::splat(factor);
                token[channel..][..LANES].copy_from_slice(&sum.to_array());
            }
        }
    }
}

/// Each row of pairs filled up to whole vectors: `[heads, N, N]` → `[heads, N, ⌈N/8⌉][8]`.
fn padded(bias: &[f32], n: usize) -> Vec<[f32; LANES]> {
    let parts = bias.chunks_exact(n).flat_map(|row| row.chunks(LANES));
    parts
        .map(|part| std::array::from_fn(|lane| part.get(lane).copied().unwrap_or_default()))
        .collect()
}

/// The products of eight queries with each key; from one key to the next there are `token` values.
fn score(queries: &[[f32; LANES]], keys: &[f32], token: usize, scores: &mut [[f32; LANES]]) {
    let dim = queries.len();
    let (blocks, rest) = scores.as_chunks_mut::<ROWS>();
    let done = blocks.len() * ROWS;
    for (block, scores) in blocks.iter_mut().enumerate() {
        let keys: [&[f32]; ROWS] =
            std::array::from_fn(|row| &keys[(block * ROWS + row) * token..][..dim]);
        let mut sums = [f32x8::ZERO; ROWS];
        for (d, query) in queries.iter().enumerate() {
            let query = f32x8::new(*query);
            for row in 0..ROWS {
                sums[row] = query.mul_add(f32x8::splat(keys[row][d]), sums[row]);
            }
        }
        *scores = sums.map(f32x8::to_array);
    }
    for (scores, key) in rest.iter_mut().zip(keys.chunks(token).skip(done)) {
        let products = queries
            .iter()
            .zip(key)
            .map(|(query, key)| f32x8::new(*query) * f32x8::splat(*key));
        *scores = products.fold(f32x8::ZERO, |sum, one| sum + one).to_array();
    }
}

/// `exp(score + bias - the largest of them)`, and the sums, which the softmax divides by.
fn exponentials<'a>(
    scores: &mut [[f32; LANES]],
    bias: impl Iterator<Item = &'a [f32; LANES]>,
) -> f32x8 {
    let mut most = f32x8::splat(f32::NEG_INFINITY);
    for (score, bias) in scores.iter_mut().zip(bias) {
        let biased = f32x8::new(*score) + f32x8::new(*bias);
        most = most.max(biased);
        *score = biased.to_array();
    }
    let mut sum = f32x8::ZERO;
    for score in scores {
        let weight = (f32x8::new(*score) - most).exp();
        sum += weight;
        *score = weight.to_array();
    }
    sum
}

/// For each of eight queries the weighted sum of eight channels; from one token to the next there are `token` values.
fn weighted(weights: &[[f32; LANES]], values: &[f32], token: usize) -> [f32x8; LANES] {
    let mut sums = [f32x8::ZERO; LANES];
    // All eight at once need more registers than there are.
    for first in [0, ROWS] {
        let mut some = [f32x8::ZERO; ROWS];
        for (weights, values) in weights.iter().zip(values.chunks(token)) {
            let Some(values) = values.first_chunk() else {
                break;
            };
            let values = f32x8::new(*values);
            for row in 0..ROWS {
                some[row] = values.mul_add(f32x8::splat(weights[first + row]), some[row]);
            }
        }
        sums[first..first + ROWS].copy_from_slice(&some);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::module::attention;
    use burn::tensor::ops::AttentionModuleOptions;
    use burn::tensor::{Device, Distribution, Tolerance};

    /// Windows of 7 and of 14 tokens a side, one that fills its vectors, and less than a vector.
    #[test]
    fn it_is_the_attention_of_burn() {
        let device = Device::flex();
        for (windows, n, heads, dim) in [
            (3, 49, 4, 32),
            (1, 196, 5, 32),
            (2, 16, 1, 8),
            (2, 5, 2, 16),
        ] {
            let qkv = Tensor::<3>::random(
                [windows, n, heads * 3 * dim],
                Distribution::Normal(0.0, 1.0),
                &device,
            );
            let bias =
                Tensor::<4>::random([1, heads, n, n], Distribution::Normal(0.0, 1.0), &device);
            let bias = bias.clone() + bias.swap_dims(2, 3);
            let part = |i: usize| {
                qkv.clone()
                    .reshape([windows, n, heads, 3 * dim])
                    .narrow(3, i * dim, dim)
                    .swap_dims(1, 2)
            };
            let options = AttentionModuleOptions::default();
            let expected = attention(part(0), part(1), part(2), None, Some(bias.clone()), options)
                .swap_dims(1, 2)
                .reshape([windows, n, heads * dim]);
            window_attention(qkv, bias)
                .into_data()
                .assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-5));
        }
    }
}

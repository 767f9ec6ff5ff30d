use burn::backend::flex::FlexTensor;

use super::blocks::{in_blocks, vectorised};
use super::exponential::exp;
use super::{LANES, map_in_place};

/// Values that are computed at once, chosen to stay in the first-level cache.
const BLOCK: usize = 2048;

/// Softmax over the last axis of an f32 tensor.
///
/// The exponential is a polynomial in SIMD; Flex calls libm's for each value.
pub(super) fn softmax(x: FlexTensor) -> FlexTensor {
    let row = x.layout().shape().last().copied().unwrap_or(0);
    map_in_place(x, |values| softmax_in_place(values, row))
}

/// Softmax of each row of `row` values. Short rows are computed several at once, so that they fill the vectors too.
fn softmax_in_place(values: &mut [f32], row: usize) {
    if row == 0 {
        return;
    }
    in_blocks(values, row * (BLOCK / row).max(1), |_, block| {
        vectorised(|| softmax_of_block(block, row));
    });
}

#[inline(always)]
fn softmax_of_block(block: &mut [f32], row: usize) {
    for row in block.chunks_exact_mut(row) {
        let max = max(row);
        row.iter_mut().for_each(|value| *value -= max);
    }
    block.iter_mut().for_each(|value| *value = exp(*value));
    for row in block.chunks_exact_mut(row) {
        let factor = sum(row).recip();
        row.iter_mut().for_each(|value| *value *= factor);
    }
}

#[inline(always)]
pub(super) fn max(values: &[f32]) -> f32 {
    // Not `f32::max`: its handling of NaN costs instructions, and NaN reaches the result by the subtraction.
    let larger = |a: f32, b: f32| if a > b { a } else { b };
    let (vectors, rest) = values.as_chunks::<LANES>();
    let mut max = [f32::NEG_INFINITY; LANES];
    for vector in vectors {
        max = std::array::from_fn(|lane| larger(max[lane], vector[lane]));
    }
    max.iter()
        .chain(rest)
        .copied()
        .fold(f32::NEG_INFINITY, larger)
}

#[inline(always)]
fn sum(values: &[f32]) -> f32 {
    let (vectors, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for vector in vectors {
        sums = std::array::from_fn(|lane| sums[lane] + vector[lane]);
    }
    sums.iter().chain(rest).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, Tensor, Tolerance, activation};

    /// Rows shorter than a vector, longer than a vector, and longer than a block.
    #[test]
    fn it_is_the_softmax_of_burn() {
        let device = Device::flex();
        for [rows, row] in [[5, 1], [33, 7], [300, 9], [8, 64], [3, 4099]] {
            let x = Tensor::<2>::random([row, rows], Distribution::Normal(0.0, 20.0), &device)
                .transpose();
            let expected = activation::softmax(x.clone(), 1).into_data();
            crate::ops::softmax(x)
                .into_data()
                .assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-6));
        }
    }

    /// The segmenter looks for NaN in the logits.
    #[test]
    fn nan_reaches_the_result() {
        for row in [
            [1.0, f32::NAN, 2.0],
            [f32::INFINITY, 1.0, 2.0],
            [f32::NEG_INFINITY; 3],
        ] {
            let mut values = row.repeat(3);
            softmax_in_place(&mut values, row.len());
            assert!(values.iter().all(|value| value.is_nan()), "{row:?}");
        }
    }
}

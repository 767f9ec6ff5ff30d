use burn::tensor::{Tensor, activation};

use super::blocks::{in_blocks, vectorised};
use super::exponential::exp;
use super::{LANES, changed};

/// What is computed at once stays in the first cache.
const BLOCK: usize = 2048;

/// The softmax over the last axis.
///
/// On the CPU its exponential is a polynomial, in SIMD, where Flex calls libm's for each value.
pub(crate) fn softmax<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    if !super::has(&x) {
        return activation::softmax(x, D - 1);
    }
    let row = x.dims()[D - 1];
    changed(x, |values| softmax_in_place(values, row))
}

/// Of each `row` values. Short rows come several at once, so that they too fill the vectors.
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
        let most = largest(row);
        row.iter_mut().for_each(|value| *value -= most);
    }
    block.iter_mut().for_each(|value| *value = exp(*value));
    for row in block.chunks_exact_mut(row) {
        let factor = sum(row).recip();
        row.iter_mut().for_each(|value| *value *= factor);
    }
}

#[inline(always)]
pub(super) fn largest(values: &[f32]) -> f32 {
    // Not `max`, which asks for numbers that are none.
    let larger = |a: f32, b: f32| if a > b { a } else { b };
    let (vectors, rest) = values.as_chunks::<LANES>();
    let mut most = [f32::NEG_INFINITY; LANES];
    for vector in vectors {
        most = std::array::from_fn(|lane| larger(most[lane], vector[lane]));
    }
    most.iter()
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
    use burn::tensor::{Device, Distribution, Tolerance};

    /// Rows shorter than a vector, longer, and longer than a block.
    #[test]
    fn it_is_the_softmax_of_burn() {
        let device = Device::flex();
        for [rows, row] in [[5, 1], [33, 7], [300, 9], [8, 64], [3, 4099]] {
            let x = Tensor::<2>::random([row, rows], Distribution::Normal(0.0, 20.0), &device)
                .transpose();
            let expected = activation::softmax(x.clone(), 1).into_data();
            softmax(x)
                .into_data()
                .assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-6));
        }
    }

    /// The segmenter looks for them in the logits.
    #[test]
    fn what_is_no_number_stays_none() {
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

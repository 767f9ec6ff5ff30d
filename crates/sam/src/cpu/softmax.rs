use burn::tensor::{Tensor, activation};
use wide::f32x8;

use super::LANES;
use super::exponential::exp;

/// What is computed at once stays in the first cache.
const BLOCK: usize = 2048;

/// The softmax over the last axis.
///
/// On the CPU its exponential is a polynomial, in SIMD, where Flex calls libm's for each value.
pub(crate) fn softmax<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    if !super::has(&x) {
        return activation::softmax(x, D - 1);
    }
    let (device, row) = (x.device(), x.dims()[D - 1]);
    let mut data = x.into_data();
    match data.as_mut_slice::<f32>() {
        Ok(values) => softmax_in_place(values, row),
        Err(error) => unreachable!("the dtype was looked at: {error:?}"),
    }
    Tensor::from_data(data, &device)
}

/// Of each `row` values. Short rows come several at once, so that they too fill the vectors.
fn softmax_in_place(values: &mut [f32], row: usize) {
    if row == 0 {
        return;
    }
    for block in values.chunks_mut(row * (BLOCK / row).max(1)) {
        for row in block.chunks_exact_mut(row) {
            let most = largest(row);
            row.iter_mut().for_each(|value| *value -= most);
        }
        exp_in_place(block);
        for row in block.chunks_exact_mut(row) {
            let factor = sum(row).recip();
            row.iter_mut().for_each(|value| *value *= factor);
        }
    }
}

fn largest(values: &[f32]) -> f32 {
    let (vectors, rest) = values.as_chunks::<LANES>();
    let lanes = vectors
        .iter()
        .fold(f32x8::splat(f32::NEG_INFINITY), |most, some| {
            most.fast_max(f32x8::new(*some))
        });
    let rest = rest.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    match vectors {
        [] => rest,
        _ => lanes.to_array().into_iter().fold(rest, f32::max),
    }
}

fn sum(values: &[f32]) -> f32 {
    let (vectors, rest) = values.as_chunks::<LANES>();
    let lanes = vectors
        .iter()
        .fold(f32x8::ZERO, |sum, some| sum + f32x8::new(*some));
    rest.iter().sum::<f32>() + lanes.reduce_add()
}

fn exp_in_place(values: &mut [f32]) {
    let (vectors, rest) = values.as_chunks_mut::<LANES>();
    for x in vectors {
        *x = exp(*x);
    }
    let mut last = [0.0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    rest.copy_from_slice(&exp(last)[..rest.len()]);
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
}

//! The exact GELU, `x · Φ(x)` with the normal distribution's cumulative function Φ, in SIMD.
//!
//! Flex calls libm's `erff`, with its branches, for each value, and a TinyViT computes 130 million for one image.

use std::hint::black_box;

use burn::backend::flex::FlexTensor;

use super::blocks::{in_blocks, vectorised};
use super::{LANES, map_in_place};

/// Values that one thread computes at once: whole vectors.
const BLOCK: usize = 1 << 14;

/// The exact GELU of an f32 tensor.
pub(super) fn gelu(x: FlexTensor) -> FlexTensor {
    map_in_place(x, |values| {
        in_blocks(values, BLOCK, |_, block| gelu_in_place(block));
    })
}

/// A GELU in place: the values, how many vectors of four they are (at least one), and [`TABLE`].
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(super) type Gelu = unsafe extern "C" fn(*mut f32, usize, *const f32);

/// From here on erf(x/√2) is ±1 in f32.
const LAST: f32 = 5.543_717;
/// erf(x/√2) ≈ x · P(x²) / Q(x²), with a relative error below 6e-8 up to [`LAST`]: a least-squares fit on 4000 Chebyshev
/// nodes, reweighted until its errors are even.
pub(super) const P: [f32; 7] = [
    0.797_884_5,
    0.070_675_984,
    0.008_939_626,
    3.270_846e-4,
    6.267_498_5e-6,
    -4.325_626_4e-8,
    2.201_107e-10,
];
/// The denominator's coefficients; see [`P`].
pub(super) const Q: [f32; 5] = [
    1.0,
    0.255_245_06,
    0.028_747_223,
    0.001_793_891_7,
    5.973_466_6e-5,
];

/// Length of [`TABLE`].
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(super) const CONSTANTS: usize = 5 + P.len() + Q.len();

/// The constants that the relaxed SIMD version reads from memory.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
static TABLE: [f32; CONSTANTS] = {
    let ([p0, p1, p2, p3, p4, p5, p6], [q0, q1, q2, q3, q4]) = (P, Q);
    [
        LAST, -LAST, 0.5, 1.0, -0.0, p0, p1, p2, p3, p4, p5, p6, q0, q1, q2, q3, q4,
    ]
};

pub(super) fn gelu_in_place(values: &mut [f32]) {
    let (vectors, rest) = values.as_chunks_mut::<LANES>();
    gelu_of_vectors(vectors);
    let mut last = [[0.0; LANES]];
    last[0][..rest.len()].copy_from_slice(rest);
    gelu_of_vectors(&mut last);
    rest.copy_from_slice(&last[0][..rest.len()]);
}

fn gelu_of_vectors(vectors: &mut [[f32; LANES]]) {
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    if let (Some(gelu), false) = (super::relaxed::gelu(), vectors.is_empty()) {
        let count = vectors.as_flattened().len() / 4;
        #[allow(unsafe_code, reason = "the function is not part of this module's code")]
        // SAFETY: it reads and writes `count` vectors, and reads the table.
        unsafe {
            gelu(vectors.as_mut_ptr().cast(), count, TABLE.as_ptr());
        }
        return;
    }
    vectorised(|| gelu_in_rust(vectors));
}

#[inline(always)]
fn gelu_in_rust(vectors: &mut [[f32; LANES]]) {
    // V8 rebuilds known constants in every iteration, with several instructions each; unknown ones stay in registers.
    let constants = black_box((P, Q, LAST));
    for value in vectors.as_flattened_mut() {
        *value = gelu_of_value(*value, &constants);
    }
}

#[inline(always)]
fn gelu_of_value(x: f32, (p, q, last): &([f32; 7], [f32; 5], f32)) -> f32 {
    // Not `f32::clamp`: its handling of NaN costs instructions.
    let z = if x > -last { x } else { -last };
    let z = if z < *last { z } else { *last };
    let u = z * z;
    let p = p[..6].iter().rev().fold(p[6], |sum, c| sum * u + c);
    let q = q[..4].iter().rev().fold(q[4], |sum, c| sum * u + c);
    // Exactly ±1 far out, where a large `x` would multiply a rounding error.
    let far = 1_f32.copysign(z);
    let erf = if z.abs() < *last { z * p / q } else { far };
    let x = 0.5 * x;
    x + x * erf
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::gelu;
    use burn::tensor::{Device, Tensor, TensorData, activation};

    /// Flex uses the erf of libm, whose error is below one unit in the last place.
    fn by_flex(values: &[f32]) -> Vec<f32> {
        let x = Tensor::<1>::from_data(
            TensorData::new(values.to_vec(), [values.len()]),
            &Device::flex(),
        );
        activation::gelu(x).into_data().try_to_vec().unwrap()
    }

    #[test]
    fn it_is_the_exact_gelu() {
        let values: Vec<f32> = (-80_000..=80_000).map(|i| i as f32 * 1e-4).collect();
        let expected = by_flex(&values);
        let mut found = values.clone();
        gelu_in_place(&mut found);
        for ((x, found), expected) in values.iter().zip(found).zip(expected) {
            // erf is within 4e-7, and counts half of x times; then both results are rounded.
            let tolerance = 1e-7 + 3.2e-7 * x.abs();
            assert!(
                (found - expected).abs() <= tolerance,
                "gelu({x}) = {found}, not {expected}"
            );
        }
    }

    #[test]
    fn far_out_it_is_the_value_or_nothing() {
        let mut values = [
            -f32::INFINITY,
            -1e30,
            -50.0,
            -0.0,
            0.0,
            1e-30,
            50.0,
            1e30,
            f32::INFINITY,
            f32::NAN,
        ];
        gelu_in_place(&mut values);
        let [a, b, c, d, e, f, g, h, i, j] = values;
        assert!(a.is_nan() || a == 0.0);
        assert_eq!([b, c, d, e], [0.0; 4]);
        assert_eq!([f, g, h, i], [0.5e-30, 50.0, 1e30, f32::INFINITY]);
        assert!(j.is_nan());
    }

    #[test]
    fn the_order_of_a_permuted_map_is_kept() {
        let device = Device::flex();
        let x = Tensor::<1>::from_data(
            TensorData::new((0..24).map(|i| i as f32 / 6.0 - 2.0).collect(), [24]),
            &device,
        );
        let x = x.reshape([2, 3, 4]).permute([2, 0, 1]);
        let expected = activation::gelu(x.clone()).into_data();
        gelu(x)
            .into_data()
            .assert_approx_eq::<f32>(&expected, burn::tensor::Tolerance::absolute(1e-6));
    }
}

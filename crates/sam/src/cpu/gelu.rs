use std::f32::consts::FRAC_1_SQRT_2;
use std::hint::black_box;

use burn::tensor::{Tensor, activation};
use wide::f32x8;

use super::LANES;

/// What comes behind a layer: with it, it is computed while its input is in the caches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Activation {
    /// Nothing.
    Identity,
    /// The exact GELU.
    Gelu,
}

impl Activation {
    pub(crate) fn of<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Identity => x,
            Self::Gelu => gelu(x),
        }
    }

    pub(super) fn in_place(self, values: &mut [f32]) {
        if self == Self::Gelu {
            gelu_in_place(values);
        }
    }
}

/// The exact GELU, `x · Φ(x)`, with the distribution function Φ of the normal distribution.
///
/// On the CPU it is computed by [`gelu_in_place`], in SIMD: Flex calls libm's `erff`,
/// with its branches, for each value, and a TinyViT computes 130 million for an image.
pub(crate) fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    if !super::has(&x) {
        return activation::gelu(x);
    }
    let device = x.device();
    // Both ways without a copy, where the tensor has no other owner.
    let mut data = x.into_data();
    match data.as_mut_slice::<f32>() {
        Ok(values) => gelu_in_place(values),
        Err(error) => unreachable!("the dtype was looked at: {error:?}"),
    }
    Tensor::from_data(data, &device)
}

/// Beyond it erf is ±1 in f32.
const LAST: f32 = 3.92;
/// erf(z) ≈ z · P(z²) / Q(z²) with a relative error below 6e-8 on ±3.92: a fit by least squares, reweighted
/// until its errors are even, on 4000 Chebyshev nodes.
#[allow(
    clippy::approx_constant,
    reason = "the first coefficient was fitted with the others"
)]
const P: [f32; 7] = [
    1.128_379_1,
    0.199_901_88,
    0.050_570_16,
    0.003_700_539_8,
    1.418_173e-4,
    -1.957_555e-6,
    1.992_214_6e-8,
];
const Q: [f32; 5] = [
    1.0,
    0.510_490_1,
    0.114_988_89,
    0.014_351_133,
    9.557_546_5e-4,
];

fn gelu_in_place(values: &mut [f32]) {
    // V8 builds a constant anew in each round of a loop, by several instructions; what it does not know it keeps.
    let (p, q, last, half, root) = black_box((P, Q, LAST, 0.5, FRAC_1_SQRT_2));
    let (p, q) = (p.map(f32x8::splat), q.map(f32x8::splat));
    let [last, half, root] = [last, half, root].map(f32x8::splat);
    let gelu = |x: f32x8| {
        let z = (x * root).fast_max(-last).fast_min(last);
        let u = z * z;
        let p = p[..6].iter().rev().fold(p[6], |sum, c| sum * u + *c);
        let q = q[..4].iter().rev().fold(q[4], |sum, c| sum * u + *c);
        // Exactly ±1 far out: a large `x` would make a rounding large.
        let far = f32x8::ONE.copysign(z);
        let erf = z.abs().simd_lt(last).select(z * p / q, far);
        let x = half * x;
        x + x * erf
    };
    let (vectors, rest) = values.as_chunks_mut::<LANES>();
    for x in vectors {
        *x = gelu(f32x8::new(*x)).to_array();
    }
    let mut last = [0.0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    let last = gelu(f32x8::new(last)).to_array();
    rest.copy_from_slice(&last[..rest.len()]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    /// By libm's erf, whose error is below one unit of the last place.
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

//! The exponential of values that are at most 0, as softmax needs it.

use super::LANES;

/// Smaller arguments are clamped to this one, whose exponential, 1.6e-38, does not change a sum.
const MIN_ARGUMENT: f32 = -87.0;
/// Adding this number and subtracting it again rounds a float to an integer; the last bits of the sum are that integer.
const ROUNDING: f32 = 12_582_912.0;
/// ln 2 in two parts, the first with so few bits that its multiples are exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
/// Coefficients of exp(x) on ±ln(2)/2, fitted for the smallest relative error, 3e-9; the roundings of f32 are larger.
const P: [f32; 7] = [
    1.0,
    1.0,
    0.499_999_94,
    0.166_665_21,
    0.041_668_39,
    0.008_368_745,
    0.001_381_453_8,
];

/// Replaces each value by `exp(value - max)` and returns the sums lane by lane.
///
/// `max` must be at least as large as every value. The relative error is below 3e-7.
#[inline(always)]
pub(super) fn exp_in_place(values: &mut [[f32; LANES]], max: f32) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    for vector in values {
        for (sum, value) in sums.iter_mut().zip(vector) {
            *value = exp(*value - max);
            *sum += *value;
        }
    }
    sums
}

/// exp(x) for x ≤ 0.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    // Not `f32::max`: NaN must propagate.
    let x = if x < MIN_ARGUMENT { MIN_ARGUMENT } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUNDING;
    let whole = shifted - ROUNDING;
    let x = x - whole * LN_2[0] - whole * LN_2[1];
    let p = P[..6].iter().rev().fold(P[6], |sum, c| sum * x + c);
    f32::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_exponential() {
        for i in 0..=870_000 {
            let x = i as f32 * -1e-4;
            let found = exp(x);
            let expected = f64::from(x).exp();
            let error = (f64::from(found) / expected - 1.0).abs();
            assert!(error < 3e-7, "exp({x}) = {found}, not {expected}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(f32::NAN).is_nan());
        let far = exp(f32::NEG_INFINITY);
        assert!((0.0..2e-38).contains(&far), "{far}");
    }
}

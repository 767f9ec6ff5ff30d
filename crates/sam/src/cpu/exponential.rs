//! The exponential of what is at most 0, as softmax needs it.

use super::LANES;

/// Below it the exponential is taken to be that of this: 1.6e-38, which no sum sees.
const LEAST: f32 = -87.0;
/// Added to a float of this size and taken away again, a number is rounded to a whole one; the last bits of the sum
/// are that number, as an integer.
const ROUNDING: f32 = 12_582_912.0;
/// ln 2 in two parts, the first with so few bits that its multiples are exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
/// exp(x) on ±ln(2)/2, fitted for the least relative error, 3e-9: f32's roundings are larger.
const P: [f32; 7] = [
    1.0,
    1.0,
    0.499_999_94,
    0.166_665_21,
    0.041_668_39,
    0.008_368_745,
    0.001_381_453_8,
];

/// The values become `exp(value - most)`; returns their sums, lane by lane.
///
/// `most` is at least as large as each of them. The relative error is below 3e-7.
#[inline(always)]
pub(super) fn exp_in_place(values: &mut [[f32; LANES]], most: f32) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    for vector in values {
        for (sum, value) in sums.iter_mut().zip(vector) {
            *value = exp(*value - most);
            *sum += *value;
        }
    }
    sums
}

/// Of what is at most 0.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    // Not `max`: what is no number is to stay none.
    let x = if x < LEAST { LEAST } else { x };
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

//! The adaptive contexts of prediction errors (A.5, A.6) and of samples that end a run (A.7.2).

use super::bits::{Bits, CORRUPT};
use super::parameters::Parameters;

/// Maximum Golomb parameter: 16-bit samples need no larger one.
const MAX_K: u32 = 16;
const MIN_CORRECTION: i32 = -128;
const MAX_CORRECTION: i32 = 127;

/// A context of the regular mode; fields have the letters of T.87.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    /// A: sum of the errors' magnitudes.
    magnitudes: i32,
    /// B: sum of the errors, within (−N, 0].
    bias: i32,
    /// C: correction added to predictions.
    pub(super) correction: i32,
    /// N: number of errors in the sums.
    count: i32,
}

impl Context {
    pub(super) fn new(parameters: &Parameters) -> Self {
        Context {
            magnitudes: parameters.first_sum(),
            bias: 0,
            correction: 0,
            count: 1,
        }
    }

    /// Decodes the next prediction error, in units of the quantiser.
    pub(super) fn error(
        &mut self,
        bits: &mut Bits<'_>,
        parameters: &Parameters,
    ) -> Result<i32, &'static str> {
        let k = golomb_parameter(self.count, self.magnitudes)?;
        let mapped = bits.golomb(k, parameters.limit, parameters.range_bits)?;
        let is_turned = parameters.near == 0 && k == 0 && 2 * self.bias <= -self.count;
        // A.5.2: even numbers for one sign, odd numbers for the other.
        let magnitude = mapped >> 1;
        let is_odd = mapped & 1 == 1;
        let error = if is_odd == is_turned {
            magnitude
        } else {
            -magnitude - 1
        };
        self.update(error, parameters);
        Ok(error)
    }

    /// Updates the sums and the correction (A.6.1 and A.6.2).
    fn update(&mut self, error: i32, parameters: &Parameters) {
        self.bias += error * parameters.step();
        self.magnitudes = self.magnitudes.saturating_add(error.abs());
        if self.count == parameters.reset {
            self.magnitudes >>= 1;
            // Rounds down: for a negative B this equals the standard's −((1 − B) >> 1).
            self.bias >>= 1;
            self.count >>= 1;
        }
        self.count += 1;
        if self.bias <= -self.count {
            self.bias = (self.bias + self.count).max(1 - self.count);
            self.correction = (self.correction - 1).max(MIN_CORRECTION);
        } else if self.bias > 0 {
            self.bias = (self.bias - self.count).min(0);
            self.correction = (self.correction + 1).min(MAX_CORRECTION);
        }
    }
}

/// A context of the samples that end a run; fields have the letters of T.87.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunEnd {
    magnitudes: i32,
    count: i32,
    /// Nn: number of negative errors.
    negative: i32,
    /// RItype: whether the sample to the left equals the one above, within NEAR.
    is_flat: bool,
}

impl RunEnd {
    pub(super) fn new(parameters: &Parameters, is_flat: bool) -> Self {
        RunEnd {
            magnitudes: parameters.first_sum(),
            count: 1,
            negative: 0,
            is_flat,
        }
    }

    /// Decodes the next prediction error, in units of the quantiser. `limit` is the maximum length of its code, in
    /// bits.
    pub(super) fn error(
        &mut self,
        bits: &mut Bits<'_>,
        parameters: &Parameters,
        limit: u32,
    ) -> Result<i32, &'static str> {
        let flat = i32::from(self.is_flat);
        let k = golomb_parameter(
            self.count,
            self.magnitudes.saturating_add(flat * (self.count >> 1)),
        )?;
        let mapped = bits.golomb(k, limit, parameters.range_bits)?;
        // Inverts A.7.2.2: 2·|error| = mapped + RItype + map.
        let map = (mapped + flat) & 1;
        let magnitude = (mapped + flat + map) >> 1;
        let is_negative = (map == 1) == (k != 0 || 2 * self.negative >= self.count);
        let error = if is_negative { -magnitude } else { magnitude };
        self.update(error, mapped, parameters);
        Ok(error)
    }

    fn update(&mut self, error: i32, mapped: i32, parameters: &Parameters) {
        self.negative += i32::from(error < 0);
        let magnitude = (mapped + 1 - i32::from(self.is_flat)) >> 1;
        self.magnitudes = self.magnitudes.saturating_add(magnitude);
        if self.count == parameters.reset {
            self.magnitudes >>= 1;
            self.count >>= 1;
            self.negative >>= 1;
        }
        self.count += 1;
    }
}

/// The smallest k with N·2ᵏ ≥ A (A.5.1).
fn golomb_parameter(count: i32, magnitudes: i32) -> Result<u32, &'static str> {
    let mut k = 0;
    while i64::from(count) << k < i64::from(magnitudes) {
        k += 1;
    }
    if k > MAX_K { Err(CORRUPT) } else { Ok(k) }
}

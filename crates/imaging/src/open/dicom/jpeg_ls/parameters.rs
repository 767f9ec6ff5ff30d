//! The parameters of a scan (C.2.4.1.1, A.2.1).

use super::markers::Preset;

/// RESET if there is no preset (table C.2).
const DEFAULT_RESET: i32 = 64;
const DEFAULT_THRESHOLDS: [i32; 3] = [3, 7, 21];

/// The coding parameters of a scan, in the units and letters of T.87.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameters {
    /// MAXVAL: maximum value of a sample.
    pub(super) max_value: i32,
    /// NEAR: maximum error of a sample.
    pub(super) near: i32,
    /// T1, T2, T3: bounds between the regions of gradients.
    pub(super) thresholds: [i32; 3],
    /// RESET: number of samples after which a context's sums are halved.
    pub(super) reset: i32,
    /// RANGE: number of distinct prediction errors.
    pub(super) range: i32,
    /// qbpp: bits needed for a number below RANGE.
    pub(super) range_bits: u32,
    /// LIMIT: maximum length of a code, in bits.
    pub(super) limit: u32,
}

impl Parameters {
    /// The parameters of a scan with samples of `bits` bits, 2 to 16.
    ///
    /// # Errors
    ///
    /// A parameter that violates the limits of table C.1.
    pub(super) fn new(bits: u32, near: u8, preset: Preset) -> Result<Self, String> {
        let largest = (1 << bits) - 1;
        let max_value = or(preset.max_value, largest);
        if max_value > largest {
            return Err(format!(
                "its largest value {max_value} has more than {bits} bits"
            ));
        }
        let near = i32::from(near);
        if near > max_value / 2 {
            return Err(format!(
                "its allowed error {near} is too large for values up to {max_value}"
            ));
        }
        // Differs from CharLS 2.4.1, which derives RANGE, qbpp and LIMIT from 2ᴾ − 1 whatever MAXVAL is, and uses
        // only the lower 8 bits of RESET in runs. Neither is in the standard.
        let reset = or(preset.reset, DEFAULT_RESET);
        if !(3..=max_value.max(255)).contains(&reset) {
            return Err(format!("its RESET parameter {reset} is out of bounds"));
        }
        let range = (max_value + 2 * near) / (2 * near + 1) + 1;
        let value_bits = bits_below(max_value + 1).max(2);
        Ok(Parameters {
            max_value,
            near,
            thresholds: thresholds(max_value, near, preset.thresholds)?,
            reset,
            range,
            range_bits: bits_below(range),
            limit: 2 * (value_bits + value_bits.max(8)),
        })
    }

    /// Size of the quantiser's unit in sample values.
    pub(super) fn step(&self) -> i32 {
        2 * self.near + 1
    }

    /// Initial value of A in a context (A.2.1).
    pub(super) fn first_sum(&self) -> i32 {
        ((self.range + 32) / 64).max(2)
    }

    /// Adds an error, in sample values, to a prediction (A.4.5, A.5.4).
    pub(super) fn sample(&self, prediction: i32, error: i32) -> i32 {
        let whole = self.range * self.step();
        let mut sample = prediction + error;
        if sample < -self.near {
            sample += whole;
        } else if sample > self.max_value + self.near {
            sample -= whole;
        }
        sample.clamp(0, self.max_value)
    }
}

/// T1 to T3 of the preset, or the defaults of C.2.4.1.1.1.
fn thresholds(max_value: i32, near: i32, preset: [u16; 3]) -> Result<[i32; 3], String> {
    let is_wide = max_value >= 128;
    let scaled = |index: usize| {
        let basic = DEFAULT_THRESHOLDS[index];
        let min = [2, 3, 4][index];
        let margin = [3, 5, 7][index] * near;
        if is_wide {
            let factor = (max_value.min(4095) + 128) / 256;
            factor * (basic - min) + min + margin
        } else {
            let factor = 256 / (max_value + 1);
            (basic / factor + margin).max(min)
        }
    };
    let mut thresholds = [0; 3];
    let mut min = near + 1;
    for (index, threshold) in thresholds.iter_mut().enumerate() {
        let default = scaled(index);
        let is_allowed = (min..=max_value).contains(&default);
        let preset = or(preset[index], if is_allowed { default } else { min });
        if !(min..=max_value).contains(&preset) {
            return Err(format!("its threshold {preset} is out of bounds"));
        }
        *threshold = preset;
        min = preset;
    }
    Ok(thresholds)
}

/// The preset's value, or the default if it is 0.
fn or(preset: u16, default: i32) -> i32 {
    if preset == 0 { default } else { preset.into() }
}

/// ⌈log₂ n⌉.
fn bits_below(n: i32) -> u32 {
    i32::BITS - (n - 1).leading_zeros()
}

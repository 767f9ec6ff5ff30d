//! Samples of any depth → the 8 bits that are shown and given to the model.

use crate::scan::{RgbImage8, Samples, Slice};
use crate::space::Size;

/// Percentiles of the non-zero samples between which 16-bit samples are spread.
const PERCENTILES: [f64; 2] = [0.5, 99.5];

/// The slice in 8 bits, grey repeated to red, green and blue.
///
/// 8-bit samples pass unchanged. 16-bit samples are windowed as MedSAM windows "MR and others"
/// (MedSAM, `utils/pre_CT_MR.py`): with `lower` and `upper` the 0.5 and 99.5 percentiles of the
/// samples above 0, `y = ⌊255 · (clip(x, lower, upper) − lower) / (upper − lower)⌋`, and `y = 0`
/// where `x = 0`.
pub fn window(slice: &Slice) -> RgbImage8 {
    let size = Size {
        width: slice.width(),
        height: slice.height(),
    };
    let pixels = match slice.samples() {
        Samples::Grey8(values) => values.iter().flat_map(|&y| [y; 3]).collect(),
        Samples::Rgb8(values) => values.clone(),
        Samples::Grey16(values) => {
            let table = percentile_table(values);
            let lookup = |&x: &u16| [table[usize::from(x)]; 3];
            values.iter().flat_map(lookup).collect()
        }
        // The reference has only grey scans of 16 bits; one window for the three channels keeps
        // their hue.
        Samples::Rgb16(values) => {
            let table = percentile_table(values);
            values.iter().map(|&x| table[usize::from(x)]).collect()
        }
    };
    RgbImage8::from_parts(size, pixels)
}

/// The 8-bit value of each of the 65,536 samples.
fn percentile_table(values: &[u16]) -> Vec<u8> {
    let mut counts = vec![0u64; 1 << 16];
    for &value in values {
        counts[usize::from(value)] += 1;
    }
    counts[0] = 0;
    let [lower, upper] = PERCENTILES.map(|percent| percentile(&counts, percent));
    let to_u8 = |x: usize| {
        if x == 0 {
            return 0;
        }
        // Differs from the reference, which divides by 0 if all samples above 0 are equal: they
        // are the foreground of a mask then, and shown white.
        if upper <= lower {
            return 255;
        }
        (((x as f64).clamp(lower, upper) - lower) / (upper - lower) * 255.0) as u8
    };
    (0..counts.len()).map(to_u8).collect()
}

/// The percentile of a histogram, interpolated linearly between ranks as `numpy.percentile` does;
/// 0 for an empty one.
fn percentile(counts: &[u64], percent: f64) -> f64 {
    let total: u64 = counts.iter().sum();
    let Some(last) = total.checked_sub(1) else {
        return 0.0;
    };
    let rank = percent / 100.0 * last as f64;
    let below = value_at_rank(counts, rank as u64);
    let above = value_at_rank(counts, (rank as u64 + 1).min(last));
    below + (above - below) * rank.fract()
}

/// The sample that has `rank` samples before it in ascending order.
fn value_at_rank(counts: &[u64], rank: u64) -> f64 {
    let mut seen = 0;
    let reaches = |&count: &u64| {
        seen += count;
        seen > rank
    };
    counts.iter().position(reaches).unwrap_or(0) as f64
}

//! The range of a scan's values between two percentiles.

use super::{Rescale, Scan, Voxels};

/// Lower and upper percentile of the values that are not 0.
const PERCENTILES: [f64; 2] = [0.5, 99.5];

/// The 0.5 and 99.5 percentiles of the values of a scan that are not 0, interpolated linearly between
/// ranks as `numpy.percentile` does; `[0, 0]` if there are no such values.
///
/// Differs from the reference, which uses values above 0 only: MR and PET have none below, but half of a CT or of a
/// difference of images would be black.
pub(super) fn range(scan: &Scan) -> [f64; 2] {
    let [rescale] = scan.rescales() else {
        return range_of_values(scan);
    };
    // A list of all values would take at least twice the memory of a 16-bit scan.
    match scan.voxels() {
        Voxels::U8(v) => range_of_counts(*rescale, 0, v.iter().map(|&x| i32::from(x))),
        Voxels::I8(v) => range_of_counts(*rescale, -128, v.iter().map(|&x| i32::from(x))),
        Voxels::U16(v) => range_of_counts(*rescale, 0, v.iter().map(|&x| i32::from(x))),
        Voxels::I16(v) => range_of_counts(*rescale, -32_768, v.iter().map(|&x| i32::from(x))),
        Voxels::Rgb16(v) => range_of_counts(*rescale, 0, v.iter().map(|&x| i32::from(x))),
        _ => range_of_values(scan),
    }
}

fn range_of_counts(rescale: Rescale, first: i32, stored: impl Iterator<Item = i32>) -> [f64; 2] {
    let mut counts = vec![0u64; 1 << 16];
    for x in stored {
        counts[(x - first) as usize] += 1;
    }
    let value = |at: usize| rescale.value(f64::from(at as i32 + first));
    for (at, count) in counts.iter_mut().enumerate() {
        if value(at) == 0.0 {
            *count = 0;
        }
    }
    let Some(last) = counts.iter().sum::<u64>().checked_sub(1) else {
        return [0.0, 0.0];
    };
    // A negative slope reverses the order.
    let at_rank = |rank: u64| match rescale.slope >= 0.0 {
        true => value(at_rank(&counts, rank)),
        false => value(at_rank(&counts, last - rank)),
    };
    PERCENTILES.map(|percent| interpolated(percent, last, at_rank))
}

/// Index of the value that has `rank` values before it in ascending order.
fn at_rank(counts: &[u64], rank: u64) -> usize {
    let mut seen = 0;
    let reaches = |&count: &u64| {
        seen += count;
        seen > rank
    };
    counts.iter().position(reaches).unwrap_or(0)
}

/// Computes the range from a copy of all values; single precision is enough for grey levels.
fn range_of_values(scan: &Scan) -> [f64; 2] {
    let slice = scan.grid().slice_size().pixels() as usize;
    let value = |index: usize| {
        let stored = scan.voxels().grey(index)?;
        Some(scan.rescale((index / slice) as u32).value(stored) as f32)
    };
    let values = (0..scan.voxels().len()).filter_map(value);
    let mut values: Vec<f32> = values.filter(|x| x.is_finite() && *x != 0.0).collect();
    let Some(last) = values.len().checked_sub(1) else {
        return [0.0, 0.0];
    };
    PERCENTILES.map(|percent| {
        interpolated(percent, last as u64, |rank| {
            let (_, value, _) = values.select_nth_unstable_by(rank as usize, f32::total_cmp);
            f64::from(*value)
        })
    })
}

fn interpolated(percent: f64, last: u64, mut at_rank: impl FnMut(u64) -> f64) -> f64 {
    let rank = percent / 100.0 * last as f64;
    let below = at_rank(rank as u64);
    let above = at_rank((rank as u64 + 1).min(last));
    below + (above - below) * rank.fract()
}

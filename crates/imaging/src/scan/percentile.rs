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

/// Single precision is enough for grey levels. The values are counted twice instead of sorted, because a list of them may
/// not fit beside the scan: first by the upper half of their bits, then, where a rank lies, by the lower half.
fn range_of_values(scan: &Scan) -> [f64; 2] {
    let mut upper = vec![0u64; 1 << 16];
    each_value(scan, |key| upper[(key >> 16) as usize] += 1);
    let Some(last) = upper.iter().sum::<u64>().checked_sub(1) else {
        return [0.0, 0.0];
    };
    let mut ranks: Vec<u64> = Vec::new();
    for percent in PERCENTILES {
        interpolated(percent, last, |rank| {
            ranks.push(rank);
            0.0
        });
    }
    // A count for each value of the lower half, where the upper half is that of a rank.
    let mut lower: Vec<(u32, Vec<u64>)> = Vec::new();
    for rank in &ranks {
        let half = at_rank(&upper, *rank) as u32;
        if lower.iter().all(|(known, _)| *known != half) {
            lower.push((half, vec![0; 1 << 16]));
        }
    }
    each_value(scan, |key| {
        if let Some((_, counts)) = lower.iter_mut().find(|(half, _)| *half == key >> 16) {
            counts[(key & 0xffff) as usize] += 1;
        }
    });
    let value = |rank: u64| {
        let half = at_rank(&upper, rank);
        let before: u64 = upper[..half].iter().sum();
        let counts = lower.iter().find(|(known, _)| *known == half as u32);
        let low = counts.map_or(0, |(_, counts)| at_rank(counts, rank - before));
        f64::from(value_of_key((half << 16 | low) as u32))
    };
    PERCENTILES.map(|percent| interpolated(percent, last, value))
}

/// The values that count, as numbers in the same order.
fn each_value(scan: &Scan, mut count: impl FnMut(u32)) {
    let slice = (scan.grid().slice_size().pixels() as usize).max(1);
    for index in 0..scan.voxels().len() {
        let Some(stored) = scan.voxels().grey(index) else {
            continue;
        };
        let value = scan.rescale((index / slice) as u32).value(stored) as f32;
        if value.is_finite() && value != 0.0 {
            count(key_of_value(value));
        }
    }
}

/// A number that is larger for a larger value.
fn key_of_value(value: f32) -> u32 {
    let bits = value.to_bits();
    match bits >> 31 {
        0 => bits | 1 << 31,
        _ => !bits,
    }
}

fn value_of_key(key: u32) -> f32 {
    f32::from_bits(match key >> 31 {
        0 => !key,
        _ => key ^ 1 << 31,
    })
}

fn interpolated(percent: f64, last: u64, mut at_rank: impl FnMut(u64) -> f64) -> f64 {
    let rank = percent / 100.0 * last as f64;
    let below = at_rank(rank as u64);
    let above = at_rank((rank as u64 + 1).min(last));
    below + (above - below) * rank.fract()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::scan::About;

    /// As `numpy.percentile` of the list.
    fn sorted_range(mut values: Vec<f32>) -> [f64; 2] {
        values.sort_by(f32::total_cmp);
        let last = values.len() as u64 - 1;
        PERCENTILES
            .map(|percent| interpolated(percent, last, |rank| f64::from(values[rank as usize])))
    }

    #[test]
    fn counting_finds_what_sorting_finds() {
        // A generator of Park and Miller, so that the values are the same each time.
        let mut seed = 1u64;
        let mut next = || {
            seed = seed * 48_271 % 0x7fff_ffff;
            seed as f64 / f64::from(0x7fff_ffff)
        };
        for spread in [1.0, 1e-3, 1e30] {
            let values: Vec<f32> = (0..5_000)
                .map(|_| ((next() - 0.3) * spread * 10f64.powf(6.0 * next())) as f32)
                .collect();
            let about = About::new(Format::Nifti1, 32);
            let voxels = Voxels::F32(values.clone());
            let scan = Scan::from_image(100, 50, voxels, about).unwrap();
            assert_eq!(range(&scan), sorted_range(values));
        }
    }
}

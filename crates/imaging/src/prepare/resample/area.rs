//! OpenCV's `resize(…, INTER_AREA)` on 8-bit RGB, bit for bit (OpenCV 4 and 5, `modules/imgproc/src/resize.cpp`). It
//! uses one of three methods:
//!
//! - both axes shrink by integer factors: the mean of each block (`resizeAreaFast_`);
//! - both axes shrink by other factors: pixels weighted by their covered fraction (`resizeArea_`);
//! - an axis grows: linear interpolation in 11-bit fixed point, with weights that keep source pixels as wide as possible
//!   (`hal::resize`, `area_mode`).

use crate::scan::RgbImage8;
use crate::space::Size;

/// Weights of the fixed-point method are multiples of 1/2048 (`INTER_RESIZE_COEF_SCALE`).
const FIXED_ONE: f32 = 2048.0;

/// Resizes an image to the size `to`.
pub(crate) fn resize_area(image: &RgbImage8, to: Size) -> RgbImage8 {
    let from = image.size();
    if from == to {
        return image.clone();
    }
    let axes = [
        Axis::new(from.width, to.width),
        Axis::new(from.height, to.height),
    ];
    let pixels = match axes.map(Axis::whole_factor) {
        [Some(x), Some(y)] => block_means(image, to, x, y),
        _ if axes.iter().all(|axis| axis.from_per_to >= 1.0) => area_means(image, to, axes),
        _ => fixed_point_linear(image, to, axes),
    };
    RgbImage8::from_parts(to, pixels)
}

#[derive(Clone, Copy)]
struct Axis {
    from: usize,
    to: usize,
    to_per_from: f64,
    from_per_to: f64,
}

impl Axis {
    fn new(from: u32, to: u32) -> Self {
        let to_per_from = f64::from(to) / f64::from(from);
        Axis {
            from: from as usize,
            to: to as usize,
            to_per_from,
            // Not `from / to`: the last bit of the weights depends on this second division.
            from_per_to: 1.0 / to_per_from,
        }
    }

    /// The factor by which the axis shrinks, if it is an integer.
    fn whole_factor(self) -> Option<usize> {
        let whole = self.from_per_to.round_ties_even();
        let is_whole = whole >= 1.0 && (self.from_per_to - whole).abs() < f64::EPSILON;
        is_whole.then_some(whole as usize)
    }
}

/// `saturate_cast<uchar>`: rounds to the nearest integer, ties to even.
fn to_u8(value: f32) -> u8 {
    value.round_ties_even() as u8
}

fn block_means(image: &RgbImage8, to: Size, x_factor: usize, y_factor: usize) -> Vec<u8> {
    let stride = image.width() as usize * 3;
    let area = x_factor * y_factor;
    let per_area = 1.0 / area as f32;
    let mut out = Vec::with_capacity(to.pixels() as usize * 3);
    let mut sums = vec![0u32; to.width as usize * 3];
    for rows in image.pixels().chunks_exact(stride * y_factor) {
        sums.fill(0);
        for row in rows.chunks_exact(stride) {
            let blocks = row.chunks_exact(x_factor * 3);
            for (sum, block) in sums.as_chunks_mut::<3>().0.iter_mut().zip(blocks) {
                for pixel in block.as_chunks::<3>().0 {
                    for (sum, &value) in sum.iter_mut().zip(pixel) {
                        *sum += u32::from(value);
                    }
                }
            }
        }
        // Blocks of 2 × 2 round half up (`ResizeAreaFastVec`), all others half to even.
        let is_two_by_two = x_factor == 2 && y_factor == 2;
        let mean = |&sum: &u32| match is_two_by_two {
            true => ((sum + 2) >> 2) as u8,
            false => to_u8(sum as f32 * per_area),
        };
        out.extend(sums.iter().map(mean));
    }
    out
}

/// A source pixel's share of a target pixel.
struct Share {
    from: usize,
    to: usize,
    weight: f32,
}

/// `computeResizeAreaTab`: shares below a thousandth of a pixel are omitted.
fn shares(axis: Axis) -> Vec<Share> {
    const SLIVER: f64 = 1e-3;
    let mut shares = Vec::with_capacity(axis.from + axis.to);
    for to in 0..axis.to {
        let start = to as f64 * axis.from_per_to;
        let end = start + axis.from_per_to;
        let width = axis.from_per_to.min(axis.from as f64 - start);
        let last_whole = (end.floor() as usize).min(axis.from - 1);
        let first_whole = (start.ceil() as usize).min(last_whole);
        let mut push = |from: usize, weight: f64| {
            let weight = weight as f32;
            shares.push(Share { from, to, weight });
        };
        let before = first_whole as f64 - start;
        if before > SLIVER {
            push(first_whole - 1, before / width);
        }
        (first_whole..last_whole).for_each(|from| push(from, 1.0 / width));
        let after = end - last_whole as f64;
        if after > SLIVER {
            push(last_whole, after.min(1.0).min(width) / width);
        }
    }
    shares
}

fn area_means(image: &RgbImage8, to: Size, [x_axis, y_axis]: [Axis; 2]) -> Vec<u8> {
    let columns = shares(x_axis);
    let stride = image.width() as usize * 3;
    let mut out = Vec::with_capacity(to.pixels() as usize * 3);
    let mut line = vec![0f32; to.width as usize * 3];
    let mut sums = line.clone();
    for target_row in shares(y_axis).chunk_by(|a, b| a.to == b.to) {
        sums.fill(0.0);
        for row in target_row {
            let source = &image.pixels()[row.from * stride..][..stride];
            line.fill(0.0);
            add_shares(source, &columns, &mut line);
            for (sum, &value) in sums.iter_mut().zip(&line) {
                *sum += row.weight * value;
            }
        }
        out.extend(sums.iter().map(|&sum| to_u8(sum)));
    }
    out
}

fn add_shares(source: &[u8], columns: &[Share], line: &mut [f32]) {
    let (source, line) = (source.as_chunks::<3>().0, line.as_chunks_mut::<3>().0);
    for column in columns {
        let pixel = &source[column.from];
        for (sum, &value) in line[column.to].iter_mut().zip(pixel) {
            *sum += f32::from(value) * column.weight;
        }
    }
}

/// The two source positions of a target position, with weights in 1/2048.
struct Taps {
    first: usize,
    second: usize,
    weights: [i32; 2],
}

fn taps(axis: Axis) -> Vec<Taps> {
    let tap = |to: usize| {
        let from = (to as f64 * axis.from_per_to).floor();
        let overlap = ((to + 1) as f64 - (from + 1.0) * axis.to_per_from) as f32;
        let second_weight = if overlap <= 0.0 { 0.0 } else { overlap.fract() };
        let first = (from as usize).min(axis.from - 1);
        let fixed = |weight: f32| (weight * FIXED_ONE).round_ties_even() as i32;
        Taps {
            first,
            second: (first + 1).min(axis.from - 1),
            weights: [fixed(1.0 - second_weight), fixed(second_weight)],
        }
    };
    (0..axis.to).map(tap).collect()
}

fn fixed_point_linear(image: &RgbImage8, to: Size, [x_axis, y_axis]: [Axis; 2]) -> Vec<u8> {
    let columns = taps(x_axis);
    let stride = image.width() as usize * 3;
    let mut out = Vec::with_capacity(to.pixels() as usize * 3);
    for row in taps(y_axis) {
        let line = |y: usize| interpolate_line(&image.pixels()[y * stride..][..stride], &columns);
        let [upper_weight, lower_weight] = row.weights;
        // The shifts of `VResizeLinear<uchar, …>`: 4 + 16 + 2 bits remove the two factors of 2048.
        let mix = |(upper, lower): (i32, i32)| {
            let upper = (upper_weight * (upper >> 4)) >> 16;
            let lower = (lower_weight * (lower >> 4)) >> 16;
            ((upper + lower + 2) >> 2) as u8
        };
        out.extend(line(row.first).into_iter().zip(line(row.second)).map(mix));
    }
    out
}

/// Interpolates a source row to the target's width, times 2048.
fn interpolate_line(source: &[u8], columns: &[Taps]) -> Vec<i32> {
    let source = source.as_chunks::<3>().0;
    let mix = |column: &Taps| {
        let (first, second) = (&source[column.first], &source[column.second]);
        let [a, b] = column.weights;
        [0, 1, 2].map(|c| a * i32::from(first[c]) + b * i32::from(second[c]))
    };
    columns.iter().flat_map(mix).collect()
}

#[cfg(test)]
mod tests;

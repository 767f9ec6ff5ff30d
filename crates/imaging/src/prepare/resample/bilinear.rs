//! Pillow's `Image.resize(…, BILINEAR)` on 8-bit RGB, bit for bit (Pillow, `src/libImaging/Resample.c`): a triangle
//! filter two source or two target pixels wide, whichever is more, in 22-bit fixed point; first along x, then along
//! y, with rounding to 8 bits in between.

use crate::scan::RgbImage8;
use crate::space::Size;

/// Fraction bits of a weight: 32 minus 8 for the pixel and 2 for the sum (`PRECISION_BITS`).
const FRACTION_BITS: u32 = 22;
/// One half, the initial value of every sum, so that truncation rounds.
const HALF: i32 = 1 << (FRACTION_BITS - 1);

/// Resizes an image to the size `to`. An axis that keeps its size isn't filtered.
pub(in crate::prepare) fn resize_bilinear(image: &RgbImage8, to: Size) -> RgbImage8 {
    match (image.width() == to.width, image.height() == to.height) {
        (true, true) => image.clone(),
        (false, true) => resize_x(image, to.width),
        (true, false) => resize_y(image, to.height),
        (false, false) => resize_y(&resize_x(image, to.width), to.height),
    }
}

/// The source pixels of a target pixel: consecutive ones from `first` on, with their weights.
struct Support {
    first: usize,
    weights: Vec<i32>,
}

/// `precompute_coeffs` and `normalize_coeffs_8bpc`.
fn supports(from: u32, to: u32) -> Vec<Support> {
    let from_per_to = f64::from(from) / f64::from(to);
    // Half the width of the triangle, in source pixels.
    let support = from_per_to.max(1.0);
    let per_support = 1.0 / support;
    let window = |to: u32| {
        let center = (f64::from(to) + 0.5) * from_per_to;
        // `as` saturates: a negative start becomes 0.
        let first = (center - support + 0.5) as u32;
        let end = ((center + support + 0.5) as u32).min(from);
        let weight = |x: u32| {
            let distance = ((f64::from(x) - center + 0.5) * per_support).abs();
            (1.0 - distance).max(0.0)
        };
        let sum: f64 = (first..end).map(weight).sum();
        let fixed = |x| (0.5 + weight(x) / sum * f64::from(1 << FRACTION_BITS)) as i32;
        Support {
            first: first as usize,
            weights: (first..end).map(fixed).collect(),
        }
    };
    (0..to).map(window).collect()
}

/// `clip8`. The sum already includes the half.
fn to_u8(sum: i32) -> u8 {
    (sum >> FRACTION_BITS).clamp(0, 255) as u8
}

/// `ImagingResampleHorizontal_8bpc`.
fn resize_x(image: &RgbImage8, width: u32) -> RgbImage8 {
    let windows = supports(image.width(), width);
    let to = Size {
        width,
        height: image.height(),
    };
    let mut out = vec![0; to.pixels() as usize * 3];
    let rows = image.pixels().chunks_exact(image.width() as usize * 3);
    for (source, target) in rows.zip(out.chunks_exact_mut(width as usize * 3)) {
        let (source, target) = (source.as_chunks::<3>().0, target.as_chunks_mut::<3>().0);
        for (window, target) in windows.iter().zip(target) {
            let mut sums = [HALF; 3];
            for (pixel, &weight) in source[window.first..].iter().zip(&window.weights) {
                for (sum, &value) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(value) * weight;
                }
            }
            *target = sums.map(to_u8);
        }
    }
    RgbImage8::from_parts(to, out)
}

/// `ImagingResampleVertical_8bpc`.
fn resize_y(image: &RgbImage8, height: u32) -> RgbImage8 {
    let to = Size {
        width: image.width(),
        height,
    };
    let stride = to.width as usize * 3;
    let mut out = Vec::with_capacity(to.pixels() as usize * 3);
    let mut sums = vec![HALF; stride];
    for window in supports(image.height(), height) {
        sums.fill(HALF);
        let rows = image.pixels()[window.first * stride..].chunks_exact(stride);
        for (row, weight) in rows.zip(window.weights) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += i32::from(value) * weight;
            }
        }
        out.extend(sums.iter().map(|&sum| to_u8(sum)));
    }
    RgbImage8::from_parts(to, out)
}

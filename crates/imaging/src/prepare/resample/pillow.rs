//! Pillow's `Image.resize` on 8-bit RGB, bit for bit (Pillow, `src/libImaging/Resample.c`): a filter that is some source
//! or some target pixels wide, whichever is more, in 22-bit fixed point; first along x, then along y, with rounding to
//! 8 bits in between, as until version 12. Version 13 starts along y where that is the larger reduction.

use crate::scan::RgbImage8;
use crate::space::Size;

/// Fraction bits of a weight: 32 minus 8 for the pixel and 2 for the sum (`PRECISION_BITS`).
const FRACTION_BITS: u32 = 22;
/// One half, the initial value of every sum, so that truncation rounds.
const HALF: i32 = 1 << (FRACTION_BITS - 1);

/// The shape of the filter.
#[derive(Debug, Clone, Copy)]
enum Filter {
    /// A triangle two pixels wide.
    Bilinear,
    /// The cubic with a = −0.5, four pixels wide.
    Bicubic,
}

impl Filter {
    /// Half its width, in pixels.
    fn support(self) -> f64 {
        match self {
            Self::Bilinear => 1.0,
            Self::Bicubic => 2.0,
        }
    }

    /// `bilinear_filter`, `bicubic_filter`, at a distance of 0 or more pixels.
    fn weight(self, x: f64) -> f64 {
        const A: f64 = -0.5;
        match self {
            Self::Bilinear => (1.0 - x).max(0.0),
            Self::Bicubic if x < 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
            Self::Bicubic if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * A,
            Self::Bicubic => 0.0,
        }
    }
}

/// `BILINEAR`: resizes an image to the size `to`. An axis that keeps its size isn't filtered.
pub(in crate::prepare) fn resize_bilinear(image: &RgbImage8, to: Size) -> RgbImage8 {
    resize(image, to, Filter::Bilinear)
}

/// `BICUBIC`, Pillow's default for RGB.
pub(in crate::prepare) fn resize_bicubic(image: &RgbImage8, to: Size) -> RgbImage8 {
    resize(image, to, Filter::Bicubic)
}

fn resize(image: &RgbImage8, to: Size, filter: Filter) -> RgbImage8 {
    match (image.width() == to.width, image.height() == to.height) {
        (true, true) => image.clone(),
        (false, true) => resize_x(image, to.width, filter),
        (true, false) => resize_y(image, to.height, filter),
        (false, false) => resize_y(&resize_x(image, to.width, filter), to.height, filter),
    }
}

/// The source pixels of a target pixel: consecutive ones from `first` on, with their weights.
struct Support {
    first: usize,
    weights: Vec<i32>,
}

/// `precompute_coeffs` and `normalize_coeffs_8bpc`.
fn supports(from: u32, to: u32, filter: Filter) -> Vec<Support> {
    let from_per_to = f64::from(from) / f64::from(to);
    let scale = from_per_to.max(1.0);
    // Half the width of the filter, in source pixels.
    let support = filter.support() * scale;
    let per_scale = 1.0 / scale;
    let window = |to: u32| {
        let center = (f64::from(to) + 0.5) * from_per_to;
        // `as` saturates: a negative start becomes 0.
        let first = (center - support + 0.5) as u32;
        let end = ((center + support + 0.5) as u32).min(from);
        let weight = |x: u32| filter.weight(((f64::from(x) - center + 0.5) * per_scale).abs());
        let sum: f64 = (first..end).map(weight).sum();
        // Rounded half away from zero: the cubic has negative weights.
        let fixed = |x| {
            let scaled = weight(x) / sum * f64::from(1 << FRACTION_BITS);
            (scaled + 0.5f64.copysign(scaled)) as i32
        };
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
fn resize_x(image: &RgbImage8, width: u32, filter: Filter) -> RgbImage8 {
    let windows = supports(image.width(), width, filter);
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
fn resize_y(image: &RgbImage8, height: u32, filter: Filter) -> RgbImage8 {
    let to = Size {
        width: image.width(),
        height,
    };
    let stride = to.width as usize * 3;
    let mut out = Vec::with_capacity(to.pixels() as usize * 3);
    let mut sums = vec![HALF; stride];
    for window in supports(image.height(), height, filter) {
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

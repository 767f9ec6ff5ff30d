//! scikit-image's `resize(…, order=3, preserve_range=True, anti_aliasing=True)` on 8-bit RGB, truncated to 8 bits
//! like `astype(np.uint8)` (scikit-image, `transform/_warps.py`, `resize`; SciPy, `ndimage/src/ni_interpolation.c`,
//! `NI_ZoomShift`, `grid_mode`): blur, B-spline coefficients, cubic B-spline interpolation, clipping to the image's
//! range.
//!
//! Everything is computed in f64 and in the reference's order of operations, including its filtering and
//! interpolation over the channels as a third axis, because the truncation makes the last bit visible: a uniform area
//! of 100 becomes 99 or 100 depending on how sums were rounded.

use super::gaussian::Blurred;
use super::mirrored;
use super::spline::Coefficients;
use crate::scan::RgbImage8;
use crate::space::Size;

/// Resizes an image to the size `to`.
pub(in crate::prepare) fn resize_cubic(image: &RgbImage8, to: Size) -> RgbImage8 {
    let from = image.size();
    if from == to {
        return image.clone();
    }
    let columns = taps(from.width, to.width);
    let channels = channel_taps();
    let range = range(image);
    let mut coefficients = Coefficients::new(Blurred::new(image, to));
    let mut out = Vec::with_capacity(to.pixels() as usize * 3);
    let mut lines = [const { Vec::new() }; 4];
    for row in taps(from.height, to.height) {
        let (first, last) = row.span();
        coefficients.hold(first, last);
        for ((line, &y), weight) in lines.iter_mut().zip(&row.positions).zip(row.weights) {
            line.clear();
            line.extend(coefficients.row(y).iter().map(|value| value * weight));
        }
        let pixel = |column: &Taps| interpolate(&lines, column, &channels);
        let values = columns.iter().flat_map(pixel);
        // Truncated, not rounded, like the reference.
        out.extend(values.map(|value| value.clamp(range[0], range[1]) as u8));
    }
    RgbImage8::from_parts(to, out)
}

/// Minimum and maximum over all channels. Cubic interpolation overshoots, so the result is clipped to them.
fn range(image: &RgbImage8) -> [f64; 2] {
    let extremes = image
        .pixels()
        .iter()
        .fold([u8::MAX, 0], |[low, high], &value| {
            [low.min(value), high.max(value)]
        });
    extremes.map(f64::from)
}

/// The four coefficients of a target position along one axis, and their weights.
struct Taps {
    positions: [usize; 4],
    weights: [f64; 4],
}

impl Taps {
    /// `get_spline_interpolation_weights` for a position in source pixels, where the first pixel's centre is 0.
    fn new(position: f64, len: usize) -> Self {
        let whole = position.floor();
        let right = position - whole;
        let left = 1.0 - right;
        let inner = |x: f64| (x * x * (x - 2.0) * 3.0 + 4.0) / 6.0;
        let [w0, w1, w2] = [left * left * left / 6.0, inner(right), inner(left)];
        let around = |offset: isize| mirrored(whole as isize + offset, len);
        Taps {
            positions: [-1, 0, 1, 2].map(around),
            weights: [w0, w1, w2, 1.0 - w0 - w1 - w2],
        }
    }

    fn span(&self) -> (usize, usize) {
        let [a, b, c, d] = self.positions;
        (a.min(b).min(c).min(d), a.max(b).max(c).max(d))
    }
}

/// Maps centres to centres: `from = (to + 0.5) · from_per_to − 0.5`. Beyond the first centre the image is mirrored.
fn taps(from: u32, to: u32) -> Vec<Taps> {
    let from_per_to = f64::from(from) / f64::from(to);
    let tap = |to: u32| {
        let position = (f64::from(to) + 0.5) * from_per_to - 0.5;
        Taps::new(if from == 1 { 0.0 } else { position.abs() }, from as usize)
    };
    (0..to).map(tap).collect()
}

fn channel_taps() -> [Taps; 3] {
    [0.0, 1.0, 2.0].map(|channel| Taps::new(channel, 3))
}

/// Interpolates a pixel from four rows of coefficients that are already multiplied by their weights.
fn interpolate(lines: &[Vec<f64>; 4], column: &Taps, channels: &[Taps; 3]) -> [f64; 3] {
    let mut sums = [0.0; 3];
    for line in lines {
        let pixels = line.as_chunks::<3>().0;
        for (&x, weight) in column.positions.iter().zip(column.weights) {
            let rgb = pixels[x].map(|value| value * weight);
            for (sum, channel) in sums.iter_mut().zip(channels) {
                for (&from, weight) in channel.positions.iter().zip(channel.weights) {
                    *sum += rgb[from] * weight;
                }
            }
        }
    }
    sums
}

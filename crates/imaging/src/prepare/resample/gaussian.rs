//! SciPy's `gaussian_filter` with mode "mirror" on 8-bit RGB, row by row, with which scikit-image's `resize` blurs
//! images before it shrinks them (SciPy, `ndimage/_filters.py`, `_gaussian_kernel1d`, and `ndimage/src/ni_filters.c`,
//! `NI_Correlate1D`).

use super::mirrored;
use crate::scan::RgbImage8;
use crate::space::Size;

/// An image, blurred along each axis in proportion to how much it shrinks; an axis that grows isn't blurred.
pub(super) struct Blurred<'a> {
    image: &'a RgbImage8,
    weights_x: Vec<f64>,
    weights_y: Vec<f64>,
}

impl<'a> Blurred<'a> {
    pub(super) fn new(image: &'a RgbImage8, to: Size) -> Self {
        Blurred {
            image,
            weights_x: weights(image.width(), to.width),
            weights_y: weights(image.height(), to.height),
        }
    }

    pub(super) fn size(&self) -> Size {
        self.image.size()
    }

    /// Row `y`, `[width, 3]`, blurred along y, then along x.
    pub(super) fn row(&self, y: usize) -> Vec<f64> {
        self.along_x(self.along_y(y))
    }

    fn source(&self, y: usize) -> &[u8] {
        let stride = self.image.width() as usize * 3;
        &self.image.pixels()[y * stride..][..stride]
    }

    fn along_y(&self, y: usize) -> Vec<f64> {
        let center = self.weights_y[0];
        let values = self.source(y).iter();
        let mut out: Vec<f64> = values.map(|&value| f64::from(value) * center).collect();
        for (distance, &weight) in self.weights_y.iter().enumerate().skip(1).rev() {
            let at = |y: isize| self.source(mirrored(y, self.image.height() as usize));
            let above = at(y as isize - distance as isize);
            let below = at(y as isize + distance as isize);
            for ((sum, &a), &b) in out.iter_mut().zip(above).zip(below) {
                *sum += f64::from(u16::from(a) + u16::from(b)) * weight;
            }
        }
        out
    }

    fn along_x(&self, row: Vec<f64>) -> Vec<f64> {
        let radius = self.weights_x.len() - 1;
        if radius == 0 {
            return row;
        }
        let width = self.image.width() as usize;
        let beyond = -(radius as isize)..(width + radius) as isize;
        let pixels = row.as_chunks::<3>().0;
        let padded = beyond.flat_map(|x| pixels[mirrored(x, width)]);
        let padded: Vec<f64> = padded.collect();
        let shifted = |x: usize| &padded[x * 3..][..row.len()];
        let mut out: Vec<f64> = row.iter().map(|value| value * self.weights_x[0]).collect();
        for (distance, &weight) in self.weights_x.iter().enumerate().skip(1).rev() {
            let (left, right) = (shifted(radius - distance), shifted(radius + distance));
            for ((sum, &a), &b) in out.iter_mut().zip(left).zip(right) {
                *sum += (a + b) * weight;
            }
        }
        out
    }
}

/// Weights by distance in pixels, from 0 to the radius.
///
/// `sigma = (from / to − 1) / 2` pixels; the radius is `4 · sigma`. Without blur the radius is 0 and its weight 1.
fn weights(from: u32, to: u32) -> Vec<f64> {
    let sigma = ((f64::from(from) / f64::from(to) - 1.0) / 2.0).max(0.0);
    let radius = (4.0 * sigma + 0.5) as u32;
    if radius == 0 {
        return vec![1.0];
    }
    let exponent = -0.5 / (sigma * sigma);
    let bell: Vec<f64> = (0..=radius)
        .map(|distance| (exponent * f64::from(distance * distance)).exp())
        .collect();
    let both_sides = bell.iter().skip(1).rev().chain(&bell).copied();
    let sum = numpy_sum(&both_sides.collect::<Vec<f64>>());
    bell.iter().map(|value| value / sum).collect()
}

/// Sums in NumPy's order (`pairwise_sum` of up to 128 values).
///
/// The order matters: the last bit of this sum decides whether a uniform area keeps its grey level or loses one to the
/// final truncation.
fn numpy_sum(values: &[f64]) -> f64 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
    rest.iter().fold(sum, |sum, value| sum + value)
}

//! Resizes maps as PyTorch's `interpolate` does with `align_corners=False`: each axis by one matrix product.

use burn::tensor::{Device, Tensor, TensorData};

use crate::ops::{Activation, linear};

/// How a value between pixels is found. A pixel's centre is at its index plus one half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// From the two nearest pixels of an axis, also where the map shrinks.
    Bilinear,
    /// As [`Bilinear`](Self::Bilinear), and where the map shrinks from all pixels that a new pixel covers
    /// (`antialias=True`).
    Antialiased,
    /// From the four nearest pixels of an axis, by the cubic with a = −0.75.
    Bicubic,
}

/// Resizes maps to `height` × `width`.
///
/// Shapes: `[B, C, H, W]` → `[B, C, height, width]`.
pub fn resize(x: Tensor<4>, [height, width]: [usize; 2], filter: Filter) -> Tensor<4> {
    let [_, _, from_height, from_width] = x.dims();
    let x = match from_width == width {
        true => x,
        false => last_axis(x, width, filter),
    };
    match from_height == height {
        true => x,
        false => last_axis(x.swap_dims(2, 3), height, filter).swap_dims(2, 3),
    }
}

fn last_axis(x: Tensor<4>, to: usize, filter: Filter) -> Tensor<4> {
    let [_, _, _, from] = x.dims();
    let weights = weights(filter, from, to, &x.device());
    linear(x, weights, None, Activation::Identity)
}

/// The part of each old pixel in each new one, `[from, to]`.
fn weights(filter: Filter, from: usize, to: usize, device: &Device) -> Tensor<2> {
    let mut weights = vec![0f32; from * to];
    let scale = from as f64 / to as f64;
    for new in 0..to {
        let centre = scale * (new as f64 + 0.5);
        for (old, weight) in taps(filter, centre, scale, from) {
            weights[old * to + new] += weight as f32;
        }
    }
    Tensor::from_data(TensorData::new(weights, [from, to]), device)
}

/// The old pixels that a new one is made of, with their parts. `centre` is the new one's centre on the old axis.
fn taps(filter: Filter, centre: f64, scale: f64, from: usize) -> Vec<(usize, f64)> {
    let last = from as isize - 1;
    let inside = |index: isize| index.clamp(0, last) as usize;
    match filter {
        Filter::Bilinear => {
            let at = (centre - 0.5).max(0.0);
            let (first, part) = (at.floor() as isize, at.fract());
            vec![(inside(first), 1.0 - part), (inside(first + 1), part)]
        }
        Filter::Bicubic => {
            let at = centre - 0.5;
            let (first, part) = (at.floor() as isize, at - at.floor());
            let tap = |offset: isize| {
                let distance = (offset as f64 - part).abs();
                (inside(first + offset), cubic(distance))
            };
            (-1..=2).map(tap).collect()
        }
        Filter::Antialiased => {
            let support = scale.max(1.0);
            let first = (centre - support + 0.5).max(0.0) as usize;
            let end = ((centre + support + 0.5) as usize).min(from);
            let tap = |old: usize| {
                let distance = (old as f64 + 0.5 - centre).abs() / support;
                (old, (1.0 - distance).max(0.0))
            };
            let taps: Vec<_> = (first..end).map(tap).collect();
            let sum: f64 = taps.iter().map(|(_, weight)| weight).sum();
            taps.into_iter().map(|(old, w)| (old, w / sum)).collect()
        }
    }
}

/// Keys' cubic convolution kernel with PyTorch's a = −0.75, at a distance of 0 to 2 pixels.
fn cubic(distance: f64) -> f64 {
    const A: f64 = -0.75;
    let d = distance;
    if d <= 1.0 {
        ((A + 2.0) * d - (A + 3.0)) * d * d + 1.0
    } else if d < 2.0 {
        ((A * d - 5.0 * A) * d + 8.0 * A) * d - 4.0 * A
    } else {
        0.0
    }
}

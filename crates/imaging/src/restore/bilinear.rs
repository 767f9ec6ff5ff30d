//! Bilinear interpolation with `align_corners = false`, in f32 as PyTorch computes it
//! (`torch.nn.functional.interpolate`, `upsample_bilinear2d`; no antialiasing).

use crate::space::Size;

/// The two source positions of a target position, and the weight of the second.
struct Taps {
    first: usize,
    second: usize,
    weight: f32,
}

/// Enlarges the top left `from` values of a grid with rows of `stride` values to the size `to`.
pub(super) fn enlarge(values: &[f32], stride: u32, from: Size, to: Size) -> Vec<f32> {
    let columns = taps(from.width, to.width);
    let stride = stride as usize;
    let mut out = Vec::with_capacity(to.width as usize * to.height as usize);
    for row in taps(from.height, to.height) {
        let upper = &values[row.first * stride..];
        let lower = &values[row.second * stride..];
        out.extend(columns.iter().map(|column| {
            let mix = |line: &[f32]| {
                (1.0 - column.weight) * line[column.first] + column.weight * line[column.second]
            };
            (1.0 - row.weight) * mix(upper) + row.weight * mix(lower)
        }));
    }
    out
}

/// Maps centres to centres: `x_from = (x_to + 0.5) · from / to − 0.5`, at least 0.
fn taps(from: u32, to: u32) -> Vec<Taps> {
    let from_per_to = from as f32 / to as f32;
    let last = from as usize - 1;
    let tap = |i: u32| {
        // Fused like in PyTorch's build: far from 0, the rounding of the product changes the weight.
        let position = from_per_to.mul_add(i as f32 + 0.5, -0.5).max(0.0);
        let first = (position as usize).min(last);
        Taps {
            first,
            second: (first + 1).min(last),
            weight: (position - first as f32).clamp(0.0, 1.0),
        }
    };
    (0..to).map(tap).collect()
}

#[cfg(test)]
mod tests;

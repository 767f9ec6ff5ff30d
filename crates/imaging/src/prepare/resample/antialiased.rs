//! torchvision's `Resize` of an image of floats (PyTorch, `_upsample_bilinear2d_aa`): a triangle that is two source or two
//! target pixels wide, whichever is more; first along x, then along y, without rounding in between.

use crate::scan::RgbImage8;
use crate::space::Size;

/// The source pixels of a target pixel: consecutive ones from `first` on, with their weights.
struct Support {
    first: usize,
    weights: Vec<f32>,
}

/// Resizes an image to planes of red, green and blue, `[3, height, width]`, each value in `[0, 1]`.
pub(in crate::prepare) fn resize_antialiased(image: &RgbImage8, to: Size) -> Vec<f32> {
    let (columns, rows) = (
        supports(image.width(), to.width),
        supports(image.height(), to.height),
    );
    let (from_width, width) = (image.width() as usize, to.width as usize);
    let mut out = Vec::with_capacity(3 * width * rows.len());
    for channel in 0..3 {
        let across: Vec<f32> = image
            .pixels()
            .chunks_exact(3 * from_width)
            .flat_map(|row| {
                columns
                    .iter()
                    .map(move |support| mix(row, channel, support))
            })
            .collect();
        for support in &rows {
            let begin = out.len();
            out.resize(begin + width, 0.0);
            for (row, weight) in across[support.first * width..]
                .chunks_exact(width)
                .zip(&support.weights)
            {
                for (sum, value) in out[begin..].iter_mut().zip(row) {
                    *sum += value * weight;
                }
            }
        }
    }
    out
}

fn mix(row: &[u8], channel: usize, support: &Support) -> f32 {
    let values = row[3 * support.first..].iter().skip(channel).step_by(3);
    let parts = values.zip(&support.weights);
    parts
        .map(|(&value, weight)| f32::from(value) / 255.0 * weight)
        .sum()
}

/// `HelperInterpLinear`, `_compute_indices_min_size_weights_aa`.
fn supports(from: u32, to: u32) -> Vec<Support> {
    let from_per_to = f64::from(from) / f64::from(to);
    let scale = from_per_to.max(1.0);
    let support = |index: u32| {
        let centre = from_per_to * (f64::from(index) + 0.5);
        // `as` saturates: a negative start becomes 0.
        let first = (centre - scale + 0.5) as u32;
        let end = ((centre + scale + 0.5) as u32).min(from);
        let weight = |at: u32| (1.0 - ((f64::from(at) - centre + 0.5) / scale).abs()).max(0.0);
        let sum: f64 = (first..end).map(weight).sum();
        Support {
            first: first as usize,
            weights: (first..end).map(|at| (weight(at) / sum) as f32).collect(),
        }
    };
    (0..to).map(support).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: u32, height: u32, levels: &[u8]) -> RgbImage8 {
        let pixels = levels.iter().flat_map(|&level| [level; 3]).collect();
        RgbImage8::new(width, height, pixels).unwrap()
    }

    #[test]
    fn an_image_of_the_models_size_stays() {
        let image = grey(2, 2, &[0, 51, 102, 255]);
        let size = Size {
            width: 2,
            height: 2,
        };
        let plane = [0.0, 0.2, 0.4, 1.0];
        let found = resize_antialiased(&image, size);
        let differences = found
            .iter()
            .zip(plane.iter().cycle())
            .map(|(a, b)| (a - b).abs());
        assert!(differences.fold(0.0, f32::max) < 1e-7, "{found:?}");
    }

    /// Worked by hand: half the width gives a triangle of four pixels with the weights 1, 3, 3, 1; at the edges the pixel
    /// outside is left out.
    #[test]
    fn a_smaller_image_has_the_mean_of_a_triangle() {
        let image = grey(4, 1, &[255, 0, 0, 0]);
        let size = Size {
            width: 2,
            height: 1,
        };
        let found = resize_antialiased(&image, size);
        assert!((found[0] - 3.0 / 7.0).abs() < 1e-6, "{found:?}");
        assert!((found[1] - 0.0).abs() < 1e-6, "{found:?}");
        let image = grey(4, 1, &[0, 255, 0, 0]);
        let found = resize_antialiased(&image, size);
        assert!((found[1] - 1.0 / 7.0).abs() < 1e-6, "{found:?}");
    }
}

//! LiteMedSAM's recipe (MedSAM, branch LiteMedSAM, `CVPR24_LiteMedSAM_infer.py`:
//! `resize_longest_side`, `MedSAM_infer_npz_2D`, `pad_image`, `resize_box_to_256`).

use super::Prepared;
use super::resample::resize_area;
use crate::scan::RgbImage8;
use crate::space::{Placement, Size};

/// Side of the model's square.
const SIDE: u32 = 256;

pub(super) fn placement(image: Size) -> Placement {
    let model_per_image = f64::from(SIDE) / f64::from(image.longest_side());
    // Differs from the reference, which fails on an image more than 512 times as long as wide:
    // its short side becomes one pixel here.
    let resize = |side: u32| ((f64::from(side) * model_per_image + 0.5) as u32).max(1);
    Placement {
        image,
        resized: Size {
            width: resize(image.width),
            height: resize(image.height),
        },
        side: SIDE,
        model_per_image: [model_per_image; 2],
        truncates_boxes: true,
    }
}

pub(super) fn prepare(image: &RgbImage8) -> Prepared {
    let placement = placement(image.size());
    let resized = resize_area(image, placement.resized);
    Prepared {
        input: normalise_and_pad(&resized),
        resized,
        placement,
    }
}

/// `[height, width, 3]` in `[0, 255]` → `[3, 256, 256]` in `[0, 1]`.
///
/// `(x − min) / max(max − min, 1e-8)` with the extremes of all channels together, then zeros to
/// the right and below: the padding is as dark as the darkest pixel.
fn normalise_and_pad(resized: &RgbImage8) -> Vec<f32> {
    let pixels = resized.pixels();
    let min = pixels.iter().copied().min().unwrap_or(0);
    let max = pixels.iter().copied().max().unwrap_or(0);
    let range = f64::from(max - min).max(1e-8);
    let side = SIDE as usize;
    let mut input = vec![0.0; 3 * side * side];
    let rows = pixels.chunks_exact(resized.width() as usize * 3);
    for (y, row) in rows.enumerate() {
        for (x, rgb) in row.as_chunks::<3>().0.iter().enumerate() {
            for (channel, &value) in rgb.iter().enumerate() {
                // The reference divides in double precision and rounds to single afterwards.
                let normal = f64::from(value - min) / range;
                input[(channel * side + y) * side + x] = normal as f32;
            }
        }
    }
    input
}

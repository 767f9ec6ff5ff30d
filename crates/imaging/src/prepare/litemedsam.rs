//! LiteMedSAM's recipe (MedSAM, branch LiteMedSAM, `CVPR24_LiteMedSAM_infer.py`:
//! `resize_longest_side`, `MedSAM_infer_npz_2D`, `pad_image`, `resize_box_to_256`).

use super::Prepared;
use super::planes::{min_max, padded_planes};
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
        input: padded_planes(&resized, SIDE, min_max(&resized)),
        resized,
        placement,
    }
}

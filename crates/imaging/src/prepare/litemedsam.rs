//! LiteMedSAM's recipe (MedSAM, branch LiteMedSAM, `CVPR24_LiteMedSAM_infer.py`:
//! `resize_longest_side`, `MedSAM_infer_npz_2D`, `pad_image`, `resize_box_to_256`).

use super::Prepared;
use super::longest_side::longest_side_to;
use super::planes::{min_max, padded_planes};
use super::resample::resize_area;
use crate::scan::RgbImage8;
use crate::space::{Placement, Size};

/// Side of the model's square.
const SIDE: u32 = 256;

pub(super) fn placement(image: Size) -> Placement {
    let (model_per_image, resized) = longest_side_to(SIDE, image);
    Placement {
        image,
        resized,
        side: SIDE,
        model_per_image: [model_per_image; 2],
        truncates_boxes: true,
        logits: SIDE,
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

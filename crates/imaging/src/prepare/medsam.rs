//! MedSAM's recipe, for its ViT-B (bowang-lab/MedSAM, branch main, `MedSAM_Inference.py`, "image
//! preprocessing" and `box_1024`).

use super::Prepared;
use super::planes::{min_max, padded_planes};
use super::resample::resize_cubic;
use crate::scan::RgbImage8;
use crate::space::{Placement, Size};

/// Side of the model's square.
const SIDE: u32 = 1024;

pub(super) fn placement(image: Size) -> Placement {
    Placement::stretched(image, SIDE)
}

pub(super) fn prepare(image: &RgbImage8) -> Prepared {
    let placement = placement(image.size());
    let resized = resize_cubic(image, placement.resized);
    Prepared {
        input: padded_planes(&resized, SIDE, min_max(&resized)),
        resized,
        placement,
    }
}

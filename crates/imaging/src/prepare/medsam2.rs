//! MedSAM2's recipe (bowang-lab/MedSAM2, `medsam2_infer_3D_CT.py`, `resize_grayscale_to_rgb_and_resize` and what follows
//! it). The window, and the minimum and maximum of the whole volume, are the scan's rendering.

use super::Prepared;
use super::planes::padded_planes;
use super::resample::resize_bicubic;
use super::sam2::{MEAN, STD};
use crate::scan::RgbImage8;
use crate::space::{Placement, Size};

/// Side of the model's square.
const SIDE: u32 = 512;

pub(super) fn placement(image: Size) -> Placement {
    Placement::stretched(image, SIDE)
}

pub(super) fn prepare(image: &RgbImage8) -> Prepared {
    let placement = placement(image.size());
    let resized = resize_bicubic(image, placement.resized);
    // The reference computes in double precision, with a mean and a deviation in single precision, and rounds at the end.
    let normal = |channel: usize, value| {
        let (mean, std) = (f64::from(MEAN[channel]), f64::from(STD[channel]));
        ((f64::from(value) / 255.0 - mean) / std) as f32
    };
    Prepared {
        input: padded_planes(&resized, SIDE, normal),
        resized,
        placement,
    }
}

//! MedSAM2's recipe (bowang-lab/MedSAM2, `medsam2_infer_3D_CT.py`, `resize_grayscale_to_rgb_and_resize` and what follows
//! it). The window, and the minimum and maximum of the whole volume, are the scan's rendering.

use super::Prepared;
use super::planes::padded_planes;
use super::resample::resize_bicubic;
use crate::scan::RgbImage8;
use crate::space::Placement;

/// Side of the model's square.
const SIDE: u32 = 512;
/// Mean and standard deviation of ImageNet's red, green and blue, on a scale of 0 to 1.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const STD: [f32; 3] = [0.229, 0.224, 0.225];

pub(super) fn prepare(image: &RgbImage8) -> Prepared {
    let placement = Placement::stretched(image.size(), SIDE);
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

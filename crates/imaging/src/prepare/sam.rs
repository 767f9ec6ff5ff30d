//! SAM's recipe (facebookresearch/segment-anything, `utils/transforms.py`, `ResizeLongestSide`, and
//! `modeling/sam.py`, `Sam.preprocess`).

use super::Prepared;
use super::longest_side::longest_side_to;
use super::planes::padded_planes;
use super::resample::resize_bilinear;
use crate::scan::RgbImage8;
use crate::space::{Placement, Size};

/// Side of the model's square.
const SIDE: u32 = 1024;
/// Mean and standard deviation of ImageNet's red, green and blue, on a scale of 0 to 255 (`Sam.__init__`).
const MEAN: [f32; 3] = [123.675, 116.28, 103.53];
const STD: [f32; 3] = [58.395, 57.12, 57.375];

pub(super) fn placement(image: Size) -> Placement {
    let (_, resized) = longest_side_to(SIDE, image);
    Placement {
        image,
        resized,
        side: SIDE,
        // Computed from the rounded size, for each axis (`apply_coords`).
        model_per_image: [
            f64::from(resized.width) / f64::from(image.width),
            f64::from(resized.height) / f64::from(image.height),
        ],
        truncates_boxes: false,
        logits: SIDE / 4,
    }
}

pub(super) fn prepare(image: &RgbImage8) -> Prepared {
    let placement = placement(image.size());
    let resized = resize_bilinear(image, placement.resized);
    let normal = |channel: usize, value| (f32::from(value) - MEAN[channel]) / STD[channel];
    Prepared {
        // Padding after the normalisation is as bright as the mean.
        input: padded_planes(&resized, SIDE, normal),
        resized,
        placement,
    }
}

/// The grey level, 0 to 255, that a value of the input stands for.
pub(super) fn denormalised(channel: usize, value: f32) -> f32 {
    value * STD[channel] + MEAN[channel]
}

//! SAM 2.1's recipe for images (facebookresearch/sam2, `sam2/utils/transforms.py`, `SAM2Transforms`).

use super::Prepared;
use super::resample::resize_antialiased;
use crate::scan::RgbImage8;
use crate::space::{Placement, Size};

/// Side of the model's square.
const SIDE: u32 = 1024;
/// Mean and standard deviation of ImageNet's red, green and blue, on a scale of 0 to 1.
pub(super) const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
pub(super) const STD: [f32; 3] = [0.229, 0.224, 0.225];

pub(super) fn placement(image: Size) -> Placement {
    Placement::stretched(image, SIDE)
}

pub(super) fn prepare(image: &RgbImage8) -> Prepared {
    prepare_at(SIDE, image)
}

pub(super) fn prepare_at(side: u32, image: &RgbImage8) -> Prepared {
    let placement = Placement::stretched(image.size(), side);
    let mut input = resize_antialiased(image, placement.resized);
    let plane = input.len() / 3;
    let level = |at: usize| (255.0 * input[at % 3 * plane + at / 3]).round() as u8;
    let resized = RgbImage8::from_parts(placement.resized, (0..input.len()).map(level).collect());
    for (channel, values) in input.chunks_exact_mut(plane).enumerate() {
        for value in values {
            *value = (*value - MEAN[channel]) / STD[channel];
        }
    }
    Prepared {
        input,
        resized,
        placement,
    }
}

/// The grey level, 0 to 255, that a value of the input stands for.
pub(super) fn denormalised(channel: usize, value: f32) -> f32 {
    255.0 * (value * STD[channel] + MEAN[channel])
}

//! The image → the input of the model, one recipe for each family of weights.

mod litemedsam;
mod resample;

use crate::scan::RgbImage8;
use crate::space::{Placement, Size};

/// How a family of weights wants its input, and how its logits come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recipe {
    /// LiteMedSAM: longest side to 256, min–max to `[0, 1]`, padding at the right and the bottom.
    LiteMedSam,
}

impl Recipe {
    /// Where the recipe puts an image of this size.
    pub fn placement(self, image: Size) -> Placement {
        match self {
            Recipe::LiteMedSam => litemedsam::placement(image),
        }
    }
}

/// What the model is given for one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The input, `[3, side, side]`, red, green, blue; for [`Recipe::LiteMedSam`] in `[0, 1]`.
    pub input: Vec<f32>,
    /// The image at its size within the model's square, before normalisation and padding.
    pub resized: RgbImage8,
    /// Where the image lies in the square.
    pub placement: Placement,
}

/// The input of the model for an image.
pub fn prepare(recipe: Recipe, image: &RgbImage8) -> Prepared {
    match recipe {
        Recipe::LiteMedSam => litemedsam::prepare(image),
    }
}

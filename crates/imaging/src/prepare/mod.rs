//! Prepares an image as input of the model, with one recipe for each family of weights.

mod litemedsam;
mod longest_side;
mod medsam;
mod medsam2;
mod planes;
mod resample;
mod sam;
mod sam2;

use std::fmt;

use serde::{Deserialize, Serialize};

pub(crate) use resample::resize_area;

use crate::scan::RgbImage8;
use crate::space::{Placement, Size};

/// How a family of weights is fed, and how its logits become a mask.
///
/// | | side | resize | input | padding | back |
/// |---|---|---|---|---|---|
/// | `Sam` | 1024 | longest side, Pillow's bilinear | `(x − mean) / std` | mean | 1024², crop, image, sigmoid |
/// | `MedSam` | 1024 | both sides, cubic spline | min–max to `[0, 1]` | none | sigmoid, image |
/// | `LiteMedSam` | 256 | longest side, OpenCV's area | min–max to `[0, 1]` | min | crop, image, sigmoid |
/// | `Sam2` | 1024 | both sides, torchvision's antialiased bilinear | `(x − mean) / std` | none | image, sigmoid |
/// | `MedSam2` | 512 | both sides, Pillow's bicubic | `(x − mean) / std` | none | image, sigmoid |
///
/// Where there is a mean and a standard deviation, they are ImageNet's, and the input lies in `[-2.12, 2.64]`. Logits are 256
/// on a side, those of `MedSam2` 128.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Recipe {
    /// SAM, preprocessed as by its authors (`SamPredictor.set_image`).
    Sam,
    /// MedSAM's ViT-B, preprocessed as by its authors (`MedSAM_Inference.py`).
    ///
    /// Hugging Face's `SamProcessor` uses SAM's recipe for the same weights (`medsam-vit-base`), so results from
    /// `transformers` differ from these.
    MedSam,
    /// LiteMedSAM, preprocessed as by its authors (`CVPR24_LiteMedSAM_infer.py`).
    LiteMedSam,
    /// SAM 2.1, preprocessed as by its authors for images (`SAM2ImagePredictor.set_image`).
    Sam2,
    /// MedSAM2, preprocessed as by its authors (`medsam2_infer_3D_CT.py`). The window, and the minimum and maximum of the
    /// whole volume, are the scan's rendering.
    MedSam2,
}

impl Recipe {
    /// Where the recipe places an image of this size in the model's square.
    pub fn placement(self, image: Size) -> Placement {
        match self {
            Recipe::Sam => sam::placement(image),
            Recipe::MedSam => medsam::placement(image),
            Recipe::LiteMedSam => litemedsam::placement(image),
            Recipe::Sam2 => sam2::placement(image),
            Recipe::MedSam2 => medsam2::placement(image),
        }
    }
}

/// The name that the authors gave the weights.
impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Recipe::Sam => "SAM",
            Recipe::MedSam => "MedSAM",
            Recipe::LiteMedSam => "LiteMedSAM",
            Recipe::Sam2 => "SAM 2.1",
            Recipe::MedSam2 => "MedSAM2",
        })
    }
}

/// The model's input for one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The input, `[3, side, side]`, in the order red, green, blue; the [`Recipe`] defines its range.
    pub input: Vec<f32>,
    /// The resized image, before normalisation and padding.
    pub resized: RgbImage8,
    /// Placement of the image in the square.
    pub placement: Placement,
}

impl Prepared {
    /// The input as an image, `[side, side, 3]` in 8 bits: the normalisation is undone (0 to 1 becomes 0 to 255), the
    /// padding is kept.
    pub fn visible(&self, recipe: Recipe) -> RgbImage8 {
        let side = self.placement.side;
        let pixels = side as usize * side as usize;
        let level = |at: usize| {
            let (pixel, channel) = (at / 3, at % 3);
            let value = self.input[channel * pixels + pixel];
            let level = match recipe {
                Recipe::Sam => sam::denormalised(channel, value),
                Recipe::MedSam | Recipe::LiteMedSam => 255.0 * value,
                Recipe::Sam2 | Recipe::MedSam2 => sam2::denormalised(channel, value),
            };
            level.round() as u8
        };
        let size = Size {
            width: side,
            height: side,
        };
        RgbImage8::from_parts(size, (0..3 * pixels).map(level).collect())
    }
}

/// Prepares an image as SAM 2.1's recipe does, for a square of another side: SAM 2's models run at several.
pub fn prepare_sam2_at(side: u32, image: &RgbImage8) -> Prepared {
    sam2::prepare_at(side, image)
}

/// Prepares an image for the model.
pub fn prepare(recipe: Recipe, image: &RgbImage8) -> Prepared {
    match recipe {
        Recipe::Sam => sam::prepare(image),
        Recipe::MedSam => medsam::prepare(image),
        Recipe::LiteMedSam => litemedsam::prepare(image),
        Recipe::Sam2 => sam2::prepare(image),
        Recipe::MedSam2 => medsam2::prepare(image),
    }
}

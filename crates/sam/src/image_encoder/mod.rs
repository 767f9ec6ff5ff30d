//! Image encoders: they turn an image into the embedding that all prompts on it share.

mod neck;
pub mod tiny_vit;
pub mod vit;

pub use neck::Neck;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use tiny_vit::{TinyVit, TinyVitConfig};
use vit::{Vit, VitConfig};

/// Which image encoder a model has, and its sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ImageEncoderConfig {
    /// In MobileSAM and LiteMedSAM.
    TinyVit(TinyVitConfig),
    /// In SAM and MedSAM.
    Vit(VitConfig),
}

impl ImageEncoderConfig {
    /// The encoder with random weights.
    pub fn init(&self, device: &Device) -> ImageEncoder {
        match self {
            Self::TinyVit(config) => ImageEncoder::TinyVit(config.init(device)),
            Self::Vit(config) => ImageEncoder::Vit(config.init(device)),
        }
    }
}

impl ImageEncoderConfig {
    /// The number of values of the largest map whose rows the members of a [`Team`](crate::Team) share.
    pub fn largest_shared_map(&self) -> usize {
        match self {
            Self::TinyVit(config) => config.largest_shared_map(),
            Self::Vit(config) => config.largest_shared_map(),
        }
    }
}

/// An image encoder, as a sequence of steps.
///
/// Each step takes a fraction of a second on a CPU, so that a caller can show progress, cancel, and submit work to a GPU
/// in portions.
#[derive(Module, Debug)]
pub enum ImageEncoder {
    /// In MobileSAM and LiteMedSAM.
    TinyVit(TinyVit),
    /// In SAM and MedSAM.
    Vit(Vit),
}

impl ImageEncoder {
    /// For each step in order, the reference's name of its stage (`patch_embed`, `layers.0` or `blocks.0`, …, `neck`).
    pub fn steps(&self) -> Vec<String> {
        match self {
            Self::TinyVit(encoder) => encoder.steps(),
            Self::Vit(encoder) => encoder.steps(),
        }
    }

    /// Runs step `index`, counted from 0.
    ///
    /// # Shapes
    ///
    /// - input of step 0: the image `[B, 3, S, S]`, prepared by the checkpoint's recipe
    /// - output of the last step: the embedding `[B, C, G, G]`
    /// - between steps: a channels-last map; its size depends on the encoder
    ///
    /// # Panics
    ///
    /// Panics if there is no step `index`.
    pub fn step(&self, index: usize, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::TinyVit(encoder) => encoder.step(index, x),
            Self::Vit(encoder) => encoder.step(index, x),
        }
    }

    /// Runs all steps. Shapes: `[B, 3, S, S]` → `[B, C, G, G]`.
    pub fn forward(&self, image: Tensor<4>) -> Tensor<4> {
        (0..self.steps().len()).fold(image, |x, index| self.step(index, x))
    }
}

//! Image encoders: an image becomes the embedding that every prompt on it shares.

mod neck;
pub mod tiny_vit;
pub mod vit;
pub(crate) mod windows;

pub use neck::Neck;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::config::{TinyVitConfig, VitConfig};
use tiny_vit::TinyVit;
use vit::Vit;

/// Which image encoder a model has, and its sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ImageEncoderConfig {
    /// MobileSAM's and LiteMedSAM's.
    TinyVit(TinyVitConfig),
    /// SAM's and MedSAM's.
    Vit(VitConfig),
}

impl ImageEncoderConfig {
    /// The encoder with freshly initialised weights.
    pub fn init(&self, device: &Device) -> ImageEncoder {
        match self {
            Self::TinyVit(config) => ImageEncoder::TinyVit(config.init(device)),
            Self::Vit(config) => ImageEncoder::Vit(config.init(device)),
        }
    }
}

/// An image encoder.
///
/// It is a sequence of steps, each a fraction of a second of work on a CPU, so that a caller can
/// show progress, cancel, and hand a GPU its work in portions.
#[derive(Module, Debug)]
pub enum ImageEncoder {
    /// MobileSAM's and LiteMedSAM's.
    TinyVit(TinyVit),
    /// SAM's and MedSAM's.
    Vit(Vit),
}

impl ImageEncoder {
    /// The stage that each step belongs to, in order, by the reference's name of it
    /// (`patch_embed`, `layers.0` or `blocks.0`, …, `neck`).
    pub fn steps(&self) -> Vec<String> {
        match self {
            Self::TinyVit(encoder) => encoder.steps(),
            Self::Vit(encoder) => encoder.steps(),
        }
    }

    /// Does step `index`, counted from 0.
    ///
    /// # Shapes
    ///
    /// - into step 0: the image `[B, 3, S, S]`, as the checkpoint's recipe prepared it
    /// - out of the last step: the embedding `[B, C, G, G]`
    /// - between steps: the encoder's own, channels-last
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

    /// All steps. Shapes: `[B, 3, S, S]` → `[B, C, G, G]`.
    pub fn forward(&self, image: Tensor<4>) -> Tensor<4> {
        (0..self.steps().len()).fold(image, |x, index| self.step(index, x))
    }
}

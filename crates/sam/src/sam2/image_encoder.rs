use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::Sam2;
use super::hiera::{Hiera, HieraConfig};
use super::neck::FpnNeck;

/// Sizes of a [`Sam2ImageEncoder`].
#[derive(Config, Debug, PartialEq)]
pub struct Sam2ImageEncoderConfig {
    /// Its sizes.
    pub trunk: HieraConfig,
    /// Channels of all maps after the neck.
    pub dim: usize,
}

/// A trunk and a neck.
///
/// Source: `sam2/modeling/backbones/image_encoder.py`, class `ImageEncoder`.
#[derive(Module, Debug)]
pub struct Sam2ImageEncoder {
    /// `[B, 3, S, S]` → a map of each stage.
    pub trunk: Hiera,
    /// Maps of all stages in the same channels.
    pub neck: FpnNeck,
}

impl Sam2ImageEncoderConfig {
    /// The encoder with random weights.
    pub fn init(&self, device: &Device) -> Sam2ImageEncoder {
        Sam2ImageEncoder {
            trunk: self.trunk.init(device),
            neck: FpnNeck::new(&self.trunk, self.dim, device),
        }
    }
}

/// What the model needs of a slice. Maps are channels-last.
#[derive(Debug, Clone)]
pub struct ImageFeatures {
    /// The embedding, `[1, G, G, C]`, without memories.
    pub embedding: Tensor<4>,
    /// The map at twice the resolution, `[1, 2G, 2G, C/4]`.
    pub s1: Tensor<4>,
    /// The map at four times the resolution, `[1, 4G, 4G, C/8]`.
    pub s0: Tensor<4>,
}

/// An image on its way through the encoder.
///
/// Each step takes a fraction of a second on a CPU, so that a caller can show progress, cancel, and submit work to a GPU
/// in portions.
#[derive(Debug)]
pub struct Encoding {
    x: Tensor<4>,
    /// The maps of the stages that are finished.
    stages: Vec<Tensor<4>>,
    next: usize,
}

impl Encoding {
    /// Starts with an image, `[1, 3, S, S]`, prepared by the checkpoint's recipe.
    pub fn new(image: Tensor<4>) -> Self {
        Self {
            x: image,
            stages: Vec::with_capacity(4),
            next: 0,
        }
    }

    /// The result of the last step, channels-last.
    pub fn value(&self) -> &Tensor<4> {
        &self.x
    }
}

impl Sam2 {
    /// The names of the steps that encode an image: the patch embedding, the blocks, the neck.
    pub fn steps(&self) -> Vec<String> {
        let blocks = 0..self.image_encoder.trunk.blocks.len();
        let blocks = blocks.map(|index| format!("trunk.blocks.{index}"));
        std::iter::once("trunk.patch_embed".to_owned())
            .chain(blocks)
            .chain(["neck".to_owned()])
            .collect()
    }

    /// What encodes images, for another thread or worker: without the layers that only prompts and memories pass, a quarter of
    /// all weights.
    #[must_use]
    pub fn into_image_encoder(mut self) -> Self {
        self.memory_attention.layers.clear();
        self.memory_encoder.fuser.layers.clear();
        self.sam_mask_decoder.transformer.layers.clear();
        self
    }

    /// The shapes of [`ImageFeatures`]: of the embedding, the map at twice its resolution, and that at four times.
    pub fn feature_shapes(&self) -> [[usize; 4]; 3] {
        let (grid, [_, dim]) = (self.image_size() / 16, self.no_obj_ptr.dims());
        [(1, dim), (2, dim / 4), (4, dim / 8)]
            .map(|(factor, channels)| [1, factor * grid, factor * grid, channels])
    }

    /// Runs the next step; returns the features after the last one.
    pub fn encode_step(&self, encoding: &mut Encoding) -> Option<ImageFeatures> {
        let trunk = &self.image_encoder.trunk;
        let step = encoding.next;
        encoding.next += 1;
        if step == 0 {
            encoding.x = trunk.embed(encoding.x.clone());
            return None;
        }
        if let Some(block) = trunk.blocks.get(step - 1) {
            encoding.x = block.forward(encoding.x.clone());
            if trunk.ends_stage(step - 1) {
                encoding.stages.push(encoding.x.clone());
            }
            return None;
        }
        let stages = core::mem::take(&mut encoding.stages);
        let stages: [Tensor<4>; 4] = stages.try_into().ok()?;
        let [s0, s1, embedding, _] = self.image_encoder.neck.forward(stages);
        let [s0, s1] = self.sam_mask_decoder.fine_maps(s0, s1);
        Some(ImageFeatures { embedding, s1, s0 })
    }

    /// Encodes an image by all steps. Shape: `[1, 3, S, S]`.
    pub fn encode(&self, image: Tensor<4>) -> ImageFeatures {
        let mut encoding = Encoding::new(image);
        loop {
            if let Some(features) = self.encode_step(&mut encoding) {
                return features;
            }
        }
    }
}

//! The two networks that a session runs, and what each makes of a slice.

use burn::tensor::{Device, Tensor};
use burn_sam::sam2::{ImageFeatures, Sam2};
use burn_sam::{Checkpoint, ImageEncoder, MaskPrediction, Precision, Prompts, Sam};

use crate::checkpoint_kind::{CheckpointKind, ModelConfig};
use crate::error::Error;

/// A whole model.
#[derive(Debug, Clone)]
pub(crate) enum Network {
    Sam(Box<Sam>),
    Sam2(Box<Sam2>),
}

/// What encodes a slice.
#[derive(Debug, Clone)]
pub(crate) enum ImageNetwork {
    Sam(Box<ImageEncoder>),
    /// Its image encoder, and the two layers of its mask decoder that its features pass.
    Sam2(Box<Sam2>),
}

/// What a network decodes prompts on. It stays on the device.
#[derive(Debug, Clone)]
pub(crate) enum Features {
    /// `[1, C, G, G]`.
    Sam(Box<Tensor<4>>),
    Sam2(Box<ImageFeatures>),
}

impl Network {
    /// Loads a checkpoint. SAM 2 is in f32 whatever the precision.
    pub fn load(
        kind: CheckpointKind,
        checkpoint: Checkpoint,
        device: &Device,
        precision: Precision,
    ) -> Result<Self, Error> {
        Ok(match kind.config() {
            ModelConfig::Sam(config) => {
                let sam = checkpoint.into_sam_with(&config, device, precision)?;
                Self::Sam(Box::new(sam))
            }
            ModelConfig::Sam2(config) => {
                Self::Sam2(Box::new(checkpoint.into_sam2(&config, device)?))
            }
        })
    }

    /// The dense positional encoding, which is the same for every image and prompt. Shape: `[1, C, G, G]`.
    pub fn image_pe(&self, device: &Device) -> Tensor<4> {
        match self {
            Self::Sam(sam) => sam.prompt_encoder.dense_pe(device),
            Self::Sam2(sam2) => sam2.sam_prompt_encoder.dense_pe(device),
        }
    }

    pub fn encoder(&self) -> ImageNetwork {
        match self {
            Self::Sam(sam) => ImageNetwork::Sam(Box::new(sam.image_encoder.clone())),
            Self::Sam2(sam2) => ImageNetwork::Sam2(sam2.clone()),
        }
    }

    /// Decodes prompts on the features of a slice. `conditioned` is its embedding after attention to memories,
    /// `[1, C, G, G]`, if it has any.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] for features of another network.
    pub fn decode(
        &self,
        features: &Features,
        conditioned: Option<Tensor<4>>,
        image_pe: Tensor<4>,
        prompts: &Prompts,
        multimask_output: bool,
    ) -> Result<MaskPrediction, Error> {
        match (self, features) {
            (Self::Sam(sam), Features::Sam(embedding)) => {
                let embedding = embedding.as_ref().clone();
                Ok(sam.decode(embedding, image_pe, prompts, multimask_output))
            }
            (Self::Sam2(sam2), Features::Sam2(features)) => {
                let embedding = conditioned.unwrap_or_else(|| sam2.unconditioned(features));
                Ok(sam2.predict_on(embedding, features, image_pe, prompts, multimask_output))
            }
            _ => Err(Error::Order {
                needs: "embed the image with this model",
            }),
        }
    }

    /// The shapes of the tensors in [`Features`], in their order.
    pub fn feature_shapes(&self) -> Vec<[usize; 4]> {
        match self {
            Self::Sam(sam) => {
                let [_, channels, grid, _] = sam.prompt_encoder.grid_shape();
                vec![[1, channels, grid, grid]]
            }
            Self::Sam2(sam2) => sam2.feature_shapes().to_vec(),
        }
    }
}

impl ImageNetwork {
    /// Loads what encodes a slice, and nothing else where the network allows it.
    pub fn load(
        kind: CheckpointKind,
        checkpoint: Checkpoint,
        device: &Device,
        precision: Precision,
    ) -> Result<Self, Error> {
        Ok(match kind.config() {
            ModelConfig::Sam(config) => {
                let encoder = checkpoint.into_image_encoder_with(&config, device, precision)?;
                Self::Sam(Box::new(encoder))
            }
            ModelConfig::Sam2(config) => {
                let sam2 = checkpoint.into_sam2(&config, device)?;
                Self::Sam2(Box::new(sam2.into_image_encoder()))
            }
        })
    }

    /// The names of its steps.
    pub fn steps(&self) -> Vec<String> {
        match self {
            Self::Sam(encoder) => encoder.steps(),
            Self::Sam2(sam2) => sam2.steps(),
        }
    }
}

impl Features {
    /// All tensors, in the order of [`Network::feature_shapes`].
    pub fn tensors(&self) -> Vec<Tensor<4>> {
        match self {
            Self::Sam(embedding) => vec![embedding.as_ref().clone()],
            Self::Sam2(features) => vec![
                features.embedding.clone(),
                features.s1.clone(),
                features.s0.clone(),
            ],
        }
    }

    /// From those tensors; `None` for another number of them.
    pub fn of_tensors(tensors: Vec<Tensor<4>>) -> Option<Self> {
        match <[Tensor<4>; 3]>::try_from(tensors) {
            Ok([embedding, s1, s0]) => {
                Some(Self::Sam2(Box::new(ImageFeatures { embedding, s1, s0 })))
            }
            Err(tensors) => match <[Tensor<4>; 1]>::try_from(tensors) {
                Ok([embedding]) => Some(Self::Sam(Box::new(embedding))),
                Err(_) => None,
            },
        }
    }

    /// The embedding, `[1, C, G, G]`; of SAM 2 without memories.
    pub fn embedding(&self) -> Tensor<4> {
        match self {
            Self::Sam(embedding) => embedding.as_ref().clone(),
            Self::Sam2(features) => features.embedding.clone().permute([0, 3, 1, 2]),
        }
    }
}

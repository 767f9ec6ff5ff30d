use boxel_imaging::Recipe;
use burn::tensor::Device;
use burn_sam::{Checkpoint, Sam, SamConfig};

use crate::device::{Compute, ComputeKind};
use crate::error::Error;

/// A family of checkpoints: the model's sizes and the recipe that its images are prepared by.
///
/// The two belong together. A checkpoint with another's recipe gives wrong masks without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointKind {
    /// LiteMedSAM.
    LiteMedSam,
}

impl CheckpointKind {
    /// The name that its authors gave it.
    pub fn name(self) -> &'static str {
        match self {
            Self::LiteMedSam => "LiteMedSAM",
        }
    }

    /// The model's sizes.
    pub fn config(self) -> SamConfig {
        match self {
            Self::LiteMedSam => SamConfig::lite_medsam(),
        }
    }

    /// How its images are prepared and its logits restored.
    pub fn recipe(self) -> Recipe {
        match self {
            Self::LiteMedSam => Recipe::LiteMedSam,
        }
    }
}

/// A checkpoint with its weights on a device.
#[derive(Debug)]
pub struct Model {
    kind: CheckpointKind,
    sam: Sam,
    compute: Compute,
}

impl Model {
    /// Puts a checkpoint's weights on a device, in f32.
    ///
    /// # Errors
    ///
    /// The first key that is missing, unused or misshapen.
    pub fn new(
        kind: CheckpointKind,
        checkpoint: Checkpoint,
        compute: &Compute,
    ) -> Result<Self, Error> {
        let sam = checkpoint.into_sam(&kind.config(), compute.device())?;
        Ok(Self {
            kind,
            sam,
            compute: compute.clone(),
        })
    }

    /// The family.
    pub fn kind(&self) -> CheckpointKind {
        self.kind
    }

    /// The model itself.
    pub fn sam(&self) -> &Sam {
        &self.sam
    }

    pub(crate) fn device(&self) -> &Device {
        self.compute.device()
    }

    pub(crate) fn runs_on_gpu(&self) -> bool {
        self.compute.kind() == ComputeKind::Gpu
    }
}

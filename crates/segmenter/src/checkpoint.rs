use boxel_imaging::Recipe;
use burn::tensor::{Device, Tensor};
use burn_sam::{Architecture, Checkpoint, MaskPrediction, Prompts, Sam, SamConfig};

use crate::device::{Compute, ComputeKind};
use crate::error::Error;

/// A family of checkpoints: the model's sizes and the recipe that prepares its images.
///
/// The two belong together. A checkpoint with another family's recipe gives wrong masks without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointKind {
    /// LiteMedSAM.
    LiteMedSam,
    /// MobileSAM.
    MobileSam,
    /// SAM with ViT-B.
    SamVitB,
    /// SAM with ViT-L.
    SamVitL,
    /// SAM with ViT-H.
    SamVitH,
    /// MedSAM: SAM's ViT-B with its own recipe.
    MedSamVitB,
}

impl CheckpointKind {
    /// All families.
    pub const ALL: [Self; 6] = [
        Self::LiteMedSam,
        Self::MobileSam,
        Self::SamVitB,
        Self::SamVitL,
        Self::SamVitH,
        Self::MedSamVitB,
    ];

    /// The authors' name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::LiteMedSam => "LiteMedSAM",
            Self::MobileSam => "MobileSAM",
            Self::SamVitB => "SAM ViT-B",
            Self::SamVitL => "SAM ViT-L",
            Self::SamVitH => "SAM ViT-H",
            Self::MedSamVitB => "MedSAM ViT-B",
        }
    }

    /// The architecture of its weights.
    pub fn architecture(self) -> Architecture {
        match self {
            Self::LiteMedSam => Architecture::LiteMedSam,
            Self::MobileSam => Architecture::MobileSam,
            Self::SamVitB | Self::MedSamVitB => Architecture::VitB,
            Self::SamVitL => Architecture::VitL,
            Self::SamVitH => Architecture::VitH,
        }
    }

    /// The model's sizes.
    pub fn config(self) -> SamConfig {
        self.architecture().config()
    }

    /// How its images are prepared and its logits restored.
    pub fn recipe(self) -> Recipe {
        match self {
            Self::LiteMedSam => Recipe::LiteMedSam,
            Self::MobileSam | Self::SamVitB | Self::SamVitL | Self::SamVitH => Recipe::Sam,
            Self::MedSamVitB => Recipe::MedSam,
        }
    }

    /// Whether it was trained with points. MedSAM and LiteMedSAM were trained with boxes only; their reaction to points
    /// remains from SAM's training.
    pub fn trained_on_points(self) -> bool {
        match self {
            Self::LiteMedSam | Self::MedSamVitB => false,
            Self::MobileSam | Self::SamVitB | Self::SamVitL | Self::SamVitH => true,
        }
    }

    /// The families that weights of an architecture may belong to: one, except for ViT-B, because SAM and MedSAM have
    /// the same shapes.
    pub fn candidates(architecture: Architecture) -> Vec<Self> {
        let fits = |kind: &Self| kind.architecture() == architecture;
        Self::ALL.into_iter().filter(fits).collect()
    }
}

/// A model with its weights on a device.
#[derive(Debug)]
pub struct Model {
    kind: CheckpointKind,
    sam: Sam,
    /// The dense positional encoding, which is the same for every image and prompt.
    image_pe: Tensor<4>,
    compute: Compute,
}

impl Model {
    /// Loads a checkpoint onto a device in [`Compute::precision`].
    ///
    /// # Errors
    ///
    /// The first key that is missing, unused or has a wrong shape.
    pub fn new(
        kind: CheckpointKind,
        checkpoint: Checkpoint,
        compute: &Compute,
    ) -> Result<Self, Error> {
        let (config, device) = (kind.config(), compute.device());
        let sam = checkpoint.into_sam_with(&config, device, compute.precision())?;
        Ok(Self {
            kind,
            image_pe: sam.prompt_encoder.dense_pe(device),
            sam,
            compute: compute.clone(),
        })
    }

    /// The family of its checkpoint.
    pub fn kind(&self) -> CheckpointKind {
        self.kind
    }

    /// Burn's modules of the model.
    pub fn sam(&self) -> &Sam {
        &self.sam
    }

    /// Decodes prompts on an embedding `[1, C, G, G]`, as [`Sam::decode`] does.
    pub(crate) fn decode(
        &self,
        embedding: Tensor<4>,
        prompts: &Prompts,
        multimask_output: bool,
    ) -> MaskPrediction {
        let image_pe = self.image_pe.clone();
        self.sam
            .decode(embedding, image_pe, prompts, multimask_output)
    }

    pub(crate) fn device(&self) -> &Device {
        self.compute.device()
    }

    pub(crate) fn runs_on_gpu(&self) -> bool {
        self.compute.kind() == ComputeKind::Gpu
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architecture_and_recipe_identify_one_family() {
        for kind in CheckpointKind::ALL {
            let candidates = CheckpointKind::candidates(kind.architecture());
            let fits = |other: &&CheckpointKind| other.recipe() == kind.recipe();
            assert_eq!(candidates.iter().filter(fits).collect::<Vec<_>>(), [&kind]);
        }
    }

    #[test]
    fn only_vit_b_is_ambiguous() {
        use Architecture::{LiteMedSam, MobileSam, VitB, VitH, VitL};
        for architecture in [LiteMedSam, MobileSam, VitL, VitH] {
            assert_eq!(CheckpointKind::candidates(architecture).len(), 1);
        }
        let both = CheckpointKind::candidates(VitB);
        assert_eq!(both, [CheckpointKind::SamVitB, CheckpointKind::MedSamVitB]);
    }
}

//! The families of checkpoints, and what belongs to each.

use boxel_imaging::Recipe;
use burn_sam::{Architecture, SamConfig};

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
        match self {
            Self::LiteMedSam => SamConfig::lite_medsam(),
            Self::MobileSam => SamConfig::mobile_sam(),
            Self::SamVitB | Self::MedSamVitB => SamConfig::vit_b(),
            Self::SamVitL => SamConfig::vit_l(),
            Self::SamVitH => SamConfig::vit_h(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architecture_and_recipe_identify_one_family() {
        for kind in CheckpointKind::ALL {
            let candidates = CheckpointKind::candidates(kind.architecture());
            let fits = |other: &&CheckpointKind| other.recipe() == kind.recipe();
            assert_eq!(candidates.iter().filter(fits).collect::<Vec<_>>(), [&kind]);
            assert_eq!(Some(kind.config()), kind.architecture().config());
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

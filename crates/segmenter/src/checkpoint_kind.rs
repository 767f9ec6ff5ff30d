//! The families of checkpoints, and what belongs to each.

use boxel_imaging::Recipe;
use burn_sam::sam2::Sam2Config;
use burn_sam::{Architecture, Sam2Size, SamConfig};

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
    /// SAM 2.1, at 1024².
    Sam2(Sam2Size),
    /// MedSAM2: SAM 2.1's Hiera-T at 512², with its own recipe.
    MedSam2,
}

/// The sizes of a model.
#[derive(Debug, PartialEq)]
pub enum ModelConfig {
    /// Of SAM and its relatives.
    Sam(SamConfig),
    /// Of SAM 2.1 and MedSAM2.
    Sam2(Sam2Config),
}

impl ModelConfig {
    /// Side of the model's square input, in pixels.
    pub fn image_size(&self) -> usize {
        match self {
            Self::Sam(config) => config.image_size(),
            Self::Sam2(config) => config.image_size(),
        }
    }
}

impl CheckpointKind {
    /// All families.
    pub const ALL: [Self; 11] = [
        Self::LiteMedSam,
        Self::MobileSam,
        Self::SamVitB,
        Self::SamVitL,
        Self::SamVitH,
        Self::MedSamVitB,
        Self::Sam2(Sam2Size::Tiny),
        Self::Sam2(Sam2Size::Small),
        Self::Sam2(Sam2Size::BasePlus),
        Self::Sam2(Sam2Size::Large),
        Self::MedSam2,
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
            Self::Sam2(Sam2Size::Tiny) => "SAM 2.1 Hiera-T",
            Self::Sam2(Sam2Size::Small) => "SAM 2.1 Hiera-S",
            Self::Sam2(Sam2Size::BasePlus) => "SAM 2.1 Hiera-B+",
            Self::Sam2(Sam2Size::Large) => "SAM 2.1 Hiera-L",
            Self::MedSam2 => "MedSAM2",
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
            Self::Sam2(size) => Architecture::Sam2(size),
            Self::MedSam2 => Architecture::Sam2(Sam2Size::Tiny),
        }
    }

    /// The model's sizes.
    pub fn config(self) -> ModelConfig {
        let sam2 =
            |size: Sam2Size, side| ModelConfig::Sam2(Sam2Config::published(size.trunk(), side));
        match self {
            Self::LiteMedSam => ModelConfig::Sam(SamConfig::lite_medsam()),
            Self::MobileSam => ModelConfig::Sam(SamConfig::mobile_sam()),
            Self::SamVitB | Self::MedSamVitB => ModelConfig::Sam(SamConfig::vit_b()),
            Self::SamVitL => ModelConfig::Sam(SamConfig::vit_l()),
            Self::SamVitH => ModelConfig::Sam(SamConfig::vit_h()),
            Self::Sam2(size) => sam2(size, 1024),
            Self::MedSam2 => sam2(Sam2Size::Tiny, 512),
        }
    }

    /// Whether it finds an object on a slice by its memories of other slices. The others take each slice alone.
    pub fn has_memory(self) -> bool {
        matches!(self, Self::Sam2(_) | Self::MedSam2)
    }

    /// How its images are prepared and its logits restored.
    pub fn recipe(self) -> Recipe {
        match self {
            Self::LiteMedSam => Recipe::LiteMedSam,
            Self::MobileSam | Self::SamVitB | Self::SamVitL | Self::SamVitH => Recipe::Sam,
            Self::MedSamVitB => Recipe::MedSam,
            Self::Sam2(_) => Recipe::Sam2,
            Self::MedSam2 => Recipe::MedSam2,
        }
    }

    /// Whether it was trained with points. MedSAM, LiteMedSAM and MedSAM2 were trained with boxes only; their reaction to
    /// points remains from SAM's training.
    pub fn trained_on_points(self) -> bool {
        match self {
            Self::LiteMedSam | Self::MedSamVitB | Self::MedSam2 => false,
            Self::MobileSam | Self::SamVitB | Self::SamVitL | Self::SamVitH | Self::Sam2(_) => true,
        }
    }

    /// The families that weights of an architecture may belong to: one, except for ViT-B and Hiera-T, because SAM and
    /// MedSAM have the same shapes, and SAM 2.1 and MedSAM2.
    pub fn candidates(architecture: Architecture) -> Vec<Self> {
        let fits = |kind: &Self| kind.architecture() == architecture;
        Self::ALL.into_iter().filter(fits).collect()
    }
}

#[cfg(test)]
mod tests {
    use boxel_imaging::Size;

    use super::*;

    const ONE_PIXEL: Size = Size {
        width: 1,
        height: 1,
    };

    #[test]
    fn architecture_and_recipe_identify_one_family() {
        for kind in CheckpointKind::ALL {
            let candidates = CheckpointKind::candidates(kind.architecture());
            let fits = |other: &&CheckpointKind| other.recipe() == kind.recipe();
            assert_eq!(candidates.iter().filter(fits).collect::<Vec<_>>(), [&kind]);
            let side = kind.recipe().placement(ONE_PIXEL).side as usize;
            assert_eq!(kind.config().image_size(), side, "{}", kind.name());
            if let ModelConfig::Sam(config) = kind.config() {
                assert_eq!(Some(config), kind.architecture().config());
            }
        }
    }

    #[test]
    fn only_vit_b_and_hiera_t_are_ambiguous() {
        use Architecture::{LiteMedSam, MobileSam, Sam2, VitB, VitH, VitL};
        let larger = [Sam2Size::Small, Sam2Size::BasePlus, Sam2Size::Large].map(Sam2);
        for architecture in [LiteMedSam, MobileSam, VitL, VitH]
            .into_iter()
            .chain(larger)
        {
            assert_eq!(CheckpointKind::candidates(architecture).len(), 1);
        }
        let both = CheckpointKind::candidates(VitB);
        assert_eq!(both, [CheckpointKind::SamVitB, CheckpointKind::MedSamVitB]);
        let both = CheckpointKind::candidates(Sam2(Sam2Size::Tiny));
        assert_eq!(
            both,
            [
                CheckpointKind::Sam2(Sam2Size::Tiny),
                CheckpointKind::MedSam2
            ]
        );
    }
}

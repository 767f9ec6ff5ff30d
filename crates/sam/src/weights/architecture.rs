//! Detects the model to which a checkpoint belongs.

use burn::tensor::Device;

use super::{Checkpoint, Sam2Size, WeightsError};
use crate::sam::SamConfig;
use crate::sam2::Sam2Config;

/// The models with published weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Architecture {
    /// TinyViT at 256²: LiteMedSAM.
    LiteMedSam,
    /// TinyViT at 1024²: MobileSAM.
    MobileSam,
    /// ViT-B at 1024²: SAM, MedSAM.
    VitB,
    /// ViT-L at 1024²: SAM.
    VitL,
    /// ViT-H at 1024²: SAM.
    VitH,
    /// Hiera with a memory: SAM 2.1, MedSAM2. Images of 512² and of 1024² have the same weights.
    Sam2(Sam2Size),
}

const VIT: &str = "image_encoder.patch_embed.proj.weight";
const TINY_VIT: &str = "image_encoder.patch_embed.seq.0.c.weight";

impl Architecture {
    /// The usual name of the encoder, with the side of its image where that distinguishes two.
    pub fn name(self) -> &'static str {
        match self {
            Self::LiteMedSam => "TinyViT at 256",
            Self::MobileSam => "TinyViT at 1024",
            Self::VitB => "ViT-B",
            Self::VitL => "ViT-L",
            Self::VitH => "ViT-H",
            Self::Sam2(size) => size.name(),
        }
    }

    /// The sizes of this model; `None` for a SAM 2, which has a [`Sam2Config`].
    pub fn config(self) -> Option<SamConfig> {
        match self {
            Self::LiteMedSam => Some(SamConfig::lite_medsam()),
            Self::MobileSam => Some(SamConfig::mobile_sam()),
            Self::VitB => Some(SamConfig::vit_b()),
            Self::VitL => Some(SamConfig::vit_l()),
            Self::VitH => Some(SamConfig::vit_h()),
            Self::Sam2(_) => None,
        }
    }
}

impl Checkpoint {
    /// Compares all keys and shapes with those of a published model, as [`Checkpoint::check`] does with a configuration's.
    ///
    /// # Errors
    ///
    /// Those of [`Checkpoint::check`].
    pub fn check_architecture(
        &self,
        architecture: Architecture,
        device: &Device,
    ) -> Result<(), WeightsError> {
        match (architecture, architecture.config()) {
            (Architecture::Sam2(size), _) => {
                self.check_sam2(&Sam2Config::published(size.trunk(), 512), device)
            }
            (_, Some(config)) => self.check(&config, device),
            (_, None) => Ok(()),
        }
    }

    /// Detects the model by the shape of its first weights. [`Checkpoint::into_sam`] checks the others.
    ///
    /// # Errors
    ///
    /// [`WeightsError::Unknown`] for weights of another model.
    pub fn architecture(&self) -> Result<Architecture, WeightsError> {
        if let Some(refused) = self.refused_relative() {
            return Err(refused);
        }
        if self.is_sam2() {
            return self.sam2_size().map(Architecture::Sam2);
        }
        let shape = |key| self.tensors.get(key).map(|data| data.shape().to_vec());
        let (key, found) = match (shape(VIT), shape(TINY_VIT)) {
            (Some(found), _) => (VIT, found),
            (None, Some(found)) => (TINY_VIT, found),
            (None, None) => {
                let key = self.names.file_from_original(VIT);
                return Err(WeightsError::Unknown {
                    reason: format!(
                        "they have neither `{key}` of a ViT nor `{TINY_VIT}` of a TinyViT"
                    ),
                });
            }
        };
        match (key, found.as_slice()) {
            (VIT, [768, 3, 16, 16]) => Ok(Architecture::VitB),
            (VIT, [1024, 3, 16, 16]) => Ok(Architecture::VitL),
            (VIT, [1280, 3, 16, 16]) => Ok(Architecture::VitH),
            // 1×1 kernels keep the resolution, 256 × 256; 3×3 kernels with stride 2 reduce 1024 × 1024.
            (TINY_VIT, [32, 3, 1, 1]) => Ok(Architecture::LiteMedSam),
            (TINY_VIT, [32, 3, 3, 3]) => Ok(Architecture::MobileSam),
            _ => Err(WeightsError::Unknown {
                reason: format!(
                    "`{}` has shape {found:?}, which no published model has",
                    self.names.file_from_original(key)
                ),
            }),
        }
    }
}

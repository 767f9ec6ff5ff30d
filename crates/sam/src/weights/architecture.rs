//! Detects the model to which a checkpoint belongs.

use super::{Checkpoint, WeightsError};
use crate::sam::SamConfig;

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
        }
    }

    /// The sizes of this model.
    pub fn config(self) -> SamConfig {
        match self {
            Self::LiteMedSam => SamConfig::lite_medsam(),
            Self::MobileSam => SamConfig::mobile_sam(),
            Self::VitB => SamConfig::vit_b(),
            Self::VitL => SamConfig::vit_l(),
            Self::VitH => SamConfig::vit_h(),
        }
    }
}

impl Checkpoint {
    /// Detects the model by the shape of its first weights. [`Checkpoint::into_sam`] checks the others.
    ///
    /// # Errors
    ///
    /// [`WeightsError::Unknown`] for weights of another model.
    pub fn architecture(&self) -> Result<Architecture, WeightsError> {
        let shape = |key| self.tensors.get(key).map(|data| data.shape().to_vec());
        let (key, found) = match (shape(VIT), shape(TINY_VIT)) {
            (Some(found), _) => (VIT, found),
            (None, Some(found)) => (TINY_VIT, found),
            (None, None) => {
                let key = self.naming.file_from_original(VIT);
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
                    self.naming.file_from_original(key)
                ),
            }),
        }
    }
}

//! Weights of SAM 2.1 and MedSAM2: which size they are of, and into a model.

use burn::tensor::Device;

use super::{Checkpoint, Precision, WeightsError, values};
use crate::sam2::{HieraConfig, Sam2, Sam2Config};

/// The published sizes of SAM 2.1. MedSAM2's weights have those of the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sam2Size {
    /// Hiera-T.
    Tiny,
    /// Hiera-S.
    Small,
    /// Hiera-B+.
    BasePlus,
    /// Hiera-L.
    Large,
}

/// The keys that only SAM 2 and its relatives have.
const PARTS: [&str; 4] = [
    "image_encoder.trunk.",
    "memory_attention.",
    "memory_encoder.",
    "maskmem_tpos_enc",
];
/// What Hugging Face calls two of them.
const PARTS_OF_HUGGING_FACE: [&str; 2] = [
    "vision_encoder.backbone.",
    "memory_temporal_positional_encoding",
];

const PATCHES: &str = "image_encoder.trunk.patch_embed.proj.weight";
const WINDOW_POSITION: &str = "image_encoder.trunk.pos_embed_window";
const SINCE_2_1: &str = "no_obj_embed_spatial";

/// Parts of SAM 3's files: the original's, and Hugging Face's.
const SAM_3: [&str; 4] = ["detector.", "tracker.", "detector_model.", "tracker_model."];

/// Whether these keys of a file are of SAM 2 or a relative.
pub(super) fn is_sam2<'a>(mut keys: impl Iterator<Item = &'a str>) -> bool {
    let parts = PARTS.iter().chain(&PARTS_OF_HUGGING_FACE);
    keys.any(|key| parts.clone().any(|part| key.starts_with(part)))
}

impl Sam2Size {
    /// The usual name of the encoder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tiny => "Hiera-T",
            Self::Small => "Hiera-S",
            Self::BasePlus => "Hiera-B+",
            Self::Large => "Hiera-L",
        }
    }

    /// The sizes of its trunk.
    pub fn trunk(self) -> HieraConfig {
        match self {
            Self::Tiny => HieraConfig::tiny(),
            Self::Small => HieraConfig::small(),
            Self::BasePlus => HieraConfig::base_plus(),
            Self::Large => HieraConfig::large(),
        }
    }
}

impl Checkpoint {
    /// Whether the weights are of SAM 2 or a relative of it.
    pub fn is_sam2(&self) -> bool {
        self.names.is_sam2
    }

    /// Why these weights are of no model at all, where their keys tell.
    pub(super) fn refused_relative(&self) -> Option<WeightsError> {
        let first = self
            .keys()
            .find(|key| SAM_3.iter().any(|part| key.starts_with(part)))?;
        Some(WeightsError::Unknown {
            reason: format!("`{first}` is of SAM 3, which is not supported"),
        })
    }

    /// Detects the size of a SAM 2.1 by the shape of its first weights. [`Checkpoint::into_sam2`] checks the others.
    ///
    /// # Errors
    ///
    /// [`WeightsError::Unknown`] for weights of another model: SAM 2.0, EfficientTAM, EdgeTAM, SAM 3.
    pub fn sam2_size(&self) -> Result<Sam2Size, WeightsError> {
        if let Some(refused) = self.refused_relative() {
            return Err(refused);
        }
        let unknown = |reason: String| Err(WeightsError::Unknown { reason });
        let named = |key: &str| self.names.file_from_original(key);
        if !self.tensors.contains_key(WINDOW_POSITION) {
            return unknown(format!(
                "they lack `{}`, which the Hiera trunk of SAM 2.1 and MedSAM2 has; EfficientTAM and EdgeTAM have other \
                 trunks, which are not supported",
                named(WINDOW_POSITION)
            ));
        }
        if !self.tensors.contains_key(SINCE_2_1) {
            return unknown(format!(
                "they lack `{}`, which SAM 2.1 and MedSAM2 have and SAM 2.0 has not; use the files of SAM 2.1",
                named(SINCE_2_1)
            ));
        }
        let shape = self.tensors.get(PATCHES).map(|data| data.shape().to_vec());
        let has_block = |index: usize| {
            let block = format!("image_encoder.trunk.blocks.{index}.");
            self.keys().any(|key| key.starts_with(&block))
        };
        match shape.as_deref() {
            Some([96, 3, 7, 7]) if has_block(12) => Ok(Sam2Size::Small),
            Some([96, 3, 7, 7]) => Ok(Sam2Size::Tiny),
            Some([112, 3, 7, 7]) => Ok(Sam2Size::BasePlus),
            Some([144, 3, 7, 7]) => Ok(Sam2Size::Large),
            Some(found) => unknown(format!(
                "`{}` has shape {found:?}, which no published SAM 2.1 has",
                named(PATCHES)
            )),
            None => unknown(format!("they lack `{}`", named(PATCHES))),
        }
    }

    /// As [`Checkpoint::check`], for a SAM 2.1.
    ///
    /// # Errors
    ///
    /// Those of [`Checkpoint::check`].
    pub fn check_sam2(&self, config: &Sam2Config, device: &Device) -> Result<(), WeightsError> {
        self.check_module("", &config.init(device))?;
        self.tensors.iter().try_for_each(|(key, data)| {
            values::check(key, &self.names.file_from_original(key), data)
        })
    }

    /// Loads a whole SAM 2.1, in f32.
    ///
    /// # Errors
    ///
    /// Those of [`Checkpoint::check`].
    pub fn into_sam2(mut self, config: &Sam2Config, device: &Device) -> Result<Sam2, WeightsError> {
        self.check_sam2(config, device)?;
        self.load_module("", config.init(device), Precision::F32)
    }
}

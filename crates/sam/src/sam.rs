//! The whole model, and the sizes that tell one SAM from another.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::image_encoder::tiny_vit::TinyVitConfig;
use crate::image_encoder::vit::VitConfig;
use crate::image_encoder::{ImageEncoder, ImageEncoderConfig};
use crate::mask_decoder::{MaskDecoder, MaskDecoderConfig, MaskPrediction};
use crate::prompt_encoder::{PromptEncoder, PromptEncoderConfig, Prompts};

/// Sizes of a whole model.
#[derive(Config, Debug, PartialEq)]
pub struct SamConfig {
    /// Which image encoder, and its sizes.
    pub image_encoder: ImageEncoderConfig,
    /// Its sizes; its `image_size` is the model's.
    pub prompt_encoder: PromptEncoderConfig,
    /// Its sizes; its `embed_dim` is that of both encoders.
    pub mask_decoder: MaskDecoderConfig,
}

impl SamConfig {
    /// LiteMedSAM: TinyViT at 256², with patch embedding at stride 1, so that the embedding is 64².
    ///
    /// Source: MedSAM's `LiteMedSAM` branch, `CVPR24_LiteMedSAM_infer.py` and `tiny_vit_sam.py`.
    pub fn lite_medsam() -> Self {
        Self {
            image_encoder: ImageEncoderConfig::TinyVit(TinyVitConfig::five_million(256)),
            prompt_encoder: PromptEncoderConfig::new(256, 64, 256),
            mask_decoder: MaskDecoderConfig::new(256),
        }
    }

    /// MobileSAM: TinyViT at 1024², with SAM's prompt encoder and mask decoder.
    ///
    /// Source: `mobile_sam/build_sam.py`, `build_sam_vit_t`.
    pub fn mobile_sam() -> Self {
        let image_encoder = TinyVitConfig::five_million(1024).with_patch_stride(2);
        Self::at_1024(ImageEncoderConfig::TinyVit(image_encoder))
    }

    /// SAM with ViT-B, and MedSAM.
    ///
    /// Source: `segment_anything/build_sam.py`, `build_sam_vit_b`.
    pub fn vit_b() -> Self {
        Self::vit(VitConfig::new(1024, 768, 12, 12, vec![2, 5, 8, 11]))
    }

    /// SAM with the larger ViT-L.
    ///
    /// Source: `segment_anything/build_sam.py`, `build_sam_vit_l`.
    pub fn vit_l() -> Self {
        Self::vit(VitConfig::new(1024, 1024, 24, 16, vec![5, 11, 17, 23]))
    }

    /// SAM with the largest encoder, ViT-H.
    ///
    /// Source: `segment_anything/build_sam.py`, `build_sam_vit_h`.
    pub fn vit_h() -> Self {
        Self::vit(VitConfig::new(1024, 1280, 32, 16, vec![7, 15, 23, 31]))
    }

    fn vit(image_encoder: VitConfig) -> Self {
        Self::at_1024(ImageEncoderConfig::Vit(image_encoder))
    }

    fn at_1024(image_encoder: ImageEncoderConfig) -> Self {
        Self {
            image_encoder,
            prompt_encoder: PromptEncoderConfig::new(1024, 64, 256),
            mask_decoder: MaskDecoderConfig::new(256),
        }
    }

    /// Side of the square image, in pixels of model space.
    pub fn image_size(&self) -> usize {
        self.prompt_encoder.image_size
    }

    /// The model with random weights; [`Checkpoint::into_sam`](crate::Checkpoint) loads trained ones.
    pub fn init(&self, device: &Device) -> Sam {
        Sam {
            image_encoder: self.image_encoder.init(device),
            prompt_encoder: self.prompt_encoder.init(device),
            mask_decoder: self.mask_decoder.init(device),
        }
    }
}

/// The Segment Anything Model: an image encoder that runs once per image, and a prompt encoder and a mask decoder that
/// run once per prompt.
///
/// Source: `segment_anything/modeling/sam.py`, class `Sam`.
// Differs from the reference: no pixel mean and standard deviation. Preprocessing belongs to the recipe of a checkpoint,
// and the three recipes disagree.
#[derive(Module, Debug)]
pub struct Sam {
    /// `[B, 3, S, S]` → `[B, C, G, G]`.
    pub image_encoder: ImageEncoder,
    /// Boxes, points and masks → sparse and dense embeddings.
    pub prompt_encoder: PromptEncoder,
    /// Embeddings → logits and predicted IoU.
    pub mask_decoder: MaskDecoder,
}

impl Sam {
    /// Decodes prompts on an image that has been embedded.
    ///
    /// # Shapes
    ///
    /// - `embedding`: `[1, C, G, G]`, the image's; shared by all prompts of the batch
    /// - `image_pe`: `[1, C, G, G]`, from [`PromptEncoder::dense_pe`]; the same for every image and prompt
    /// - result: logits `[B, M, 4G, 4G]` and IoU `[B, M]`, where `M` is 3 with `multimask_output` and 1 without
    pub fn decode(
        &self,
        embedding: Tensor<4>,
        image_pe: Tensor<4>,
        prompts: &Prompts,
        multimask_output: bool,
    ) -> MaskPrediction {
        let device: Device = embedding.device();
        let (sparse, dense) = self.prompt_encoder.forward(prompts, &device);
        self.mask_decoder
            .forward(embedding, image_pe, sparse, dense, multimask_output)
    }
}

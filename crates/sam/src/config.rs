//! Every size, epsilon and count that tells one SAM from another, written out.

use burn::config::Config;
use burn::tensor::Device;

use crate::image_encoder::ImageEncoderConfig;
use crate::mask_decoder::MaskDecoderConfig;
use crate::prompt_encoder::PromptEncoderConfig;
use crate::sam::Sam;

/// Epsilon of the LayerNorms of the two-way transformer and of TinyViT: PyTorch's default.
pub(crate) const EPSILON_LAYER_NORM: f64 = 1e-5;

/// Epsilon of the LayerNorms of the ViT (`segment_anything/build_sam.py`).
pub(crate) const EPSILON_LAYER_NORM_VIT: f64 = 1e-6;

/// Epsilon of `LayerNorm2d` (`segment_anything/modeling/common.py`).
pub(crate) const EPSILON_LAYER_NORM_2D: f64 = 1e-6;

/// Sizes of TinyViT (`tiny_vit_sam.py`, class `TinyViT`).
#[derive(Config, Debug, PartialEq)]
pub struct TinyVitConfig {
    /// Side of the square image, in pixels of model space.
    pub image_size: usize,
    /// Channels of the image.
    #[config(default = 3)]
    pub in_channels: usize,
    /// Stride of each of the two convolutions of the patch embedding: 1, with 1×1 kernels
    /// (LiteMedSAM), or 2, with 3×3 ones (MobileSAM).
    #[config(default = 1)]
    pub patch_stride: usize,
    /// Channels at each of the four layers.
    pub embed_dims: [usize; 4],
    /// Blocks in each layer.
    pub depths: [usize; 4],
    /// Attention heads in each layer; the first layer is convolutional and has none to use.
    pub num_heads: [usize; 4],
    /// Side of the attention windows in each layer, in tokens.
    pub window_sizes: [usize; 4],
    /// Hidden size of the MLPs and of the inverted bottlenecks, in multiples of their input.
    #[config(default = 4)]
    pub expand_ratio: usize,
    /// Stride of the patch merging behind each of the first three layers.
    pub merge_strides: [usize; 3],
    /// Channels of the embedding.
    #[config(default = 256)]
    pub out_channels: usize,
}

impl TinyVitConfig {
    /// TinyViT-5M, the size that MobileSAM and LiteMedSAM share.
    fn five_million(image_size: usize) -> Self {
        Self::new(
            image_size,
            [64, 128, 160, 320],
            [2, 2, 6, 2],
            [2, 4, 5, 10],
            [7, 7, 14, 7],
            [2, 2, 1],
        )
    }
}

/// Sizes of a ViT (`image_encoder.py`, class `ImageEncoderViT`; `build_sam.py`).
#[derive(Config, Debug, PartialEq)]
pub struct VitConfig {
    /// Side of the square image, in pixels of model space.
    pub image_size: usize,
    /// Side of a patch, in pixels of model space.
    #[config(default = 16)]
    pub patch_size: usize,
    /// Channels of the image.
    #[config(default = 3)]
    pub in_channels: usize,
    /// Channels of a token.
    pub embed_dim: usize,
    /// Blocks.
    pub depth: usize,
    /// Attention heads.
    pub num_heads: usize,
    /// The blocks whose attention sees the whole grid; the others' sees a window.
    pub global_attn_indexes: Vec<usize>,
    /// Hidden size of the MLPs, in multiples of their input.
    #[config(default = 4)]
    pub mlp_ratio: usize,
    /// Side of the attention windows, in tokens.
    #[config(default = 14)]
    pub window_size: usize,
    /// Channels of the embedding.
    #[config(default = 256)]
    pub out_channels: usize,
}

/// A whole model.
#[derive(Config, Debug, PartialEq)]
pub struct SamConfig {
    /// The image encoder.
    pub image_encoder: ImageEncoderConfig,
    /// The prompt encoder.
    pub prompt_encoder: PromptEncoderConfig,
    /// The mask decoder.
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

    /// SAM with ViT-L.
    ///
    /// Source: `segment_anything/build_sam.py`, `build_sam_vit_l`.
    pub fn vit_l() -> Self {
        Self::vit(VitConfig::new(1024, 1024, 24, 16, vec![5, 11, 17, 23]))
    }

    /// SAM with ViT-H.
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

    /// The model with freshly initialised weights; [`Checkpoint::into_sam`](crate::Checkpoint)
    /// gives it trained ones.
    pub fn init(&self, device: &Device) -> Sam {
        Sam {
            image_encoder: self.image_encoder.init(device),
            prompt_encoder: self.prompt_encoder.init(device),
            mask_decoder: self.mask_decoder.init(device),
        }
    }
}

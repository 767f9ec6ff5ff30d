//! SAM 2.1 and MedSAM2: SAM with a memory, so that a prompt on one slice becomes an object in a volume.
//!
//! ```text
//! slice [1, 3, S, S]   → image encoder → features: embedding [1, G, G, C], finer maps s1, s0      once per slice
//! embedding, memories  → memory attention → conditioned embedding
//! points, box or mask  → prompt encoder  → sparse, dense
//! all of these         → mask decoder → masks, IoU, object score, pointer    → answer
//! embedding, mask      → memory encoder → memory [1, G², C']                 → bank
//! ```
//!
//! G is S / 16; in the published sizes C is 256 and C' is 64. Inside the model maps are channels-last, as in all of this
//! crate.
//!
//! The structure is that of Ravi et al., *SAM 2: Segment Anything in Images and Videos* (2024), and of its code
//! (`sam2/modeling`); slices are its frames. Field names follow the reference. What is the same as in SAM is SAM's: the
//! prompt encoder, the two-way transformer, the upscaling of the masks.

mod answer;
mod attention;
mod bank;
pub mod hiera;
mod image_encoder;
mod mask_decoder;
pub mod memory_attention;
mod memory_encoder;
mod neck;
mod predict;
mod resize;
mod sine;
#[cfg(test)]
#[cfg(feature = "flex")]
mod tests;
mod tracker;

pub use answer::{Answer, Question};
pub use bank::{Direction, Selection, Source};
pub use hiera::HieraConfig;
pub use image_encoder::{Encoding, ImageFeatures, Sam2ImageEncoder, Sam2ImageEncoderConfig};
pub use mask_decoder::{Decoded, Sam2MaskDecoder, Sam2MaskDecoderConfig};
pub use memory_attention::{MemoryAttention, MemoryAttentionConfig, MemoryTokens};
pub use memory_encoder::{
    CxBlock, DownsamplingLevel, Fuser, MaskDownsampler, MemoryEncoder, MemoryEncoderConfig,
};
pub use neck::{FpnNeck, LateralConv};
pub use resize::{Filter, resize};
pub use sine::cell_positions;
pub use tracker::{CorrectedAs, MemoryFormat, SlicePrompt, Tracker, Tracking};

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use crate::common::Mlp;
use crate::prompt_encoder::{PromptEncoder, PromptEncoderConfig};

/// How many memories a slice attends to, apart from those of further prompted slices.
const MEMORIES: usize = 7;

/// Sizes of a whole SAM 2.
#[derive(Config, Debug, PartialEq)]
pub struct Sam2Config {
    /// Its sizes.
    pub image_encoder: Sam2ImageEncoderConfig,
    /// Its sizes; its `image_size` is the model's.
    pub prompt_encoder: PromptEncoderConfig,
    /// Its sizes.
    pub mask_decoder: Sam2MaskDecoderConfig,
    /// Its sizes.
    pub memory_attention: MemoryAttentionConfig,
    /// Its sizes.
    pub memory_encoder: MemoryEncoderConfig,
}

impl Sam2Config {
    /// A model with this trunk, `dim` channels of embeddings and `memory_dim` of memories, for slices of
    /// `image_size` × `image_size` pixels.
    pub fn sized(trunk: HieraConfig, image_size: usize, dim: usize, memory_dim: usize) -> Self {
        Self {
            image_encoder: Sam2ImageEncoderConfig::new(trunk, dim),
            prompt_encoder: PromptEncoderConfig::new(image_size, image_size / 16, dim),
            mask_decoder: Sam2MaskDecoderConfig::new(dim),
            memory_attention: MemoryAttentionConfig::new(dim, memory_dim),
            memory_encoder: MemoryEncoderConfig::new(dim, memory_dim),
        }
    }

    /// A published size, for slices of `image_size` × `image_size` pixels: 1024 in SAM 2.1, 512 in MedSAM2. The same
    /// weights fit both.
    ///
    /// Source: `sam2/configs/sam2.1/sam2.1_hiera_*.yaml`; MedSAM2's `sam2/configs/sam2.1_hiera_t512.yaml`.
    pub fn published(trunk: HieraConfig, image_size: usize) -> Self {
        Self::sized(trunk, image_size, 256, 64)
    }

    /// Side of the square slice, in pixels of model space.
    pub fn image_size(&self) -> usize {
        self.prompt_encoder.image_size
    }

    /// The model with random weights; [`Checkpoint::into_sam2`](crate::Checkpoint::into_sam2) loads trained ones.
    pub fn init(&self, device: &Device) -> Sam2 {
        let (dim, memory_dim) = (self.memory_attention.dim, self.memory_attention.memory_dim);
        let zeros = Initializer::Zeros;
        Sam2 {
            image_encoder: self.image_encoder.init(device),
            sam_prompt_encoder: self.prompt_encoder.init(device),
            sam_mask_decoder: self.mask_decoder.init(device),
            memory_attention: self.memory_attention.init(device),
            memory_encoder: self.memory_encoder.init(device),
            mask_downsample: Conv2dConfig::new([1, 1], [4, 4])
                .with_stride([4, 4])
                .init(device),
            obj_ptr_proj: Mlp::new(dim, dim, dim, 3, device),
            obj_ptr_tpos_proj: LinearConfig::new(dim, memory_dim).init(device),
            maskmem_tpos_enc: zeros.init([MEMORIES, 1, 1, memory_dim], device),
            no_mem_embed: zeros.init([1, 1, dim], device),
            no_mem_pos_enc: zeros.init([1, 1, dim], device),
            no_obj_ptr: zeros.init([1, dim], device),
            no_obj_embed_spatial: zeros.init([1, memory_dim], device),
            image_size: self.image_size(),
        }
    }
}

/// SAM 2.1: encoders of slices and prompts, a mask decoder, and a memory.
///
/// Source: `sam2/modeling/sam2_base.py`, class `SAM2Base`, with the flags of `sam2.1_hiera_t512.yaml` and
/// `build_sam2_video_predictor_npz`; those of `facebookresearch/sam2` are the same, but for hole filling on CUDA.
#[derive(Module, Debug)]
pub struct Sam2 {
    /// `[B, 3, S, S]` → [`ImageFeatures`].
    pub image_encoder: Sam2ImageEncoder,
    /// Points, boxes and masks → sparse and dense embeddings.
    pub sam_prompt_encoder: PromptEncoder,
    /// Embeddings → masks, IoU, tokens and object score.
    pub sam_mask_decoder: Sam2MaskDecoder,
    /// Conditions a slice's embedding on memories.
    pub memory_attention: MemoryAttention,
    /// A slice's embedding and mask → its memory.
    pub memory_encoder: MemoryEncoder,
    /// 4×4, stride 4: the mask prompt from which a pointer is made.
    pub mask_downsample: Conv2d,
    /// A mask's token → the object's pointer, `[B, C]` → `[B, C]`.
    pub obj_ptr_proj: Mlp,
    /// A pointer's temporal position → the channels of a memory, `C` → `C'`.
    pub obj_ptr_tpos_proj: Linear,
    /// Added to a memory's positions by its place in the bank, `[7, 1, 1, C']`: row 0 is the nearest slice before, row 6
    /// every prompted one.
    pub maskmem_tpos_enc: Param<Tensor<4>>,
    /// Added to the embedding of a slice without memories, `[1, 1, C]`.
    pub no_mem_embed: Param<Tensor<3>>,
    /// Not used by the published configurations, but in every file, `[1, 1, C]`.
    pub no_mem_pos_enc: Param<Tensor<3>>,
    /// The pointer where the object is not there, `[1, C]`.
    pub no_obj_ptr: Param<Tensor<2>>,
    /// Added to the memory of a slice where the object is not there, `[1, C']`.
    pub no_obj_embed_spatial: Param<Tensor<2>>,
    image_size: usize,
}

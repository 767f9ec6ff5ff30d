//! The Segment Anything Model (SAM) and its medical versions, in [Burn](burn).
//!
//! ```text
//! image [B, 3, S, S] → image encoder → embedding [B, 256, 64, 64]      once per image
//! box, points, mask  → prompt encoder → sparse [B, N, 256], dense [B, 256, 64, 64]
//! both               → mask decoder → low-resolution logits [B, M, 256, 256], IoU [B, M]
//! ```
//!
//! The crate works on tensors only: it knows no pixels, files, browser or preprocessing recipe. Coordinates are in *model
//! space*: pixels of the square image that the encoder sees, `S` on a side; a pixel's centre is at its index plus one half.
//!
//! The structure is that of Kirillov et al., *Segment Anything* (2023), and of its code (`segment_anything/modeling`). Its
//! encoder is a ViT; MobileSAM and LiteMedSAM have TinyViT (Wu et al., 2022) in their own version (`tiny_vit_sam.py`). Field
//! names follow the reference, so that its weight keys map one to one.
//!
//! A wrong shape is a bug and panics; a fault in a weight file is a [`WeightsError`].
//!
//! # Where to find what
//!
//! - `sam`: the whole model and its configuration; `image_encoder`, `prompt_encoder`, `mask_decoder`: its three parts, one
//!   file per box of the paper's figure; `common`: layers that they share
//! - `sam2`: SAM 2.1 and MedSAM2, with a memory for volumes; one file per box of that paper's figure
//! - `ops`: linear layers, convolutions, attention in windows, softmax and GELU, by the fastest kernel for a device; only
//!   this folder knows devices
//! - `team`: several engines that encode one image together
//! - `weights`: from the bytes of a checkpoint to a model
//!
//! The features `flex` (CPU) and `webgpu` (GPU) choose the backends; the crate needs at least one of them.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use burn_sam::{Prompts, SamConfig};
//!
//! let device = Device::flex();
//! let sam = SamConfig::lite_medsam().init(&device);
//! let prompts = Prompts::boxes(Tensor::from_data([[10.0, 20.0, 90.0, 120.0]], &device));
//! let (sparse, dense) = sam.prompt_encoder.forward(&prompts, &device);
//! assert_eq!(sparse.dims(), [1, 2, 256]);
//! assert_eq!(dense.dims(), [1, 256, 64, 64]);
//! ```
#![warn(missing_docs)]

mod common;
mod image_encoder;
mod mask_decoder;
mod ops;
mod prompt_encoder;
mod sam;
pub mod sam2;
mod team;
mod weights;

pub use common::{ConvNorm, LayerNorm2d, Mlp, MlpBlock};
pub use image_encoder::tiny_vit::{self, TinyVitConfig};
pub use image_encoder::vit::{self, VitConfig};
pub use image_encoder::{ImageEncoder, ImageEncoderConfig, Neck};
pub use mask_decoder::{MaskDecoder, MaskDecoderConfig, MaskPrediction, transformer};
pub use ops::has_relaxed_simd;
#[cfg(all(feature = "flex", target_family = "wasm", target_os = "unknown"))]
pub use ops::relaxed_simd;
pub use prompt_encoder::{PositionEmbeddingRandom, PromptEncoder, PromptEncoderConfig, Prompts};
pub use sam::{Sam, SamConfig};
pub use team::{Joined, Team, join};
pub use tensor_file;
pub use weights::{
    Architecture, Checkpoint, FloatFormat, Naming, Precision, Sam2Size, WeightsError,
};

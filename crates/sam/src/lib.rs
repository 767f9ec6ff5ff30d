//! The Segment Anything Model (SAM) and its medical versions, in [Burn](burn).
//!
//! ```text
//! image [B, 3, S, S] → image encoder → embedding [B, 256, 64, 64]      once per image
//! box, points, mask  → prompt encoder → sparse [B, N, 256], dense [B, 256, 64, 64]
//! both               → mask decoder → low-resolution logits [B, M, 256, 256], IoU [B, M]
//! ```
//!
//! The crate knows tensors only: no pixels, files, browser or preprocessing recipe. Coordinates
//! are in *model space*: pixels of the square image that the encoder sees, `S` on a side, where a
//! pixel's centre is at its index plus one half.
//!
//! The map of the model is that of Kirillov et al., *Segment Anything* (2023), and of its code
//! (`segment_anything/modeling`). Its encoder is a ViT; that of MobileSAM and LiteMedSAM is TinyViT
//! (Wu et al., 2022), in the form that they gave it (`tiny_vit_sam.py`). Field names follow the
//! reference's, so that its weight keys map one to one.
//!
//! Shape faults are bugs and panic; faults of a weight file are [`WeightsError`]s.
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
mod config;
mod cpu;
#[cfg(feature = "webgpu")]
mod gpu;
mod image_encoder;
mod mask_decoder;
mod product;
mod prompt_encoder;
mod sam;
mod weights;

pub use common::{ConvNorm, LayerNorm2d, Mlp, MlpBlock};
pub use config::{SamConfig, TinyVitConfig, VitConfig};
pub use cpu::has_relaxed_simd;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub use cpu::relaxed as relaxed_simd;
pub use image_encoder::{ImageEncoder, ImageEncoderConfig, Neck, tiny_vit, vit};
pub use mask_decoder::{MaskDecoder, MaskDecoderConfig, MaskPrediction, transformer};
pub use prompt_encoder::{PositionEmbeddingRandom, PromptEncoder, PromptEncoderConfig, Prompts};
pub use sam::Sam;
pub use tensor_file;
pub use weights::{Architecture, Checkpoint, FloatFormat, Naming, Precision, WeightsError};

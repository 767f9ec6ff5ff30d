//! The ViT of SAM and MedSAM: plain attention, most of it in windows.
//!
//! Source: Li et al., *Exploring Plain Vision Transformer Backbones for Object Detection* (2022);
//! `segment_anything/modeling/image_encoder.py`.

mod attention;
mod block;

pub use attention::Attention;
pub use block::VitBlock;

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};

use super::neck::Neck;
use crate::ops::{channels_last, in_parts, narrow_rows, patchwise};

/// Sizes of a ViT (`image_encoder.py`, class `ImageEncoderViT`; `build_sam.py`).
#[derive(Config, Debug, PartialEq)]
pub struct VitConfig {
    /// Side of the square image, in pixels of model space.
    pub image_size: usize,
    /// Side of a patch, in pixels of model space.
    #[config(default = 16)]
    pub patch_size: usize,
    /// Channels of the image: 3 for RGB.
    #[config(default = 3)]
    pub in_channels: usize,
    /// Channels of a token.
    pub embed_dim: usize,
    /// Number of attention blocks.
    pub depth: usize,
    /// Attention heads in each block.
    pub num_heads: usize,
    /// Indices of the blocks whose attention sees the whole grid; that of the others sees a window.
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

/// A patch embedding with positions, attention blocks, and SAM's neck.
///
/// Source: `image_encoder.py`, class `ImageEncoderViT`.
#[derive(Module, Debug)]
pub struct Vit {
    /// `[B, 3, S, S]` → `[B, G, G, C]`.
    pub patch_embed: PatchEmbed,
    /// Position embedding of each token, `[1, G, G, C]`.
    pub pos_embed: Param<Tensor<4>>,
    /// `[B, G, G, C]` → `[B, G, G, C]`, in order.
    pub blocks: Vec<VitBlock>,
    /// `[B, G, G, C]` → `[B, C_out, G, G]`.
    pub neck: Neck,
}

/// Embeds each patch by one matrix product.
///
/// Source: `image_encoder.py`, class `PatchEmbed`.
#[derive(Module, Debug)]
pub struct PatchEmbed {
    /// A convolution whose kernel is as large as its stride.
    pub proj: Conv2d,
}

impl VitConfig {
    /// The encoder with random weights.
    pub fn init(&self, device: &Device) -> Vit {
        let (grid, dim, patch) = (self.grid_size(), self.embed_dim, self.patch_size);
        Vit {
            patch_embed: PatchEmbed {
                proj: Conv2dConfig::new([self.in_channels, dim], [patch, patch])
                    .with_stride([patch, patch])
                    .init(device),
            },
            pos_embed: Initializer::Zeros.init([1, grid, grid, dim], device),
            blocks: (0..self.depth)
                .map(|i| VitBlock::new(self, i, device))
                .collect(),
            neck: Neck::new(dim, self.out_channels, device),
        }
    }

    /// Queries, keys and values of all tokens, see [`ImageEncoderConfig`](crate::ImageEncoderConfig).
    pub(crate) fn largest_shared_map(&self) -> usize {
        3 * self.grid_size().pow(2) * self.embed_dim
    }

    /// Side of the grid, in tokens.
    pub fn grid_size(&self) -> usize {
        self.image_size / self.patch_size
    }
}

impl Vit {
    pub(crate) fn steps(&self) -> Vec<String> {
        let blocks = (0..self.blocks.len()).map(|i| format!("blocks.{i}"));
        let first = std::iter::once("patch_embed".to_owned());
        first
            .chain(blocks)
            .chain(std::iter::once("neck".to_owned()))
            .collect()
    }

    pub(crate) fn step(&self, index: usize, x: Tensor<4>) -> Tensor<4> {
        if index == 0 {
            return self.embed_patches(channels_last(x));
        }
        match self.blocks.get(index - 1) {
            Some(block) => block.forward(x),
            None if index == self.blocks.len() + 1 => self.neck.forward(x),
            None => panic!("a ViT of {} blocks has no step {index}", self.blocks.len()),
        }
    }

    /// Shapes: `[B, S, S, 3]` → `[B, G, G, C]`.
    fn embed_patches(&self, image: Tensor<4>) -> Tensor<4> {
        let positions = self.pos_embed.val();
        let [_, height, width, channels] = positions.dims();
        let side = image.dims()[1] / height;
        in_parts(&image, [height, width, channels], 1, |rows| {
            let image = narrow_rows(&image, rows.start * side..rows.end * side);
            patchwise(&self.patch_embed.proj, image) + narrow_rows(&positions, rows)
        })
    }
}

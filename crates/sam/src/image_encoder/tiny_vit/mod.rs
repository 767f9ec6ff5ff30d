//! TinyViT as MobileSAM and LiteMedSAM use it.
//!
//! Source: Wu et al., *TinyViT* (2022); `tiny_vit_sam.py` of LiteMedSAM.

mod attention;
mod block;
mod conv;

pub use attention::Attention;
pub use block::{Mlp, TinyVitBlock};
pub use conv::{MbConv, PatchEmbed, PatchMerging};

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::neck::Neck;
use crate::ops::channels_last;

/// Sizes of TinyViT (`tiny_vit_sam.py`, class `TinyViT`).
#[derive(Config, Debug, PartialEq)]
pub struct TinyVitConfig {
    /// Side of the square image, in pixels of model space.
    pub image_size: usize,
    /// Channels of the image: 3 for RGB.
    #[config(default = 3)]
    pub in_channels: usize,
    /// Stride of each of the two convolutions of the patch embedding: 1, with 1×1 kernels
    /// (LiteMedSAM), or 2, with 3×3 ones (MobileSAM).
    #[config(default = 1)]
    pub patch_stride: usize,
    /// Channels in each of the four layers.
    pub embed_dims: [usize; 4],
    /// Number of blocks in each layer.
    pub depths: [usize; 4],
    /// Attention heads in each layer; the first layer is convolutional and ignores its entry.
    pub num_heads: [usize; 4],
    /// Side of the attention windows in each layer, in tokens.
    pub window_sizes: [usize; 4],
    /// Hidden size of the MLPs and of the inverted bottlenecks, in multiples of their input.
    #[config(default = 4)]
    pub expand_ratio: usize,
    /// Stride of the patch merging after each of the first three layers.
    pub merge_strides: [usize; 3],
    /// Channels of the embedding.
    #[config(default = 256)]
    pub out_channels: usize,
}

impl TinyVitConfig {
    /// TinyViT-5M, the size of MobileSAM and of LiteMedSAM.
    pub(crate) fn five_million(image_size: usize) -> Self {
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

/// TinyViT: a patch embedding, one convolutional layer, three layers of windowed attention, and
/// SAM's neck.
///
/// Source: `tiny_vit_sam.py`, class `TinyViT`.
#[derive(Module, Debug)]
pub struct TinyVit {
    /// `[B, 3, S, S]` → `[B, S/stride², S/stride², C₀]`.
    pub patch_embed: PatchEmbed,
    /// The four layers, in order.
    pub layers: Vec<Layer>,
    /// `[B, G, G, C₃]` → `[B, C, G, G]`.
    pub neck: Neck,
}

/// One layer: blocks at one resolution, then a merging of patches into the next.
///
/// Source: `tiny_vit_sam.py`, classes `ConvLayer` (the first) and `BasicLayer` (the others).
#[derive(Module, Debug)]
pub struct Layer {
    /// At one resolution, in order.
    pub blocks: Vec<Block>,
    /// Merges patches for the next layer; absent in the last layer.
    pub downsample: Option<PatchMerging>,
}

/// A block: convolutional in the first layer, with attention in the others.
#[derive(Module, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there are twelve blocks, and boxing them would add a hop to each"
)]
pub enum Block {
    /// In the first layer.
    Conv(MbConv),
    /// In the other layers.
    Attention(TinyVitBlock),
}

/// What a step of the encoder computes.
#[derive(Clone, Copy)]
enum Step {
    PatchEmbed,
    Block { layer: usize, block: usize },
    Merge { layer: usize },
    Neck,
}

impl TinyVitConfig {
    /// The largest output of a layer, see [`ImageEncoderConfig`](crate::ImageEncoderConfig).
    pub(crate) fn largest_shared_map(&self) -> usize {
        let mut side = self.image_size / self.patch_stride.pow(2);
        let strides = self.merge_strides.into_iter().chain([1]);
        let maps = self.embed_dims.into_iter().zip(strides);
        maps.map(|(channels, stride)| {
            let values = side * side * channels;
            side = side.div_ceil(stride);
            values
        })
        .fold(0, usize::max)
    }

    /// The encoder with random weights.
    pub fn init(&self, device: &Device) -> TinyVit {
        TinyVit {
            patch_embed: PatchEmbed::new(
                self.in_channels,
                self.embed_dims[0],
                self.patch_stride,
                device,
            ),
            layers: (0..4).map(|i| self.layer(i, device)).collect(),
            neck: Neck::new(self.embed_dims[3], self.out_channels, device),
        }
    }

    fn layer(&self, index: usize, device: &Device) -> Layer {
        let dim = self.embed_dims[index];
        let block = |_| match index {
            0 => Block::Conv(MbConv::new(dim, self.expand_ratio, device)),
            _ => Block::Attention(TinyVitBlock::new(
                dim,
                self.num_heads[index],
                self.window_sizes[index],
                self.expand_ratio,
                device,
            )),
        };
        let downsample = self
            .merge_strides
            .get(index)
            .map(|&stride| PatchMerging::new(dim, self.embed_dims[index + 1], stride, device));
        Layer {
            blocks: (0..self.depths[index]).map(block).collect(),
            downsample,
        }
    }
}

impl TinyVit {
    pub(crate) fn steps(&self) -> Vec<String> {
        let name = |step: Step| match step {
            Step::PatchEmbed => "patch_embed".to_owned(),
            Step::Block { layer, .. } | Step::Merge { layer } => format!("layers.{layer}"),
            Step::Neck => "neck".to_owned(),
        };
        self.sequence().into_iter().map(name).collect()
    }

    pub(crate) fn step(&self, index: usize, x: Tensor<4>) -> Tensor<4> {
        match self.sequence()[index] {
            Step::PatchEmbed => self.patch_embed.forward(channels_last(x)),
            Step::Block { layer, block } => self.layers[layer].blocks[block].forward(x),
            Step::Merge { layer } => match &self.layers[layer].downsample {
                Some(downsample) => downsample.forward(x),
                None => x,
            },
            Step::Neck => self.neck.forward(x),
        }
    }

    fn sequence(&self) -> Vec<Step> {
        let mut steps = vec![Step::PatchEmbed];
        for (layer, module) in self.layers.iter().enumerate() {
            steps.extend((0..module.blocks.len()).map(|block| Step::Block { layer, block }));
            if module.downsample.is_some() {
                steps.push(Step::Merge { layer });
            }
        }
        steps.push(Step::Neck);
        steps
    }
}

impl Block {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv(block) => block.forward(x),
            Self::Attention(block) => block.forward(x),
        }
    }
}

//! TinyViT as MobileSAM and LiteMedSAM use it.
//!
//! Source: Wu et al., *TinyViT* (2022); `tiny_vit_sam.py` of LiteMedSAM.

mod attention;
mod block;
mod conv;

pub use attention::Attention;
pub use block::{Mlp, TinyVitBlock};
pub use conv::{MbConv, PatchEmbed, PatchMerging};

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::neck::Neck;
use crate::common::channels_last;
use crate::config::TinyVitConfig;

/// TinyViT: a patch embedding, one convolutional layer, three layers of windowed attention, and
/// SAM's neck.
///
/// Source: `tiny_vit_sam.py`, class `TinyViT`.
#[derive(Module, Debug)]
pub struct TinyVit {
    /// `[B, 3, S, S]` → `[B, S/stride², S/stride², C₀]`.
    pub patch_embed: PatchEmbed,
    /// The four layers.
    pub layers: Vec<Layer>,
    /// Into the embedding.
    pub neck: Neck,
}

/// One layer: blocks at one resolution, then a merging of patches into the next.
///
/// Source: `tiny_vit_sam.py`, classes `ConvLayer` (the first) and `BasicLayer` (the others).
#[derive(Module, Debug)]
pub struct Layer {
    /// The blocks.
    pub blocks: Vec<Block>,
    /// Absent in the last layer.
    pub downsample: Option<PatchMerging>,
}

/// A block of a layer.
#[derive(Module, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there are twelve of them, and a box would be one more hop to each"
)]
pub enum Block {
    /// The first layer's.
    Conv(MbConv),
    /// The others'.
    Attention(TinyVitBlock),
}

/// Where a step of the encoder is.
#[derive(Clone, Copy)]
enum Step {
    PatchEmbed,
    Block { layer: usize, block: usize },
    Merge { layer: usize },
    Neck,
}

impl TinyVitConfig {
    /// The encoder with freshly initialised weights.
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

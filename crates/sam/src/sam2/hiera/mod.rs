//! Hiera, the trunk of SAM 2's image encoder: attention in four stages, each at half the resolution of the one before.
//!
//! Source: Ryali et al., *Hiera: A Hierarchical Vision Transformer without the Bells-and-Whistles* (2023);
//! `sam2/modeling/backbones/hieradet.py`.

mod block;
mod position;

pub use block::{HieraBlock, MultiScaleAttention};
pub use position::WindowedPosition;

use burn::config::Config;
use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};

use crate::ops::channels_last;
use block::BlockSizes;

/// Sizes of a [`Hiera`] (`hieradet.py`, class `Hiera`; `sam2/configs/sam2.1`).
#[derive(Config, Debug, PartialEq)]
pub struct HieraConfig {
    /// Channels of the first stage; each further stage doubles them.
    pub embed_dim: usize,
    /// Attention heads of the first stage; each further stage doubles them.
    pub num_heads: usize,
    /// Blocks of each stage.
    pub stages: [usize; 4],
    /// Indices of the blocks whose attention sees the whole map; that of the others sees a window.
    pub global_blocks: Vec<usize>,
    /// Side of the windows of each stage, in tokens. The first block of a stage still has those of the stage before.
    #[config(default = "[8, 4, 14, 7]")]
    pub window_sizes: [usize; 4],
    /// Side of the coarse position embedding.
    #[config(default = 7)]
    pub position_size: usize,
    /// Hidden size of the MLPs, in multiples of their input.
    #[config(default = 4)]
    pub mlp_ratio: usize,
    /// Channels of the image: 3 for RGB.
    #[config(default = 3)]
    pub in_channels: usize,
}

impl HieraConfig {
    /// Hiera-T (`sam2.1_hiera_t.yaml`).
    pub fn tiny() -> Self {
        Self::new(96, 1, [1, 2, 7, 2], vec![5, 7, 9])
    }

    /// Hiera-S (`sam2.1_hiera_s.yaml`).
    pub fn small() -> Self {
        Self::new(96, 1, [1, 2, 11, 2], vec![7, 10, 13])
    }

    /// Hiera-B+ (`sam2.1_hiera_b+.yaml`).
    pub fn base_plus() -> Self {
        Self::new(112, 2, [2, 3, 16, 3], vec![12, 16, 20]).with_position_size(14)
    }

    /// Hiera-L (`sam2.1_hiera_l.yaml`).
    pub fn large() -> Self {
        Self::new(144, 2, [2, 6, 36, 4], vec![23, 33, 43]).with_window_sizes([8, 4, 16, 8])
    }

    /// Channels of each stage's map.
    pub fn channels(&self) -> [usize; 4] {
        [1, 2, 4, 8].map(|factor| factor * self.embed_dim)
    }

    /// The trunk with random weights.
    pub fn init(&self, device: &Device) -> Hiera {
        Hiera {
            patch_embed: PatchEmbed {
                proj: Conv2dConfig::new([self.in_channels, self.embed_dim], [7, 7])
                    .with_stride([4, 4])
                    .with_padding(PaddingConfig2d::Explicit(3, 3, 3, 3))
                    .init(device),
            },
            position: WindowedPosition::new(self, device),
            blocks: self
                .blocks()
                .iter()
                .map(|sizes| HieraBlock::new(sizes, device))
                .collect(),
            stage_ends: self.stage_ends(),
        }
    }

    /// Indices of the stages' last blocks.
    fn stage_ends(&self) -> [usize; 4] {
        let mut blocks = 0;
        self.stages.map(|count| {
            blocks += count;
            blocks - 1
        })
    }

    fn blocks(&self) -> Vec<BlockSizes> {
        let stage = |index: usize| self.stage_ends().iter().filter(|&&end| end < index).count();
        let channels = self.channels();
        let sizes = |index: usize| {
            let (now, before) = (stage(index), stage(index.saturating_sub(1)));
            let is_global = self.global_blocks.contains(&index);
            BlockSizes {
                dim: channels[before],
                dim_out: channels[now],
                heads: self.num_heads << now,
                window: (!is_global).then_some(self.window_sizes[before]),
                pools: now != before,
                mlp_ratio: self.mlp_ratio,
            }
        };
        (0..self.stages.iter().sum()).map(sizes).collect()
    }
}

/// A patch embedding with positions, then the blocks of four stages.
///
/// Source: `hieradet.py`, class `Hiera`.
#[derive(Module, Debug)]
pub struct Hiera {
    /// `[B, 3, S, S]` → `[B, S/4, S/4, C]`.
    pub patch_embed: PatchEmbed,
    /// Added to the patches.
    pub position: WindowedPosition,
    /// In order, through all stages.
    pub blocks: Vec<HieraBlock>,
    stage_ends: [usize; 4],
}

/// Embeds overlapping patches by one convolution.
///
/// Source: `sam2/modeling/backbones/utils.py`, class `PatchEmbed`.
#[derive(Module, Debug)]
pub struct PatchEmbed {
    /// 7×7, stride 4, padding 3.
    pub proj: Conv2d,
}

impl Hiera {
    /// The patches with their positions. Shapes: `[B, 3, S, S]` → `[B, S/4, S/4, C]`.
    pub fn embed(&self, image: Tensor<4>) -> Tensor<4> {
        let x = channels_last(self.patch_embed.proj.forward(image));
        let [_, height, width, _] = x.dims();
        x + self.position.forward([height, width])
    }

    /// Whether block `index` is the last of its stage, whose map the neck sees.
    pub(super) fn ends_stage(&self, index: usize) -> bool {
        self.stage_ends.contains(&index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_lag_one_block_behind_their_stage() {
        let windows = |config: HieraConfig| -> Vec<usize> {
            let blocks = config.blocks();
            blocks.iter().map(|b| b.window.unwrap_or(0)).collect()
        };
        let tiny = windows(HieraConfig::tiny());
        assert_eq!(tiny, [8, 8, 4, 4, 14, 0, 14, 0, 14, 0, 14, 7]);
        let large = windows(HieraConfig::large());
        assert_eq!(large[..3], [8, 8, 8]);
        assert_eq!(large[44..], [16, 8, 8, 8]);
    }

    #[test]
    fn the_first_block_of_a_stage_pools_and_widens() {
        let blocks = HieraConfig::tiny().blocks();
        let pools: Vec<usize> = (0..12).filter(|&i| blocks[i].pools).collect();
        assert_eq!(pools, [1, 3, 10]);
        let last = &blocks[10];
        assert_eq!((last.dim, last.dim_out, last.heads), (384, 768, 8));
    }
}

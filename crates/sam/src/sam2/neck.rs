use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};

use super::hiera::HieraConfig;
use crate::ops::{Activation, pointwise};

/// The feature pyramid: all stages' maps in the same channels, where the coarsest map is added to the next finer one.
///
/// Source: `sam2/modeling/backbones/image_encoder.py`, class `FpnNeck`, with `fpn_top_down_levels: [2, 3]`.
#[derive(Module, Debug)]
pub struct FpnNeck {
    /// One for each stage, the coarsest first.
    pub convs: Vec<LateralConv>,
}

/// A 1×1 convolution.
#[derive(Module, Debug)]
pub struct LateralConv {
    /// `C_stage` → `C`.
    pub conv: Conv2d,
}

impl FpnNeck {
    pub(super) fn new(trunk: &HieraConfig, dim: usize, device: &Device) -> Self {
        let lateral = |channels| LateralConv {
            conv: Conv2dConfig::new([channels, dim], [1, 1]).init(device),
        };
        Self {
            convs: trunk.channels().into_iter().rev().map(lateral).collect(),
        }
    }

    /// The maps of all stages, the finest first: the coarsest is used only within the next finer one.
    ///
    /// Shapes: `[B, S/4, S/4, C_1]`, …, `[B, S/32, S/32, C_4]` → the same with `C` channels.
    pub(super) fn forward(&self, [x0, x1, x2, x3]: [Tensor<4>; 4]) -> [Tensor<4>; 4] {
        let lateral =
            |stage: usize, x| pointwise(&self.convs[3 - stage].conv, x, Activation::Identity);
        let coarsest = lateral(3, x3);
        let coarse = lateral(2, x2) + doubled(coarsest.clone());
        [lateral(0, x0), lateral(1, x1), coarse, coarsest]
    }
}

/// Each pixel four times. Shapes: `[B, H, W, C]` → `[B, 2H, 2W, C]`.
fn doubled(x: Tensor<4>) -> Tensor<4> {
    let [b, h, w, c] = x.dims();
    x.reshape([b, h, 1, w, 1, c])
        .expand([b, h, 2, w, 2, c])
        .reshape([b, 2 * h, 2 * w, c])
}

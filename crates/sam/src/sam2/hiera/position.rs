use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Tensor};

use super::HieraConfig;
use crate::ops::channels_last;
use crate::sam2::resize::{Filter, resize};

/// The position embedding in two parts: a coarse one of the whole map, and one of a window, repeated.
///
/// Source: Bolya et al., *Window Attention is Bugged* (2023); `hieradet.py`, `Hiera._get_pos_embed`.
#[derive(Module, Debug)]
pub struct WindowedPosition {
    /// Of the whole map, enlarged to it, `[1, C, P, P]`.
    pub pos_embed: Param<Tensor<4>>,
    /// Of each window of the first stage, `[1, C, side, side]`.
    pub pos_embed_window: Param<Tensor<4>>,
}

impl WindowedPosition {
    pub(super) fn new(config: &HieraConfig, device: &Device) -> Self {
        let zeros = |side| Initializer::Zeros.init([1, config.embed_dim, side, side], device);
        Self {
            pos_embed: zeros(config.position_size),
            pos_embed_window: zeros(config.window_sizes[0]),
        }
    }

    /// The embedding of a map of `height` × `width` cells. Shape: `[1, H, W, C]`.
    pub(crate) fn forward(&self, [height, width]: [usize; 2]) -> Tensor<4> {
        let window = self.pos_embed_window.val();
        let [_, _, side, _] = window.dims();
        let window = window.repeat(&[1, 1, height / side, width / side]);
        let whole = resize(self.pos_embed.val(), [height, width], Filter::Bicubic);
        channels_last(whole + window)
    }
}

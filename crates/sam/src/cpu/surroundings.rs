use std::ops::Range;

use burn::module::Param;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;

use super::{Activation, tensor, values};
use crate::product::linear;

/// What the surroundings of a strip of pixels may take.
const STRIP_BYTES: usize = 8 << 20;

/// How a 3×3 window with padding 1 goes over a map.
pub(super) struct Steps {
    /// Height and width of the map.
    pub(super) map: [usize; 2],
    /// Down and to the right.
    pub(super) stride: [usize; 2],
}

impl Steps {
    /// Height and width of the result.
    pub(super) fn out(&self) -> [usize; 2] {
        let [height, width] = self.map;
        let [down, right] = self.stride;
        [height.div_ceil(down), width.div_ceil(right)]
    }

    /// The pixel of the map that a pixel of the result sees at `tap`, one of nine, row by row; none outside.
    pub(super) fn seen(&self, row: usize, column: usize, tap: usize) -> Option<usize> {
        let ([height, width], [down, right]) = (self.map, self.stride);
        // Above and to the left it wraps, far beyond the map.
        let y = (row * down + tap / 3).wrapping_sub(1);
        let x = (column * right + tap % 3).wrapping_sub(1);
        (y < height && x < width).then(|| y * width + x)
    }

    /// What each pixel of some rows of the result sees, nine pixels beside one another; zeros outside.
    fn surroundings(&self, image: &[f32], rows: Range<usize>) -> Vec<f32> {
        let ([height, width], [_, columns]) = (self.map, self.out());
        let channels = image.len() / (height * width);
        let mut around = vec![0.0; rows.len() * columns * 9 * channels];
        let pixels = around.chunks_exact_mut(9 * channels).enumerate();
        for (pixel, around) in pixels {
            let (row, column) = (rows.start + pixel / columns, pixel % columns);
            for (tap, around) in around.chunks_exact_mut(channels).enumerate() {
                if let Some(seen) = self.seen(row, column, tap) {
                    around.copy_from_slice(&image[seen * channels..][..channels]);
                }
            }
        }
        around
    }
}

/// A 3×3 convolution of all channels with padding 1 on a channels-last map: the product of each pixel's surroundings,
/// nine pixels beside one another, and the weights.
///
/// Flex has one for `[B, C, H, W]`: the map would be turned before it, and turned back.
///
/// Shapes: `[B, H, W, C_in]` → `[B, ⌈H/stride⌉, ⌈W/stride⌉, C_out]`.
pub(crate) fn three_by_three(conv: &Conv2d, x: Tensor<4>, activation: Activation) -> Tensor<4> {
    let [batch, height, width, c_in] = x.dims();
    let steps = Steps {
        map: [height, width],
        stride: conv.stride,
    };
    let [rows, columns] = steps.out();
    let weight = conv.weight.val();
    let [c_out, ..] = weight.dims();
    let weight = weight.permute([2, 3, 1, 0]).reshape([9 * c_in, c_out]);
    let bias = conv.bias.as_ref().map(Param::val);
    let row_bytes = columns * 9 * c_in * size_of::<f32>();
    let strip = (STRIP_BYTES / row_bytes).max(1);
    let x = x.into_data();
    let mut strips = Vec::new();
    for image in values(&x).chunks_exact(height * width * c_in) {
        for from in (0..rows).step_by(strip) {
            let to = rows.min(from + strip);
            let around = tensor(
                steps.surroundings(image, from..to),
                [to - from, columns, 9 * c_in],
            );
            strips.push(linear(around, weight.clone(), bias.clone(), activation));
        }
    }
    Tensor::cat(strips, 0).reshape([batch, rows, columns, c_out])
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::PaddingConfig2d;
    use burn::nn::conv::Conv2dConfig;
    use burn::tensor::{Device, Distribution, Tolerance};

    #[test]
    fn it_is_the_convolution_of_burn() {
        let device = Device::flex();
        // The last has more than one strip.
        for (stride, [h, w], channels, bias) in [
            (1, [5, 7], [3, 16], true),
            (2, [7, 6], [4, 5], false),
            (1, [1, 1], [8, 8], true),
            (1, [33, 31], [256, 8], false),
        ] {
            let conv = Conv2dConfig::new(channels, [3, 3])
                .with_stride([stride, stride])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .with_bias(bias)
                .init(&device);
            let normal = Distribution::Normal(0.0, 1.0);
            let x = Tensor::<4>::random([2, h, w, channels[0]], normal, &device);
            let expected = conv.forward(x.clone().permute([0, 3, 1, 2]));
            let expected = Activation::Gelu.of(expected.permute([0, 2, 3, 1]));
            let found = three_by_three(&conv, x, Activation::Gelu);
            assert_eq!(found.dims(), expected.dims());
            found
                .into_data()
                .assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-5));
        }
    }
}

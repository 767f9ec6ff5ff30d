//! A 3×3 convolution as a matrix product (im2col), on a channels-last map.

use std::ops::Range;

use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::Shape;

use super::{STRIP_BYTES, linear, tensor, values};
use crate::ops::Activation;

/// How a 3×3 kernel with padding 1 moves over a map.
pub(super) struct Geometry {
    /// Height and width of the input.
    pub(super) map: [usize; 2],
    /// Steps down and to the right.
    pub(super) stride: [usize; 2],
}

impl Geometry {
    /// Height and width of the result.
    pub(super) fn out(&self) -> [usize; 2] {
        let [height, width] = self.map;
        let [down, right] = self.stride;
        [height.div_ceil(down), width.div_ceil(right)]
    }

    /// The input's pixel under one of the kernel's nine taps, counted row by row, for a pixel of the result; `None` in
    /// the padding.
    pub(super) fn pixel(&self, row: usize, column: usize, tap: usize) -> Option<usize> {
        let ([height, width], [down, right]) = (self.map, self.stride);
        // Above and to the left of the map the subtraction wraps to a number beyond its edges.
        let y = (row * down + tap / 3).wrapping_sub(1);
        let x = (column * right + tap % 3).wrapping_sub(1);
        (y < height && x < width).then(|| y * width + x)
    }

    /// For each pixel of some rows of the result, the nine input pixels under the kernel; zeros in the padding.
    ///
    /// Shapes: `image` `[H, W, C]` → `[rows, columns, 9, C]`.
    fn im2col(&self, image: &[f32], rows: Range<usize>) -> Vec<f32> {
        let ([height, width], [_, columns]) = (self.map, self.out());
        let channels = image.len() / (height * width);
        let mut patches = vec![0.0; rows.len() * columns * 9 * channels];
        for (pixel, patch) in patches.chunks_exact_mut(9 * channels).enumerate() {
            let (row, column) = (rows.start + pixel / columns, pixel % columns);
            for (tap, values) in patch.chunks_exact_mut(channels).enumerate() {
                if let Some(pixel) = self.pixel(row, column, tap) {
                    values.copy_from_slice(&image[pixel * channels..][..channels]);
                }
            }
        }
        patches
    }
}

/// A 3×3 convolution with padding 1, in strips of rows whose patches stay below [`STRIP_BYTES`].
///
/// Flex convolves `[B, C, H, W]`: the map would have to be permuted before and after.
///
/// Shapes: `x` `[B, H, W, C_in]`, `weight` `[C_out, C_in, 3, 3]` → `[B, ⌈H/stride⌉, ⌈W/stride⌉, C_out]`.
pub(super) fn conv3x3(
    x: FlexTensor,
    weight: FlexTensor,
    bias: Option<FlexTensor>,
    stride: [usize; 2],
    activation: Activation,
) -> FlexTensor {
    let [batch, height, width, c_in] = x.shape().dims();
    let geometry = Geometry {
        map: [height, width],
        stride,
    };
    let [rows, columns] = geometry.out();
    let [c_out, ..] = weight.shape().dims::<4>();
    let weight = Flex::float_permute(weight, &[2, 3, 1, 0]);
    let weight = Flex::float_reshape(weight, Shape::from([9 * c_in, c_out]));
    let row_bytes = columns * 9 * c_in * size_of::<f32>();
    let strip = (STRIP_BYTES / row_bytes).max(1);
    let x = x.into_data();
    let mut strips = Vec::new();
    for image in values(&x).chunks_exact(height * width * c_in) {
        for from in (0..rows).step_by(strip) {
            let to = rows.min(from + strip);
            let patches = tensor(
                geometry.im2col(image, from..to),
                [to - from, columns, 9 * c_in],
            );
            strips.push(linear(patches, weight.clone(), bias.clone(), activation));
        }
    }
    let y = Flex::float_cat(strips, 0);
    Flex::float_reshape(y, Shape::from([batch, rows, columns, c_out]))
}

#[cfg(test)]
mod tests {
    use crate::ops::{Activation, conv3x3};
    use burn::nn::PaddingConfig2d;
    use burn::nn::conv::Conv2dConfig;
    use burn::tensor::{Device, Distribution, Tensor, Tolerance, activation};

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
            let expected = activation::gelu(expected.permute([0, 2, 3, 1]));
            let found = conv3x3(&conv, x, Activation::Gelu);
            assert_eq!(found.dims(), expected.dims());
            found
                .into_data()
                .assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-5));
        }
    }
}

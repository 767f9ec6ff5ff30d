//! A depthwise 3×3 convolution on a channels-last map.

use std::ops::Range;

use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::Shape;

use super::blocks::{rows_in_blocks, vectorised};
use super::im2col::Geometry;
use super::{LANES, activate, tensor, values};
use crate::ops::Activation;

/// One of the kernel's nine positions over a pixel of the result.
struct Tap<'a> {
    /// The input's pixel under it, in vectors of channels.
    pixel: &'a [[f32; LANES]],
    /// Its weight for each channel.
    weights: &'a [[f32; LANES]],
}

/// Some rows of a depthwise 3×3 convolution with padding 1. The channels must be a multiple of [`LANES`].
///
/// Flex convolves `[B, C, H, W]`: the map would have to be permuted before and after.
///
/// Shapes: `x` `[B, H, W, C]`, `weight` `[C, 1, 3, 3]`, `rows` within `0..⌈H/stride⌉` → `[B, rows, ⌈W/stride⌉, C]`.
pub(super) fn depthwise3x3(
    x: FlexTensor,
    weight: FlexTensor,
    bias: Option<FlexTensor>,
    stride: [usize; 2],
    rows: Range<usize>,
    activation: Activation,
) -> FlexTensor {
    let [batch, height, width, channels] = x.shape().dims();
    let geometry = Geometry {
        map: [height, width],
        stride,
    };
    let [_, columns] = geometry.out();
    let shape = [batch, rows.len(), columns, channels];
    let weights = Flex::float_reshape(weight, Shape::from([channels, 9]));
    let weights = Flex::float_transpose(weights).into_data();
    let bias = bias.unwrap_or_else(|| tensor(vec![0.0; channels], [channels]));
    let (x, bias) = (x.into_data(), bias.into_data());
    let (x, weights) = (vectors(values(&x)), vectors(values(&weights)));
    let (bias, blocks) = (values(&bias), channels / LANES);
    let out = rows_in_blocks(bias, batch * rows.len() * columns, columns, |from, out| {
        let row = from / columns;
        let (image, row) = (row / rows.len(), rows.start + row % rows.len());
        let image = &x[image * height * width * blocks..];
        vectorised(|| {
            let mut taps = Vec::with_capacity(9);
            for (column, out) in out.chunks_exact_mut(channels).enumerate() {
                taps.clear();
                taps.extend((0..9).filter_map(|tap| {
                    let pixel = geometry.pixel(row, column, tap)?;
                    Some(Tap {
                        pixel: &image[pixel * blocks..],
                        weights: &weights[tap * blocks..],
                    })
                }));
                add_taps(&taps, out);
            }
        });
        activate(out, activation);
    });
    tensor(out, shape)
}

/// Adds the weighted sum of the taps to one pixel of the result, channel by channel.
#[inline(always)]
fn add_taps(taps: &[Tap<'_>], out: &mut [f32]) {
    let (out, _) = out.as_chunks_mut::<LANES>();
    for (block, out) in out.iter_mut().enumerate() {
        let mut sums = *out;
        for tap in taps {
            let (pixel, weights) = (&tap.pixel[block], &tap.weights[block]);
            for lane in 0..LANES {
                sums[lane] += pixel[lane] * weights[lane];
            }
        }
        *out = sums;
    }
}

fn vectors(values: &[f32]) -> &[[f32; LANES]] {
    values.as_chunks().0
}

#[cfg(test)]
mod tests {
    use crate::ops::{Activation, depthwise3x3};
    use burn::nn::PaddingConfig2d;
    use burn::nn::conv::Conv2dConfig;
    use burn::tensor::{Device, Distribution, Tensor, Tolerance, activation};

    #[test]
    fn it_is_the_convolution_of_burn() {
        let device = Device::flex();
        for (stride, [h, w], bias) in [
            (1, [5, 7], true),
            (2, [6, 8], true),
            (2, [7, 5], false),
            (1, [1, 1], true),
        ] {
            let conv = Conv2dConfig::new([16, 16], [3, 3])
                .with_stride([stride, stride])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .with_groups(16)
                .with_bias(bias)
                .init(&device);
            let x = Tensor::<4>::random([2, h, w, 16], Distribution::Normal(0.0, 1.0), &device);
            let expected = conv
                .forward(x.clone().permute([0, 3, 1, 2]))
                .permute([0, 2, 3, 1]);
            let expected = activation::gelu(expected);
            let [_, rows, ..] = expected.dims();
            // All rows, and the last one.
            let rows = match bias {
                true => 0..rows,
                false => rows - 1..rows,
            };
            let expected = expected.narrow(1, rows.start, rows.len());
            let found = depthwise3x3(&conv, x, Some(rows), Activation::Gelu);
            assert_eq!(found.dims(), expected.dims());
            found
                .into_data()
                .assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-5));
        }
    }
}

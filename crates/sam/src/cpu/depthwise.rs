use std::ops::Range;

use burn::module::Param;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;

use super::blocks::{rows_in_blocks, vectorised};
use super::surroundings::Steps;
use super::{Activation, LANES, tensor, values};

/// A pixel that is looked at.
struct Tap<'a> {
    /// Its channels.
    pixel: &'a [[f32; LANES]],
    /// Of each channel.
    weights: &'a [[f32; LANES]],
}

/// A depthwise 3×3 convolution with padding 1 on a channels-last map, whose channels are a multiple of 8.
///
/// Flex has one for `[B, C, H, W]`: the map would be turned before it, and turned back.
///
/// Only those rows of the result that are asked for, of ⌈H/stride⌉.
///
/// Shapes: `[B, H, W, C]` → `[B, rows, ⌈W/stride⌉, C]`.
pub(crate) fn depthwise(
    conv: &Conv2d,
    x: Tensor<4>,
    rows: Range<usize>,
    activation: Activation,
) -> Tensor<4> {
    let [batch, height, width, channels] = x.dims();
    let steps = Steps {
        map: [height, width],
        stride: conv.stride,
    };
    let [_, columns] = steps.out();
    let shape = [batch, rows.len(), columns, channels];
    let weights = conv.weight.val().reshape([channels, 9]).transpose();
    let bias = conv.bias.as_ref().map(Param::val);
    let bias = bias.unwrap_or_else(|| Tensor::zeros([channels], &x.device()));
    let (x, weights, bias) = (x.into_data(), weights.into_data(), bias.into_data());
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
                    let pixel = steps.seen(row, column, tap)?;
                    Some(Tap {
                        pixel: &image[pixel * blocks..],
                        weights: &weights[tap * blocks..],
                    })
                }));
                look_around(&taps, out);
            }
        });
        activation.in_place(out);
    });
    tensor(out, shape)
}

/// Adds to one pixel the weighted sum of those around it, each with its weights.
#[inline(always)]
fn look_around(taps: &[Tap<'_>], out: &mut [f32]) {
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
    use super::*;
    use burn::nn::PaddingConfig2d;
    use burn::nn::conv::Conv2dConfig;
    use burn::tensor::{Device, Distribution, Tolerance};

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
            let expected = Activation::Gelu.of(expected);
            let [_, rows, ..] = expected.dims();
            // All of them, and the last.
            let rows = match bias {
                true => 0..rows,
                false => rows - 1..rows,
            };
            let expected = expected.narrow(1, rows.start, rows.len());
            let found = depthwise(&conv, x, rows, Activation::Gelu);
            assert_eq!(found.dims(), expected.dims());
            found
                .into_data()
                .assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-5));
        }
    }
}

use burn::module::Param;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use wide::f32x8;

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
/// Shapes: `[B, H, W, C]` → `[B, ⌈H/stride⌉, ⌈W/stride⌉, C]`.
pub(crate) fn depthwise(conv: &Conv2d, x: Tensor<4>, activation: Activation) -> Tensor<4> {
    let [batch, height, width, channels] = x.dims();
    let steps = Steps {
        map: [height, width],
        stride: conv.stride,
    };
    let [rows, columns] = steps.out();
    let shape = [batch, rows, columns, channels];
    let weights = conv.weight.val().reshape([channels, 9]).transpose();
    let bias = conv.bias.as_ref().map(Param::val);
    let bias = bias.unwrap_or_else(|| Tensor::zeros([channels], &x.device()));
    let (x, weights, bias) = (x.into_data(), weights.into_data(), bias.into_data());
    let (weights, bias) = (vectors(values(&weights)), vectors(values(&bias)));
    let mut out = Vec::with_capacity(shape.iter().product());
    let mut taps = Vec::with_capacity(9);
    for image in values(&x)
        .chunks_exact(height * width * channels)
        .map(vectors)
    {
        for row in 0..rows {
            let from = out.len();
            for column in 0..columns {
                taps.clear();
                taps.extend((0..9).filter_map(|tap| {
                    let pixel = steps.seen(row, column, tap)?;
                    Some(Tap {
                        pixel: &image[pixel * bias.len()..],
                        weights: &weights[tap * bias.len()..],
                    })
                }));
                look_around(&taps, bias, &mut out);
            }
            activation.in_place(&mut out[from..]);
        }
    }
    tensor(out, shape)
}

/// One pixel: the weighted sum of those around it, each with its weights.
fn look_around(taps: &[Tap<'_>], bias: &[[f32; LANES]], out: &mut Vec<f32>) {
    for (block, bias) in bias.iter().enumerate() {
        let sum = taps.iter().fold(f32x8::new(*bias), |sum, tap| {
            f32x8::new(tap.pixel[block]).mul_add(f32x8::new(tap.weights[block]), sum)
        });
        out.extend_from_slice(&sum.to_array());
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
            let found = depthwise(&conv, x, Activation::Gelu);
            assert_eq!(found.dims(), expected.dims());
            found
                .into_data()
                .assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-5));
        }
    }
}

//! Multi-head attention within the windows of a map.
//!
//! `softmax(q · kᵀ / √D + bias) · v`, for one head of one window at a time. Windows are not cut out of the map: each
//! token is read at its place and its result is written to its place. A window that reaches beyond the map's edge has
//! a padding token there, which serves as key and value; its own results are not computed.

mod scratch;
mod windows;

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;

use super::blocks::in_blocks;
use super::{tensor, values};
use scratch::Scratch;
use windows::Windows;

/// [`SamOps::window_attention`](crate::ops::backend::SamOps::window_attention), where `D` is a multiple of [`COLUMNS`](super::microkernel::COLUMNS).
///
/// Shapes: `qkv` `[B, H, W, heads · 3 · D]`, `padding` `[heads · 3 · D]`, `bias` `[1, heads, N, N]` with `N` = `side`²
/// → `[B, H, W, heads · D]`.
pub(super) fn window_attention(
    qkv: FlexTensor,
    padding: FlexTensor,
    bias: FlexTensor,
    side: usize,
) -> FlexTensor {
    let [batch, height, width, channels] = qkv.shape().dims();
    let [_, heads, _, _] = bias.shape().dims::<4>();
    let shape = [batch, height, width, channels / 3];
    let (qkv, padding) = (qkv.into_data(), padding.into_data());
    let windows = Windows {
        map: [height, width],
        side,
        heads,
        head_dim: channels / (3 * heads),
        padding: values(&padding),
    };
    let bias = windows.pad_bias(&bias.into_data());
    let mut attended = vec![0.0; shape.iter().product()];
    for (image, attended) in values(&qkv)
        .chunks_exact(height * width * channels)
        .zip(attended.chunks_exact_mut(height * width * channels / 3))
    {
        // One block is the part of the map that a row of windows covers.
        in_blocks(attended, side * width * channels / 3, |band, attended| {
            let mut scratch = Scratch::new(&windows);
            for left in (0..width).step_by(side) {
                scratch.enter_window(&windows, [band * side, left]);
                for head in 0..heads {
                    let bias = &bias[head * windows.scores()..];
                    scratch.attend(&windows, head, image, bias, attended);
                }
            }
        });
    }
    tensor(attended, shape)
}

#[cfg(test)]
mod tests {
    use crate::ops::backend::{OptionalTensor, SamOps};
    use crate::ops::{partition, unpartition};
    use burn::backend::{Dispatch, Flex};
    use burn::tensor::module::attention;
    use burn::tensor::ops::AttentionModuleOptions;
    use burn::tensor::{Device, Distribution, Tensor, Tolerance};

    /// Windows of 7 and of 14 tokens a side that fill the map and that do not, and a map smaller than its window; by
    /// the kernel and by the portable form.
    #[test]
    fn it_is_the_attention_of_burn() {
        let device = Device::flex();
        for ([batch, height, width], side, heads, dim) in [
            ([2, 14, 9], 7, 4, 32),
            ([1, 15, 14], 14, 5, 32),
            ([1, 4, 4], 4, 1, 16),
            ([1, 1, 2], 3, 2, 16),
        ] {
            let normal = Distribution::Normal(0.0, 1.0);
            let shape = [batch, height, width, heads * 3 * dim];
            let qkv = Tensor::<4>::random(shape, normal, &device);
            let padding = Tensor::<1>::random([heads * 3 * dim], normal, &device);
            let n = side * side;
            let bias = Tensor::<4>::random([1, heads, n, n], normal, &device);

            let whole = [height, width].map(|length: usize| length.next_multiple_of(side));
            let whole = [batch, whole[0], whole[1], heads * 3 * dim];
            let inside = [0..batch, 0..height, 0..width, 0..heads * 3 * dim];
            let padded = padding.clone().reshape([1, 1, 1, heads * 3 * dim]);
            let padded = padded.expand(whole).slice_assign(inside, qkv.clone());
            let windows = partition(padded, side);
            let windows_count = windows.dims()[0];
            let part = |i: usize| {
                windows
                    .clone()
                    .reshape([windows_count, n, heads, 3 * dim])
                    .narrow(3, i * dim, dim)
                    .swap_dims(1, 2)
            };
            let options = AttentionModuleOptions::default();
            let expected = attention(part(0), part(1), part(2), None, Some(bias.clone()), options)
                .swap_dims(1, 2)
                .reshape([windows_count, n, heads * dim]);
            let expected = unpartition(expected, side, [batch, height, width]).into_data();

            let flex = |x: Tensor<4>| x.try_into_primitive::<Flex>().unwrap();
            let portable = crate::ops::portable::window_attention::<Flex>(
                flex(qkv.clone()),
                Some(padding.clone().try_into_primitive::<Flex>().unwrap()),
                flex(bias.clone()),
                side,
            );
            let kernel = <Dispatch as SamOps>::window_attention(
                qkv.into_dispatch(),
                OptionalTensor::from(Some(padding)),
                bias.into_dispatch(),
                side,
            );
            for found in [
                Tensor::<4>::from_primitive::<Flex>(portable),
                Tensor::from_dispatch(kernel),
            ] {
                found
                    .into_data()
                    .assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-5));
            }
        }
    }
}

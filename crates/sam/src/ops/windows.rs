//! Attention within windows: how a map is cut, attended to, and put together again.
//!
//! Source: `segment_anything/modeling/image_encoder.py`, `window_partition` and `window_unpartition`; TinyViT's blocks
//! do the same (`tiny_vit_sam.py`, class `TinyViTBlock`).

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::backend::{OptionalTensor, SamOps};

/// Multi-head attention within windows of `side` × `side` tokens, with a bias for each pair of tokens.
///
/// As in the references, a map that does not fill its last windows is padded with zeros, and padding takes part in the
/// attention. `project_qkv` projects tokens one by one, `[.., C]` → `[.., heads · 3 · D]`, for each head its query, key
/// and value next to each other.
///
/// Shapes: `x` `[B, H, W, C]`, `bias` `[1, heads, side², side²]` → `[B, H, W, heads · D]`.
pub(crate) fn window_attention(
    x: Tensor<4>,
    project_qkv: impl Fn(Tensor<4>) -> Tensor<4>,
    bias: Tensor<4>,
    side: usize,
) -> Tensor<4> {
    let [b, h, w, c] = x.dims();
    let [_, heads, _, _] = bias.dims();
    let device = x.device();
    if reads_windows_in_place(&x, c / heads) {
        let padding = project_qkv(Tensor::zeros([1, 1, 1, c], &device));
        return attend(project_qkv(x), Some(padding.flatten::<1>(0, 3)), bias, side);
    }
    // The map has a third of its projection's channels, so it is cut before it is projected.
    let windows = partition(x, side);
    let [count, tokens, _] = windows.dims();
    let qkv = project_qkv(windows.unsqueeze_dim::<4>(0));
    let [_, _, _, channels] = qkv.dims();
    let y = attend(qkv.reshape([count, side, side, channels]), None, bias, side);
    let [_, _, _, channels] = y.dims();
    unpartition(y.reshape([count, tokens, channels]), side, [b, h, w])
}

fn reads_windows_in_place(x: &Tensor<4>, head_dim: usize) -> bool {
    <Dispatch as SamOps>::reads_windows_in_place(&x.clone().into_dispatch(), head_dim)
}

fn attend(qkv: Tensor<4>, padding: Option<Tensor<1>>, bias: Tensor<4>, side: usize) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as SamOps>::window_attention(
        qkv.into_dispatch(),
        OptionalTensor::from(padding),
        bias.into_dispatch(),
        side,
    ))
}

/// Cuts a map into windows, after padding it with zeros at the bottom and at the right.
///
/// Shapes: `[B, H, W, C]` → `[windows, side², C]`.
pub(crate) fn partition(x: Tensor<4>, side: usize) -> Tensor<3> {
    let [b, h, w, c] = x.dims();
    let (rows, columns) = (h.div_ceil(side), w.div_ceil(side));
    pad(x, rows * side, columns * side)
        .reshape([b, rows, side, columns, side, c])
        .swap_dims(2, 3)
        .reshape([b * rows * columns, side * side, c])
}

/// Puts windows together again and drops the padding: the inverse of [`partition`].
///
/// Shapes: `[windows, side², C]` → `[B, H, W, C]`.
pub(crate) fn unpartition(windows: Tensor<3>, side: usize, [b, h, w]: [usize; 3]) -> Tensor<4> {
    let [_, _, c] = windows.dims();
    let (rows, columns) = (h.div_ceil(side), w.div_ceil(side));
    windows
        .reshape([b, rows, columns, side, side, c])
        .swap_dims(2, 3)
        .reshape([b, rows * side, columns * side, c])
        .slice([0..b, 0..h, 0..w, 0..c])
}

/// Pads a map with zeros at the bottom and at the right, up to `height` × `width`.
fn pad(x: Tensor<4>, height: usize, width: usize) -> Tensor<4> {
    let [b, h, w, c] = x.dims();
    if [h, w] == [height, width] {
        return x;
    }
    Tensor::zeros([b, height, width, c], &x.device()).slice_assign([0..b, 0..h, 0..w, 0..c], x)
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use burn::tensor::{Device, Int};

    #[test]
    fn partition_pads_and_unpartition_drops_the_padding() {
        let device = Device::flex();
        let x = Tensor::<1, Int>::arange(0..2 * 5 * 6 * 3, &device)
            .float()
            .reshape([2, 5, 6, 3]);
        let windows = partition(x.clone(), 4);
        assert_eq!(windows.dims(), [2 * 2 * 2, 16, 3]);
        // The last window of the first image holds one row and two columns of it.
        let last = windows.clone().slice([3..4, 0..16, 0..1]);
        let last = last.into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(last[..4], [84.0, 87.0, 0.0, 0.0]);
        assert!(last[4..].iter().all(|&value| value == 0.0));

        let back = unpartition(windows, 4, [2, 5, 6]);
        assert_eq!(back.into_data(), x.into_data());
    }
}

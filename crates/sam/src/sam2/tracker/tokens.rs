use burn::tensor::{Device, FloatDType, Tensor};

use super::Tracker;
use crate::common::project;
use crate::sam2::Sam2;
use crate::sam2::bank::Selection;
use crate::sam2::memory_attention::MemoryTokens;
use crate::sam2::sine::line_positions;

impl Tracker {
    /// The memories and pointers of a selection as tokens.
    pub(super) fn tokens(&self, sam2: &Sam2, selection: &Selection) -> MemoryTokens {
        let device = self.positions.device();
        let rows = sam2.maskmem_tpos_enc.val();
        let (mut values, mut positions) = (Vec::new(), Vec::new());
        for &(_, slice, row) in &selection.memories {
            let Some(kept) = self.kept.get(&slice) else {
                continue;
            };
            let row = rows.clone().narrow(0, row, 1).squeeze_dim::<3>(0);
            values.push(kept.memory.clone().cast(FloatDType::F32));
            positions.push(self.memory_positions.clone() + row);
        }
        let pointers = selection.pointers.iter();
        let pointers: Vec<(Tensor<2>, isize)> = pointers
            .filter_map(|(slice, distance)| {
                Some((self.kept.get(slice)?.pointer.clone(), *distance))
            })
            .collect();
        let [_, _, memory_dim] = self.memory_positions.dims();
        let pointer_tokens = pointers.len() * pointer_parts(sam2);
        if !pointers.is_empty() {
            let (vectors, distances): (Vec<_>, Vec<_>) = pointers.into_iter().unzip();
            let vectors = Tensor::cat(vectors, 0).reshape([1, pointer_tokens, memory_dim]);
            let when = temporal_positions(sam2, &distances, selection.divisor, &device);
            values.push(vectors);
            positions.push(when);
        }
        MemoryTokens {
            values: Tensor::cat(values, 1),
            positions: Tensor::cat(positions, 1),
            pointer_tokens,
        }
    }
}

/// A pointer has the channels of this many tokens.
fn pointer_parts(sam2: &Sam2) -> usize {
    let ([_, dim], [_, memory_dim]) = (sam2.no_obj_ptr.dims(), sam2.no_obj_embed_spatial.dims());
    dim / memory_dim
}

/// The positions of pointers' tokens, all parts of a pointer alike. Shape: `[1, N · parts, C']`.
fn temporal_positions(
    sam2: &Sam2,
    distances: &[isize],
    divisor: usize,
    device: &Device,
) -> Tensor<3> {
    let [_, dim] = sam2.no_obj_ptr.dims();
    let parts = pointer_parts(sam2);
    let divided: Vec<f32> = distances
        .iter()
        .map(|&distance| distance as f32 / divisor.max(1) as f32)
        .collect();
    let sines = line_positions(&divided, dim, device);
    let projected = project(&sam2.obj_ptr_tpos_proj, sines);
    let [count, memory_dim] = projected.dims();
    projected
        .reshape([count, 1, memory_dim])
        .expand([count, parts, memory_dim])
        .reshape([1, count * parts, memory_dim])
}

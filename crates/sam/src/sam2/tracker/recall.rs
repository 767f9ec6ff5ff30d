//! What a tracker has left for later: for corrections, and for a propagation that goes on.

use burn::tensor::{DType, Tensor};

use super::{MemoryFormat, Role, Tracker};
use crate::sam2::Sam2;

impl Tracker {
    /// Remembers slices that another tracker of the same object has tracked on the same way, unless it knows them.
    pub fn recall(&mut self, other: &Self, slices: impl IntoIterator<Item = usize>) {
        for slice in slices {
            let kept = other.kept.get(&slice);
            if let Some(kept) = kept.filter(|kept| kept.role == Role::Tracked) {
                self.kept.entry(slice).or_insert_with(|| kept.clone());
            }
        }
    }

    /// The device memory that a slice takes, in bytes.
    pub fn bytes_of_slice(sam2: &Sam2, format: MemoryFormat) -> u64 {
        let device = sam2.no_obj_ptr.val().device();
        let side = sam2.image_size() as u64 / 16;
        let ([_, dim], [_, memory_dim]) =
            (sam2.no_obj_ptr.dims(), sam2.no_obj_embed_spatial.dims());
        let is_halved = format == MemoryFormat::Bf16 && device.supports_dtype(DType::BF16);
        let memory = side * side * memory_dim as u64 * if is_halved { 2 } else { 4 };
        memory + 4 * (dim as u64 + 16 * side * side)
    }

    /// The logits of the mask that was found on a slice, `[1, 1, 4G, 4G]`.
    pub fn logits(&self, slice: usize) -> Option<Tensor<4>> {
        self.kept.get(&slice).map(|kept| kept.logits.clone())
    }
}

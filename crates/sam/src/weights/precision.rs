//! The precision of a model's weights.

use burn::tensor::DType;

/// The data type of a model's weights on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// All weights in f32, as in the original code.
    F32,
    /// The ViT's linear layers, nearly all of its weights, in f16: half the memory, and less time on a GPU that has f16.
    /// Other weights, and the values between linear layers, stay in f32.
    F16,
}

/// The linear layers of a ViT's block.
const LAYERS: [&str; 4] = ["attn.qkv.", "attn.proj.", "mlp.lin1.", "mlp.lin2."];

impl Precision {
    /// The data type on the device of the tensor with this original name.
    pub(super) fn dtype_of(self, key: &str) -> DType {
        let in_block = key.strip_prefix("image_encoder.blocks.");
        let rest = in_block.and_then(|key| key.split_once('.'));
        let is_linear = rest.is_some_and(|(_, rest)| LAYERS.iter().any(|l| rest.starts_with(l)));
        match self {
            Self::F16 if is_linear => DType::F16,
            _ => DType::F32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_linear_layers_of_a_vit_are_halved() {
        let halved = |key| Precision::F16.dtype_of(key) == DType::F16;
        assert!(halved("image_encoder.blocks.11.attn.qkv.weight"));
        assert!(halved("image_encoder.blocks.0.mlp.lin2.bias"));
        for key in [
            "image_encoder.blocks.0.norm1.weight",
            "image_encoder.blocks.0.attn.rel_pos_h",
            "image_encoder.layers.1.blocks.0.attn.qkv.weight",
            "mask_decoder.transformer.layers.0.mlp.lin1.weight",
        ] {
            assert!(!halved(key), "{key}");
        }
        assert_eq!(
            Precision::F32.dtype_of("image_encoder.blocks.0.mlp.lin1.weight"),
            DType::F32
        );
    }
}

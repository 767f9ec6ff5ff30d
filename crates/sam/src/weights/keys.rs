//! The names of weights in files and in the model.
//!
//! The authors' files and Hugging Face's `transformers` name the same tensors differently. The model's fields follow the
//! authors' code; only the numbered parts of its `nn.Sequential`s have other names. The tables list prefixes of names, in
//! which `*` matches a number.

use std::borrow::Cow;
use std::collections::BTreeMap;

use burn::tensor::TensorData;

use super::{WeightsError, sam2, sam2_keys};

/// The naming scheme of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// The original code (`segment_anything`, MobileSAM, MedSAM, `sam2`).
    Original,
    /// Hugging Face (`transformers`, classes `SamModel` and `Sam2VideoModel`).
    HuggingFace,
}

/// Prefixes of names: the original file's, and the model's.
const MODULE: &[(&str, &str)] = &[
    (
        "image_encoder.patch_embed.seq.0.",
        "image_encoder.patch_embed.conv1.",
    ),
    (
        "image_encoder.patch_embed.seq.2.",
        "image_encoder.patch_embed.conv2.",
    ),
    ("image_encoder.neck.0.", "image_encoder.neck.conv1."),
    ("image_encoder.neck.1.", "image_encoder.neck.norm1."),
    ("image_encoder.neck.2.", "image_encoder.neck.conv2."),
    ("image_encoder.neck.3.", "image_encoder.neck.norm2."),
    (
        "prompt_encoder.mask_downscaling.0.",
        "prompt_encoder.mask_downscaling.conv1.",
    ),
    (
        "prompt_encoder.mask_downscaling.1.",
        "prompt_encoder.mask_downscaling.norm1.",
    ),
    (
        "prompt_encoder.mask_downscaling.3.",
        "prompt_encoder.mask_downscaling.conv2.",
    ),
    (
        "prompt_encoder.mask_downscaling.4.",
        "prompt_encoder.mask_downscaling.norm2.",
    ),
    (
        "prompt_encoder.mask_downscaling.6.",
        "prompt_encoder.mask_downscaling.conv3.",
    ),
    (
        "mask_decoder.output_upscaling.0.",
        "mask_decoder.output_upscaling.conv1.",
    ),
    (
        "mask_decoder.output_upscaling.1.",
        "mask_decoder.output_upscaling.norm1.",
    ),
    (
        "mask_decoder.output_upscaling.3.",
        "mask_decoder.output_upscaling.conv2.",
    ),
];

/// Prefixes of names: the original file's, and Hugging Face's.
///
/// Source: `transformers`, `models/sam/convert_sam_to_hf.py`, `replace_keys`.
const HUGGING_FACE: &[(&str, &str)] = &[
    (
        "image_encoder.patch_embed.proj.",
        "vision_encoder.patch_embed.projection.",
    ),
    ("image_encoder.pos_embed", "vision_encoder.pos_embed"),
    (
        "image_encoder.blocks.*.norm1.",
        "vision_encoder.layers.*.layer_norm1.",
    ),
    (
        "image_encoder.blocks.*.norm2.",
        "vision_encoder.layers.*.layer_norm2.",
    ),
    ("image_encoder.blocks.*.", "vision_encoder.layers.*."),
    ("image_encoder.neck.0.", "vision_encoder.neck.conv1."),
    ("image_encoder.neck.1.", "vision_encoder.neck.layer_norm1."),
    ("image_encoder.neck.2.", "vision_encoder.neck.conv2."),
    ("image_encoder.neck.3.", "vision_encoder.neck.layer_norm2."),
    (POSITION, "shared_image_embedding.positional_embedding"),
    (
        "prompt_encoder.point_embeddings.*.",
        "prompt_encoder.point_embed.*.",
    ),
    (
        "prompt_encoder.mask_downscaling.0.",
        "prompt_encoder.mask_embed.conv1.",
    ),
    (
        "prompt_encoder.mask_downscaling.1.",
        "prompt_encoder.mask_embed.layer_norm1.",
    ),
    (
        "prompt_encoder.mask_downscaling.3.",
        "prompt_encoder.mask_embed.conv2.",
    ),
    (
        "prompt_encoder.mask_downscaling.4.",
        "prompt_encoder.mask_embed.layer_norm2.",
    ),
    (
        "prompt_encoder.mask_downscaling.6.",
        "prompt_encoder.mask_embed.conv3.",
    ),
    (
        "mask_decoder.transformer.norm_final_attn.",
        "mask_decoder.transformer.layer_norm_final_attn.",
    ),
    (
        "mask_decoder.transformer.layers.*.norm1.",
        "mask_decoder.transformer.layers.*.layer_norm1.",
    ),
    (
        "mask_decoder.transformer.layers.*.norm2.",
        "mask_decoder.transformer.layers.*.layer_norm2.",
    ),
    (
        "mask_decoder.transformer.layers.*.norm3.",
        "mask_decoder.transformer.layers.*.layer_norm3.",
    ),
    (
        "mask_decoder.transformer.layers.*.norm4.",
        "mask_decoder.transformer.layers.*.layer_norm4.",
    ),
    (
        "mask_decoder.output_upscaling.0.",
        "mask_decoder.upscale_conv1.",
    ),
    (
        "mask_decoder.output_upscaling.1.",
        "mask_decoder.upscale_layer_norm.",
    ),
    (
        "mask_decoder.output_upscaling.3.",
        "mask_decoder.upscale_conv2.",
    ),
    (
        "mask_decoder.output_hypernetworks_mlps.*.layers.0.",
        "mask_decoder.output_hypernetworks_mlps.*.proj_in.",
    ),
    (
        "mask_decoder.output_hypernetworks_mlps.*.layers.1.",
        "mask_decoder.output_hypernetworks_mlps.*.layers.0.",
    ),
    (
        "mask_decoder.output_hypernetworks_mlps.*.layers.2.",
        "mask_decoder.output_hypernetworks_mlps.*.proj_out.",
    ),
    (
        "mask_decoder.iou_prediction_head.layers.0.",
        "mask_decoder.iou_prediction_head.proj_in.",
    ),
    (
        "mask_decoder.iou_prediction_head.layers.1.",
        "mask_decoder.iou_prediction_head.layers.0.",
    ),
    (
        "mask_decoder.iou_prediction_head.layers.2.",
        "mask_decoder.iou_prediction_head.proj_out.",
    ),
];

/// The Gaussian matrix of the position embedding, which Hugging Face's files have under two names.
const POSITION: &str = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix";
const POSITION_AGAIN: &str = "prompt_encoder.shared_embedding.positional_embedding";

impl Naming {
    /// Detects the naming scheme. Names that belong to no SAM count as original, so that errors report them unchanged.
    pub(super) fn of<'a>(mut keys: impl Iterator<Item = &'a str>) -> Self {
        let is_theirs =
            |key: &str| key.starts_with("vision_encoder.") || key.starts_with("shared_image_");
        if keys.any(is_theirs) {
            Self::HuggingFace
        } else {
            Self::Original
        }
    }

    /// The original name of a key in a file.
    pub(super) fn original_from_file(self, key: &str) -> String {
        match self {
            Self::Original => key.to_owned(),
            Self::HuggingFace if key == POSITION_AGAIN => POSITION.to_owned(),
            Self::HuggingFace => renamed(key, HUGGING_FACE.iter().map(|&(a, b)| (b, a))),
        }
    }

    /// The name in a file of an original key.
    pub(super) fn file_from_original(self, key: &str) -> String {
        match self {
            Self::Original => key.to_owned(),
            Self::HuggingFace => renamed(key, HUGGING_FACE.iter().copied()),
        }
    }
}

/// How a file names the weights of its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Names {
    pub naming: Naming,
    /// Whether the model is a SAM 2.
    pub is_sam2: bool,
}

impl Names {
    /// Detects them by all keys of a file.
    pub fn of<'a, I: Iterator<Item = &'a str>>(keys: impl Fn() -> I) -> Self {
        Self {
            naming: Naming::of(keys()),
            is_sam2: sam2::is_sam2(keys()),
        }
    }

    /// The original name of a key in the file.
    pub fn original_from_file(self, key: &str) -> String {
        if !self.is_sam2 || self.naming == Naming::Original {
            return self.naming.original_from_file(key);
        }
        match key {
            POSITION_AGAIN => format!("sam_{POSITION}"),
            _ => match key.strip_prefix(sam2_keys::POINTS) {
                Some(kind) => format!("sam_prompt_encoder.point_embeddings{kind}.weight"),
                None => renamed(key, sam2_keys::HUGGING_FACE.iter().map(|&(a, b)| (b, a))),
            },
        }
    }

    /// The name in the file of an original key.
    pub fn file_from_original(self, key: &str) -> String {
        match self.is_sam2 && self.naming == Naming::HuggingFace {
            true => renamed(key, sam2_keys::HUGGING_FACE.iter().copied()),
            false => self.naming.file_from_original(key),
        }
    }

    /// The file's tensors, where one that the original has as several is split: `….0`, `….1`, ….
    pub fn split(
        self,
        mut file: BTreeMap<String, TensorData>,
    ) -> Result<BTreeMap<String, TensorData>, WeightsError> {
        if !self.is_sam2 || self.naming == Naming::Original {
            return Ok(file);
        }
        let Some(all) = file.remove(sam2_keys::POINTS) else {
            return Ok(file);
        };
        let shape = all.shape().to_vec();
        let [kinds, channels] = shape.as_slice() else {
            return Err(WeightsError::Shape {
                key: sam2_keys::POINTS.to_owned(),
                expected: vec![4, 256],
                found: shape,
            });
        };
        let bytes = channels * all.dtype().size();
        for kind in 0..*kinds {
            let row = all.as_bytes()[kind * bytes..][..bytes].to_vec();
            let row = TensorData::from_bytes_vec(row, [1, *channels], all.dtype());
            file.insert(format!("{}.{kind}", sam2_keys::POINTS), row);
        }
        Ok(file)
    }
}

/// The model's name of an original key.
pub(super) fn module_from_original(key: &str) -> String {
    renamed(key, all_of_module())
}

/// The original name of a key of the model.
pub(super) fn original_from_module(key: &str) -> String {
    renamed(key, all_of_module().map(|(a, b)| (b, a)))
}

fn all_of_module() -> impl Iterator<Item = (&'static str, &'static str)> {
    MODULE.iter().chain(sam2_keys::MODULE).copied()
}

/// Renames a key by the first row of the table that matches.
fn renamed<'a>(key: &str, mut table: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    table
        .find_map(|(from, to)| {
            let (number, rest) = matched(key, from)?;
            let to = match number {
                Some(number) => Cow::Owned(to.replacen('*', number, 1)),
                None => Cow::Borrowed(to),
            };
            Some(format!("{to}{rest}"))
        })
        .unwrap_or_else(|| key.to_owned())
}

/// The number that matches the pattern's `*`, and the rest after the pattern.
fn matched<'a>(key: &'a str, pattern: &str) -> Option<(Option<&'a str>, &'a str)> {
    let Some((head, tail)) = pattern.split_once('*') else {
        return Some((None, key.strip_prefix(pattern)?));
    };
    let rest = key.strip_prefix(head)?;
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    let (number, rest) = rest.split_at(digits);
    if number.is_empty() {
        return None;
    }
    Some((Some(number), rest.strip_prefix(tail)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(pattern: &str) -> String {
        format!("{}weight", pattern.replace('*', "11"))
    }

    #[test]
    fn the_tables_are_one_to_one() {
        for (original, module) in all_of_module() {
            assert_eq!(module_from_original(&filled(original)), filled(module));
            assert_eq!(original_from_module(&filled(module)), filled(original));
        }
        let theirs = Naming::HuggingFace;
        for (original, file) in HUGGING_FACE {
            assert_eq!(theirs.original_from_file(&filled(file)), filled(original));
            assert_eq!(theirs.file_from_original(&filled(original)), filled(file));
        }
        assert_eq!(theirs.original_from_file(POSITION_AGAIN), POSITION);
    }

    #[test]
    fn other_keys_keep_their_names() {
        let key = "image_encoder.layers.0.blocks.1.conv2.c.weight";
        assert_eq!(module_from_original(key), key);
        assert_eq!(original_from_module(key), key);
        let key = "mask_decoder.transformer.layers.1.self_attn.q_proj.weight";
        assert_eq!(Naming::HuggingFace.original_from_file(key), key);
        assert_eq!(Naming::HuggingFace.file_from_original(key), key);
    }

    #[test]
    fn the_names_identify_the_scheme() {
        let naming = |key| Naming::of([key, "mask_decoder.iou_token.weight"].into_iter());
        assert_eq!(naming("image_encoder.pos_embed"), Naming::Original);
        assert_eq!(naming("vision_encoder.pos_embed"), Naming::HuggingFace);
    }
}

//! The names of weights in a file and in the model.
//!
//! Fields are named after the original code, so that only the numbered parts of `nn.Sequential`s
//! need a table.

/// Prefixes: the original file's, and the model's.
const ORIGINAL: &[(&str, &str)] = &[
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

/// The model's name of a key in a file.
pub(super) fn module_from_file(key: &str) -> String {
    renamed(key, ORIGINAL.iter().copied())
}

/// The name that a key of the model has in a file.
pub(super) fn file_from_module(key: &str) -> String {
    renamed(key, ORIGINAL.iter().map(|&(file, module)| (module, file)))
}

fn renamed<'a>(key: &str, table: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    for (from, to) in table {
        if let Some(rest) = key.strip_prefix(from) {
            return format!("{to}{rest}");
        }
    }
    key.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_one_to_one() {
        for (file, module) in ORIGINAL {
            let key = format!("{file}weight");
            assert_eq!(module_from_file(&key), format!("{module}weight"));
            assert_eq!(file_from_module(&module_from_file(&key)), key);
        }
    }

    #[test]
    fn other_keys_keep_their_names() {
        let key = "image_encoder.layers.0.blocks.1.conv2.c.weight";
        assert_eq!(module_from_file(key), key);
        assert_eq!(file_from_module(key), key);
    }
}

//! Faulty weight files: the error names the fault.

use std::collections::HashMap;

use boxel_segmenter::inspect;
use boxel_segmenter::sam::{Checkpoint, FloatFormat, SamConfig, WeightsError};
use boxel_tests::{TINY, bundled_weights};
use burn::tensor::Device;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use wasm_bindgen_test::wasm_bindgen_test;

const KEY: &str = "mask_decoder.iou_token.weight";

/// The bundled weights with one tensor replaced or omitted.
fn altered(key: &str, replacement: Option<(Dtype, Vec<usize>)>) -> Vec<u8> {
    let file = SafeTensors::deserialize(bundled_weights()).unwrap();
    let zeros = vec![0; 1 << 16];
    let mut views: HashMap<String, TensorView<'_>> = file
        .iter()
        .map(|(name, view)| (name.to_owned(), view))
        .collect();
    views.remove(key);
    if let Some((dtype, shape)) = replacement {
        let bytes = shape.iter().product::<usize>() * dtype.bitsize() / 8;
        let view = TensorView::new(dtype, shape, &zeros[..bytes]).unwrap();
        views.insert(key.to_owned(), view);
    }
    safetensors::serialize(views, None).unwrap()
}

fn load(bytes: &[u8]) -> WeightsError {
    let loaded = Checkpoint::read(bytes)
        .and_then(|file| file.into_sam(&SamConfig::lite_medsam(), &Device::flex()));
    loaded.expect_err("the file is wrong")
}

#[wasm_bindgen_test(unsupported = test)]
fn a_missing_tensor_is_named() {
    let error = load(&altered(KEY, None));
    assert!(matches!(&error, WeightsError::Missing { key, missing: 1, .. } if key == KEY));
    assert!(error.to_string().contains(KEY), "{error}");
    // By its name in the file, even if the model's own name differs.
    let key = "image_encoder.neck.1.bias";
    let error = load(&altered(key, None));
    assert!(
        matches!(&error, WeightsError::Missing { key: k, .. } if k == key),
        "{error}"
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_tensor_without_a_place_is_named() {
    for key in [
        "mask_decoder.extra.weight",
        "classifier.weight",
        "pixel_mean",
    ] {
        let error = load(&altered(key, Some((Dtype::F32, vec![3, 1, 1]))));
        assert!(
            matches!(&error, WeightsError::Unused { key: k, unused: 1 } if k == key),
            "{error}"
        );
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_misshapen_tensor_is_named_with_both_shapes() {
    let error = load(&altered(KEY, Some((Dtype::F32, vec![1, 128]))));
    assert!(
        matches!(&error, WeightsError::Shape { key, .. } if key == KEY),
        "{error}"
    );
    let text = error.to_string();
    assert!(
        text.contains("[1, 128]") && text.contains("[1, 256]"),
        "{text}"
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_tensor_of_integers_is_named() {
    let error = load(&altered(KEY, Some((Dtype::I64, vec![1, 256]))));
    assert!(
        matches!(&error, WeightsError::Kind { key, .. } if key == KEY),
        "{error}"
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn what_is_no_file_of_weights_is_refused() {
    let truncated = &bundled_weights()[..1_000_000];
    let header_too_long = [0xff; 64];
    for bytes in [&b"not weights at all"[..], &[], truncated, &header_too_long] {
        let error = load(bytes);
        assert!(matches!(error, WeightsError::File(_)), "{error}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_file_is_written_as_it_was_read() {
    let file = Checkpoint::read(bundled_weights()).unwrap();
    let written = file.to_safetensors(FloatFormat::F16).unwrap();
    assert!(
        written == bundled_weights(),
        "the bundled weights are not reproduced"
    );
}

/// The error for a small model in Hugging Face's names, with its tensors altered.
fn altered_hf(alter: impl Fn(&mut HashMap<String, TensorView<'static>>)) -> WeightsError {
    let folder = TINY.iter().find(|folder| folder.name == "sam_tiny_hf");
    let (_, bytes) = folder.unwrap().weights[0];
    let file = SafeTensors::deserialize(bytes).unwrap();
    let tensors = file.iter();
    let mut views = tensors
        .map(|(name, view)| (name.to_owned(), view))
        .collect();
    alter(&mut views);
    let bytes = safetensors::serialize(views, None).unwrap();
    let config = folder.unwrap().config();
    let loaded = Checkpoint::read(&bytes).and_then(|file| file.into_sam(&config, &Device::flex()));
    loaded.expect_err("the file is wrong")
}

#[wasm_bindgen_test(unsupported = test)]
fn a_fault_is_named_as_the_file_names_it() {
    let key = "vision_encoder.neck.layer_norm1.bias";
    let error = altered_hf(|views| {
        views.remove(key);
    });
    assert!(
        matches!(&error, WeightsError::Missing { key: k, .. } if k == key),
        "{error}"
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn two_names_of_one_tensor_must_agree() {
    const ZEROS: [u8; 128] = [0; 128];
    let key = "prompt_encoder.shared_embedding.positional_embedding";
    let error = altered_hf(|views| {
        let view = TensorView::new(Dtype::F32, vec![2, 16], &ZEROS).unwrap();
        views.insert(key.to_owned(), view);
    });
    let named = "shared_image_embedding.positional_embedding";
    assert!(
        matches!(&error, WeightsError::Twice { key: k } if k == key || k == named),
        "{error}"
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn weights_of_another_model_are_no_sam() {
    let zeros = [0; 12];
    let view = TensorView::new(Dtype::F32, vec![3], &zeros).unwrap();
    let bytes = safetensors::serialize([("classifier.bias", view)], None).unwrap();
    let error = Checkpoint::read(&bytes).and_then(|file| file.architecture());
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("image_encoder.patch_embed.proj.weight"),
        "{error}"
    );
}

const KERNEL: &str = "mask_decoder.output_upscaling.0.weight";

/// The bundled weights with the first values of a tensor replaced, as f16.
fn with_values(key: &str, values: &[u16]) -> Vec<u8> {
    let mut bytes = bundled_weights().to_vec();
    let file = SafeTensors::deserialize(bundled_weights()).unwrap();
    let tensor = file.tensor(key).unwrap().data();
    let start = tensor.as_ptr() as usize - bundled_weights().as_ptr() as usize;
    let replaced = values.iter().flat_map(|value| value.to_le_bytes());
    for (at, byte) in (start..start + tensor.len()).zip(replaced) {
        bytes[at] = byte;
    }
    bytes
}

#[wasm_bindgen_test(unsupported = test)]
fn one_flipped_bit_makes_a_published_file_an_unknown_one() {
    let (file, _) = inspect(bundled_weights()).unwrap();
    assert_eq!(file.published, Some("litemedsam.safetensors"));
    let mut bytes = bundled_weights().to_vec();
    // The lowest bit of the last value: the file still loads.
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    let (file, _) = inspect(&bytes).unwrap();
    assert_eq!((file.published, file.has_checksum), (None, false));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_converted_file_with_a_flipped_bit_is_refused_by_its_checksum() {
    let file = Checkpoint::read(bundled_weights()).unwrap();
    for format in [FloatFormat::F32, FloatFormat::F16, FloatFormat::BF16] {
        let good = file.to_checked_safetensors(format).unwrap();
        let again = file.to_checked_safetensors(format).unwrap();
        assert!(good == again, "the same tensors give the same bytes");
        let (described, _) = inspect(&good).unwrap();
        assert!(described.has_checksum && described.published.is_none());
        for from_the_end in [1, 2, 1_000_001, 10_000_000] {
            let mut bad = good.clone();
            let at = bad.len() - from_the_end;
            bad[at] ^= 1;
            let error = inspect(&bad).unwrap_err();
            assert_eq!(error.code(), "weights_checksum");
            assert!(error.to_string().contains("the file is damaged"), "{error}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn values_that_are_no_numbers_are_named_and_counted() {
    let (nan, infinite) = (0x7e00, 0xfc00);
    for key in [KERNEL, "image_encoder.neck.1.bias", KEY] {
        let error = load(&with_values(key, &[0, nan, infinite, nan, 0x3c00]));
        assert!(
            matches!(&error, WeightsError::NotFinite { key: k, nan: 2, infinite: 1, .. } if k == key),
            "{error}"
        );
        let error = inspect(&with_values(key, &[infinite])).unwrap_err();
        assert_eq!(error.code(), "weights_values");
        let text = error.to_string();
        assert!(
            text.contains(&format!("`{key}` has 0 NaN and 1 infinite")),
            "{text}"
        );
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_matrix_of_zeros_is_named_and_a_vector_or_table_of_zeros_is_loaded() {
    let zeros = vec![0; 1 << 22];
    for key in [
        KERNEL,
        "image_encoder.neck.2.weight",
        "image_encoder.layers.1.blocks.0.attn.qkv.weight",
        "prompt_encoder.mask_downscaling.0.weight",
        "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
    ] {
        let error = load(&with_values(key, &zeros));
        assert!(
            matches!(&error, WeightsError::Zero { key: k, .. } if k == key),
            "{error}"
        );
        // One value is enough.
        inspect(&with_values(key, &zeros[..3])).unwrap();
    }
    for key in [
        "image_encoder.neck.1.weight",
        "image_encoder.layers.1.blocks.0.attn.attention_biases",
        "mask_decoder.iou_token.weight",
        "prompt_encoder.no_mask_embed.weight",
        "prompt_encoder.point_embeddings.0.weight",
    ] {
        inspect(&with_values(key, &zeros)).unwrap();
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn values_beyond_f16_are_named_when_they_are_converted() {
    let f32s = Checkpoint::read(bundled_weights()).unwrap();
    let mut bytes = f32s.to_safetensors(FloatFormat::F32).unwrap();
    let last = bytes.len() - 4;
    bytes[last..].copy_from_slice(&1e6f32.to_le_bytes());
    let (_, large) = inspect(&bytes).unwrap();
    let error = large.to_safetensors(FloatFormat::F16).unwrap_err();
    assert!(
        matches!(
            &error,
            WeightsError::Range {
                count: 1,
                dtype: "f16",
                ..
            }
        ),
        "{error}"
    );
    large.to_safetensors(FloatFormat::BF16).unwrap();
}

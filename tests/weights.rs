//! What is wrong with a file of weights is named.

use std::collections::HashMap;

use boxel_segmenter::sam::{Checkpoint, SamConfig, WeightsError};
use boxel_tests::bundled_weights;
use burn::tensor::Device;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use wasm_bindgen_test::wasm_bindgen_test;

const KEY: &str = "mask_decoder.iou_token.weight";

/// The bundled weights with one tensor replaced, or left out.
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
    // By its name in the file, also where the model's own differs.
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
    use boxel_segmenter::sam::FloatFormat;
    let file = Checkpoint::read(bundled_weights()).unwrap();
    let written = file.to_safetensors(FloatFormat::F16).unwrap();
    assert!(
        written == bundled_weights(),
        "the bundled weights are not reproduced"
    );
}

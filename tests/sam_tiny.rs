//! Tests small models, which have every part of the large ones, on every kind of prompt.

use boxel_segmenter::sam::{Precision, has_relaxed_simd};
use boxel_tests::{TINY, print_line};
use burn::tensor::{DType, Device};
use wasm_bindgen_test::wasm_bindgen_test;

/// Allowed difference, relative to the largest absolute value. Rounding alone causes 3e-6; a tanh approximation of one
/// GELU causes 5e-5.
const ALLOWED: f32 = 2e-5;

#[wasm_bindgen_test(unsupported = tokio::test)]
async fn every_prompt_of_small_models_agrees_with_the_reference() {
    #[cfg(target_family = "wasm")]
    boxel_bindings::use_relaxed_simd();
    // Chromium has relaxed SIMD, so its matrix products are compared.
    assert_eq!(has_relaxed_simd(), cfg!(target_family = "wasm"));
    let names: Vec<&str> = TINY.iter().map(|folder| folder.name).collect();
    for own in ["sam_tiny", "sam_tiny_hf", "mobile_sam_tiny"] {
        assert!(names.contains(&own), "the project's own {own} is missing");
    }
    if !names.contains(&"shared/sam_tiny") {
        print_line!("SKIPPED: no ../shared/goldens/sam_tiny");
    }
    let mut faults = Vec::new();
    for folder in TINY {
        for (file, tiny) in folder.models(&Device::flex(), Precision::F32) {
            print_line!("{}/{file}", folder.name);
            assert!(tiny.prompt_count() >= 3);
            let named = |fault| format!("{}/{file}: {fault}", folder.name);
            faults.extend(tiny.faults(ALLOWED).await.into_iter().map(named));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// f16 has eleven significant bits: one rounding causes 5e-4.
const ALLOWED_F16: f32 = 1e-2;

#[wasm_bindgen_test(unsupported = tokio::test)]
async fn half_precision_is_near() {
    let device = Device::flex();
    assert!(device.supports_dtype(DType::F16));
    let named = |name| TINY.iter().find(|folder| folder.name == name).unwrap();
    for folder in [named("sam_tiny"), named("sam_tiny_hf")] {
        let full = folder.models(&device, Precision::F32).remove(0).1;
        let half = folder.models(&device, Precision::F16).remove(0).1;
        let faults = half.faults(ALLOWED_F16).await;
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        // Half precision is a different computation, not a repetition of the first.
        let strict = ALLOWED / 2.0;
        assert!(full.faults(strict).await.is_empty() && !half.faults(strict).await.is_empty());
    }
}

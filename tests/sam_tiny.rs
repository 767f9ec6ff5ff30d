//! Small models with every part of the large ones, on every kind of prompt.

use boxel_tests::{TINY, print_line};
use burn::tensor::Device;
use wasm_bindgen_test::wasm_bindgen_test;

/// Of the largest absolute value. Rounding alone makes 3e-6; a GELU by its tanh approximation in
/// one place, 5e-5.
const ALLOWED: f32 = 2e-5;

#[wasm_bindgen_test(unsupported = tokio::test)]
async fn every_prompt_of_small_models_agrees_with_the_reference() {
    let names: Vec<&str> = TINY.iter().map(|folder| folder.name).collect();
    for own in ["sam_tiny", "sam_tiny_hf", "mobile_sam_tiny"] {
        assert!(names.contains(&own), "the project's own {own} is missing");
    }
    if !names.contains(&"shared/sam_tiny") {
        print_line!("SKIPPED: no ../shared/goldens/sam_tiny");
    }
    let mut faults = Vec::new();
    for folder in TINY {
        for (file, tiny) in folder.models(&Device::flex()) {
            print_line!("{}/{file}", folder.name);
            assert!(tiny.prompt_count() >= 3);
            let named = |fault| format!("{}/{file}: {fault}", folder.name);
            faults.extend(tiny.faults(ALLOWED).await.into_iter().map(named));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

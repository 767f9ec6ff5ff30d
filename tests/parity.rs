//! Compares every stage of the model on the CPU with the reference, natively and in a browser.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on fails"
)]

use boxel_segmenter::parity::Tolerance;
use boxel_segmenter::{Compute, ComputeKind};
use boxel_tests::{WEIGHTS_F32, bundled_weights, goldens, model, print_line, too_large};
use wasm_bindgen_test::wasm_bindgen_test;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

mod sam2_session;
mod sam2_tiny;
mod sam_tiny;
mod weights;

async fn assert_parity(weights: &[u8], tolerance: &Tolerance) {
    // As the page does.
    #[cfg(target_family = "wasm")]
    boxel_bindings::use_relaxed_simd();
    let compute = Compute::open(ComputeKind::Cpu).await.unwrap();
    let model = model(weights, &compute).unwrap();
    let goldens = goldens().unwrap();
    assert!(goldens.len() >= 3, "the project's own cases are missing");
    let failures = too_large(&model, &goldens, tolerance, |line| print_line!("{line}")).await;
    let failures = failures.unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[wasm_bindgen_test(unsupported = tokio::test)]
async fn full_precision_weights_agree_with_the_reference_at_every_stage() {
    match WEIGHTS_F32 {
        Some(weights) => assert_parity(weights, &Tolerance::F32).await,
        None => print_line!(
            "SKIPPED: no target/weights/litemedsam_f32.safetensors; `cargo xtask weights` makes it"
        ),
    }
}

#[wasm_bindgen_test(unsupported = tokio::test)]
async fn bundled_weights_give_the_masks_of_the_reference() {
    assert_parity(bundled_weights(), &Tolerance::F16).await;
}

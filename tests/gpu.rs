//! The model on WebGPU against the reference and against the CPU: one image, one box.
//!
//! In a browser without a GPU this runs on a software adapter, which is correct and takes minutes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on fails"
)]

use boxel_segmenter::parity::{Tolerance, compare_box, embed};
use boxel_segmenter::{Compute, ComputeKind};
use boxel_tests::{WEIGHTS_F32, bundled_weights, goldens, model, print_line};
use wasm_bindgen_test::wasm_bindgen_test;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Of the embedding's largest absolute value.
const ALLOWED: f32 = 1e-3;

#[wasm_bindgen_test(unsupported = tokio::test)]
async fn the_gpu_agrees_with_the_reference_and_with_the_cpu() {
    let gpu = match Compute::open(ComputeKind::Gpu).await {
        Ok(gpu) => gpu,
        // A browser under test has an adapter, if only a software one. A bare machine may not.
        Err(error) if cfg!(not(target_family = "wasm")) => {
            print_line!("SKIPPED: {error}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    print_line!("{}", gpu.name());
    let (weights, tolerance) = match WEIGHTS_F32 {
        Some(weights) => (weights, Tolerance::F32),
        None => (bundled_weights(), Tolerance::F16),
    };
    let golden = goldens().unwrap().remove(0);

    let cpu = Compute::open(ComputeKind::Cpu).await.unwrap();
    let cpu_model = model(weights, &cpu).unwrap();
    let on_cpu = embed(&cpu_model, golden.image()).await.unwrap();
    let gpu_model = model(weights, &gpu).unwrap();
    let on_gpu = embed(&gpu_model, golden.image()).await.unwrap();
    let values = async |embedding: &boxel_segmenter::Embedding| {
        let data = embedding.tensor().into_data_async().await.unwrap();
        data.try_to_vec::<f32>().unwrap()
    };
    let (cpu_values, gpu_values) = (values(&on_cpu).await, values(&on_gpu).await);
    let absmax = cpu_values.iter().fold(0f32, |m, x| m.max(x.abs()));
    let pairs = cpu_values.iter().zip(&gpu_values);
    let largest = pairs.fold(0f32, |m, (a, b)| m.max((a - b).abs()));
    print_line!(
        "embedding, GPU to CPU: {:.1e} of its absmax",
        largest / absmax
    );
    assert!(gpu_values.iter().all(|x| x.is_finite()));
    assert!(largest <= ALLOWED * absmax, "{largest} of {absmax}");

    let mut differences = Vec::new();
    compare_box(
        &gpu_model,
        &golden,
        &tolerance,
        &on_gpu,
        0,
        &mut differences,
    )
    .await
    .unwrap();
    for difference in &differences {
        print_line!("{difference}");
    }
    assert!(differences.iter().all(|difference| difference.passes()));
}

//! Compares the models on WebGPU with the reference and with the CPU.
//!
//! In a browser without a GPU this runs on a software adapter, which is correct and takes minutes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on fails"
)]

use boxel_segmenter::parity::{Tolerance, compare_box, embed};
use boxel_segmenter::sam::{ImageEncoderConfig, Precision, VitConfig};
use boxel_segmenter::{Compute, ComputeKind};
use boxel_tests::{
    TINY, WEIGHTS_F32, bundled_weights, goldens, model, print_line, sam2_answers, small_sam2,
};
use burn::module::Module;
use burn::tensor::{Device, Distribution, Tensor, TensorData};
use wasm_bindgen_test::wasm_bindgen_test;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Allowed difference, relative to the largest absolute value.
const ALLOWED: f32 = 1e-3;
const ALLOWED_F16: f32 = 1e-2;

/// Opens devices with WebGPU's guaranteed limits only, so that a binding over 128 MiB is an error even on an adapter
/// that allows more.
#[cfg(target_family = "wasm")]
fn bind_at_most_128_mib() {
    const SCRIPT: &str = "
        const request = GPUAdapter.prototype.requestDevice;
        GPUAdapter.prototype.requestDevice = function (descriptor) {
            descriptor.requiredLimits.maxStorageBufferBindingSize = 128 * 1024 * 1024;
            return request.call(this, descriptor).then((device) => {
                globalThis.opened_with = device.limits.maxStorageBufferBindingSize;
                return device;
            });
        };";
    js_sys::eval(SCRIPT).unwrap();
}

#[cfg(target_family = "wasm")]
fn assert_that_it_did() {
    let opened_with = js_sys::eval("globalThis.opened_with").unwrap().as_f64();
    assert_eq!(opened_with, Some(f64::from(128 << 20)));
}

/// One test, because a process opens a GPU once.
#[wasm_bindgen_test(unsupported = tokio::test)]
async fn the_gpu_agrees_with_the_reference_and_with_the_cpu() {
    #[cfg(target_family = "wasm")]
    bind_at_most_128_mib();
    let gpu = match Compute::open(ComputeKind::Gpu).await {
        Ok(gpu) => gpu,
        // A browser under test has at least a software adapter. A native machine may have none.
        Err(error) if cfg!(not(target_family = "wasm")) => {
            print_line!("SKIPPED: {error}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    #[cfg(target_family = "wasm")]
    assert_that_it_did();
    print_line!("{}", gpu.name());
    small_models(&gpu).await;
    small_sam_2(&gpu).await;
    attention_over_the_whole_grid(&gpu).await;
    bundled_model(&gpu).await;
}

/// Every part of the ViT and of MobileSAM's TinyViT, on every kind of prompt.
async fn small_models(gpu: &Compute) {
    let mut faults = Vec::new();
    for folder in TINY {
        // The formats differ only before the weights reach the device, so one is enough.
        let (file, tiny) = folder.models(gpu.device(), Precision::F32).remove(0);
        print_line!("{}/{file}", folder.name);
        faults.extend(tiny.faults(ALLOWED).await);
        if gpu.precision() == Precision::F16 {
            let (_, tiny) = folder.models(gpu.device(), Precision::F16).remove(0);
            faults.extend(tiny.faults(ALLOWED_F16).await);
        } else {
            print_line!("SKIPPED: this adapter has no f16");
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Every part of SAM 2: the encoder, a box, a mask, and a slice that is tracked by memory. On the CPU it is compared with the
/// reference in `sam2_tiny.rs`.
async fn small_sam_2(gpu: &Compute) {
    let cpu = Compute::open(ComputeKind::Cpu).await.unwrap();
    let on_cpu = small_sam2(&cpu);
    let on_gpu = on_cpu.clone().fork(gpu.device());
    let expected = sam2_answers(&on_cpu, cpu.device(), 2).await;
    let found = sam2_answers(&on_gpu, gpu.device(), 2).await;
    let mut faults = Vec::new();
    for ((name, expected), (_, found)) in expected.iter().zip(&found) {
        let difference = largest(expected, found);
        print_line!("SAM 2, {name}, GPU to CPU: {difference:.1e} of its absmax");
        if difference > ALLOWED {
            faults.push(format!("{name}: {difference}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// ViT's global attention on a full-size grid: the scores of all heads take 192 MiB, but an adapter need not bind
/// more than 128.
async fn attention_over_the_whole_grid(gpu: &Compute) {
    let heads = 3;
    let config = VitConfig::new(1024, heads * 16, 1, heads, vec![0]).with_out_channels(8);
    let cpu = Device::flex();
    let encoder = ImageEncoderConfig::Vit(config).init(&cpu);
    let image = Tensor::<4>::random([1, 3, 1024, 1024], Distribution::Default, &cpu);
    let on_cpu = encoder.forward(image.clone()).into_data_async().await;
    let device = gpu.device();
    let on_gpu = encoder.fork(device).forward(image.to_device(device));
    let on_gpu = on_gpu.into_data_async().await;
    let values = |data: TensorData| data.try_to_vec::<f32>().unwrap();
    let difference = largest(&values(on_cpu.unwrap()), &values(on_gpu.unwrap()));
    print_line!("global attention, GPU to CPU: {difference:.1e} of its absmax");
    assert!(difference <= ALLOWED);
}

/// The largest difference, relative to the largest absolute value.
fn largest(expected: &[f32], found: &[f32]) -> f32 {
    assert!(expected.len() == found.len() && found.iter().all(|x| x.is_finite()));
    let absmax = expected.iter().fold(0f32, |m, x| m.max(x.abs()));
    let pairs = expected.iter().zip(found);
    pairs.fold(0f32, |m, (a, b)| m.max((a - b).abs())) / absmax
}

async fn bundled_model(gpu: &Compute) {
    let (weights, tolerance) = match WEIGHTS_F32 {
        Some(weights) => (weights, Tolerance::F32),
        None => (bundled_weights(), Tolerance::F16),
    };
    let golden = goldens().unwrap().remove(0);

    let cpu = Compute::open(ComputeKind::Cpu).await.unwrap();
    let cpu_model = model(weights, &cpu).unwrap();
    let on_cpu = embed(&cpu_model, golden.image()).await.unwrap();
    let gpu_model = model(weights, gpu).unwrap();
    let on_gpu = embed(&gpu_model, golden.image()).await.unwrap();
    let values = async |embedding: &boxel_segmenter::Embedding| {
        let data = embedding.tensor().into_data_async().await.unwrap();
        data.try_to_vec::<f32>().unwrap()
    };
    let (cpu_values, gpu_values) = (values(&on_cpu).await, values(&on_gpu).await);
    let difference = largest(&cpu_values, &gpu_values);
    print_line!("embedding, GPU to CPU: {difference:.1e} of its absmax");
    assert!(difference <= ALLOWED);

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

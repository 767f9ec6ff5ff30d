//! Tests a small SAM 2, which has every part of the large ones: the encoder, every kind of prompt, and the tracking of a
//! volume in both directions.

use boxel_segmenter::parity::{Difference, Sam2Golden};
use boxel_segmenter::{Compute, ComputeKind};
use boxel_tests::{SAM2_TINY, print_line};
use wasm_bindgen_test::wasm_bindgen_test;

fn assert_passes(differences: &[Difference]) {
    assert!(differences.len() > 100, "too little was compared");
    for difference in differences {
        print_line!("  {difference}");
    }
    let failed: Vec<String> = differences
        .iter()
        .filter(|difference| !difference.passes())
        .map(Difference::to_string)
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[wasm_bindgen_test(unsupported = tokio::test)]
async fn a_small_sam_2_agrees_with_the_reference_on_every_kind_of_prompt() {
    #[cfg(target_family = "wasm")]
    boxel_bindings::use_relaxed_simd();
    let compute = Compute::open(ComputeKind::Cpu).await.unwrap();
    if SAM2_TINY.is_empty() {
        print_line!("SKIPPED: no ../shared/goldens/sam2_tiny");
    }
    for folder in SAM2_TINY {
        let golden = Sam2Golden::new(folder.name, folder.case, folder.outputs).unwrap();
        assert_eq!(
            folder.weights.len(),
            2,
            "safetensors, and the published form"
        );
        for (file, weights) in folder.weights {
            print_line!("{}/{file}", folder.name);
            let sam2 = golden.model(weights, &compute).unwrap();
            assert_passes(&golden.compare_image(&sam2, &compute).await.unwrap());
        }
    }
}

#[wasm_bindgen_test(unsupported = tokio::test)]
async fn a_small_sam_2_tracks_a_volume_as_the_reference_does() {
    #[cfg(target_family = "wasm")]
    boxel_bindings::use_relaxed_simd();
    let compute = Compute::open(ComputeKind::Cpu).await.unwrap();
    if SAM2_TINY.is_empty() {
        print_line!("SKIPPED: no ../shared/goldens/sam2_tiny");
    }
    for folder in SAM2_TINY {
        let golden = Sam2Golden::new(folder.name, folder.case, folder.outputs).unwrap();
        let (_, weights) = folder.weights[0];
        let sam2 = golden.model(weights, &compute).unwrap();
        assert_passes(&golden.compare_volume(&sam2, &compute).await.unwrap());
    }
}

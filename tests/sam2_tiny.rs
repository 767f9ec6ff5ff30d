//! Tests a small SAM 2, which has every part of the large ones: the encoder, every kind of prompt, and the tracking of a
//! volume in both directions.

use boxel_segmenter::parity::{Difference, Sam2Golden};
use boxel_segmenter::{Compute, ComputeKind};
use boxel_tests::{SAM2_TINY, print_line, sam2_answers, small_sam2};
use std::collections::BTreeMap;
use wasm_bindgen_test::wasm_bindgen_test;

/// Some values of each answer of the small model, written by Boxel itself when it agreed with the reference's outputs of
/// `../shared/goldens/sam2_tiny` to the tolerances of its README. They are here so that a change shows without that folder.
const KEPT: &str = include_str!("goldens/sam2_small/answers.json");
/// Largest difference from a kept value, as a fraction of the largest one of its answer.
const KEPT_ALLOWED: f32 = 1e-3;

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

#[wasm_bindgen_test(unsupported = tokio::test)]
async fn a_small_sam_2_answers_as_when_it_agreed_with_the_reference() {
    #[cfg(target_family = "wasm")]
    boxel_bindings::use_relaxed_simd();
    let compute = Compute::open(ComputeKind::Cpu).await.unwrap();
    let sam2 = small_sam2(&compute);
    let found = sam2_answers(&sam2, compute.device(), 3).await;
    let some = |values: &[f32]| {
        let step = values.len() / 29 + 1;
        values.iter().step_by(step).copied().collect::<Vec<f32>>()
    };
    let found: BTreeMap<String, Vec<f32>> = found
        .iter()
        .map(|(name, values)| (name.clone(), some(values)))
        .collect();
    let kept: BTreeMap<String, Vec<f32>> = serde_json::from_str(KEPT).unwrap();
    let written = serde_json::to_string(&found).unwrap();
    let same_names = kept.keys().eq(found.keys());
    assert!(
        same_names,
        "tests/goldens/sam2_small/answers.json lacks names; found:\n{written}"
    );
    for (name, values) in &kept {
        let largest = values
            .iter()
            .fold(0f32, |most, value| most.max(value.abs()));
        let pairs = values.iter().zip(&found[name]);
        let difference = pairs.fold(0f32, |most, (kept, found)| most.max((kept - found).abs()));
        print_line!("  {name}: {:.1e} of its absmax", difference / largest);
        assert!(
            difference <= KEPT_ALLOWED * largest && values.len() == found[name].len(),
            "{name}: {difference} of {largest}; found:\n{written}"
        );
    }
}

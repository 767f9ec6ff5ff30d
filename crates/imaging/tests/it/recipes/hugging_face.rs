//! SAM's recipe compared with `transformers`' `SamProcessor` on the same image (`tests/goldens/make_sam_tiny_hf.py`).

use std::path::{Path, PathBuf};

use boxel_imaging::{ImageBox, ImagePoint, Limits, Probability, Recipe, open, prepare, restore};
use safetensors::SafeTensors;
use serde_json::Value;

/// One grey level in normalised values: the smallest standard deviation is 57.12.
const ONE_LEVEL: f32 = 1.0 / 57.12;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/sam_tiny_hf")
}

fn floats(file: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let plane = file.tensor(name).unwrap();
    let (words, _) = plane.data().as_chunks::<4>();
    words.iter().map(|word| f32::from_le_bytes(*word)).collect()
}

fn near(found: &[f32], expected: &[f32], allowed: f32) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= allowed, "{found} {expected}");
    }
}

#[test]
fn the_published_processor_prepares_and_restores_as_sam_does() {
    let file = std::fs::read(folder().join("processor.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&file).unwrap();
    let image = std::fs::read(folder().join("image.png")).unwrap();
    let image = open(&image, &Limits::default()).unwrap().first_image();
    let prepared = prepare(Recipe::Sam, &image);

    let every_16th = (0..3 * 64 * 64).map(|i| {
        let (channel, y, x) = (i / 4096, i / 64 % 64, i % 64);
        prepared.input[(channel * 1024 + y * 16) * 1024 + x * 16]
    });
    let every_16th: Vec<f32> = every_16th.collect();
    // torchvision resizes with another rounding than Pillow.
    let theirs = floats(&file, "pixel_values_sub");
    near(&every_16th, &theirs, 1.01 * ONE_LEVEL);
    let differ = every_16th.iter().zip(&theirs);
    let differ = differ.filter(|(a, b)| (*a - *b).abs() > 1e-5).count();
    assert!(differ < theirs.len() / 50, "{differ} of {}", theirs.len());

    check_prompt(&file, &prepared.placement);
    check_mask(&file, &prepared.placement, image.width() as usize);
}

fn check_prompt(file: &SafeTensors<'_>, placement: &boxel_imaging::Placement) {
    let case = std::fs::read(folder().join("case.json")).unwrap();
    let case: Value = serde_json::from_slice(&case).unwrap();
    let numbers = |value: &Value| -> Vec<f32> {
        let numbers = value.as_array().unwrap().iter();
        numbers.map(|x| x.as_f64().unwrap() as f32).collect()
    };
    let prompts = case["prompts"].as_array().unwrap();
    let named = |name: &str| prompts.iter().find(|p| p["name"] == name).unwrap();
    let corners = numbers(&named("box")["boxes"][0]);
    let [x0, y0, x1, y1] = corners[..] else {
        panic!("{corners:?}")
    };
    let found = placement.model_from_image(ImageBox { x0, y0, x1, y1 });
    let found = [found.x0, found.y0, found.x1, found.y1];
    near(&found, &floats(file, "model_boxes"), 1e-3);
    let points = named("points")["points"][0].as_array().unwrap();
    let points = points.iter().flat_map(|point| {
        let [x, y] = numbers(point)[..] else {
            panic!("{point}")
        };
        let found = placement.model_from_image_point(ImagePoint { x, y });
        [found.x, found.y]
    });
    let points: Vec<f32> = points.collect();
    near(&points, &floats(file, "model_points"), 1e-3);
}

fn check_mask(file: &SafeTensors<'_>, placement: &boxel_imaging::Placement, width: usize) {
    let logits = floats(file, "logits");
    let found = restore(Recipe::Sam, &logits, placement).unwrap();
    let rows = found.values().chunks_exact(width).step_by(4);
    let every_4th: Vec<f32> = rows
        .flat_map(|row| row.iter().step_by(4).copied())
        .collect();
    let sigmoid = |logit: f32| 1.0 / (1.0 + (-logit).exp());
    let theirs: Vec<f32> = floats(file, "full_sub").into_iter().map(sigmoid).collect();
    near(&every_4th, &theirs, 1e-5);
    let mask = found.mask(Probability::THRESHOLD);
    let theirs = file.tensor("mask").unwrap();
    let differ = mask.values().iter().zip(theirs.data());
    let differ = differ.filter(|(a, b)| a != b).count();
    assert!(differ <= 1, "{differ} pixels differ");
}

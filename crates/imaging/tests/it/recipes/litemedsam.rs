//! Compared with the reference's own outputs; skipped unless their folder is next to the repository.

use std::path::{Path, PathBuf};

use boxel_imaging::{ImageBox, Mask, Probability, Recipe, RgbImage8, prepare, restore};
use safetensors::SafeTensors;
use serde_json::Value;

/// The folder with the outputs; `None` after printing that the test is skipped.
fn goldens() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/goldens/litemedsam");
    if !folder.is_dir() {
        println!("SKIPPED: there is no folder {}", folder.display());
        return None;
    }
    Some(folder)
}

fn floats(tensors: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let data = tensors.tensor(name).unwrap().data().to_vec();
    data.as_chunks::<4>()
        .0
        .iter()
        .map(|&value| f32::from_le_bytes(value))
        .collect()
}

/// The file declares `input` as [1, 3, 256, 256] but stores it as [256, 256, 3], because it was written from a permuted
/// tensor.
fn planes(interleaved: &[f32]) -> Vec<f32> {
    let channel = |c: usize| interleaved.iter().skip(c).step_by(3).copied();
    (0..3).flat_map(channel).collect()
}

fn numbers(value: &Value) -> Vec<f32> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|x| x.as_f64().unwrap() as f32)
        .collect()
}

#[test]
fn litemedsam_cases() {
    let Some(folder) = goldens() else { return };
    let report = std::fs::read(folder.join("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    for case in report.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let file = std::fs::read(folder.join(format!("{name}.safetensors"))).unwrap();
        check_case(name, case, &SafeTensors::deserialize(&file).unwrap());
    }
}

fn check_case(name: &str, case: &Value, golden: &SafeTensors<'_>) {
    let image = golden.tensor("image").unwrap();
    let [height, width] = [image.shape()[0] as u32, image.shape()[1] as u32];
    let image = RgbImage8::new(width, height, image.data().to_vec()).unwrap();
    let prepared = prepare(Recipe::LiteMedSam, &image);
    let resized = golden.tensor("resized").unwrap();
    assert!(
        prepared.resized.pixels() == resized.data(),
        "{name}: resized"
    );
    assert!(
        prepared.input == planes(&floats(golden, "input")),
        "{name}: input"
    );

    for (i, prompt) in case["boxes"].as_array().unwrap().iter().enumerate() {
        let drawn = numbers(&prompt["box"]);
        let drawn = ImageBox {
            x0: drawn[0],
            y0: drawn[1],
            x1: drawn[2],
            y1: drawn[3],
        };
        let model_box = prepared
            .placement
            .model_from_image(drawn.checked(width, height).unwrap());
        let corners = [model_box.x0, model_box.y0, model_box.x1, model_box.y1];
        assert_eq!(corners[..], numbers(&prompt["box256"]), "{name}: box {i}");

        let logits = floats(golden, &format!("box{i}.low_res_logits"));
        let map = restore(Recipe::LiteMedSam, &logits, &prepared.placement).unwrap();
        let ours = map.mask(Probability::THRESHOLD);
        let theirs = golden
            .tensor(&format!("box{i}.mask"))
            .unwrap()
            .data()
            .to_vec();
        let theirs = Mask::new(width, height, theirs).unwrap();
        assert_eq!(Some(theirs.area_px()), prompt["area_px"].as_u64());
        let iou = ours.iou(&theirs).unwrap();
        println!("{name} box {i}: mask IoU {iou}, area {} px", ours.area_px());
        assert!(iou >= 0.9999, "{name} box {i}: {iou}");
    }
}

//! What a small SAM 2 says about a few slices.
#![allow(clippy::expect_used, reason = "a test that can't go on fails")]

use boxel_segmenter::sam::sam2::{
    Answer, CorrectedAs, Direction, MemoryFormat, Sam2, SlicePrompt, Tracker,
};
use burn::tensor::{Device, Tensor, TensorData};

/// A box in model space, by its corners.
const CORNERS: [([f32; 2], i32); 2] = [([150.0, 130.0], 2), ([370.0, 360.0], 3)];

/// The answers on slices of a disc that moves, by name: to a box on the first one, then to a rectangle as its mask, and on
/// each slice after it by memory. Nothing in between is rounded or compared with a threshold, so that devices agree.
///
/// # Panics
///
/// If the device fails.
pub async fn sam2_answers(sam2: &Sam2, device: &Device, slices: usize) -> Vec<(String, Vec<f32>)> {
    let new = || Tracker::new(sam2, slices, MemoryFormat::F32, CorrectedAs::Prompted);
    let mut tracker = new();
    let mut found = Vec::new();
    for slice in 0..slices {
        let features = sam2.encode(tensor(disc(slice), [1, 3, 512, 512], device));
        let mut named = vec![
            ("embedding", features.embedding.clone().flatten::<1>(0, 3)),
            ("s1", features.s1.clone().flatten(0, 3)),
            ("s0", features.s0.clone().flatten(0, 3)),
        ];
        let answer = if slice == 0 {
            let prompt = SlicePrompt::Points(&CORNERS);
            let Answer { logits, iou, .. } = new().prompt(sam2, &features, slice, prompt);
            named.push(("box.logits", logits.flatten(0, 3)));
            named.push(("box.iou", iou.flatten(0, 1)));
            let mask = tensor(rectangle(), [1, 1, 512, 512], device);
            tracker.prompt(sam2, &features, slice, SlicePrompt::Mask(&mask))
        } else {
            tracker.track(sam2, &features, slice, Direction::Forward)
        };
        let Answer {
            logits,
            iou,
            pointer,
            object_score,
            ..
        } = answer;
        named.push(("logits", logits.flatten(0, 3)));
        named.push(("iou", iou.flatten(0, 1)));
        named.push(("pointer", pointer.flatten(0, 1)));
        named.push(("score", object_score.flatten(0, 1)));
        for (name, values) in named {
            let data = values.into_data_async().await.expect("the device works");
            let values = data.try_to_vec::<f32>().expect("it is f32");
            found.push((format!("{slice}.{name}"), values));
        }
    }
    found
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// A normalised slice: a bright disc on a slope, each channel another.
fn disc(slice: usize) -> Vec<f32> {
    let value = |at: usize| {
        let [channel, y, x] = [at / 262_144, at / 512 % 512, at % 512].map(|value| value as f32);
        let from_centre = (x - 240.0 - 12.0 * slice as f32).hypot(y - 250.0);
        let disc = (1.0 - (from_centre - 90.0) / 12.0).clamp(0.0, 1.0);
        (x - y) / 700.0 - 0.5 + (1.6 - 0.2 * channel) * disc
    };
    (0..3 * 262_144).map(value).collect()
}

/// Its edges lie between the cells of the logits.
fn rectangle() -> Vec<f32> {
    let value = |at: usize| {
        let inside = (160..352).contains(&(at % 512)) && (144..336).contains(&(at / 512));
        f32::from(u8::from(inside))
    };
    (0..262_144).map(value).collect()
}

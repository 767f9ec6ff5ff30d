//! Prompts from JavaScript, and their answers.

use boxel_segmenter::imaging::{Bounds, ImageBox, ImagePoint};
use boxel_segmenter::{Offer, PointLabel, Prediction, Prompt, PromptPoint};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

use crate::error::thrown_with;

#[derive(Deserialize)]
struct JsPrompt {
    #[serde(rename = "box", default)]
    image_box: Option<[f32; 4]>,
    #[serde(default)]
    points: Vec<[f32; 3]>,
    #[serde(default)]
    refine: Option<u32>,
    #[serde(default)]
    refine_carried: bool,
    #[serde(default)]
    take: bool,
    #[serde(default)]
    multimask: bool,
    #[serde(default)]
    object: Option<u32>,
}

/// The answer of `Engine.segment` to one prompt, without the mask's pixels and the updated object.
#[derive(Serialize)]
pub(crate) struct JsPrediction<'a> {
    id: u32,
    key: &'a str,
    #[serde(rename = "box")]
    image_box: Option<[f32; 4]>,
    points: Vec<[f32; 3]>,
    candidates: Vec<f32>,
    chosen: usize,
    iou: f32,
    area_px: u64,
    bounds: Option<[u32; 4]>,
    decode_ms: f64,
    offered: Option<Offer>,
}

/// The prompts of an array of objects.
pub(crate) fn prompts_from(prompts: JsValue) -> Result<Vec<Prompt>, JsValue> {
    let prompts: Vec<JsPrompt> = serde_wasm_bindgen::from_value(prompts).map_err(|error| {
        thrown_with("prompt_invalid", &format!("this is not a prompt: {error}"))
    })?;
    prompts.into_iter().map(prompt_from).collect()
}

fn prompt_from(prompt: JsPrompt) -> Result<Prompt, JsValue> {
    let points = prompt.points.into_iter().map(|[x, y, label]| {
        let label = match label {
            1.0 => PointLabel::Foreground,
            0.0 => PointLabel::Background,
            other => {
                let message = format!("the label of a point must be 1 or 0, not {other}");
                return Err(thrown_with("prompt_invalid", &message));
            }
        };
        let point = ImagePoint { x, y };
        Ok(PromptPoint { point, label })
    });
    Ok(Prompt {
        points: points.collect::<Result<_, _>>()?,
        image_box: prompt
            .image_box
            .map(|[x0, y0, x1, y1]| ImageBox { x0, y0, x1, y1 }),
        refine: prompt.refine,
        refine_propagated: prompt.refine_carried,
        take: prompt.take,
        multimask: prompt.multimask,
        object: prompt.object,
    })
}

impl<'a> JsPrediction<'a> {
    pub(crate) fn new(id: u32, key: &'a str, prediction: &Prediction, decode_ms: f64) -> Self {
        let prompt = &prediction.prompt;
        let corners = |b: ImageBox| [b.x0, b.y0, b.x1, b.y1];
        let point = |PromptPoint { point, label }: &PromptPoint| {
            let label = match label {
                PointLabel::Foreground => 1.0,
                PointLabel::Background => 0.0,
            };
            [point.x, point.y, label]
        };
        Self {
            id,
            key,
            image_box: prompt.image_box.map(corners),
            points: prompt.points.iter().map(point).collect(),
            candidates: prediction.candidate_ious().collect(),
            chosen: prediction.chosen(),
            iou: prediction.iou(),
            area_px: prediction.mask.area_px(),
            bounds: prediction
                .mask
                .bounds()
                .map(|Bounds { x0, y0, x1, y1 }| [x0, y0, x1, y1]),
            decode_ms,
            offered: prediction.offer(),
        }
    }
}

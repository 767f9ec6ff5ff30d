//! Prompts as JavaScript has them, and what was found for them.

use boxel_segmenter::imaging::{Bounds, ImageBox, ImagePoint};
use boxel_segmenter::{PointLabel, Prompt, PromptPoint, Segment};
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

/// What `Engine.segment` returns of one prompt, but for the mask's pixels.
#[derive(Serialize)]
pub(crate) struct Found<'a> {
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
    offered: Option<JsOffer>,
}

/// Why a refinement is only offered.
#[derive(Serialize)]
struct JsOffer {
    lost_fraction: f64,
    point_outside: bool,
    point_inside: bool,
}

/// The prompts of an array of objects.
pub(crate) fn prompts_from(prompts: JsValue) -> Result<Vec<Prompt>, JsValue> {
    let prompts: Vec<JsPrompt> = serde_wasm_bindgen::from_value(prompts)
        .map_err(|error| thrown_with("prompt_invalid", &format!("this is no prompt: {error}")))?;
    prompts.into_iter().map(prompt_from).collect()
}

fn prompt_from(prompt: JsPrompt) -> Result<Prompt, JsValue> {
    let points = prompt.points.into_iter().map(|[x, y, label]| {
        let label = match label {
            1.0 => PointLabel::Foreground,
            0.0 => PointLabel::Background,
            other => {
                let message = format!("a point's label is 1 or 0, and not {other}");
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
        refine_carried: prompt.refine_carried,
        take: prompt.take,
        multimask: prompt.multimask,
        object: prompt.object,
    })
}

impl<'a> Found<'a> {
    pub(crate) fn new(id: u32, key: &'a str, segment: &Segment, decode_ms: f64) -> Self {
        let prompt = &segment.prompt;
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
            candidates: segment.candidate_ious().collect(),
            chosen: segment.chosen(),
            iou: segment.iou(),
            area_px: segment.mask.area_px(),
            bounds: segment
                .mask
                .bounds()
                .map(|Bounds { x0, y0, x1, y1 }| [x0, y0, x1, y1]),
            decode_ms,
            offered: segment.offer().map(|offer| JsOffer {
                lost_fraction: offer.lost_fraction,
                point_outside: offer.point_outside,
                point_inside: offer.point_inside,
            }),
        }
    }
}

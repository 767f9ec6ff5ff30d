use boxel_imaging::{ImageBox, ImagePoint, Mask, ModelBox, Placement, Size};
use burn::tensor::{Device, Tensor};
use burn_sam::Prompts;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::point_label::PointLabel;
use crate::tensors::{boxes_tensor, masks_tensor, points_tensors};

/// A prompt in image space: a box, points, or both.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct Prompt {
    /// A box around the object.
    #[serde(rename = "box")]
    pub image_box: Option<ImageBox>,
    /// Points on the object and next to it.
    pub points: Vec<PromptPoint>,
    /// The id of an earlier prediction on this image, whose mask is refined.
    pub refine: Option<u32>,
    /// Whether the prompt refines the object's propagated mask on this slice. In a chain of prompts, each of them has
    /// this set; the model then also gets that mask's box with each prompt that has no box. Without a propagated
    /// mask the prompt stands alone.
    #[serde(rename = "refine_carried")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<bool>", optional))]
    pub refine_propagated: bool,
    /// Whether the mask is taken in any case, because the user or a session file says so. Otherwise a refinement of
    /// an object may only be offered, see [`Prediction::offer`](crate::Prediction::offer).
    #[cfg_attr(feature = "typescript", ts(as = "Option<bool>", optional))]
    pub take: bool,
    /// Whether the model offers three candidate masks instead of one.
    pub multimask: bool,
    /// The object whose [`ObjectMask`](crate::ObjectMask) gets the mask as a slice.
    pub object: Option<u32>,
}

/// A point of a prompt; serialized as `[x, y, label]`, with the label 1 on the object and 0 next to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(rename = "LabelledPoint", type = "[number, number, 0 | 1]")
)]
#[serde(try_from = "[f32; 3]", into = "[f32; 3]")]
pub struct PromptPoint {
    /// The position in image space.
    pub point: ImagePoint,
    /// Whether the point is on the object.
    pub label: PointLabel,
}

impl TryFrom<[f32; 3]> for PromptPoint {
    type Error = String;

    fn try_from([x, y, label]: [f32; 3]) -> Result<Self, String> {
        let label = match label {
            1.0 => PointLabel::Foreground,
            0.0 => PointLabel::Background,
            other => {
                return Err(format!("the label of a point must be 1 or 0, not {other}"));
            }
        };
        let point = ImagePoint { x, y };
        Ok(Self { point, label })
    }
}

impl From<PromptPoint> for [f32; 3] {
    fn from(PromptPoint { point, label }: PromptPoint) -> Self {
        let label = match label {
            PointLabel::Foreground => 1.0,
            PointLabel::Background => 0.0,
        };
        [point.x, point.y, label]
    }
}

impl Prompt {
    /// A prompt of one box.
    pub fn from_box(image_box: ImageBox) -> Self {
        Self {
            image_box: Some(image_box),
            ..Self::default()
        }
    }

    /// Whether it is a box without anything else that the mask may come from.
    pub(crate) fn is_box_alone(&self) -> bool {
        let starts_from_mask = self.refine.is_some() || self.refine_propagated;
        self.image_box.is_some() && self.points.is_empty() && !starts_from_mask && !self.multimask
    }

    /// Checks the prompt against an image: clips the box to it and requires all points to be inside.
    ///
    /// # Errors
    ///
    /// A box without area or outside the image, a point outside it, neither box nor point.
    pub fn checked(mut self, image: Size) -> Result<Self, Error> {
        if self.image_box.is_none() && self.points.is_empty() {
            return Err(Error::PromptEmpty);
        }
        if let Some(image_box) = self.image_box {
            self.image_box = Some(image_box.checked(image.width, image.height)?);
        }
        for PromptPoint { point, .. } in &self.points {
            point.checked(image.width, image.height)?;
        }
        Ok(self)
    }
}

/// A checked prompt with the mask that it refines.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub prompt: Prompt,
    pub start: Option<Start>,
    /// The slice's embedding after attention to the object's memories, `[1, C, G, G]`.
    pub conditioned: Option<Tensor<4>>,
}

/// The mask that a refinement starts from.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub mask: Mask,
    /// The mask's logits at the decoder's resolution, row-major.
    pub logits: Vec<f32>,
    /// A box around the mask, for a prompt without a box.
    pub model_box: Option<ModelBox>,
}

impl Resolved {
    /// The box in the model's input.
    fn model_box(&self, placement: &Placement) -> Option<ModelBox> {
        let drawn = self.prompt.image_box;
        let drawn = drawn.map(|image_box| placement.model_from_image(image_box));
        drawn.or_else(|| self.start.as_ref()?.model_box)
    }

    /// Prompts of the same form can share a batch.
    pub fn form(&self) -> (bool, usize, bool, bool) {
        let Prompt {
            image_box,
            points,
            multimask,
            ..
        } = &self.prompt;
        let started = self.start.as_ref();
        let has_box = image_box.is_some() || started.is_some_and(|start| start.model_box.is_some());
        (has_box, points.len(), started.is_some(), *multimask)
    }
}

/// A batch of prompts of the same form, in model space on the device.
pub(crate) fn model_prompts(
    batch: &[&Resolved],
    placement: &Placement,
    device: &Device,
) -> Prompts {
    let boxes: Vec<_> = batch
        .iter()
        .filter_map(|resolved| resolved.model_box(placement))
        .collect();
    let points: Vec<Vec<_>> = batch
        .iter()
        .map(|resolved| {
            let points = resolved.prompt.points.iter();
            points
                .map(|p| (placement.model_from_image_point(p.point), p.label))
                .collect()
        })
        .collect();
    let started = batch.iter().filter_map(|resolved| resolved.start.as_ref());
    let masks: Vec<&[f32]> = started.map(|start| start.logits.as_slice()).collect();
    Prompts {
        boxes: (!boxes.is_empty()).then(|| boxes_tensor(&boxes, device)),
        points: points_tensors(&points, device),
        masks: (!masks.is_empty()).then(|| masks_tensor(&masks, device)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: Size = Size {
        width: 40,
        height: 30,
    };

    fn point(x: f32, y: f32) -> PromptPoint {
        PromptPoint {
            point: ImagePoint { x, y },
            label: PointLabel::Foreground,
        }
    }

    /// As the page sends prompts.
    #[test]
    fn a_prompt_is_read_from_the_seams_json() {
        let text = r#"{ "box": [1, 2, 30.5, 40], "points": [[5.5, 6, 1], [7, 8, 0]], "refine": 3,
            "refine_carried": true, "take": true, "multimask": true, "object": 4 }"#;
        let expected = Prompt {
            image_box: Some([1.0, 2.0, 30.5, 40.0].into()),
            points: vec![
                point(5.5, 6.0),
                PromptPoint {
                    label: PointLabel::Background,
                    ..point(7.0, 8.0)
                },
            ],
            refine: Some(3),
            refine_propagated: true,
            take: true,
            multimask: true,
            object: Some(4),
        };
        assert_eq!(serde_json::from_str::<Prompt>(text).unwrap(), expected);
        assert_eq!(
            serde_json::to_string(&expected.points).unwrap(),
            "[[5.5,6.0,1.0],[7.0,8.0,0.0]]"
        );
        let nulls =
            r#"{ "box": null, "points": [], "refine": null, "multimask": false, "object": null }"#;
        for empty in ["{}", nulls] {
            let prompt: Prompt = serde_json::from_str(empty).unwrap();
            assert_eq!(prompt, Prompt::default());
        }
        let wrong = serde_json::from_str::<Prompt>(r#"{ "points": [[1, 2, 0.5]] }"#);
        let wrong = wrong.unwrap_err().to_string();
        assert!(wrong.contains("must be 1 or 0, not 0.5"), "{wrong}");
    }

    #[test]
    fn a_prompt_is_not_empty_and_lies_in_the_image() {
        assert!(matches!(
            Prompt::default().checked(IMAGE),
            Err(Error::PromptEmpty)
        ));
        let outside = Prompt {
            points: vec![point(3.0, 3.0), point(41.0, 3.0)],
            ..Prompt::default()
        };
        let message = outside.checked(IMAGE).unwrap_err().to_string();
        assert!(message.contains("41"), "{message}");
    }

    #[test]
    fn a_box_is_clipped_to_the_image_and_points_stay() {
        let image_box = ImageBox {
            x0: -5.0,
            y0: 2.0,
            x1: 10.0,
            y1: 99.0,
        };
        let prompt = Prompt {
            points: vec![point(3.0, 3.0)],
            ..Prompt::from_box(image_box)
        };
        let checked = prompt.clone().checked(IMAGE).unwrap();
        let expected = ImageBox {
            x0: 0.0,
            y0: 2.0,
            x1: 10.0,
            y1: 30.0,
        };
        assert_eq!(checked.image_box, Some(expected));
        assert_eq!(checked.points, prompt.points);
    }
}

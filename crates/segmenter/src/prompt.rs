use boxel_imaging::{
    CERTAIN_LOGIT, Error as ImagingError, ImageBox, ImagePoint, Mask, ModelBox, Placement, Size,
};
use burn::tensor::{Device, Tensor};
use burn_sam::Prompts;
use serde::{Deserialize, Serialize};

use crate::checkpoint_kind::CheckpointKind;
use crate::error::Error;
use crate::point_label::PointLabel;
use crate::tensors::{boxes_tensor, masks_tensor, points_tensors};

/// The most points of a [`Prompt::polygon`]. The page thins its own to fewer.
pub const MAX_POLYGON_POINTS: usize = 1000;

/// A logit of SAM 2 inside a mask that the user gives; outside it is the negative.
///
/// Source: `sam2/modeling/sam2_base.py`, `_use_mask_as_output`, which makes logits of a mask by the scale 20 and the
/// bias −10.
const SAM2_GIVEN_LOGIT: f32 = 10.0;

/// A prompt in image space: a box, points, or both; or a polygon, with points or without.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct Prompt {
    /// A box around the object.
    #[serde(rename = "box")]
    pub image_box: Option<ImageBox>,
    /// Points on the object and next to it.
    pub points: Vec<PromptPoint>,
    /// A closed polygon around the object; empty for a prompt without one. Its bounds are the prompt's box, unless
    /// that has one of its own, and the mask that it encloses is the one that the prompt starts from, unless it
    /// refines another.
    ///
    /// So micro-sam makes a box and a mask of a polygon (`shape_layer_to_prompts`, `segment_from_mask`). Differs from
    /// it: the box is not rounded to whole pixels, and a cell of the mask that is partly inside has a logit in between.
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<ImagePoint>>", optional))]
    pub polygon: Vec<ImagePoint>,
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
        let starts_from_mask =
            self.refine.is_some() || self.refine_propagated || !self.polygon.is_empty();
        self.image_box.is_some() && self.points.is_empty() && !starts_from_mask && !self.multimask
    }

    /// Whether the mask that it starts from is the object's, so that the prompt corrects it.
    pub(crate) fn is_refinement(&self) -> bool {
        self.refine.is_some() || self.polygon.is_empty()
    }

    /// Checks the prompt against an image: clips the box to it and requires all points to be inside. A polygon without
    /// a box gives it.
    ///
    /// # Errors
    ///
    /// A box without area or outside the image, a point outside it, a polygon that encloses no pixel, neither box,
    /// polygon nor point.
    pub fn checked(mut self, image: Size) -> Result<Self, Error> {
        if !self.polygon.is_empty() {
            let bounds = self.checked_polygon(image)?;
            self.image_box = self.image_box.or(Some(bounds));
        }
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

    /// The bounds of the polygon's points.
    fn checked_polygon(&self, image: Size) -> Result<ImageBox, Error> {
        let points = self.polygon.len();
        if !(3..=MAX_POLYGON_POINTS).contains(&points) {
            let limit = MAX_POLYGON_POINTS;
            return Err(Error::PolygonPoints { limit, points });
        }
        let mut bounds = [
            f32::INFINITY,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NEG_INFINITY,
        ];
        for &ImagePoint { x, y } in &self.polygon {
            if !(x.is_finite() && y.is_finite()) {
                return Err(ImagingError::PointInvalid { x, y }.into());
            }
            let [x0, y0, x1, y1] = bounds;
            bounds = [x0.min(x), y0.min(y), x1.max(x), y1.max(y)];
        }
        match Mask::of_polygon(image, &self.polygon).area_px() {
            0 => Err(Error::PolygonEmpty { bounds }),
            _ => Ok(bounds.into()),
        }
    }

    /// The mask that the polygon encloses, with its logits for a model; `None` without a polygon.
    pub(crate) fn enclosed(
        &self,
        kind: CheckpointKind,
        placement: &Placement,
    ) -> Result<Option<(Mask, Vec<f32>)>, Error> {
        if self.polygon.is_empty() {
            return Ok(None);
        }
        let mask = Mask::of_polygon(placement.image, &self.polygon);
        let mut logits = mask.logits(placement)?;
        if kind.has_memory() {
            for logit in &mut logits {
                *logit *= SAM2_GIVEN_LOGIT / CERTAIN_LOGIT;
            }
        }
        Ok(Some((mask, logits)))
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
        let text = r#"{ "box": [1, 2, 30.5, 40], "points": [[5.5, 6, 1], [7, 8, 0]],
            "polygon": [[1, 2], [3, 4.5], [5, 2]], "refine": 3, "refine_carried": true,
            "take": true, "multimask": true, "object": 4 }"#;
        let expected = Prompt {
            image_box: Some([1.0, 2.0, 30.5, 40.0].into()),
            points: vec![
                point(5.5, 6.0),
                PromptPoint {
                    label: PointLabel::Background,
                    ..point(7.0, 8.0)
                },
            ],
            polygon: [[1.0, 2.0], [3.0, 4.5], [5.0, 2.0]]
                .map(ImagePoint::from)
                .to_vec(),
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

    fn polygon(points: &[[f32; 2]]) -> Prompt {
        Prompt {
            polygon: points.iter().map(|&point| point.into()).collect(),
            ..Prompt::default()
        }
    }

    #[test]
    fn a_polygon_is_a_box_and_a_mask() {
        let drawn = polygon(&[[4.0, 2.0], [60.0, 2.0], [4.0, 20.0]]);
        assert!(!drawn.is_box_alone() && !drawn.is_refinement());
        let checked = drawn.checked(IMAGE).unwrap();
        // Its bounds, clipped to the image.
        assert_eq!(checked.image_box, Some([4.0, 2.0, 40.0, 20.0].into()));
        let after = Prompt {
            refine: Some(1),
            ..checked.clone()
        };
        assert!(!checked.is_box_alone() && after.is_refinement());
        for (kind, certain) in [
            (CheckpointKind::SamVitB, CERTAIN_LOGIT),
            (CheckpointKind::LiteMedSam, CERTAIN_LOGIT),
            (CheckpointKind::MedSam2, SAM2_GIVEN_LOGIT),
        ] {
            let placement = kind.recipe().placement(IMAGE);
            let (mask, logits) = checked.enclosed(kind, &placement).unwrap().unwrap();
            assert_eq!(mask, Mask::of_polygon(IMAGE, &checked.polygon));
            let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let smallest = logits.iter().copied().fold(f32::INFINITY, f32::min);
            assert!((largest - certain).abs() < 1e-4, "{largest}");
            assert!((smallest + certain).abs() < 1e-4, "{smallest}");
        }
        let (kind, placement) = (
            CheckpointKind::SamVitB,
            CheckpointKind::SamVitB.recipe().placement(IMAGE),
        );
        assert!(
            Prompt::default()
                .enclosed(kind, &placement)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_polygon_encloses_a_pixel_of_the_image() {
        let refused = |points: &[[f32; 2]]| polygon(points).checked(IMAGE).unwrap_err().to_string();
        let message = refused(&[[1.0, 1.0], [5.0, 5.0]]);
        assert!(message.contains("not 2"), "{message}");
        let message = refused(&[[1.0, 1.0], [5.0, f32::NAN], [5.0, 1.0]]);
        assert!(message.contains("NaN"), "{message}");
        let message = refused(&[[50.0, 1.0], [70.0, 1.0], [50.0, 20.0]]);
        assert!(message.contains("50"), "{message}");
        let many = vec![[1.0, 1.0]; MAX_POLYGON_POINTS + 1];
        assert!(refused(&many).contains("1001"));
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

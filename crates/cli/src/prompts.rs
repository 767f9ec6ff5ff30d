//! Boxes and points from the command line.

use anyhow::{Result, ensure};
use boxel_segmenter::imaging::{ImageBox, ImagePoint};
use boxel_segmenter::{PointLabel, Prompt, PromptPoint};

/// The prompts.
#[derive(Debug, Clone, clap::Args)]
pub struct PromptArguments {
    /// A box in pixels of the slice: x0,y0,x1,y1. Each box is an object.
    #[arg(long = "box", value_name = "X0,Y0,X1,Y1", value_parser = parse_box)]
    boxes: Vec<ImageBox>,
    /// A point on the object, in pixels of the slice: x,y. All points and at most one box form one prompt.
    #[arg(long = "point", value_name = "X,Y", value_parser = parse_point)]
    foreground: Vec<ImagePoint>,
    /// A point next to the object, in pixels of the slice: x,y.
    #[arg(long = "background", value_name = "X,Y", value_parser = parse_point)]
    background: Vec<ImagePoint>,
    /// Let the model offer three masks, and take the one with the highest predicted IoU.
    #[arg(long)]
    multimask: bool,
}

impl PromptArguments {
    /// One prompt for each box, or one prompt of all points with at most one box. Objects are numbered from 0.
    pub fn prompts(&self) -> Result<Vec<Prompt>> {
        let labelled = |points: &[ImagePoint], label| {
            let labelled = move |&point: &ImagePoint| PromptPoint { point, label };
            points.iter().map(labelled).collect::<Vec<_>>()
        };
        let mut points = labelled(&self.foreground, PointLabel::Foreground);
        points.extend(labelled(&self.background, PointLabel::Background));
        let prompt = |object, image_box| Prompt {
            image_box,
            points: points.clone(),
            multimask: self.multimask,
            object: Some(object),
            ..Prompt::default()
        };
        match self.boxes.as_slice() {
            [] => {
                ensure!(
                    !points.is_empty(),
                    "there is no prompt: use --box or --point"
                );
                Ok(vec![prompt(0, None)])
            }
            boxes => {
                ensure!(
                    boxes.len() == 1 || points.is_empty(),
                    "points can be combined with one --box, not with {}",
                    boxes.len()
                );
                let boxes = (0..).zip(boxes);
                Ok(boxes.map(|(place, b)| prompt(place, Some(*b))).collect())
            }
        }
    }
}

/// Describes a prompt.
pub fn words(prompt: &Prompt) -> String {
    let mut words = Vec::new();
    if let Some(ImageBox { x0, y0, x1, y1 }) = prompt.image_box {
        words.push(format!("box {x0},{y0},{x1},{y1}"));
    }
    for PromptPoint { point, label } in &prompt.points {
        let label = match label {
            PointLabel::Foreground => "point",
            PointLabel::Background => "background",
        };
        words.push(format!("{label} {},{}", point.x, point.y));
    }
    words.join(" ")
}

fn parse_box(text: &str) -> Result<ImageBox, String> {
    let [x0, y0, x1, y1] = numbers(text, "four numbers x0,y0,x1,y1")?;
    Ok(ImageBox { x0, y0, x1, y1 })
}

fn parse_point(text: &str) -> Result<ImagePoint, String> {
    let [x, y] = numbers(text, "two numbers x,y")?;
    Ok(ImagePoint { x, y })
}

fn numbers<const N: usize>(text: &str, expected: &str) -> Result<[f32; N], String> {
    let parsed = text.split(',').map(|part| part.trim().parse::<f32>().ok());
    let values: Option<Vec<f32>> = parsed.collect();
    let values = values.and_then(|values| values.try_into().ok());
    values.ok_or_else(|| format!("`{text}` is not {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_four_numbers() {
        let parsed = parse_box("95, 255,190,350.5").unwrap();
        assert_eq!((parsed.x0, parsed.y1), (95.0, 350.5));
        for wrong in ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1;2;3;4"] {
            assert!(parse_box(wrong).unwrap_err().contains(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_point_is_two_numbers() {
        let parsed = parse_point("95.5, 2").unwrap();
        assert_eq!((parsed.x, parsed.y), (95.5, 2.0));
        for wrong in ["", "1", "1,2,3", "a,b"] {
            assert!(parse_point(wrong).unwrap_err().contains(wrong), "{wrong}");
        }
    }
}

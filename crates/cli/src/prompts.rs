//! Boxes, polygons and points from the command line.

use anyhow::{Result, ensure};
use boxel_segmenter::imaging::{ImageBox, ImagePoint};
use boxel_segmenter::{PointLabel, Prompt, PromptPoint};

/// The prompts.
#[derive(Debug, Clone, clap::Args)]
pub struct PromptArguments {
    /// A box in pixels of the slice: x0,y0,x1,y1. Each box is an object.
    #[arg(long = "box", value_name = "X0,Y0,X1,Y1", value_parser = parse_box)]
    boxes: Vec<ImageBox>,
    /// A closed polygon around the object, in pixels of the slice, as the corners x,y with spaces between them. Each
    /// polygon is an object. The model gets the box around it and the mask that it encloses.
    #[arg(long = "polygon", value_name = "X,Y X,Y X,Y…", value_parser = parse_polygon)]
    polygons: Vec<Polygon>,
    /// A point on the object, in pixels of the slice: x,y. All points and at most one box or polygon form one prompt.
    #[arg(long = "point", value_name = "X,Y", value_parser = parse_point)]
    foreground: Vec<ImagePoint>,
    /// A point next to the object, in pixels of the slice: x,y.
    #[arg(long = "background", value_name = "X,Y", value_parser = parse_point)]
    background: Vec<ImagePoint>,
    /// Let the model offer three masks, and take the one with the highest predicted IoU.
    #[arg(long)]
    multimask: bool,
}

/// The corners of a polygon.
#[derive(Debug, Clone, PartialEq)]
struct Polygon(Vec<ImagePoint>);

impl PromptArguments {
    /// One prompt for each box and each polygon, or one prompt of all points with at most one of them. Objects are
    /// numbered from 0.
    pub fn prompts(&self) -> Result<Vec<Prompt>> {
        let labelled = |points: &[ImagePoint], label| {
            let labelled = move |&point: &ImagePoint| PromptPoint { point, label };
            points.iter().map(labelled).collect::<Vec<_>>()
        };
        let mut points = labelled(&self.foreground, PointLabel::Foreground);
        points.extend(labelled(&self.background, PointLabel::Background));
        let boxes = self.boxes.iter().copied().map(Prompt::from_box);
        let polygons = self.polygons.iter().map(|Polygon(corners)| Prompt {
            polygon: corners.clone(),
            ..Prompt::default()
        });
        let mut shapes: Vec<Prompt> = boxes.chain(polygons).collect();
        if shapes.is_empty() {
            ensure!(
                !points.is_empty(),
                "there is no prompt: use --box, --polygon or --point"
            );
            shapes.push(Prompt::default());
        }
        ensure!(
            shapes.len() == 1 || points.is_empty(),
            "points can be combined with one --box or --polygon, not with {}",
            shapes.len()
        );
        let prompts = (0..).zip(shapes).map(|(object, shape)| Prompt {
            points: points.clone(),
            multimask: self.multimask,
            object: Some(object),
            ..shape
        });
        Ok(prompts.collect())
    }
}

/// Describes a prompt.
pub fn words(prompt: &Prompt) -> String {
    let mut words = Vec::new();
    if let Some(ImageBox { x0, y0, x1, y1 }) = prompt.image_box {
        words.push(format!("box {x0},{y0},{x1},{y1}"));
    }
    if !prompt.polygon.is_empty() {
        words.push(format!("polygon of {} corners", prompt.polygon.len()));
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

fn parse_polygon(text: &str) -> Result<Polygon, String> {
    let corners = text.split_whitespace().map(parse_point);
    Ok(Polygon(corners.collect::<Result<_, _>>()?))
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
    fn each_polygon_is_an_object_and_points_go_with_one() {
        let polygon = parse_polygon(" 1,2  30.5,2 1,20 ").unwrap();
        let corners = [[1.0, 2.0], [30.5, 2.0], [1.0, 20.0]].map(ImagePoint::from);
        assert_eq!(polygon, Polygon(corners.to_vec()));
        assert!(parse_polygon("1,2 3").unwrap_err().contains("`3`"));
        let mut arguments = PromptArguments {
            boxes: vec![[0.0, 0.0, 4.0, 4.0].into()],
            polygons: vec![polygon],
            foreground: Vec::new(),
            background: Vec::new(),
            multimask: false,
        };
        let prompts = arguments.prompts().unwrap();
        assert_eq!(prompts[1].polygon, corners);
        assert_eq!([prompts[0].object, prompts[1].object], [Some(0), Some(1)]);
        assert_eq!(words(&prompts[1]), "polygon of 3 corners");
        arguments.foreground.push(corners[0]);
        let message = arguments.prompts().unwrap_err().to_string();
        assert!(message.contains("not with 2"), "{message}");
        arguments.boxes.clear();
        let prompts = arguments.prompts().unwrap();
        assert_eq!((prompts[0].polygon.len(), prompts[0].points.len()), (3, 1));
        arguments.polygons.clear();
        arguments.foreground.clear();
        assert!(arguments.prompts().is_err());
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

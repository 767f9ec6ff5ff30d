use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use boxel_segmenter::imaging::export::{Layer, mask_png, overlay_png, probability_png};
use boxel_segmenter::imaging::{ImageBox, ImagePoint, Limits};
use boxel_segmenter::{PointLabel, Prompt, PromptPoint, Session};

use crate::{ModelArguments, read, write};

/// What to segment, and what to write.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The images: PNG, JPEG, BMP or TIFF.
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// A box in image space, in pixels: x0,y0,x1,y1. Several give the union of their masks.
    #[arg(long = "box", value_name = "X0,Y0,X1,Y1", value_parser = parse_box)]
    boxes: Vec<ImageBox>,
    /// A point in image space on what is to be segmented: x,y. All points make one prompt, together
    /// with the box where there is one.
    #[arg(long = "point", value_name = "X,Y", value_parser = parse_point)]
    foreground: Vec<ImagePoint>,
    /// A point in image space beside it: x,y.
    #[arg(long = "background", value_name = "X,Y", value_parser = parse_point)]
    background: Vec<ImagePoint>,
    /// Lets the model offer three masks and takes the one that it predicts the highest IoU for.
    #[arg(long)]
    multimask: bool,
    /// Where the mask goes: a PNG file, or for several images a folder.
    #[arg(short, long)]
    output: PathBuf,
    /// What is written: the mask (0 or 255), the probability (16-bit grey), or the image with
    /// masks and boxes over it.
    #[arg(long, value_enum, default_value = "mask")]
    format: Format,
    #[command(flatten)]
    model: ModelArguments,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    Mask,
    Probability,
    Overlay,
}

/// Segments each image with the same boxes.
pub fn run(arguments: &Arguments) -> Result<()> {
    let outputs = outputs(arguments)?;
    let prompts = prompts(arguments)?;
    let mut session = Session::default();
    session.set_model(arguments.model.load()?);
    let mut failures = 0;
    for (image, output) in arguments.images.iter().zip(&outputs) {
        // One file that can't be read doesn't lose the masks of the others.
        if let Err(error) = segment(&mut session, image, output, &prompts, arguments.format) {
            eprintln!("{}: {error:#}", image.display());
            failures += 1;
        }
    }
    if failures > 0 {
        bail!("{failures} of {} images failed", outputs.len());
    }
    Ok(())
}

fn segment(
    session: &mut Session,
    image: &Path,
    output: &Path,
    prompts: &[Prompt],
    format: Format,
) -> Result<()> {
    session.open(&read(image)?, &Limits::default())?;
    let start = Instant::now();
    pollster::block_on(session.embed())?;
    let encoded = start.elapsed();
    let ids = pollster::block_on(session.segment(prompts))?;
    let decoded = start.elapsed() - encoded;
    for id in &ids {
        let segment = session.get(*id)?;
        println!(
            "{}: {}: {} px, predicted IoU {:.3}",
            image.display(),
            words(&segment.prompt),
            segment.mask.area_px(),
            segment.iou()
        );
    }
    let bytes = match format {
        Format::Mask => mask_png(&session.union(&ids)?)?,
        Format::Probability => probability_png(&session.maximum_probability(&ids)?)?,
        Format::Overlay => overlay(session, &ids)?,
    };
    write(output, &bytes)?;
    eprintln!(
        "{}: encode {encoded:.2?}, decode {decoded:.2?}",
        output.display()
    );
    Ok(())
}

/// The boxes, each a prompt; or the points as one prompt, in the one box that there may be.
fn prompts(arguments: &Arguments) -> Result<Vec<Prompt>> {
    let labelled = |points: &[ImagePoint], label| {
        let labelled = move |&point: &ImagePoint| PromptPoint { point, label };
        points.iter().map(labelled).collect::<Vec<_>>()
    };
    let mut points = labelled(&arguments.foreground, PointLabel::Foreground);
    points.extend(labelled(&arguments.background, PointLabel::Background));
    let prompt = |image_box| Prompt {
        image_box,
        points: points.clone(),
        refine: None,
        multimask: arguments.multimask,
    };
    match arguments.boxes.as_slice() {
        [] => {
            ensure!(!points.is_empty(), "say what to segment: --box or --point");
            Ok(vec![prompt(None)])
        }
        boxes => {
            ensure!(
                boxes.len() == 1 || points.is_empty(),
                "points go with one --box, not with {}",
                boxes.len()
            );
            Ok(boxes.iter().map(|b| prompt(Some(*b))).collect())
        }
    }
}

fn words(prompt: &Prompt) -> String {
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

fn overlay(session: &Session, ids: &[u32]) -> Result<Vec<u8>> {
    let image = session.image().context("no image is open")?;
    let segments = ids
        .iter()
        .map(|id| session.get(*id))
        .collect::<Result<Vec<_>, _>>()?;
    let layers: Vec<Layer<'_>> = segments
        .iter()
        .map(|segment| Layer {
            outline: segment.prompt.image_box,
            ..Layer::new(&segment.mask)
        })
        .collect();
    Ok(overlay_png(image, &layers)?)
}

/// One file for one image; for several, a file of the image's name in a folder.
fn outputs(arguments: &Arguments) -> Result<Vec<PathBuf>> {
    let output = &arguments.output;
    if arguments.images.len() == 1 && !output.is_dir() {
        return Ok(vec![output.clone()]);
    }
    std::fs::create_dir_all(output)
        .with_context(|| format!("{} must be a folder for several images", output.display()))?;
    let mut outputs = Vec::new();
    for image in &arguments.images {
        let stem = image.file_stem().context("an image has no file name")?;
        let path = output.join(stem).with_extension("png");
        ensure!(
            !outputs.contains(&path) && &path != image,
            "two images, or an image and its mask, would be {}",
            path.display()
        );
        outputs.push(path);
    }
    Ok(outputs)
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

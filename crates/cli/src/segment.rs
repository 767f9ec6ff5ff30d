use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use boxel_segmenter::Session;
use boxel_segmenter::imaging::export::{Layer, mask_png, overlay_png, probability_png};
use boxel_segmenter::imaging::{ImageBox, Limits};

use crate::{ModelArguments, read, write};

/// What to segment, and what to write.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The images: PNG, JPEG, BMP or TIFF.
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// A box in image space, in pixels: x0,y0,x1,y1. Several give the union of their masks.
    #[arg(long = "box", value_name = "X0,Y0,X1,Y1", required = true, value_parser = parse_box)]
    boxes: Vec<ImageBox>,
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
    let mut session = Session::default();
    session.set_model(arguments.model.load()?);
    let mut failures = 0;
    for (image, output) in arguments.images.iter().zip(&outputs) {
        // One file that can't be read doesn't lose the masks of the others.
        if let Err(error) = segment(&mut session, image, output, arguments) {
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
    arguments: &Arguments,
) -> Result<()> {
    session.open(&read(image)?, &Limits::default())?;
    let start = Instant::now();
    pollster::block_on(session.embed())?;
    let encoded = start.elapsed();
    let ids = pollster::block_on(session.segment(&arguments.boxes))?;
    let decoded = start.elapsed() - encoded;
    for id in &ids {
        let segment = session.get(*id)?;
        let ImageBox { x0, y0, x1, y1 } = segment.image_box;
        println!(
            "{}: box {x0},{y0},{x1},{y1}: {} px, predicted IoU {:.3}",
            image.display(),
            segment.mask.area_px(),
            segment.iou
        );
    }
    let bytes = match arguments.format {
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

fn overlay(session: &Session, ids: &[u32]) -> Result<Vec<u8>> {
    let image = session.image().context("no image is open")?;
    let segments = ids
        .iter()
        .map(|id| session.get(*id))
        .collect::<Result<Vec<_>, _>>()?;
    let layers: Vec<Layer<'_>> = segments
        .iter()
        .map(|segment| Layer {
            outline: Some(segment.image_box),
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
    let values = text
        .split(',')
        .map(|part| part.trim().parse::<f32>())
        .collect::<Result<Vec<_>, _>>();
    match values.as_deref() {
        Ok(&[x0, y0, x1, y1]) => Ok(ImageBox { x0, y0, x1, y1 }),
        _ => Err(format!("`{text}` is not four numbers x0,y0,x1,y1")),
    }
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
}

use std::path::PathBuf;
use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use boxel_segmenter::imaging::measure::volume_ml;
use boxel_segmenter::imaging::{PropagationLimits, Stop};
use boxel_segmenter::{DEFAULT_PROPAGATION_RANGE, Direction, PropagationStep, Session};
use clap::ValueEnum;

use crate::encoders::Encoders;
use crate::output::{FormatArguments, numbered};
use crate::prompts::{PromptArguments, words};
use crate::scans::{ChoiceArguments, SliceArguments, open};
use crate::{ModelArguments, write};

/// Arguments of `boxel propagate`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The volume: a file, or a folder with a DICOM series.
    path: PathBuf,
    #[command(flatten)]
    prompts: PromptArguments,
    #[command(flatten)]
    which: ChoiceArguments,
    #[command(flatten)]
    slice: SliceArguments,
    /// The direction from the slice.
    #[arg(long, value_enum, default_value = "both")]
    direction: DirectionName,
    /// How many slices SAM 2.1 and MedSAM2 go in each direction. The other models stop by themselves.
    #[arg(long, value_name = "SLICES", default_value_t = DEFAULT_PROPAGATION_RANGE)]
    range: u32,
    /// An output file; may be given several times.
    #[arg(short, long, required = true)]
    output: Vec<PathBuf>,
    #[command(flatten)]
    form: FormatArguments,
    #[command(flatten)]
    model: ModelArguments,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DirectionName {
    /// Towards larger slice numbers, then towards smaller ones.
    Both,
    /// Towards larger slice numbers.
    Up,
    /// Towards smaller slice numbers.
    Down,
}

/// Segments a slice and propagates each object's mask through the volume.
pub fn run(arguments: &Arguments) -> Result<()> {
    let formats = arguments.form.of_each(&arguments.output)?;
    let prompts = arguments.prompts.prompts()?;
    let scan = Rc::new(open(&arguments.path, &arguments.which)?);
    ensure!(
        scan.grid().is_volume(),
        "{} is not a volume; use `boxel segment` for an image",
        arguments.path.display()
    );
    let rendering = arguments.slice.rendering(&scan)?;
    let mut session = Session::default();
    let model = arguments.model.load()?;
    let encoders = Encoders::start(&model.encoder(), arguments.model.side_by_side())?;
    session.set_model(model);
    session.open(Rc::clone(&scan), "");
    session.open_scan_mut()?.show(rendering)?;
    pollster::block_on(session.embed())?;
    let ids = pollster::block_on(session.segment(&prompts))?;
    for (object, id) in (0..).zip(&ids) {
        let prediction = session.open_scan()?.prediction(*id)?;
        println!(
            "object {}, slice {}: {}: {} px, predicted IoU {:.3}",
            object + 1,
            rendering.slice + 1,
            words(&prediction.prompt),
            prediction.mask.area_px(),
            prediction.iou()
        );
    }
    let objects: Vec<u32> = (0..).zip(&ids).map(|(object, _)| object).collect();
    propagate(
        &mut session,
        &encoders,
        &objects,
        rendering.slice,
        arguments,
    )?;
    for object in objects {
        println!("object {}: {}", object + 1, volume(&session, object)?);
    }
    for (output, format) in arguments.output.iter().zip(formats) {
        let output = arguments.form.path(output, format);
        write(
            &output,
            &arguments
                .form
                .bytes(&session, format, &numbered(ids.len()), &ids, rendering)?,
        )?;
    }
    Ok(())
}

fn propagate(
    session: &mut Session,
    encoders: &Encoders,
    objects: &[u32],
    from: u32,
    arguments: &Arguments,
) -> Result<()> {
    let directions: &[Direction] = match arguments.direction {
        DirectionName::Both => &[Direction::Up, Direction::Down],
        DirectionName::Up => &[Direction::Up],
        DirectionName::Down => &[Direction::Down],
    };
    let limits = PropagationLimits::default();
    let range = arguments.range;
    session.begin_propagation_within(objects, from, directions, None, limits, range)?;
    let label = |object: u32| match objects {
        [_] => String::new(),
        _ => format!("object {}, ", object + 1),
    };
    loop {
        encoders.feed(session);
        match pollster::block_on(session.propagation_step())? {
            PropagationStep::Encoding { .. } => {}
            PropagationStep::Waiting { .. } => encoders.wait(session)?,
            PropagationStep::Propagated {
                object,
                slice,
                iou,
                area_px,
                doubts,
            } => {
                let check = if doubts.is_empty() { "" } else { ", review" };
                println!(
                    "  {}slice {}: {area_px} px, predicted IoU {iou:.3}{check}",
                    label(object),
                    slice + 1
                );
            }
            PropagationStep::Stopped {
                object,
                slice,
                reason,
                ..
            } => {
                println!(
                    "  {}ends before slice {}: {}",
                    label(object),
                    slice + 1,
                    self::reason(reason)
                );
            }
            PropagationStep::Finished => return Ok(()),
        }
    }
}

fn volume(session: &Session, object: u32) -> Result<String> {
    let scan = session.open_scan()?;
    let mask = scan.object_mask(object)?;
    let (voxels, slices) = (mask.voxels().count(), mask.slices().count());
    let volume = volume_ml(scan.scan().grid(), mask.voxels());
    let volume = volume.map_or("of unknown size".to_owned(), |ml| format!("{ml:.2} mL"));
    let first = mask.slices().next().context("the mask is empty")?.0;
    Ok(format!(
        "{voxels} voxels on {slices} slices from {}, {volume}",
        first + 1
    ))
}

fn reason(reason: Stop) -> &'static str {
    match reason {
        Stop::End => "it is the last slice",
        Stop::Range => "it is the end of the range",
        Stop::Marked => "it has a prompt or strokes",
        Stop::Uniform => "it has one value everywhere",
        Stop::Empty => "the mask is empty",
        Stop::LowIou => "the model predicts a low IoU",
        Stop::AreaJump => "the area changes too much",
        Stop::Drift => "the mask moves too far",
        Stop::GreyLevels => "its grey levels are not the object's",
    }
}

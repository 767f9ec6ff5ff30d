use std::path::PathBuf;
use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use boxel_segmenter::imaging::measure::volume_ml;
use boxel_segmenter::imaging::{PropagationLimits, Scan, Stop};
use boxel_segmenter::{Direction, Session, Step};
use clap::ValueEnum;

use crate::output::{FormatArguments, numbered};
use crate::prompts::{PromptArguments, words};
use crate::scans::{ChoiceArguments, SliceArguments, open};
use crate::{ModelArguments, write};

/// What to carry through which volume.
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
    /// Which way from the slice.
    #[arg(long, value_enum, default_value = "both")]
    direction: DirectionName,
    /// Where the masks go; several files may be written.
    #[arg(short, long, required = true)]
    output: Vec<PathBuf>,
    #[command(flatten)]
    form: FormatArguments,
    #[command(flatten)]
    model: ModelArguments,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DirectionName {
    /// Towards larger numbers of slices, then towards smaller ones.
    Both,
    /// Towards larger numbers.
    Up,
    /// Towards smaller numbers.
    Down,
}

/// Segments a slice, and carries each object's mask on.
pub fn run(arguments: &Arguments) -> Result<()> {
    let formats = arguments
        .output
        .iter()
        .map(|output| arguments.form.of(output));
    let formats = formats.collect::<Result<Vec<_>>>()?;
    let prompts = arguments.prompts.prompts()?;
    let scan = Rc::new(open(&arguments.path, &arguments.which)?);
    ensure!(
        scan.grid().is_volume(),
        "{} is no volume; `boxel segment` segments an image",
        arguments.path.display()
    );
    let rendering = arguments.slice.rendering(&scan)?;
    let mut session = Session::default();
    session.set_model(arguments.model.load()?);
    session.open(Rc::clone(&scan), "");
    session.show(rendering)?;
    pollster::block_on(session.embed())?;
    let ids = pollster::block_on(session.segment(&prompts))?;
    for (object, id) in (0..).zip(&ids) {
        let segment = session.get(*id)?;
        println!(
            "object {}, slice {}: {}: {} px, predicted IoU {:.3}",
            object + 1,
            rendering.slice + 1,
            words(&segment.prompt),
            segment.mask.area_px(),
            segment.iou()
        );
        carry(&mut session, object, rendering.slice, arguments.direction)?;
        println!(
            "object {}: {}",
            object + 1,
            volume(&session, &scan, object)?
        );
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

fn carry(session: &mut Session, object: u32, from: u32, which: DirectionName) -> Result<()> {
    let directions: &[Direction] = match which {
        DirectionName::Both => &[Direction::Up, Direction::Down],
        DirectionName::Up => &[Direction::Up],
        DirectionName::Down => &[Direction::Down],
    };
    session.begin_propagation(object, from, directions, PropagationLimits::default())?;
    loop {
        match pollster::block_on(session.propagation_step())? {
            Step::Encoding { .. } => {}
            Step::Carried {
                slice,
                iou,
                area_px,
                doubts,
            } => {
                let check = if doubts.is_empty() {
                    ""
                } else {
                    ", to be checked"
                };
                println!(
                    "  slice {}: {area_px} px, predicted IoU {iou:.3}{check}",
                    slice + 1
                );
            }
            Step::Stopped { slice, reason, .. } => {
                println!(
                    "  ends before slice {}: {}",
                    slice + 1,
                    reason_words(reason)
                );
            }
            Step::Finished => return Ok(()),
        }
    }
}

fn volume(session: &Session, scan: &Scan, object: u32) -> Result<String> {
    let structure = session.structure(object)?;
    let (voxels, slices) = (structure.mask().count(), structure.slices().count());
    let volume = volume_ml(scan.grid(), structure.mask());
    let volume = volume.map_or("of unknown size".to_owned(), |ml| format!("{ml:.2} mL"));
    let first = structure.slices().next().context("nothing was found")?.0;
    Ok(format!(
        "{voxels} voxels on {slices} slices from {}, {volume}",
        first + 1
    ))
}

fn reason_words(reason: Stop) -> &'static str {
    match reason {
        Stop::End => "it is the last one",
        Stop::Marked => "it is marked already",
        Stop::Uniform => "it shows nothing",
        Stop::Empty => "nothing is left",
        Stop::LowIou => "the model expects its mask to be wrong",
        Stop::AreaJump => "the area jumps",
        Stop::Drift => "the mask leaves its place",
    }
}

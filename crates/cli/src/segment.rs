use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use boxel_segmenter::{Prompt, Session};

use crate::batch::side_by_side;
use crate::output::{Format, FormatArguments, numbered};
use crate::prompts::{PromptArguments, words};
use crate::scans::{ChoiceArguments, SliceArguments, open};
use crate::{ModelArguments, write};

/// Arguments of `boxel segment`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The scans: files, or folders with a DICOM series each.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    prompts: PromptArguments,
    #[command(flatten)]
    which: ChoiceArguments,
    #[command(flatten)]
    slice: SliceArguments,
    /// The output file, or for several scans the output folder.
    #[arg(short, long)]
    output: PathBuf,
    #[command(flatten)]
    form: FormatArguments,
    #[command(flatten)]
    model: ModelArguments,
}

/// Segments one slice of each scan with the same prompts.
pub fn run(arguments: &Arguments) -> Result<()> {
    let outputs = outputs(arguments)?;
    let prompts = arguments.prompts.prompts()?;
    let model = arguments.model.load()?;
    let format = match outputs.as_slice() {
        [one] => arguments.form.of(one)?,
        _ => arguments.form.of_many()?,
    };
    let jobs: Vec<_> = arguments.paths.iter().zip(&outputs).collect();
    let mut failures = 0;
    side_by_side(
        model,
        arguments.model.side_by_side(),
        jobs.len(),
        |session, number| {
            let (path, output) = jobs[number];
            segment(session, path, output, &prompts, format, arguments)
        },
        |number, segmented| match segmented {
            Ok(Segmented { masks, times }) => {
                masks.iter().for_each(|line| println!("{line}"));
                eprintln!("{times}");
            }
            // One unreadable file does not lose the masks of the others.
            Err(error) => {
                eprintln!("{}: {error:#}", jobs[number].0.display());
                failures += 1;
            }
        },
    )?;
    if failures > 0 {
        bail!("{failures} of {} scans failed", outputs.len());
    }
    Ok(())
}

/// The lines that report on a scan.
struct Segmented {
    /// A line for each mask.
    masks: Vec<String>,
    times: String,
}

fn segment(
    session: &mut Session,
    path: &Path,
    output: &Path,
    prompts: &[Prompt],
    format: Format,
    arguments: &Arguments,
) -> Result<Segmented> {
    let scan = Rc::new(open(path, &arguments.which)?);
    let rendering = arguments.slice.rendering(&scan)?;
    session.open(Rc::clone(&scan), "");
    session.open_scan_mut()?.show(rendering)?;
    let start = Instant::now();
    pollster::block_on(session.embed())?;
    let encoded = start.elapsed();
    let ids = pollster::block_on(session.segment(prompts))?;
    let decoded = start.elapsed() - encoded;
    let line = |id: &u32| {
        let prediction = session.open_scan()?.prediction(*id)?;
        Ok(format!(
            "{}: {}: {} px, predicted IoU {:.3}",
            path.display(),
            words(&prediction.prompt),
            prediction.mask.area_px(),
            prediction.iou()
        ))
    };
    let masks = ids.iter().map(line).collect::<Result<Vec<_>>>()?;
    let output = arguments.form.path(output, format);
    write(
        &output,
        &arguments
            .form
            .bytes(session, format, &numbered(ids.len()), &ids, rendering)?,
    )?;
    let times = format!(
        "{}: encode {encoded:.2?}, decode {decoded:.2?}",
        output.display()
    );
    Ok(Segmented { masks, times })
}

/// The output files: one file for one scan; for several scans, files named after the scans in a folder.
fn outputs(arguments: &Arguments) -> Result<Vec<PathBuf>> {
    let (output, format) = (&arguments.output, arguments.form.of_many()?);
    if arguments.paths.len() == 1 && !output.is_dir() {
        return Ok(vec![output.clone()]);
    }
    std::fs::create_dir_all(output).with_context(|| {
        format!(
            "{} must be a folder, because there are several scans",
            output.display()
        )
    })?;
    let mut outputs = Vec::new();
    for path in &arguments.paths {
        let stem = path.file_stem().context("a scan has no file name")?;
        let written = output.join(format!("{}.{}", stem.to_string_lossy(), format.extension()));
        ensure!(
            !outputs.contains(&written) && &written != path,
            "{} would be written twice or replace a scan; rename the scans or choose another folder",
            written.display()
        );
        outputs.push(written);
    }
    Ok(outputs)
}

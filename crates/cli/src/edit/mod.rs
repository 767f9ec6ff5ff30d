//! Edits the segments of a file, and saves them.

#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};
use boxel_segmenter::imaging::edit::EditScene;
use boxel_segmenter::imaging::measure::volume_ml;
use boxel_segmenter::imaging::{
    EditStep, Grid, Limits, Link, NamedSegment, Plane, Scan, ScanPlace, Segment, VolumeMask,
    open_reference, open_segments, survey,
};
use boxel_segmenter::{SaveFormat, SavedObject, SegmentFacts, Session, StoredMasks, colour};

use crate::output::{Format, FormatArguments};
use crate::scans::{ChoiceArguments, SliceArguments, files, named, open};
use crate::{read, write};
use words::Edit;

/// Arguments of `boxel edit`.
#[derive(Debug, clap::Args)]
#[command(after_help = words::FORMS)]
pub struct Arguments {
    /// The scan: a file, or a folder with a DICOM series. Without it the segmentation is edited on its own grid, and edits that
    /// look at values are not possible.
    #[arg(required_unless_present = "segments")]
    path: Option<PathBuf>,
    /// The segmentation: a DICOM SEG or RTSTRUCT, a `.seg.nrrd` or a label map. Without it one new segment begins empty.
    #[arg(long, value_name = "FILE")]
    segments: Option<PathBuf>,
    /// A segment to edit, by its name or number; may be given several times. Without it all are edited.
    #[arg(long, value_name = "NAME", requires = "segments")]
    segment: Vec<String>,
    /// An edit; may be given several times. They are applied in order.
    #[arg(long = "do", value_name = "EDIT", value_parser = words::parse)]
    edits: Vec<Edit>,
    /// A JSON list of edits, as `--record` writes it, instead of `--do`.
    #[arg(long, value_name = "FILE", conflicts_with = "edits")]
    steps: Option<PathBuf>,
    /// Write the edits as a JSON list, which `--steps` repeats.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    #[command(flatten)]
    which: ChoiceArguments,
    #[command(flatten)]
    slice: SliceArguments,
    /// An output file, which gets all segments; may be given several times.
    #[arg(short, long, required = true)]
    output: Vec<PathBuf>,
    #[command(flatten)]
    form: FormatArguments,
}

/// Edits segments and writes them.
pub fn run(arguments: &Arguments) -> Result<()> {
    let formats = arguments.form.of_each(&arguments.output)?;
    let (scan, mut segments) = opened(arguments)?;
    if arguments.path.is_none() && formats.contains(&Format::Masks(SaveFormat::DicomSeg)) {
        bail!("a DICOM SEG refers to the scan's files, so give the scan too");
    }
    let steps = steps(arguments, &segments)?;
    if arguments.path.is_none()
        && let Some(step) = steps.iter().find(|step| step.needs_values())
    {
        bail!(
            "`{}` looks at the scan's values, so give the scan too",
            step.name()
        );
    }
    // Every segment is combined with the others as they were opened.
    let chosen = chosen(&segments, &arguments.segment)?;
    let masks = chosen.iter().map(|&at| {
        let edited = edited(&scan, &segments, at, &steps);
        edited.with_context(|| name(&segments[at].named))
    });
    let masks = masks.collect::<Result<Vec<_>>>()?;
    for (&at, mask) in chosen.iter().zip(masks) {
        let Segment {
            named,
            mask: before,
            ..
        } = &mut segments[at];
        let now = size(scan.grid(), &mask);
        println!("{}: {} voxels, now {now}", name(named), before.count());
        *before = mask;
    }
    if let Some(path) = &arguments.record {
        write(path, serde_json::to_string_pretty(&steps)?.as_bytes())?;
    }
    save(arguments, scan, &segments, &chosen, &formats)
}

/// The scan and its segments, each once.
fn opened(arguments: &Arguments) -> Result<(Rc<Scan>, Vec<Segment>)> {
    let scan = arguments.path.as_ref();
    let scan = scan.map(|path| open(path, &arguments.which)).transpose()?;
    let Some(path) = &arguments.segments else {
        let scan = scan.context("there is neither a scan nor a segmentation")?;
        let mut named = NamedSegment::new(1);
        named.name = "Object 1".to_owned();
        let mask = VolumeMask::empty(scan.grid());
        let segment = Segment {
            named,
            mask,
            link: Link::Place,
        };
        return Ok((Rc::new(scan), vec![segment]));
    };
    let opened = || -> Result<(Scan, Vec<Segment>)> {
        let limits = Limits::default();
        let files = files(path)?;
        let files = named(&files);
        let choices = survey(&files, &limits)?;
        let scan = match scan {
            Some(scan) => scan,
            None => open_reference(&files, &choices, &limits)?,
        };
        let segments = open_segments(&files, &choices, &ScanPlace::of(&scan), |_| true, &limits)?;
        if segments
            .iter()
            .any(|segment| segment.link == Link::Geometry)
        {
            eprintln!(
                "only its geometry says that the segmentation belongs to the scan: it names another frame of reference, and \
                 one of them is de-identified"
            );
        }
        Ok((scan, segments))
    };
    let (scan, segments) = opened().with_context(|| format!("{}", path.display()))?;
    Ok((Rc::new(scan), segments))
}

/// The edits, with the other segments' places for their names.
fn steps(arguments: &Arguments, segments: &[Segment]) -> Result<Vec<EditStep>> {
    if let Some(path) = &arguments.steps {
        let steps = serde_json::from_slice(&read(path)?);
        return steps.with_context(|| format!("{} is not a list of edits", path.display()));
    }
    let step = |edit: &Edit| match edit {
        Edit::Step(step) => Ok(step.clone()),
        Edit::With(combine, other) => Ok(combine.step(find(segments, other)? as u32)),
    };
    let steps: Vec<EditStep> = arguments.edits.iter().map(step).collect::<Result<_>>()?;
    ensure!(
        !steps.is_empty(),
        "there is nothing to do: use --do or --steps"
    );
    Ok(steps)
}

/// The places of the segments to edit.
fn chosen(segments: &[Segment], names: &[String]) -> Result<Vec<usize>> {
    if names.is_empty() {
        return Ok((0..segments.len()).collect());
    }
    let mut chosen = names
        .iter()
        .map(|name| find(segments, name))
        .collect::<Result<Vec<_>>>()?;
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

/// The place of a segment, by its name or, if none has that name, by its number.
fn find(segments: &[Segment], wanted: &str) -> Result<usize> {
    let by_name = || {
        let mut found = segments.iter().enumerate();
        let first = found.find(|(_, segment)| name(&segment.named) == wanted)?;
        Some((
            first.0,
            found.any(|(_, segment)| name(&segment.named) == wanted),
        ))
    };
    let by_number = || {
        let number: u32 = wanted.parse().ok()?;
        let at = |segment: &Segment| segment.named.label == number;
        segments.iter().position(at)
    };
    if let Some((at, is_ambiguous)) = by_name() {
        ensure!(
            !is_ambiguous,
            "several segments are called {wanted}; give the number"
        );
        return Ok(at);
    }
    by_number().with_context(|| {
        let all = segments
            .iter()
            .map(|segment| format!("  {}: {}", segment.named.label, name(&segment.named)));
        let all: Vec<String> = all.collect();
        format!("there is no segment {wanted}\n{}", all.join("\n"))
    })
}

fn name(named: &NamedSegment) -> String {
    SegmentFacts::of(named).name
}

/// A segment after all edits.
fn edited(scan: &Scan, segments: &[Segment], at: usize, steps: &[EditStep]) -> Result<VolumeMask> {
    let other = |object: u32| segments.get(object as usize).map(|segment| &segment.mask);
    let scene = EditScene {
        other: &other,
        ..EditScene::new(scan)
    };
    let mut mask = segments[at].mask.clone();
    for step in steps {
        mask = step.apply(&mask, &scene)?;
    }
    Ok(mask)
}

fn size(grid: &Grid, mask: &VolumeMask) -> String {
    let volume = volume_ml(grid, mask).map(|ml| format!(", {ml:.2} mL"));
    format!("{}{}", mask.count(), volume.unwrap_or_default())
}

/// Writes all segments to all outputs.
fn save(
    arguments: &Arguments,
    scan: Rc<Scan>,
    segments: &[Segment],
    edited: &[usize],
    formats: &[Format],
) -> Result<()> {
    let rendering = arguments.slice.rendering(&scan)?;
    let mut session = Session::default();
    session.open(Rc::clone(&scan), "");
    session.open_scan_mut()?.show(rendering)?;
    let mut objects = Vec::new();
    for (at, Segment { named, mask, .. }) in segments.iter().enumerate() {
        let object = at as u32;
        let masks = StoredMasks::of_segment(scan.grid(), Plane::Stored, mask);
        let open = session.open_scan_mut()?;
        open.restore_object(object, Plane::Stored, &masks, BTreeMap::new(), None)?;
        let facts = SegmentFacts::of(named);
        objects.push(SavedObject {
            object,
            name: facts.name.clone(),
            colour: named.color.unwrap_or(colour(object)),
            model: None,
            // A new segment comes from no file.
            segment: arguments
                .segments
                .as_ref()
                .map(|_| facts.changed(edited.contains(&at), false)),
        });
    }
    for (output, format) in arguments.output.iter().zip(formats) {
        let path: &Path = &arguments.form.path(output, *format);
        let bytes = arguments
            .form
            .bytes(&session, *format, &objects, &[], rendering)?;
        write(path, &bytes)?;
    }
    Ok(())
}

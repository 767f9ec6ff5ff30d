//! Where masks go, and in which form.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use boxel_segmenter::imaging::export::{Identity, SegForm, probability_png};
use boxel_segmenter::{Rendering, SaveFormat, SaveOptions, SavedObject, Session, Winner};
use clap::ValueEnum;

/// In which form masks are written.
#[derive(Debug, Clone, clap::Args)]
pub struct FormatArguments {
    /// The form; without it the output's ending decides: `.png` (mask), `.nii.gz`, `.dcm`, `.npz`,
    /// `.json` (COCO), `.csv` (measurements), `.svg` (outlines).
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Writes a DICOM SEG without the patient and without references to the source.
    #[arg(long)]
    de_identified: bool,
    /// Writes NIfTI on an even grid at right angles instead of the source's, by nearest neighbour: for
    /// scans whose slices are not equally far apart, or whose axes lean. The name of the file gets
    /// `resampled` unless it has it.
    #[arg(long)]
    resample: bool,
    /// How a DICOM SEG stores its pixels; without it the form that most readers read right (docs/exports.md).
    #[arg(long, value_enum)]
    seg_form: Option<SegFormArgument>,
    /// Who keeps a voxel that several objects have, in a file that holds one number for each.
    #[arg(long, value_enum, default_value = "later")]
    overlap: OverlapArgument,
}

/// How a DICOM SEG stores its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SegFormArgument {
    /// A bit for each pixel.
    Binary,
    /// A byte for each pixel.
    WholeBytes,
    /// The number of the object in each pixel.
    LabelMap,
}

/// What happens to a voxel that several objects have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OverlapArgument {
    /// The later object keeps it.
    Later,
    /// The earlier object keeps it.
    Earlier,
    /// Nothing is written.
    Refuse,
}

/// A form in which masks are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The masks of a slice in one, 0 or 255 (PNG).
    Mask,
    /// The probability on a slice (PNG, 16 bit grey).
    Probability,
    /// A slice with masks and boxes over it (PNG).
    Overlay,
    /// The number of an object in each pixel of a slice (PNG).
    Label,
    /// A label map on the source's grid (`.nii.gz`).
    Nifti,
    /// A DICOM Segmentation.
    DicomSeg,
    /// `segs` in the layout of the challenge "MedSAM on Laptop".
    Npz,
    /// COCO's JSON with run-length masks.
    Coco,
    /// Measurements.
    Csv,
    /// Outlines on a slice.
    Svg,
}

/// Colours of the first objects; those of the page (`web/draw/colours.js`).
const COLOURS: [[u8; 3]; 8] = [
    [251, 252, 30],
    [0, 200, 255],
    [255, 92, 170],
    [90, 230, 120],
    [255, 150, 50],
    [180, 140, 255],
    [255, 110, 90],
    [120, 220, 220],
];

/// The colour of a place in the palette.
pub fn colour(place: u32) -> [u8; 3] {
    COLOURS[place as usize % COLOURS.len()]
}

/// Objects without names, numbered from 0.
pub fn numbered(count: usize) -> Vec<SavedObject> {
    let objects = (0..).take(count).map(|place| SavedObject {
        object: place,
        name: format!("Object {}", place + 1),
        colour: colour(place),
        model: None,
    });
    objects.collect()
}

impl FormatArguments {
    /// The form of an output.
    pub fn of(&self, output: &Path) -> Result<Format> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        let name = output.file_name().unwrap_or_default().to_string_lossy();
        let endings = [
            (".png", Format::Mask),
            (".nii.gz", Format::Nifti),
            (".dcm", Format::DicomSeg),
            (".npz", Format::Npz),
            (".json", Format::Coco),
            (".csv", Format::Csv),
            (".svg", Format::Svg),
        ];
        let found = endings.iter().find(|(ending, _)| name.ends_with(ending));
        found
            .map(|(_, format)| *format)
            .with_context(|| format!("{name}: no form goes with this ending; say --format"))
    }

    /// The form of many outputs, whose names are not given.
    pub fn of_many(&self) -> Format {
        self.format.unwrap_or(Format::Mask)
    }

    /// Where a file goes: the name of a resampled label map says so.
    pub fn path<'a>(&self, output: &'a Path, format: Format) -> Cow<'a, Path> {
        let name = output.file_name().unwrap_or_default().to_string_lossy();
        if format != Format::Nifti || !self.resample || name.contains("resampled") {
            return Cow::Borrowed(output);
        }
        let ending = [".nii.gz", ".nii"]
            .into_iter()
            .find(|ending| name.ends_with(ending));
        let ending = ending.unwrap_or_default();
        let stem = name.strip_suffix(ending).unwrap_or(&name);
        Cow::Owned(output.with_file_name(format!("{stem}-resampled{ending}")))
    }

    /// A file of the objects of a session; `ids` are the segments that probabilities come from.
    pub fn bytes(
        &self,
        session: &Session,
        format: Format,
        objects: &[SavedObject],
        ids: &[u32],
        rendering: Rendering,
    ) -> Result<Vec<u8>> {
        if format == Format::Probability {
            ensure!(
                !ids.is_empty(),
                "only `boxel segment` and `boxel propagate` write probabilities"
            );
            return Ok(probability_png(&session.maximum_probability(ids)?)?);
        }
        let seg_form = self.seg_form.map(|form| match form {
            SegFormArgument::Binary => SegForm::Binary,
            SegFormArgument::WholeBytes => SegForm::WholeBytes,
            SegFormArgument::LabelMap => SegForm::LabelMap,
        });
        if format.saved().is_label_map(seg_form) {
            let slice = (format == Format::Label).then_some(rendering);
            self.tell_overlaps(session, objects, slice)?;
        }
        let mut seed = [0; 16];
        getrandom::fill(&mut seed)
            .map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
        let options = SaveOptions {
            rendering,
            identity: match self.de_identified {
                true => Identity::DeIdentified,
                false => Identity::Linked,
            },
            seg_form,
            winner: match self.overlap {
                OverlapArgument::Earlier => Winner::Earlier,
                OverlapArgument::Later | OverlapArgument::Refuse => Winner::Later,
            },
            now: chrono::Local::now().format("%Y%m%dT%H%M%S").to_string(),
            seed,
        };
        let saved = match (format, self.resample) {
            (Format::Nifti, true) => SaveFormat::NiftiResampled,
            _ => format.saved(),
        };
        if let Some(scan) = session.scan() {
            if let (SaveFormat::Nifti, Some(refusal)) = (saved, saved.refusal(scan)) {
                bail!("{refusal} `--resample` writes that.");
            }
            if let Some(warning) = saved.warning(scan) {
                eprintln!("{warning}");
            }
        }
        Ok(session.save(saved, objects, &options)?)
    }
}

impl FormatArguments {
    /// Says which objects share voxels, and who keeps them.
    fn tell_overlaps(
        &self,
        session: &Session,
        objects: &[SavedObject],
        slice: Option<Rendering>,
    ) -> Result<()> {
        let numbers: Vec<u32> = objects.iter().map(|saved| saved.object).collect();
        let name = |number| {
            let saved = objects.iter().find(|saved| saved.object == number);
            saved.map_or("", |saved| saved.name.as_str())
        };
        for overlap in session.overlaps(&numbers, slice)? {
            let (first, second) = (name(overlap.first), name(overlap.second));
            let shared = format!("{first} and {second} share {} voxels", overlap.voxels);
            let kept = match self.overlap {
                OverlapArgument::Refuse => bail!(
                    "{shared}, and this format holds one number for each: say --overlap later or earlier, or save a \
                     DICOM SEG or COCO"
                ),
                OverlapArgument::Later => second,
                OverlapArgument::Earlier => first,
            };
            eprintln!("{shared}: in the file they are {kept}'s");
        }
        Ok(())
    }
}

impl Format {
    /// The ending of a file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Mask | Format::Probability | Format::Overlay | Format::Label => "png",
            Format::Nifti => "nii.gz",
            Format::DicomSeg => "dcm",
            Format::Npz => "npz",
            Format::Coco => "json",
            Format::Csv => "csv",
            Format::Svg => "svg",
        }
    }

    fn saved(self) -> SaveFormat {
        match self {
            Format::Mask | Format::Probability => SaveFormat::MaskPng,
            Format::Overlay => SaveFormat::OverlayPng,
            Format::Label => SaveFormat::LabelPng,
            Format::Nifti => SaveFormat::Nifti,
            Format::DicomSeg => SaveFormat::DicomSeg,
            Format::Npz => SaveFormat::Npz,
            Format::Coco => SaveFormat::Coco,
            Format::Csv => SaveFormat::Csv,
            Format::Svg => SaveFormat::Svg,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_decides_unless_the_form_is_said() {
        let of = |format, name: &str| {
            let arguments = FormatArguments {
                format,
                de_identified: false,
                resample: false,
                seg_form: None,
                overlap: OverlapArgument::Later,
            };
            arguments.of(Path::new(name)).ok()
        };
        assert_eq!(of(None, "a/b.nii.gz"), Some(Format::Nifti));
        assert_eq!(of(None, "mask.png"), Some(Format::Mask));
        assert_eq!(of(Some(Format::Overlay), "mask.png"), Some(Format::Overlay));
        assert_eq!(of(None, "mask.txt"), None);
    }

    #[test]
    fn the_name_of_a_resampled_file_says_so() {
        let of = |resample, name: &str, format| {
            let arguments = FormatArguments {
                format: None,
                de_identified: false,
                resample,
                seg_form: None,
                overlap: OverlapArgument::Later,
            };
            arguments.path(Path::new(name), format).into_owned()
        };
        let cases = [
            (true, "a/b.nii.gz", Format::Nifti, "a/b-resampled.nii.gz"),
            (true, "a/b", Format::Nifti, "a/b-resampled"),
            (true, "my resampled.nii", Format::Nifti, "my resampled.nii"),
            (false, "a/b.nii.gz", Format::Nifti, "a/b.nii.gz"),
            (true, "a/b.csv", Format::Csv, "a/b.csv"),
        ];
        for (resample, name, format, expected) in cases {
            assert_eq!(of(resample, name, format), Path::new(expected));
        }
    }
}

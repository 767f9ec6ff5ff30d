//! Output files: their format, what happens to voxels that objects share, and the writing.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use boxel_segmenter::imaging::export::{Identity, SegForm, probability_png};
use boxel_segmenter::{Rendering, SaveFormat, SaveOptions, SavedObject, Session, Winner, colour};
use clap::ValueEnum;
use clap::builder::PossibleValue;

/// The format of the output files.
#[derive(Debug, Clone, clap::Args)]
pub struct FormatArguments {
    /// The output format. Without it the file extension selects the format: `.png` (mask), `.nii.gz`,
    /// `.dcm` (DICOM SEG), `.seg.nrrd`, `.stl`, `.ply`, `.obj`, `.npz`, `.json` (COCO), `.csv` (measurements), `.svg`
    /// (outlines).
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write a DICOM SEG or RT structure set with the patient's identifiers and references to the source, so that viewers
    /// overlay it on the scan. Both need this flag or `--de-identified`.
    #[arg(long)]
    linked: bool,
    /// Write a DICOM SEG or RT structure set without the patient and without references to the source.
    #[arg(long, conflicts_with = "linked")]
    de_identified: bool,
    /// Write NIfTI on an evenly spaced orthogonal grid instead of the source's grid, by nearest neighbour. For
    /// scans with uneven slice spacing or a sheared grid. `-resampled` is added to the file name unless it
    /// contains `resampled`.
    #[arg(long)]
    resample: bool,
    /// How a DICOM SEG stores its pixels. The default is the form that most readers read correctly
    /// (docs/exports.md).
    #[arg(long, value_enum)]
    seg_form: Option<SegFormArgument>,
    /// Which object keeps a voxel that several objects share, in a format that holds one number for each voxel.
    #[arg(long, value_enum, default_value = "later")]
    overlap: OverlapArgument,
}

/// How a DICOM SEG stores its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SegFormArgument {
    /// One bit for each pixel.
    Binary,
    /// One byte for each pixel.
    WholeBytes,
    /// The object's number in each pixel.
    LabelMap,
}

/// What happens to a voxel that several objects share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OverlapArgument {
    /// The later object keeps it.
    Later,
    /// The earlier object keeps it.
    Earlier,
    /// Write nothing and fail.
    Refuse,
}

/// A file format that the program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The model's probability on a slice, which comes from its predictions and not from the objects' masks.
    Probability,
    /// The objects' masks.
    Masks(SaveFormat),
}

/// `--resample` selects the resampled NIfTI, so it has no name of its own.
const FORMATS: [Format; 15] = [
    Format::Masks(SaveFormat::MaskPng),
    Format::Probability,
    Format::Masks(SaveFormat::OverlayPng),
    Format::Masks(SaveFormat::LabelPng),
    Format::Masks(SaveFormat::Nifti),
    Format::Masks(SaveFormat::DicomSeg),
    Format::Masks(SaveFormat::RtStruct),
    Format::Masks(SaveFormat::SegNrrd),
    Format::Masks(SaveFormat::Stl),
    Format::Masks(SaveFormat::Ply),
    Format::Masks(SaveFormat::Obj),
    Format::Masks(SaveFormat::Npz),
    Format::Masks(SaveFormat::Coco),
    Format::Masks(SaveFormat::Csv),
    Format::Masks(SaveFormat::Svg),
];

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &FORMATS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Format::Probability => ("probability", "Probability on a slice (PNG, 16-bit grey)"),
            Format::Masks(format) => match format {
                SaveFormat::MaskPng => ("mask", "Union of the masks on a slice, 0 or 255 (PNG)"),
                SaveFormat::OverlayPng => ("overlay", "A slice with masks and boxes over it (PNG)"),
                SaveFormat::LabelPng => (
                    "label",
                    "The object's number in each pixel of a slice (PNG)",
                ),
                SaveFormat::Nifti => ("nifti", "A label map on the source's grid (`.nii.gz`)"),
                SaveFormat::NiftiResampled => return None,
                SaveFormat::DicomSeg => ("dicom-seg", "A DICOM Segmentation"),
                SaveFormat::RtStruct => (
                    "rt-struct",
                    "A DICOM RT structure set: contours on the slices",
                ),
                SaveFormat::SegNrrd => ("seg-nrrd", "3D Slicer's segmentation (`.seg.nrrd`)"),
                SaveFormat::Stl => ("stl", "Surfaces in mm (binary STL)"),
                SaveFormat::Ply => ("ply", "Surfaces in mm with colours (binary PLY)"),
                SaveFormat::Obj => ("obj", "Surfaces in mm with names (Wavefront OBJ)"),
                SaveFormat::Npz => (
                    "npz",
                    "`segs` in the layout of the challenge \"MedSAM on Laptop\"",
                ),
                SaveFormat::Coco => ("coco", "COCO JSON with run-length masks"),
                SaveFormat::Csv => ("csv", "Measurements"),
                SaveFormat::Svg => ("svg", "Outlines on a slice"),
            },
        };
        Some(PossibleValue::new(name).help(help))
    }
}

/// `count` objects without names, numbered from 0.
pub fn numbered(count: usize) -> Vec<SavedObject> {
    let objects = (0..).take(count).map(|place| SavedObject {
        object: place,
        name: format!("Object {}", place + 1),
        colour: colour(place),
        model: None,
        segment: None,
    });
    objects.collect()
}

impl FormatArguments {
    /// The format of an output file: `--format`, or the one that its extension selects.
    pub fn of(&self, output: &Path) -> Result<Format> {
        if let Some(format) = self.format {
            return self.chosen(format);
        }
        let name = output.file_name().unwrap_or_default().to_string_lossy();
        // The first format with the extension: `.png` is a mask.
        let found = FORMATS
            .into_iter()
            .find(|format| name.ends_with(&format!(".{}", format.extension())));
        let found = found.with_context(|| {
            format!("{name}: no format has this extension; select one with --format")
        })?;
        self.chosen(found)
    }

    /// The format of each output file.
    pub fn of_each(&self, outputs: &[PathBuf]) -> Result<Vec<Format>> {
        outputs.iter().map(|output| self.of(output)).collect()
    }

    /// The format of several output files, whose names are not given.
    pub fn of_many(&self) -> Result<Format> {
        self.chosen(self.format.unwrap_or(Format::Masks(SaveFormat::MaskPng)))
    }

    /// The format with its flags, or an error where a choice of the user is missing.
    fn chosen(&self, format: Format) -> Result<Format> {
        match format {
            Format::Masks(SaveFormat::Nifti) if self.resample => {
                Ok(Format::Masks(SaveFormat::NiftiResampled))
            }
            Format::Masks(SaveFormat::DicomSeg | SaveFormat::RtStruct)
                if !self.linked && !self.de_identified =>
            {
                bail!(
                    "a DICOM file names the patient or does not: add --linked, so that viewers overlay it on the scan, or \
                 --de-identified"
                )
            }
            format => Ok(format),
        }
    }

    /// The path of an output file. The name of a resampled label map says that it is resampled.
    pub fn path<'a>(&self, output: &'a Path, format: Format) -> Cow<'a, Path> {
        let name = output.file_name().unwrap_or_default().to_string_lossy();
        if format != Format::Masks(SaveFormat::NiftiResampled) || name.contains("resampled") {
            return Cow::Borrowed(output);
        }
        let extension = [".nii.gz", ".nii"]
            .into_iter()
            .find(|extension| name.ends_with(extension));
        let extension = extension.unwrap_or_default();
        let stem = name.strip_suffix(extension).unwrap_or(&name);
        Cow::Owned(output.with_file_name(format!("{stem}-resampled{extension}")))
    }

    /// The bytes of a file with a session's objects. `ids` are the predictions that probabilities come from.
    pub fn bytes(
        &self,
        session: &Session,
        format: Format,
        objects: &[SavedObject],
        ids: &[u32],
        rendering: Rendering,
    ) -> Result<Vec<u8>> {
        let format = match format {
            Format::Masks(format) => format,
            Format::Probability => {
                ensure!(
                    !ids.is_empty(),
                    "only `boxel segment` and `boxel propagate` write probabilities"
                );
                return Ok(probability_png(
                    &session.open_scan()?.maximum_probability(ids)?,
                )?);
            }
        };
        let seg_form = self.seg_form.map(|form| match form {
            SegFormArgument::Binary => SegForm::Binary,
            SegFormArgument::WholeBytes => SegForm::WholeBytes,
            SegFormArgument::LabelMap => SegForm::LabelMap,
        });
        if format.is_label_map(seg_form) {
            let slice = (format == SaveFormat::LabelPng).then_some(rendering);
            self.report_overlaps(session, objects, slice)?;
        }
        let mut seed = [0; 16];
        getrandom::fill(&mut seed)
            .map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
        let options = SaveOptions {
            rendering,
            identity: match self.linked {
                true => Identity::Linked,
                false => Identity::DeIdentified,
            },
            seg_form,
            winner: match self.overlap {
                OverlapArgument::Earlier => Winner::Earlier,
                OverlapArgument::Later | OverlapArgument::Refuse => Winner::Later,
            },
            now: chrono::Local::now().format("%Y%m%dT%H%M%S").to_string(),
            seed,
        };
        let scan = session.open_scan()?.scan();
        if let (SaveFormat::Nifti, Some(refusal)) = (format, format.refusal(scan)) {
            bail!("{refusal} `--resample` writes that.");
        }
        if let Some(warning) = format.warning(scan) {
            eprintln!("{warning}");
        }
        Ok(session.save(format, objects, &options)?)
    }

    /// Reports which objects share voxels and which of them keeps the voxels.
    fn report_overlaps(
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
        for overlap in session.open_scan()?.overlaps(&numbers, slice)? {
            let (first, second) = (name(overlap.first), name(overlap.second));
            let shared = format!("{first} and {second} share {} voxels", overlap.voxels);
            let kept = match self.overlap {
                OverlapArgument::Refuse => bail!(
                    "{shared}, and this format holds one number for each voxel: use --overlap later or earlier, or \
                     write a DICOM SEG or COCO"
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
    /// The file extension without the first dot, such as `nii.gz`.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Probability => "png",
            Format::Masks(format) => format.extension(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NIFTI: Format = Format::Masks(SaveFormat::Nifti);
    const RESAMPLED: Format = Format::Masks(SaveFormat::NiftiResampled);

    fn arguments(format: Option<Format>, resample: bool) -> FormatArguments {
        FormatArguments {
            format,
            linked: false,
            de_identified: false,
            resample,
            seg_form: None,
            overlap: OverlapArgument::Later,
        }
    }

    #[test]
    fn a_dicom_file_names_the_patient_only_if_the_user_says_so() {
        let structures = arguments(Some(Format::Masks(SaveFormat::RtStruct)), false);
        assert!(structures.of(Path::new("structures.dcm")).is_err());
        let unsaid = arguments(None, false);
        let error = unsaid.of(Path::new("seg.dcm")).unwrap_err().to_string();
        assert!(error.contains("--linked") && error.contains("--de-identified"));
        for (linked, de_identified) in [(true, false), (false, true)] {
            let said = FormatArguments {
                linked,
                de_identified,
                ..unsaid.clone()
            };
            let format = said.of(Path::new("seg.dcm")).unwrap();
            assert_eq!(format, Format::Masks(SaveFormat::DicomSeg));
        }
    }

    #[test]
    fn the_extension_selects_the_format_unless_it_is_given() {
        let of = |format, name: &str| arguments(format, false).of(Path::new(name)).ok();
        let [mask, overlay] =
            [SaveFormat::MaskPng, SaveFormat::OverlayPng].map(|format| Some(Format::Masks(format)));
        assert_eq!(of(None, "a/b.nii.gz"), Some(NIFTI));
        let slicer = Some(Format::Masks(SaveFormat::SegNrrd));
        assert_eq!(of(None, "a/b.seg.nrrd"), slicer);
        assert_eq!(of(None, "mask.png"), mask);
        assert_eq!(of(overlay, "mask.png"), overlay);
        assert_eq!(of(None, "mask.txt"), None);
        let resampled = arguments(None, true).of(Path::new("a.nii.gz")).ok();
        assert_eq!(resampled, Some(RESAMPLED));
    }

    #[test]
    fn every_format_but_the_resampled_has_a_name() {
        let named = |format: &SaveFormat| FORMATS.contains(&Format::Masks(*format));
        let unnamed: Vec<_> = SaveFormat::ALL.iter().filter(|f| !named(f)).collect();
        assert_eq!(unnamed, [&SaveFormat::NiftiResampled]);
        for format in FORMATS {
            assert!(format.to_possible_value().is_some(), "{format:?}");
        }
    }

    #[test]
    fn the_name_of_a_resampled_file_says_so() {
        let cases = [
            ("a/b.nii.gz", RESAMPLED, "a/b-resampled.nii.gz"),
            ("a/b", RESAMPLED, "a/b-resampled"),
            ("my resampled.nii", RESAMPLED, "my resampled.nii"),
            ("a/b.nii.gz", NIFTI, "a/b.nii.gz"),
            ("a/b.csv", Format::Masks(SaveFormat::Csv), "a/b.csv"),
        ];
        for (name, format, expected) in cases {
            let path = arguments(None, true)
                .path(Path::new(name), format)
                .into_owned();
            assert_eq!(path, Path::new(expected));
        }
    }
}

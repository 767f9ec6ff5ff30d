//! What a session has found → files.

use std::borrow::Cow;

use boxel_imaging::export::{
    Identity, Labelled, Layer, NewInstance, SegForm, Segment as SegSegment, coco_json, dicom_seg,
    label_png, mask_png, measures_csv, nifti, nifti_resampled, nifti_warning, outlines_svg,
    overlay_png, segs_npz,
};
use boxel_imaging::{Error as ImagingError, Mask, Scan, Source, VolumeMask};

use crate::error::Error;
use crate::overlap::{Winner, resolved};
use crate::session::{Rendering, Session};

/// A form in which masks are saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SaveFormat {
    /// One slice: all objects in one, 0 or 255.
    MaskPng,
    /// One slice: the number of an object in its pixels.
    LabelPng,
    /// One slice: the image with the objects over it.
    OverlayPng,
    /// One slice: outlines.
    Svg,
    /// All slices: a label map on the source's grid, gzipped.
    Nifti,
    /// All slices: a label map on an even grid of its own whose axes are at right angles, gzipped.
    NiftiResampled,
    /// All slices: a DICOM Segmentation.
    DicomSeg,
    /// All slices: `segs`, as the challenge "MedSAM on Laptop" has it.
    Npz,
    /// All slices: COCO's annotations with run-length masks.
    Coco,
    /// All slices: what is measured.
    Csv,
}

impl SaveFormat {
    /// All of them.
    pub const ALL: [SaveFormat; 10] = [
        SaveFormat::MaskPng,
        SaveFormat::LabelPng,
        SaveFormat::OverlayPng,
        SaveFormat::Svg,
        SaveFormat::Nifti,
        SaveFormat::NiftiResampled,
        SaveFormat::DicomSeg,
        SaveFormat::Npz,
        SaveFormat::Coco,
        SaveFormat::Csv,
    ];

    /// A name for programs.
    pub fn name(self) -> &'static str {
        match self {
            SaveFormat::MaskPng => "mask_png",
            SaveFormat::LabelPng => "label_png",
            SaveFormat::OverlayPng => "overlay_png",
            SaveFormat::Svg => "svg",
            SaveFormat::Nifti => "nifti",
            SaveFormat::NiftiResampled => "nifti_resampled",
            SaveFormat::DicomSeg => "dicom_seg",
            SaveFormat::Npz => "npz",
            SaveFormat::Coco => "coco",
            SaveFormat::Csv => "csv",
        }
    }

    /// The name of a file of it: never the source's, which often names the patient.
    pub fn file_name(self) -> &'static str {
        match self {
            SaveFormat::MaskPng => "boxel-mask.png",
            SaveFormat::LabelPng => "boxel-labels.png",
            SaveFormat::OverlayPng => "boxel-overlay.png",
            SaveFormat::Svg => "boxel-outlines.svg",
            SaveFormat::Nifti => "boxel-labels.nii.gz",
            SaveFormat::NiftiResampled => "boxel-labels-resampled.nii.gz",
            SaveFormat::DicomSeg => "boxel-segmentation.dcm",
            SaveFormat::Npz => "boxel-segs.npz",
            SaveFormat::Coco => "boxel-coco.json",
            SaveFormat::Csv => "boxel-measurements.csv",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            SaveFormat::MaskPng | SaveFormat::LabelPng | SaveFormat::OverlayPng => "image/png",
            SaveFormat::Svg => "image/svg+xml",
            SaveFormat::Nifti | SaveFormat::NiftiResampled => "application/gzip",
            SaveFormat::DicomSeg => "application/dicom",
            SaveFormat::Npz => "application/zip",
            SaveFormat::Coco => "application/json",
            SaveFormat::Csv => "text/csv",
        }
    }

    /// Why a scan's masks can't be saved like this, in words for the user; `None` if they can.
    pub fn refusal(self, scan: &Scan) -> Option<&'static str> {
        match (self, &scan.source) {
            (SaveFormat::DicomSeg, Source::Dicom(_)) => None,
            (SaveFormat::DicomSeg, _) => Some(
                "A DICOM SEG refers to the DICOM files that were segmented, and this scan came from \
                 another format. Save NIfTI instead.",
            ),
            (SaveFormat::Nifti, _) if !scan.grid().is_even() => Some(
                "The slices of this scan are not equally far apart, or some are missing, which NIfTI can't say. Save a DICOM \
                 SEG, which keeps each slice where it is, or the resampled NIfTI.",
            ),
            (SaveFormat::NiftiResampled, _) if scan.grid().patient_from_voxel.is_none() => Some(
                "Nothing says where this scan's slices lie, so they can't be resampled. Save NIfTI.",
            ),
            _ => None,
        }
    }

    /// What the user should know before a file of a scan's masks goes to other software, as sentences;
    /// `None` if nothing.
    pub fn warning(self, scan: &Scan) -> Option<String> {
        match self {
            SaveFormat::Nifti => nifti_warning(scan),
            _ => None,
        }
    }
}

/// An object to save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedObject {
    /// Its number.
    pub object: u32,
    /// What the user calls it.
    pub name: String,
    /// Red, green, blue, each in `[0, 255]`.
    pub colour: [u8; 3],
    /// The name of the model that its masks are of; `None` for the one that is loaded.
    pub model: Option<String>,
}

/// How to save.
#[derive(Debug, Clone, PartialEq)]
pub struct SaveOptions {
    /// The slice, for what is saved of one; the plane, for what is measured.
    pub rendering: Rendering,
    /// Whether a DICOM Segmentation names the patient and the source.
    pub identity: Identity,
    /// How a DICOM Segmentation stores its pixels; `None` for the form that most readers read right.
    pub seg_form: Option<SegForm>,
    /// Who keeps a voxel that several objects have, in what holds one number for each.
    pub winner: Winner,
    /// Now: `YYYYMMDDTHHMMSS`.
    pub now: String,
    /// 16 random bytes, new for each file: UIDs are made of them.
    pub seed: [u8; 16],
}

impl Session {
    /// Saves objects, in the order in which they are given. Where they overlap, `winner` says who is in a file that
    /// holds one number for each voxel ([`SaveFormat::is_label_map`]).
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without a scan or an object; [`Error::NoSuchObject`]; those of
    /// [`boxel_imaging::export`].
    pub fn save(
        &self,
        format: SaveFormat,
        objects: &[SavedObject],
        options: &SaveOptions,
    ) -> Result<Vec<u8>, Error> {
        let scan = self.scan().ok_or(Error::Order {
            needs: "open an image",
        })?;
        if objects.is_empty() {
            return Err(Error::Order {
                needs: "choose a mask",
            });
        }
        let masks = objects.iter().map(|saved| {
            let structure = self.structure(saved.object)?;
            Ok((saved, structure.mask()))
        });
        let masks = masks.collect::<Result<Vec<_>, Error>>()?;
        let kept = if format.is_label_map(options.seg_form) {
            let all: Vec<&VolumeMask> = masks.iter().map(|(_, mask)| *mask).collect();
            resolved(&all, options.winner)?
        } else {
            masks.iter().map(|(_, mask)| Cow::Borrowed(*mask)).collect()
        };
        let masks: Vec<(&SavedObject, &VolumeMask)> = masks
            .iter()
            .zip(&kept)
            .map(|((saved, _), mask)| (*saved, mask.as_ref()))
            .collect();
        Ok(match format {
            SaveFormat::MaskPng | SaveFormat::LabelPng | SaveFormat::OverlayPng => {
                slice_png(scan, format, &masks, options.rendering)?
            }
            SaveFormat::DicomSeg => {
                // Masks of a session file may be there before a model is.
                let model = self.model().map(|model| model.kind().name());
                let model = model.unwrap_or("not recorded");
                segmentation(scan, &masks, options, model)?
            }
            _ => of_all(scan, format, &masks, options)?,
        })
    }
}

type Masks<'a> = [(&'a SavedObject, &'a VolumeMask)];

fn slice_png(
    scan: &Scan,
    format: SaveFormat,
    masks: &Masks<'_>,
    rendering: Rendering,
) -> Result<Vec<u8>, ImagingError> {
    let view = rendering.view(scan);
    let on_slice: Vec<Mask> = masks
        .iter()
        .map(|(_, mask)| mask.slice(&view, rendering.slice))
        .collect();
    match format {
        SaveFormat::LabelPng => label_png(&on_slice.iter().collect::<Vec<_>>()),
        SaveFormat::OverlayPng => {
            let image = scan.render(&view, rendering.slice, rendering.window);
            let layers = masks.iter().zip(&on_slice).map(|((saved, _), mask)| Layer {
                color: saved.colour,
                ..Layer::new(mask)
            });
            overlay_png(&image, &layers.collect::<Vec<_>>())
        }
        _ => {
            let (first, rest) = match on_slice.split_first() {
                Some((first, rest)) => (first.clone(), rest),
                None => return Ok(Vec::new()),
            };
            let all = rest.iter().try_fold(first, |all, mask| all.union(mask))?;
            mask_png(&all)
        }
    }
}

fn of_all(
    scan: &Scan,
    format: SaveFormat,
    masks: &Masks<'_>,
    options: &SaveOptions,
) -> Result<Vec<u8>, ImagingError> {
    let view = options.rendering.view(scan);
    let labelled: Vec<Labelled<'_>> = masks
        .iter()
        .map(|(saved, mask)| Labelled {
            name: &saved.name,
            colour: saved.colour,
            mask,
        })
        .collect();
    match format {
        SaveFormat::Nifti => {
            let masks: Vec<&VolumeMask> = labelled.iter().map(|labelled| labelled.mask).collect();
            nifti(scan, &masks, true)
        }
        SaveFormat::NiftiResampled => {
            let masks: Vec<&VolumeMask> = labelled.iter().map(|labelled| labelled.mask).collect();
            nifti_resampled(scan, &masks, true)
        }
        SaveFormat::Npz => segs_npz(scan.grid(), &labelled),
        SaveFormat::Coco => coco_json(scan.grid(), &view, &labelled).map(String::into_bytes),
        SaveFormat::Csv => measures_csv(scan, &view, &labelled).map(String::into_bytes),
        _ => {
            let slice = options.rendering.slice;
            outlines_svg(scan.grid(), &view, slice, &labelled).map(String::into_bytes)
        }
    }
}

fn segmentation(
    scan: &Scan,
    masks: &Masks<'_>,
    options: &SaveOptions,
    model: &str,
) -> Result<Vec<u8>, ImagingError> {
    let segments: Vec<SegSegment<'_>> = masks
        .iter()
        .map(|(saved, mask)| SegSegment {
            algorithm: Some(saved.model.as_deref().unwrap_or(model)),
            ..SegSegment::new(&saved.name, saved.colour, mask)
        })
        .collect();
    let (date, time) = options.now.split_once('T').unwrap_or((&options.now, ""));
    let instance = NewInstance {
        seed: options.seed,
        date,
        time,
        software_version: env!("CARGO_PKG_VERSION"),
    };
    let form = options.seg_form;
    let form = form.unwrap_or_else(|| SegForm::for_grid(scan.grid()));
    dicom_seg(scan, &segments, options.identity, form, &instance)
}

//! Writes objects to files.

use std::borrow::Cow;

use boxel_imaging::export::{
    Identity, Labelled, Layer, MeshFormat, NewInstance, SegForm, Segment as SegSegment, coco_json,
    dicom_seg, has_surface, label_png, mask_png, measures_csv, nifti, nifti_resampled,
    nifti_warning, outlines_svg, overlay_png, rt_structures, seg_nrrd, segs_npz, surfaces,
};
use boxel_imaging::{Error as ImagingError, Mask, Scan, SlicePlane, Source, VolumeMask};
use serde::de::IntoDeserializer;
use serde::{Deserialize, Deserializer};

use crate::error::Error;
use crate::overlap::{Winner, resolved};
use crate::rendering::Rendering;
use crate::segment_facts::SegmentFacts;
use crate::session::Session;

/// A file format for masks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "ExportFormat"))]
#[serde(rename_all = "snake_case")]
pub enum SaveFormat {
    /// PNG of one slice: the union of all objects, 0 or 255.
    MaskPng,
    /// PNG of one slice: each pixel holds the number of its object.
    LabelPng,
    /// PNG of one slice: the image with the objects drawn over it.
    OverlayPng,
    /// SVG outlines on one slice.
    Svg,
    /// NIfTI label map of all slices on the source's grid, gzipped.
    Nifti,
    /// NIfTI label map of all slices on an evenly spaced orthogonal grid, gzipped.
    NiftiResampled,
    /// DICOM Segmentation of all slices.
    DicomSeg,
    /// DICOM RT Structure Set: contours on all slices.
    RtStruct,
    /// 3D Slicer's segmentation of all slices (`.seg.nrrd`), gzipped.
    SegNrrd,
    /// Surfaces in mm as binary STL.
    Stl,
    /// Surfaces in mm as binary PLY, with the objects' colours.
    Ply,
    /// Surfaces in mm as Wavefront OBJ, with the objects' names.
    Obj,
    /// NPZ with `segs` for all slices, as in the challenge "MedSAM on Laptop".
    Npz,
    /// COCO annotations of all slices with run-length masks.
    Coco,
    /// CSV of measurements on all slices.
    Csv,
}

impl SaveFormat {
    /// All formats.
    pub const ALL: [SaveFormat; 15] = [
        SaveFormat::MaskPng,
        SaveFormat::LabelPng,
        SaveFormat::OverlayPng,
        SaveFormat::Svg,
        SaveFormat::Nifti,
        SaveFormat::NiftiResampled,
        SaveFormat::DicomSeg,
        SaveFormat::RtStruct,
        SaveFormat::SegNrrd,
        SaveFormat::Stl,
        SaveFormat::Ply,
        SaveFormat::Obj,
        SaveFormat::Npz,
        SaveFormat::Coco,
        SaveFormat::Csv,
    ];

    /// The table of formats: name, file name, media type.
    const fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::MaskPng => ("mask_png", "boxel-mask.png", "image/png"),
            Self::LabelPng => ("label_png", "boxel-labels.png", "image/png"),
            Self::OverlayPng => ("overlay_png", "boxel-overlay.png", "image/png"),
            Self::Svg => ("svg", "boxel-outlines.svg", "image/svg+xml"),
            Self::Nifti => ("nifti", "boxel-labels.nii.gz", "application/gzip"),
            Self::NiftiResampled => (
                "nifti_resampled",
                "boxel-labels-resampled.nii.gz",
                "application/gzip",
            ),
            Self::DicomSeg => ("dicom_seg", "boxel-segmentation.dcm", "application/dicom"),
            Self::RtStruct => ("rt_struct", "boxel-structures.dcm", "application/dicom"),
            Self::SegNrrd => (
                "seg_nrrd",
                "boxel-segmentation.seg.nrrd",
                "application/octet-stream",
            ),
            Self::Stl => ("stl", "boxel-surfaces.stl", "model/stl"),
            Self::Ply => ("ply", "boxel-surfaces.ply", "application/octet-stream"),
            Self::Obj => ("obj", "boxel-surfaces.obj", "model/obj"),
            Self::Npz => ("npz", "boxel-segs.npz", "application/zip"),
            Self::Coco => ("coco", "boxel-coco.json", "application/json"),
            Self::Csv => ("csv", "boxel-measurements.csv", "text/csv"),
        }
    }

    /// The name that programs use, such as `label_png`.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// The default file name. It never contains the source's name, which often identifies the patient.
    pub const fn file_name(self) -> &'static str {
        self.row().1
    }

    /// The media type, such as `image/png`.
    pub const fn media_type(self) -> &'static str {
        self.row().2
    }

    /// The file name's extension without the first dot, such as `nii.gz`.
    pub fn extension(self) -> &'static str {
        let parts = self.file_name().split_once('.');
        parts.map_or("", |(_, extension)| extension)
    }

    /// The reason why a scan's masks can't be saved in this format, for the user; `None` if they can.
    pub fn refusal(self, scan: &Scan) -> Option<&'static str> {
        match self {
            Self::DicomSeg => (!matches!(scan.source, Source::Dicom(_))).then_some(
                "A DICOM SEG refers to the DICOM files that were segmented, and this scan came from \
                 another format. Save NIfTI instead.",
            ),
            Self::RtStruct if !matches!(scan.source, Source::Dicom(_)) => Some(
                "A DICOM RT structure set refers to the DICOM files that were segmented, and this scan came from another \
                 format. Save NIfTI or a surface instead.",
            ),
            Self::RtStruct => scan.grid().patient_from_voxel.is_none().then_some(
                "Nothing says where this scan's slices lie in the patient, where the contours of a structure set would be.",
            ),
            Self::SegNrrd => (!scan.grid().is_even()).then_some(
                "The slices of this scan are not equally far apart, or some are missing, which an NRRD can't say. Save a DICOM \
                 SEG, which keeps each slice where it is, or the resampled NIfTI.",
            ),
            Self::Stl | Self::Ply | Self::Obj => (!has_surface(scan.grid())).then_some(
                "A surface is in mm, and this scan is no volume whose voxels have a known size.",
            ),
            Self::Nifti => (!scan.grid().is_even()).then_some(
                "The slices of this scan are not equally far apart, or some are missing, which NIfTI can't say. Save a DICOM \
                 SEG, which keeps each slice where it is, or the resampled NIfTI.",
            ),
            Self::NiftiResampled => scan.grid().patient_from_voxel.is_none().then_some(
                "Nothing says where this scan's slices lie, so they can't be resampled. Save NIfTI.",
            ),
            Self::MaskPng
            | Self::LabelPng
            | Self::OverlayPng
            | Self::Svg
            | Self::Npz
            | Self::Coco
            | Self::Csv => None,
        }
    }

    /// What the user should know before other software reads the file, as sentences; `None` if there is nothing to
    /// say.
    pub fn warning(self, scan: &Scan) -> Option<String> {
        match self {
            Self::Nifti => nifti_warning(scan),
            Self::MaskPng
            | Self::LabelPng
            | Self::OverlayPng
            | Self::Svg
            | Self::NiftiResampled
            | Self::DicomSeg
            | Self::RtStruct
            | Self::SegNrrd
            | Self::Stl
            | Self::Ply
            | Self::Obj
            | Self::Npz
            | Self::Coco
            | Self::Csv => None,
        }
    }

    /// Whether a file holds one number for each voxel, so that objects can't overlap in it.
    pub fn is_label_map(self, form: Option<SegForm>) -> bool {
        match self {
            Self::LabelPng | Self::Nifti | Self::NiftiResampled | Self::Npz => true,
            Self::DicomSeg => form == Some(SegForm::LabelMap),
            Self::MaskPng
            | Self::OverlayPng
            | Self::Svg
            | Self::RtStruct
            | Self::SegNrrd
            | Self::Stl
            | Self::Ply
            | Self::Obj
            | Self::Coco
            | Self::Csv => false,
        }
    }
}

/// An object to save.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "ExportObject"))]
pub struct SavedObject {
    /// The object's number.
    pub object: u32,
    /// The user's name for the object.
    pub name: String,
    /// Red, green, blue, each in `[0, 255]`.
    pub colour: [u8; 3],
    /// The name of the model that made its masks; `None` for the loaded model.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub model: Option<String>,
    /// What the file says about it that it was loaded from: codes count while it has the name of the file, and the
    /// algorithm while no model has changed it.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub segment: Option<SegmentFacts>,
}

/// Options of [`Session::save`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(rename = "ExportOptions")
)]
pub struct SaveOptions {
    /// The slice, for formats of one slice; the plane, for measurements.
    #[serde(flatten)]
    pub rendering: Rendering,
    /// Whether a DICOM Segmentation or RT Structure Set names the patient and the source.
    pub identity: Identity,
    /// How a DICOM Segmentation stores its pixels; `None`, in JSON also `"auto"`, for the form that most readers read
    /// correctly.
    #[serde(default, deserialize_with = "form_or_auto")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "SegForm | \"auto\""))]
    pub seg_form: Option<SegForm>,
    /// Which object keeps a voxel that several objects share, in a format with one number for each voxel.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Winner>"))]
    pub winner: Winner,
    /// The current time as `YYYYMMDDTHHMMSS`.
    pub now: String,
    /// 16 random bytes, new for each file, from which UIDs are made.
    #[cfg_attr(feature = "typescript", ts(type = "Uint8Array"))]
    pub seed: [u8; 16],
}

fn form_or_auto<'de, D: Deserializer<'de>>(form: D) -> Result<Option<SegForm>, D::Error> {
    let name: Option<String> = Option::deserialize(form)?;
    match name.as_deref() {
        None | Some("auto") => Ok(None),
        Some(name) => SegForm::deserialize(name.into_deserializer()).map(Some),
    }
}

impl Session {
    /// Writes objects in the order of `objects`. Where they overlap, `winner` keeps the voxel in a format with one number
    /// for each voxel ([`SaveFormat::is_label_map`]).
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
        let open = self.open_scan()?;
        let scan = open.scan();
        if objects.is_empty() {
            return Err(Error::Order {
                needs: "choose a mask",
            });
        }
        let masks = objects
            .iter()
            .map(|saved| Ok((saved, open.object_mask(saved.object)?.voxels())));
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
        let all_masks = || masks.iter().map(|(_, mask)| *mask).collect::<Vec<_>>();
        let slice_plane = options.rendering.slice_plane(scan);
        let slice = options.rendering.slice;
        Ok(match format {
            SaveFormat::MaskPng => union_png(&on_slice(&masks, &slice_plane, slice))?,
            SaveFormat::LabelPng => {
                let on_slice = on_slice(&masks, &slice_plane, slice);
                label_png(&on_slice.iter().collect::<Vec<_>>())?
            }
            SaveFormat::OverlayPng => overlay(scan, &masks, options.rendering)?,
            SaveFormat::Svg => {
                outlines_svg(scan.grid(), &slice_plane, slice, &labelled(&masks))?.into_bytes()
            }
            SaveFormat::Nifti => nifti(scan, &all_masks(), true)?,
            SaveFormat::NiftiResampled => nifti_resampled(scan, &all_masks(), true)?,
            SaveFormat::DicomSeg => {
                // Masks from a session file may exist before a model is loaded.
                let model = self.model().map(|model| model.label());
                let model = model.as_deref().unwrap_or("not recorded");
                segmentation(scan, &masks, options, model)?
            }
            SaveFormat::RtStruct => {
                let model = self.model().map(|model| model.label());
                let model = model.as_deref().unwrap_or("not recorded");
                let segments = segments(&masks, model);
                rt_structures(scan, &segments, options.identity, &new_instance(options))?
            }
            SaveFormat::SegNrrd => seg_nrrd(scan, &segments(&masks, "not recorded"))?,
            SaveFormat::Stl => surfaces(scan, &labelled(&masks), MeshFormat::Stl)?,
            SaveFormat::Ply => surfaces(scan, &labelled(&masks), MeshFormat::Ply)?,
            SaveFormat::Obj => surfaces(scan, &labelled(&masks), MeshFormat::Obj)?,
            SaveFormat::Npz => segs_npz(scan.grid(), &labelled(&masks))?,
            SaveFormat::Coco => {
                coco_json(scan.grid(), &slice_plane, &labelled(&masks))?.into_bytes()
            }
            SaveFormat::Csv => measures_csv(scan, &slice_plane, &labelled(&masks))?.into_bytes(),
        })
    }
}

type Masks<'a> = [(&'a SavedObject, &'a VolumeMask)];

fn labelled<'a>(masks: &Masks<'a>) -> Vec<Labelled<'a>> {
    let labelled = masks.iter().map(|&(saved, mask)| Labelled {
        name: &saved.name,
        colour: saved.colour,
        mask,
    });
    labelled.collect()
}

fn on_slice(masks: &Masks<'_>, slice_plane: &SlicePlane, slice: u32) -> Vec<Mask> {
    let on_slice = masks.iter().map(|(_, mask)| mask.slice(slice_plane, slice));
    on_slice.collect()
}

fn union_png(on_slice: &[Mask]) -> Result<Vec<u8>, ImagingError> {
    let Some((first, rest)) = on_slice.split_first() else {
        return Ok(Vec::new());
    };
    let union = rest
        .iter()
        .try_fold(first.clone(), |union, mask| union.union(mask))?;
    mask_png(&union)
}

fn overlay(scan: &Scan, masks: &Masks<'_>, rendering: Rendering) -> Result<Vec<u8>, ImagingError> {
    let (slice_plane, slice) = (rendering.slice_plane(scan), rendering.slice);
    let on_slice = on_slice(masks, &slice_plane, slice);
    let image = scan.render(&slice_plane, slice, rendering.window);
    let layers = masks.iter().zip(&on_slice).map(|((saved, _), mask)| Layer {
        color: saved.colour,
        ..Layer::new(mask)
    });
    overlay_png(&image, &layers.collect::<Vec<_>>())
}

/// The objects with their coded terms. Those without a model of their own have the loaded one.
fn segments<'a>(masks: &Masks<'a>, model: &'a str) -> Vec<SegSegment<'a>> {
    let segments = masks.iter().map(|(saved, mask)| {
        let drawn = SegSegment {
            algorithm: Some(saved.model.as_deref().unwrap_or(model)),
            ..SegSegment::new(&saved.name, saved.colour, mask)
        };
        match &saved.segment {
            Some(facts) => facts.written(drawn),
            None => drawn,
        }
    });
    segments.collect()
}

fn new_instance(options: &SaveOptions) -> NewInstance<'_> {
    let (date, time) = options.now.split_once('T').unwrap_or((&options.now, ""));
    NewInstance {
        seed: options.seed,
        date,
        time,
        software_version: env!("CARGO_PKG_VERSION"),
    }
}

fn segmentation(
    scan: &Scan,
    masks: &Masks<'_>,
    options: &SaveOptions,
    model: &str,
) -> Result<Vec<u8>, ImagingError> {
    let segments = segments(masks, model);
    let form = options.seg_form;
    let form = form.unwrap_or_else(|| SegForm::for_grid(scan.grid()));
    let instance = new_instance(options);
    dicom_seg(scan, &segments, options.identity, form, &instance)
}

#[cfg(test)]
mod tests {
    use boxel_imaging::{Plane, Window};

    use super::*;

    /// As the page sends them.
    #[test]
    fn options_are_read_from_the_seams_json() {
        let options = |further: &str| {
            let text = format!(
                r#"{{ "plane": "coronal", "slice": 7, "window": {{ "kind": "linear", "level": 40, "width": 400 }},
                "identity": "de_identified", {further} "now": "20261125T120000",
                "seed": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] }}"#
            );
            serde_json::from_str::<SaveOptions>(&text)
        };
        let expected = SaveOptions {
            rendering: Rendering {
                plane: Plane::Coronal,
                slice: 7,
                window: Window::Linear {
                    level: 40.0,
                    width: 400.0,
                },
            },
            identity: Identity::DeIdentified,
            seg_form: None,
            winner: Winner::Later,
            now: "20261125T120000".to_owned(),
            seed: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        };
        assert_eq!(options("").unwrap(), expected);
        assert_eq!(options(r#""seg_form": "auto","#).unwrap(), expected);
        let chosen = SaveOptions {
            seg_form: Some(SegForm::WholeBytes),
            winner: Winner::Earlier,
            ..expected
        };
        let further = r#""seg_form": "whole_bytes", "winner": "earlier","#;
        assert_eq!(options(further).unwrap(), chosen);
        let wrong = options(r#""seg_form": "bits","#).unwrap_err().to_string();
        assert!(wrong.contains("bits"), "{wrong}");
    }

    /// Serde lists the variants of the enum in its message.
    #[test]
    fn the_list_of_all_formats_is_complete() {
        let unknown = serde_json::Value::from("unknown");
        let message = SaveFormat::deserialize(unknown).unwrap_err().to_string();
        let (_, names) = message.split_once("expected one of").unwrap();
        let names: Vec<&str> = names.split('`').skip(1).step_by(2).collect();
        assert_eq!(names, SaveFormat::ALL.map(SaveFormat::name));
    }

    #[test]
    fn a_format_is_read_by_its_name() {
        for format in SaveFormat::ALL {
            let name = serde_json::Value::from(format.name());
            assert_eq!(SaveFormat::deserialize(name).unwrap(), format);
        }
    }
}

//! Writes objects to files.

mod format;

use std::borrow::Cow;

use boxel_imaging::export::{
    Identity, Labelled, Layer, MeshFormat, NewInstance, SegForm, Segment as SegSegment, coco_json,
    dicom_seg, label_png, mask_png, measures_csv, nifti, nifti_resampled, outlines_svg,
    overlay_png, rt_structures, seg_nrrd, segs_npz, surfaces,
};
use boxel_imaging::{Error as ImagingError, Mask, Scan, SlicePlane, VolumeMask};
use serde::de::IntoDeserializer;
use serde::{Deserialize, Deserializer};

use crate::error::Error;
use crate::overlap::{Winner, resolved};
use crate::rendering::Rendering;
use crate::segment_facts::SegmentFacts;
use crate::session::Session;
pub use format::SaveFormat;

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
        // Masks from a file may exist before a model is loaded.
        let model = self.model().map(|model| model.label());
        let model = model.as_deref().unwrap_or("not recorded");
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
            SaveFormat::DicomSeg => segmentation(scan, &masks, options, model)?,
            SaveFormat::RtStruct => {
                let segments = segments(&masks, model);
                rt_structures(scan, &segments, options.identity, &new_instance(options))?
            }
            SaveFormat::SegNrrd => seg_nrrd(scan, &segments(&masks, model))?,
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
}

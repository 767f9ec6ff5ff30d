//! The formats that objects are saved in, and which scans they can be saved of.

use boxel_imaging::export::{SegForm, has_surface, nifti_warning};
use boxel_imaging::{Scan, Source};
use serde::Deserialize;

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

#[cfg(test)]
mod tests {
    use super::*;

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

use super::header::header_of;
use crate::nifti::{ITK, ItkPlace, TOLD_MM, flipped, lean_degrees};
use crate::scan::{Affine, Scan, Source};

/// What the user should know before using a scan's NIfTI masks in other software: whether ITK's tools (3D Slicer,
/// ITK-SNAP, ANTs, SimpleITK) reject the file or place it elsewhere, and what to save instead. `None` if there is
/// nothing to say, or if [`nifti`](super::nifti) can't write the file.
pub fn nifti_warning(scan: &Scan) -> Option<String> {
    let grid = scan.grid();
    if !grid.is_even() {
        return None;
    }
    let header = header_of(scan);
    if header.version == 2 {
        let is_long = grid.size().iter().any(|&side| side > i16::MAX as u32);
        let instead = match is_long {
            true => "NIfTI-1 can't hold this many voxels a side",
            false => "save a resampled NIfTI for them, which is NIfTI-1",
        };
        return Some(format!(
            "This file is NIfTI-2, which {ITK} do not open: {instead}."
        ));
    }
    let ours = flipped(grid.patient_from_voxel.as_ref()?);
    let displaced = |theirs: &Affine| {
        let mm = ours.largest_displacement(theirs, grid.size());
        (mm > TOLD_MM).then_some(mm)
    };
    match ItkPlace::of(&header) {
        ItkPlace::Refused => {
            let instead = match scan.source {
                Source::Dicom(_) => "a DICOM SEG for them, or a resampled NIfTI",
                _ => "a resampled NIfTI for them",
            };
            Some(format!(
                "The axes of this scan are not at right angles (they lean by {:.1}°), which NIfTI says in \
                 its matrix (sform) alone. {ITK} refuse such a file: save {instead}.",
                lean_degrees(&ours)
            ))
        }
        ItkPlace::Qform(theirs) => displaced(&theirs).map(|mm| {
            format!(
                "{ITK} read the place of this file from its quaternion (qform), which is up to {mm:.1} mm \
                 away from its matrix (sform)."
            )
        }),
        ItkPlace::Sform(theirs) => displaced(&theirs).map(|mm| {
            format!(
                "{ITK} take the size of voxels from pixdim, which puts this file up to {mm:.1} mm away \
                 from its matrix (sform)."
            )
        }),
        ItkPlace::NotGiven => None,
    }
}

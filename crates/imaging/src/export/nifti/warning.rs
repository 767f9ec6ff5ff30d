use super::header::header_of;
use crate::nifti::{ItkPlace, flipped};
use crate::scan::{Affine, Grid, Scan, dot};

/// Below this displacement, in mm, nothing is said. Chosen by hand: a tenth of a common pixel.
const SILENT_MM: f64 = 0.1;

/// What the user should know of the NIfTI file of a scan's masks before it goes to other software, as
/// sentences: that ITK's tools (3D Slicer, ITK-SNAP, ANTs, SimpleITK) refuse it, or place it elsewhere,
/// and what to save instead. `None` if nothing, or if [`nifti`](super::nifti) refuses to write it.
pub fn nifti_warning(scan: &Scan) -> Option<String> {
    let grid = scan.grid();
    if !grid.is_even() {
        return None;
    }
    let header = header_of(scan);
    let ours = flipped(grid.patient_from_voxel.as_ref()?);
    let displaced = |theirs: &Affine| {
        Some(ours.largest_displacement(theirs, grid.size())).filter(|mm| *mm > SILENT_MM)
    };
    match ItkPlace::of(&header) {
        ItkPlace::Refused => Some(format!(
            "The axes of this scan are not at right angles (they lean by {:.1}°), which NIfTI says in \
             its matrix (sform) alone. {ITK} refuse such a file: save a DICOM SEG for them, or a \
             resampled NIfTI.",
            lean_degrees(&ours)
        )),
        ItkPlace::Qform(theirs) => displaced(&theirs).map(|mm| format!(
            "{ITK} read the place of this file from its quaternion (qform), which is up to {mm:.1} mm \
             away from its matrix (sform)."
        )),
        ItkPlace::Sform(theirs) => displaced(&theirs).map(|mm| format!(
            "{ITK} take the size of voxels from pixdim, which puts this file up to {mm:.1} mm away from \
             its matrix (sform)."
        )),
        ItkPlace::NotGiven => None,
    }
}

/// The subject of a sentence.
const ITK: &str = "3D Slicer, ITK-SNAP, ANTs and other tools that use ITK";

/// The angle by which two axes are furthest from a right one.
fn lean_degrees(affine: &Affine) -> f64 {
    let [x, y, z] = Grid::spacing_of(affine);
    let [a, b, c] = [0, 1, 2].map(|axis| affine.column(axis));
    let cosines = [
        dot(a, b) / (x * y),
        dot(a, c) / (x * z),
        dot(b, c) / (y * z),
    ];
    let largest = cosines.into_iter().map(f64::abs).fold(0.0, f64::max);
    largest.min(1.0).asin().to_degrees()
}

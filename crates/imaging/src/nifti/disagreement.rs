use super::{Header, ItkPlace, Orientation, Place, place};
use crate::scan::{Affine, Grid, dot};

/// Tools that use ITK, as the subject of a sentence.
pub(crate) const ITK: &str = "3D Slicer, ITK-SNAP, ANTs and other tools that use ITK";

/// Distance in mm above which two places disagree; also a tenth of a voxel's smallest side. Chosen by hand: a header's
/// rounding is a thousand times smaller.
pub(crate) const TOLD_MM: f64 = 0.1;

/// How other software reads a header with contradictory places, as sentences; `None` if it agrees with [`Place::of`].
/// `size` is that of the grid.
pub(crate) fn disagreement(header: &Header, place: &Place, size: [u32; 3]) -> Option<String> {
    if !place.is_given {
        return None;
    }
    let ours = &place.ras_from_voxel;
    let spacing = Grid::spacing_of(ours);
    let smallest = spacing.into_iter().fold(f64::INFINITY, f64::min);
    let limit = TOLD_MM.min(smallest / 10.0);
    let apart = |theirs: &Affine| {
        let mm = ours.largest_displacement(theirs, size);
        (mm > limit).then_some(mm)
    };
    let itk = ItkPlace::of(header);
    let quaternion = place::in_mm(place::from_quaternion(header), header);
    let of_quaternion = (header.qform_code() > 0.0).then_some(quaternion);
    if let Some(mm) = of_quaternion.as_ref().and_then(apart) {
        let taken = match itk {
            ItkPlace::Qform(_) => format!("which {ITK} take"),
            _ => "which other software may take".to_owned(),
        };
        let lean = lean_degrees(ours);
        let lean = match lean >= TOLD_LEAN {
            true => format!(", whose axes lean by {lean:.1}°"),
            false => String::new(),
        };
        return Some(format!(
            "The file says where it lies twice, up to {mm:.1} mm apart: in its matrix (sform){lean}, which is \
             taken here and by nibabel, and in its quaternion (qform), {taken}."
        ));
    }
    match itk {
        ItkPlace::Refused => {
            let lean = lean_degrees(ours);
            let nearest = Orientation::nearest(ours, size);
            let mm = nearest.map_or(0.0, |nearest| nearest.displacement_mm);
            Some(format!(
                "The axes of the file's matrix (sform) are not at right angles: they lean by {lean:.2}°, which \
                 puts a corner {mm:.1} mm away from where the nearest right-angled grid has it. {ITK} refuse \
                 the file, and software that straightens it shows it elsewhere."
            ))
        }
        ItkPlace::Sform(theirs) => apart(&theirs).map(|mm| {
            format!(
                "The file gives the size of its voxels twice: {ITK} take it from pixdim, which puts a corner up \
                 to {mm:.1} mm away from where its matrix (sform) has it, which is taken here and by nibabel."
            )
        }),
        ItkPlace::Qform(_) | ItkPlace::NotGiven => None,
    }
}

/// Minimum lean that is reported, in degrees; smaller ones are rounding.
const TOLD_LEAN: f64 = 0.05;

/// The largest deviation of two axes from a right angle, in degrees.
pub(crate) fn lean_degrees(affine: &Affine) -> f64 {
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

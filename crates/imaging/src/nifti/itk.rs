//! Where ITK places the voxels of a NIfTI file, which is not always where nibabel does. ITK reads for 3D
//! Slicer, ITK-SNAP, ANTs and SimpleITK.

use super::{Form, Header, place};
use crate::scan::{Affine, Grid, dot};

/// What ITK's `NiftiImageIO` takes as the place of a file's voxels, as SimpleITK 2.5.7 does: its matrix
/// where it counts and its axes are at right angles, else its quaternion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ItkPlace {
    /// RAS from voxel, in mm: directions of the matrix, sizes of `pixdim`.
    Sform(Affine),
    /// RAS from voxel, in mm, of the quaternion.
    Qform(Affine),
    /// Neither code is set: ITK puts the first voxel at the origin, with axes along the patient's.
    NotGiven,
    /// The matrix is all there is, and its axes are not at right angles: ITK does not open the file.
    Refused,
}

/// How far the normalised axes' products may be from those of a rotation: with 0.0001 ITK took the
/// matrix, with 0.0003 it refused it.
const MAX_OFF_ROTATION: f64 = 1e-4;

impl ItkPlace {
    pub fn of(header: &Header) -> ItkPlace {
        let is_nifti = header.form != Form::Analyze;
        let has_sform = is_nifti && header.sform_code() > 0.0;
        let has_qform = is_nifti && header.qform_code() > 0.0;
        let matrix = Affine(header.srow());
        // The scanner's space (code 1) goes before any quaternion.
        let goes_first = has_sform && (!has_qform || header.sform_code() == 1.0);
        if goes_first && is_right_angled(&matrix) {
            let [x, y, z] = Grid::spacing_of(&matrix);
            let [_, to_x, to_y, to_z, ..] = header.pixdim().map(f64::abs);
            let rows = matrix
                .0
                .map(|[a, b, c, offset]| [a * to_x / x, b * to_y / y, c * to_z / z, offset]);
            return ItkPlace::Sform(place::in_mm(Affine(rows), header));
        }
        match (has_qform, has_sform) {
            (true, _) => ItkPlace::Qform(place::in_mm(place::from_quaternion(header), header)),
            (false, true) => ItkPlace::Refused,
            (false, false) => ItkPlace::NotGiven,
        }
    }
}

fn is_right_angled(matrix: &Affine) -> bool {
    let [x, y, z] = Grid::spacing_of(matrix);
    let rows = matrix.0.map(|[a, b, c, _]| [a / x, b / y, c / z]);
    (0..3).all(|i| {
        (0..3).all(|j| {
            let of_rotation = if i == j { 1.0 } else { 0.0 };
            (dot(rows[i], rows[j]) - of_rotation).abs() <= MAX_OFF_ROTATION
        })
    })
}

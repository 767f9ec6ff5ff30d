//! The place that ITK gives the voxels of a NIfTI file, which may differ from nibabel's. 3D Slicer, ITK-SNAP, ANTs and
//! SimpleITK read files with ITK.

use super::{Form, Header, place};
use crate::scan::{Affine, Grid, dot};

/// How ITK's `NiftiImageIO` places a file's voxels, as observed with SimpleITK 2.5.7: by the matrix if it takes
/// precedence and its axes are perpendicular, otherwise by the quaternion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ItkPlace {
    /// By the matrix: RAS from voxel, in mm; directions of the matrix, spacing of `pixdim`.
    Sform(Affine),
    /// By the quaternion: RAS from voxel, in mm.
    Qform(Affine),
    /// By neither, since both codes are 0: the first voxel is at the origin, with axes along the patient's.
    NotGiven,
    /// Not at all: there is only a matrix, and its axes are not perpendicular, so ITK can't open the file.
    Refused,
}

/// Maximum deviation of the normalised axes from a rotation: at 0.0001 ITK took the matrix, at 0.0003 it rejected it.
const MAX_OFF_ROTATION: f64 = 1e-4;

impl ItkPlace {
    pub fn of(header: &Header) -> ItkPlace {
        let is_nifti = header.form != Form::Analyze;
        let has_sform = is_nifti && header.sform_code() > 0.0;
        let has_qform = is_nifti && header.qform_code() > 0.0;
        let matrix = Affine(header.srow());
        // A matrix to scanner space (code 1) takes precedence over any quaternion.
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

use super::{Form, Header};
use crate::scan::Affine;

/// Where a NIfTI file says that its voxels lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    /// Voxel index → the file's space in mm, RAS.
    pub ras_from_voxel: Affine,
    /// Whether the file says so; otherwise only the size of the voxels is its own.
    pub is_given: bool,
}

impl Place {
    /// The place that a header gives: its matrix, else its quaternion, else the size of its voxels, as
    /// nibabel's `Nifti1Header.get_best_affine`. `None` if none of them is in usable numbers. `size`
    /// is that of the grid.
    ///
    /// Differs from nibabel, which takes the first that has a code however unusable it is: of a matrix
    /// of zeros no view can be made, and an image of two dimensions often has one in its third column.
    pub fn of(header: &Header, size: [u32; 3]) -> Option<Place> {
        let is_nifti = header.form != Form::Analyze;
        // Codes that the standard doesn't know count as 0 (nibabel: `_chk_xform_code`).
        let is_code = |code: f64| is_nifti && (1.0..=5.0).contains(&code);
        let matrix = || is_code(header.sform_code()).then(|| Affine(header.srow()));
        let quaternion = || is_code(header.qform_code()).then(|| from_quaternion(header));
        let given = [matrix(), quaternion()].into_iter().flatten();
        let given = given.map(|affine| (affine, true));
        let [x, y, z] = [0, 1, 2].map(|axis| spacing(header, axis));
        let base = from_spacing([x, y, z], origin(header, size));
        given
            .chain([(base, false)])
            .map(|(affine, is_given)| (in_mm(affine, header), is_given))
            .find(|(affine, _)| affine.inverse().is_some())
            .map(|(ras_from_voxel, is_given)| Place {
                ras_from_voxel,
                is_given,
            })
    }

    /// Voxel index → patient space in mm, LPS.
    pub fn patient_from_voxel(&self) -> Affine {
        flipped(&self.ras_from_voxel)
    }
}

/// From RAS to LPS, or back.
pub(crate) fn flipped(affine: &Affine) -> Affine {
    let [x, y, z] = affine.0;
    Affine([x.map(|v| -v), y.map(|v| -v), z])
}

/// Distance of voxels along an axis; 0 counts as 1, and signs don't count (nibabel: `_chk_pixdims`).
fn spacing(header: &Header, axis: usize) -> f64 {
    match header.pixdim()[axis + 1].abs() {
        0.0 => 1.0,
        spacing => spacing,
    }
}

/// The voxel at the origin, counted from 0: the centre of the grid, or what SPM wrote into an ANALYZE
/// header (nibabel: `Spm99AnalyzeHeader.get_origin_affine`).
fn origin(header: &Header, size: [u32; 3]) -> [f64; 3] {
    let size = size.map(f64::from);
    let theirs = header.analyze_origin();
    let is_near = |(at, side): (f64, f64)| at > -side && at < 2.0 * side;
    let is_set = header.form == Form::Analyze
        && theirs.iter().any(|&at| at != 0.0)
        && theirs.into_iter().zip(size).all(is_near);
    match is_set {
        true => theirs.map(|at| at - 1.0),
        false => size.map(|side| (side - 1.0) / 2.0),
    }
}

/// Columns to the left, as ANALYZE has them (nibabel: `shape_zoom_affine`).
fn from_spacing([x, y, z]: [f64; 3], origin: [f64; 3]) -> Affine {
    Affine([
        [-x, 0.0, 0.0, x * origin[0]],
        [0.0, y, 0.0, -y * origin[1]],
        [0.0, 0.0, z, -z * origin[2]],
    ])
}

/// "METHOD 2" of `nifti1.h`.
pub(super) fn from_quaternion(header: &Header) -> Affine {
    let [b, c, d] = header.quatern();
    // The precision of a stored number, threefold (nibabel: `quaternion_threshold`).
    let threshold = match header.version {
        2 => 3.0 * f64::EPSILON,
        _ => 3.0 * f64::from(f32::EPSILON),
    };
    let square = 1.0 - (b * b + c * c + d * d);
    // Differs from nibabel, which refuses a quaternion longer than 1: it is shortened, as in
    // nifti_clib's `nifti_quatern_to_mat44`.
    let a = if square < threshold {
        0.0
    } else {
        square.sqrt()
    };
    let s = 2.0 / (a * a + b * b + c * c + d * d);
    let rotation = [
        [
            1.0 - s * (c * c + d * d),
            s * (b * c - a * d),
            s * (b * d + a * c),
        ],
        [
            s * (b * c + a * d),
            1.0 - s * (b * b + d * d),
            s * (c * d - a * b),
        ],
        [
            s * (b * d - a * c),
            s * (c * d + a * b),
            1.0 - s * (b * b + c * c),
        ],
    ];
    let qfac = if header.pixdim()[0] == -1.0 {
        -1.0
    } else {
        1.0
    };
    let [x, y, z] = [0, 1, 2].map(|axis| spacing(header, axis));
    let mut rows = [[0.0; 4]; 3];
    for ((row, [r0, r1, r2]), offset) in rows.iter_mut().zip(rotation).zip(header.qoffset()) {
        *row = [r0 * x, r1 * y, r2 * z * qfac, offset];
    }
    Affine(rows)
}

pub(super) fn in_mm(affine: Affine, header: &Header) -> Affine {
    let mm = mm_per_unit(header);
    Affine(affine.0.map(|row| row.map(|value| value * mm)))
}

/// Millimetres per unit of space; an unknown unit is read as mm.
fn mm_per_unit(header: &Header) -> f64 {
    match header.form {
        Form::Analyze => 1.0,
        Form::Single | Form::Pair => match header.xyzt_units() as i64 & 7 {
            1 => 1000.0,
            3 => 0.001,
            _ => 1.0,
        },
    }
}

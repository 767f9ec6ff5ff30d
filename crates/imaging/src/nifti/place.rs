use super::{Form, Header};
use crate::scan::Affine;

/// The place that a NIfTI header gives its voxels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    /// Maps voxel indices to the file's space, RAS, in mm.
    pub ras_from_voxel: Affine,
    /// Whether the file gives the place; otherwise only the voxel size is known.
    pub is_given: bool,
}

impl Place {
    /// The place in a header: by its matrix, otherwise its quaternion, otherwise the voxel size, like nibabel's
    /// `Nifti1Header.get_best_affine`. `None` if none has usable numbers. `size` is that of the grid.
    ///
    /// Differs from nibabel, which takes the first one with a code even if it is unusable: a matrix of zeros can't
    /// place a plane, and that of a two-dimensional image often has zeros in its third column.
    pub fn of(header: &Header, size: [u32; 3]) -> Option<Place> {
        let is_nifti = header.form != Form::Analyze;
        // Codes that are not in the standard count as 0 (nibabel: `_chk_xform_code`).
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

    /// Maps voxel indices to patient space, LPS, in mm.
    pub fn patient_from_voxel(&self) -> Affine {
        flipped(&self.ras_from_voxel)
    }
}

/// Converts between RAS and LPS, in either direction.
pub(crate) fn flipped(affine: &Affine) -> Affine {
    let [x, y, z] = affine.0;
    Affine([x.map(|v| -v), y.map(|v| -v), z])
}

/// Voxel spacing along an axis; 0 becomes 1, and the sign is ignored (nibabel: `_chk_pixdims`).
fn spacing(header: &Header, axis: usize) -> f64 {
    match header.pixdim()[axis + 1].abs() {
        0.0 => 1.0,
        spacing => spacing,
    }
}

/// The origin voxel, counted from 0: the centre of the grid, or the one that SPM wrote into an ANALYZE header (nibabel:
/// `Spm99AnalyzeHeader.get_origin_affine`).
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

/// A transform from spacing and origin, with columns to the left as in ANALYZE (nibabel: `shape_zoom_affine`).
fn from_spacing([x, y, z]: [f64; 3], origin: [f64; 3]) -> Affine {
    Affine([
        [-x, 0.0, 0.0, x * origin[0]],
        [0.0, y, 0.0, -y * origin[1]],
        [0.0, 0.0, z, -z * origin[2]],
    ])
}

/// The quaternion's transform ("METHOD 2" of `nifti1.h`).
pub(super) fn from_quaternion(header: &Header) -> Affine {
    let [b, c, d] = header.quatern();
    // Three times the precision of a stored number (nibabel: `quaternion_threshold`).
    let threshold = match header.version {
        2 => 3.0 * f64::EPSILON,
        _ => 3.0 * f64::from(f32::EPSILON),
    };
    let square = 1.0 - (b * b + c * c + d * d);
    // Differs from nibabel, which rejects a quaternion longer than 1: it is normalized, as in nifti_clib's
    // `nifti_quatern_to_mat44`.
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

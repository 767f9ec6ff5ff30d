use crate::scan::{Affine, Grid};

/// The turn of a grid as a quaternion `a + bi + cj + dk` of length 1 with `a ≥ 0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Orientation {
    /// `b`, `c` and `d`, which give `a`.
    pub quatern: [f64; 3],
    /// −1 where the third axis has to be turned round to make the grid right-handed, else 1.
    pub qfac: f64,
}

/// Largest cosine between two axes that are called perpendicular: those in DICOM files have five or six
/// digits.
const PERPENDICULAR: f64 = 1e-5;

impl Orientation {
    /// Of an affine; `None` where its axes aren't at right angles, which no quaternion can tell.
    pub fn of(ras_from_voxel: &Affine) -> Option<Orientation> {
        let spacing = Grid::spacing_of(ras_from_voxel);
        let qfac = if ras_from_voxel.determinant() < 0.0 {
            -1.0
        } else {
            1.0
        };
        let [x, y, z] = spacing;
        let rows = ras_from_voxel
            .0
            .map(|[r0, r1, r2, _]| [r0 / x, r1 / y, r2 / z * qfac]);
        let cosine = |i: usize, j: usize| -> f64 { rows.iter().map(|row| row[i] * row[j]).sum() };
        let is_perpendicular = [(0, 1), (0, 2), (1, 2)]
            .into_iter()
            .all(|(i, j)| cosine(i, j).abs() <= PERPENDICULAR);
        is_perpendicular.then(|| Orientation {
            quatern: quaternion(rows),
            qfac,
        })
    }
}

/// `b`, `c` and `d` of a rotation, by the largest of the four (S. W. Shepperd, "Quaternion from rotation
/// matrix", 1978; nifti_clib's `nifti_mat44_to_quatern`).
fn quaternion([[r00, r01, r02], [r10, r11, r12], [r20, r21, r22]]: [[f64; 3]; 3]) -> [f64; 3] {
    // Four times the square of each.
    let squares = [
        1.0 + r00 + r11 + r22,
        1.0 + r00 - r11 - r22,
        1.0 - r00 + r11 - r22,
        1.0 - r00 - r11 + r22,
    ];
    // Four times the products with the largest.
    let [ab, ac, ad] = [r21 - r12, r02 - r20, r10 - r01];
    let [bc, bd, cd] = [r01 + r10, r02 + r20, r12 + r21];
    let largest = (0..4).max_by(|&i, &j| squares[i].total_cmp(&squares[j]));
    let (a, quatern) = match largest {
        Some(1) => (ab, [squares[1], bc, bd]),
        Some(2) => (ac, [bc, squares[2], cd]),
        Some(3) => (ad, [bd, cd, squares[3]]),
        _ => (squares[0], [ab, ac, ad]),
    };
    let length = (a * a + quatern.iter().map(|v| v * v).sum::<f64>()).sqrt();
    let sign = if a < 0.0 { -1.0 } else { 1.0 };
    quatern.map(|value| sign * value / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheared_grid_has_no_orientation() {
        let sheared = [
            [1.0, 0.1, 0.0, 0.0],
            [0.0, 1.0, 0.0, 0.0],
            [0.0, 0.0, 1.0, 0.0],
        ];
        assert_eq!(Orientation::of(&Affine(sheared)), None);
    }

    #[test]
    fn half_turns_are_told_apart() {
        for (diagonal, quatern, qfac) in [
            ([2.0, 3.0, 4.0], [0.0, 0.0, 0.0], 1.0),
            ([2.0, -3.0, -4.0], [1.0, 0.0, 0.0], 1.0),
            ([-2.0, 3.0, -4.0], [0.0, 1.0, 0.0], 1.0),
            ([-2.0, -3.0, 4.0], [0.0, 0.0, 1.0], 1.0),
            ([-2.0, 3.0, 4.0], [0.0, 1.0, 0.0], -1.0),
        ] {
            let mut rows = [[0.0; 4]; 3];
            for (axis, value) in diagonal.into_iter().enumerate() {
                rows[axis][axis] = value;
            }
            let orientation = Orientation::of(&Affine(rows)).unwrap();
            assert_eq!(orientation.quatern.map(f64::abs), quatern, "{diagonal:?}");
            assert_eq!(orientation.qfac, qfac);
        }
    }
}

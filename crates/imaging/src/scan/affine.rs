use serde::{Deserialize, Serialize};

/// An affine transform of three coordinates: a matrix `[3, 4]` whose last column is the offset.
///
/// As `patient_from_voxel` it maps the index of a voxel, which stands for its centre, to patient
/// space: millimetres, `x` towards the patient's left, `y` towards the back, `z` towards the head
/// (DICOM PS3.3 C.7.6.2.1.1, LPS). NIfTI's own space has the opposite signs of `x` and `y` (RAS).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Affine(pub [[f64; 4]; 3]);

impl Affine {
    /// The transformed point.
    pub fn apply(&self, point: [f64; 3]) -> [f64; 3] {
        self.0
            .map(|[a, b, c, offset]| a * point[0] + b * point[1] + c * point[2] + offset)
    }

    /// A column of the linear part: the step in the target space for a unit step along an axis.
    pub fn column(&self, axis: usize) -> [f64; 3] {
        self.0.map(|row| row[axis])
    }

    /// The image of the origin.
    pub fn offset(&self) -> [f64; 3] {
        self.column(3)
    }

    /// Determinant of the linear part.
    pub fn determinant(&self) -> f64 {
        let [x, y, z] = [self.column(0), self.column(1), self.column(2)];
        dot(cross(x, y), z)
    }

    /// The inverse transform; `None` if it has no finite numbers.
    pub fn inverse(&self) -> Option<Affine> {
        let [x, y, z] = [self.column(0), self.column(1), self.column(2)];
        let determinant = self.determinant();
        let rows = [cross(y, z), cross(z, x), cross(x, y)].map(|row| row.map(|v| v / determinant));
        let offset = self.offset();
        let inverse = rows.map(|row| [row[0], row[1], row[2], -dot(row, offset)]);
        let is_finite = inverse.iter().flatten().all(|value| value.is_finite());
        (is_finite && determinant != 0.0).then_some(Affine(inverse))
    }

    /// The largest distance between the positions that two affines give a voxel, over a grid of `size` voxels. The
    /// distance is convex, so its maximum is at a corner.
    pub(crate) fn largest_displacement(&self, other: &Affine, size: [u32; 3]) -> f64 {
        let ends = size.map(|side| [0.0, f64::from(side.saturating_sub(1))]);
        let [x, y, z] = ends;
        let corners = x.into_iter().flat_map(|x| {
            y.into_iter()
                .flat_map(move |y| z.into_iter().map(move |z| [x, y, z]))
        });
        corners
            .map(|corner| {
                let (a, b) = (self.apply(corner), other.apply(corner));
                length([a[0] - b[0], a[1] - b[1], a[2] - b[2]])
            })
            .fold(0.0, f64::max)
    }

    /// The composition: `first` is applied first, then `self`.
    pub fn after(&self, first: &Affine) -> Affine {
        let mut product = [[0.0; 4]; 3];
        for (out, row) in product.iter_mut().zip(&self.0) {
            for (axis, value) in out.iter_mut().enumerate() {
                *value = dot([row[0], row[1], row[2]], first.column(axis));
            }
            out[3] += row[3];
        }
        Affine(product)
    }
}

/// Dot product.
pub(crate) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Cross product.
pub(crate) fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// Euclidean length of a vector.
pub(crate) fn length(a: [f64; 3]) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_leads_back() {
        let affine = Affine([
            [0.0, -2.0, 0.1, 5.0],
            [1.5, 0.2, 0.0, -7.0],
            [0.0, 0.3, 3.0, 11.0],
        ]);
        let back = affine.inverse().unwrap().after(&affine);
        for (axis, row) in back.0.iter().enumerate() {
            for (column, value) in row.iter().enumerate() {
                assert!((value - f64::from(u8::from(axis == column))).abs() < 1e-12);
            }
        }
        assert!(Affine([[0.0; 4]; 3]).inverse().is_none());
    }
}

//! Area of the surface between the eight voxels around a corner.
//!
//! The surface is that of marching cubes (W. E. Lorensen, H. E. Cline, SIGGRAPH 1987): it passes through the middles
//! of cube edges whose ends differ. Rotated and mirrored cubes, and complements, have equal areas; so the area
//! depends only on how the inner corners are connected by edges, and each connected group has its own surface. The
//! polygons that are not plane, for chains of three and four corners, are triangulated as in the reference.

/// The area in mm² for each corner code of a volume (see [`Corners`](super::corners::Corners)).
pub(super) fn areas(spacing_mm: [f64; 3]) -> Vec<f64> {
    let [x, y, z] = spacing_mm;
    let faces = Faces([y * z, x * z, x * y]);
    (0..=u8::MAX).map(|code| faces.area(code)).collect()
}

/// The length of the outline in mm for each corner code of an image.
pub(super) fn lengths([x_mm, y_mm]: [f64; 2]) -> Vec<f64> {
    let slanted = 0.5 * x_mm.hypot(y_mm);
    let length = |code: u8| match code {
        0b0000 | 0b1111 => 0.0,
        // Both above, both below; both left, both right.
        0b0011 | 0b1100 => x_mm,
        0b0101 | 0b1010 => y_mm,
        // Opposite corners.
        0b0110 | 0b1001 => 2.0 * slanted,
        _ => slanted,
    };
    (0..16).map(length).collect()
}

/// Areas of a voxel's faces perpendicular to columns, rows and slices, in mm².
#[derive(Clone, Copy)]
struct Faces([f64; 3]);

impl Faces {
    fn area(self, code: u8) -> f64 {
        let mut left = if code.count_ones() > 4 { !code } else { code };
        let mut area = 0.0;
        while left != 0 {
            let group = group_of(left);
            left &= !group;
            area += self.area_of_group(group);
        }
        area
    }

    /// Area for a connected group of at most four corners.
    fn area_of_group(self, group: u8) -> f64 {
        let all = self.slanted([true; 3]);
        let without = |axis: usize| self.slanted([0, 1, 2].map(|other| other != axis));
        match (group.count_ones(), flat_axis(group)) {
            // A triangle.
            (1, _) => all / 8.0,
            // A rectangle around the edge between them.
            (2, _) => edge_axes(group).map(|axis| 0.5 * without(axis)).sum(),
            // A pentagon for three corners of a face.
            (3, Some(axis)) => 0.5 * self.0[axis] + 0.375 * all,
            (_, Some(axis)) => self.0[axis],
            // A hexagon around a corner and its three neighbours.
            _ if (0..8).any(|corner| neighbours_in(group, corner).count() == 3) => 0.75 * all,
            // A hexagon along a chain that goes through all three axes.
            _ => {
                let ends = (0..8).filter(|corner| group >> corner & 1 == 1);
                let ends = ends.filter_map(|corner| {
                    let mut axes = neighbours_in(group, corner);
                    axes.next().filter(|_| axes.next().is_none())
                });
                0.5 * all + ends.map(|axis| 0.25 * without(axis)).sum::<f64>()
            }
        }
    }

    /// Area of a polygon, from its projections onto the faces marked in `seen`.
    fn slanted(self, seen: [bool; 3]) -> f64 {
        let parts = self.0.into_iter().zip(seen).filter(|(_, seen)| *seen);
        parts.map(|(face, _)| face * face).sum::<f64>().sqrt()
    }
}

/// The axes along which a corner has a neighbour in a group. Corner `(x, y, z)` is bit `x + 2 y + 4 z`.
fn neighbours_in(group: u8, corner: u32) -> impl Iterator<Item = usize> {
    (0..3).filter(move |axis| group >> (corner ^ (1 << axis)) & 1 == 1)
}

/// The corners connected by edges with the first of `corners`.
fn group_of(corners: u8) -> u8 {
    let mut group = 1 << corners.trailing_zeros();
    loop {
        let reached = (0..8u32).filter(|&corner| neighbours_in(group, corner).next().is_some());
        let grown = reached.fold(group, |group, corner| group | 1 << corner) & corners;
        if grown == group {
            return group;
        }
        group = grown;
    }
}

/// The only axis along which the corners of a group don't differ, if there is exactly one.
fn flat_axis(group: u8) -> Option<usize> {
    const UPPER: [u8; 3] = [0b1010_1010, 0b1100_1100, 0b1111_0000];
    let flat = |axis: &usize| group & UPPER[*axis] == 0 || group & !UPPER[*axis] == 0;
    let mut axes = (0..3).filter(flat);
    axes.next().filter(|_| axes.next().is_none())
}

/// The axes of the edges in a group of two.
fn edge_axes(group: u8) -> impl Iterator<Item = usize> {
    let first = group.trailing_zeros();
    neighbours_in(group, first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_has_the_area_of_a_face() {
        let areas = areas([2.0, 3.0, 5.0]);
        assert_eq!((areas[0], areas[255]), (0.0, 0.0));
        assert_eq!(areas[0b0101_0101], 15.0, "across the columns");
        assert_eq!(areas[0b1100_1100], 10.0, "across the rows");
        assert_eq!(areas[0b0000_1111], 6.0, "across the slices");
        assert_eq!(lengths([2.0, 3.0])[0b0011], 2.0);
        assert_eq!(lengths([2.0, 3.0])[0b0101], 3.0);
    }

    /// A single voxel gives a regular octahedron with edges of √½.
    #[test]
    fn a_voxel_is_an_octahedron() {
        let areas = areas([1.0; 3]);
        let sum: f64 = (0..8).map(|corner| areas[1 << corner]).sum();
        assert!((sum - 3f64.sqrt()).abs() < 1e-12);
        // A code and its complement have the same area.
        for code in 0..256 {
            assert_eq!(areas[code], areas[255 - code]);
        }
    }
}

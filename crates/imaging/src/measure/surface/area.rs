//! How large the surface is between the voxels around a corner.
//!
//! Marching cubes (W. E. Lorensen, H. E. Cline, SIGGRAPH 1987) run through the middles of the cube's edges
//! whose ends differ. Turned and mirrored cubes have the same surface, and so have a cube and its
//! complement; so the area follows from how the inner corners are connected by edges, and each group of
//! them has a surface of its own. The polygons that don't lie in a plane, those of three and of four corners
//! in a chain, are cut into triangles as the reference does.

/// For each code of a corner of a grid (see [`Corners`](super::corners::Corners)) the area of its surface
/// in mm².
pub(super) fn areas(spacing_mm: [f64; 3]) -> Vec<f64> {
    let [x, y, z] = spacing_mm;
    let faces = Faces([y * z, x * z, x * y]);
    (0..=u8::MAX).map(|code| faces.area(code)).collect()
}

/// For each code of a corner of an image the length of its outline in mm.
pub(super) fn lengths([x_mm, y_mm]: [f64; 2]) -> Vec<f64> {
    let slanted = 0.5 * x_mm.hypot(y_mm);
    let length = |code: u8| match code {
        0b0000 | 0b1111 => 0.0,
        // Both above or both below; both on the left or both on the right.
        0b0011 | 0b1100 => x_mm,
        0b0101 | 0b1010 => y_mm,
        // Opposite corners.
        0b0110 | 0b1001 => 2.0 * slanted,
        _ => slanted,
    };
    (0..16).map(length).collect()
}

/// Areas of a voxel's faces at right angles to columns, rows and slices.
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

    /// Of corners that edges connect, at most four.
    fn area_of_group(self, group: u8) -> f64 {
        let all = self.slanted([true; 3]);
        let without = |axis: usize| self.slanted([0, 1, 2].map(|other| other != axis));
        match (group.count_ones(), flat_axis(group)) {
            // A triangle.
            (1, _) => all / 8.0,
            // A rectangle along the edge between them.
            (2, _) => edge_axes(group).map(|axis| 0.5 * without(axis)).sum(),
            // A pentagon over three corners of a face.
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

    /// Area of what is seen as each of the faces that are `seen` from their sides.
    fn slanted(self, seen: [bool; 3]) -> f64 {
        let parts = self.0.into_iter().zip(seen).filter(|(_, seen)| *seen);
        parts.map(|(face, _)| face * face).sum::<f64>().sqrt()
    }
}

/// The axes along which a corner has a neighbour in a group. Corner `x + 2 y + 4 z` is bit of that number.
fn neighbours_in(group: u8, corner: u32) -> impl Iterator<Item = usize> {
    (0..3).filter(move |axis| group >> (corner ^ (1 << axis)) & 1 == 1)
}

/// The corners that edges connect with the first of `corners`.
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

/// The axis that the corners of a group don't differ in, if there is one alone.
fn flat_axis(group: u8) -> Option<usize> {
    const UPPER: [u8; 3] = [0b1010_1010, 0b1100_1100, 0b1111_0000];
    let flat = |axis: &usize| group & UPPER[*axis] == 0 || group & !UPPER[*axis] == 0;
    let mut axes = (0..3).filter(flat);
    axes.next().filter(|_| axes.next().is_none())
}

/// The axes of the edges within a group of two.
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

    /// The eight corners of a cube of voxels are a regular octahedron with edges of √½.
    #[test]
    fn a_voxel_is_an_octahedron() {
        let areas = areas([1.0; 3]);
        let sum: f64 = (0..8).map(|corner| areas[1 << corner]).sum();
        assert!((sum - 3f64.sqrt()).abs() < 1e-12);
        // Its complement looks the same from within.
        for code in 0..256 {
            assert_eq!(areas[code], areas[255 - code]);
        }
    }
}

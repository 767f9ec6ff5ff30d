//! The surface between voxels inside and outside a mask, of quadrilaterals.

use super::cells::{Cases, Cycles, NONE, ends};
use super::layers::Layers;
use crate::mask::VolumeMask;

/// A closed surface. Seen from outside, the corners of a face follow each other counterclockwise, if columns, rows and
/// slices are a right-handed system.
pub(super) struct Surface {
    /// Vertices in voxel space, where a voxel's centre is at its index.
    pub vertices: Vec<[f32; 3]>,
    /// The corner of voxels that each vertex began at.
    pub homes: Vec<[f32; 3]>,
    /// Vertices of each face.
    pub faces: Vec<[u32; 4]>,
}

/// The vertices of a cell.
#[derive(Clone, Copy)]
struct Cell {
    first: u32,
    of_edge: [u8; 12],
}

/// The faces that cross an axis: the steps back to their four cells, and the edge in each, counterclockwise seen from the
/// axis's end.
const FACES: [[([usize; 3], usize); 4]; 3] = [
    [
        ([0, 0, 0], 0),
        ([0, 1, 0], 1),
        ([0, 1, 1], 3),
        ([0, 0, 1], 2),
    ],
    [
        ([0, 0, 0], 4),
        ([0, 0, 1], 6),
        ([1, 0, 1], 7),
        ([1, 0, 0], 5),
    ],
    [
        ([0, 0, 0], 8),
        ([1, 0, 0], 9),
        ([1, 1, 0], 11),
        ([0, 1, 0], 10),
    ],
];

/// Vertices of one cell begin apart, so many times as far from its middle as the edges that they cross: readers of STL
/// join vertices at one place.
const APART: f32 = 0.25;

impl Surface {
    /// The surface of a mask that has so many faces.
    pub fn of(mask: &VolumeMask, count: u64) -> Surface {
        let count = count as usize;
        let mut surface = Surface {
            vertices: Vec::with_capacity(count + 8),
            homes: Vec::with_capacity(count + 8),
            faces: Vec::with_capacity(count),
        };
        let Some(mut layers) = Layers::of(mask) else {
            return surface;
        };
        let cases = Cases::new();
        let outside = Cell {
            first: 0,
            of_edge: [NONE; 12],
        };
        let cells = layers.width() * (layers.size[1] + 2);
        let mut both = [vec![outside; cells], vec![outside; cells]];
        loop {
            surface.add_layer(&layers, &cases, &mut both);
            both.swap(0, 1);
            if !layers.advance() {
                return surface;
            }
        }
    }

    /// Adds the vertices of a layer of cells, and the faces between them and the cells before, which are in `both[1]`.
    fn add_layer(&mut self, layers: &Layers<'_>, cases: &Cases, both: &mut [Vec<Cell>; 2]) {
        let (width, z) = (layers.width(), layers.at);
        for y in 0..=layers.size[1] {
            for x in 0..=layers.size[0] {
                let at = y * width + x;
                let square = |slice: &[u8]| {
                    let rows = [at, at + 1, at + width, at + width + 1];
                    let bits = rows.map(|at| slice.get(at).copied().unwrap_or_default());
                    bits[0] | bits[1] << 1 | bits[2] << 2 | bits[3] << 3
                };
                let case = square(&layers.below) | square(&layers.above) << 4;
                if case == 0 || case == u8::MAX {
                    continue;
                }
                let place = [x, y, z].map(|at| at as i64);
                let cycles = cases.of(case, |step| {
                    layers.corner([0, 1, 2].map(|axis| place[axis] + step[axis]))
                });
                let first = self.vertices.len() as u32;
                let centre = [0, 1, 2]
                    .map(|axis| (place[axis] + i64::from(layers.first[axis])) as f32 - 0.5);
                self.add_vertices(centre, &cycles);
                both[0][at] = Cell {
                    first,
                    of_edge: cycles.of_edge,
                };
                self.add_faces(case, [x, y], width, both);
            }
        }
    }

    fn add_vertices(&mut self, centre: [f32; 3], cycles: &Cycles) {
        for cycle in 0..cycles.count {
            let (mut sum, mut count) = ([0.0f32; 3], 0.0f32);
            for edge in (0..12).filter(|edge| cycles.of_edge[*edge] == cycle) {
                for corner in ends(edge) {
                    for (axis, sum) in sum.iter_mut().enumerate() {
                        *sum += f32::from(corner >> axis & 1) - 0.5;
                    }
                }
                count += 2.0;
            }
            let far = if cycles.count > 1 { APART / count } else { 0.0 };
            self.homes.push(centre);
            self.vertices
                .push([0, 1, 2].map(|axis| centre[axis] + far * sum[axis]));
        }
    }

    /// Adds the faces whose last cell this is: those that cross the edges of its first voxel.
    fn add_faces(&mut self, case: u8, [x, y]: [usize; 2], width: usize, both: &[Vec<Cell>; 2]) {
        let is_inside = |corner: u8| case >> corner & 1 == 1;
        for (axis, cells) in FACES.iter().enumerate() {
            if is_inside(0) == is_inside(1 << axis) {
                continue;
            }
            // The border is outside, so that the cells before exist.
            let mut face = cells.map(|([back_x, back_y, back_z], edge)| {
                let cell = &both[back_z][(y - back_y) * width + x - back_x];
                cell.first + u32::from(cell.of_edge[edge])
            });
            if !is_inside(0) {
                face.reverse();
            }
            self.faces.push(face);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::layers::faces;
    use super::*;
    use crate::scan::{Grid, Stacking};
    use std::collections::HashMap;

    fn grid(side: u32) -> Grid {
        Grid {
            slices: side,
            stacking: Stacking::Slices,
            ..Grid::image(side, side)
        }
    }

    /// Every edge has one face on each side, in noise with every kind of contact, up to the border.
    #[test]
    fn each_edge_has_two_faces() {
        let grid = grid(24);
        for (seed, share) in [(1u64, 50), (2, 30), (3, 70), (4, 10)] {
            let mut state = seed;
            let values: Vec<u8> = (0..grid.voxels())
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    u8::from((state >> 33) % 100 < share)
                })
                .collect();
            let mask = VolumeMask::from_values(&grid, &values).unwrap();
            let count = faces(&mask);
            let surface = Surface::of(&mask, count);
            assert_eq!(surface.faces.len() as u64, count);
            let mut edges: HashMap<[u32; 2], i32> = HashMap::new();
            for face in &surface.faces {
                for at in 0..4 {
                    let (a, b) = (face[at], face[(at + 1) % 4]);
                    assert_ne!(a, b);
                    *edges.entry([a, b]).or_default() += 1;
                }
            }
            for (&[a, b], count) in &edges {
                assert_eq!((*count, edges.get(&[b, a])), (1, Some(&1)), "share {share}");
            }
        }
    }
}

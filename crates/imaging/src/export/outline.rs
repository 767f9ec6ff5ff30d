//! Traces the edges between pixels inside and outside a mask as closed lines.

use crate::mask::Mask;

/// Directions right, down, left and up.
const STEPS: [[i64; 2]; 4] = [[1, 0], [0, 1], [-1, 0], [0, -1]];

/// The corners of each outline, in order, in image space: clockwise around the mask, counterclockwise around holes.
/// Pixels that touch only at a corner have separate outlines.
pub(super) fn outlines(mask: &Mask) -> Vec<Vec<[u32; 2]>> {
    let mut edges = Edges::of(mask);
    let mut outlines = Vec::new();
    for start in 0..edges.from.len() {
        while edges.from[start] != 0 {
            outlines.push(edges.follow(start));
        }
    }
    outlines
}

/// For each corner of the pixel grid, one bit per direction in which an edge leaves it with the mask on its right.
struct Edges {
    width: usize,
    from: Vec<u8>,
}

impl Edges {
    fn of(mask: &Mask) -> Edges {
        let (columns, rows) = (mask.width() as usize, mask.height() as usize);
        let width = columns + 1;
        let mut from = vec![0; width * (rows + 1)];
        let inside = |x: usize, y: usize| mask.values()[y * columns + x] != 0;
        for y in 0..rows {
            for x in (0..columns).filter(|&x| inside(x, y)) {
                let at = y * width + x;
                if y == 0 || !inside(x, y - 1) {
                    from[at] |= 1;
                }
                if x + 1 == columns || !inside(x + 1, y) {
                    from[at + 1] |= 2;
                }
                if y + 1 == rows || !inside(x, y + 1) {
                    from[at + width + 1] |= 4;
                }
                if x == 0 || !inside(x - 1, y) {
                    from[at + width] |= 8;
                }
            }
        }
        Edges { width, from }
    }

    /// Follows edges, and removes them, from a corner back to it. The first corner, in row order, is always one where
    /// the outline turns.
    fn follow(&mut self, start: usize) -> Vec<[u32; 2]> {
        let mut corners = Vec::new();
        let mut at = start;
        let mut direction = self.from[start].trailing_zeros() as usize;
        loop {
            // Try the right turn first: it stays with the same pixel.
            let ways = [1, 0, 3].map(|turn| (direction + turn) % 4);
            let leaving = ways.into_iter().find(|way| self.from[at] >> way & 1 == 1);
            let Some(leaving) = leaving.filter(|_| at != start || corners.is_empty()) else {
                return corners;
            };
            if leaving != direction || at == start {
                corners.push([(at % self.width) as u32, (at / self.width) as u32]);
            }
            self.from[at] &= !(1 << leaving);
            direction = leaving;
            let [dx, dy] = STEPS[direction];
            at = (at as i64 + dx + dy * self.width as i64) as usize;
        }
    }
}

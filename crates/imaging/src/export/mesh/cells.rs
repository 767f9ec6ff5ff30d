//! The vertices at a corner of voxels.
//!
//! A cell is the cube between the centres of the eight voxels around a corner; bit `x + 2 y + 4 z` of its case says whether
//! the voxel there is inside. Its 12 edges join neighbouring voxels, and one that joins inside and outside crosses the
//! surface. On each of its six sides crossing edges are paired; pairs form cycles around the cell, and each is a vertex.

/// What is not crossed belongs to no cycle.
pub(super) const NONE: u8 = u8::MAX;

/// The cycle of each edge, and how many cycles there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cycles {
    pub of_edge: [u8; 12],
    pub count: u8,
}

/// For each case its cycles, and the sides on which they meet twice.
pub(super) struct Cases {
    cycles: [Cycles; 256],
    twice: [u8; 256],
}

/// The voxels that an edge joins: along axis `edge / 4`, at `edge % 4` of the other two axes.
pub(super) const fn ends(edge: usize) -> [u8; 2] {
    let (a, b) = ((edge & 1) as u8, (edge >> 1 & 1) as u8);
    match edge / 4 {
        0 => [a << 1 | b << 2, 1 | a << 1 | b << 2],
        1 => [a | b << 2, a | 2 | b << 2],
        _ => [a | b << 1, a | b << 1 | 4],
    }
}

/// The corners of a side, around it; side `2 axis + s` is where the axis is `s`.
fn corners(side: usize) -> [u8; 4] {
    let (axis, s) = (side / 2, (side % 2) as u8);
    let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
    [[0, 0], [1, 0], [1, 1], [0, 1]].map(|[a, b]: [u8; 2]| s << axis | a << u | b << v)
}

/// The edges of a side, each from its corner to the next one.
fn edges(side: usize) -> [usize; 4] {
    let corners = corners(side);
    [0, 1, 2, 3].map(|at: usize| {
        let (a, b) = (corners[at], corners[(at + 1) % 4]);
        let joins = |edge: &usize| ends(*edge) == [a.min(b), a.max(b)];
        (0..12).find(joins).unwrap_or_default()
    })
}

fn is_inside(case: u8, corner: u8) -> bool {
    case >> corner & 1 == 1
}

/// The pairs of crossing edges on a side. Where voxels inside meet at a corner of it alone, each is cut off; `joined`
/// cuts off those outside instead.
fn pairs(case: u8, side: usize, joined: bool) -> Vec<[usize; 2]> {
    let (corners, edges) = (corners(side), edges(side));
    let inside = corners.map(|corner| is_inside(case, corner));
    let crossing: Vec<usize> = (0..4)
        .filter(|&at| inside[at] != inside[(at + 1) % 4])
        .collect();
    if let [a, b] = crossing[..] {
        return vec![[edges[a], edges[b]]];
    }
    let cut = (0..4).filter(|&at| crossing.len() == 4 && inside[at] != joined);
    cut.map(|at| [edges[(at + 3) % 4], edges[at]]).collect()
}

/// The cycles of a case; on the sides with a bit in `joined`, voxels inside are joined.
fn cycles(case: u8, joined: u8) -> Cycles {
    let mut of_edge = [NONE; 12];
    for (edge, of) in (0u8..).zip(&mut of_edge) {
        let [a, b] = ends(edge.into());
        if is_inside(case, a) != is_inside(case, b) {
            *of = edge;
        }
    }
    for side in 0..6 {
        for [a, b] in pairs(case, side, joined >> side & 1 == 1) {
            let (from, to) = (of_edge[a], of_edge[b]);
            for of in &mut of_edge {
                if *of == from {
                    *of = to;
                }
            }
        }
    }
    let mut count = 0;
    for name in 0..12u8 {
        // Names below `count` are already in use, and those above are still edges.
        if name >= count && of_edge.contains(&name) {
            for of in of_edge.iter_mut().filter(|of| **of == name) {
                *of = count;
            }
            count += 1;
        }
    }
    Cycles { of_edge, count }
}

/// The sides that one cycle crosses twice.
fn twice(case: u8, joined: u8, cycles: &Cycles) -> u8 {
    let meets = |side: &usize| match pairs(case, *side, joined >> side & 1 == 1)[..] {
        [[a, _], [b, _]] => cycles.of_edge[a] == cycles.of_edge[b],
        _ => false,
    };
    (0..6)
        .filter(meets)
        .fold(0, |sides, side| sides | 1 << side)
}

impl Cases {
    pub fn new() -> Cases {
        let mut cases = Cases {
            cycles: [Cycles {
                of_edge: [NONE; 12],
                count: 0,
            }; 256],
            twice: [0; 256],
        };
        for case in 0..=u8::MAX {
            let found = cycles(case, 0);
            cases.twice[usize::from(case)] = twice(case, 0, &found);
            cases.cycles[usize::from(case)] = found;
        }
        cases
    }

    /// The cycles of a cell; `neighbour` gives the case of the cell on a side of it. If both cross their common side twice
    /// with one cycle, their vertices would be joined by two edges. Then voxels inside are joined there.
    pub fn of(&self, case: u8, neighbour: impl Fn([i64; 3]) -> u8) -> Cycles {
        let own = self.twice[usize::from(case)];
        if own == 0 {
            return self.cycles[usize::from(case)];
        }
        let mut joined = 0;
        for side in (0..6).filter(|side| own >> side & 1 == 1) {
            let mut step = [0; 3];
            step[side / 2] = if side % 2 == 1 { 1 } else { -1 };
            let theirs = self.twice[usize::from(neighbour(step))];
            if theirs >> (side ^ 1) & 1 == 1 {
                joined |= 1 << side;
            }
        }
        cycles(case, joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where two cells share a side that both cross twice, they have two vertices each after it is joined, and no other
    /// side becomes one that is crossed twice.
    #[test]
    fn a_joined_side_is_crossed_by_two_cycles() {
        let mut some = 0;
        for case in 0..=u8::MAX {
            let own = twice(case, 0, &cycles(case, 0));
            for joined in (1..64u8).filter(|joined| joined & !own == 0) {
                let now = twice(case, joined, &cycles(case, joined));
                assert_eq!(now & joined, 0, "case {case:08b}, sides {joined:06b}");
                assert_eq!(now & !own, 0, "case {case:08b}, sides {joined:06b}");
                some += 1;
            }
        }
        assert!(some > 0);
    }

    #[test]
    fn every_crossing_edge_has_a_cycle() {
        for case in 0..=u8::MAX {
            let found = cycles(case, 0);
            for (edge, of) in found.of_edge.into_iter().enumerate() {
                let [a, b] = ends(edge).map(|corner| is_inside(case, corner));
                assert_eq!(a != b, of < found.count, "case {case:08b}");
            }
        }
        assert_eq!(cycles(0b1000_0001, 0).count, 2, "opposite voxels");
        assert_eq!(cycles(0b0000_1001, 0).count, 2, "voxels that share an edge");
        assert_eq!(cycles(0b0000_0111, 0).count, 1);
    }
}

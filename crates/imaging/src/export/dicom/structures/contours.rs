//! The contours of a mask on a slice, one for each body: a hole is joined to the contour around it by a channel without
//! width (PS3.3 C.8.8.6.3, "keyhole").

use std::collections::BTreeMap;

use crate::export::outline::outlines;
use crate::mask::Mask;

/// How far contours lie inside the edges of pixels, in pixels. Readers that round a point to a pixel (rt-utils) then find
/// one of the mask, those that ask whether a pixel's centre is inside (platipy, 3D Slicer) find the same pixels, and the area
/// is nearly theirs.
const INSET: f64 = 0.05;
/// Where a channel runs, from the centre of a column of pixels: it meets no centre, and is nearest to those of its column.
const CHANNEL: f64 = 0.3;

/// Corners in circles: each with its successor.
struct Corners {
    at: Vec<[f64; 2]>,
    next: Vec<usize>,
}

/// The contours in pixels, where the centre of the first one is at 0. The last point is not the first one again.
pub(super) fn contours(mask: &Mask) -> Vec<Vec<[f64; 2]>> {
    let outlines = outlines(mask);
    let mut corners = Corners {
        at: Vec::new(),
        next: Vec::new(),
    };
    // Edges above pixels of the mask, by row and first column.
    let mut above: BTreeMap<[u32; 2], usize> = BTreeMap::new();
    let (mut bodies, mut holes) = (Vec::new(), Vec::new());
    for outline in &outlines {
        let first = corners.at.len();
        corners.add(outline);
        for (index, pair) in outline.windows(2).enumerate() {
            if let [[x, y], [to, _]] = pair
                && to > x
            {
                above.insert([*y, *x], first + index);
            }
        }
        match is_hole(outline) {
            false => bodies.push(first),
            true => holes.push((first, outline[0], corners.at.len() - 1)),
        }
    }
    let mut channels: Vec<Channel> = Vec::new();
    for (first, [x, y], last) in holes {
        let mut top = y.saturating_sub(1);
        while top > 0 && is_inside(mask, x, top - 1) {
            top -= 1;
        }
        let edge = above.range(..=[top, x]).next_back();
        if let Some((_, &edge)) = edge {
            channels.push(Channel {
                edge,
                x,
                rows: [top, y],
                hole: [first, last],
            });
        }
    }
    // On one edge the last comes first, so that each is put in front of the one before.
    channels.sort_by_key(|channel| (channel.edge, std::cmp::Reverse(channel.x)));
    for channel in &channels {
        corners.dig(channel);
    }
    bodies
        .into_iter()
        .map(|first| corners.circle(first))
        .collect()
}

/// From an edge down to a hole.
struct Channel {
    /// The corner that the edge begins at.
    edge: usize,
    /// Column of pixels.
    x: u32,
    /// Rows of the edge and of the hole.
    rows: [u32; 2],
    /// The hole's first corner, its upper left one, and its last.
    hole: [usize; 2],
}

impl Corners {
    /// Adds a circle of corners on the edges of pixels, and moves them into the mask, which is on the right of its edges.
    fn add(&mut self, outline: &[[u32; 2]]) {
        let (first, count) = (self.at.len(), outline.len());
        for (index, &at) in outline.iter().enumerate() {
            let [before, after] = [
                outline[(index + count - 1) % count],
                outline[(index + 1) % count],
            ];
            let (ways_in, ways_out) = (right_of(before, at), right_of(at, after));
            let moved = [0, 1]
                .map(|axis| f64::from(at[axis]) - 0.5 + INSET * (ways_in[axis] + ways_out[axis]));
            self.at.push(moved);
            self.next.push(first + (index + 1) % count);
        }
    }

    fn push(&mut self, at: [f64; 2], next: usize) -> usize {
        self.at.push(at);
        self.next.push(next);
        self.at.len() - 1
    }

    /// Leads the circle of an edge through a channel, around a hole, and back.
    fn dig(&mut self, channel: &Channel) {
        let [first, last] = channel.hole;
        let x = f64::from(channel.x) + CHANNEL;
        let [top, bottom] = channel.rows.map(|row| f64::from(row) - 0.5);
        let (top, bottom) = ([x, top + INSET], [x, bottom - INSET]);
        let up = self.push(top, self.next[channel.edge]);
        let leave = self.push(bottom, up);
        let enter = self.push(bottom, first);
        let down = self.push(top, enter);
        self.next[channel.edge] = down;
        self.next[last] = leave;
    }

    fn circle(&self, first: usize) -> Vec<[f64; 2]> {
        let mut points = vec![self.at[first]];
        let mut at = self.next[first];
        while at != first {
            points.push(self.at[at]);
            at = self.next[at];
        }
        points
    }
}

fn is_inside(mask: &Mask, x: u32, y: u32) -> bool {
    let at = y as usize * mask.width() as usize + x as usize;
    mask.values().get(at).is_some_and(|&value| value != 0)
}

/// The direction to the right of an edge, as rows go down.
fn right_of([x, y]: [u32; 2], [to_x, to_y]: [u32; 2]) -> [f64; 2] {
    let way = |from: u32, to: u32| {
        (f64::from(to) - f64::from(from)).signum() * f64::from(u8::from(from != to))
    };
    [-way(y, to_y), way(x, to_x)]
}

/// Whether corners go around it counterclockwise.
fn is_hole(outline: &[[u32; 2]]) -> bool {
    let pairs = outline.iter().zip(outline.iter().cycle().skip(1));
    let terms = pairs.map(|(&[x, y], &[to_x, to_y])| {
        i64::from(x) * i64::from(to_y) - i64::from(to_x) * i64::from(y)
    });
    terms.sum::<i64>() < 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_within([x, y]: [f64; 2], contour: &[[f64; 2]]) -> bool {
        let pairs = contour.iter().zip(contour.iter().cycle().skip(1));
        let crossed = pairs.filter(|([_, y0], [_, y1])| (*y0 > y) != (*y1 > y));
        let left = crossed.filter(|([x0, y0], [x1, y1])| x0 + (y - y0) / (y1 - y0) * (x1 - x0) > x);
        left.count() % 2 == 1
    }

    /// Which pixels' centres are in an odd number of contours.
    fn filled(mask: &Mask, contours: &[Vec<[f64; 2]>]) -> Mask {
        Mask::from_fn(mask.width(), mask.height(), |x, y| {
            let centre = [f64::from(x), f64::from(y)];
            let around = contours.iter().filter(|contour| is_within(centre, contour));
            around.count() % 2 == 1
        })
    }

    #[test]
    fn a_hole_is_joined_to_the_contour_around_it() {
        let ring = Mask::from_fn(9, 7, |x, y| !(2..5).contains(&x) || !(2..4).contains(&y));
        let [contour] = contours(&ring).try_into().unwrap();
        // Four corners of each, and the channel there and back.
        assert_eq!(contour.len(), 12);
        assert_eq!(filled(&ring, &[contour]), ring);
    }

    #[test]
    fn noise_with_holes_in_islands_comes_back() {
        let mut state = 7u64;
        for share in [20, 50, 80, 95] {
            let values = (0..40 * 33).map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                u8::from((state >> 33) % 100 < share)
            });
            let mask = Mask::new(40, 33, values.collect()).unwrap();
            let found = contours(&mask);
            assert_eq!(filled(&mask, &found), mask, "{share} %");
            // A point rounds to a pixel of the mask.
            for &[x, y] in found.iter().flatten() {
                assert!(is_inside(&mask, x.round() as u32, y.round() as u32));
            }
        }
    }
}

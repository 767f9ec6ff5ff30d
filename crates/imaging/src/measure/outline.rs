//! Outlines of a mask's part, in half pixels of image space.
//!
//! The outline is the contour at level one half, as in marching squares (scikit-image's `find_contours` with
//! `fully_connected="high"`): it passes through the middles of the pixels' edges. Pixels that touch by a corner are
//! connected, as in the part. Holes have separate outlines.

use super::component::Span;

/// A point, in half pixels.
pub(super) type HalfPixels = [i64; 2];

/// Corners of the convex hull, in order (A. M. Andrew, Inf Process Lett 9(5), 1979, 216–219).
pub(super) fn hull(runs: &[Span]) -> Vec<HalfPixels> {
    let mut points = edge_middles(runs);
    points.sort_unstable();
    points.dedup();
    let half = |points: &mut dyn Iterator<Item = HalfPixels>| {
        let mut corners: Vec<HalfPixels> = Vec::new();
        for point in points {
            while let [.., a, b] = corners[..]
                && (b[0] - a[0]) * (point[1] - a[1]) <= (b[1] - a[1]) * (point[0] - a[0])
            {
                corners.pop();
            }
            corners.push(point);
        }
        corners.pop();
        corners
    };
    let mut corners = half(&mut points.iter().copied());
    corners.extend(half(&mut points.iter().rev().copied()));
    corners
}

/// Middles of the edges of the outermost pixels of each row.
fn edge_middles(runs: &[Span]) -> Vec<HalfPixels> {
    let rows = runs.chunk_by(|a, b| a.row == b.row);
    let outermost = rows.filter_map(|row| Some((row.first()?, row.last()?)));
    let middles = outermost.flat_map(|(left, right)| {
        let (first, last) = (2 * i64::from(left.first), 2 * i64::from(right.last));
        let top = 2 * i64::from(left.row);
        [
            [first, top + 1],
            [last + 2, top + 1],
            [first + 1, top],
            [first + 1, top + 2],
            [last + 1, top],
            [last + 1, top + 2],
        ]
    });
    middles.collect()
}

/// Line segments of the outline, in no particular order.
pub(super) fn segments(runs: &[Span]) -> Vec<[HalfPixels; 2]> {
    let (Some(top), Some(bottom)) = (runs.first(), runs.last()) else {
        return Vec::new();
    };
    let left = runs.iter().map(|run| run.first).min().unwrap_or(0);
    let right = runs.iter().map(|run| run.last).max().unwrap_or(0);
    // Width with one pixel outside on each side.
    let width = (right - left) as usize + 3;
    let mut rows = runs.chunk_by(|a, b| a.row == b.row).peekable();
    let mut segments = Vec::new();
    let mut above = vec![false; width];
    for row in top.row..=bottom.row + 1 {
        let mut below = vec![false; width];
        for run in rows.next_if(|runs| runs[0].row == row).unwrap_or(&[]) {
            let run = (run.first - left) as usize + 1..=(run.last - left) as usize + 1;
            below[run].fill(true);
        }
        // The corner that four pixels share.
        let y = 2 * i64::from(row);
        let corners = (i64::from(left)..).map(|x| 2 * x);
        let pixels = above.windows(2).zip(below.windows(2));
        for (x, (above, below)) in corners.zip(pixels) {
            push_cell(&mut segments, [x, y], [above, below]);
        }
        above = below;
    }
    segments
}

/// Adds the segments of the outline between the centres of four pixels that share a corner.
fn push_cell(segments: &mut Vec<[HalfPixels; 2]>, [x, y]: HalfPixels, pixels: [&[bool]; 2]) {
    let (above, below) = ([x, y - 1], [x, y + 1]);
    let (left, right) = ([x - 1, y], [x + 1, y]);
    let &[[a, b], [c, d]] = &pixels.map(|row| [row[0], row[1]]);
    match (a, b, c, d) {
        (true, true, true, true) | (false, false, false, false) => {}
        (true, true, false, false) | (false, false, true, true) => segments.push([left, right]),
        (true, false, true, false) | (false, true, false, true) => segments.push([above, below]),
        // Two pixels inside that touch by a corner are connected; the outline cuts off the other two.
        (true, false, false, true) => segments.extend([[above, right], [left, below]]),
        (false, true, true, false) => segments.extend([[left, above], [below, right]]),
        _ => {
            let odd = |one: bool| [a, b, c, d].iter().filter(|&&each| each == one).count() == 1;
            let one = odd(true);
            segments.push(match [a, b, c, d].map(|each| each == one) {
                [true, _, _, _] => [left, above],
                [_, true, _, _] => [above, right],
                [_, _, true, _] => [left, below],
                _ => [below, right],
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::component::largest;
    use super::*;
    use crate::mask::Mask;

    /// How many segments end at each point.
    fn ends(segments: &[[HalfPixels; 2]]) -> Vec<(HalfPixels, usize)> {
        let mut ends: Vec<HalfPixels> = segments.iter().flatten().copied().collect();
        ends.sort_unstable();
        let same = ends.chunk_by(|a, b| a == b);
        same.map(|points| (points[0], points.len())).collect()
    }

    #[test]
    fn a_pixel_is_a_diamond() {
        let runs = largest(&Mask::new(3, 2, vec![0, 0, 0, 0, 1, 0]).unwrap());
        let points = [[2, 3], [3, 2], [3, 4], [4, 3]];
        assert_eq!(ends(&segments(&runs)), points.map(|point| (point, 2)));
    }

    /// Every point of an outline belongs to two segments, also with holes and pixels that touch by corners.
    #[test]
    fn outlines_are_closed() {
        #[rustfmt::skip]
        let mask = Mask::new(6, 5, vec![
            1, 1, 1, 0, 0, 1,
            1, 0, 1, 0, 1, 0,
            1, 1, 1, 1, 0, 0,
            0, 0, 0, 1, 0, 1,
            1, 1, 0, 0, 1, 1,
        ]).unwrap();
        let outline = segments(&largest(&mask));
        assert!(ends(&outline).iter().all(|(_, count)| *count == 2));
        // The outline of the hole is a diamond around the pixel (1, 1).
        for point in [[2, 3], [3, 2], [3, 4], [4, 3]] {
            assert!(ends(&outline).contains(&(point, 2)), "{point:?}");
        }
        assert!(segments(&[]).is_empty());
    }
}

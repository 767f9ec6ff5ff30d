//! Long axis and short axis.
//!
//! # Convention
//!
//! The outline of a part is the convex hull of the middles of its pixels' edges, which are the contours of
//! the mask at one half (scikit-image's `find_contours`). So a pixel is one pixel long, a row of `n`
//! pixels is `n` long, and a hollow in the outline is bridged, as by calipers. Both axes are in the plane
//! of the slice in mm, so that pixels that are no squares are taken into account.
//!
//! The long axis is the longest line between two points of the outline: RECIST 1.1's longest diameter
//! (E. A. Eisenhauer et al., Eur J Cancer 45, 2009, 228–247). The short axis is the longest
//! line across the outline at right angles to it, which the same paper measures lymph nodes by. A tie
//! goes to the line that is nearer to the middle of the long axis.

use super::component::{Span, largest};
use super::plane::Plane;
use crate::mask::Mask;
use crate::space::ImagePoint;

/// A diameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// Where it begins and ends, in image space.
    pub ends: [ImagePoint; 2],
    /// Its length in pixels of the view.
    pub length_px: f64,
    /// Its length in mm.
    pub length_mm: Option<f64>,
}

type Point = [f64; 2];

/// Shorter differences are those of rounding.
const EPSILON: f64 = 1e-9;

/// The long and the short axis of the largest part; `None` of an empty mask.
pub(super) fn axes(mask: &Mask, plane: &Plane) -> Option<[Axis; 2]> {
    let outline = hull(edge_middles(&largest(mask)));
    // The hull of the images of points is the image of their hull.
    let outline: Vec<Point> = outline
        .into_iter()
        .map(|[x, y]| plane.plane_from_image([x as f64 / 2.0, y as f64 / 2.0]))
        .collect();
    let long = longest(&outline)?;
    let short = longest_across(&outline, long);
    Some([long, short].map(|ends| axis(ends, plane)))
}

fn axis(ends: [Point; 2], plane: &Plane) -> Axis {
    let [from, to] = ends.map(|end| plane.image_from_plane(end));
    let point = |[x, y]: Point| ImagePoint {
        x: x as f32,
        y: y as f32,
    };
    Axis {
        ends: [point(from), point(to)],
        length_px: distance(from, to),
        length_mm: plane.source().map(|_| distance(ends[0], ends[1])),
    }
}

fn distance(a: Point, b: Point) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// The middles of the edges of a part's outermost pixels, in half pixels of image space.
fn edge_middles(spans: &[Span]) -> Vec<[i64; 2]> {
    let middles = spans.iter().flat_map(|span| {
        let (first, last) = (2 * i64::from(span.first), 2 * i64::from(span.last));
        let top = 2 * i64::from(span.row);
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

/// The corners of the convex hull in turn (A. M. Andrew, Inf Process Lett 9(5), 1979, 216–219).
fn hull(mut points: Vec<[i64; 2]>) -> Vec<[i64; 2]> {
    points.sort_unstable();
    points.dedup();
    let half = |points: &mut dyn Iterator<Item = [i64; 2]>| {
        let mut corners: Vec<[i64; 2]> = Vec::new();
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

/// The two corners that are farthest apart. A hull of whole pixels has few of them: of an image of
/// 4096² some hundred.
fn longest(outline: &[Point]) -> Option<[Point; 2]> {
    let mut best = None;
    let mut best_length = 0.0;
    for (at, &a) in outline.iter().enumerate() {
        for &b in &outline[at + 1..] {
            let length = distance(a, b);
            if length > best_length + EPSILON {
                (best, best_length) = (Some([a, b]), length);
            }
        }
    }
    best
}

/// The longest line across a convex outline at right angles to `along`.
fn longest_across(outline: &[Point], along: [Point; 2]) -> [Point; 2] {
    let [from, to] = along;
    let length = distance(from, to);
    let unit = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
    // The long axis becomes the first coordinate, from 0 to its length.
    let turned: Vec<Point> = outline
        .iter()
        .map(|p| [p[0] - from[0], p[1] - from[1]])
        .map(|[x, y]| [x * unit[0] + y * unit[1], y * unit[0] - x * unit[1]])
        .collect();
    let from_middle = |at: f64| (at - length / 2.0).abs();
    // How wide the outline is changes linearly between its corners.
    let mut best = (length / 2.0, across_at(&turned, length / 2.0));
    for &[at, _] in &turned {
        let line = across_at(&turned, at);
        let longer = (line[1] - line[0]) - (best.1[1] - best.1[0]);
        let nearer = from_middle(at) < from_middle(best.0);
        if longer > EPSILON || (longer > -EPSILON && nearer) {
            best = (at, line);
        }
    }
    let (at, line) = best;
    line.map(|across| {
        [
            from[0] + at * unit[0] - across * unit[1],
            from[1] + at * unit[1] + across * unit[0],
        ]
    })
}

/// Between which second coordinates a convex outline lies at a first one.
fn across_at(outline: &[Point], at: f64) -> [f64; 2] {
    let mut range = [f64::INFINITY, f64::NEG_INFINITY];
    let next = outline.iter().cycle().skip(1);
    for (&a, &b) in outline.iter().zip(next) {
        let (left, right) = if a[0] <= b[0] { (a, b) } else { (b, a) };
        if at < left[0] || at > right[0] {
            continue;
        }
        let along = right[0] - left[0];
        let ends = match along > 0.0 {
            true => [left[1] + (right[1] - left[1]) * ((at - left[0]) / along); 2],
            false => [left[1], right[1]],
        };
        for end in ends {
            range = [range[0].min(end), range[1].max(end)];
        }
    }
    range
}

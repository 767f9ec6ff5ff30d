//! Long axis and short axis of a mask on a slice.
//!
//! # Convention
//!
//! The outline of a part passes through the middles of its pixels' edges ([`super::outline`]), so a pixel is one
//! pixel long, and a row of `n` pixels is `n` long. Both axes are measured in the plane of the slice in mm, which
//! accounts for pixels that are not square.
//!
//! The long axis is the longest line between two points of the outline: the longest diameter of RECIST 1.1 (E. A.
//! Eisenhauer et al., Eur J Cancer 45, 2009, 228–247), as measured with calipers. It may leave the part where that is
//! concave, as at the hilum of a kidney. 3D Slicer's Feret diameter (Segment Statistics) and pyradiomics' maximum
//! diameter are defined in the same way; OHIF (cornerstone3D's `findLargestBidirectional`) takes the longest line
//! inside the segment. RECIST doesn't specify which; both ends are points of the lesion either way.
//!
//! The short axis is the longest line perpendicular to it that lies wholly inside the part, as RECIST 1.1 measures
//! lymph nodes, and as in OHIF: a line that left the part would include its surroundings. It need not cross the long
//! axis. Of equally long lines, the one nearest to the middle of the long axis is taken.

use super::component::largest;
use super::outline::{HalfPixels, hull, segments};
use super::plane::PlaneInMm;
use crate::mask::Mask;
use crate::space::ImagePoint;
use serde::Serialize;

/// A diameter of a mask on a slice.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Axis {
    /// Both ends, in image space.
    pub ends: [ImagePoint; 2],
    /// Both ends in patient space (LPS), in mm; `None` if the scan's place is unknown.
    #[serde(rename = "ends_mm")]
    pub patient_mm: Option<[[f64; 3]; 2]>,
    /// Length in pixel widths.
    pub length_px: f64,
    /// Length in mm, if known.
    pub length_mm: Option<f64>,
}

type Point = [f64; 2];

/// Smaller differences are rounding errors.
const EPSILON: f64 = 1e-9;

/// Maximum number of lines perpendicular to the long axis that are tried. A smooth outline 4096 pixels long has some
/// 8,000 corners; an outline of noise has millions, of which an evenly spaced selection is enough.
const MAX_LINES: usize = 20_000;

/// The long and short axes of a mask's largest part; `None` for an empty mask.
pub(super) fn axes(mask: &Mask, plane: &PlaneInMm) -> Option<[Axis; 2]> {
    let runs = largest(mask);
    let long = longest(&in_plane(hull(&runs), plane))?;
    let outline = segments(&runs).into_iter();
    let outline = outline.map(|segment| segment.map(|point| to_plane(point, plane)));
    let short = longest_across(&outline.collect::<Vec<_>>(), long)?;
    Some([long, short].map(|ends| axis(ends, plane)))
}

/// The long axis of a mask's largest part; `None` for an empty mask.
pub(super) fn long_axis(mask: &Mask, plane: &PlaneInMm) -> Option<Axis> {
    let long = longest(&in_plane(hull(&largest(mask)), plane))?;
    Some(axis(long, plane))
}

fn in_plane(points: Vec<HalfPixels>, plane: &PlaneInMm) -> Vec<Point> {
    let points = points.into_iter();
    points.map(|point| to_plane(point, plane)).collect()
}

fn to_plane([x, y]: HalfPixels, plane: &PlaneInMm) -> Point {
    plane.plane_from_image([x as f64 / 2.0, y as f64 / 2.0])
}

fn axis(ends: [Point; 2], plane: &PlaneInMm) -> Axis {
    let point = |end: Point| {
        let [x, y] = plane.image_from_plane(end);
        ImagePoint {
            x: x as f32,
            y: y as f32,
        }
    };
    let length = distance(ends[0], ends[1]);
    Axis {
        ends: ends.map(point),
        patient_mm: None,
        length_px: length / plane.pixel_width(),
        length_mm: plane.source().map(|_| length),
    }
}

fn distance(a: Point, b: Point) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// The two corners that are furthest apart. The convex hull of pixels has few corners: a few hundred for 4096² pixels.
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

/// An edge of the outline, in coordinates along and across the long axis; it begins at the smaller one along.
struct Edge {
    along: [f64; 2],
    across: [f64; 2],
}

impl Edge {
    fn across_at(&self, at: f64) -> f64 {
        let [from, to] = self.along;
        let part = ((at - from) / (to - from)).clamp(0.0, 1.0);
        self.across[0] + (self.across[1] - self.across[0]) * part
    }
}

/// The longest line inside an outline that is perpendicular to `long`.
///
/// Between two neighbouring corners, as ordered along the long axis, the ends of such a line move along two edges, so
/// its length changes linearly: the longest line passes through a corner.
fn longest_across(outline: &[[Point; 2]], long: [Point; 2]) -> Option<[Point; 2]> {
    let [origin, to] = long;
    let length = distance(origin, to);
    let unit = [(to[0] - origin[0]) / length, (to[1] - origin[1]) / length];
    let turned = |p: Point| {
        let [x, y] = [p[0] - origin[0], p[1] - origin[1]];
        [x * unit[0] + y * unit[1], y * unit[0] - x * unit[1]]
    };
    let (edges, corners) = edges_and_corners(outline, turned);
    let line = search(&edges, &corners, length / 2.0)?;
    Some(line.across.map(|across| {
        [
            origin[0] + line.at * unit[0] - across * unit[1],
            origin[1] + line.at * unit[1] + across * unit[0],
        ]
    }))
}

/// The edges, sorted by their beginning along the long axis, and the positions of all corners.
fn edges_and_corners(
    outline: &[[Point; 2]],
    turned: impl Fn(Point) -> Point,
) -> (Vec<Edge>, Vec<f64>) {
    let mut edges = Vec::with_capacity(outline.len());
    let mut corners = Vec::with_capacity(2 * outline.len());
    for segment in outline {
        let [mut a, mut b] = segment.map(&turned);
        corners.extend([a[0], b[0]]);
        if a[0] > b[0] {
            (a, b) = (b, a);
        }
        // An edge perpendicular to the axis is skipped: its neighbours have the same ends.
        if b[0] - a[0] > EPSILON {
            edges.push(Edge {
                along: [a[0], b[0]],
                across: [a[1], b[1]],
            });
        }
    }
    edges.sort_by(|a, b| a.along[0].total_cmp(&b.along[0]));
    corners.sort_by(f64::total_cmp);
    corners.dedup_by(|later, kept| *later - *kept <= EPSILON);
    (edges, corners)
}

/// A perpendicular line: its position along the long axis, and its ends across it.
struct Line {
    at: f64,
    across: [f64; 2],
}

impl Line {
    fn length(&self) -> f64 {
        self.across[1] - self.across[0]
    }

    fn is_better(&self, best: Option<&Line>, middle: f64) -> bool {
        let Some(best) = best else { return true };
        let longer = self.length() - best.length();
        let nearer = (self.at - middle).abs() < (best.at - middle).abs() - EPSILON;
        longer > EPSILON || (longer > -EPSILON && nearer)
    }
}

/// Finds the longest perpendicular line that lies inside.
fn search(edges: &[Edge], corners: &[f64], middle: f64) -> Option<Line> {
    let mut coming = edges.iter().peekable();
    let mut open: Vec<&Edge> = Vec::new();
    let mut best: Option<Line> = None;
    let every = (corners.len() / MAX_LINES).max(1);
    for pair in corners.windows(2).step_by(every) {
        let (from, to) = (pair[0], pair[1]);
        // The order of edges between corners this close is unreliable, since they may differ by rounding.
        if to - from < 4.0 * EPSILON {
            continue;
        }
        let between = (from + to) / 2.0;
        while let Some(edge) = coming.next_if(|edge| edge.along[0] < between) {
            open.push(edge);
        }
        open.retain(|edge| edge.along[1] > between);
        open.sort_by(|a, b| a.across_at(between).total_cmp(&b.across_at(between)));
        // Edges alternate between entering and leaving the part.
        for pair in open.as_chunks::<2>().0 {
            let ends_at = |at: f64| [pair[0].across_at(at), pair[1].across_at(at)];
            // If the width is constant, the position nearest to the middle wins.
            for at in [from, middle.clamp(from, to), to] {
                let line = Line {
                    at,
                    across: ends_at(at),
                };
                if line.is_better(best.as_ref(), middle) {
                    best = Some(line);
                }
            }
        }
    }
    best
}

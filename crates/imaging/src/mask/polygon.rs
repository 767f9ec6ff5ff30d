//! The pixels that a polygon encloses.

use std::ops::Range;

use super::Mask;
use crate::space::{ImagePoint, Size};

impl Mask {
    /// The pixels whose centres a polygon encloses, by the even-odd rule: where it crosses itself, what it encloses
    /// twice is outside. The polygon is closed, and its points are in image space; it may reach beyond the image.
    pub fn of_polygon(size: Size, polygon: &[ImagePoint]) -> Self {
        let mut mask = Self::empty(size);
        let width = size.width as usize;
        for (y, row) in mask.values.chunks_exact_mut(width).enumerate() {
            for columns in enclosed_columns(polygon, y, width) {
                row[columns].fill(1);
            }
        }
        mask
    }
}

/// The columns of a row of pixels whose centres a polygon encloses, see [`Mask::of_polygon`].
pub(crate) fn enclosed_columns(
    polygon: &[ImagePoint],
    row: usize,
    width: usize,
) -> Vec<Range<usize>> {
    let crossings = crossings(polygon, row as f64 + 0.5);
    let pairs = crossings.chunks_exact(2);
    pairs
        .map(|pair| {
            // The columns whose centres lie from one crossing to the next. `as` saturates.
            let [from, to] = [pair[0], pair[1]].map(|x| ((x - 0.5).ceil() as usize).min(width));
            from..to.max(from)
        })
        .collect()
}

/// Where the edges of a polygon cross a horizontal line, in ascending order; an even number.
fn crossings(polygon: &[ImagePoint], y: f64) -> Vec<f64> {
    let place = |point: &ImagePoint| [f64::from(point.x), f64::from(point.y)];
    let mut crossings = Vec::new();
    let mut from = polygon.last().map(place).unwrap_or_default();
    for to in polygon.iter().map(place) {
        if (from[1] > y) != (to[1] > y) {
            let part = (y - from[1]) / (to[1] - from[1]);
            crossings.push(from[0] + part * (to[0] - from[0]));
        }
        from = to;
    }
    crossings.sort_by(f64::total_cmp);
    crossings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(polygon: &[[f32; 2]]) -> Vec<u8> {
        let polygon: Vec<ImagePoint> = polygon.iter().map(|&point| point.into()).collect();
        let size = Size {
            width: 5,
            height: 3,
        };
        Mask::of_polygon(size, &polygon).values().to_vec()
    }

    #[test]
    fn a_polygon_has_the_pixels_whose_centres_it_encloses() {
        let square = [[1.0, 1.0], [4.0, 1.0], [4.0, 3.0], [1.0, 3.0]];
        let expected = [[0; 5], [0, 1, 1, 1, 0], [0, 1, 1, 1, 0]].concat();
        assert_eq!(mask(&square), expected);
        // The same from outside the image, and its edges a quarter of a pixel off.
        let beyond = [[0.75, 0.75], [3.75, 0.75], [3.75, 9.0], [0.75, 9.0]];
        assert_eq!(mask(&beyond), expected);
        assert_eq!(mask(&[[-9.0, -9.0], [-1.0, -9.0], [-5.0, -1.0]]), [0; 15]);
        // Between two centres nothing is enclosed, and no points enclose nothing.
        assert_eq!(
            mask(&[[0.6, 0.0], [1.4, 0.0], [1.4, 3.0], [0.6, 3.0]]),
            [0; 15]
        );
        assert_eq!(mask(&[]), [0; 15]);
    }
}

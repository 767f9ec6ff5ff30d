use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::mask::Mask;
use crate::space::ImagePoint;

/// What a stroke does to the pixels that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum StrokeKind {
    /// Adds them to the mask.
    Paint,
    /// Removes them from the mask.
    Erase,
}

/// A stroke of a round brush along a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Stroke {
    /// Whether it adds or removes pixels.
    pub kind: StrokeKind,
    /// The brush's radius, in widths of a pixel.
    pub radius_px: f32,
    /// The path of the brush's centre, in image space; one point makes a dot.
    pub path: Vec<ImagePoint>,
}

impl Stroke {
    /// Checks the stroke.
    ///
    /// # Errors
    ///
    /// [`Error::StrokeInvalid`] for a radius that is not above 0, a path without points, or a NaN or infinite number.
    pub fn checked(self) -> Result<Self, Error> {
        let is_number = |point: &ImagePoint| point.x.is_finite() && point.y.is_finite();
        let is_sound = self.radius_px.is_finite()
            && self.radius_px > 0.0
            && !self.path.is_empty()
            && self.path.iter().all(is_number);
        match is_sound {
            true => Ok(self),
            false => Err(Error::StrokeInvalid {
                radius_px: self.radius_px,
                points: self.path.len(),
            }),
        }
    }

    /// Whether the centre of a pixel is covered. `aspect` is a pixel's height in units of its width: the brush is
    /// round in mm, not in pixels.
    fn covers(&self, x: u32, y: u32, aspect: f32) -> bool {
        let centre = [x as f32 + 0.5, (y as f32 + 0.5) * aspect];
        let at = |point: &ImagePoint| [point.x, point.y * aspect];
        let reaches = |a, b| squared_distance(centre, a, b) <= self.radius_px * self.radius_px;
        match self.path.as_slice() {
            [dab] => reaches(at(dab), at(dab)),
            path => path.windows(2).any(|pair| match pair {
                [a, b] => reaches(at(a), at(b)),
                _ => false,
            }),
        }
    }

    /// Half-open ranges of columns and rows, within the given size, that the stroke may cover.
    fn reach(&self, width: u32, height: u32, aspect: f32) -> [std::ops::Range<u32>; 2] {
        let span = |coordinate: fn(&ImagePoint) -> f32, radius: f32, count: u32| {
            let low = self.path.iter().map(coordinate).fold(f32::MAX, f32::min);
            let high = self.path.iter().map(coordinate).fold(f32::MIN, f32::max);
            let within = |edge: f32| edge.clamp(0.0, count as f32) as u32;
            within((low - radius).floor())..within((high + radius).ceil())
        };
        [
            span(|point| point.x, self.radius_px, width),
            span(|point| point.y, self.radius_px / aspect, height),
        ]
    }
}

/// Squared distance of a point from the line segment between two points.
fn squared_distance(p: [f32; 2], a: [f32; 2], b: [f32; 2]) -> f32 {
    let (along, to_p) = ([b[0] - a[0], b[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
    let length = along[0] * along[0] + along[1] * along[1];
    let part = match length > 0.0 {
        true => ((to_p[0] * along[0] + to_p[1] * along[1]) / length).clamp(0.0, 1.0),
        false => 0.0,
    };
    let off = [to_p[0] - part * along[0], to_p[1] - part * along[1]];
    off[0] * off[0] + off[1] * off[1]
}

impl Mask {
    /// The mask after applying strokes one after the other. `pixel_aspect` is a pixel's height in units
    /// of its width.
    #[must_use]
    pub fn with_strokes(&self, strokes: &[Stroke], pixel_aspect: f64) -> Mask {
        let (width, height) = (self.width(), self.height());
        let aspect = pixel_aspect as f32;
        let mut values = self.values().to_vec();
        for stroke in strokes {
            let [columns, rows] = stroke.reach(width, height, aspect);
            let value = u8::from(stroke.kind == StrokeKind::Paint);
            for y in rows {
                for x in columns.clone() {
                    let at = y as usize * width as usize + x as usize;
                    if let Some(pixel) = values.get_mut(at)
                        && *pixel != value
                        && stroke.covers(x, y, aspect)
                    {
                        *pixel = value;
                    }
                }
            }
        }
        Mask::from_parts(self.size(), values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stroke(kind: StrokeKind, radius_px: f32, path: &[(f32, f32)]) -> Stroke {
        let path = path.iter().map(|&(x, y)| ImagePoint { x, y }).collect();
        Stroke {
            kind,
            radius_px,
            path,
        }
    }

    fn drawn(mask: &Mask) -> Vec<String> {
        let row = |row: &[u8]| row.iter().map(|v| ['.', '#'][usize::from(*v)]).collect();
        let rows = mask.values().chunks(mask.width() as usize);
        rows.map(row).collect()
    }

    fn empty(width: u32, height: u32) -> Mask {
        Mask::new(width, height, vec![0; (width * height) as usize]).unwrap()
    }

    #[test]
    fn a_dab_covers_the_pixels_whose_centres_it_reaches() {
        let dab = stroke(StrokeKind::Paint, 1.5, &[(2.5, 2.5)]);
        let round = ["#####", "#####", "#####"].map(|_| ".###.".to_owned());
        let mask = empty(5, 5).with_strokes(std::slice::from_ref(&dab), 1.0);
        assert_eq!(drawn(&mask)[1..4], round);
        assert_eq!(mask.area_px(), 9);
        // Pixels are twice as high as wide, so the brush covers half the rows.
        let mask = empty(5, 5).with_strokes(&[dab], 2.0);
        assert_eq!(mask.area_px(), 3);
    }

    #[test]
    fn a_path_is_joined_and_the_last_stroke_wins() {
        let line = stroke(StrokeKind::Paint, 0.5, &[(0.5, 1.5), (5.5, 1.5)]);
        let gap = stroke(StrokeKind::Erase, 0.6, &[(2.5, 1.5)]);
        let mask = empty(6, 3).with_strokes(&[line.clone(), gap.clone()], 1.0);
        assert_eq!(drawn(&mask), ["......", "##.###", "......"]);
        let mask = empty(6, 3).with_strokes(&[gap, line], 1.0);
        assert_eq!(drawn(&mask), ["......", "######", "......"]);
    }

    #[test]
    fn a_stroke_beyond_the_image_paints_the_part_inside() {
        let across = stroke(StrokeKind::Paint, 1.0, &[(-30.0, 0.5), (90.0, 0.5)]);
        assert_eq!(empty(4, 3).with_strokes(&[across], 1.0).area_px(), 8);
        let beside = stroke(StrokeKind::Paint, 1.0, &[(-30.0, -9.0)]);
        assert_eq!(empty(4, 3).with_strokes(&[beside], 1.0).area_px(), 0);
    }

    #[test]
    fn invalid_strokes_are_rejected() {
        for wrong in [
            stroke(StrokeKind::Paint, 0.0, &[(1.0, 1.0)]),
            stroke(StrokeKind::Paint, f32::NAN, &[(1.0, 1.0)]),
            stroke(StrokeKind::Paint, 1.0, &[]),
            stroke(StrokeKind::Erase, 1.0, &[(f32::INFINITY, 1.0)]),
        ] {
            assert_eq!(wrong.checked().unwrap_err().code(), "stroke_invalid");
        }
    }
}

//! Image space, model space, and the transforms between them.
//!
//! # The half-pixel convention
//!
//! In every space, pixel `(i, j)` (column `i`, row `j`, counted from 0) covers `[i, i + 1) × [j, j + 1)`, and its
//! centre is `(i + 0.5, j + 0.5)`. The origin is the outer corner of the top left pixel; `x` grows to the right, `y`
//! downwards. So an image of `W × H` pixels covers `[0, W] × [0, H]`, and the box around its first pixel is `(0, 0,
//! 1, 1)`.
//!
//! Resampling maps centres to centres: `x_to + 0.5 = (x_from + 0.5) · to / from`, which is `align_corners = false`.
//! SAM's prompt encoder adds the half pixel of model space itself (`PromptEncoder._embed_boxes`, `_embed_points`), so
//! a [`ModelBox`] or [`ModelPoint`] is passed without it.

use serde::{Deserialize, Serialize};

use crate::error::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Number of columns.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
}

impl Size {
    /// The longer of the two sides, in pixels.
    pub fn longest_side(self) -> u32 {
        self.width.max(self.height)
    }

    /// Width times height.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// A point in image space, in pixels of the opened image; serialized as `[x, y]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(rename = "Point", as = "[f32; 2]")
)]
#[serde(from = "[f32; 2]", into = "[f32; 2]")]
pub struct ImagePoint {
    /// Distance from the left edge, in pixels.
    pub x: f32,
    /// Distance from the top edge, in pixels.
    pub y: f32,
}

impl From<[f32; 2]> for ImagePoint {
    fn from([x, y]: [f32; 2]) -> Self {
        Self { x, y }
    }
}

impl From<ImagePoint> for [f32; 2] {
    fn from(point: ImagePoint) -> Self {
        [point.x, point.y]
    }
}

impl ImagePoint {
    /// Checks that the point lies within an image of `width × height` pixels or on its edge.
    ///
    /// # Errors
    ///
    /// [`Error::PointInvalid`] if a coordinate is not finite, [`Error::PointOutside`] if the point is outside the
    /// image. Unlike a box it is not clamped, because the user didn't click there.
    pub fn checked(self, width: u32, height: u32) -> Result<ImagePoint, Error> {
        let ImagePoint { x, y } = self;
        if !(x.is_finite() && y.is_finite()) {
            return Err(Error::PointInvalid { x, y });
        }
        if x < 0.0 || y < 0.0 || x > width as f32 || y > height as f32 {
            return Err(Error::PointOutside {
                x,
                y,
                width,
                height,
            });
        }
        Ok(self)
    }
}

/// A box in image space, in pixels of the opened image; serialized as `[x0, y0, x1, y1]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(rename = "Corners", as = "[f32; 4]")
)]
#[serde(from = "[f32; 4]", into = "[f32; 4]")]
pub struct ImageBox {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge.
    pub y1: f32,
}

impl From<[f32; 4]> for ImageBox {
    fn from([x0, y0, x1, y1]: [f32; 4]) -> Self {
        Self { x0, y0, x1, y1 }
    }
}

impl From<ImageBox> for [f32; 4] {
    fn from(ImageBox { x0, y0, x1, y1 }: ImageBox) -> Self {
        [x0, y0, x1, y1]
    }
}

impl ImageBox {
    /// Makes a box from two opposite corners in any order.
    pub fn from_corners(a: ImagePoint, b: ImagePoint) -> Self {
        ImageBox {
            x0: a.x.min(b.x),
            y0: a.y.min(b.y),
            x1: a.x.max(b.x),
            y1: a.y.max(b.y),
        }
    }

    /// Clamps the box to an image of `width × height` pixels.
    ///
    /// # Errors
    ///
    /// [`Error::BoxInvalid`] if a coordinate is not finite or the box has no area (for example because it is inverted),
    /// [`Error::BoxOutside`] if it has no area in common with the image.
    pub fn checked(self, width: u32, height: u32) -> Result<ImageBox, Error> {
        let ImageBox { x0, y0, x1, y1 } = self;
        let invalid = |reason| Error::BoxInvalid {
            x0,
            y0,
            x1,
            y1,
            reason,
        };
        if ![x0, y0, x1, y1].iter().all(|value| value.is_finite()) {
            return Err(invalid("every coordinate must be a finite number"));
        }
        if x1 <= x0 {
            return Err(invalid(
                "its right edge must lie to the right of its left edge",
            ));
        }
        if y1 <= y0 {
            return Err(invalid("its bottom edge must lie below its top edge"));
        }
        let (right, bottom) = (width as f32, height as f32);
        if x1 <= 0.0 || y1 <= 0.0 || x0 >= right || y0 >= bottom {
            return Err(Error::BoxOutside {
                x0,
                y0,
                x1,
                y1,
                width,
                height,
            });
        }
        Ok(ImageBox {
            x0: x0.max(0.0),
            y0: y0.max(0.0),
            x1: x1.min(right),
            y1: y1.min(bottom),
        })
    }
}

/// A point in model space, in pixels of the model's square input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelPoint {
    /// Distance from the left edge, in pixels.
    pub x: f32,
    /// Distance from the top edge, in pixels.
    pub y: f32,
}

/// A box in model space, in pixels of the model's square input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelBox {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge.
    pub y1: f32,
}

/// Placement of the image in the model's square: resized, at the top left; the rest is padding.
///
/// Made by [`prepare`](crate::prepare) and [`Recipe::placement`](crate::Recipe::placement).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Size of the original image.
    pub image: Size,
    /// Size of the resized image in the square.
    pub resized: Size,
    /// Side of the model's square, in pixels.
    pub side: u32,
    /// Model pixels per image pixel, along x and y.
    pub(crate) model_per_image: [f64; 2],
    /// Whether the recipe truncates the coordinates of a box to integers.
    pub(crate) truncates_boxes: bool,
    /// Side of the model's logits, which cover the square: those that it answers, and those that it takes as a prompt.
    pub(crate) logits: u32,
}

impl Placement {
    /// Stretches the image to fill a square whose side is four times that of the logits.
    pub(crate) fn stretched(image: Size, side: u32) -> Self {
        let per_side = |pixels: u32| f64::from(side) / f64::from(pixels);
        Self {
            image,
            resized: Size {
                width: side,
                height: side,
            },
            side,
            model_per_image: [per_side(image.width), per_side(image.height)],
            truncates_boxes: false,
            logits: side / 4,
        }
    }

    /// The size of the model's logits.
    pub(crate) fn logits_size(&self) -> Size {
        Size {
            width: self.logits,
            height: self.logits,
        }
    }

    /// Maps a box from image space to model space, as the recipe's reference does.
    ///
    /// If the recipe truncates, a box smaller than a model pixel may lose its area; the reference passes such boxes
    /// to the model too.
    pub fn model_from_image(&self, image_box: ImageBox) -> ModelBox {
        let [fx, fy] = self.model_per_image;
        let convert = |value: f32, factor: f64| {
            let model = f64::from(value) * factor;
            (if self.truncates_boxes {
                model.trunc()
            } else {
                model
            }) as f32
        };
        ModelBox {
            x0: convert(image_box.x0, fx),
            y0: convert(image_box.y0, fy),
            x1: convert(image_box.x1, fx),
            y1: convert(image_box.y1, fy),
        }
    }

    /// Maps a point from image space to model space (`ResizeLongestSide.apply_coords` of SAM).
    ///
    /// Never truncates: the reference that truncates boxes has no points.
    pub fn model_from_image_point(&self, point: ImagePoint) -> ModelPoint {
        let [fx, fy] = self.model_per_image;
        ModelPoint {
            x: (f64::from(point.x) * fx) as f32,
            y: (f64::from(point.y) * fy) as f32,
        }
    }

    /// Maps a box from model space to image space. Truncation is not undone.
    pub fn image_from_model(&self, model_box: ModelBox) -> ImageBox {
        let [fx, fy] = self.model_per_image;
        let convert = |value: f32, factor: f64| (f64::from(value) / factor) as f32;
        ImageBox {
            x0: convert(model_box.x0, fx),
            y0: convert(model_box.y0, fy),
            x1: convert(model_box.x1, fx),
            y1: convert(model_box.y1, fy),
        }
    }
}

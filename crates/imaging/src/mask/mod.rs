//! Masks of images and of volumes.

pub(crate) mod distance;
mod lattice;
mod nearest;
mod polygon;
mod reference;
mod stroke;
mod volume;

pub(crate) use polygon::enclosed_columns;
pub(crate) use reference::{add_from, check_place, masks_of_labels};
pub use reference::{labels, mask_of_label};
pub use stroke::{Stroke, StrokeKind};
pub use volume::VolumeMask;
pub(crate) use volume::VoxelBox;

use crate::error::Error;
use crate::scan::checked_size;
use crate::space::Size;

/// The pixels of an image that belong to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    size: Size,
    values: Vec<u8>,
}

/// The smallest box of whole pixels around a mask, half-open: columns `x0..x1`, rows `y0..y1`.
///
/// As coordinates of image space these are the edges of the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// First column.
    pub x0: u32,
    /// First row.
    pub y0: u32,
    /// One past the last column.
    pub x1: u32,
    /// One past the last row.
    pub y1: u32,
}

impl Mask {
    /// Makes a mask of `width × height` pixels; `values` is `[height, width]`: 0 is outside, anything else inside.
    ///
    /// # Errors
    ///
    /// [`Error::NoPixels`] for a side of 0; [`Error::Length`] unless there are `width × height`
    /// values.
    pub fn new(width: u32, height: u32, mut values: Vec<u8>) -> Result<Self, Error> {
        let size = checked_size(width, height, 1, "the mask", values.len())?;
        for value in &mut values {
            *value = u8::from(*value != 0);
        }
        Ok(Mask { size, values })
    }

    /// An empty mask for an image.
    pub fn empty(size: Size) -> Self {
        Mask {
            size,
            values: vec![0; size.pixels() as usize],
        }
    }

    /// Makes a mask without checks: `values` must be 0 or 1 and match `size`.
    pub(crate) fn from_parts(size: Size, values: Vec<u8>) -> Self {
        debug_assert_eq!(size.pixels(), values.len() as u64);
        Mask { size, values }
    }

    /// Makes a mask of the pixels for whose column and row `inside` is true.
    #[cfg(test)]
    pub(crate) fn from_fn(width: u32, height: u32, inside: impl Fn(u32, u32) -> bool) -> Self {
        let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let values = rows.map(|(x, y)| u8::from(inside(x, y))).collect();
        Mask::from_parts(Size { width, height }, values)
    }

    /// Number of columns.
    pub fn width(&self) -> u32 {
        self.size.width
    }

    /// Number of rows.
    pub fn height(&self) -> u32 {
        self.size.height
    }

    /// Width and height.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The pixels, `[height, width]`: 1 inside, 0 outside.
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// Area `|A|`: the number of pixels inside.
    pub fn area_px(&self) -> u64 {
        self.values.iter().map(|&value| u64::from(value)).sum()
    }

    /// The smallest box around the pixels inside; `None` if there are none.
    pub fn bounds(&self) -> Option<Bounds> {
        let mut bounds: Option<Bounds> = None;
        let rows = self.values.chunks_exact(self.size.width as usize);
        for (y, row) in (0u32..).zip(rows) {
            let inside = |&value: &u8| value != 0;
            let (Some(first), Some(last)) =
                (row.iter().position(inside), row.iter().rposition(inside))
            else {
                continue;
            };
            let (x0, x1) = (first as u32, last as u32 + 1);
            let so_far = bounds.unwrap_or(Bounds {
                x0,
                y0: y,
                x1,
                y1: y,
            });
            bounds = Some(Bounds {
                x0: so_far.x0.min(x0),
                y0: so_far.y0,
                x1: so_far.x1.max(x1),
                y1: y + 1,
            });
        }
        bounds
    }

    /// Dice coefficient `2 |A ∩ B| / (|A| + |B|)`, in `[0, 1]`; 1 if both masks are empty.
    ///
    /// # Errors
    ///
    /// [`Error::SizesDiffer`] if the masks have different sizes.
    pub fn dice(&self, other: &Mask) -> Result<f64, Error> {
        let both = self.intersection_px(other)?;
        let sum = self.area_px() + other.area_px();
        Ok(if sum == 0 {
            1.0
        } else {
            2.0 * both as f64 / sum as f64
        })
    }

    /// Intersection over union `|A ∩ B| / |A ∪ B|`, in `[0, 1]`; 1 if both masks are empty.
    ///
    /// # Errors
    ///
    /// [`Error::SizesDiffer`] if the masks have different sizes.
    pub fn iou(&self, other: &Mask) -> Result<f64, Error> {
        let both = self.intersection_px(other)?;
        let either = self.area_px() + other.area_px() - both;
        Ok(if either == 0 {
            1.0
        } else {
            both as f64 / either as f64
        })
    }

    /// The pixels inside either mask, `A ∪ B`.
    ///
    /// # Errors
    ///
    /// [`Error::SizesDiffer`] if the masks have different sizes.
    pub fn union(&self, other: &Mask) -> Result<Mask, Error> {
        same_size(self.size, other.size)?;
        let either = |(&a, &b): (&u8, &u8)| a | b;
        let values = self.values.iter().zip(&other.values).map(either).collect();
        Ok(Mask::from_parts(self.size, values))
    }

    /// `|A ∩ B|`.
    fn intersection_px(&self, other: &Mask) -> Result<u64, Error> {
        same_size(self.size, other.size)?;
        let both = |(&a, &b): (&u8, &u8)| u64::from(a & b);
        Ok(self.values.iter().zip(&other.values).map(both).sum())
    }
}

/// Checks that two images have the same size.
pub(crate) fn same_size(a: Size, b: Size) -> Result<(), Error> {
    if a == b {
        return Ok(());
    }
    Err(Error::SizesDiffer {
        a_width: a.width,
        a_height: a.height,
        b_width: b.width,
        b_height: b.height,
    })
}

//! Paints masks and boxes over an image.

use crate::error::Error;
use crate::mask::{Mask, same_size};
use crate::scan::RgbImage8;
use crate::space::{ImageBox, Size};

/// One mask on an overlay.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// The pixels to paint; same size as the image.
    pub mask: &'a Mask,
    /// Red, green, blue, each in `[0, 255]`.
    pub color: [u8; 3],
    /// Opacity of the mask, from 0 (invisible) to 1; outlines are opaque.
    pub opacity: f32,
    /// A box to outline in the same colour, in image space.
    pub outline: Option<ImageBox>,
}

impl<'a> Layer<'a> {
    /// The yellow used by the reference (`show_mask` of `CVPR24_LiteMedSAM_infer.py`).
    pub const COLOR: [u8; 3] = [251, 252, 30];
    /// The reference's opacity.
    pub const OPACITY: f32 = 0.6;

    /// The mask in the default colour, without a box.
    pub fn new(mask: &'a Mask) -> Self {
        Layer {
            mask,
            color: Self::COLOR,
            opacity: Self::OPACITY,
            outline: None,
        }
    }
}

/// Paints the layers over the image in order: `(1 − opacity) · image + opacity · color`.
///
/// Boxes are drawn above all masks, along the inside of their edges; their line is 1/256 of the image's longest side
/// wide, and at least one pixel.
///
/// # Errors
///
/// [`Error::SizesDiffer`] if a mask isn't as large as the image.
pub fn overlay(image: &RgbImage8, layers: &[Layer<'_>]) -> Result<RgbImage8, Error> {
    let size = image.size();
    let mut pixels = image.pixels().to_vec();
    for layer in layers {
        same_size(size, layer.mask.size())?;
        paint_mask(&mut pixels, layer);
    }
    for layer in layers {
        if let Some(outline) = layer.outline {
            paint_outline(&mut pixels, size, outline, layer.color);
        }
    }
    Ok(RgbImage8::from_parts(size, pixels))
}

fn paint_mask(pixels: &mut [u8], layer: &Layer<'_>) {
    let opacity = layer.opacity.clamp(0.0, 1.0);
    for (pixel, &inside) in pixels
        .as_chunks_mut::<3>()
        .0
        .iter_mut()
        .zip(layer.mask.values())
    {
        if inside == 0 {
            continue;
        }
        for (value, color) in pixel.iter_mut().zip(layer.color) {
            let mixed = (1.0 - opacity) * f32::from(*value) + opacity * f32::from(color);
            *value = mixed.round() as u8;
        }
    }
}

fn paint_outline(pixels: &mut [u8], size: Size, outline: ImageBox, color: [u8; 3]) {
    let line = (size.longest_side() / 256).max(1);
    // `as` saturates, so edges outside the image become its edges, and NaN becomes 0.
    let pixel = |edge: f32, limit: u32| (edge.round() as u32).min(limit);
    let (left, right) = (pixel(outline.x0, size.width), pixel(outline.x1, size.width));
    let (top, bottom) = (
        pixel(outline.y0, size.height),
        pixel(outline.y1, size.height),
    );
    for y in top..bottom {
        for x in left..right {
            let distance = (x - left)
                .min(right - 1 - x)
                .min(y - top)
                .min(bottom - 1 - y);
            if distance < line {
                let at = (y as usize * size.width as usize + x as usize) * 3;
                pixels[at..at + 3].copy_from_slice(&color);
            }
        }
    }
}

use crate::error::Error;
use crate::scan::checked_size;
use crate::space::Size;

/// An 8-bit RGB image: shown to the user, and the input of every recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RgbImage8 {
    size: Size,
    pixels: Vec<u8>,
}

impl RgbImage8 {
    /// Makes an image of `width × height` pixels; `pixels` is `[height, width, 3]`, each in `[0, 255]`.
    ///
    /// # Errors
    ///
    /// [`Error::NoPixels`] for a side of 0; [`Error::Length`] unless there are
    /// `width × height × 3` values.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, Error> {
        let size = checked_size(width, height, 3, "the RGB image", pixels.len())?;
        Ok(RgbImage8 { size, pixels })
    }

    /// Makes an image without checks: `pixels` must match `size`.
    pub(crate) fn from_parts(size: Size, pixels: Vec<u8>) -> Self {
        debug_assert_eq!(size.pixels() * 3, pixels.len() as u64);
        RgbImage8 { size, pixels }
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

    /// The pixels, `[height, width, 3]`, each value in `[0, 255]`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The pixels as `[height, width, 4]` with an alpha of 255, as a canvas takes them.
    pub fn to_rgba(&self) -> Vec<u8> {
        let opaque = |rgb: &[u8; 3]| [rgb[0], rgb[1], rgb[2], 255];
        self.pixels
            .as_chunks::<3>()
            .0
            .iter()
            .flat_map(opaque)
            .collect()
    }
}

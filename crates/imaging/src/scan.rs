//! Pixels at rest: what a file held ([`Slice`]), and what the model sees ([`RgbImage8`]).
//! Knows no file format.

use crate::error::Error;
use crate::space::Size;

/// The samples of a slice, row by row from the top, interleaved `[height, width, channels]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Samples {
    /// One channel, 8 bits.
    Grey8(Vec<u8>),
    /// Red, green, blue, 8 bits.
    Rgb8(Vec<u8>),
    /// One channel, 16 bits.
    Grey16(Vec<u16>),
    /// Red, green, blue, 16 bits.
    Rgb16(Vec<u16>),
}

/// One two-dimensional image as its file held it, upright, without alpha.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    size: Size,
    samples: Samples,
}

impl Slice {
    /// A slice of `width × height` pixels.
    ///
    /// # Errors
    ///
    /// [`Error::NoPixels`] for a side of 0; [`Error::Length`] unless there are
    /// `width × height × channels` samples.
    pub fn new(width: u32, height: u32, samples: Samples) -> Result<Self, Error> {
        let (channels, got) = match &samples {
            Samples::Grey8(values) => (1, values.len()),
            Samples::Rgb8(values) => (3, values.len()),
            Samples::Grey16(values) => (1, values.len()),
            Samples::Rgb16(values) => (3, values.len()),
        };
        let size = checked_size(width, height, channels, "the slice", got)?;
        Ok(Slice { size, samples })
    }

    /// Number of columns.
    pub fn width(&self) -> u32 {
        self.size.width
    }

    /// Number of rows.
    pub fn height(&self) -> u32 {
        self.size.height
    }

    /// The samples, `[height, width, channels]`.
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// Bits of one sample: 8 or 16.
    pub fn bits(&self) -> u32 {
        match self.samples {
            Samples::Grey8(_) | Samples::Rgb8(_) => 8,
            Samples::Grey16(_) | Samples::Rgb16(_) => 16,
        }
    }
}

/// An image of 8-bit red, green and blue: what is shown, and what every recipe starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RgbImage8 {
    size: Size,
    pixels: Vec<u8>,
}

impl RgbImage8 {
    /// An image of `width × height` pixels, `pixels` being `[height, width, 3]`, each in `[0, 255]`.
    ///
    /// # Errors
    ///
    /// [`Error::NoPixels`] for a side of 0; [`Error::Length`] unless there are
    /// `width × height × 3` values.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, Error> {
        let size = checked_size(width, height, 3, "the RGB image", pixels.len())?;
        Ok(RgbImage8 { size, pixels })
    }

    /// For callers in this crate that computed `pixels` from `size`.
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

/// The size, if it has pixels and `got` is the number of values that it calls for.
pub(crate) fn checked_size(
    width: u32,
    height: u32,
    channels: u64,
    what: &'static str,
    got: usize,
) -> Result<Size, Error> {
    let size = Size { width, height };
    if size.pixels() == 0 {
        return Err(Error::NoPixels { width, height });
    }
    let expected = size.pixels().saturating_mul(channels);
    let got = got as u64;
    if got != expected {
        return Err(Error::Length {
            what,
            expected,
            got,
        });
    }
    Ok(size)
}

//! Bytes of a file → [`Slice`], by magic number: names and MIME types are not believed.

mod jpeg;
mod png;
mod raster;

use std::fmt;

use crate::error::Error;
use crate::scan::Slice;
use crate::space::Size;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Portable Network Graphics: grey, colour, palette; 1 to 16 bits.
    Png,
    /// JPEG, baseline and progressive, 8 bits.
    Jpeg,
    /// Windows bitmap.
    Bmp,
    /// TIFF: the first page; grey and colour; 8 and 16 bits.
    Tiff,
}

impl Format {
    /// The format of a file, by its first bytes.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyFile`]; [`Error::Unsupported`] for a format that is known by name only;
    /// [`Error::UnknownFormat`] for anything else.
    pub fn detect(bytes: &[u8]) -> Result<Format, Error> {
        if bytes.is_empty() {
            return Err(Error::EmptyFile);
        }
        if let Some((_, format)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            return Ok(*format);
        }
        let is_known = |(offset, magic, _): &&(usize, &[u8], &str)| {
            bytes
                .get(*offset..)
                .is_some_and(|rest| rest.starts_with(magic))
        };
        Err(match NOT_READ.iter().find(is_known) {
            Some((_, _, name)) => Error::Unsupported {
                what: format!("{name} file"),
            },
            None => Error::UnknownFormat {
                start: describe_start(bytes),
            },
        })
    }

    /// Name for people: `PNG`, `JPEG`, `BMP` or `TIFF`.
    pub fn name(self) -> &'static str {
        match self {
            Format::Png => "PNG",
            Format::Jpeg => "JPEG",
            Format::Bmp => "BMP",
            Format::Tiff => "TIFF",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const MAGIC: [(&[u8], Format); 5] = [
    (b"\x89PNG\r\n\x1a\n", Format::Png),
    (b"\xff\xd8\xff", Format::Jpeg),
    (b"BM", Format::Bmp),
    (b"II\x2a\0", Format::Tiff),
    (b"MM\0\x2a", Format::Tiff),
];

/// Formats that a person may well try, as offset, magic number and name.
const NOT_READ: [(usize, &[u8], &str); 14] = [
    (128, b"DICM", "a DICOM"),
    (344, b"n+1\0", "a NIfTI-1"),
    (4, b"n+2\0", "a NIfTI-2"),
    (0, b"\x1f\x8b", "a gzip (for instance .nii.gz)"),
    (0, b"PK\x03\x04", "a ZIP"),
    (0, b"GIF8", "a GIF"),
    (8, b"WEBP", "a WebP"),
    (4, b"ftyp", "a HEIC, AVIF or MP4"),
    (0, b"%PDF", "a PDF"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000"),
    (0, b"II\x2b\0", "a BigTIFF"),
    (0, b"MM\0\x2b", "a BigTIFF"),
    (0, b"\x93NUMPY", "a NumPy"),
];

/// How much a file may ask for. It is compared with the header before anything is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest width and height, in pixels.
    pub max_side: u32,
    /// Most pixels, width times height.
    pub max_pixels: u64,
    /// Most bytes that a decoder may allocate.
    pub max_bytes: u64,
}

impl Default for Limits {
    /// What fits in a browser tab beside the model: 16,384 pixels a side (the largest canvas),
    /// 64 megapixels, 512 MiB.
    fn default() -> Self {
        Limits {
            max_side: 16_384,
            max_pixels: 64_000_000,
            max_bytes: 512 << 20,
        }
    }
}

impl Limits {
    /// Whether an image of this size may be decoded.
    ///
    /// # Errors
    ///
    /// [`Error::NoPixels`] for a side of 0, [`Error::TooLarge`] above a limit.
    pub fn check(&self, size: Size) -> Result<(), Error> {
        let Size { width, height } = size;
        if size.pixels() == 0 {
            return Err(Error::NoPixels { width, height });
        }
        if size.longest_side() > self.max_side || size.pixels() > self.max_pixels {
            return Err(Error::TooLarge {
                width,
                height,
                max_side: self.max_side,
                max_pixels: self.max_pixels,
            });
        }
        Ok(())
    }
}

/// Opens the bytes of a PNG, JPEG, BMP or TIFF file.
///
/// The slice is upright (the EXIF orientation is applied) and without alpha (it is dropped, and the
/// colours beneath it stay). A palette becomes RGB; 1, 2 and 4 bits become 8. Of a TIFF with
/// several pages the first is opened. Colour profiles are ignored.
///
/// # Errors
///
/// [`Error::EmptyFile`], [`Error::UnknownFormat`], [`Error::Unsupported`], [`Error::Damaged`],
/// [`Error::Truncated`], [`Error::NoPixels`], [`Error::TooLarge`] and [`Error::TooMuchMemory`].
pub fn open(bytes: &[u8], limits: &Limits) -> Result<Slice, Error> {
    raster::open(bytes, Format::detect(bytes)?, limits)
}

/// The first bytes, for a person: in quotes if they are printable text, else in hexadecimal.
fn describe_start(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(12)];
    let is_text = |&byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    if start.iter().all(is_text) {
        format!("the text {:?}", String::from_utf8_lossy(start))
    } else {
        let hex: Vec<String> = start.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("the bytes {}", hex.join(" "))
    }
}

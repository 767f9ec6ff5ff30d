//! Reads a page's format from its directory and checks it against the limits, before anything is decoded.

use super::compression::Compression;
use super::directory::{Directory, File};
use super::storage::Storage;
use super::tags::*;
use super::{damaged, unsupported};
use crate::error::Error;
use crate::format::Format;
use crate::open::Limits;
use crate::space::Size;

/// The pixel format that all pages of a scan share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PixelFormat {
    /// Width as stored, in pixels.
    pub width: u32,
    pub height: u32,
    pub colour: Colour,
    pub number: Number,
    /// Bits per sample, 1 to 64.
    pub bits: u32,
    /// Tag 274, 1 to 8; 1 is upright.
    pub orientation: u32,
    /// Number of samples that are images of their own, such as a microscope's channels.
    pub channels: u32,
}

/// How a pixel's samples are to be read as grey or colour (tag 262).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Grey { zero_is_white: bool },
    Palette,
    Rgb,
    YCbCr,
    Cmyk,
}

/// Number type of a sample (tag 339).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Unsigned,
    Signed,
    Float,
}

/// The format of a page and the place of its data.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Page {
    /// Position of its directory in the file.
    pub at: u64,
    pub kind: PixelFormat,
    /// Whether it is a smaller copy of another page (tag 254): a pyramid level, a thumbnail.
    pub is_reduced: bool,
    /// Whether the directory doesn't say what its samples mean.
    pub is_colour_assumed: bool,
    pub storage: Storage,
}

impl Page {
    /// The page of a directory.
    pub fn read(file: File<'_>, at: u64) -> Result<Page, Error> {
        let limits = file.budget.limits();
        let directory = file.directory(at)?;
        let side = |tag| -> Result<u32, Error> {
            let side = directory.unsigned(tag)?.unwrap_or(0);
            Ok(u32::try_from(side).unwrap_or(u32::MAX))
        };
        let (width, height) = (side(IMAGE_WIDTH)?, side(IMAGE_LENGTH)?);
        limits.check(Size { width, height })?;
        if let Some(depth @ 2..) = directory.unsigned(IMAGE_DEPTH)? {
            return Err(unsupported(format!(
                "a TIFF file whose pages are volumes of {depth} slices (ImageDepth)"
            )));
        }
        let samples = directory.unsigned(SAMPLES_PER_PIXEL)?.unwrap_or(1);
        if !(1..=MAX_SAMPLES).contains(&samples) {
            let reason = format!("its pixels have {samples} samples, not 1 to {MAX_SAMPLES}");
            return Err(damaged(reason));
        }
        let compression = Compression::of(directory.unsigned(COMPRESSION)?.unwrap_or(1))?;
        let colour = colour(&directory, samples, compression)?;
        let (number, bits) = number(&directory, samples, colour)?;
        let orientation = directory.unsigned(ORIENTATION).ok().flatten();
        let orientation = orientation.filter(|given| (1..=8).contains(given));
        let kind = PixelFormat {
            width,
            height,
            colour,
            number,
            bits,
            orientation: orientation.unwrap_or(1) as u32,
            channels: channels(&directory, samples, colour)?,
        };
        let storage = Storage::read(&directory, &kind, samples as u32, compression)?;
        let subfile = directory.unsigned(NEW_SUBFILE_TYPE).ok().flatten();
        let page = Page {
            at,
            kind,
            is_reduced: subfile.unwrap_or(0) & 1 == 1,
            is_colour_assumed: directory.count(PHOTOMETRIC_INTERPRETATION) == 0,
            storage,
        };
        page.check(limits)?;
        Ok(page)
    }

    fn check(&self, limits: &Limits) -> Result<(), Error> {
        let [width, rows] = self.storage.chunk;
        let across = u64::from(self.kind.width.div_ceil(width)) * u64::from(width);
        let down = u64::from(self.kind.height.div_ceil(rows)) * u64::from(rows);
        // Tiles reach beyond the image's edge, and are decoded whole.
        let decoded = across.saturating_mul(down);
        if self.storage.is_tiled && decoded > limits.max_pixels.saturating_mul(2) {
            let reason = format!(
                "its tiles of {width}x{rows} pixels are out of proportion to its size of {}x{}",
                self.kind.width, self.kind.height
            );
            return Err(damaged(reason));
        }
        let stored = u64::from(self.storage.samples * self.kind.bits).div_ceil(8);
        let chunk = u64::from(width) * u64::from(rows.min(self.kind.height)) * stored;
        match self.kind.bytes().max(chunk) <= limits.max_bytes {
            true => Ok(()),
            false => Err(too_much_memory(self.kind.bytes().max(chunk), limits)),
        }
    }
}

/// Maximum number of samples per pixel: more than any detector has.
const MAX_SAMPLES: u64 = 512;

impl PixelFormat {
    /// Size of the image in memory, in bytes.
    pub fn bytes(&self) -> u64 {
        let pixels = u64::from(self.width) * u64::from(self.height);
        let sample = match self.number {
            Number::Float => u64::from(self.bits.max(32) / 8),
            _ => u64::from(self.bits.next_power_of_two().max(8) / 8),
        };
        let samples = match self.colour {
            Colour::Grey { .. } => 1,
            Colour::Cmyk => 4,
            Colour::Palette | Colour::Rgb | Colour::YCbCr => 3,
        };
        pixels.saturating_mul(samples * sample)
    }

    /// Bytes that an image takes as part of a scan: inks become three colours, and colours of a palette have 8 bits.
    pub fn result_bytes(&self) -> u64 {
        let pixels = u64::from(self.width) * u64::from(self.height);
        match self.colour {
            Colour::Cmyk => self.bytes() / 4 * 3,
            Colour::Palette => 3 * pixels,
            _ => self.bytes(),
        }
    }

    /// Bytes that are held at once while an image is made from the decoded samples.
    pub fn peak_bytes(&self) -> u64 {
        let pixels = u64::from(self.width) * u64::from(self.height);
        let sample = u64::from(self.bits.next_power_of_two().max(8) / 8);
        let decoded = pixels * sample * self.read_samples() as u64;
        let result = self.result_bytes();
        match (self.colour, self.number, self.bits) {
            (Colour::Palette, ..) | (_, Number::Float, 16) => decoded + result,
            _ => decoded.max(result),
        }
    }

    /// Samples that are read at once, from the first.
    pub fn read_samples(&self) -> usize {
        match self.colour {
            Colour::Grey { .. } | Colour::Palette => 1,
            Colour::Rgb | Colour::YCbCr => 3,
            Colour::Cmyk => 4,
        }
    }

    /// Width and height of the upright image.
    pub fn upright_size(&self) -> [u32; 2] {
        match self.orientation {
            5.. => [self.height, self.width],
            _ => [self.width, self.height],
        }
    }
}

/// How the samples are to be read; without the tag, libtiff's assumption.
fn colour(
    directory: &Directory<'_>,
    samples: u64,
    compression: Compression,
) -> Result<Colour, Error> {
    let given = directory.unsigned(PHOTOMETRIC_INTERPRETATION)?;
    let grey = |zero_is_white| Colour::Grey { zero_is_white };
    Ok(match (given, samples) {
        (Some(0), _) => grey(true),
        (None, 1) if compression == Compression::Fax4 => grey(true),
        (Some(1), _) | (None, _) => grey(false),
        // Zeiss LSM files use this value for one or two channels.
        (Some(2), 1 | 2) => grey(false),
        (Some(2), _) => Colour::Rgb,
        (Some(3), _) => Colour::Palette,
        (Some(5), 4..) => match directory.unsigned(INK_SET)? {
            None | Some(1) => Colour::Cmyk,
            Some(inks) => {
                let what = format!("a TIFF file of inks other than CMYK (InkSet {inks})");
                return Err(unsupported(what));
            }
        },
        (Some(6), 3..) => Colour::YCbCr,
        (Some(other), _) => {
            let name = match other {
                4 => "a transparency mask",
                5 => "CMYK of too few samples",
                6 => "YCbCr of too few samples",
                8..=10 => "L*a*b*",
                32803 => "a colour filter array",
                32844 | 32845 => "LogLuv",
                34892 => "linear raw",
                _ => "unknown",
            };
            let what = format!("a TIFF file whose colours are {name} ({other})");
            return Err(unsupported(what));
        }
    })
}

/// Number type and bits that all samples share.
fn number(directory: &Directory<'_>, samples: u64, colour: Colour) -> Result<(Number, u32), Error> {
    let all = |tag, default: u64| -> Result<u64, Error> {
        let values = directory.list(tag, MAX_SAMPLES.max(samples))?;
        let first = values.first().copied().unwrap_or(default);
        match values.iter().all(|value| *value == first) {
            true => Ok(first),
            false => Err(unsupported(format!(
                "a TIFF file whose samples differ (tag {tag}: {values:?})"
            ))),
        }
    };
    let bits = all(BITS_PER_SAMPLE, 1)?;
    let format = all(SAMPLE_FORMAT, 1)?;
    let is_grey = matches!(colour, Colour::Grey { .. });
    let number = match (format, bits) {
        // 4 means "undefined", which libtiff reads as unsigned.
        (1 | 4, 1..=16) => Some(Number::Unsigned),
        (1 | 4, 32 | 64) if is_grey => Some(Number::Unsigned),
        (2, 8 | 16 | 32 | 64) if is_grey => Some(Number::Signed),
        (3, 16 | 32 | 64) if is_grey => Some(Number::Float),
        _ => None,
    };
    let is_usable = match colour {
        Colour::Grey { .. } => true,
        Colour::Palette => bits <= 16,
        Colour::Rgb | Colour::Cmyk => matches!(bits, 8 | 16),
        Colour::YCbCr => bits == 8,
    };
    match number {
        Some(number) if is_usable => Ok((number, bits as u32)),
        _ => {
            let format = match format {
                1 | 4 => "whole numbers",
                2 => "whole numbers with a sign",
                3 => "floating-point numbers",
                5 | 6 => "complex numbers",
                _ => "unknown numbers",
            };
            Err(unsupported(format!(
                "a TIFF file with such pixels, of {samples} × {bits} bits ({format}),"
            )))
        }
    }
}

/// Number of samples that are separate grey images; transparency (tag 338: 1 or 2) doesn't count.
fn channels(directory: &Directory<'_>, samples: u64, colour: Colour) -> Result<u32, Error> {
    if !matches!(colour, Colour::Grey { .. }) {
        return Ok(1);
    }
    let extra = directory.list(EXTRA_SAMPLES, MAX_SAMPLES)?;
    let transparent = extra.iter().filter(|kind| matches!(kind, 1 | 2)).count();
    Ok((samples as u32).saturating_sub(transparent as u32).max(1))
}

pub(super) fn too_much_memory(needed_bytes: u64, limits: &Limits) -> Error {
    Error::TooMuchMemory {
        format: Format::Tiff,
        needed_bytes,
        max_bytes: limits.max_bytes,
    }
}

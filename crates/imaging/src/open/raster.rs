//! Decodes PNG, JPEG and BMP with the `image` crate; its errors become [`Error`].

use std::error::Error as StdError;
use std::io::{self, Cursor};

use image::codecs::{bmp::BmpDecoder, jpeg::JpegDecoder, png::PngDecoder};
use image::error::UnsupportedErrorKind;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageError};

use super::budget::Budget;
use super::{Limits, jpeg, png};
use crate::error::Error;
use crate::format::Format;
use crate::scan::{About, Note, NoteCode, Scan, Voxels};
use crate::space::Size;

pub(super) fn open(bytes: &[u8], format: Format, budget: &Budget) -> Result<Scan, Error> {
    let limits = budget.limits();
    if format == Format::Jpeg {
        jpeg::check_markers(bytes, limits)?;
    }
    let scratch = match format {
        Format::Png => png::metadata_bytes(bytes, MAX_METADATA),
        // With the decoder's copy of the file.
        Format::Jpeg => jpeg::scratch_bytes(bytes) + bytes.len() as u64,
        _ => 0,
    };
    let _scratch = budget.hold(scratch).map_err(|spent| spent.error(format))?;
    if format == Format::Jpeg {
        let counted = budget.step(jpeg::steps(bytes));
        counted.map_err(|spent| spent.error(format))?;
    }
    let note = match format {
        Format::Png => png::check(bytes, limits).map(|()| None)?,
        Format::Jpeg => jpeg::check(bytes)?,
        _ => None,
    };
    #[cfg(test)]
    tests::panic_on_purpose(bytes);
    let found = match format {
        Format::Png => Some(png::orientation(bytes)),
        _ => None,
    };
    let file = File {
        bytes,
        format,
        limits,
        budget,
        orientation: found.as_ref().and_then(|found| found.exif),
    };
    let reader = Cursor::new(bytes);
    let decoded = match format {
        Format::Png => PngDecoder::with_limits(reader, file.metadata_limits())
            .map_err(|error| file.error(error))
            .and_then(|decoder| file.decode(decoder)),
        Format::Jpeg => JpegDecoder::new(reader)
            .map_err(|error| file.error(error))
            .and_then(|decoder| file.decode(decoder)),
        _ => BmpDecoder::new(reader)
            .map_err(|error| file.error(error))
            .and_then(|decoder| file.decode(decoder)),
    };
    let mut scan = scan_from(decoded?, format)?;
    scan.about.notes.extend(note);
    if let Some((orientation, place)) = found.and_then(|found| found.elsewhere)
        && file.orientation.is_none()
    {
        scan.about.notes.push(Note {
            code: NoteCode::Reading,
            text: format!(
                "the file says in {place} that it should be rotated or mirrored (orientation {orientation}); \
                 it is shown as stored"
            ),
        });
    }
    Ok(scan)
}

/// Memory for what is stored next to the pixels: a colour profile has a few MB at most.
const MAX_METADATA: u64 = 24 << 20;

struct File<'a> {
    bytes: &'a [u8],
    format: Format,
    limits: &'a Limits,
    budget: &'a Budget,
    /// What was found of it before; else the decoder is asked.
    orientation: Option<Orientation>,
}

impl File<'_> {
    fn decoder_limits(&self) -> image::Limits {
        let mut limits = image::Limits::no_limits();
        limits.max_alloc = Some(self.limits.max_bytes);
        limits
    }

    /// Limits for a decoder that inflates other data than pixels, such as a colour profile, before it is asked
    /// for them: into a buffer that may grow to twice its content.
    fn metadata_limits(&self) -> image::Limits {
        let mut limits = image::Limits::no_limits();
        limits.max_alloc = Some(MAX_METADATA);
        limits
    }

    /// Checks the header, then decodes, then turns the image upright.
    fn decode(&self, mut decoder: impl ImageDecoder) -> Result<DynamicImage, Error> {
        let (width, height) = decoder.dimensions();
        self.limits.check(Size { width, height })?;
        let bytes = decoder.total_bytes();
        if bytes > self.limits.max_bytes {
            return Err(self.too_much_memory(bytes));
        }
        if matches!(decoder.color_type(), ColorType::Rgb32F | ColorType::Rgba32F) {
            let what = format!("{} file with floating-point samples", self.article());
            return Err(Error::Unsupported { what });
        }
        let adapt = |error| self.error(error);
        decoder.set_limits(self.decoder_limits()).map_err(adapt)?;
        // Differs from the reference, whose images are arrays already: a box is drawn on what is
        // shown, and every viewer shows the image upright.
        let orientation = match self.orientation {
            Some(found) => found,
            None => decoder.orientation().map_err(adapt)?,
        };
        let images = if is_turned(orientation) { 2 } else { 1 };
        let _images = self
            .budget
            .hold(bytes.saturating_mul(images))
            .map_err(|spent| spent.error(self.format))?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(adapt)?;
        image.apply_orientation(orientation);
        Ok(image)
    }

    fn error(&self, error: ImageError) -> Error {
        let format = self.format;
        if ends_too_early(&error) {
            let bytes = self.bytes.len();
            return Error::Truncated { format, bytes };
        }
        match error {
            ImageError::Limits(_) => self.too_much_memory(self.limits.max_bytes + 1),
            ImageError::Unsupported(error) => Error::Unsupported {
                what: match error.kind() {
                    UnsupportedErrorKind::GenericFeature(feature) => {
                        format!("{} file of this kind ({feature})", self.article())
                    }
                    UnsupportedErrorKind::Color(ExtendedColorType::Unknown(bits)) => {
                        format!("{} file with such pixels, of {bits} bits,", self.article())
                    }
                    _ => format!("{} file of this kind", self.article()),
                },
            },
            error => Error::Damaged {
                format,
                reason: innermost(&error),
            },
        }
    }

    fn too_much_memory(&self, needed_bytes: u64) -> Error {
        Error::TooMuchMemory {
            format: self.format,
            needed_bytes,
            max_bytes: self.limits.max_bytes,
        }
    }

    fn article(&self) -> String {
        format!("a {}", self.format)
    }
}

/// Whether the orientation swaps rows and columns, which needs a second image.
fn is_turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// Whether the error's root cause is a read past the end of the bytes.
fn ends_too_early(error: &ImageError) -> bool {
    let is_eof = |io: &io::Error| io.kind() == io::ErrorKind::UnexpectedEof;
    match error {
        // The chain below skips this one: the source of an `IoError` is the source of the `io::Error` in it.
        ImageError::IoError(io) => is_eof(io),
        other => chain(other).any(|cause| cause.downcast_ref().is_some_and(is_eof)),
    }
}

/// The text of the deepest cause: the outer ones repeat it and name the format again.
fn innermost(error: &ImageError) -> String {
    chain(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn chain(error: &ImageError) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    std::iter::successors(Some(first), |&cause| cause.source())
}

/// Drops alpha and keeps the colours beneath it, as PIL's `convert("RGB")` does for the reference: compositing
/// would add an arbitrary background to the scan.
fn scan_from(image: DynamicImage, format: Format) -> Result<Scan, Error> {
    let (width, height) = (image.width(), image.height());
    let voxels = match image {
        DynamicImage::ImageLuma8(image) => Voxels::U8(image.into_raw()),
        DynamicImage::ImageLumaA8(image) => Voxels::U8(without_alpha::<_, 2, 1>(image.into_raw())),
        DynamicImage::ImageRgb8(image) => Voxels::Rgb8(image.into_raw()),
        DynamicImage::ImageRgba8(image) => Voxels::Rgb8(without_alpha::<_, 4, 3>(image.into_raw())),
        DynamicImage::ImageLuma16(image) => Voxels::U16(image.into_raw()),
        DynamicImage::ImageLumaA16(image) => {
            Voxels::U16(without_alpha::<_, 2, 1>(image.into_raw()))
        }
        DynamicImage::ImageRgb16(image) => Voxels::Rgb16(image.into_raw()),
        DynamicImage::ImageRgba16(image) => {
            Voxels::Rgb16(without_alpha::<_, 4, 3>(image.into_raw()))
        }
        other => {
            let what = format!("an image of {:?} samples", other.color());
            return Err(Error::Unsupported { what });
        }
    };
    let about = About::new(format, voxels.bits());
    Scan::from_image(width, height, voxels, about)
}

/// Keeps the first `KEPT` of every `CHANNELS` values, in place: a copy might not fit in memory.
fn without_alpha<T: Copy, const CHANNELS: usize, const KEPT: usize>(mut values: Vec<T>) -> Vec<T> {
    let pixels = values.len() / CHANNELS;
    for pixel in 0..pixels {
        let from = pixel * CHANNELS;
        values.copy_within(from..from + KEPT, pixel * KEPT);
    }
    values.truncate(pixels * KEPT);
    values.shrink_to_fit();
    values
}

#[cfg(test)]
mod tests {
    use super::super::{NamedFile, open_choice, survey};
    use super::*;

    const PANICS: &[u8] = b"BM a decoder panics on this file";

    /// Panics like a decoder would on a file of the test below: no real file is certain to make a decoder panic.
    pub(super) fn panic_on_purpose(bytes: &[u8]) {
        assert!(bytes != PANICS, "on purpose");
    }

    /// A bitmap of one pixel of 24 bits.
    fn bitmap() -> Vec<u8> {
        let mut bytes = b"BM".to_vec();
        let words = [58u32, 0, 54, 40, 1, 1, 1 | 24 << 16, 0, 4, 0, 0, 0, 0];
        bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        bytes.extend([1, 2, 3, 0]);
        bytes
    }

    #[test]
    fn a_decoder_that_panics_ends_its_file_alone() {
        let bitmap = bitmap();
        let files = [PANICS, &bitmap].map(|bytes| NamedFile { name: "", bytes });
        let limits = Limits::default();
        let choices = survey(&files, &limits).unwrap();
        let opened: Vec<_> = choices
            .iter()
            .map(|choice| open_choice(&files, choice, &limits))
            .collect();
        let [Err(error), Ok(scan)] = opened.as_slice() else {
            panic!("{opened:?}");
        };
        assert_eq!(error.code(), "image_damaged");
        assert!(error.to_string().contains("on purpose"), "{error}");
        assert_eq!(scan.voxels(), &Voxels::Rgb8(vec![3, 2, 1]));
    }
}

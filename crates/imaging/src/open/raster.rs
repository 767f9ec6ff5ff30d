//! PNG, JPEG, BMP and TIFF through the `image` crate, with its limits and its errors made ours.

use std::error::Error as StdError;
use std::io::{self, Cursor};

use image::codecs::{bmp::BmpDecoder, jpeg::JpegDecoder, png::PngDecoder, tiff::TiffDecoder};
use image::error::UnsupportedErrorKind;
use image::{ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageError};

use super::{Format, Limits, jpeg, png};
use crate::error::Error;
use crate::scan::{Samples, Slice};
use crate::space::Size;

pub(super) fn open(bytes: &[u8], format: Format, limits: &Limits) -> Result<Slice, Error> {
    match format {
        Format::Png => png::check(bytes, limits)?,
        Format::Jpeg => jpeg::check(bytes, limits)?,
        Format::Bmp | Format::Tiff => {}
    }
    let file = File {
        bytes,
        format,
        limits,
    };
    let reader = Cursor::new(bytes);
    let decoded = match format {
        Format::Png => PngDecoder::with_limits(reader, file.decoder_limits())
            .map_err(|error| file.error(error))
            .and_then(|decoder| file.decode(decoder)),
        Format::Jpeg => JpegDecoder::new(reader)
            .map_err(|error| file.error(error))
            .and_then(|decoder| file.decode(decoder)),
        Format::Bmp => BmpDecoder::new(reader)
            .map_err(|error| file.error(error))
            .and_then(|decoder| file.decode(decoder)),
        Format::Tiff => TiffDecoder::new(reader)
            .map_err(|error| file.error(error))
            .and_then(|decoder| file.decode(decoder)),
    };
    slice_from(decoded?)
}

struct File<'a> {
    bytes: &'a [u8],
    format: Format,
    limits: &'a Limits,
}

impl File<'_> {
    fn decoder_limits(&self) -> image::Limits {
        let mut limits = image::Limits::no_limits();
        limits.max_alloc = Some(self.limits.max_bytes);
        limits
    }

    /// Checks the header, then decodes, then turns the image upright.
    fn decode(&self, mut decoder: impl ImageDecoder) -> Result<DynamicImage, Error> {
        let (width, height) = decoder.dimensions();
        self.limits.check(Size { width, height })?;
        if decoder.total_bytes() > self.limits.max_bytes {
            return Err(self.too_much_memory());
        }
        if matches!(decoder.color_type(), ColorType::Rgb32F | ColorType::Rgba32F) {
            let what = format!("{} file with floating-point samples", self.article());
            return Err(Error::Unsupported { what });
        }
        let adapt = |error| self.error(error);
        decoder.set_limits(self.decoder_limits()).map_err(adapt)?;
        // Differs from the reference, whose images are arrays already: a box is drawn on what is
        // shown, and every viewer shows the image upright.
        let orientation = decoder.orientation().map_err(adapt)?;
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
            ImageError::Limits(_) => self.too_much_memory(),
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

    fn too_much_memory(&self) -> Error {
        Error::TooMuchMemory {
            format: self.format,
            max_bytes: self.limits.max_bytes,
        }
    }

    fn article(&self) -> String {
        format!("a {}", self.format)
    }
}

/// Whether a read past the end of the bytes is at the root of the error.
fn ends_too_early(error: &ImageError) -> bool {
    let is_eof = |io: &io::Error| io.kind() == io::ErrorKind::UnexpectedEof;
    match error {
        // Not in the chain below: the cause of an `IoError` is the cause of the I/O error in it.
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

/// Alpha is dropped and the colours beneath it stay, as PIL's `convert("RGB")` does for the
/// reference: compositing would put a background of our choice into the scan.
fn slice_from(image: DynamicImage) -> Result<Slice, Error> {
    let (width, height) = (image.width(), image.height());
    let samples = match image {
        DynamicImage::ImageLuma8(image) => Samples::Grey8(image.into_raw()),
        DynamicImage::ImageLumaA8(image) => Samples::Grey8(without_alpha::<_, 2, 1>(&image)),
        DynamicImage::ImageRgb8(image) => Samples::Rgb8(image.into_raw()),
        DynamicImage::ImageRgba8(image) => Samples::Rgb8(without_alpha::<_, 4, 3>(&image)),
        DynamicImage::ImageLuma16(image) => Samples::Grey16(image.into_raw()),
        DynamicImage::ImageLumaA16(image) => Samples::Grey16(without_alpha::<_, 2, 1>(&image)),
        DynamicImage::ImageRgb16(image) => Samples::Rgb16(image.into_raw()),
        DynamicImage::ImageRgba16(image) => Samples::Rgb16(without_alpha::<_, 4, 3>(&image)),
        other => {
            let what = format!("an image of {:?} samples", other.color());
            return Err(Error::Unsupported { what });
        }
    };
    Slice::new(width, height, samples)
}

/// The first `KEPT` of every `CHANNELS` values.
fn without_alpha<T: Copy, const CHANNELS: usize, const KEPT: usize>(values: &[T]) -> Vec<T> {
    let kept = |pixel: &[T; CHANNELS]| -> [T; KEPT] { std::array::from_fn(|i| pixel[i]) };
    values
        .as_chunks::<CHANNELS>()
        .0
        .iter()
        .flat_map(kept)
        .collect()
}

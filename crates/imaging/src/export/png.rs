//! PNG files, without metadata.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::overlay::{Layer, overlay};
use crate::error::Error;
use crate::mask::{Mask, same_size};
use crate::restore::Probability;
use crate::scan::RgbImage8;
use crate::space::Size;

/// Writes a mask as 8-bit grey: 255 inside, 0 outside.
///
/// # Errors
///
/// [`Error::Encode`] if encoding fails.
pub fn mask_png(mask: &Mask) -> Result<Vec<u8>, Error> {
    let grey: Vec<u8> = mask.values().iter().map(|&inside| inside * 255).collect();
    encode(&grey, mask.size(), ExtendedColorType::L8)
}

/// Writes masks as one label image: 0 outside, 1 for the first mask, and so on; where they overlap, the last one wins.
/// 8-bit grey, or 16-bit for more than 255 masks.
///
/// # Errors
///
/// [`Error::SizesDiffer`] if the masks have different sizes; [`Error::Encode`] for no mask, for more than 65,535, or if
/// encoding fails.
pub fn label_png(masks: &[&Mask]) -> Result<Vec<u8>, Error> {
    let refused = |reason: String| Error::Encode {
        what: "PNG of labels",
        reason,
    };
    let Some(size) = masks.first().map(|mask| mask.size()) else {
        return Err(refused("there are no masks".to_owned()));
    };
    let mut labels = vec![0u16; size.pixels() as usize];
    for (number, mask) in (1usize..).zip(masks) {
        same_size(size, mask.size())?;
        let Ok(label) = u16::try_from(number) else {
            return Err(refused(format!(
                "{} masks are more than 65535",
                masks.len()
            )));
        };
        for (value, &inside) in labels.iter_mut().zip(mask.values()) {
            *value = if inside != 0 { label } else { *value };
        }
    }
    match masks.len() {
        ..=255 => {
            let grey: Vec<u8> = labels.iter().map(|&label| label as u8).collect();
            encode(&grey, size, ExtendedColorType::L8)
        }
        _ => {
            let grey: Vec<u8> = labels
                .iter()
                .flat_map(|label| label.to_ne_bytes())
                .collect();
            encode(&grey, size, ExtendedColorType::L16)
        }
    }
}

/// Writes probabilities as 16-bit grey: `round(65535 · p)`.
///
/// # Errors
///
/// [`Error::Encode`] if encoding fails.
pub fn probability_png(probability: &Probability) -> Result<Vec<u8>, Error> {
    let size = Size {
        width: probability.width(),
        height: probability.height(),
    };
    // The encoder takes samples in native byte order.
    let grey16 = |&p: &f32| ((p * 65_535.0).round() as u16).to_ne_bytes();
    let bytes: Vec<u8> = probability.values().iter().flat_map(grey16).collect();
    encode(&bytes, size, ExtendedColorType::L16)
}

/// Writes the image with layers over it (see [`overlay`]), as 8-bit RGB.
///
/// # Errors
///
/// [`Error::SizesDiffer`] if a mask isn't as large as the image; [`Error::Encode`] if encoding fails.
pub fn overlay_png(image: &RgbImage8, layers: &[Layer<'_>]) -> Result<Vec<u8>, Error> {
    rgb_png(&overlay(image, layers)?)
}

/// Writes the image as 8-bit RGB.
///
/// # Errors
///
/// [`Error::Encode`] if encoding fails.
pub fn rgb_png(image: &RgbImage8) -> Result<Vec<u8>, Error> {
    encode(image.pixels(), image.size(), ExtendedColorType::Rgb8)
}

fn encode(bytes: &[u8], size: Size, color: ExtendedColorType) -> Result<Vec<u8>, Error> {
    let mut png = Vec::new();
    let encoder = PngEncoder::new(&mut png);
    match encoder.write_image(bytes, size.width, size.height, color) {
        Ok(()) => Ok(png),
        Err(error) => Err(Error::Encode {
            what: "PNG",
            reason: error.to_string(),
        }),
    }
}

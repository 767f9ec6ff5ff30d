//! Converts a page's samples to voxels: grey as stored, colours as RGB.

use std::cmp::min;

use super::directory::File;
use super::page::{Colour, Number, Page, PixelFormat};
use super::samples::{Reader, Samples};
use super::tags::COLOR_MAP;
use super::turn::upright;
use super::ycbcr::Conversion;
use super::{compression::Compression, damaged};
use crate::error::Error;
use crate::scan::{Voxels, for_any};

/// An image, and facts about it that the user should know.
pub(super) struct Image {
    pub voxels: Voxels,
    /// Number of tiles or strips that the file omits.
    pub absent: usize,
    /// Whether an integer beyond 2^53 was rounded.
    pub is_rounded: bool,
}

/// Reads an image: number `after` of those stored after the page's own (0 for its own), and of its samples the one
/// at `sample` if they are separate images.
pub(super) fn read(file: File<'_>, page: &Page, after: u64, sample: usize) -> Result<Image, Error> {
    let length = page.storage.image_bytes(&page.kind);
    let reader = Reader {
        file,
        directory: file.directory(page.at)?,
        page: page.clone(),
        skipped_bytes: after.saturating_mul(length),
    };
    match page.kind.colour {
        Colour::Grey { .. } => reader.grey(sample),
        Colour::Palette => reader.palette(),
        _ if page.kind.bits == 8 => reader.colours8(),
        _ => reader.colours16(),
    }
}

impl Reader<'_> {
    fn grey(&self, sample: usize) -> Result<Image, Error> {
        let PixelFormat { number, bits, .. } = self.page.kind;
        let mut is_rounded = false;
        macro_rules! read {
            ($kind:ident) => {{
                let Samples { values, absent } = self.samples(sample, 1)?;
                (Voxels::$kind(self.turned(values, 1)), absent)
            }};
            ($kind:ident, $number:ty, $convert:expr) => {{
                let Samples { values, absent } = self.samples::<$number>(sample, 1)?;
                let values = values.into_iter().map($convert).collect();
                (Voxels::$kind(self.turned(values, 1)), absent)
            }};
        }
        let (voxels, absent) = match (number, bits) {
            // Scaled to 0 to 255.
            (Number::Unsigned, 1 | 2 | 4) => {
                let factor = 255 / ((1u16 << bits) - 1) as u8;
                read!(U8, u8, |value| value * factor)
            }
            (Number::Unsigned, ..=8) => read!(U8),
            (Number::Unsigned, ..=16) => read!(U16),
            (Number::Unsigned, 32) => read!(U32),
            (Number::Unsigned, _) => read!(F64, u64, |whole| {
                is_rounded |= whole as f64 as u128 != u128::from(whole);
                whole as f64
            }),
            (Number::Signed, 8) => read!(I8),
            (Number::Signed, 16) => read!(I16),
            (Number::Signed, 32) => read!(I32),
            (Number::Signed, _) => read!(F64, i64, |whole| {
                is_rounded |= whole as f64 as i128 != i128::from(whole);
                whole as f64
            }),
            (Number::Float, 16) => read!(F32, u16, from_half),
            (Number::Float, 32) => read!(F32),
            (Number::Float, _) => read!(F64),
        };
        Ok(Image {
            voxels,
            absent,
            is_rounded,
        })
    }

    fn colours8(&self) -> Result<Image, Error> {
        let kind = &self.page.kind;
        let Samples { mut values, absent } = self.samples::<u8>(0, kind.read_samples())?;
        let values = match kind.colour {
            Colour::YCbCr => {
                let conversion = match self.page.storage.compression {
                    Compression::Jpeg => Conversion::JPEG,
                    _ => Conversion::of(&self.directory),
                };
                for pixel in values.as_chunks_mut().0 {
                    *pixel = conversion.rgb(*pixel);
                }
                values
            }
            Colour::Cmyk => {
                let pixels = values.as_chunks::<4>().0.iter();
                let rgb = pixels.flat_map(|&pixel| from_cmyk(pixel.map(u32::from), 255));
                rgb.map(|level| level as u8).collect()
            }
            _ => values,
        };
        Ok(self.colours(Voxels::Rgb8(self.turned(values, 3)), absent))
    }

    fn colours16(&self) -> Result<Image, Error> {
        let kind = &self.page.kind;
        let Samples { values, absent } = self.samples::<u16>(0, kind.read_samples())?;
        let values = match kind.colour {
            Colour::Cmyk => {
                let pixels = values.as_chunks::<4>().0.iter();
                let rgb = pixels.flat_map(|&pixel| from_cmyk(pixel.map(u32::from), 65_535));
                rgb.map(|level| level as u16).collect()
            }
            _ => values,
        };
        Ok(self.colours(Voxels::Rgb16(self.turned(values, 3)), absent))
    }

    /// Looks up the colours of a palette image, 8 bits each.
    fn palette(&self) -> Result<Image, Error> {
        let bits = self.page.kind.bits;
        let entries = 1usize << bits;
        let map = self.directory.list(COLOR_MAP, 3 << bits)?;
        if map.len() != 3 * entries {
            return Err(damaged(format!(
                "its palette has {} values, and not {}",
                map.len(),
                3 * entries
            )));
        }
        // Some writers store 8-bit levels where 16 bits belong; libtiff detects them in the same way.
        let shift = if map.iter().all(|&level| level < 256) {
            0
        } else {
            8
        };
        let colour = |index: usize| {
            [0, 1, 2].map(|channel| {
                let level = map.get(channel * entries + index);
                min(level.copied().unwrap_or(0) >> shift, 255) as u8
            })
        };
        let colours: Vec<[u8; 3]> = (0..entries).map(colour).collect();
        let Samples { values, absent } = match bits {
            ..=8 => {
                let Samples { values, absent } = self.samples::<u8>(0, 1)?;
                let values = values.into_iter().map(u16::from).collect();
                Samples { values, absent }
            }
            _ => self.samples::<u16>(0, 1)?,
        };
        let colours_of = values.iter().map(|&index| colours.get(usize::from(index)));
        let rgb: Vec<u8> = colours_of.flat_map(|rgb| *rgb.unwrap_or(&[0; 3])).collect();
        Ok(self.colours(Voxels::Rgb8(self.turned(rgb, 3)), absent))
    }

    fn colours(&self, voxels: Voxels, absent: usize) -> Image {
        Image {
            voxels,
            absent,
            is_rounded: false,
        }
    }

    fn turned<T: Copy>(&self, values: Vec<T>, channels: usize) -> Vec<T> {
        let PixelFormat {
            width,
            height,
            orientation,
            ..
        } = self.page.kind;
        let size = [width, height].map(|side| side as usize);
        upright(values, size, channels, orientation)
    }
}

/// Converts an IEEE 754 binary16 number.
fn from_half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2f32.powi(exponent - 25),
    }
}

/// Converts CMYK to RGB like Pillow, rounded.
fn from_cmyk([cyan, magenta, yellow, black]: [u32; 4], max: u32) -> [u32; 3] {
    let light = u64::from(max - black);
    let max = u64::from(max);
    [cyan, magenta, yellow].map(|ink| {
        let taken = (u64::from(ink) * light + max / 2) / max;
        (light - taken) as u32
    })
}

/// Reserves memory for more images of the same size.
pub(super) fn reserve(voxels: &mut Voxels, images: usize) {
    for_any!(voxels, values => values.reserve_exact(values.len().saturating_mul(images)));
}

/// Appends an image of the same number type.
pub(super) fn append(voxels: &mut Voxels, image: Voxels) {
    match (voxels, image) {
        (Voxels::U8(all), Voxels::U8(image)) => all.extend(image),
        (Voxels::I8(all), Voxels::I8(image)) => all.extend(image),
        (Voxels::U16(all), Voxels::U16(image)) => all.extend(image),
        (Voxels::I16(all), Voxels::I16(image)) => all.extend(image),
        (Voxels::U32(all), Voxels::U32(image)) => all.extend(image),
        (Voxels::I32(all), Voxels::I32(image)) => all.extend(image),
        (Voxels::F32(all), Voxels::F32(image)) => all.extend(image),
        (Voxels::F64(all), Voxels::F64(image)) => all.extend(image),
        (Voxels::Rgb8(all), Voxels::Rgb8(image)) => all.extend(image),
        (Voxels::Rgb16(all), Voxels::Rgb16(image)) => all.extend(image),
        // Different types: the voxel count will be wrong, and `Scan::new` returns an error.
        _ => {}
    }
}

//! A page → voxels: grey as it is stored, colours as red, green and blue.

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

/// An image, and what the user should know of it.
pub(super) struct Image {
    pub voxels: Voxels,
    /// Tiles or strips that the file leaves out.
    pub absent: usize,
    /// Whether a whole number beyond 2^53 was rounded.
    pub is_rounded: bool,
}

/// Reads an image: of a page the one that lies so many images behind its own, and of its samples the one
/// that is asked for.
pub(super) fn read(
    file: File<'_>,
    page: &Page,
    behind: u64,
    sample: usize,
) -> Result<Image, Error> {
    let length = page.storage.image_bytes(&page.kind);
    let reader = Reader {
        file,
        directory: file.directory(page.at)?,
        page: page.clone(),
        skipped_bytes: behind.saturating_mul(length),
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
            // Few bits become 0 to 255.
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

    /// The colours of a palette, 8 bits each.
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
        // Some writers store 8 bits where 16 belong, as libtiff knows.
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

/// IEEE 754 binary16.
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

/// Inks as light, rounded; as Pillow has it.
fn from_cmyk([cyan, magenta, yellow, black]: [u32; 4], most: u32) -> [u32; 3] {
    let light = u64::from(most - black);
    let most = u64::from(most);
    [cyan, magenta, yellow].map(|ink| {
        let taken = (u64::from(ink) * light + most / 2) / most;
        (light - taken) as u32
    })
}

/// Asks for the memory of more images like the one that is there.
pub(super) fn reserve(voxels: &mut Voxels, images: usize) {
    for_any!(voxels, values => values.reserve_exact(values.len().saturating_mul(images)));
}

/// Appends an image to others of the same format.
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
        // Not of one kind: the count of voxels will be wrong, and `Scan::new` refuses.
        _ => {}
    }
}

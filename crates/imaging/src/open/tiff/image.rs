//! Converts a page's samples to voxels: grey as stored, colours as RGB.

use std::cell::RefCell;
use std::cmp::min;

use flate2::Decompress;

use super::directory::File;
use super::page::{Colour, Number, Page, PixelFormat};
use super::samples::{Reader, Samples};
use super::tags::COLOR_MAP;
use super::ycbcr::Conversion;
use super::{compression::Compression, damaged, spent};
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

/// Reads the images of a stack.
pub(super) struct Images<'a> {
    file: File<'a>,
    kind: PixelFormat,
    inflater: &'a RefCell<Decompress>,
    /// The page that was read last: many images may lie behind one.
    reader: Option<Reader<'a>>,
    /// The last palette, and where it lies: many pages may share one.
    palette: Option<(u64, Vec<[u8; 3]>)>,
}

impl<'a> Images<'a> {
    /// For images of a format. Samples of a page may be images of their own, whatever its tags call them.
    pub fn new(file: File<'a>, kind: PixelFormat, inflater: &'a RefCell<Decompress>) -> Images<'a> {
        Images {
            file,
            kind,
            inflater,
            reader: None,
            palette: None,
        }
    }

    /// Reads an image: of a page the one that lies so many images behind its own, and of its samples the one
    /// that is asked for.
    pub fn read(&mut self, page: &Page, behind: u64, sample: usize) -> Result<Image, Error> {
        let length = page.storage.image_bytes(&self.kind);
        let reader = match self
            .reader
            .take()
            .filter(|reader| reader.page.at == page.at)
        {
            Some(reader) => reader,
            None => Reader {
                file: self.file,
                directory: self.file.directory(page.at)?,
                page: Page {
                    kind: self.kind,
                    ..page.clone()
                },
                inflater: self.inflater,
                skipped_bytes: 0,
            },
        };
        let reader = self.reader.insert(Reader {
            skipped_bytes: behind.saturating_mul(length),
            ..reader
        });
        let budget = self.file.budget;
        let _image = budget.hold(self.kind.peak_bytes()).map_err(spent)?;
        match self.kind.colour {
            Colour::Grey { .. } => reader.grey(sample),
            Colour::Palette => {
                let at = reader.directory.place(COLOR_MAP);
                let known = self.palette.take().filter(|(known, _)| Some(*known) == at);
                let (_, colours) = self.palette.insert(match known {
                    Some(known) => known,
                    None => (at.unwrap_or(0), reader.palette_colours()?),
                });
                reader.palette(colours)
            }
            _ if self.kind.bits == 8 => reader.colours8(),
            _ => reader.colours16(),
        }
    }
}

impl Reader<'_> {
    fn grey(&self, sample: usize) -> Result<Image, Error> {
        let PixelFormat { number, bits, .. } = self.page.kind;
        let mut is_rounded = false;
        macro_rules! read {
            ($kind:ident) => {{
                let Samples { values, absent } = self.samples(sample, 1)?;
                (Voxels::$kind(values), absent)
            }};
            ($kind:ident, $number:ty, $convert:expr) => {{
                let Samples { values, absent } = self.samples::<$number>(sample, 1)?;
                let values = values.into_iter().map($convert).collect();
                (Voxels::$kind(values), absent)
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
            Colour::Cmyk => without_inks(values, |level| level as u8, 255),
            _ => values,
        };
        Ok(self.colours(Voxels::Rgb8(values), absent))
    }

    fn colours16(&self) -> Result<Image, Error> {
        let kind = &self.page.kind;
        let Samples { values, absent } = self.samples::<u16>(0, kind.read_samples())?;
        let values = match kind.colour {
            Colour::Cmyk => without_inks(values, |level| level as u16, 65_535),
            _ => values,
        };
        Ok(self.colours(Voxels::Rgb16(values), absent))
    }

    /// The colours of a palette, 8 bits each.
    fn palette_colours(&self) -> Result<Vec<[u8; 3]>, Error> {
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
        Ok((0..entries).map(colour).collect())
    }

    fn palette(&self, colours: &[[u8; 3]]) -> Result<Image, Error> {
        let bits = self.page.kind.bits;
        let of = |index: u16| colours.get(usize::from(index)).copied().unwrap_or_default();
        let (rgb, absent) = match bits {
            ..=8 => {
                let Samples { values, absent } = self.samples::<u8>(0, 1)?;
                let colours = values.iter().map(|&index| of(index.into()));
                (colours.collect::<Vec<[u8; 3]>>(), absent)
            }
            _ => {
                let Samples { values, absent } = self.samples::<u16>(0, 1)?;
                (values.iter().map(|&index| of(index)).collect(), absent)
            }
        };
        let rgb = rgb.into_flattened();
        Ok(self.colours(Voxels::Rgb8(rgb), absent))
    }

    fn colours(&self, voxels: Voxels, absent: usize) -> Image {
        Image {
            voxels,
            absent,
            is_rounded: false,
        }
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

/// Three colours of each four inks, in the same memory: a copy might not fit beside them.
fn without_inks<T: Copy + Into<u32>>(mut values: Vec<T>, of: fn(u32) -> T, most: u32) -> Vec<T> {
    let pixels = values.len() / 4;
    for pixel in 0..pixels {
        let from = 4 * pixel;
        let inks = [0, 1, 2, 3].map(|ink| values[from + ink].into());
        values[3 * pixel..3 * pixel + 3].copy_from_slice(&from_cmyk(inks, most).map(of));
    }
    values.truncate(3 * pixels);
    values.shrink_to_fit();
    values
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

/// Room for so many images like this one.
pub(super) fn room(image: &Voxels, images: usize) -> Voxels {
    let mut room = match image {
        Voxels::U8(_) => Voxels::U8(Vec::new()),
        Voxels::I8(_) => Voxels::I8(Vec::new()),
        Voxels::U16(_) => Voxels::U16(Vec::new()),
        Voxels::I16(_) => Voxels::I16(Vec::new()),
        Voxels::U32(_) => Voxels::U32(Vec::new()),
        Voxels::I32(_) => Voxels::I32(Vec::new()),
        Voxels::F32(_) => Voxels::F32(Vec::new()),
        Voxels::F64(_) => Voxels::F64(Vec::new()),
        Voxels::Rgb8(_) => Voxels::Rgb8(Vec::new()),
        Voxels::Rgb16(_) => Voxels::Rgb16(Vec::new()),
    };
    let length = image.len().saturating_mul(images);
    for_any!(&mut room, values => values.reserve_exact(length));
    room
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

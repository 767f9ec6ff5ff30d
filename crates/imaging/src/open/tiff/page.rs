use tiff::ColorType;
use tiff::decoder::{DecodingResult, DecodingSampleType as Sample};

use super::turn::upright;
use crate::scan::{Voxels, for_any};

/// What a page is, which all pages of a scan have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    pub width: u32,
    pub height: u32,
    pub colour: ColorType,
    pub sample: Sample,
    /// Of the tag Orientation (274), 1 to 8.
    pub orientation: u32,
}

impl Page {
    /// Whether the `image` crate can read it.
    pub fn is_ordinary(&self) -> bool {
        let is_unsigned = matches!(self.sample, Sample::U8 | Sample::U16);
        is_unsigned
            && match self.colour {
                ColorType::Gray(bits) => matches!(bits, 1 | 8 | 16),
                ColorType::RGB(bits) | ColorType::RGBA(bits) | ColorType::CMYK(bits) => {
                    matches!(bits, 8 | 16)
                }
                _ => false,
            }
    }

    /// Whether it can be read here.
    pub fn is_readable(&self) -> bool {
        match self.colour {
            ColorType::Gray(8 | 16 | 32 | 64) => true,
            ColorType::Gray(1 | 2 | 4) => self.sample == Sample::U8,
            ColorType::RGB(8 | 16) | ColorType::RGBA(8 | 16) => {
                matches!(self.sample, Sample::U8 | Sample::U16)
            }
            _ => false,
        }
    }

    /// Bytes that it takes in memory, alpha included.
    pub fn bytes(&self) -> u64 {
        let bits = u64::from(self.colour.bit_depth().max(8));
        let samples = u64::from(self.colour.num_samples());
        let pixels = u64::from(self.width) * u64::from(self.height);
        pixels.saturating_mul(samples * bits / 8)
    }

    /// Width and height as it is shown.
    pub fn upright_size(&self) -> [u32; 2] {
        match self.orientation {
            5.. => [self.height, self.width],
            _ => [self.width, self.height],
        }
    }

    /// The voxels of what was decoded, planes one after the other; `None` where there are too few.
    pub fn voxels(&self, decoded: DecodingResult, planes: usize) -> Option<Voxels> {
        Some(match decoded {
            DecodingResult::U8(values) => match self.colour {
                ColorType::Gray(bits @ (1 | 2 | 4)) => {
                    Voxels::U8(self.turned(self.unpacked(&values, u32::from(bits))?, 1)?)
                }
                ColorType::Gray(_) => Voxels::U8(self.turned(values, 1)?),
                _ => Voxels::Rgb8(self.turned(self.colours(&values, planes)?, 3)?),
            },
            DecodingResult::U16(values) => match self.colour {
                ColorType::Gray(_) => Voxels::U16(self.turned(values, 1)?),
                _ => Voxels::Rgb16(self.turned(self.colours(&values, planes)?, 3)?),
            },
            DecodingResult::U32(values) => Voxels::U32(self.turned(values, 1)?),
            DecodingResult::I8(values) => Voxels::I8(self.turned(values, 1)?),
            DecodingResult::I16(values) => Voxels::I16(self.turned(values, 1)?),
            DecodingResult::I32(values) => Voxels::I32(self.turned(values, 1)?),
            DecodingResult::F32(values) => Voxels::F32(self.turned(values, 1)?),
            DecodingResult::F64(values) => Voxels::F64(self.turned(values, 1)?),
            DecodingResult::F16(values) => {
                let values = values.into_iter().map(|value| value.to_f32()).collect();
                Voxels::F32(self.turned(values, 1)?)
            }
            DecodingResult::U64(values) => {
                let values = values.into_iter().map(|value| value as f64).collect();
                Voxels::F64(self.turned(values, 1)?)
            }
            DecodingResult::I64(values) => {
                let values = values.into_iter().map(|value| value as f64).collect();
                Voxels::F64(self.turned(values, 1)?)
            }
        })
    }

    fn turned<T: Copy>(&self, values: Vec<T>, channels: usize) -> Option<Vec<T>> {
        let (width, height) = (self.width as usize, self.height as usize);
        (values.len() == width * height * channels)
            .then(|| upright(values, [width, height], channels, self.orientation))
    }

    /// Red, green and blue, interleaved and without alpha.
    fn colours<T: Copy>(&self, values: &[T], planes: usize) -> Option<Vec<T>> {
        let samples = usize::from(self.colour.num_samples());
        let pixels = self.width as usize * self.height as usize;
        if values.len() != pixels * samples || samples < 3 {
            return None;
        }
        let (pixel_step, sample_step) = match planes {
            1 => (samples, 1),
            _ => (1, pixels),
        };
        let sample = |pixel, channel| values[pixel * pixel_step + channel * sample_step];
        let colour = |pixel| [0, 1, 2].map(|channel| sample(pixel, channel));
        Some((0..pixels).flat_map(colour).collect())
    }

    /// Samples of 1, 2 or 4 bits as 0 to 255; each row begins with a byte.
    fn unpacked(&self, values: &[u8], bits: u32) -> Option<Vec<u8>> {
        let (width, height) = (self.width as usize, self.height as usize);
        let bytes_of_row = (width * bits as usize).div_ceil(8);
        if values.len() != bytes_of_row * height {
            return None;
        }
        let largest = (1u8 << bits) - 1;
        let unpack = |row: &[u8]| -> Vec<u8> {
            let sample = |column: usize| {
                let bit = column * bits as usize;
                let shift = 8 - bits as usize - bit % 8;
                (row[bit / 8] >> shift & largest) * (255 / largest)
            };
            (0..width).map(sample).collect()
        };
        Some(values.chunks(bytes_of_row).flat_map(unpack).collect())
    }
}

/// Asks for the memory of more pages like the one that is there.
pub(super) fn reserve(voxels: &mut Voxels, pages: usize) {
    for_any!(voxels, values => values.reserve_exact(values.len().saturating_mul(pages)));
}

/// Puts a page behind others of the same kind.
pub(super) fn append(voxels: &mut Voxels, page: Voxels) {
    match (voxels, page) {
        (Voxels::U8(all), Voxels::U8(page)) => all.extend(page),
        (Voxels::I8(all), Voxels::I8(page)) => all.extend(page),
        (Voxels::U16(all), Voxels::U16(page)) => all.extend(page),
        (Voxels::I16(all), Voxels::I16(page)) => all.extend(page),
        (Voxels::U32(all), Voxels::U32(page)) => all.extend(page),
        (Voxels::I32(all), Voxels::I32(page)) => all.extend(page),
        (Voxels::F32(all), Voxels::F32(page)) => all.extend(page),
        (Voxels::F64(all), Voxels::F64(page)) => all.extend(page),
        (Voxels::Rgb8(all), Voxels::Rgb8(page)) => all.extend(page),
        (Voxels::Rgb16(all), Voxels::Rgb16(page)) => all.extend(page),
        // Not of one kind: the count of voxels will be wrong, and `Scan::new` refuses.
        _ => {}
    }
}

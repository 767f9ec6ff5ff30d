//! The Image Pixel module: format and size of a frame's samples (DICOM PS3.3 C.7.6.3).

use super::attribute::*;
use super::data_set::DataSet;
use super::problem::Problem;
use crate::open::Limits;
use crate::space::Size;

/// Maximum number of frames of an instance; only whole-slide images have more, and they are not scans.
const MAX_FRAMES: u32 = 65_536;

/// Photometric Interpretation: how samples are to be read as grey or colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Photometric {
    /// Small values are displayed white.
    Monochrome1,
    Monochrome2,
    Palette,
    Rgb,
    YbrFull,
    YbrFull422,
    YbrPartial422,
    /// Limited range with full-resolution chroma: not defined in DICOM, but used by some files.
    YbrPartial,
    /// YBR_ICT or YBR_RCT: the JPEG 2000 decoder returns RGB.
    YbrOfJpeg2000,
}

/// The number type of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Samples {
    /// `stored` bits, the highest of them at bit `high`, in cells of `allocated` bits.
    Integers {
        allocated: u32,
        stored: u32,
        high: u32,
        signed: bool,
    },
    F32,
    F64,
}

/// Size and format of every frame of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PixelLayout {
    pub rows: u32,
    pub columns: u32,
    pub frames: u32,
    pub photometric: Photometric,
    pub samples: Samples,
    /// Whether red, green and blue are stored as separate planes.
    pub planar: bool,
}

impl PixelLayout {
    /// Reads the layout and checks everything that the decoders rely on.
    pub fn read(data: &DataSet<'_>, limits: &Limits) -> Result<PixelLayout, Problem> {
        let (rows, columns) = (data.needed(ROWS)?, data.needed(COLUMNS)?);
        limits.check(Size {
            width: columns,
            height: rows,
        })?;
        let frames = match data.filled(NUMBER_OF_FRAMES) {
            Some(_) => data.needed(NUMBER_OF_FRAMES)?.max(1),
            None => 1,
        };
        let photometric = photometric(data)?;
        let channels = match data.filled(SAMPLES_PER_PIXEL) {
            Some(_) => data.needed(SAMPLES_PER_PIXEL)?,
            None => photometric.channels(),
        };
        if channels != photometric.channels() {
            return Err(Problem::Damaged(format!(
                "it has {channels} samples a pixel, which {} has not",
                data.text(PHOTOMETRIC_INTERPRETATION)
            )));
        }
        let layout = PixelLayout {
            rows,
            columns,
            frames,
            photometric,
            samples: samples(data)?,
            planar: data.whole(PLANAR_CONFIGURATION) == Some(1) && channels > 1,
        };
        layout.check(limits)?;
        Ok(layout)
    }

    fn check(&self, limits: &Limits) -> Result<(), Problem> {
        let is_colour = self.channels() == 3 || self.photometric == Photometric::Palette;
        match self.samples {
            Samples::F32 | Samples::F64 if is_colour => {
                return Err(Problem::Unsupported(
                    "a DICOM file with floating-point colours".to_owned(),
                ));
            }
            Samples::Integers { allocated: 1, .. } if is_colour => {
                return Err(Problem::Unsupported(
                    "a DICOM file with colours of 1 bit".to_owned(),
                ));
            }
            _ => {}
        }
        if self.frames > MAX_FRAMES {
            return Err(Problem::Unsupported(format!(
                "a DICOM file of {} frames, which is more than {MAX_FRAMES},",
                self.frames
            )));
        }
        let bytes = self.voxel_bytes().saturating_mul(self.frames.into());
        if bytes > limits.max_bytes {
            return Err(Problem::TooMuchMemory(bytes));
        }
        Ok(())
    }

    /// Samples per pixel: 1 or 3.
    pub fn channels(&self) -> u32 {
        self.photometric.channels()
    }

    /// Number of pixels of a frame.
    pub fn pixels(&self) -> usize {
        self.rows as usize * self.columns as usize
    }

    /// The same layout with full-resolution chroma.
    pub fn with_whole_colours(&self) -> PixelLayout {
        let photometric = match self.photometric {
            Photometric::YbrFull422 => Photometric::YbrFull,
            Photometric::YbrPartial422 => Photometric::YbrPartial,
            other => other,
        };
        PixelLayout {
            photometric,
            ..*self
        }
    }

    /// Bits per cell.
    pub fn allocated(&self) -> u32 {
        match self.samples {
            Samples::Integers { allocated, .. } => allocated,
            Samples::F32 => 32,
            Samples::F64 => 64,
        }
    }

    /// Bits per sample.
    pub fn stored(&self) -> u32 {
        match self.samples {
            Samples::Integers { stored, .. } => stored,
            _ => self.allocated(),
        }
    }

    /// Bytes per frame as voxels; colours of a palette take 16 bits.
    pub fn voxel_bytes(&self) -> u64 {
        let bytes = u64::from(self.allocated().div_ceil(8));
        let voxel = match self.photometric {
            Photometric::Palette => 6,
            _ => bytes * u64::from(self.channels()),
        };
        voxel * self.pixels() as u64
    }
}

impl Photometric {
    /// Whether native data have Y for every pixel, and Cb and Cr for every second one.
    pub fn is_halved(self) -> bool {
        use Photometric::{YbrFull422, YbrPartial422};
        matches!(self, YbrFull422 | YbrPartial422)
    }

    fn channels(self) -> u32 {
        match self {
            Photometric::Monochrome1 | Photometric::Monochrome2 | Photometric::Palette => 1,
            _ => 3,
        }
    }
}

fn photometric(data: &DataSet<'_>) -> Result<Photometric, Problem> {
    let name = data.text(PHOTOMETRIC_INTERPRETATION);
    Ok(match name.as_str() {
        "MONOCHROME1" => Photometric::Monochrome1,
        "MONOCHROME2" => Photometric::Monochrome2,
        "PALETTE COLOR" => Photometric::Palette,
        "RGB" => Photometric::Rgb,
        "YBR_FULL" => Photometric::YbrFull,
        "YBR_FULL_422" => Photometric::YbrFull422,
        "YBR_PARTIAL_422" => Photometric::YbrPartial422,
        "YBR_ICT" | "YBR_RCT" => Photometric::YbrOfJpeg2000,
        "" => match data.whole(SAMPLES_PER_PIXEL) {
            Some(3) => Photometric::Rgb,
            _ => Photometric::Monochrome2,
        },
        _ => {
            let what = format!("a DICOM file with the Photometric Interpretation {name}");
            return Err(Problem::Unsupported(what));
        }
    })
}

fn samples(data: &DataSet<'_>) -> Result<Samples, Problem> {
    if data.has(FLOAT_PIXEL_DATA) {
        return Ok(Samples::F32);
    }
    if data.has(DOUBLE_FLOAT_PIXEL_DATA) {
        return Ok(Samples::F64);
    }
    let allocated = data.needed(BITS_ALLOCATED)?;
    if ![1, 8, 16, 32].contains(&allocated) {
        let what = format!("a DICOM file with {allocated} bits allocated for a sample");
        return Err(Problem::Unsupported(what));
    }
    let stored = data.whole(BITS_STORED).unwrap_or(allocated);
    let high = data.whole(HIGH_BIT).unwrap_or(stored.saturating_sub(1));
    if stored == 0 || stored > allocated || high >= allocated || high + 1 < stored {
        return Err(Problem::Damaged(format!(
            "its samples have {stored} bits up to bit {high} of {allocated}"
        )));
    }
    Ok(Samples::Integers {
        allocated,
        stored,
        high,
        signed: data.whole(PIXEL_REPRESENTATION) == Some(1),
    })
}

//! Pixel data → frames of native samples (DICOM PS3.5 section 8 and annex A).

mod depth;
mod fragments;
mod jpeg;
mod jpeg2000;
mod jpeg_cosine;
mod jpeg_lossless;
mod jpeg_sequential;
mod jpeg_upsampling;
mod rle;

use std::borrow::Cow;

use super::attribute::{DOUBLE_FLOAT_PIXEL_DATA, FLOAT_PIXEL_DATA, PIXEL_DATA};
use super::data_set::{DataSet, Element};
use super::file::File;
use super::jpeg_ls;
use super::layout::{Layout, Photometric, Samples};
use super::problem::Problem;
use super::transfer_syntax::{TransferSyntax, describe};
use fragments::Fragments;

/// Cells of a frame, little-endian, as many bytes each as are allocated; a bit is a byte of 0 or 1.
pub(super) struct Frame<'a> {
    pub cells: Cow<'a, [u8]>,
    /// Red, green and blue stand in planes of their own.
    pub planar: bool,
    /// What a cell holds: compressed data may know better than the data set.
    pub samples: Samples,
    /// What the samples mean now that they are decoded.
    pub photometric: Photometric,
    /// What the user should know of its data.
    pub remarks: Vec<String>,
}

/// The pixel data of an instance.
pub(super) struct Pixels<'a> {
    /// Where native colours have another resolution than the data set says, that.
    layout: Layout,
    stored: Stored<'a>,
    /// What the user should know of all of it.
    pub remarks: Vec<String>,
}

enum Stored<'a> {
    Native {
        bytes: &'a [u8],
        swap: usize,
    },
    Encapsulated {
        fragments: Fragments<'a>,
        syntax: TransferSyntax,
    },
}

/// Whether a data set has pixels of any kind.
pub(super) fn has_pixels(data: &DataSet<'_>) -> bool {
    [PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA]
        .into_iter()
        .any(|attribute| data.has(attribute))
}

/// Refuses what no decoder here reads.
pub(super) fn check_syntax(syntax: &TransferSyntax) -> Result<(), Problem> {
    match syntax {
        TransferSyntax::Other { uid } => Err(not_read(uid)),
        _ => Ok(()),
    }
}

fn not_read(uid: &str) -> Problem {
    Problem::Unsupported(format!(
        "a DICOM file with the transfer syntax {}",
        describe(uid)
    ))
}

impl<'a> Pixels<'a> {
    pub fn read(
        file: &File<'a>,
        data: &DataSet<'a>,
        layout: Layout,
    ) -> Result<Pixels<'a>, Problem> {
        check_syntax(&file.syntax)?;
        let attribute = match layout.samples {
            Samples::Integers { .. } => PIXEL_DATA,
            Samples::F32 => FLOAT_PIXEL_DATA,
            Samples::F64 => DOUBLE_FLOAT_PIXEL_DATA,
        };
        let missing = || Problem::damaged("it has no pixel data");
        let element = data.element(attribute).ok_or_else(missing)?;
        let mut pixels = Pixels {
            layout,
            stored: Stored::Native {
                bytes: &[],
                swap: 1,
            },
            remarks: Vec::new(),
        };
        if element.is_undefined {
            let (fragments, remark) = Fragments::read(data, &element, layout.frames)?;
            let syntax = file.syntax.clone();
            pixels.stored = Stored::Encapsulated { fragments, syntax };
            pixels.remarks.extend(remark);
            if element.lacks_delimiter {
                let text = "The end of the pixel data is not marked; all of them are there.";
                pixels.remarks.push(text.to_owned());
            }
        } else {
            pixels.read_native(file, &element)?;
        }
        Ok(pixels)
    }

    /// A frame, counted from 0.
    pub fn frame(&self, index: u32) -> Result<Frame<'a>, Problem> {
        match &self.stored {
            Stored::Native { bytes, swap } => native_frame(bytes, *swap, &self.layout, index),
            Stored::Encapsulated { fragments, syntax } => {
                decoded(&fragments.frame(index)?, syntax, &self.layout)
            }
        }
    }
}

fn decoded(
    bytes: &[u8],
    syntax: &TransferSyntax,
    layout: &Layout,
) -> Result<Frame<'static>, Problem> {
    match syntax {
        TransferSyntax::Rle => rle::decode(bytes, layout),
        TransferSyntax::Jpeg => jpeg::decode(bytes, layout),
        TransferSyntax::JpegLs => near_lossless(bytes, layout),
        TransferSyntax::Jpeg2000 => jpeg2000::decode(bytes, layout),
        TransferSyntax::Other { uid } => Err(not_read(uid)),
        _ => Err(Problem::damaged(
            "its pixel data is encapsulated, and its transfer syntax has no such",
        )),
    }
}

/// JPEG-LS.
fn near_lossless(bytes: &[u8], layout: &Layout) -> Result<Frame<'static>, Problem> {
    let expected = jpeg_ls::Expected {
        width: layout.columns as usize,
        height: layout.rows as usize,
        components: layout.channels() as usize,
        bits: layout.allocated(),
    };
    let reason = |reason| Problem::Damaged(format!("its JPEG-LS data can't be decoded: {reason}"));
    let decoded = jpeg_ls::decode(bytes, expected).map_err(reason)?;
    let values = decoded.samples.iter().copied();
    let (samples, remark) = depth::depth(layout.samples, decoded.bits, values);
    let width = layout.allocated() as usize / 8;
    let cell = |sample: u16| u32::from(sample).to_le_bytes().into_iter().take(width);
    Ok(Frame {
        cells: Cow::Owned(decoded.samples.into_iter().flat_map(cell).collect()),
        planar: false,
        samples,
        photometric: layout.photometric,
        remarks: remark.into_iter().collect(),
    })
}

impl<'a> Pixels<'a> {
    fn read_native(&mut self, file: &File<'a>, element: &Element<'a>) -> Result<(), Problem> {
        if !file.syntax.is_native() {
            let reason =
                "its transfer syntax is a compressed one, and its pixel data isn't encapsulated";
            return Err(Problem::damaged(reason));
        }
        if element.is_cut {
            return Err(Problem::Truncated);
        }
        let length = element.value.len() as u64;
        let is_of =
            |layout: &Layout| matches!(length.checked_sub(native_bytes(layout)), Some(0 | 1));
        let full = self.layout.with_whole_colours();
        if self.layout.photometric.is_halved() && !is_of(&self.layout) && is_of(&full) {
            self.layout = full;
            let text = "The file says that its colours have half the resolution (4:2:2), and they have all of it: \
                        they were read as YCbCr with 3 samples a pixel.";
            self.remarks.push(text.to_owned());
        }
        let layout = &self.layout;
        // `OW` holds words, even where a sample has 8 bits or 1.
        let word = match (element.vr, layout.allocated()) {
            (Some([b'O', b'W']), 1 | 8) => 2,
            (_, bits) => (bits as usize / 8).max(1),
        };
        let swap = if file.is_big_endian() { word } else { 1 };
        let needed = native_bytes(layout);
        let Some(surplus) = length.checked_sub(needed) else {
            return Err(Problem::Damaged(format!(
                "its pixel data has {length} bytes, and its size calls for {needed}"
            )));
        };
        self.remarks.extend(surplus_remark(layout, length, surplus));
        self.stored = Stored::Native {
            bytes: element.value,
            swap,
        };
        Ok(())
    }
}

/// Bytes that native pixel data need, without padding.
fn native_bytes(layout: &Layout) -> u64 {
    let bits = frame_bits(layout).saturating_mul(layout.frames.into());
    bits.div_ceil(8)
}

/// More bytes than are needed: further frames, or something else. One byte pads to an even length.
fn surplus_remark(layout: &Layout, length: u64, surplus: u64) -> Option<String> {
    if surplus <= 1 {
        return None;
    }
    let bits = frame_bits(layout).max(1);
    let frames = length.saturating_mul(8) / bits;
    let is_whole = length - (frames * bits).div_ceil(8) <= 1;
    if is_whole && frames > layout.frames.into() {
        return Some(fragments::more_frames(frames, layout.frames));
    }
    Some(format!(
        "The pixel data have {surplus} bytes more than the size of the image calls for: these were left out."
    ))
}

/// Bits of a native frame. Frames of single bits follow each other without a gap (PS3.5 section 8.1.1).
fn frame_bits(layout: &Layout) -> u64 {
    let pixels = layout.pixels() as u64;
    let samples = match layout.photometric.is_halved() {
        // Two of Y and one of each colour for two pixels.
        true => 4 * pixels.div_ceil(2),
        false => pixels * u64::from(layout.channels()),
    };
    samples * u64::from(layout.allocated())
}

impl Frame<'_> {
    /// Whether cells have bits beside those that count and their sign.
    pub fn has_stray_bits(&self) -> bool {
        let Samples::Integers {
            allocated,
            stored,
            high,
            signed,
        } = self.samples
        else {
            return false;
        };
        if stored >= allocated || allocated < 8 {
            return false;
        }
        let below = (1u64 << (high + 1 - stored)) - 1;
        let above = u64::from(u32::MAX >> (32 - allocated)) & !((1u64 << (high + 1)) - 1);
        let is_stray = |cell: &[u8]| {
            let bytes = cell.iter().rev();
            let cell = bytes.fold(0u64, |sum, &byte| sum << 8 | u64::from(byte));
            let sign = if signed && cell >> high & 1 == 1 {
                above
            } else {
                0
            };
            cell & below != 0 || (cell & above != 0 && cell & above != sign)
        };
        let mut cells = self.cells.chunks_exact((allocated / 8) as usize);
        cells.any(is_stray)
    }
}

fn native_frame<'a>(
    bytes: &'a [u8],
    swap: usize,
    layout: &Layout,
    index: u32,
) -> Result<Frame<'a>, Problem> {
    let bits = frame_bits(layout);
    let first = bits * u64::from(index);
    let frame = |cells| Frame {
        cells,
        planar: layout.planar && !layout.photometric.is_halved(),
        samples: layout.samples,
        photometric: layout.photometric,
        remarks: Vec::new(),
    };
    if layout.allocated() == 1 {
        let bit = |at: u64| {
            let byte = (at / 8) as usize;
            let byte = if swap == 2 { byte ^ 1 } else { byte };
            bytes.get(byte).map_or(0, |byte| byte >> (at % 8) & 1)
        };
        let cells = (first..first + bits).map(bit).collect();
        return Ok(frame(Cow::Owned(cells)));
    }
    let (from, length) = ((first / 8) as usize, (bits / 8) as usize);
    // A word of two frames of odd length stands across their border.
    if swap == 2 && layout.allocated() == 8 {
        let byte = |at: usize| bytes.get(at ^ 1).copied().unwrap_or(0);
        return Ok(frame(Cow::Owned((from..from + length).map(byte).collect())));
    }
    let cells = bytes.get(from..from + length).ok_or(Problem::Truncated)?;
    if swap == 1 {
        return Ok(frame(Cow::Borrowed(cells)));
    }
    let mut cells = cells.to_vec();
    cells.chunks_mut(swap).for_each(<[u8]>::reverse);
    Ok(frame(Cow::Owned(cells)))
}

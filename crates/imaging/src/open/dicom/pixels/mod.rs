//! Reads frames of native samples from pixel data (DICOM PS3.5 section 8 and annex A).

mod depth;
mod fragments;
mod jpeg;
mod jpeg2000;
mod jpeg_cosine;
mod jpeg_lossless;
mod jpeg_sequential;
mod jpeg_upsampling;
mod native;
mod rle;

use std::borrow::Cow;

use super::attribute::{DOUBLE_FLOAT_PIXEL_DATA, FLOAT_PIXEL_DATA, PIXEL_DATA};
use super::data_set::DataSet;
use super::file::File;
use super::jpeg_ls;
use super::layout::{Photometric, PixelLayout, Samples};
use super::problem::Problem;
use super::transfer_syntax::{TransferSyntax, describe};
use crate::open::budget::{Budget, Held};
use fragments::Fragments;

/// Little-endian cells of a frame with as many bytes as allocated; 1-bit samples take a byte of 0 or 1.
pub(super) struct Frame<'a> {
    pub cells: Cow<'a, [u8]>,
    /// Whether red, green and blue are separate planes.
    pub planar: bool,
    /// Format of the samples: compressed data may be more reliable than the data set.
    pub samples: Samples,
    /// The meaning of the decoded samples.
    pub photometric: Photometric,
    /// Notes for the user about its data.
    pub remarks: Vec<String>,
    /// Memory of the cells, where they are not the file's.
    pub held: Option<Held<'a>>,
}

/// The pixel data of an instance.
pub(super) struct Pixels<'a> {
    budget: &'a Budget,
    /// Where native colours have another resolution than the data set says, that.
    layout: PixelLayout,
    stored: Stored<'a>,
    /// Notes for the user about the pixel data as a whole.
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

/// Rejects transfer syntaxes that no decoder here reads.
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
        layout: PixelLayout,
        budget: &'a Budget,
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
            budget,
            layout,
            stored: Stored::Native {
                bytes: &[],
                swap: 1,
            },
            remarks: Vec::new(),
        };
        if element.is_undefined {
            let (fragments, remark) = Fragments::read(data, &element, layout.frames, budget)?;
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
        if layout.photometric == Photometric::YbrOfJpeg2000
            && !matches!(file.syntax, TransferSyntax::Jpeg | TransferSyntax::Jpeg2000)
        {
            let text = "The file says that its colours are made RGB by JPEG 2000, and it is not JPEG 2000: they were \
                        read as RGB.";
            pixels.remarks.push(text.to_owned());
        }
        Ok(pixels)
    }

    /// Decodes a frame, counted from 0.
    pub fn frame(&self, index: u32) -> Result<Frame<'a>, Problem> {
        match &self.stored {
            Stored::Native { bytes, swap } => {
                native::frame(bytes, *swap, &self.layout, index, self.budget)
            }
            Stored::Encapsulated { fragments, syntax } => {
                decoded(&fragments.frame(index)?, syntax, &self.layout, self.budget)
            }
        }
    }
}

fn decoded<'b>(
    bytes: &[u8],
    syntax: &TransferSyntax,
    layout: &PixelLayout,
    budget: &'b Budget,
) -> Result<Frame<'b>, Problem> {
    let held = budget.hold(cell_bytes(layout))?;
    let mut frame = match syntax {
        TransferSyntax::Rle => rle::decode(bytes, layout),
        TransferSyntax::Jpeg => jpeg::decode(bytes, layout, budget),
        TransferSyntax::JpegLs => near_lossless(bytes, layout, budget),
        TransferSyntax::Jpeg2000 => jpeg2000::decode(bytes, layout, budget),
        TransferSyntax::Other { uid } => Err(not_read(uid)),
        _ => Err(Problem::damaged(
            "its pixel data is encapsulated, and its transfer syntax has no such",
        )),
    }?;
    frame.held = Some(held);
    Ok(frame)
}

/// Samples of a frame.
fn samples(layout: &PixelLayout) -> u64 {
    layout.pixels() as u64 * u64::from(layout.channels())
}

/// Bytes of the cells of a decoded frame.
fn cell_bytes(layout: &PixelLayout) -> u64 {
    samples(layout) * u64::from((layout.allocated() / 8).max(1))
}

/// Samples in cells of so many bits, which must hold them.
fn cells<S: Into<u32>>(samples: impl ExactSizeIterator<Item = S>, allocated: u32) -> Vec<u8> {
    let width = allocated as usize / 8;
    let mut cells = Vec::with_capacity(samples.len() * width);
    for sample in samples {
        let bytes = sample.into().to_le_bytes();
        cells.extend_from_slice(&bytes[..width.min(bytes.len())]);
    }
    cells
}

/// JPEG-LS.
fn near_lossless(
    bytes: &[u8],
    layout: &PixelLayout,
    budget: &Budget,
) -> Result<Frame<'static>, Problem> {
    // The decoder's samples are of 16 bits.
    let _samples = budget.hold(2 * samples(layout))?;
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
    Ok(Frame {
        cells: Cow::Owned(cells(decoded.samples.into_iter(), layout.allocated())),
        planar: false,
        samples,
        // JPEG-LS chroma has full resolution, whatever the data set says.
        photometric: layout.with_whole_colours().photometric,
        remarks: remark.into_iter().collect(),
        held: None,
    })
}

impl Frame<'_> {
    /// Whether cells have bits outside the stored ones, other than sign extension.
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
        let is_stray = |cell: u64| {
            let is_negative = signed && cell >> high & 1 == 1;
            let sign = if is_negative { above } else { 0 };
            cell & below != 0 || (cell & above != 0 && cell & above != sign)
        };
        let cells = &self.cells[..];
        match allocated {
            8 => cells.iter().any(|&cell| is_stray(cell.into())),
            16 => {
                let mut cells = cells.as_chunks().0.iter();
                cells.any(|&cell| is_stray(u16::from_le_bytes(cell).into()))
            }
            _ => {
                let mut cells = cells.as_chunks().0.iter();
                cells.any(|&cell| is_stray(u32::from_le_bytes(cell).into()))
            }
        }
    }
}

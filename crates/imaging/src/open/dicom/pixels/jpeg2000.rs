//! JPEG 2000 (ITU-T T.800), decoded by `hayro-jpeg2000` after the size is checked: a header of a few bytes can demand
//! hours of work.

use std::borrow::Cow;

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use super::{Frame, samples};
use crate::open::budget::Budget;
use crate::open::dicom::layout::{Photometric, PixelLayout, Samples};
use crate::open::dicom::problem::Problem;

/// Maximum bits per sample: the decoder computes in single precision, with 24 bits.
const MAX_PRECISION: u8 = 24;

/// Maximum number of tiles, code-blocks and precincts together. Memory for each is allocated before its data are read.
const MAX_PARTS: u64 = 1 << 20;

/// A codestream's header.
struct Codestream<'a> {
    /// The codestream, with the last marker, which DICOM fragments may lack.
    bytes: Cow<'a, [u8]>,
    precision: u8,
    signed: bool,
    /// Whether a multiple component transform makes the components RGB.
    is_transformed: bool,
    /// Pixels of a tile.
    tile_pixels: u64,
    /// Tiles, code-blocks and precincts.
    parts: u64,
}

pub(super) fn decode(
    bytes: &[u8],
    layout: &PixelLayout,
    budget: &Budget,
) -> Result<Frame<'static>, Problem> {
    let codestream = checked(codestream(bytes)?, layout)?;
    let scratch = samples(layout) * BYTES_OF_SAMPLE
        + codestream.tile_pixels * BYTES_OF_TILE_PIXEL
        + codestream.parts * BYTES_OF_PART
        + bytes.len() as u64;
    let _scratch = budget.hold(scratch)?;
    let mut remarks = Vec::new();
    let signed = match layout.samples {
        Samples::Integers { signed, .. } => signed,
        _ => codestream.signed,
    };
    let (cells, has_other) = match decoded(&codestream, layout, true) {
        Ok(decoded) => decoded,
        Err(_) => {
            let text = "The JPEG 2000 data are cut off or damaged: part of the image may be wrong or blurred.";
            remarks.push(text.to_owned());
            decoded(&codestream, layout, false)?
        }
    };
    let (precision, allocated) = (u32::from(codestream.precision), layout.allocated());
    if signed != codestream.signed && has_other {
        let [said, coded] = match signed {
            true => ["with", "without"],
            false => ["without", "with"],
        };
        remarks.push(format!(
            "The JPEG 2000 data are coded {coded} a sign, and the file says {said}: they were read {said} one."
        ));
    }
    let (photometric, remark) = colour(&codestream, layout.photometric);
    remarks.extend(remark);
    Ok(Frame {
        cells: Cow::Owned(cells),
        planar: false,
        // The number of bits is taken from the codestream, and the sign from the data set: each is often wrong in the
        // other.
        samples: Samples::Integers {
            allocated,
            stored: precision,
            high: precision - 1,
            signed,
        },
        photometric,
        remarks,
        held: None,
    })
}

/// Memory of the decoder for a sample, besides its cell: in single precision.
const BYTES_OF_SAMPLE: u64 = 4;
/// And for a pixel of a tile: the coefficients of one component, what they are transformed to, and a quarter of that for
/// the steps between.
const BYTES_OF_TILE_PIXEL: u64 = 9;
/// And for a tile, a code-block or a precinct; chosen by hand.
const BYTES_OF_PART: u64 = 192;

/// Whether a sample is another number with a sign than without.
fn is_other(value: i32, precision: u32) -> bool {
    value < 0 || value >> (precision - 1) & 1 == 1
}

/// The photometric interpretation after decoding, and a remark if the data set's differs.
fn colour(codestream: &Codestream<'_>, declared: Photometric) -> (Photometric, Option<String>) {
    let (found, remark) = match (declared, codestream.is_transformed) {
        (Photometric::YbrFull | Photometric::YbrFull422, true) => (
            Photometric::Rgb,
            Some("YCbCr, and its JPEG 2000 data make RGB: they were read as RGB"),
        ),
        (Photometric::YbrFull422, false) => (Photometric::YbrFull, None),
        (Photometric::YbrPartial422, false) => (Photometric::YbrPartial, None),
        (Photometric::YbrOfJpeg2000, false) => (
            Photometric::Rgb,
            Some("made RGB by JPEG 2000, and its data have no such step: they were read as RGB"),
        ),
        (other, _) => (other, None),
    };
    (
        found,
        remark.map(|remark| format!("The file says that its colours are {remark}.")),
    )
}

/// Decodes samples to cells, interleaved by pixel, in two's complement if they are signed. Also returns whether some are
/// other numbers with a sign than without.
fn decoded(
    codestream: &Codestream<'_>,
    layout: &PixelLayout,
    strict: bool,
) -> Result<(Vec<u8>, bool), Problem> {
    let damaged = |error: hayro_jpeg2000::DecodeError| {
        Problem::Damaged(format!("its JPEG 2000 data can't be decoded: {error}"))
    };
    let settings = DecodeSettings {
        strict,
        ..DecodeSettings::default()
    };
    let image = Image::new(&codestream.bytes, &settings).map_err(damaged)?;
    let mut context = DecoderContext::default();
    let image = image.decode(&mut context).map_err(damaged)?;
    let components = image.components();
    let (pixels, channels) = (layout.pixels(), layout.channels() as usize);
    let fits = |samples: &[f32]| samples.len() == pixels;
    if components.len() != channels || !components.iter().all(|c| fits(c.samples())) {
        let reason = "its JPEG 2000 data hold another number of samples";
        return Err(Problem::damaged(reason));
    }
    // The decoder adds the level shift to signed samples too.
    let zero = match codestream.signed {
        true => 1i32 << (codestream.precision - 1),
        false => 0,
    };
    let largest = ((1i64 << codestream.precision) - 1) as f32;
    let precision = u32::from(codestream.precision);
    // Straight to cells: the decoder's samples are still in memory.
    let width = (layout.allocated() as usize / 8).max(1);
    let mut cells = vec![0; pixels * channels * width];
    let mut has_other = false;
    for (channel, component) in components.iter().enumerate() {
        let cells = cells.chunks_exact_mut(width).skip(channel);
        for (cell, &value) in cells.step_by(channels).zip(component.samples()) {
            let value = value.round().clamp(0.0, largest) as i32 - zero;
            has_other |= is_other(value, precision);
            let bytes = value.to_le_bytes();
            cell.copy_from_slice(bytes.get(..cell.len()).unwrap_or_default());
        }
    }
    Ok((cells, has_other))
}

/// The codestream, extracted if the bytes are a JP2 file (T.800 annex I). DICOM requires a bare codestream, but some
/// writers store the file.
fn codestream(bytes: &[u8]) -> Result<&[u8], Problem> {
    if !bytes.starts_with(b"\0\0\0\x0cjP  ") {
        return Ok(bytes);
    }
    let mut rest = bytes;
    while let Some(&[l3, l2, l1, l0, a, b, c, d]) = rest.first_chunk() {
        let length = u32::from_be_bytes([l3, l2, l1, l0]) as usize;
        if [a, b, c, d] == *b"jp2c" {
            let end = if length == 0 { rest.len() } else { length };
            return rest.get(8..end.min(rest.len())).ok_or(Problem::Truncated);
        }
        // Only codestream boxes have 64-bit lengths.
        rest = rest.get(length.max(8)..).ok_or(Problem::Truncated)?;
    }
    Err(Problem::Truncated)
}

/// Compares the codestream's size with the data set's, and checks the number of its parts.
fn checked<'a>(bytes: &'a [u8], layout: &PixelLayout) -> Result<Codestream<'a>, Problem> {
    let size = segment(bytes, 2, 0x51)?.filter(|_| bytes.starts_with(&[0xff, 0x4f, 0xff, 0x51]));
    let broken = || Problem::damaged("its JPEG 2000 data has no size");
    let size = size.ok_or_else(broken)?;
    let fields = size.get(2..34).ok_or_else(broken)?.as_chunks::<4>().0;
    let [x1, y1, x0, y0, tile_x, tile_y, ..] = fields else {
        return Err(broken());
    };
    let [x1, y1, x0, y0, tile_x, tile_y] =
        [x1, y1, x0, y0, tile_x, tile_y].map(|&bytes| u32::from_be_bytes(bytes));
    let components = size.get(36..).ok_or_else(broken)?.as_chunks::<3>().0;
    let count = size
        .get(34..36)
        .map_or(0, |c| usize::from(c[0]) << 8 | usize::from(c[1]));
    let [first, others @ ..] = components else {
        return Err(broken());
    };
    let extent = (x1.checked_sub(x0), y1.checked_sub(y0));
    let precision = (first[0] & 0x7f) + 1;
    if extent != (Some(layout.columns), Some(layout.rows))
        || count != components.len()
        || count != layout.channels() as usize
        || first[1..] != [1, 1]
        || others.iter().any(|other| other != first)
        || u32::from(precision) > layout.allocated()
        || precision > MAX_PRECISION
    {
        return Err(Problem::Damaged(format!(
            "its JPEG 2000 data are of {count} components of {precision} bits from ({x0}, {y0}) to \
             ({x1}, {y1}), and not as the data set says"
        )));
    }
    let style = coding_style(bytes, 6 + size.len())?;
    let tiles = |extent: u32, tile: u32| u64::from(extent.div_ceil(tile.max(1)));
    let tiles = tiles(x1, tile_x) * tiles(y1, tile_y);
    let parts = tiles * u64::from(style.levels + 1) * count as u64
        + layout.pixels() as u64 * count as u64 / style.smallest_part;
    if parts > MAX_PARTS.max(layout.pixels() as u64 / 64) {
        return Err(Problem::Damaged(format!(
            "its JPEG 2000 data are cut into {parts} parts"
        )));
    }
    Ok(Codestream {
        bytes: completed(bytes),
        precision,
        signed: first[0] & 0x80 != 0,
        is_transformed: style.is_transformed,
        tile_pixels: u64::from(tile_x.min(layout.columns)) * u64::from(tile_y.min(layout.rows)),
        parts,
    })
}

/// Completes the codestream for the strict decoder: adds the last marker, which DICOM fragments may lack, and the
/// length of a last tile-part that is given as "up to the end" (T.800 section A.4.2).
fn completed(bytes: &[u8]) -> Cow<'_, [u8]> {
    const END: [u8; 2] = [0xff, 0xd9];
    let Some((end, open_part)) = tile_parts(bytes) else {
        return Cow::Borrowed(bytes);
    };
    let Some(parts) = bytes.get(..end) else {
        return Cow::Borrowed(bytes);
    };
    if open_part.is_none() && bytes[end..].starts_with(&END) {
        return Cow::Borrowed(bytes);
    }
    let mut completed = parts.to_vec();
    if let Some(part) = open_part
        && let Some(length) = completed.get_mut(part + 6..part + 10)
    {
        length.copy_from_slice(&((end - part) as u32).to_be_bytes());
    }
    completed.extend(END);
    Cow::Owned(completed)
}

/// Position where the last tile-part ends by the given lengths, and position of a tile-part without a length.
fn tile_parts(bytes: &[u8]) -> Option<(usize, Option<usize>)> {
    let mut at = 2;
    loop {
        let &[prefix, marker, high, low] = bytes.get(at..)?.first_chunk()?;
        if (prefix, marker) == (0xff, 0x90) {
            break;
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low])).max(2);
    }
    while bytes
        .get(at..)
        .is_some_and(|rest| rest.starts_with(&[0xff, 0x90]))
    {
        let length = bytes.get(at + 6..)?.first_chunk()?;
        match u32::from_be_bytes(*length) as usize {
            0 => {
                let padding = bytes.iter().rev().take_while(|&&byte| byte == 0).count();
                let unpadded = &bytes[..bytes.len() - padding];
                let end = match unpadded.ends_with(&[0xff, 0xd9]) {
                    true => unpadded.len() - 2,
                    false => bytes.len(),
                };
                return Some((end, Some(at)));
            }
            length => at = at.checked_add(length)?,
        }
    }
    Some((at, None))
}

/// The values of the default coding style that limit the number of parts (T.800 section A.6.1).
struct CodingStyle {
    is_transformed: bool,
    levels: u32,
    /// Samples of a code-block, or of the smallest precinct if that is smaller.
    smallest_part: u64,
}

fn coding_style(bytes: &[u8], at: usize) -> Result<CodingStyle, Problem> {
    let broken = || Problem::damaged("its JPEG 2000 data has no coding style");
    let style = segment(bytes, at, 0x52)?.ok_or_else(broken)?;
    let &[flags, _, _, _, transform, levels, width, height, _, _] =
        style.first_chunk().ok_or_else(broken)?;
    let block = u32::from(width & 15) + u32::from(height & 15) + 4;
    let precincts = match flags & 1 {
        0 => &[][..],
        _ => style.get(10..).unwrap_or_default(),
    };
    let smallest = precincts
        .iter()
        .map(|&p| u32::from(p & 15) + u32::from(p >> 4));
    // The lowest resolution is left out: it may have few samples, and then a small precinct costs nothing.
    let smallest = smallest.skip(1).fold(block, u32::min);
    Ok(CodingStyle {
        is_transformed: transform == 1,
        levels: u32::from(levels).min(32),
        smallest_part: 1 << smallest,
    })
}

/// Payload of the first segment with a marker in the main header, searched from `at` on.
fn segment(bytes: &[u8], at: usize, marker: u8) -> Result<Option<&[u8]>, Problem> {
    let mut at = at;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let &[prefix, found, high, low] = rest.first_chunk().ok_or(Problem::Truncated)?;
        // Start of a tile: the main header has ended.
        if prefix != 0xff || found == 0x90 {
            return Ok(None);
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        if found == marker {
            return rest.get(4..2 + length).map(Some).ok_or(Problem::Truncated);
        }
        at += 2 + length.max(2);
    }
}

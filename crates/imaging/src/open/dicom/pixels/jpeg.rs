//! JPEG (ITU-T T.81): 8 bits with a discrete cosine transform by `zune-jpeg` unless colours have less
//! resolution, the rest here.

use std::borrow::Cow;
use std::io::Cursor;

use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::{Frame, jpeg_lossless, jpeg_sequential};
use crate::open::dicom::layout::{Layout, Photometric};
use crate::open::dicom::problem::Problem;

/// A component of a frame header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Component {
    pub id: u8,
    pub horizontal: u8,
    pub vertical: u8,
    pub quantization: u8,
}

/// What a frame header says (T.81 section B.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FrameHeader {
    /// 0 to 15: `SOF0` to `SOF15`.
    pub process: u8,
    pub precision: u8,
    pub rows: u16,
    pub columns: u16,
    pub components: Vec<Component>,
}

impl FrameHeader {
    /// Whether some colour has fewer samples than the image has pixels.
    fn is_subsampled(&self) -> bool {
        let factors = |c: &Component| (c.horizontal, c.vertical);
        let mut components = self.components.iter().map(factors);
        let first = components.next();
        components.any(|factors| Some(factors) != first)
    }
}

/// A marker and what follows it up to the next, entropy-coded data apart.
pub(super) struct Segment<'a> {
    pub marker: u8,
    pub payload: &'a [u8],
    /// Where the data behind the segment begins.
    pub end: usize,
}

pub(super) const SOS: u8 = 0xda;
const EOI: u8 = 0xd9;

/// The segment that begins at or after a place.
pub(super) fn segment(bytes: &[u8], at: usize) -> Result<Segment<'_>, Problem> {
    let mut at = at;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let &[prefix, marker, ..] = rest else {
            return Err(Problem::Truncated);
        };
        match (prefix, marker) {
            // Fill bytes, or stuffing and restarts in entropy-coded data.
            (0xff, 0xff) => at += 1,
            (0xff, 0x00 | 0x01 | 0xd0..=0xd8) => at += 2,
            (0xff, EOI) => return Err(Problem::Truncated),
            (0xff, _) => {
                let Some(&[high, low]) = rest.get(2..).and_then(|rest| rest.first_chunk()) else {
                    return Err(Problem::Truncated);
                };
                let length = usize::from(u16::from_be_bytes([high, low]));
                let payload = rest.get(4..2 + length.max(2)).ok_or(Problem::Truncated)?;
                let end = at + 2 + length.max(2);
                return Ok(Segment {
                    marker,
                    payload,
                    end,
                });
            }
            _ => at += 1,
        }
    }
}

/// The frame header, and the colour transform in Adobe's segment if there is one.
fn headers(bytes: &[u8]) -> Result<(FrameHeader, Option<u8>), Problem> {
    let mut adobe = None;
    let mut at = 0;
    let mut frame = None;
    loop {
        let segment = segment(bytes, at)?;
        at = segment.end;
        match segment.marker {
            0xee if segment.payload.starts_with(b"Adobe") => {
                adobe = segment.payload.get(11).copied();
            }
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                frame = Some(frame_header(segment.marker - 0xc0, segment.payload)?);
            }
            SOS => break,
            _ => {}
        }
    }
    let missing = || Problem::damaged("its JPEG data has no frame header");
    Ok((frame.ok_or_else(missing)?, adobe))
}

fn frame_header(process: u8, payload: &[u8]) -> Result<FrameHeader, Problem> {
    let Some((&[precision, y1, y0, x1, x0, count], rest)) = payload.split_first_chunk() else {
        return Err(Problem::Truncated);
    };
    let component = |&[id, factors, quantization]: &[u8; 3]| Component {
        id,
        horizontal: factors >> 4,
        vertical: factors & 15,
        quantization,
    };
    let components = rest.as_chunks().0.iter().take(count.into());
    Ok(FrameHeader {
        process,
        precision,
        rows: u16::from_be_bytes([y1, y0]),
        columns: u16::from_be_bytes([x1, x0]),
        components: components.map(component).collect(),
    })
}

pub(super) fn decode(bytes: &[u8], layout: &Layout) -> Result<Frame<'static>, Problem> {
    let (header, adobe) = headers(bytes)?;
    let size = (u32::from(header.columns), u32::from(header.rows));
    if size != (layout.columns, layout.rows)
        || header.components.len() != layout.channels() as usize
        || u32::from(header.precision) > layout.allocated()
    {
        return Err(Problem::Damaged(format!(
            "its JPEG data are {}x{} pixels of {} samples of {} bits, and not as the data set says",
            header.columns,
            header.rows,
            header.components.len(),
            header.precision,
        )));
    }
    let samples = match (header.process, header.precision) {
        // `zune-jpeg` rounds otherwise when it doubles colours, by up to 3 levels of RGB.
        (0 | 1, 8) if header.is_subsampled() => {
            Decoded::Words(jpeg_sequential::decode(bytes, &header)?)
        }
        (0..=2, 8) => Decoded::Bytes(cosine(bytes, layout)?),
        (1, 12) => Decoded::Words(jpeg_sequential::decode(bytes, &header)?),
        (3, 2..=16) => Decoded::Words(jpeg_lossless::decode(bytes, &header)?),
        (process, precision) => {
            return Err(Problem::Unsupported(format!(
                "a DICOM file with JPEG data of the kind SOF{process} with {precision} bits"
            )));
        }
    };
    Ok(Frame {
        cells: Cow::Owned(samples.cells(layout.allocated())),
        planar: false,
        samples: layout.samples,
        photometric: colour(&header, adobe, layout.photometric),
    })
}

enum Decoded {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
}

impl Decoded {
    /// In cells of so many bits, which are enough.
    fn cells(self, allocated: u32) -> Vec<u8> {
        let width = allocated as usize / 8;
        let widened = |value: u16| u32::from(value).to_le_bytes().into_iter().take(width);
        match self {
            Decoded::Bytes(bytes) if width == 1 => bytes,
            Decoded::Bytes(bytes) => bytes.into_iter().flat_map(|b| widened(b.into())).collect(),
            Decoded::Words(words) => words.into_iter().flat_map(widened).collect(),
        }
    }
}

/// What the samples mean. Adobe's segment and the components' names are believed before the data set,
/// whose Photometric Interpretation often is that of the image before it was compressed.
fn colour(header: &FrameHeader, adobe: Option<u8>, photometric: Photometric) -> Photometric {
    let ids: Vec<u8> = header.components.iter().map(|c| c.id).collect();
    if ids.len() != 3 {
        return photometric;
    }
    match adobe {
        Some(0) => Photometric::Rgb,
        Some(1) => Photometric::YbrFull,
        _ if ids == *b"RGB" || photometric == Photometric::Rgb => Photometric::Rgb,
        _ => Photometric::YbrFull,
    }
}

/// The bytes without the segments of applications, in which the decoder would look for colour transforms.
fn without_applications(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut kept = vec![0xff, 0xd8];
    let mut at = 0;
    loop {
        let segment = segment(bytes, at)?;
        if segment.marker == SOS {
            kept.extend(&bytes[segment.end - segment.payload.len() - 4..]);
            return Ok(kept);
        }
        if !(0xe0..=0xef).contains(&segment.marker) {
            kept.extend(&bytes[segment.end - segment.payload.len() - 4..segment.end]);
        }
        at = segment.end;
    }
}

/// 8 bits, colours as they are stored.
fn cosine(bytes: &[u8], layout: &Layout) -> Result<Vec<u8>, Problem> {
    let bytes = without_applications(bytes)?;
    let damaged = |error: zune_jpeg::errors::DecodeErrors| {
        Problem::Damaged(format!("its JPEG data can't be decoded: {error}"))
    };
    let options = DecoderOptions::default()
        .set_max_width(layout.columns as usize)
        .set_max_height(layout.rows as usize);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let Some(stored) = decoder.input_colorspace() else {
        return Err(Problem::damaged("its JPEG data has no frame header"));
    };
    decoder.set_options(options.jpeg_set_out_colorspace(stored));
    let pixels = decoder.decode().map_err(damaged)?;
    match pixels.len() == layout.pixels() * layout.channels() as usize {
        true => Ok(pixels),
        false => Err(Problem::damaged(
            "its JPEG data hold another number of samples",
        )),
    }
}

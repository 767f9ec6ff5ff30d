//! JPEG (ITU-T T.81). `zune-jpeg` decodes 8-bit DCT data without chroma subsampling; the modules here decode the rest.

use std::borrow::Cow;
use std::io::Cursor;

use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::depth::depth;
use super::{Frame, cells, jpeg_lossless, jpeg_sequential, samples};
use crate::open::budget::Budget;
use crate::open::dicom::layout::{Photometric, PixelLayout};
use crate::open::dicom::problem::Problem;
use crate::open::jpeg::markers::{self, FrameHeader, SOS, Segment};
use crate::open::jpeg::{self, entropy};

/// The next segment that begins at or after a position; an error at the end of the image.
pub(super) fn segment(bytes: &[u8], at: usize) -> Result<Segment<'_>, Problem> {
    markers::segment(bytes, at)?.ok_or(Problem::Truncated)
}

/// Frame size and colour model from the headers.
struct Headers {
    frame: FrameHeader,
    /// Colour transform in Adobe's segment: 0 for RGB, 1 for YCbCr.
    adobe: Option<u8>,
    /// Whether there is a JFIF segment, which means YCbCr.
    is_jfif: bool,
}

fn headers(bytes: &[u8]) -> Result<Headers, Problem> {
    let (mut adobe, mut is_jfif) = (None, false);
    let mut at = 0;
    let mut frame = None;
    loop {
        let segment = segment(bytes, at)?;
        at = segment.end;
        match segment.marker {
            0xe0 => is_jfif |= segment.payload.starts_with(b"JFIF\0"),
            0xee if segment.payload.starts_with(b"Adobe") => {
                adobe = segment.payload.get(11).copied();
            }
            SOS => break,
            _ => {}
        }
        if let Some(header) = FrameHeader::of(&segment) {
            frame = Some(header?);
        }
    }
    let missing = || Problem::damaged("its JPEG data has no frame header");
    Ok(Headers {
        frame: frame.ok_or_else(missing)?,
        adobe,
        is_jfif,
    })
}

pub(super) fn decode(
    bytes: &[u8],
    layout: &PixelLayout,
    budget: &Budget,
) -> Result<Frame<'static>, Problem> {
    let headers = headers(bytes)?;
    let header = &headers.frame;
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
    let _scratch = budget.hold(scratch_bytes(bytes, header, layout))?;
    budget.step(jpeg::steps(bytes))?;
    let doubts = entropy::check(bytes)?;
    let mut remarks: Vec<String> = doubts.text().into_iter().collect();
    if holds_several(bytes) {
        let text = "The data of one frame hold several JPEG images: the first is shown.";
        remarks.push(text.to_owned());
    }
    let decoded = match (header.process, header.precision) {
        // `zune-jpeg` rounds chroma upsampling differently, by up to 3 levels of RGB.
        (0 | 1, 8) if header.is_subsampled() => {
            Decoded::Bytes(jpeg_sequential::decode(bytes, header, |sample| {
                sample as u8
            })?)
        }
        (0..=2, 8) => Decoded::Bytes(cosine(bytes, layout)?),
        (1, 12) => Decoded::Words(jpeg_sequential::decode(bytes, header, |sample| sample)?),
        (3, 2..=16) => {
            let (samples, doubts) = jpeg_lossless::decode(bytes, header)?;
            remarks.extend(doubts.text());
            Decoded::Words(samples)
        }
        (process, precision) => {
            return Err(Problem::Unsupported(format!(
                "a DICOM file with JPEG data of the kind SOF{process} with {precision} bits"
            )));
        }
    };
    let (photometric, remark) = colour(&headers, layout.photometric);
    remarks.extend(remark);
    let (stored, remark) = match &decoded {
        Decoded::Bytes(bytes) => depth(layout.samples, header.precision, bytes.iter().copied()),
        Decoded::Words(words) => depth(layout.samples, header.precision, words.iter().copied()),
    };
    remarks.extend(remark);
    Ok(Frame {
        cells: Cow::Owned(decoded.cells(layout.allocated())),
        held: None,
        planar: false,
        samples: stored,
        photometric,
        remarks,
    })
}

/// Whether another image begins directly after the first, or after a padding byte.
fn holds_several(bytes: &[u8]) -> bool {
    let begins = |bytes: &[u8]| bytes.starts_with(&[0xff, 0xd8, 0xff]);
    let ends = bytes.windows(2).enumerate();
    let mut ends = ends.filter(|(_, pair)| *pair == [0xff, 0xd9]);
    ends.any(|(at, _)| match &bytes[at + 2..] {
        [0, rest @ ..] => begins(rest),
        rest => begins(rest),
    })
}

enum Decoded {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
}

impl Decoded {
    /// Stores the samples in cells of `allocated` bits, which must hold them.
    fn cells(self, allocated: u32) -> Vec<u8> {
        match self {
            Decoded::Bytes(bytes) if allocated == 8 => bytes,
            Decoded::Bytes(bytes) => cells(bytes.into_iter(), allocated),
            Decoded::Words(words) => cells(words.into_iter(), allocated),
        }
    }
}

/// Memory of a decoder besides the cells that it fills.
fn scratch_bytes(bytes: &[u8], header: &FrameHeader, layout: &PixelLayout) -> u64 {
    let is_filled = header.precision == 8 && layout.allocated() == 8;
    let width = if header.precision == 8 { 1 } else { 2 };
    let decoded = if is_filled {
        0
    } else {
        width * samples(layout)
    };
    match (header.process, header.precision) {
        (0 | 1, 8) if header.is_subsampled() => 2 * jpeg::padded_samples(header) + decoded,
        // With the file's copy.
        (0..=2, 8) => jpeg::scratch_bytes(bytes) + decoded + bytes.len() as u64,
        (0 | 1, _) => 2 * jpeg::padded_samples(header) + decoded,
        _ => 2 * samples(layout),
    }
}

/// What the samples mean, and a remark where the data set says otherwise: its Photometric Interpretation often is that
/// of the image before it was compressed. As libjpeg has it (`jdapimin.c`), with the data set's word where JPEG itself says
/// nothing.
fn colour(headers: &Headers, declared: Photometric) -> (Photometric, Option<String>) {
    let ids: Vec<u8> = headers.frame.components.iter().map(|c| c.id).collect();
    if ids.len() != 3 {
        return (declared, None);
    }
    let is_rgb = declared == Photometric::Rgb;
    // Subsampled colours must be YCbCr, since nobody subsamples red or blue. Lossless data are RGB, since converting to
    // YCbCr loses information; writers add JFIF segments regardless of the colours.
    let is_lossless = headers.frame.process == 3;
    let is_ycbcr = !is_lossless && (headers.is_jfif || headers.frame.is_subsampled());
    let found = match headers.adobe {
        Some(0) if is_rgb || !headers.is_jfif => Photometric::Rgb,
        Some(1) => Photometric::YbrFull,
        _ if ids == *b"RGB" && (is_rgb || !is_ycbcr) => Photometric::Rgb,
        _ if is_rgb && !is_ycbcr => Photometric::Rgb,
        _ => Photometric::YbrFull,
    };
    let remark = match (is_rgb, found) {
        (true, Photometric::YbrFull) => {
            Some("RGB, and its JPEG data are YCbCr: they were read as YCbCr")
        }
        (false, Photometric::Rgb) => {
            Some("YCbCr, and its JPEG data are RGB: they were read as RGB")
        }
        (true, _) if is_lossless && headers.is_jfif => Some(
            "RGB, and its lossless JPEG data have a mark of YCbCr (JFIF): they were read as RGB",
        ),
        _ => None,
    };
    (
        found,
        remark.map(|remark| format!("The file says that its colours are {remark}.")),
    )
}

/// Removes application segments, in which the decoder would find colour transforms.
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

/// Decodes 8-bit DCT data without converting colours.
fn cosine(bytes: &[u8], layout: &PixelLayout) -> Result<Vec<u8>, Problem> {
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

//! Checks a JPEG's markers and entropy-coded data before it is decoded: its size, and whether it is complete
//! (ITU-T T.81).

mod blocks;
pub(super) mod entropy;
pub(super) mod fault;
pub(super) mod huffman;
pub(super) mod markers;
mod progressive;
mod sequential;

use super::Limits;
use crate::error::Error;
use crate::format::Format;
use crate::scan::{Note, NoteCode};
use crate::space::Size;
use fault::Fault;
use markers::{Component, FrameHeader};

const SOF: [u8; 13] = [
    0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf,
];
const SOS: u8 = 0xda;
const EOI: u8 = 0xd9;

/// Checks the data between the markers. Returns a note for the user if parts of the image may be wrong.
pub(super) fn check(bytes: &[u8]) -> Result<Option<Note>, Error> {
    let doubts = entropy::check(bytes).map_err(|fault| match fault {
        Fault::Truncated => Error::Truncated {
            format: Format::Jpeg,
            bytes: bytes.len(),
        },
        Fault::Damaged(reason) => damaged(reason),
    })?;
    let note = |text| Note {
        code: NoteCode::Reading,
        text,
    };
    Ok(doubts.text().map(note))
}

/// Memory of the decoder besides the pixels: all coefficients, where the first scan has not all of them.
pub(super) fn scratch_bytes(bytes: &[u8]) -> u64 {
    let (mut at, mut frame) = (0, None);
    while let Ok(Some(segment)) = markers::segment(bytes, at) {
        at = segment.end;
        if let Some(Ok(header)) = FrameHeader::of(&segment) {
            frame = Some(header);
        }
        if let (SOS, Some(frame)) = (segment.marker, &frame) {
            let of_scan = segment.payload.first().copied().unwrap_or(0);
            let is_whole = frame.process != 2 && usize::from(of_scan) == frame.components.len();
            return if is_whole {
                0
            } else {
                2 * padded_samples(frame)
            };
        }
    }
    0
}

/// Work of checking and decoding: scans of a progressive image may be a few bytes each, and go through all blocks.
pub(super) fn steps(bytes: &[u8]) -> u64 {
    /// Found by timing a progressive image of a hundred scans.
    const STEPS_PER_BLOCK: u64 = 10;
    let (mut at, mut frame, mut blocks) = (0, None, 0u64);
    while let Ok(Some(segment)) = markers::segment(bytes, at) {
        at = segment.end;
        if let Some(Ok(header)) = FrameHeader::of(&segment) {
            frame = Some(header);
        }
        if let (SOS, Some(frame), Some((count, rest))) =
            (segment.marker, &frame, segment.payload.split_first())
        {
            let ids = rest.as_chunks::<2>().0.iter().take((*count).into());
            let ids: Vec<u8> = ids.map(|[id, _]| *id).collect();
            let of_scan = padded_of(frame, |component| ids.contains(&component.id));
            blocks = blocks.saturating_add(of_scan / 64);
        }
    }
    blocks.saturating_mul(STEPS_PER_BLOCK)
}

/// Samples of all components, with those that only fill blocks.
pub(super) fn padded_samples(frame: &FrameHeader) -> u64 {
    padded_of(frame, |_| true)
}

fn padded_of(frame: &FrameHeader, is_counted: impl Fn(&Component) -> bool) -> u64 {
    let factors = || frame.components.iter().map(|component| component.factors());
    let most = |axis: usize| {
        factors()
            .map(|factors| factors[axis])
            .max()
            .unwrap_or(1)
            .max(1)
    };
    let size = [frame.columns, frame.rows].map(usize::from);
    let units = [0, 1].map(|axis| size[axis].div_ceil(8 * most(axis)) as u64);
    let counted = frame.components.iter().filter(|of| is_counted(of));
    let in_unit: usize = counted
        .map(|of| 64 * of.factors().iter().product::<usize>())
        .sum();
    units[0] * units[1] * in_unit as u64
}

/// Checks the size in the frame header, and the markers up to the last one.
pub(super) fn check_markers(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    let truncated = || Error::Truncated {
        format: Format::Jpeg,
        bytes: bytes.len(),
    };
    let mut has_frame = false;
    // After the start-of-image marker.
    let mut at = 2;
    loop {
        let marker_at = next_marker(bytes, at).ok_or_else(truncated)?;
        let marker = bytes[marker_at];
        if (marker == EOI || marker == SOS) && !has_frame {
            return Err(damaged("the frame header is missing before the pixels"));
        }
        if marker == EOI {
            return Ok(());
        }
        let segment = segment(bytes, marker_at + 1).ok_or_else(truncated)?;
        if SOF.contains(&marker) {
            limits.check(frame_size(segment)?)?;
            has_frame = true;
        }
        at = marker_at + 1 + segment.len();
    }
}

/// The position of the next marker's code. Skips entropy-coded data, stuffed zeros, fill bytes and markers
/// without a segment (restart, TEM).
fn next_marker(bytes: &[u8], from: usize) -> Option<usize> {
    let stands_alone = |code: u8| matches!(code, 0x00 | 0x01 | 0xff | 0xd0..=0xd7);
    let rest = bytes.get(from..)?;
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !stands_alone(pair[1]);
    Some(from + rest.windows(2).position(is_marker)? + 1)
}

/// A segment, which begins with its length.
fn segment(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = bytes.get(at..)?;
    let length = u16::from_be_bytes(*rest.first_chunk()?);
    rest.get(..usize::from(length))
}

/// Reads the frame's size from its header: length (2 bytes), precision (1), height (2), width (2).
fn frame_size(segment: &[u8]) -> Result<Size, Error> {
    let [_, _, _, h1, h0, w1, w0] = *segment
        .first_chunk()
        .ok_or_else(|| damaged("the frame header is too short"))?;
    Ok(Size {
        width: u16::from_be_bytes([w1, w0]).into(),
        height: u16::from_be_bytes([h1, h0]).into(),
    })
}

fn damaged(reason: &str) -> Error {
    Error::Damaged {
        format: Format::Jpeg,
        reason: reason.to_owned(),
    }
}

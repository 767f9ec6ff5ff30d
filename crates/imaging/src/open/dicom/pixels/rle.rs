//! RLE Lossless (DICOM PS3.5 annex G): a run-length coded segment for each byte of each sample.

use std::borrow::Cow;

use super::Frame;
use crate::open::dicom::layout::{Photometric, PixelLayout};
use crate::open::dicom::problem::Problem;

/// Bytes of the header: number of segments, and 15 offsets.
const HEADER: usize = 64;

pub(super) fn decode(bytes: &[u8], layout: &PixelLayout) -> Result<Frame<'static>, Problem> {
    let (pixels, channels) = (layout.pixels(), layout.channels() as usize);
    let width = (layout.allocated() / 8) as usize;
    if width == 0 {
        let what = "a DICOM file of 1 bit a sample with the transfer syntax RLE Lossless";
        return Err(Problem::Unsupported(what.to_owned()));
    }
    let header = bytes.get(..HEADER).ok_or(Problem::Truncated)?;
    let words = header.as_chunks::<4>().0;
    let words: Vec<usize> = words
        .iter()
        .map(|&word| u32::from_le_bytes(word) as usize)
        .collect();
    let count = words[0];
    if count != channels * width {
        return Err(Problem::Damaged(format!(
            "an RLE frame has {count} segments where {} are needed",
            channels * width
        )));
    }
    let mut cells = vec![0; pixels * channels * width];
    let mut surplus = 0;
    for segment in 0..count {
        let begin = words[1 + segment];
        let end = match segment + 1 {
            next if next < count => words[1 + next],
            _ => bytes.len(),
        };
        let coded = bytes.get(begin..end).ok_or(Problem::Truncated)?;
        // Segments begin with the most significant byte of the first sample.
        let (channel, byte) = (segment / width, width - 1 - segment % width);
        surplus += unpack(coded, &mut cells, channel * width + byte, channels * width)?;
    }
    Ok(Frame {
        cells: Cow::Owned(cells),
        planar: false,
        samples: layout.samples,
        remarks: remark(surplus).into_iter().collect(),
        held: None,
        photometric: match layout.photometric {
            // Chroma is upsampled before it is coded (PS3.5 section 8.2.2).
            Photometric::YbrFull422 => Photometric::YbrFull,
            Photometric::YbrPartial422 => Photometric::YbrPartial,
            other => other,
        },
    })
}

fn remark(surplus: usize) -> Option<String> {
    let text = format!(
        "The run-length coded data are damaged: {surplus} of their bytes belong to no pixel. Part of the image may be \
         wrong."
    );
    (surplus > 0).then_some(text)
}

/// Decodes PackBits (PS3.5 section G.3.2) into every `step`th cell, starting at `first`. Too few bytes are an error.
/// Returns the number of surplus bytes, without padding.
fn unpack(coded: &[u8], cells: &mut [u8], first: usize, step: usize) -> Result<usize, Problem> {
    let mut rest = coded;
    let mut at = first;
    let mut surplus = 0;
    while at < cells.len() {
        let (&control, after) = rest.split_first().ok_or(Problem::Truncated)?;
        let control = usize::from(control);
        let (values, times) = match control {
            0..=127 => (control + 1, 1),
            128 => (0, 0),
            _ => (1, 257 - control),
        };
        let (values, after) = after.split_at_checked(values).ok_or(Problem::Truncated)?;
        rest = after;
        for &value in values {
            let into = cells.get_mut(at..).unwrap_or_default();
            let mut filled = 0;
            for cell in into.iter_mut().step_by(step).take(times) {
                *cell = value;
                filled += 1;
            }
            surplus += times - filled;
            at += step * times;
        }
    }
    // Segments are padded to an even length, by some writers with several zeros; 128 is a no-op.
    let is_padding = |&&byte: &&u8| byte == 0 || byte == 128;
    let padding = rest.iter().rev().take_while(is_padding).count();
    Ok(surplus + rest.len() - padding)
}

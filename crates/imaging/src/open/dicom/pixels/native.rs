//! Uncompressed pixel data (DICOM PS3.5 section 8.1).

use std::borrow::Cow;

use super::{Frame, Pixels, Stored, cell_bytes, fragments};
use crate::open::budget::Budget;
use crate::open::dicom::data_set::Element;
use crate::open::dicom::file::File;
use crate::open::dicom::layout::PixelLayout;
use crate::open::dicom::problem::Problem;

impl<'a> Pixels<'a> {
    pub(super) fn read_native(
        &mut self,
        file: &File<'a>,
        element: &Element<'a>,
    ) -> Result<(), Problem> {
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
            |layout: &PixelLayout| matches!(length.checked_sub(native_bytes(layout)), Some(0 | 1));
        let full = self.layout.with_whole_colours();
        if self.layout.photometric.is_halved() && !is_of(&self.layout) && is_of(&full) {
            self.layout = full;
            let text = "The file says that its colours have half the resolution (4:2:2), and they have all of it: \
                        they were read as YCbCr with 3 samples a pixel.";
            self.remarks.push(text.to_owned());
        }
        let layout = &self.layout;
        // `OW` values are 16-bit words, even if samples have 8 bits or 1 bit.
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

/// Bytes of native pixel data, without padding.
fn native_bytes(layout: &PixelLayout) -> u64 {
    let bits = frame_bits(layout).saturating_mul(layout.frames.into());
    bits.div_ceil(8)
}

/// A remark on surplus bytes: further frames, or something else. One byte is padding to an even length.
fn surplus_remark(layout: &PixelLayout, length: u64, surplus: u64) -> Option<String> {
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
        "The pixel data have {surplus} bytes more than the size of the image requires: these were ignored."
    ))
}

/// Bits of a native frame. Frames of single bits follow each other without a gap (PS3.5 section 8.1.1).
fn frame_bits(layout: &PixelLayout) -> u64 {
    let pixels = layout.pixels() as u64;
    let samples = match layout.photometric.is_halved() {
        // Two Y, one Cb and one Cr for two pixels.
        true => 4 * pixels.div_ceil(2),
        false => pixels * u64::from(layout.channels()),
    };
    samples * u64::from(layout.allocated())
}

pub(super) fn frame<'a>(
    bytes: &'a [u8],
    swap: usize,
    layout: &PixelLayout,
    index: u32,
    budget: &'a Budget,
) -> Result<Frame<'a>, Problem> {
    let bits = frame_bits(layout);
    let first = bits * u64::from(index);
    let is_copy = layout.allocated() == 1 || swap != 1;
    let held = is_copy.then(|| budget.hold(cell_bytes(layout)));
    let held = held.transpose()?;
    let frame = |cells| Frame {
        held,
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
    // With frames of odd length, a word may contain the end of one frame and the beginning of the next.
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

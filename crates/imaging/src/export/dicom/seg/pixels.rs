//! Pixel Data of all frames.

use std::collections::BTreeMap;

use super::form::SegForm;
use super::frames::SegFrame;
use crate::error::Error;
use crate::export::dicom::elements::DataSet;
use crate::export::dicom::{Segment, tags, unavailable};
use crate::mask::VolumeMask;
use crate::scan::Grid;

/// Sets Pixel Data (7FE0,0010).
///
/// # Errors
///
/// [`Error::ExportUnavailable`] above 4 GiB, the maximum length in DICOM.
pub(super) fn put(
    set: &mut DataSet,
    form: SegForm,
    frames: &[SegFrame],
    segments: &[Segment<'_>],
    grid: &Grid,
) -> Result<(), Error> {
    let bits = form.bits(segments.len());
    let pixels = Pixels::new(frames, grid, bits)?;
    match form {
        SegForm::Binary => set.octets(tags::PIXEL_DATA, pixels.bits(segments)),
        SegForm::WholeBytes => set.octets(tags::PIXEL_DATA, pixels.bytes(segments)),
        SegForm::LabelMap if bits == 8 => set.octets(tags::PIXEL_DATA, pixels.labels(segments)),
        SegForm::LabelMap => set.words(tags::PIXEL_DATA, pixels.labels(segments)),
    }
    Ok(())
}

/// Where pixels are written.
struct Pixels {
    /// Index of each frame's first pixel, by segment and slice.
    starts: BTreeMap<(Option<u16>, u32), usize>,
    columns: usize,
    /// Bytes of all frames; even.
    length: usize,
}

impl Pixels {
    fn new(frames: &[SegFrame], grid: &Grid, bits: u16) -> Result<Pixels, Error> {
        let pixels = grid.slice_size().pixels();
        let all = pixels.saturating_mul(frames.len() as u64);
        let bytes = all.saturating_mul(u64::from(bits)).div_ceil(8);
        let even = u32::try_from(bytes.next_multiple_of(2)).ok();
        let length = even.filter(|&length| length != u32::MAX);
        let length = length.and_then(|length| usize::try_from(length).ok());
        let too_long = || unavailable("its frames need more than 4 GiB; save NIfTI or PNG");
        let starts = frames.iter().zip(0..);
        let starts = starts.map(|(frame, at)| ((frame.segment, frame.slice), at * pixels as usize));
        Ok(Pixels {
            starts: starts.collect(),
            columns: grid.columns as usize,
            length: length.ok_or_else(too_long)?,
        })
    }

    /// Indices of a mask's pixels in the frames of a segment, or of a label map.
    fn places<'a>(
        &'a self,
        mask: &'a VolumeMask,
        segment: Option<u16>,
    ) -> impl Iterator<Item = usize> + 'a {
        let mut current = (u32::MAX, None);
        mask.voxels().filter_map(move |[i, j, k]| {
            if current.0 != k {
                current = (k, self.starts.get(&(segment, k)).copied());
            }
            Some(current.1? + j as usize * self.columns + i as usize)
        })
    }

    /// One bit per pixel, starting with the lowest of each byte (PS3.5 8.1.1 and annex D). Frames may begin within a
    /// byte.
    fn bits(&self, segments: &[Segment<'_>]) -> Vec<u8> {
        let mut packed = vec![0; self.length];
        for (number, Segment { mask, .. }) in (1..).zip(segments) {
            for bit in self.places(mask, Some(number)) {
                if let Some(byte) = packed.get_mut(bit / 8) {
                    *byte |= 1 << (bit % 8);
                }
            }
        }
        packed
    }

    /// One byte per pixel of each segment's frames: 1 inside the mask, 0 outside.
    fn bytes(&self, segments: &[Segment<'_>]) -> Vec<u8> {
        let mut bytes = vec![0; self.length];
        for (number, Segment { mask, .. }) in (1..).zip(segments) {
            for pixel in self.places(mask, Some(number)) {
                if let Some(byte) = bytes.get_mut(pixel) {
                    *byte = 1;
                }
            }
        }
        bytes
    }

    /// The segment number in each pixel, counted from 1, in one byte or two (little endian); 0 outside.
    fn labels(&self, segments: &[Segment<'_>]) -> Vec<u8> {
        let width = usize::from(SegForm::LabelMap.bits(segments.len()) / 8);
        let mut labels = vec![0; self.length];
        for (number, Segment { mask, .. }) in (1_u16..).zip(segments) {
            for pixel in self.places(mask, None) {
                let number = number.to_le_bytes();
                for (byte, of_number) in labels.iter_mut().skip(pixel * width).zip(&number[..width])
                {
                    *byte = *of_number;
                }
            }
        }
        labels
    }
}

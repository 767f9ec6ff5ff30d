//! Collects frames of native samples as the voxels of a scan, all of one type.

use super::colour;
use super::layout::{Photometric, PixelLayout, Samples};
use super::lut::Palette;
use super::pixels::Frame;
use super::problem::Problem;
use super::voxel_kind::VoxelKind;
use crate::scan::{Voxels, for_any};
use crate::window::Lut;

/// How stored samples are converted.
pub(super) enum Lookup {
    /// Not at all.
    None,
    /// To other grey values (PS3.3 C.11.1, Modality LUT Sequence).
    Modality(Lut),
    /// To colours (PS3.3 C.7.6.3.1.5).
    Palette(Palette),
}

/// The voxels of the frames added so far.
pub(super) struct Gathered {
    voxels: Voxels,
    kind: Option<VoxelKind>,
    /// Number of voxels that all frames have together.
    count: usize,
    max_bytes: u64,
}

impl Gathered {
    /// Reserves space for the frames of a scan.
    pub fn new(pixels: usize, frames: usize, max_bytes: u64) -> Gathered {
        Gathered {
            voxels: Voxels::U8(Vec::new()),
            kind: None,
            count: pixels.saturating_mul(frames),
            max_bytes,
        }
    }

    pub fn into_voxels(self) -> Voxels {
        self.voxels
    }

    /// Appends a frame. If the current voxel type can't hold its samples, all voxels are converted to a type that
    /// holds both.
    pub fn push(
        &mut self,
        frame: &Frame<'_>,
        layout: &PixelLayout,
        lookup: &Lookup,
    ) -> Result<(), Problem> {
        let kind = VoxelKind::of(frame, layout, lookup);
        self.make_room(kind)?;
        match lookup {
            Lookup::Palette(palette) => {
                let colours = colour::unsigned(frame);
                let colours = colours.flat_map(|index| palette.colour(index));
                extend_colours(&mut self.voxels, colours, palette.bits == 8);
            }
            Lookup::Modality(lut) => {
                let entries = signed(frame).map(|stored| i64::from(entry(lut, stored)));
                extend(&mut self.voxels, entries);
            }
            Lookup::None => push_stored(&mut self.voxels, frame, layout)?,
        }
        Ok(())
    }

    fn make_room(&mut self, kind: VoxelKind) -> Result<(), Problem> {
        let mixed = || Problem::damaged("some of its slices are in colour and others are not");
        let common = match self.kind {
            Some(now) => now.with(kind).ok_or_else(mixed)?,
            None => kind,
        };
        if self.kind == Some(common) {
            return Ok(());
        }
        let mut voxels = common.empty();
        let samples = self.count.saturating_mul(voxels.channels());
        let bytes = |samples: usize, of: &Voxels| {
            let width = u64::from(of.bits() / 8);
            (samples as u64).saturating_mul(width)
        };
        // While voxels are converted, both copies are in memory.
        let moved = bytes(self.voxels.len(), &self.voxels);
        if bytes(samples, &voxels).saturating_add(moved) > self.max_bytes {
            return Err(Problem::TooMuchMemory);
        }
        for_any!(&mut voxels, values => values.reserve_exact(samples));
        if self.kind.is_some() {
            move_into(&mut voxels, &self.voxels);
        }
        self.voxels = voxels;
        self.kind = Some(common);
        Ok(())
    }
}

/// Converts samples to a wider type.
fn move_into(to: &mut Voxels, from: &Voxels) {
    match from {
        Voxels::Rgb8(values) => extend_colours(to, values.iter().map(|&x| x.into()), true),
        Voxels::Rgb16(values) => extend_colours(to, values.iter().copied(), false),
        Voxels::F32(values) => extend_real(to, values.iter().map(|&x| x.into())),
        Voxels::F64(values) => extend_real(to, values.iter().copied()),
        Voxels::U8(values) => extend(to, values.iter().map(|&x| x.into())),
        Voxels::I8(values) => extend(to, values.iter().map(|&x| x.into())),
        Voxels::U16(values) => extend(to, values.iter().map(|&x| x.into())),
        Voxels::I16(values) => extend(to, values.iter().map(|&x| x.into())),
        Voxels::U32(values) => extend(to, values.iter().map(|&x| x.into())),
        Voxels::I32(values) => extend(to, values.iter().map(|&x| x.into())),
    }
}

/// Appends integers, all of which fit the voxel type.
fn extend(voxels: &mut Voxels, numbers: impl Iterator<Item = i64>) {
    match voxels {
        Voxels::U8(values) => values.extend(numbers.map(|x| x as u8)),
        Voxels::I8(values) => values.extend(numbers.map(|x| x as i8)),
        Voxels::U16(values) => values.extend(numbers.map(|x| x as u16)),
        Voxels::I16(values) => values.extend(numbers.map(|x| x as i16)),
        Voxels::U32(values) => values.extend(numbers.map(|x| x as u32)),
        Voxels::I32(values) => values.extend(numbers.map(|x| x as i32)),
        Voxels::F32(values) => values.extend(numbers.map(|x| x as f32)),
        Voxels::F64(values) => values.extend(numbers.map(|x| x as f64)),
        Voxels::Rgb8(_) | Voxels::Rgb16(_) => {}
    }
}

fn extend_real(voxels: &mut Voxels, numbers: impl Iterator<Item = f64>) {
    match voxels {
        Voxels::F32(values) => values.extend(numbers.map(|x| x as f32)),
        Voxels::F64(values) => values.extend(numbers),
        _ => {}
    }
}

/// Appends colour samples; those of 8 bits are multiplied by 257 if the voxels have 16.
fn extend_colours(voxels: &mut Voxels, samples: impl Iterator<Item = u16>, of_8_bits: bool) {
    match voxels {
        Voxels::Rgb8(values) => values.extend(samples.map(|x| x as u8)),
        Voxels::Rgb16(values) if of_8_bits => values.extend(samples.map(|x| x * 257)),
        Voxels::Rgb16(values) => values.extend(samples),
        _ => {}
    }
}

fn push_stored(
    voxels: &mut Voxels,
    frame: &Frame<'_>,
    layout: &PixelLayout,
) -> Result<(), Problem> {
    let cells = &frame.cells[..];
    let is_plain = matches!(
        frame.samples,
        Samples::Integers {
            allocated: 8,
            stored: 8,
            ..
        }
    );
    let is_rgb = frame.photometric == Photometric::Rgb && !frame.planar;
    match (&mut *voxels, frame.samples) {
        (Voxels::U8(values), Samples::Integers { signed: false, .. }) if is_plain => {
            values.extend_from_slice(cells);
        }
        (Voxels::Rgb8(values), _) if is_plain && is_rgb => values.extend_from_slice(cells),
        (_, Samples::F32) => {
            let chunks = cells.as_chunks().0.iter();
            extend_real(
                voxels,
                chunks.map(|&bytes| f32::from_le_bytes(bytes).into()),
            );
        }
        (_, Samples::F64) => {
            let chunks = cells.as_chunks().0.iter();
            extend_real(voxels, chunks.map(|&bytes| f64::from_le_bytes(bytes)));
        }
        (Voxels::Rgb8(_) | Voxels::Rgb16(_), Samples::Integers { allocated, .. }) => {
            // Keep the upper half of 32 bits.
            let shift = allocated.saturating_sub(16);
            let colours = colour::rgb(frame, layout)?;
            let samples = colours.flatten().map(|x| (x >> shift) as u16);
            extend_colours(voxels, samples, allocated == 8);
        }
        _ => extend(voxels, signed(frame)),
    }
    Ok(())
}

/// The samples in the cells as signed numbers; their highest bit is the sign if they have one.
fn signed<'a>(frame: &'a Frame<'_>) -> impl Iterator<Item = i64> + 'a {
    let (width, shift, stored, signed) = match frame.samples {
        Samples::Integers {
            allocated,
            stored,
            high,
            signed,
        } => ((allocated / 8).max(1), high + 1 - stored, stored, signed),
        Samples::F32 | Samples::F64 => (4, 0, 32, false),
    };
    let mask = u32::MAX >> (32 - stored);
    let sign = if signed { 1i64 << (stored - 1) } else { 0 };
    frame.cells.chunks_exact(width as usize).map(move |cell| {
        let cell = cell
            .iter()
            .rev()
            .fold(0u32, |sum, &b| sum << 8 | u32::from(b));
        let number = i64::from(cell >> shift & mask);
        // Sign-extends the number.
        (number ^ sign) - sign
    })
}

/// Looks up a value; beyond the table's ends it is that of the end.
fn entry(lut: &Lut, stored: i64) -> u16 {
    let last = lut.entries.len().saturating_sub(1);
    let at = (stored - i64::from(lut.first)).clamp(0, last as i64) as usize;
    lut.entries.get(at).copied().unwrap_or(0)
}

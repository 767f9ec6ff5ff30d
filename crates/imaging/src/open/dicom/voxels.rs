//! Collects frames of native samples as the voxels of a scan, all of one type.

use std::ops::Range;

use super::colour;
use super::layout::{Photometric, PixelLayout, Samples};
use super::lut::Palette;
use super::pixels::Frame;
use super::problem::Problem;
use super::voxel_kind::VoxelKind;
use crate::open::budget::{Budget, Held};
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

/// The voxels of the slices that have come; those of others are 0.
pub(super) struct Gathered<'b> {
    voxels: Voxels,
    kind: Option<VoxelKind>,
    /// Voxels of a slice.
    pixels: usize,
    slices: usize,
    /// Slices up to the last that has come.
    reached: usize,
    budget: &'b Budget,
    held: Option<Held<'b>>,
}

impl<'b> Gathered<'b> {
    /// For the slices of a scan.
    pub fn new(pixels: usize, slices: usize, budget: &'b Budget) -> Gathered<'b> {
        Gathered {
            voxels: Voxels::U8(Vec::new()),
            kind: None,
            pixels,
            slices,
            reached: 0,
            budget,
            held: None,
        }
    }

    pub fn into_voxels(self) -> Voxels {
        self.voxels
    }

    /// Puts a frame where a slice is. Where it doesn't fit among the others, all become of a type that holds both.
    pub fn put(
        &mut self,
        slice: usize,
        frame: &Frame<'_>,
        layout: &PixelLayout,
        lookup: &Lookup,
    ) -> Result<(), Problem> {
        let kind = VoxelKind::of(frame, layout, lookup);
        self.make_room(kind)?;
        self.reached = self.reached.max(slice + 1);
        let samples = self.pixels * self.voxels.channels();
        let place = slice * samples..(slice + 1) * samples;
        let into = &mut self.voxels;
        let placed = match lookup {
            Lookup::Palette(palette) => {
                let colours = colour::unsigned(frame);
                let colours = colours.flat_map(|index| palette.colour(index));
                put_colours(into, place, colours, palette.bits == 8)
            }
            Lookup::Modality(lut) => {
                let entries = signed(frame).map(|stored| i64::from(entry(lut, stored)));
                put_whole(into, place, entries)
            }
            Lookup::None => put_stored(into, place, frame, layout)?,
        };
        match placed {
            true => Ok(()),
            false => Err(Problem::damaged("its samples are fewer than its pixels")),
        }
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
        let samples = self.pixels.saturating_mul(self.slices);
        let samples = samples.saturating_mul(voxels.channels());
        let bytes = |samples: usize, of: &Voxels| {
            let width = u64::from(of.bits() / 8);
            (samples as u64).saturating_mul(width)
        };
        // While voxels are converted, both copies are in memory: the first as far as it is filled.
        let filled = self.reached * self.pixels * self.voxels.channels();
        for_any!(&mut self.voxels, values => {
            values.truncate(filled);
            values.shrink_to_fit();
        });
        let moved = bytes(self.voxels.len(), &self.voxels);
        let needed = bytes(samples, &voxels);
        let both = needed.saturating_add(moved);
        if both > self.budget.limits().max_bytes {
            return Err(Problem::TooMuchMemory(both));
        }
        let held = self.budget.hold(needed)?;
        for_any!(&mut voxels, values => {
            values.reserve_exact(samples);
            values.resize(samples, Default::default());
        });
        if self.kind.is_some() {
            move_into(&mut voxels, &self.voxels);
        }
        self.voxels = voxels;
        self.kind = Some(common);
        self.held = Some(held);
        Ok(())
    }
}

/// Converts samples to a wider type.
fn move_into(to: &mut Voxels, from: &Voxels) {
    let all = 0..from.len();
    match from {
        Voxels::Rgb8(values) => put_colours(to, all, values.iter().map(|&x| x.into()), true),
        Voxels::Rgb16(values) => put_colours(to, all, values.iter().copied(), false),
        Voxels::F32(values) => put_real(to, all, values.iter().map(|&x| x.into())),
        Voxels::F64(values) => put_real(to, all, values.iter().copied()),
        Voxels::U8(values) => put_whole(to, all, values.iter().map(|&x| x.into())),
        Voxels::I8(values) => put_whole(to, all, values.iter().map(|&x| x.into())),
        Voxels::U16(values) => put_whole(to, all, values.iter().map(|&x| x.into())),
        Voxels::I16(values) => put_whole(to, all, values.iter().map(|&x| x.into())),
        Voxels::U32(values) => put_whole(to, all, values.iter().map(|&x| x.into())),
        Voxels::I32(values) => put_whole(to, all, values.iter().map(|&x| x.into())),
    };
}

/// Fills a range; false where the samples are too few.
fn fill<T>(values: &mut [T], place: Range<usize>, samples: impl Iterator<Item = T>) -> bool {
    let Some(into) = values.get_mut(place) else {
        return false;
    };
    let mut filled = 0;
    for (into, sample) in into.iter_mut().zip(samples) {
        *into = sample;
        filled += 1;
    }
    filled == into.len()
}

/// Whole numbers, which the voxels have room for.
fn put_whole(voxels: &mut Voxels, place: Range<usize>, numbers: impl Iterator<Item = i64>) -> bool {
    match voxels {
        Voxels::U8(values) => fill(values, place, numbers.map(|x| x as u8)),
        Voxels::I8(values) => fill(values, place, numbers.map(|x| x as i8)),
        Voxels::U16(values) => fill(values, place, numbers.map(|x| x as u16)),
        Voxels::I16(values) => fill(values, place, numbers.map(|x| x as i16)),
        Voxels::U32(values) => fill(values, place, numbers.map(|x| x as u32)),
        Voxels::I32(values) => fill(values, place, numbers.map(|x| x as i32)),
        Voxels::F32(values) => fill(values, place, numbers.map(|x| x as f32)),
        Voxels::F64(values) => fill(values, place, numbers.map(|x| x as f64)),
        Voxels::Rgb8(_) | Voxels::Rgb16(_) => false,
    }
}

fn put_real(voxels: &mut Voxels, place: Range<usize>, numbers: impl Iterator<Item = f64>) -> bool {
    match voxels {
        Voxels::F32(values) => fill(values, place, numbers.map(|x| x as f32)),
        Voxels::F64(values) => fill(values, place, numbers),
        _ => false,
    }
}

/// Samples of colours; those of 8 bits become 257 times as large among such of 16.
fn put_colours(
    voxels: &mut Voxels,
    place: Range<usize>,
    samples: impl Iterator<Item = u16>,
    of_8_bits: bool,
) -> bool {
    match voxels {
        Voxels::Rgb8(values) => fill(values, place, samples.map(|x| x as u8)),
        Voxels::Rgb16(values) if of_8_bits => fill(values, place, samples.map(|x| x * 257)),
        Voxels::Rgb16(values) => fill(values, place, samples),
        _ => false,
    }
}

fn put_stored(
    voxels: &mut Voxels,
    place: Range<usize>,
    frame: &Frame<'_>,
    layout: &PixelLayout,
) -> Result<bool, Problem> {
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
    Ok(match (&mut *voxels, frame.samples) {
        (Voxels::U8(values), Samples::Integers { signed: false, .. }) if is_plain => {
            fill(values, place, cells.iter().copied())
        }
        (Voxels::Rgb8(values), _) if is_plain && is_rgb => {
            fill(values, place, cells.iter().copied())
        }
        (Voxels::Rgb8(values), _) if colour::is_full_of_8_bits(frame) => {
            let into = values.get_mut(place);
            into.is_some_and(|into| colour::put_full(frame, into) == into.len())
        }
        (_, Samples::F32) => {
            let chunks = cells.as_chunks().0.iter();
            let numbers = chunks.map(|&bytes| f32::from_le_bytes(bytes).into());
            put_real(voxels, place, numbers)
        }
        (_, Samples::F64) => {
            let chunks = cells.as_chunks().0.iter();
            put_real(
                voxels,
                place,
                chunks.map(|&bytes| f64::from_le_bytes(bytes)),
            )
        }
        (Voxels::Rgb8(_) | Voxels::Rgb16(_), Samples::Integers { allocated, .. }) => {
            // Keep the upper half of 32 bits.
            let shift = allocated.saturating_sub(16);
            let colours = colour::rgb(frame, layout)?;
            let samples = colours.flatten().map(|x| (x >> shift) as u16);
            put_colours(voxels, place, samples, allocated == 8)
        }
        _ => put_whole(voxels, place, signed(frame)),
    })
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

//! Frames of native samples → the voxels of a scan.

use super::colour;
use super::layout::{Layout, Photometric, Samples};
use super::lut::Palette;
use super::pixels::Frame;
use super::problem::Problem;
use crate::scan::{Lut, Voxels};

/// What stored samples become.
pub(super) enum Lookup {
    /// What they are.
    None,
    /// Another grey (PS3.3 C.11.1, Modality LUT Sequence).
    Modality(Lut),
    /// A colour (PS3.3 C.7.6.3.1.5).
    Palette(Palette),
}

/// Room for the voxels of so many frames.
pub(super) fn empty(layout: &Layout, lookup: &Lookup, frames: usize) -> Voxels {
    let grey = layout.pixels() * frames;
    let colour = 3 * grey;
    match (lookup, layout.samples) {
        (Lookup::Palette(palette), _) if palette.bits == 8 => {
            Voxels::Rgb8(Vec::with_capacity(colour))
        }
        (Lookup::Palette(_), _) => Voxels::Rgb16(Vec::with_capacity(colour)),
        (Lookup::Modality(_), _) => Voxels::U16(Vec::with_capacity(grey)),
        (Lookup::None, Samples::F32) => Voxels::F32(Vec::with_capacity(grey)),
        (Lookup::None, Samples::F64) => Voxels::F64(Vec::with_capacity(grey)),
        (
            Lookup::None,
            Samples::Integers {
                allocated, signed, ..
            },
        ) => match (layout.channels(), allocated, signed) {
            (3, 8, _) => Voxels::Rgb8(Vec::with_capacity(colour)),
            (3, ..) => Voxels::Rgb16(Vec::with_capacity(colour)),
            (_, 1 | 8, false) => Voxels::U8(Vec::with_capacity(grey)),
            (_, 1 | 8, true) => Voxels::I8(Vec::with_capacity(grey)),
            (_, 16, false) => Voxels::U16(Vec::with_capacity(grey)),
            (_, 16, true) => Voxels::I16(Vec::with_capacity(grey)),
            (.., false) => Voxels::U32(Vec::with_capacity(grey)),
            (.., true) => Voxels::I32(Vec::with_capacity(grey)),
        },
    }
}

/// Puts a frame behind those that are there.
pub(super) fn push(
    voxels: &mut Voxels,
    frame: &Frame<'_>,
    layout: &Layout,
    lookup: &Lookup,
) -> Result<(), Problem> {
    match lookup {
        Lookup::Palette(palette) => {
            let colours = colour::unsigned(frame);
            let colours = colours.flat_map(|index| palette.colour(index));
            match voxels {
                Voxels::Rgb8(values) => values.extend(colours.map(|value| value as u8)),
                Voxels::Rgb16(values) => values.extend(colours),
                _ => {}
            }
        }
        Lookup::Modality(lut) => {
            if let Voxels::U16(values) = voxels {
                values.extend(signed(frame).map(|stored| entry(lut, stored)));
            }
        }
        Lookup::None => push_stored(voxels, frame, layout)?,
    }
    Ok(())
}

fn push_stored(voxels: &mut Voxels, frame: &Frame<'_>, layout: &Layout) -> Result<(), Problem> {
    let cells = &frame.cells[..];
    let is_plain = matches!(
        frame.samples,
        Samples::Integers {
            allocated: 8,
            stored: 8,
            ..
        }
    );
    match voxels {
        Voxels::U8(values) if is_plain => values.extend_from_slice(cells),
        Voxels::Rgb8(values)
            if is_plain && frame.photometric == Photometric::Rgb && !frame.planar =>
        {
            values.extend_from_slice(cells);
        }
        Voxels::U8(values) => values.extend(signed(frame).map(|x| x as u8)),
        Voxels::I8(values) => values.extend(signed(frame).map(|x| x as i8)),
        Voxels::U16(values) => values.extend(signed(frame).map(|x| x as u16)),
        Voxels::I16(values) => values.extend(signed(frame).map(|x| x as i16)),
        Voxels::U32(values) => values.extend(signed(frame).map(|x| x as u32)),
        Voxels::I32(values) => values.extend(signed(frame).map(|x| x as i32)),
        Voxels::F32(values) => {
            let chunks = cells.as_chunks().0.iter();
            values.extend(chunks.map(|&bytes| f32::from_le_bytes(bytes)));
        }
        Voxels::F64(values) => {
            let chunks = cells.as_chunks().0.iter();
            values.extend(chunks.map(|&bytes| f64::from_le_bytes(bytes)));
        }
        Voxels::Rgb8(values) => {
            let colours = colour::rgb(frame, layout)?;
            values.extend(colours.flatten().map(|x| x as u8));
        }
        Voxels::Rgb16(values) => {
            // Of 32 bits the upper half.
            let shift = layout.allocated().saturating_sub(16);
            let colours = colour::rgb(frame, layout)?;
            values.extend(colours.flatten().map(|x| (x >> shift) as u16));
        }
    }
    Ok(())
}

/// The numbers in the cells, with the sign that their highest bit is where they have one.
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
        // Flips the sign bit and takes it off again.
        (number ^ sign) - sign
    })
}

/// A table's output; values beyond its ends have those of the ends.
fn entry(lut: &Lut, stored: i64) -> u16 {
    let last = lut.entries.len().saturating_sub(1);
    let at = (stored - i64::from(lut.first)).clamp(0, last as i64) as usize;
    lut.entries.get(at).copied().unwrap_or(0)
}

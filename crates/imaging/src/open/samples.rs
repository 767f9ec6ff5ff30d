//! Numbers of a volume as its file stores them, one after the other.

use std::io::{self, Read};

use crate::scan::{Note, NoteCode, Voxels};

/// How a file stores a voxel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32,
    F64,
    Rgb24,
    Rgba32,
    Rgb48,
    Rgba64,
}

impl Number {
    /// Bytes per voxel.
    pub fn bytes(self) -> u64 {
        match self {
            Number::U8 | Number::I8 => 1,
            Number::U16 | Number::I16 => 2,
            Number::Rgb24 => 3,
            Number::U32 | Number::I32 | Number::F32 | Number::Rgba32 => 4,
            Number::Rgb48 => 6,
            Number::U64 | Number::I64 | Number::F64 | Number::Rgba64 => 8,
        }
    }

    /// Bits per sample.
    pub fn bits(self) -> u32 {
        match self {
            Number::Rgb24 | Number::Rgba32 => 8,
            Number::Rgb48 | Number::Rgba64 => 16,
            _ => 8 * self.bytes() as u32,
        }
    }

    /// The colour that so many numbers of this kind are; `None` if they are none.
    pub fn colour(self, channels: u64) -> Option<Number> {
        match (self, channels) {
            (Number::U8, 3) => Some(Number::Rgb24),
            (Number::U8, 4) => Some(Number::Rgba32),
            (Number::U16, 3) => Some(Number::Rgb48),
            (Number::U16, 4) => Some(Number::Rgba64),
            _ => None,
        }
    }
}

/// The voxels of a volume, and notes on them for the user.
pub(super) struct Samples {
    pub voxels: Voxels,
    pub notes: Vec<Note>,
}

/// Reads the voxels of a volume.
///
/// # Errors
///
/// Errors of the reader; [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if it ends too early.
pub(super) fn read(
    reader: &mut impl Read,
    voxels: u64,
    number: Number,
    big_endian: bool,
) -> io::Result<Samples> {
    let count = voxels as usize;
    macro_rules! numbers {
        ($number:ty) => {
            match big_endian {
                true => collect(reader, count, <$number>::from_be_bytes)?,
                false => collect(reader, count, <$number>::from_le_bytes)?,
            }
        };
    }
    let mut notes = Vec::new();
    let mut is_rounded = false;
    let voxels = match number {
        Number::U8 => Voxels::U8(numbers!(u8)),
        Number::I8 => Voxels::I8(numbers!(i8)),
        Number::U16 => Voxels::U16(numbers!(u16)),
        Number::I16 => Voxels::I16(numbers!(i16)),
        Number::U32 => Voxels::U32(numbers!(u32)),
        Number::I32 => Voxels::I32(numbers!(i32)),
        Number::F32 => Voxels::F32(numbers!(f32)),
        Number::F64 => Voxels::F64(numbers!(f64)),
        Number::U64 => Voxels::F64(collect(reader, count, |bytes| {
            let whole = match big_endian {
                true => u64::from_be_bytes(bytes),
                false => u64::from_le_bytes(bytes),
            };
            is_rounded |= whole as f64 as i128 != i128::from(whole);
            whole as f64
        })?),
        Number::I64 => Voxels::F64(collect(reader, count, |bytes| {
            let whole = match big_endian {
                true => i64::from_be_bytes(bytes),
                false => i64::from_le_bytes(bytes),
            };
            is_rounded |= whole as f64 as i128 != i128::from(whole);
            whole as f64
        })?),
        Number::Rgb24 => Voxels::Rgb8(collect(reader, count, |rgb: [u8; 3]| rgb)?.into_flattened()),
        Number::Rgba32 => {
            notes.push(reading("the voxels' transparency is left out"));
            let without_alpha = |[r, g, b, _]: [u8; 4]| [r, g, b];
            Voxels::Rgb8(collect(reader, count, without_alpha)?.into_flattened())
        }
        Number::Rgb48 => {
            let rgb = |bytes: [u8; 6]| channels::<6, 3>(bytes, big_endian);
            Voxels::Rgb16(collect(reader, count, rgb)?.into_flattened())
        }
        Number::Rgba64 => {
            notes.push(reading("the voxels' transparency is left out"));
            let without_alpha = |bytes: [u8; 8]| {
                let [r, g, b, _] = channels::<8, 4>(bytes, big_endian);
                [r, g, b]
            };
            Voxels::Rgb16(collect(reader, count, without_alpha)?.into_flattened())
        }
    };
    if is_rounded {
        notes.push(reading(
            "some values are whole numbers beyond 2^53 and were rounded to 64-bit floating point",
        ));
    }
    Ok(Samples { voxels, notes })
}

fn reading(text: &str) -> Note {
    Note {
        code: NoteCode::Reading,
        text: text.to_owned(),
    }
}

/// The 16-bit channels of a colour.
fn channels<const BYTES: usize, const N: usize>(bytes: [u8; BYTES], big_endian: bool) -> [u16; N] {
    let mut channels = [0; N];
    for (channel, bytes) in channels.iter_mut().zip(bytes.as_chunks().0) {
        *channel = match big_endian {
            true => u16::from_be_bytes(*bytes),
            false => u16::from_le_bytes(*bytes),
        };
    }
    channels
}

/// Reads `count` numbers of `N` bytes each, in portions.
fn collect<T, const N: usize>(
    reader: &mut impl Read,
    count: usize,
    mut number: impl FnMut([u8; N]) -> T,
) -> io::Result<Vec<T>> {
    const PORTION: usize = 8192;
    let mut numbers = Vec::with_capacity(count);
    let mut portion = vec![[0; N]; count.min(PORTION)];
    while numbers.len() < count {
        let left = (count - numbers.len()).min(PORTION);
        let portion = portion.get_mut(..left).unwrap_or_default();
        reader.read_exact(portion.as_flattened_mut())?;
        numbers.extend(portion.iter().map(|&bytes| number(bytes)));
    }
    Ok(numbers)
}

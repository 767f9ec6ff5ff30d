use std::io::{self, Read};

use super::shape::{Number, Shape};
use crate::scan::{Note, Voxels};

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
pub(super) fn read(reader: &mut impl Read, shape: &Shape) -> io::Result<Samples> {
    let count = shape.voxels() as usize;
    macro_rules! numbers {
        ($number:ty) => {
            match shape.big_endian {
                true => collect(reader, count, <$number>::from_be_bytes)?,
                false => collect(reader, count, <$number>::from_le_bytes)?,
            }
        };
    }
    let mut notes = Vec::new();
    let mut is_rounded = false;
    let voxels = match shape.number {
        Number::U8 => Voxels::U8(numbers!(u8)),
        Number::I8 => Voxels::I8(numbers!(i8)),
        Number::U16 => Voxels::U16(numbers!(u16)),
        Number::I16 => Voxels::I16(numbers!(i16)),
        Number::U32 => Voxels::U32(numbers!(u32)),
        Number::I32 => Voxels::I32(numbers!(i32)),
        Number::F32 => Voxels::F32(numbers!(f32)),
        Number::F64 => Voxels::F64(numbers!(f64)),
        Number::U64 => Voxels::F64(collect(reader, count, |bytes| {
            let whole = match shape.big_endian {
                true => u64::from_be_bytes(bytes),
                false => u64::from_le_bytes(bytes),
            };
            is_rounded |= whole as f64 as i128 != i128::from(whole);
            whole as f64
        })?),
        Number::I64 => Voxels::F64(collect(reader, count, |bytes| {
            let whole = match shape.big_endian {
                true => i64::from_be_bytes(bytes),
                false => i64::from_le_bytes(bytes),
            };
            is_rounded |= whole as f64 as i128 != i128::from(whole);
            whole as f64
        })?),
        Number::Rgb24 => Voxels::Rgb8(collect(reader, count, |rgb: [u8; 3]| rgb)?.into_flattened()),
        Number::Rgba32 => {
            notes.push(super::reading("the voxels' transparency is left out"));
            let without_alpha = |[r, g, b, _]: [u8; 4]| [r, g, b];
            Voxels::Rgb8(collect(reader, count, without_alpha)?.into_flattened())
        }
    };
    if is_rounded {
        notes.push(super::reading(
            "some values are whole numbers beyond 2^53 and were rounded to 64-bit floating point",
        ));
    }
    Ok(Samples { voxels, notes })
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

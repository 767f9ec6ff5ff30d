//! NumPy arrays of labels (`.npy`, NumPy Enhancement Proposal 1), alone or in an archive (`.npz`): `segs` or `gts` of the
//! challenge "MedSAM on Laptop", or another array of whole numbers. Slices, rows and columns are those of the scan as stored.

use crate::error::Error;
use crate::format::Format;
use crate::open::budget::Budget;
use crate::open::entry::Entry;
use crate::scan::{About, Grid, Rescale, Scan, Source, Stacking, Voxels};

pub(in crate::open) const MAGIC: &[u8] = b"\x93NUMPY";

/// The array to read of those that are in an archive: one whose name says that it has labels, else the first.
pub(in crate::open) fn chosen(entries: &[Entry<'_>], arrays: &[usize]) -> Option<usize> {
    let is_named = |file: &&usize, name: &str| {
        let entry = entries.get(**file);
        entry.is_some_and(|entry| entry.name.rsplit('/').next() == Some(name))
    };
    let named = ["segs.npy", "gts.npy"]
        .iter()
        .find_map(|name| arrays.iter().find(|file| is_named(file, name)));
    named.or(arrays.first()).copied()
}

/// Reads an array of whole numbers as a label map without a place.
///
/// # Errors
///
/// [`Error::MasksUnread`] for other arrays; [`Error::LabelTooLarge`]; [`Error::TooMuchMemory`].
pub(super) fn label_map(bytes: &[u8], budget: &Budget) -> Result<Scan, Error> {
    let damaged = || unread("its header is damaged; save it again".to_owned());
    let (header, data) = parts(bytes).ok_or_else(damaged)?;
    let kind = value(header, "descr").ok_or_else(damaged)?;
    let kind = kind.trim_start().trim_start_matches(['\'', '"']);
    let kind = kind.split(['\'', '"']).next().unwrap_or_default();
    let is_whole = |letter: char| matches!(letter, 'u' | 'i' | 'b');
    let mut letters = kind.chars();
    let order = letters.next().unwrap_or_default();
    let letter = letters.next().unwrap_or_default();
    let size: usize = letters.as_str().parse().unwrap_or_default();
    if !is_whole(letter) || !matches!(size, 1 | 2 | 4 | 8) {
        return Err(unread(format!(
            "its numbers are {kind:?}, and labels are whole numbers"
        )));
    }
    let is_fortran = value(header, "fortran_order").ok_or_else(damaged)?;
    let is_fortran = is_fortran.trim_start().starts_with("True");
    let sides = sides(value(header, "shape").ok_or_else(damaged)?).ok_or_else(damaged)?;
    let [slices, rows, columns] = match sides.as_slice() {
        [rows, columns] => [1, *rows, *columns],
        [slices, rows, columns] => [*slices, *rows, *columns],
        _ => {
            return Err(unread(format!(
                "it has {} axes, and a label map has slices, rows and columns",
                sides.len()
            )));
        }
    };
    let grid = Grid {
        slices,
        stacking: Stacking::Slices,
        ..Grid::image(columns, rows)
    };
    let count = grid.voxels();
    if count.checked_mul(size as u64) != Some(data.len() as u64) {
        return Err(unread(format!(
            "its shape {sides:?} does not fit its {} bytes",
            data.len()
        )));
    }
    let held = budget.keep(2 * count);
    held.map_err(|spent| spent.error(Format::Numpy))?;
    let mut labels = vec![0u16; count as usize];
    for (index, stored) in (0u64..).zip(data.chunks_exact(size)) {
        let label = number(stored, order == '>', letter == 'i');
        let label = u16::try_from(label).map_err(|_| Error::LabelTooLarge {
            value: label as f64,
        })?;
        let at = match is_fortran {
            false => index,
            true => {
                let [d, h] = [slices, rows].map(u64::from);
                let (z, y, x) = (index % d, index / d % h, index / d / h);
                (z * h + y) * u64::from(columns) + x
            }
        };
        if let Some(at) = labels.get_mut(at as usize) {
            *at = label;
        }
    }
    let about = About::new(Format::Numpy, 16);
    let rescales = vec![Rescale::IDENTITY];
    Scan::new(grid, Voxels::U16(labels), rescales, about, Source::Raster)
}

/// The header's text and the elements.
fn parts(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (&[major, _minor], rest) = rest.split_first_chunk()?;
    let (length, rest) = match major {
        1 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        _ => {
            let (length, rest) = rest.split_first_chunk()?;
            (u32::from_le_bytes(*length) as usize, rest)
        }
    };
    let (header, data) = rest.split_at_checked(length)?;
    Some((std::str::from_utf8(header).ok()?, data))
}

/// What follows a key of the header, which is a Python dictionary.
fn value<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(key)?;
    let rest = rest.trim_start_matches(['\'', '"']).trim_start();
    rest.strip_prefix(':')
}

/// The numbers of a tuple.
fn sides(text: &str) -> Option<Vec<u32>> {
    let inside = text.trim_start().strip_prefix('(')?.split(')').next()?;
    let sides = inside
        .split(',')
        .map(str::trim)
        .filter(|side| !side.is_empty());
    sides.map(|side| side.parse().ok()).collect()
}

fn number(stored: &[u8], is_big: bool, is_signed: bool) -> i128 {
    let mut bytes = [0; 8];
    for (at, byte) in stored.iter().enumerate() {
        let at = if is_big { stored.len() - 1 - at } else { at };
        bytes[at] = *byte;
    }
    let value = i128::from(u64::from_le_bytes(bytes));
    let bits = 8 * stored.len();
    match is_signed && value >> (bits - 1) == 1 {
        true => value - (1 << bits),
        false => value,
    }
}

fn unread(reason: String) -> Error {
    Error::MasksUnread {
        what: "a NumPy array",
        reason,
    }
}

//! Modality, VOI and palette colour lookup tables (DICOM PS3.3 C.11.1, C.11.2, C.7.6.3.1.5).

use super::attribute::*;
use super::data_set::DataSet;
use super::problem::Problem;
use crate::window::Lut;

/// Tables that convert single samples to colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Palette {
    /// Bits per entry: 8 or 16.
    pub bits: u32,
    first: u32,
    /// Tables of red, green and blue.
    tables: [Vec<u16>; 3],
}

impl Palette {
    pub fn read(data: &DataSet<'_>) -> Result<Palette, Problem> {
        let colours = [
            (RED_DESCRIPTOR, RED_DATA, RED_SEGMENTED_DATA),
            (GREEN_DESCRIPTOR, GREEN_DATA, GREEN_SEGMENTED_DATA),
            (BLUE_DESCRIPTOR, BLUE_DATA, BLUE_SEGMENTED_DATA),
        ];
        let mut palette = Palette {
            bits: 8,
            first: 0,
            tables: [const { Vec::new() }; 3],
        };
        for (slot, (descriptor, entries, segmented)) in palette.tables.iter_mut().zip(colours) {
            let (count, first, bits) = described(data, descriptor)?;
            palette.first = first as u32;
            let (table, bits) = match data.filled(entries) {
                Some(_) => table(data, entries, count, bits)?,
                None => (segments(&data.numbers(segmented), count)?, bits),
            };
            palette.bits = if bits > 8 { 16 } else { palette.bits };
            *slot = table;
        }
        Ok(palette)
    }

    /// Looks up a colour; indices beyond the ends get the colours of the ends.
    pub fn colour(&self, index: u32) -> [u16; 3] {
        let at = index.saturating_sub(self.first) as usize;
        [0, 1, 2].map(|channel| {
            let table = &self.tables[channel];
            let at = at.min(table.len().saturating_sub(1));
            table.get(at).copied().unwrap_or(0)
        })
    }
}

/// Whether an item of a Modality or VOI LUT Sequence describes no table.
pub(super) fn is_empty(item: &DataSet<'_>) -> bool {
    item.filled(LUT_DESCRIPTOR).is_none() && item.filled(LUT_DATA).is_none()
}

/// Reads an item of a Modality LUT Sequence, for stored samples with or without sign. If the file doesn't give the VR
/// of the descriptor, its first mapped value has the samples' sign (PS3.3 C.11.1.1).
pub(super) fn of_stored(item: &DataSet<'_>, signed: bool) -> Result<Lut, Problem> {
    let mut lut = read(item)?;
    if signed && lut.first > i32::from(i16::MAX) {
        lut.first -= 1 << 16;
    }
    Ok(lut)
}

/// Reads an item of a Modality or VOI LUT Sequence.
pub(super) fn read(item: &DataSet<'_>) -> Result<Lut, Problem> {
    let (count, first, bits) = described(item, LUT_DESCRIPTOR)?;
    let (entries, bits) = table(item, LUT_DATA, count, bits)?;
    Ok(Lut {
        name: item.text(LUT_EXPLANATION),
        first,
        bits,
        entries,
    })
}

/// Number of entries, first mapped value, and bits per entry.
fn described(data: &DataSet<'_>, descriptor: Attribute) -> Result<(usize, i32, u32), Problem> {
    let broken = || {
        let reason = format!("{} is missing or doesn't describe a table", descriptor.name);
        Problem::Damaged(reason)
    };
    let numbers = data.numbers(descriptor);
    let &[count, first, bits] = numbers.first_chunk().ok_or_else(broken)?;
    // With a signed VR the count is read as signed too.
    let count = match count as i32 as u16 {
        0 => 1 << 16,
        count => usize::from(count),
    };
    if !(1.0..=16.0).contains(&bits) || !(-32_768.0..=65_535.0).contains(&first) {
        return Err(broken());
    }
    Ok((count, first as i32, bits as u32))
}

/// The entries, stored in bytes or words, and their number of bits: 8 or more.
fn table(
    data: &DataSet<'_>,
    attribute: Attribute,
    count: usize,
    bits: u32,
) -> Result<(Vec<u16>, u32), Problem> {
    let element = data.element(attribute);
    let value = element.map_or(&[][..], |element| element.value);
    let entries: Vec<u16> = match element {
        Some(element) if value.len() >= 2 * count => {
            let words = value.as_chunks().0.iter();
            words
                .map(|&word| element.encoding.u16(word))
                .take(count)
                .collect()
        }
        // Two entries per word: the first is the lower byte.
        Some(element) if value.len() >= count && bits <= 8 => {
            let swap = usize::from(element.encoding.big_endian && element.vr != Some(*b"OB"));
            let byte = |at: usize| value.get(at ^ swap).copied().unwrap_or(0);
            (0..count).map(byte).map(u16::from).collect()
        }
        _ => {
            return Err(Problem::Damaged(format!(
                "{} has {} bytes for {count} entries",
                attribute.name,
                value.len()
            )));
        }
    };
    let is_wide = entries.iter().any(|&entry| entry > 0xff);
    Ok((entries, if is_wide { bits.max(9) } else { bits.max(8) }))
}

/// Expands a segmented table: discrete and linear segments (PS3.3 C.7.9.2).
fn segments(words: &[f64], count: usize) -> Result<Vec<u16>, Problem> {
    let broken = || Problem::damaged("a segmented palette is broken");
    let mut words = words.iter().map(|&word| word as u16);
    let mut table: Vec<u16> = Vec::with_capacity(count);
    while table.len() < count {
        let kind = words.next().ok_or_else(broken)?;
        let length = usize::from(words.next().ok_or_else(broken)?);
        match kind {
            0 => table.extend(words.by_ref().take(length)),
            1 => {
                let from = f64::from(*table.last().ok_or_else(broken)?);
                let to = f64::from(words.next().ok_or_else(broken)?);
                let at = |step: usize| from + (to - from) * step as f64 / length as f64;
                table.extend((1..=length).map(|step| at(step).round() as u16));
            }
            _ => {
                let what = "a DICOM file with indirect segments in its palette";
                return Err(Problem::Unsupported(what.to_owned()));
            }
        }
    }
    table.truncate(count);
    Ok(table)
}

//! Assembles frames from the fragments of encapsulated pixel data (DICOM PS3.5 section A.4).

use std::borrow::Cow;
use std::ops::Range;

use crate::open::budget::{Budget, Held};
use crate::open::dicom::attribute::{EXTENDED_OFFSET_LENGTHS, EXTENDED_OFFSET_TABLE};
use crate::open::dicom::data_set::{DataSet, Element, MAX_ITEMS, item_count, item_values};
use crate::open::dicom::element::Encoding;
use crate::open::dicom::problem::Problem;

/// Fragments, and the range of them that makes up each frame.
pub(super) struct Fragments<'a> {
    fragments: Vec<&'a [u8]>,
    frames: Vec<Range<usize>>,
    _held: Held<'a>,
}

/// Memory of a fragment: its place in the list of items and in a copy of it, while both grow, and as a frame.
const BYTES_OF_FRAGMENT: u64 = 96;

/// Tag and length of an item.
const ITEM_HEADER: u64 = 8;

impl<'a> Fragments<'a> {
    /// Reads the fragments; also returns a remark if there are more frames than the data set declares.
    pub fn read(
        data: &DataSet<'a>,
        element: &Element<'a>,
        frames: u32,
        budget: &'a Budget,
    ) -> Result<(Fragments<'a>, Option<String>), Problem> {
        // Counted first: the bytes alone would allow a fragment for every eight of them.
        let count = item_count(element.value, Encoding::EXPLICIT)?;
        let held = budget.hold(count.min(MAX_ITEMS as u64) * BYTES_OF_FRAGMENT)?;
        let items = item_values(element.value, Encoding::EXPLICIT, usize::MAX)?;
        let Some((table, fragments)) = items.split_first() else {
            return Err(Problem::damaged("its pixel data has no items"));
        };
        let count = frames as usize;
        let is_enough = |ranges: &Vec<Range<usize>>| ranges.len() >= count;
        let by_table = || {
            let extended = by_offset(fragments, &extended(data)).filter(is_enough);
            extended.or_else(|| by_offset(fragments, &basic(table)).filter(is_enough))
        };
        let found = if count > 1 && fragments.len() == count {
            Some((0..count).map(|at| at..at + 1).collect())
        } else {
            by_table().or_else(|| by_start(fragments).filter(is_enough))
        };
        // A single frame consists of all fragments.
        let found = found.or_else(|| (count == 1).then(|| vec![0..fragments.len(); 1]));
        let found =
            found.ok_or_else(
                || match element.lacks_delimiter && fragments.len() < count {
                    true => Problem::Truncated,
                    false => Problem::Damaged(format!(
                        "its {} fragments of pixel data can't be divided among {count} frames",
                        fragments.len()
                    )),
                },
            )?;
        let remark = (found.len() > count).then(|| more_frames(found.len() as u64, frames));
        let fragments = Fragments {
            fragments: fragments.to_vec(),
            frames: found,
            _held: held,
        };
        Ok((fragments, remark))
    }

    /// The coded bytes of a frame.
    pub fn frame(&self, index: u32) -> Result<Cow<'a, [u8]>, Problem> {
        let range = self.frames.get(index as usize).cloned();
        let parts = range.and_then(|range| self.fragments.get(range));
        match parts {
            None | Some([]) => Err(Problem::Truncated),
            Some([only]) => Ok(Cow::Borrowed(only)),
            Some(several) => Ok(Cow::Owned(several.concat())),
        }
    }
}

/// Offsets in the Basic Offset Table.
fn basic(table: &[u8]) -> Vec<u64> {
    let offsets = table.as_chunks().0.iter();
    offsets
        .map(|&bytes| u32::from_le_bytes(bytes).into())
        .collect()
}

/// Offsets in the Extended Offset Table, if it comes with its lengths.
fn extended(data: &DataSet<'_>) -> Vec<u64> {
    let table = data.filled(EXTENDED_OFFSET_TABLE);
    let value = table.map_or(&[][..], |element| element.value);
    let offsets = value.as_chunks().0.iter();
    match data.has(EXTENDED_OFFSET_LENGTHS) {
        true => offsets.map(|&bytes| u64::from_le_bytes(bytes)).collect(),
        false => Vec::new(),
    }
}

/// A remark for more frames than Number of Frames declares.
pub(super) fn more_frames(held: u64, declared: u32) -> String {
    let shown = match declared {
        1 => "the first is shown".to_owned(),
        _ => format!("the first {declared} are shown"),
    };
    format!("The pixel data hold {held} frames, and the file says {declared}: {shown}.")
}

/// Frames by their offsets from the first fragment's item. `None` unless each offset is that of an item.
fn by_offset(fragments: &[&[u8]], offsets: &[u64]) -> Option<Vec<Range<usize>>> {
    let mut begins = Vec::with_capacity(offsets.len() + 1);
    let mut at = 0;
    for (index, fragment) in fragments.iter().enumerate() {
        if offsets.get(begins.len()) == Some(&at) {
            begins.push(index);
        }
        at += ITEM_HEADER + fragment.len() as u64;
    }
    (begins.len() == offsets.len()).then(|| ranges(begins, fragments.len()))?
}

/// Frames without an offset table: each begins with a fragment that begins a JPEG, JPEG-LS or JPEG 2000 codestream.
fn by_start(fragments: &[&[u8]]) -> Option<Vec<Range<usize>>> {
    let begins_image = |fragment: &&[u8]| {
        fragment.starts_with(&[0xff, 0xd8, 0xff])
            || fragment.starts_with(&[0xff, 0x4f, 0xff, 0x51])
            || fragment.starts_with(b"\0\0\0\x0cjP  ")
    };
    let starts = fragments.iter().enumerate();
    let starts = starts.filter(|(_, fragment)| begins_image(fragment));
    ranges(starts.map(|(index, _)| index).collect(), fragments.len())
}

/// Ranges between consecutive beginnings; `None` unless the first frame begins with the first fragment.
fn ranges(mut begins: Vec<usize>, end: usize) -> Option<Vec<Range<usize>>> {
    if begins.first() != Some(&0) {
        return None;
    }
    begins.push(end);
    Some(begins.windows(2).map(|pair| pair[0]..pair[1]).collect())
}

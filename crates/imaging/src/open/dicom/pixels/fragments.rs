//! Fragments of encapsulated pixel data → frames (DICOM PS3.5 section A.4).

use std::borrow::Cow;
use std::ops::Range;

use crate::open::dicom::attribute::{EXTENDED_OFFSET_LENGTHS, EXTENDED_OFFSET_TABLE};
use crate::open::dicom::data_set::{DataSet, Element, item_values};
use crate::open::dicom::element::Encoding;
use crate::open::dicom::problem::Problem;

/// Fragments, and which of them make each frame.
pub(super) struct Fragments<'a> {
    fragments: Vec<&'a [u8]>,
    frames: Vec<Range<usize>>,
}

/// Tag and length of an item.
const ITEM_HEADER: u64 = 8;

impl<'a> Fragments<'a> {
    pub fn read(
        data: &DataSet<'a>,
        element: &Element<'a>,
        frames: u32,
    ) -> Result<Fragments<'a>, Problem> {
        let items = item_values(element.value, Encoding::EXPLICIT)?;
        let Some((table, fragments)) = items.split_first() else {
            return Err(Problem::damaged("its pixel data has no items"));
        };
        let count = frames as usize;
        let frames = if count == 1 {
            Some(vec![0..fragments.len(); 1])
        } else if fragments.len() == count {
            Some((0..count).map(|at| at..at + 1).collect())
        } else {
            let offsets = match extended(data) {
                offsets if offsets.len() == count => offsets,
                _ => basic(table),
            };
            by_offset(fragments, &offsets, count).or_else(|| by_start(fragments, count))
        };
        let frames = frames.ok_or_else(|| {
            Problem::Damaged(format!(
                "its {} fragments of pixel data can't be divided among {count} frames",
                fragments.len()
            ))
        })?;
        Ok(Fragments {
            fragments: fragments.to_vec(),
            frames,
        })
    }

    /// The bytes of a frame.
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

/// Frames begin at offsets from the first fragment's item.
fn by_offset(fragments: &[&[u8]], offsets: &[u64], count: usize) -> Option<Vec<Range<usize>>> {
    if offsets.len() != count {
        return None;
    }
    let mut begins = Vec::with_capacity(count + 1);
    let (mut at, mut next) = (0, 0);
    for (index, fragment) in fragments.iter().enumerate() {
        if offsets.get(next) == Some(&at) {
            begins.push(index);
            next += 1;
        }
        at += ITEM_HEADER + fragment.len() as u64;
    }
    begins.push(fragments.len());
    let ranges = begins.windows(2).map(|pair| pair[0]..pair[1]).collect();
    (begins.len() == count + 1 && begins.first() == Some(&0)).then_some(ranges)
}

/// Without a table a frame begins with every fragment that begins an image of JPEG's family.
fn by_start(fragments: &[&[u8]], count: usize) -> Option<Vec<Range<usize>>> {
    let begins_image = |fragment: &&[u8]| {
        fragment.starts_with(&[0xff, 0xd8, 0xff])
            || fragment.starts_with(&[0xff, 0x4f, 0xff, 0x51])
            || fragment.starts_with(b"\0\0\0\x0cjP  ")
    };
    let starts = fragments.iter().enumerate();
    let starts = starts.filter(|(_, fragment)| begins_image(fragment));
    let mut begins: Vec<usize> = starts.map(|(index, _)| index).collect();
    begins.push(fragments.len());
    let ranges = begins.windows(2).map(|pair| pair[0]..pair[1]).collect();
    (begins.len() == count + 1 && begins.first() == Some(&0)).then_some(ranges)
}

//! The directories of a file: tags and their values (TIFF 6.0, section 2; BigTIFF).
//!
//! Every length is compared with the file's before memory is allocated.

use std::collections::BTreeSet;

use super::{damaged, spent};
use crate::error::Error;
use crate::format::Format;
use crate::open::budget::Budget;

/// Maximum number of entries in a directory, more than any writer uses; bounds the time for overlapping directories.
const MAX_ENTRIES: u64 = 4096;

/// A file and its number format.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub bytes: &'a [u8],
    pub big_endian: bool,
    /// Whether it is BigTIFF, with offsets and counts of 64 bits.
    is_big: bool,
    /// Counts the work of reading directories, and the memory of images.
    pub budget: &'a Budget,
}

pub(super) struct Directory<'a> {
    file: File<'a>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    /// Position of the values in the file.
    at: u64,
}

impl<'a> File<'a> {
    /// Reads the header of a file that begins with TIFF's magic number.
    pub fn new(bytes: &'a [u8], budget: &'a Budget) -> Self {
        File {
            bytes,
            budget,
            big_endian: bytes.starts_with(b"MM"),
            is_big: bytes.get(2..4).is_some_and(|magic| magic.contains(&0x2b)),
        }
    }

    /// Positions of the directories in order, and the error that ended the chain, if any.
    pub fn directories(&self, max: usize) -> (Vec<u64>, Option<Error>) {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut pointer = if self.is_big { 8 } else { 4 };
        let mut length = 0;
        loop {
            let Some(at) = self.pointer(pointer) else {
                return (found, Some(self.truncated()));
            };
            if at == 0 || found.len() == max {
                return (found, None);
            }
            if !seen.insert(at) {
                let reason = format!("its directories run in a circle, back to byte {at}");
                return (found, Some(damaged(reason)));
            }
            match self.after_entries(at) {
                Ok(next) => {
                    pointer = next;
                    length += next - at;
                }
                Err(error) => return (found, Some(error)),
            }
            // Together they are a part of the file.
            if length > self.bytes.len() as u64 {
                return (found, Some(damaged("its directories overlap".to_owned())));
            }
            found.push(at);
        }
    }

    /// Reads the directory at a position.
    pub fn directory(self, at: u64) -> Result<Directory<'a>, Error> {
        let end = self.after_entries(at)?;
        let (head, entry) = self.entry_layout();
        let begins = (at + head..end).step_by(entry as usize);
        self.budget.step((end - at) / 8).map_err(spent)?;
        let mut entries: Vec<Entry> = begins.filter_map(|at| self.entry(at)).collect();
        // In files they are in order, mostly; of several with one tag the first comes first.
        entries.sort_by_key(|entry| entry.tag);
        Ok(Directory {
            file: self,
            entries,
        })
    }

    /// Size in bytes of the entry count, and of an entry.
    fn entry_layout(&self) -> (u64, u64) {
        if self.is_big { (8, 20) } else { (2, 12) }
    }

    /// Position after the entries of a directory.
    fn after_entries(&self, at: u64) -> Result<u64, Error> {
        let (head, entry) = self.entry_layout();
        let count = self.unsigned(at, head).ok_or(self.truncated())?;
        if count > MAX_ENTRIES {
            let reason = format!("a directory has {count} entries, more than {MAX_ENTRIES}");
            return Err(damaged(reason));
        }
        let end = at + head + count * entry;
        match end <= self.bytes.len() as u64 {
            true => Ok(end),
            false => Err(self.truncated()),
        }
    }

    /// Reads an entry; `None` if its type is unknown.
    fn entry(&self, at: u64) -> Option<Entry> {
        let [tag, kind] = [at, at + 2].map(|at| self.unsigned(at, 2));
        let (kind, width) = (kind? as u16, if self.is_big { 8 } else { 4 });
        let count = self.unsigned(at + 4, width)?;
        let own = at + 4 + width;
        let length = count.checked_mul(bytes_of(kind)?)?;
        let at = if length <= width {
            own
        } else {
            self.pointer(own)?
        };
        Some(Entry {
            tag: tag? as u16,
            kind,
            count,
            at,
        })
    }

    fn pointer(&self, at: u64) -> Option<u64> {
        self.unsigned(at, if self.is_big { 8 } else { 4 })
    }

    /// Reads an unsigned integer of `bytes` bytes.
    fn unsigned(&self, at: u64, bytes: u64) -> Option<u64> {
        let stored = self.slice(at, bytes)?;
        let push = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(match self.big_endian {
            true => stored.iter().fold(0, push),
            false => stored.iter().rev().fold(0, push),
        })
    }

    /// A part of the file; `None` if it reaches beyond the end.
    pub fn slice(&self, at: u64, length: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(at).ok()?;
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        self.bytes.get(start..end)
    }

    pub fn truncated(&self) -> Error {
        Error::Truncated {
            format: Format::Tiff,
            bytes: self.bytes.len(),
        }
    }
}

/// Size in bytes of a value of type `kind` (TIFF 6.0, section 2; types 16 to 18 are BigTIFF's).
fn bytes_of(kind: u16) -> Option<u64> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 | 16..=18 => Some(8),
        _ => None,
    }
}

impl<'a> Directory<'a> {
    fn entry(&self, tag: u16) -> Option<&Entry> {
        let first = self.entries.partition_point(|entry| entry.tag < tag);
        self.entries.get(first).filter(|entry| entry.tag == tag)
    }

    /// A value of a tag, a whole number from 0 on; `None` where it has no more values.
    ///
    /// # Errors
    ///
    /// As [`Directory::unsigned`].
    pub fn nth(&self, tag: u16, index: u64) -> Result<Option<u64>, Error> {
        match self.entry(tag) {
            Some(entry) if index < entry.count => self.number(entry, index).map(Some),
            _ => Ok(None),
        }
    }

    /// Where the values of a tag are in the file.
    pub fn place(&self, tag: u16) -> Option<u64> {
        self.entry(tag).map(|entry| entry.at)
    }

    /// Number of values of a tag; 0 if it is missing.
    pub fn count(&self, tag: u16) -> u64 {
        self.entry(tag).map_or(0, |entry| entry.count)
    }

    /// The first value of a tag, as an unsigned integer.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] for another type, [`Error::Truncated`] if it lies beyond the file's end.
    pub fn unsigned(&self, tag: u16) -> Result<Option<u64>, Error> {
        match self.entry(tag) {
            Some(entry) if entry.count > 0 => self.number(entry, 0).map(Some),
            _ => Ok(None),
        }
    }

    /// All values of a tag, as unsigned integers; empty if it is missing.
    ///
    /// # Errors
    ///
    /// Those of [`Directory::unsigned`], and [`Error::Damaged`] for more than `max` values.
    pub fn list(&self, tag: u16, max: u64) -> Result<Vec<u64>, Error> {
        let Some(entry) = self.entry(tag) else {
            return Ok(Vec::new());
        };
        if entry.count > max {
            let reason = format!("its tag {tag} has {} values, more than {max}", entry.count);
            return Err(damaged(reason));
        }
        self.file.budget.step(entry.count).map_err(spent)?;
        (0..entry.count)
            .map(|index| self.number(entry, index))
            .collect()
    }

    fn number(&self, entry: &Entry, index: u64) -> Result<u64, Error> {
        let bytes = bytes_of(entry.kind).unwrap_or(1);
        let at = entry.at.saturating_add(index * bytes);
        let number = self.file.unsigned(at, bytes).ok_or(self.file.truncated())?;
        let is_negative = number >> (8 * bytes - 1) == 1;
        match entry.kind {
            1 | 3 | 4 | 7 | 13 | 16 | 18 => Ok(number),
            6 | 8 | 9 | 17 if !is_negative => Ok(number),
            kind => Err(damaged(format!(
                "its tag {} is of type {kind} and not a whole number from 0 on",
                entry.tag
            ))),
        }
    }

    /// Fractions of a tag; those with a denominator of 0 are left out.
    pub fn fractions(&self, tag: u16) -> Vec<f64> {
        let Some(entry) = self.entry(tag).filter(|entry| entry.kind == 5) else {
            return Vec::new();
        };
        let fraction = |index: u64| {
            let at = entry.at.checked_add(8 * index)?;
            let [over, under] = [at, at + 4].map(|at| self.file.unsigned(at, 4));
            under
                .filter(|under| *under > 0)
                .and_then(|under| over.map(|over| over as f64 / under as f64))
        };
        (0..entry.count.min(16)).filter_map(fraction).collect()
    }

    /// Texts of a tag, which some writers repeat.
    pub fn texts(&self, tag: u16) -> impl Iterator<Item = &'a [u8]> {
        let of_tag = self.entries.iter().filter(move |entry| entry.tag == tag);
        of_tag.filter_map(|entry| {
            let is_text = matches!(entry.kind, 1 | 2 | 7);
            let text = self.file.slice(entry.at, entry.count).filter(|_| is_text)?;
            // Many pages may share one; it is looked through several times.
            self.file.budget.count(text.len() as u64 / 2);
            let end = text.iter().position(|&byte| byte == 0);
            text.get(..end.unwrap_or(text.len()))
        })
    }

    /// Raw bytes of a tag.
    pub fn bytes(&self, tag: u16) -> Option<&'a [u8]> {
        let entry = self.entry(tag)?;
        let length = entry.count.checked_mul(bytes_of(entry.kind)?)?;
        self.file.slice(entry.at, length)
    }
}

//! What a header says of its voxels, whatever its format.

use super::place::Place;
use crate::error::Error;
use crate::format::Format;
use crate::open::Limits;
use crate::open::samples::Number;
use crate::scan::{NamedSegment, Note, NoteCode};
use crate::space::Size;

/// Maximum length of a header in bytes. That of a segmentation of a hundred segments has 80 kB.
pub(super) const MAX_HEADER: usize = 1 << 20;
/// Files that a header may name: as many as the page accepts at once.
pub(super) const MAX_FILES: u64 = 20_000;
/// Bytes of a name that stands for several.
const MAX_NAME: usize = 1024;

/// What a header says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub format: Format,
    /// Columns, rows and slices of a volume.
    pub size: [u32; 3],
    /// Numbers of a voxel that stand next to each other, each of which is a volume of its own.
    pub channels: u64,
    /// Volumes that follow one another.
    pub volumes: u64,
    pub number: Number,
    pub big_endian: bool,
    pub data: Data,
    pub place: Place,
    /// DICOM's code for the modality; empty if unknown.
    pub modality: &'static str,
    /// Segments that a segmentation names.
    pub segments: Vec<NamedSegment>,
    pub notes: Vec<Note>,
}

/// Where and how the numbers are stored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Data {
    pub files: Files,
    pub encoding: Encoding,
    /// Lines of each file to pass before what is encoded.
    pub skip_lines: u64,
    pub skip_bytes: Skip,
}

/// Bytes of each file to pass, after what is encoded has been decoded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Skip {
    Bytes(u64),
    /// All but the last, which are the numbers.
    ToEnd,
}

/// The files with the numbers, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Files {
    /// The header's own, from this byte on.
    Own(u64),
    Named(Vec<String>),
    Numbered(Pattern),
}

/// Names that differ in a number: `%03d` and its like in `text` stands for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern {
    pub text: String,
    pub first: i64,
    pub step: i64,
    pub count: u64,
}

/// How numbers become bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Encoding {
    Raw,
    /// As gzip or as zlib, which their first bytes tell.
    Deflated,
    /// As text with white space between them.
    Text,
}

impl Header {
    /// Number of voxels of a volume.
    pub fn voxels(&self) -> u64 {
        self.size.iter().map(|&side| u64::from(side)).product()
    }

    /// Number of volumes, channels included.
    pub fn parts(&self) -> u64 {
        self.channels.saturating_mul(self.volumes)
    }

    /// Bytes of all numbers; `None` where they overflow.
    pub fn all_bytes(&self) -> Option<u64> {
        let volume = self.voxels().checked_mul(self.number.bytes())?;
        volume.checked_mul(self.channels)?.checked_mul(self.volumes)
    }

    /// Takes numbers next to each other as one colour where they can be one.
    pub fn join_colours(&mut self) {
        if let Some(colour) = self.number.colour(self.channels) {
            self.number = colour;
            self.channels = 1;
        }
    }

    /// Checks the size of a volume against the limits.
    pub fn checked(self, limits: &Limits) -> Result<Header, Error> {
        let [width, height, slices] = self.size;
        // The limit holds for each of the three planes.
        for [width, height] in [[width, height], [width, slices], [height, slices]] {
            limits.check(Size { width, height })?;
        }
        let bytes = u64::from(width) * u64::from(height);
        let bytes = bytes.saturating_mul(u64::from(slices) * self.number.bytes());
        if bytes > limits.max_bytes {
            return Err(Error::TooMuchMemory {
                format: self.format,
                needed_bytes: bytes,
                max_bytes: limits.max_bytes,
            });
        }
        match self.all_bytes() {
            Some(_) => Ok(self),
            None => Err(damaged(
                self.format,
                "its sizes make more voxels than can be",
            )),
        }
    }

    /// Describes a volume to the user, such as `volume 2 of 9, 64×64×30`.
    pub fn describe(&self, part: u64) -> String {
        let [columns, rows, slices] = self.size;
        let nth = |what: &str, index: u64, count: u64| match count {
            0 | 1 => String::new(),
            _ => format!("{what} {} of {count}, ", index + 1),
        };
        let channel = match self.segments.is_empty() {
            true => "channel",
            false => "layer",
        };
        format!(
            "{}{}{columns}×{rows}×{slices}",
            nth(channel, part % self.channels.max(1), self.channels),
            nth("volume", part / self.channels.max(1), self.volumes)
        )
    }
}

impl Files {
    /// How many there are.
    pub fn count(&self) -> u64 {
        match self {
            Files::Own(_) => 1,
            Files::Named(names) => names.len() as u64,
            Files::Numbered(pattern) => pattern.count,
        }
    }

    /// The name of one; `None` for the header's own file.
    pub fn name(&self, index: u64) -> Option<String> {
        match self {
            Files::Own(_) => None,
            Files::Named(names) => names.get(index as usize).cloned(),
            Files::Numbered(pattern) => pattern.name(index),
        }
    }

    /// Reads `name`, or a pattern with the first and last number and the step.
    pub fn of_words(words: &str) -> Option<Files> {
        let mut parts = words.rsplitn(4, char::is_whitespace);
        let numbers = [parts.next(), parts.next(), parts.next()];
        let [step, last, first] = numbers.map(|part| part?.parse::<i64>().ok());
        match (parts.next(), first, last, step) {
            (Some(text), Some(first), Some(last), Some(step)) if text.contains('%') => {
                let steps = i128::from(last) - i128::from(first);
                let steps = steps.checked_div(i128::from(step))?;
                let count = u64::try_from(steps + 1).ok()?;
                let pattern = Pattern {
                    text: text.trim().to_owned(),
                    first,
                    step,
                    count,
                };
                let is_short = pattern.text.len() <= MAX_NAME;
                ((1..=MAX_FILES).contains(&count) && is_short).then_some(Files::Numbered(pattern))
            }
            _ => Some(Files::Named(vec![words.to_owned()])),
        }
    }
}

impl Pattern {
    /// The name with a number, as C's `printf` writes `%d`, `%3d` and `%03d`.
    fn name(&self, index: u64) -> Option<String> {
        const MAX_WIDTH: usize = 32;
        let number = self
            .first
            .checked_add(self.step.checked_mul(index as i64)?)?;
        let (before, rest) = self.text.split_once('%')?;
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (width, rest) = rest.split_at(digits);
        let after = rest.strip_prefix(['d', 'i', 'u'])?;
        let fill = width.starts_with('0');
        let width = width.parse().unwrap_or(0).min(MAX_WIDTH);
        Some(match fill {
            true => format!("{before}{number:0width$}{after}"),
            false => format!("{before}{number:width$}{after}"),
        })
    }
}

pub(super) fn damaged(format: Format, reason: impl Into<String>) -> Error {
    Error::Damaged {
        format,
        reason: reason.into(),
    }
}

pub(super) fn reading(text: impl Into<String>) -> Note {
    Note {
        code: NoteCode::Reading,
        text: text.into(),
    }
}

/// Sides of a volume out of a header's numbers: those that are missing are 1.
pub(super) fn sides(format: Format, sizes: &[u64]) -> Result<[u32; 3], Error> {
    let mut size = [1; 3];
    for (axis, (side, &given)) in size.iter_mut().zip(sizes).enumerate() {
        let fits = u32::try_from(given).ok().filter(|&side| side > 0);
        *side = fits.ok_or_else(|| {
            damaged(
                format,
                format!("its dimension {} is {given} voxels long", axis + 1),
            )
        })?;
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &str) -> Vec<Option<String>> {
        let files = Files::of_words(words).unwrap();
        (0..files.count()).map(|at| files.name(at)).collect()
    }

    #[test]
    fn numbered_names_are_written_out() {
        let some = |names: &[&str]| -> Vec<Option<String>> {
            names.iter().map(|name| Some((*name).to_owned())).collect()
        };
        assert_eq!(names("a b.raw"), some(&["a b.raw"]));
        assert_eq!(
            names("s%03d.raw 9 11 1"),
            some(&["s009.raw", "s010.raw", "s011.raw"])
        );
        assert_eq!(
            names("s%d.raw 5 1 -2"),
            some(&["s5.raw", "s3.raw", "s1.raw"])
        );
        assert_eq!(Files::of_words("s%d.raw 1 5 0"), None);
        assert_eq!(Files::of_words("s%d.raw 1 9999999 1"), None);
        // No number of C's, so that no file has the name.
        assert_eq!(names("s%s.raw 1 1 1"), [None]);
        assert_eq!(
            names("s%999999999d.raw 1 1 1")[0].as_ref().map(String::len),
            Some(37)
        );
    }
}

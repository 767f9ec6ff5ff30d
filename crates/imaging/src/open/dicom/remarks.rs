//! Remarks made while frames are read, reported once for all slices that they apply to.

use crate::scan::{Note, NoteCode};

/// Maximum number of distinct remarks that are kept.
const MAX_REMARKS: usize = 8;

/// Remarks with the slices, counted from 0, that they apply to.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    found: Vec<(String, Vec<u32>)>,
    /// Number of remarks beyond the maximum.
    others: usize,
}

impl Remarks {
    pub fn add(&mut self, text: &str, slice: u32) {
        match self.found.iter().position(|(known, _)| known == text) {
            Some(at) => self.found[at].1.push(slice),
            None if self.found.len() == MAX_REMARKS => self.others += 1,
            None => self.found.push((text.to_owned(), vec![slice])),
        }
    }

    /// The remarks as notes of a scan of `slices` slices.
    pub fn notes(mut self, slices: u32) -> impl Iterator<Item = Note> {
        // Files are read one after the other, and their slices may take turns.
        self.found
            .iter_mut()
            .for_each(|(_, about)| about.sort_unstable());
        let text = move |(text, about): (String, Vec<u32>)| match about.len() as u32 {
            count if count == slices => text,
            _ => format!("{text} ({})", listed(about.into_iter())),
        };
        let others = match self.others {
            0 => None,
            others => Some(format!(
                "{others} more remarks on slices are not listed here."
            )),
        };
        let texts = self.found.into_iter().map(text).chain(others);
        texts.map(|text| Note {
            code: NoteCode::Reading,
            text,
        })
    }
}

/// Maximum number of ranges that are listed; further slices are counted.
const MAX_RANGES: usize = 6;

/// Lists slices (counted from 0, ascending) for the user, such as `slices 1 to 3, 5`.
pub(super) fn listed(slices: impl Iterator<Item = u32>) -> String {
    let mut ranges: Vec<[u32; 2]> = Vec::new();
    for slice in slices {
        match ranges.last_mut() {
            Some([_, last]) if *last + 1 == slice => *last = slice,
            _ => ranges.push([slice, slice]),
        }
    }
    let shown = ranges
        .iter()
        .take(MAX_RANGES)
        .map(|[first, last]| match last - first {
            0 => format!("{}", first + 1),
            _ => format!("{} to {}", first + 1, last + 1),
        });
    let mut parts: Vec<String> = shown.collect();
    let rest = ranges.iter().skip(MAX_RANGES);
    let rest: u32 = rest.map(|[first, last]| last - first + 1).sum();
    if rest > 0 {
        parts.push(format!("and {rest} more"));
    }
    let noun = match ranges[..] {
        [[first, last]] if first == last => "slice",
        _ => "slices",
    };
    format!("{noun} {}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_listed_as_ranges() {
        assert_eq!(listed([0, 1, 2, 4].into_iter()), "slices 1 to 3, 5");
        assert_eq!(listed([3].into_iter()), "slice 4");
        let odd = (0..20).map(|slice| 2 * slice);
        assert_eq!(listed(odd), "slices 1, 3, 5, 7, 9, 11, and 14 more");
    }

    #[test]
    fn a_remark_is_reported_once() {
        let mut remarks = Remarks::default();
        for slice in 0..3 {
            remarks.add("A.", slice);
        }
        remarks.add("B.", 1);
        let texts: Vec<String> = remarks.notes(3).map(|note| note.text).collect();
        assert_eq!(texts, ["A.", "B. (slice 2)"]);
    }
}

use boxel_imaging::NamedFile;

use super::dicom::deflated;
use super::{open, take};

/// Tags that the reader asks for (`crates/imaging/src/open/tiff/tags.rs`).
const TAGS: [u16; 32] = [
    254, 256, 257, 258, 259, 262, 266, 270, 273, 274, 277, 278, 279, 282, 283, 284, 296, 317, 320,
    322, 323, 324, 325, 332, 338, 339, 347, 529, 530, 532, 32997, 33629,
];
/// Bytes of an entry of the input: tag, type, count and value.
const ENTRY: usize = 8;
const MAX_ENTRIES: usize = 24;
const MAX_PAGES: usize = 4;

/// The input is flags, pages and what lies behind them. A page is a number of entries, and for each the number of its tag,
/// its type, its count and its value. A value with the highest bit set is an offset into what lies behind.
pub fn tiff(mut input: &[u8]) {
    let [flags] = take(&mut input);
    let pages: Vec<Vec<Entry>> = (0..1 + usize::from(flags >> 1) % MAX_PAGES)
        .map(|_| {
            let [count] = take(&mut input);
            (0..usize::from(count) % MAX_ENTRIES)
                .map(|_| Entry::of(take(&mut input)))
                .collect()
        })
        .collect();
    // Deflated by us, because a fuzzer doesn't find a sound stream.
    let behind = if flags & 8 == 8 {
        deflated(input)
    } else {
        input.to_vec()
    };
    open(&[NamedFile {
        name: "a.tif",
        bytes: &file(&pages, &behind, flags & 1 == 1),
    }]);
}

struct Entry {
    tag: u16,
    kind: u16,
    count: u32,
    value: u32,
}

impl Entry {
    fn of([tag, kind, low, high, value @ ..]: [u8; ENTRY]) -> Entry {
        Entry {
            tag: TAGS[usize::from(tag) % TAGS.len()],
            kind: u16::from(kind),
            count: u32::from(u16::from_le_bytes([low, high])),
            value: u32::from_le_bytes(value),
        }
    }
}

/// A file of little or big endian numbers.
fn file(pages: &[Vec<Entry>], behind: &[u8], is_big: bool) -> Vec<u8> {
    let short = |value: u16| match is_big {
        true => value.to_be_bytes(),
        false => value.to_le_bytes(),
    };
    let long = |value: u32| match is_big {
        true => value.to_be_bytes(),
        false => value.to_le_bytes(),
    };
    let size = |page: &Vec<Entry>| 2 + 12 * page.len() + 4;
    let start = (8 + pages.iter().map(size).sum::<usize>()) as u32;
    let mut bytes = if is_big { b"MM" } else { b"II" }.to_vec();
    bytes.extend(short(42));
    bytes.extend(long(8));
    for (at, page) in pages.iter().enumerate() {
        bytes.extend(short(page.len() as u16));
        for Entry {
            tag,
            kind,
            count,
            value,
        } in page
        {
            bytes.extend(short(*tag));
            bytes.extend(short(*kind));
            bytes.extend(long(*count));
            match value >> 31 {
                1 => bytes.extend(long(start + (value & 0xffff))),
                // A short number stands in the first bytes of its field.
                _ if *kind == 3 => {
                    bytes.extend(short(*value as u16));
                    bytes.extend(short((value >> 16) as u16));
                }
                _ => bytes.extend(long(*value)),
            }
        }
        let is_last = at + 1 == pages.len();
        let next = if is_last { 0 } else { bytes.len() as u32 + 4 };
        bytes.extend(long(next));
    }
    bytes.extend(behind);
    bytes
}

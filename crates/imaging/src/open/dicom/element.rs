//! Data elements as stored in a file (DICOM PS3.5 section 7).

use super::problem::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoding {
    /// Whether each element gives its value representation.
    pub explicit: bool,
    /// Whether numbers are big-endian.
    pub big_endian: bool,
}

impl Encoding {
    pub const IMPLICIT: Encoding = Encoding {
        explicit: false,
        big_endian: false,
    };
    pub const EXPLICIT: Encoding = Encoding {
        explicit: true,
        big_endian: false,
    };
    pub const EXPLICIT_BIG: Encoding = Encoding {
        explicit: true,
        big_endian: true,
    };

    pub fn u16(self, bytes: [u8; 2]) -> u16 {
        match self.big_endian {
            true => u16::from_be_bytes(bytes),
            false => u16::from_le_bytes(bytes),
        }
    }

    pub fn u32(self, bytes: [u8; 4]) -> u32 {
        match self.big_endian {
            true => u32::from_be_bytes(bytes),
            false => u32::from_le_bytes(bytes),
        }
    }

    pub fn u64(self, bytes: [u8; 8]) -> u64 {
        match self.big_endian {
            true => u64::from_be_bytes(bytes),
            false => u64::from_le_bytes(bytes),
        }
    }
}

pub(super) type Tag = (u16, u16);

pub(super) const ITEM: Tag = (0xfffe, 0xe000);
const ITEM_END: Tag = (0xfffe, 0xe00d);
const SEQUENCE_END: Tag = (0xfffe, 0xe0dd);

/// Maximum depth of nested sequences; real files have about ten.
const MAX_DEPTH: usize = 64;

/// Tag, value representation and length of an element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub tag: Tag,
    /// Value representation in the file; `None` if it gives none, or `UN`.
    pub vr: Option<[u8; 2]>,
    /// Length in bytes; `None` if a delimiter ends the value.
    pub length: Option<usize>,
    /// Position at which the value begins.
    pub value: usize,
}

/// Whether a value representation has a length field of four bytes; `None` if PS3.5 section 6.2 doesn't list it.
fn has_long_length(vr: [u8; 2]) -> Option<bool> {
    match &vr {
        b"AE" | b"AS" | b"AT" | b"CS" | b"DA" | b"DS" | b"DT" | b"FD" | b"FL" | b"IS" | b"LO"
        | b"LT" | b"PN" | b"SH" | b"SL" | b"SS" | b"ST" | b"TM" | b"UI" | b"UL" | b"US" => {
            Some(false)
        }
        b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR"
        | b"UT" | b"UV" => Some(true),
        _ => None,
    }
}

/// Reads the header at a position; `None` if the bytes end within it.
pub(super) fn header(bytes: &[u8], at: usize, encoding: Encoding) -> Option<Header> {
    let rest = bytes.get(at..)?;
    let [a, b, c, d, e, f, g, h] = *rest.first_chunk::<8>()?;
    let tag = (encoding.u16([a, b]), encoding.u16([c, d]));
    let is_delimiter = tag.0 == 0xfffe;
    // Without a known representation it is read as implicit: some writers' private elements have none even in explicit
    // files.
    let kind = (encoding.explicit && !is_delimiter).then(|| has_long_length([e, f]));
    let (vr, length, size) = match kind.flatten() {
        Some(false) => ([e, f], u32::from(encoding.u16([g, h])), 8),
        Some(true) => {
            let long = rest.get(8..)?.first_chunk::<4>()?;
            ([e, f], encoding.u32(*long), 12)
        }
        None => (*b"UN", encoding.u32([e, f, g, h]), 8),
    };
    Some(Header {
        tag,
        vr: (vr != *b"UN").then_some(vr),
        length: (length != u32::MAX).then_some(length as usize),
        value: at + size,
    })
}

/// Whether the element at a position has a value representation that DICOM knows.
pub(super) fn looks_explicit(bytes: &[u8], at: usize) -> bool {
    let vr = bytes.get(at + 4..).and_then(|rest| rest.first_chunk::<2>());
    vr.is_some_and(|vr| has_long_length(*vr).is_some())
}

/// The enclosing element of the current bytes.
enum Around {
    Sequence,
    Item,
}

/// The end of a value of undefined length that begins at `at`, and the end of its delimiter. Walks nested values
/// without recursion.
pub(super) fn end_of_undefined(
    bytes: &[u8],
    at: usize,
    encoding: Encoding,
) -> Result<(usize, usize), Problem> {
    let mut around = vec![(Around::Sequence, encoding)];
    let mut at = at;
    while let Some((kind, encoding)) = around.last() {
        let encoding = *encoding;
        let header = header(bytes, at, encoding).ok_or(Problem::Truncated)?;
        match (kind, header.tag) {
            (Around::Sequence, SEQUENCE_END) | (Around::Item, ITEM_END) => {
                around.pop();
                if around.is_empty() {
                    return Ok((at, header.value));
                }
                at = header.value;
                continue;
            }
            (Around::Sequence, ITEM) if header.length.is_none() => {
                around.push((Around::Item, encoding));
            }
            (Around::Sequence, ITEM) => {}
            (Around::Sequence, tag) => {
                return Err(Problem::damaged(format!(
                    "a sequence holds ({:04X},{:04X}) where an item should begin",
                    tag.0, tag.1
                )));
            }
            (Around::Item, _) if header.length.is_none() => {
                around.push((Around::Sequence, inner(encoding, &header)));
            }
            (Around::Item, _) => {}
        }
        if around.len() > MAX_DEPTH {
            return Err(Problem::damaged(format!(
                "its sequences are nested more than {MAX_DEPTH} deep"
            )));
        }
        at = header
            .value
            .checked_add(header.length.unwrap_or(0))
            .filter(|&end| end <= bytes.len())
            .ok_or(Problem::Truncated)?;
    }
    Err(Problem::Truncated)
}

/// The end of the last of the items that begin at `at`, for items with explicit lengths whose end isn't marked;
/// `None` if one is cut off or there are none.
pub(super) fn end_of_items(bytes: &[u8], at: usize, encoding: Encoding) -> Option<usize> {
    let mut end = at;
    while let Some(header) = header(bytes, end, encoding).filter(|header| header.tag == ITEM) {
        let next = header.value.checked_add(header.length?)?;
        end = Some(next).filter(|&next| next <= bytes.len())?;
    }
    (end > at).then_some(end)
}

/// Encoding of the items of a sequence: implicit if its VR is unknown (PS3.5 section 6.2.2).
pub(super) fn inner(encoding: Encoding, header: &Header) -> Encoding {
    match header.vr {
        None => Encoding::IMPLICIT,
        Some(_) => encoding,
    }
}

//! The elements of a data set, looked up by attribute.

use super::attribute::{Attribute, PIXEL_DATA};
use super::element::{self, Encoding, ITEM, Tag};
use super::problem::Problem;
use crate::open::budget::{Budget, Held};

/// Elements of one data set or item; real ones have a few hundred.
const MAX_ELEMENTS: usize = 20_000;

/// Bytes of a sequence that are walked through in one step.
const BYTES_PER_STEP: usize = 64;

/// Numbers of one element: one for each frame, or three for each entry of a segmented palette.
const MAX_NUMBERS: usize = 1 << 18;

/// Numbers are looked for in the first bytes of an element, so many for each: a decimal has up to 16 characters, and in
/// some files more.
const BYTES_OF_NUMBER: usize = 64;
const LEADING_BYTES: usize = 1024;

/// Items of one sequence, such as frames.
pub(super) const MAX_ITEMS: usize = 1_000_000;

#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    pub tag: Tag,
    /// Value representation in the file; `None` if it gives none, or `UN`.
    pub vr: Option<[u8; 2]>,
    /// The value, without the delimiter that ends it if its length is undefined.
    pub value: &'a [u8],
    /// Whether the length is undefined: a sequence, or encapsulated pixel data.
    pub is_undefined: bool,
    /// Whether the file ends within the value; only allowed for pixel data.
    pub is_cut: bool,
    /// Whether it is encapsulated pixel data whose end isn't marked; its last complete item ends it.
    pub lacks_delimiter: bool,
    /// Encoding of its numbers, or of its items if it is a sequence.
    pub encoding: Encoding,
}

/// A sequence, and the bytes of its items.
pub(super) type RawItems<'a> = (Element<'a>, Vec<&'a [u8]>);

/// A data set or an item of a sequence; its values borrow the file's bytes.
#[derive(Debug, Default)]
pub(super) struct DataSet<'a> {
    /// In the order of their tags; of several with one tag the first of the file comes first.
    elements: Vec<Element<'a>>,
    /// Counts the work of finding and reading elements.
    budget: Option<&'a Budget>,
    /// Memory of the elements.
    _held: Option<Held<'a>>,
}

impl<'a> DataSet<'a> {
    /// Walks the elements; the values of sequences are passed over, until [`DataSet::items`] is called.
    /// Every length is checked against the bytes that are left, and nothing is copied.
    pub fn read(
        bytes: &'a [u8],
        encoding: Encoding,
        budget: Option<&'a Budget>,
    ) -> Result<DataSet<'a>, Problem> {
        let mut elements = Vec::new();
        let mut at = 0;
        let mut has_pixels = false;
        while at < bytes.len() {
            // After the pixels there are only padding and signatures, and in some files zeros.
            let (element, next) = match next_element(bytes, at, encoding) {
                Ok((element, _)) if has_pixels && element.tag == (0, 0) => break,
                Err(_) if has_pixels => break,
                found => found?,
            };
            has_pixels |= element.tag == PIXEL_DATA.tag;
            elements.push(element);
            if elements.len() > MAX_ELEMENTS {
                let reason = format!("it has more than {MAX_ELEMENTS} elements");
                return Err(Problem::Damaged(reason));
            }
            at = next;
        }
        if let Some(budget) = budget {
            budget.step(elements.len() as u64)?;
        }
        let bytes = elements.capacity() * size_of::<Element<'_>>();
        let held = budget.map(|budget| budget.hold(bytes as u64)).transpose()?;
        // In files they are in order, mostly.
        elements.sort_by_key(|element| element.tag);
        Ok(DataSet {
            elements,
            budget,
            _held: held,
        })
    }

    fn count(&self, steps: usize) {
        if let Some(budget) = self.budget {
            budget.count(steps as u64);
        }
    }

    pub fn element(&self, attribute: Attribute) -> Option<Element<'a>> {
        self.count(1);
        let before = |element: &Element<'_>| element.tag < attribute.tag;
        let found = self.elements.get(self.elements.partition_point(before))?;
        (found.tag == attribute.tag).then_some(*found)
    }

    pub fn has(&self, attribute: Attribute) -> bool {
        self.element(attribute).is_some()
    }

    /// The element of an attribute, if it isn't empty.
    pub fn filled(&self, attribute: Attribute) -> Option<Element<'a>> {
        self.element(attribute)
            .filter(|element| !element.value.is_empty())
    }

    /// The first items of a sequence, up to `most`.
    pub fn items(&self, attribute: Attribute, most: usize) -> Result<Vec<DataSet<'a>>, Problem> {
        let Some(element) = self.element(attribute) else {
            return Ok(Vec::new());
        };
        let items = item_values(element.value, element.encoding, most)?;
        items
            .iter()
            .map(|item| self.item_of(&element, item))
            .collect()
    }

    /// The bytes of the first items of a sequence, up to `most`, and the element for [`DataSet::item_of`].
    pub fn raw_items(
        &self,
        attribute: Attribute,
        most: usize,
    ) -> Result<Option<RawItems<'a>>, Problem> {
        let Some(element) = self.element(attribute) else {
            return Ok(None);
        };
        let items = item_values(element.value, element.encoding, most)?;
        self.count(items.len() + element.value.len() / BYTES_PER_STEP);
        Ok(Some((element, items)))
    }

    /// An item of a sequence that this data set has.
    pub fn item_of(&self, sequence: &Element<'a>, item: &'a [u8]) -> Result<DataSet<'a>, Problem> {
        DataSet::read(item, sequence.encoding, self.budget)
    }

    /// The first item of a sequence.
    pub fn item(&self, attribute: Attribute) -> Result<Option<DataSet<'a>>, Problem> {
        let Some(element) = self.filled(attribute) else {
            return Ok(None);
        };
        match next_item(element.value, 0, element.encoding)? {
            Some((bytes, _)) => self.item_of(&element, bytes).map(Some),
            None => Ok(None),
        }
    }

    /// Text without padding; empty if missing. Other characters than ASCII become `?`: no attribute that is shown to
    /// the user may contain them.
    pub fn text(&self, attribute: Attribute) -> String {
        let value = self.element(attribute).map_or(&[][..], |e| e.value);
        let character = |&byte: &u8| match byte {
            0x20..=0x7e => char::from(byte),
            0 => ' ',
            _ => '?',
        };
        let value = &value[..value.len().min(1024)];
        self.count(value.len() / 16);
        let text: String = value.iter().map(character).collect();
        text.trim().to_owned()
    }

    /// Text values of a multi-valued attribute.
    pub fn texts(&self, attribute: Attribute) -> Vec<String> {
        let text = self.text(attribute);
        text.split('\\')
            .map(|part| part.trim().to_owned())
            .collect()
    }

    /// Its numbers, in any representation, up to [`MAX_NUMBERS`]; other values are ignored.
    pub fn numbers(&self, attribute: Attribute) -> Vec<f64> {
        self.first_numbers(attribute, MAX_NUMBERS)
    }

    /// Its first numbers, as far as they are in its first bytes.
    fn first_numbers(&self, attribute: Attribute, most: usize) -> Vec<f64> {
        let Some(element) = self.element(attribute) else {
            return Vec::new();
        };
        let (value, e) = (element.value, element.encoding);
        let bytes = (BYTES_OF_NUMBER * most).max(LEADING_BYTES);
        let value = &value[..value.len().min(bytes)];
        self.count(value.len() / 2);
        match &element.vr.unwrap_or(attribute.vr) {
            b"US" | b"OW" => each(value, |b| e.u16(b).into()),
            b"SS" => each(value, |b| (e.u16(b) as i16).into()),
            b"UL" | b"OL" => each(value, |b| e.u32(b).into()),
            b"SL" => each(value, |b| (e.u32(b) as i32).into()),
            b"FL" | b"OF" => each(value, |b| f32::from_bits(e.u32(b)).into()),
            b"FD" | b"OD" => each(value, |b| f64::from_bits(e.u64(b))),
            b"UV" | b"OV" => each(value, |b| e.u64(b) as f64),
            b"SV" => each(value, |b| e.u64(b) as i64 as f64),
            _ => decimals(value, most),
        }
    }

    /// First numeric value.
    pub fn number(&self, attribute: Attribute) -> Option<f64> {
        let numbers = self.first_numbers(attribute, 1);
        numbers.first().copied()
    }

    /// The first `N` values; `None` if there are fewer or one is not finite.
    pub fn finite<const N: usize>(&self, attribute: Attribute) -> Option<[f64; N]> {
        let numbers = self.first_numbers(attribute, N);
        let chunk = numbers.first_chunk::<N>().copied();
        chunk.filter(|numbers| numbers.iter().all(|x| x.is_finite()))
    }

    /// First value, if it is an unsigned integer.
    pub fn whole(&self, attribute: Attribute) -> Option<u32> {
        let number = self.number(attribute)?;
        let is_whole = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
        is_whole.then_some(number as u32)
    }

    /// A required unsigned integer.
    pub fn needed(&self, attribute: Attribute) -> Result<u32, Problem> {
        self.whole(attribute).ok_or_else(|| {
            let Attribute { tag, name, .. } = attribute;
            let what = match self.filled(attribute) {
                Some(_) => format!("is {:?}, which is no whole number", self.text(attribute)),
                None => "is missing".to_owned(),
            };
            Problem::Damaged(format!("{name} ({:04X},{:04X}) {what}", tag.0, tag.1))
        })
    }
}

/// Decodes numbers of `N` bytes each.
fn each<const N: usize>(value: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    let chunks = value.as_chunks::<N>().0.iter();
    chunks.map(|&chunk| number(chunk)).collect()
}

/// Numbers as text, with `\` between (IS and DS).
fn decimals(value: &[u8], most: usize) -> Vec<f64> {
    let text = String::from_utf8_lossy(value);
    let parts = text.split('\\');
    let trimmed = parts.map(|part| part.trim_matches(|c: char| c == '\0' || c.is_whitespace()));
    // Some writers use a decimal comma.
    let number = |part: &str| part.replace(',', ".").parse().ok();
    trimmed.filter_map(number).take(most).collect()
}

fn next_element(
    bytes: &[u8],
    at: usize,
    encoding: Encoding,
) -> Result<(Element<'_>, usize), Problem> {
    let header = element::header(bytes, at, encoding).ok_or(Problem::Truncated)?;
    let inner = match header.length {
        // Numbers in an element of unknown VR have the file's byte order.
        Some(_) if header.vr.is_none() && encoding.explicit => {
            inner_of_unknown(bytes, &header, encoding)
        }
        Some(_) => encoding,
        None => element::inner(encoding, &header),
    };
    let (mut is_cut, mut lacks_delimiter) = (false, false);
    let (end, next) = match header.length {
        None => match element::end_of_undefined(bytes, header.value, inner) {
            Err(problem) if header.tag == PIXEL_DATA.tag => {
                let end = element::end_of_items(bytes, header.value, inner).ok_or(problem)?;
                lacks_delimiter = true;
                (end, end)
            }
            found => found?,
        },
        Some(length) => match header.value.checked_add(length) {
            Some(end) if end <= bytes.len() => (end, end),
            _ if header.tag == PIXEL_DATA.tag => {
                is_cut = true;
                (bytes.len(), bytes.len())
            }
            _ => return Err(Problem::Truncated),
        },
    };
    let value = bytes.get(header.value..end).ok_or(Problem::Truncated)?;
    let element = Element {
        tag: header.tag,
        vr: header.vr,
        value,
        is_undefined: header.length.is_none(),
        is_cut,
        lacks_delimiter,
        encoding: inner,
    };
    Ok((element, next))
}

/// Encoding inside a sequence that is stored as `UN` with a length, which may be explicit or implicit: its first
/// element tells.
fn inner_of_unknown(bytes: &[u8], header: &element::Header, encoding: Encoding) -> Encoding {
    let first = element::header(bytes, header.value, Encoding::IMPLICIT);
    match first {
        Some(first) if first.tag == ITEM && !element::looks_explicit(bytes, first.value) => {
            Encoding::IMPLICIT
        }
        _ => encoding,
    }
}

/// The value of the item at a position, and the position of the next item; `None` at the end.
fn next_item(
    bytes: &[u8],
    at: usize,
    encoding: Encoding,
) -> Result<Option<(&[u8], usize)>, Problem> {
    if at >= bytes.len() {
        return Ok(None);
    }
    let header = element::header(bytes, at, encoding).ok_or(Problem::Truncated)?;
    if header.tag != ITEM {
        return Ok(None);
    }
    let (end, next) = match header.length {
        Some(length) => {
            let end = header.value.saturating_add(length);
            (end, end)
        }
        None => end_of_item(bytes, header.value, encoding)?,
    };
    let value = bytes.get(header.value..end).ok_or(Problem::Truncated)?;
    Ok(Some((value, next)))
}

/// Position of the end of an item of undefined length, and of the end of its delimiter.
fn end_of_item(bytes: &[u8], at: usize, encoding: Encoding) -> Result<(usize, usize), Problem> {
    let mut at = at;
    loop {
        let header = element::header(bytes, at, encoding).ok_or(Problem::Truncated)?;
        if header.tag == (0xfffe, 0xe00d) {
            return Ok((at, header.value));
        }
        at = match header.length {
            Some(length) => header.value.saturating_add(length),
            None => {
                let inner = element::inner(encoding, &header);
                element::end_of_undefined(bytes, header.value, inner)?.1
            }
        };
    }
}

/// The number of items, found without a list of them.
pub(super) fn item_count(bytes: &[u8], encoding: Encoding) -> Result<u64, Problem> {
    let (mut count, mut at) = (0, 0);
    while let Some((_, next)) = next_item(bytes, at, encoding)? {
        (count, at) = (count + 1, next);
    }
    Ok(count)
}

/// The values of the first items, up to `most`.
pub(super) fn item_values(
    bytes: &[u8],
    encoding: Encoding,
    most: usize,
) -> Result<Vec<&[u8]>, Problem> {
    let mut items = Vec::new();
    let mut at = 0;
    while items.len() < most
        && let Some((value, next)) = next_item(bytes, at, encoding)?
    {
        items.push(value);
        at = next;
        if items.len() > MAX_ITEMS {
            let reason = format!("a sequence has more than {MAX_ITEMS} items");
            return Err(Problem::Damaged(reason));
        }
    }
    Ok(items)
}

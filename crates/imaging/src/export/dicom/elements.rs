//! A data set that attributes are added to, and its encoding in explicit VR little endian (PS3.5 annex A.2).

use std::collections::BTreeMap;

use super::tags::Tag;
use crate::error::Error;

/// The value representations (PS3.5 6.2) that the writer uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VR {
    AS,
    AT,
    CS,
    DA,
    DS,
    IS,
    LO,
    OB,
    OW,
    PN,
    SH,
    SQ,
    TM,
    UI,
    UL,
    US,
    UT,
}

impl VR {
    /// The two letters of the VR.
    fn letters(self) -> &'static [u8; 2] {
        match self {
            VR::AS => b"AS",
            VR::AT => b"AT",
            VR::CS => b"CS",
            VR::DA => b"DA",
            VR::DS => b"DS",
            VR::IS => b"IS",
            VR::LO => b"LO",
            VR::OB => b"OB",
            VR::OW => b"OW",
            VR::PN => b"PN",
            VR::SH => b"SH",
            VR::SQ => b"SQ",
            VR::TM => b"TM",
            VR::UI => b"UI",
            VR::UL => b"UL",
            VR::US => b"US",
            VR::UT => b"UT",
        }
    }

    /// Whether two zero bytes and a four-byte length follow the VR, instead of a two-byte length (PS3.5 7.1.2, tables
    /// 7.1-1 and 7.1-2).
    fn has_long_length(self) -> bool {
        matches!(self, VR::OB | VR::OW | VR::SQ | VR::UT)
    }

    /// The byte that pads values to even length (PS3.5 6.2): a space for text, otherwise 0.
    fn padding(self) -> u8 {
        match self {
            VR::UI | VR::OB => 0,
            _ => b' ',
        }
    }
}

/// A data set: the whole object, or an item of a sequence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DataSet {
    /// Sorted by tag, which is the order in files (PS3.5 7.1).
    elements: BTreeMap<Tag, Element>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Element {
    /// A value as in the file, before padding.
    Value(VR, Vec<u8>),
    Sequence(Vec<DataSet>),
}

/// Each method sets an attribute, and replaces an earlier value.
impl DataSet {
    /// Sets an ASCII text; empty for an attribute without a value (type 2). Other texts are set with
    /// [`DataSet::bytes`].
    pub(super) fn text(&mut self, tag: Tag, vr: VR, text: &str) {
        self.bytes(tag, vr, text.as_bytes());
    }

    /// Sets text bytes that are already in the object's character set.
    pub(super) fn bytes(&mut self, tag: Tag, vr: VR, bytes: &[u8]) {
        self.put(tag, vr, bytes.to_vec());
    }

    /// Sets bytes, VR OB.
    pub(super) fn octets(&mut self, tag: Tag, bytes: Vec<u8>) {
        self.put(tag, VR::OB, bytes);
    }

    /// Sets little-endian words, VR OW.
    pub(super) fn words(&mut self, tag: Tag, bytes: Vec<u8>) {
        self.put(tag, VR::OW, bytes);
    }

    /// Sets one or more unsigned 16-bit numbers, VR US.
    pub(super) fn numbers(&mut self, tag: Tag, numbers: &[u16]) {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
        self.put(tag, VR::US, bytes.collect());
    }

    /// Sets one or more unsigned 32-bit numbers, VR UL.
    pub(super) fn long_numbers(&mut self, tag: Tag, numbers: &[u32]) {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
        self.put(tag, VR::UL, bytes.collect());
    }

    /// Sets one or more decimal strings, VR DS.
    pub(super) fn decimals(&mut self, tag: Tag, values: &[f64]) {
        let texts: Vec<String> = values.iter().map(|&value| decimal_string(value)).collect();
        self.text(tag, VR::DS, &texts.join("\\"));
    }

    /// Sets the tag of another attribute, VR AT.
    pub(super) fn pointer(&mut self, tag: Tag, to: Tag) {
        self.put(tag, VR::AT, tag_bytes(to).to_vec());
    }

    /// Sets the items of a sequence, VR SQ.
    pub(super) fn sequence(&mut self, tag: Tag, items: Vec<DataSet>) {
        self.elements.insert(tag, Element::Sequence(items));
    }

    fn put(&mut self, tag: Tag, vr: VR, value: Vec<u8>) {
        self.elements.insert(tag, Element::Value(vr, value));
    }

    /// Whether the attribute is present, with or without a value.
    pub(super) fn contains(&self, tag: Tag) -> bool {
        self.elements.contains_key(&tag)
    }

    /// Encodes the elements, in order, at the end of `out`.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] for a value that is too long for its length field.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        for (&tag, element) in &self.elements {
            match element {
                Element::Value(vr, value) => write_value(out, tag, *vr, value)?,
                Element::Sequence(items) => write_sequence(out, tag, items)?,
            }
        }
        Ok(())
    }

    /// Encodes the elements in implicit VR little endian (PS3.5 annex A.1), whose values may be longer: a decimal string
    /// has at most 65,534 bytes in explicit VR, and a contour more.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] for a value that is too long for its length field.
    pub(super) fn write_implicit(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        for (&tag, element) in &self.elements {
            match element {
                Element::Value(vr, value) => {
                    let length = value.len().next_multiple_of(2);
                    let fits = u32::try_from(length)
                        .ok()
                        .filter(|&length| length != UNDEFINED);
                    write_delimiter(out, tag, fits.ok_or_else(|| too_long(tag, length))?);
                    out.extend_from_slice(value);
                    if value.len() < length {
                        out.push(vr.padding());
                    }
                }
                Element::Sequence(items) => {
                    write_delimiter(out, tag, UNDEFINED);
                    for item in items {
                        write_delimiter(out, ITEM, UNDEFINED);
                        item.write_implicit(out)?;
                        write_delimiter(out, ITEM_END, 0);
                    }
                    write_delimiter(out, SEQUENCE_END, 0);
                }
            }
        }
        Ok(())
    }
}

fn too_long((group, element): Tag, length: usize) -> Error {
    Error::Encode {
        what: "DICOM file",
        reason: format!("the value of ({group:04x},{element:04x}) has {length} bytes, too many"),
    }
}

fn write_value(out: &mut Vec<u8>, tag: Tag, vr: VR, value: &[u8]) -> Result<(), Error> {
    let length = value.len().next_multiple_of(2);
    let too_long = || too_long(tag, length);
    out.extend(tag_bytes(tag));
    out.extend(vr.letters());
    if vr.has_long_length() {
        let length = u32::try_from(length)
            .ok()
            .filter(|&length| length != UNDEFINED);
        out.extend([0; 2]);
        out.extend(length.ok_or_else(too_long)?.to_le_bytes());
    } else {
        let length = u16::try_from(length).map_err(|_| too_long())?;
        out.extend(length.to_le_bytes());
    }
    out.extend_from_slice(value);
    if value.len() < length {
        out.push(vr.padding());
    }
    Ok(())
}

/// Length of values that a delimiter ends.
const UNDEFINED: u32 = u32::MAX;
const ITEM: Tag = (0xfffe, 0xe000);
const ITEM_END: Tag = (0xfffe, 0xe00d);
const SEQUENCE_END: Tag = (0xfffe, 0xe0dd);

/// Encodes a sequence and its items. All have undefined length and end with delimiters (PS3.5 7.5), so that no length
/// must be known in advance.
fn write_sequence(out: &mut Vec<u8>, tag: Tag, items: &[DataSet]) -> Result<(), Error> {
    out.extend(tag_bytes(tag));
    out.extend(VR::SQ.letters());
    out.extend([0; 2]);
    out.extend(UNDEFINED.to_le_bytes());
    for item in items {
        write_delimiter(out, ITEM, UNDEFINED);
        item.write(out)?;
        write_delimiter(out, ITEM_END, 0);
    }
    write_delimiter(out, SEQUENCE_END, 0);
    Ok(())
}

/// Encodes a tag and a length without a VR: of a sequence's item, its delimiter, or an element in implicit VR.
fn write_delimiter(out: &mut Vec<u8>, tag: Tag, length: u32) {
    out.extend(tag_bytes(tag));
    out.extend(length.to_le_bytes());
}

fn tag_bytes((group, element): Tag) -> [u8; 4] {
    let ([a, b], [c, d]) = (group.to_le_bytes(), element.to_le_bytes());
    [a, b, c, d]
}

/// The nearest number that fits a Decimal String: at most 16 characters (PS3.5 6.2). `value` must be finite.
pub(super) fn decimal_string(value: f64) -> String {
    const MAX_LENGTH: usize = 16;
    // Adding 0 turns −0 into 0.
    let value = value + 0.0;
    let shortest = value.to_string();
    if shortest.len() <= MAX_LENGTH {
        return shortest;
    }
    // Without an exponent, small numbers lose digits to leading zeros, and large ones don't fit.
    let scientific = value != 0.0 && !(1e-4..1e14).contains(&value.abs());
    let digits = (0..MAX_LENGTH).rev().map(|digits| match scientific {
        true => format!("{value:.digits$e}"),
        false => format!("{value:.digits$}"),
    });
    let mut fitting = digits.filter(|text| text.len() <= MAX_LENGTH);
    fitting.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_written_in_order_with_even_lengths() {
        let mut item = DataSet::default();
        item.numbers((0x0062, 0x0004), &[1, 0x0203]);
        let mut set = DataSet::default();
        set.sequence((0x0062, 0x0002), vec![item]);
        set.octets((0x7fe0, 0x0010), vec![7]);
        set.pointer((0x0020, 0x9165), (0x0062, 0x000b));
        set.text((0x0008, 0x0018), VR::UI, "1.2");
        set.text((0x0008, 0x0060), VR::CS, "SEG");
        let mut written = Vec::new();
        set.write(&mut written).unwrap();
        let expected = [
            &b"\x08\0\x18\0UI\x04\x001.2\0"[..],
            b"\x08\0\x60\0CS\x04\0SEG ",
            b"\x20\0\x65\x91AT\x04\0\x62\0\x0b\0",
            b"\x62\0\x02\0SQ\0\0\xff\xff\xff\xff",
            b"\xfe\xff\x00\xe0\xff\xff\xff\xff",
            b"\x62\0\x04\0US\x04\0\x01\0\x03\x02",
            b"\xfe\xff\x0d\xe0\0\0\0\0",
            b"\xfe\xff\xdd\xe0\0\0\0\0",
            b"\xe0\x7f\x10\0OB\0\0\x02\0\0\0\x07\0",
        ];
        assert_eq!(written, expected.concat());
    }

    #[test]
    fn a_value_longer_than_its_length_can_say_is_refused() {
        let written = |vr, bytes: usize| {
            let mut set = DataSet::default();
            set.bytes((0x0008, 0x0104), vr, &vec![b'a'; bytes]);
            set.write(&mut Vec::new())
        };
        assert!(written(VR::LO, 65_534).is_ok());
        assert_eq!(written(VR::LO, 65_535).unwrap_err().code(), "internal");
        assert!(written(VR::UT, 65_535).is_ok());
    }

    #[test]
    fn decimals_keep_the_digits_that_fit() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (0.7, "0.7"),
            (-125.5, "-125.5"),
            (1.0 / 3.0, "0.33333333333333"),
            (-200.0 / 3.0, "-66.666666666667"),
            (1e-9 / 3.0, "3.3333333333e-10"),
            (-1e20 / 3.0, "-3.3333333333e19"),
            (-99_999_999_999_999.96, "-1e14"),
        ] {
            let text = decimal_string(value);
            assert!(text.len() <= 16, "{text}");
            let parsed: f64 = text.parse().unwrap();
            assert!((parsed - value).abs() <= value.abs() * 1e-9);
            if expected != "-1e14" {
                assert_eq!(text, expected);
            }
        }
    }
}

//! Character sets of text attributes.

use super::elements::{DataSet, VR};
use super::tags;
use crate::scan::DicomValue;

/// A Specific Character Set (0008,0005) that fits the source's texts, whose bytes are copied unchanged, and our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Charset {
    /// Value of the attribute; empty for ASCII, for which the attribute is omitted.
    defined: Vec<u8>,
    kind: Encoding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Latin1,
    /// Another character set, in which only ASCII can be written.
    Foreign,
}

impl Charset {
    /// The character set of ASCII texts.
    pub(super) const ASCII: Charset = Charset {
        defined: Vec::new(),
        kind: Encoding::Foreign,
    };

    /// The source's character set if a copied value needs it, otherwise UTF-8.
    pub(super) fn of(copied: &[&DicomValue], ours: &[&str]) -> Charset {
        let source = copied
            .iter()
            .find(|value| value.tag == tags::SPECIFIC_CHARACTER_SET);
        let source = source.map_or(&[][..], |value| value.value.trim_ascii());
        let plain = |byte: &u8| (0x20..0x7f).contains(byte);
        let needs_source = copied.iter().any(|value| !value.value.iter().all(plain));
        if !needs_source {
            let defined = match ours.iter().all(|text| text.is_ascii()) {
                true => Vec::new(),
                false => b"ISO_IR 192".to_vec(),
            };
            let kind = Encoding::Utf8;
            return Charset { defined, kind };
        }
        let kind = match source {
            b"ISO_IR 192" => Encoding::Utf8,
            b"ISO_IR 100" => Encoding::Latin1,
            _ => Encoding::Foreign,
        };
        let defined = source.to_vec();
        Charset { defined, kind }
    }

    /// The character set of our own texts in a sequence item. An item may have its own (PS3.5 7.5.3), so texts that the
    /// object's set can't express are written in UTF-8.
    pub(super) fn of_item(&self, ours: &[&str]) -> Charset {
        let fits = match self.kind {
            Encoding::Utf8 => true,
            Encoding::Latin1 => ours.iter().flat_map(|text| text.chars()).all(is_latin1),
            Encoding::Foreign => ours.iter().all(|text| text.is_ascii()),
        };
        match fits {
            true => Charset {
                defined: Vec::new(),
                kind: self.kind,
            },
            false => Charset {
                defined: b"ISO_IR 192".to_vec(),
                kind: Encoding::Utf8,
            },
        }
    }

    /// Adds the attribute to a data set.
    pub(super) fn put(&self, set: &mut DataSet) {
        if !self.defined.is_empty() {
            set.bytes(tags::SPECIFIC_CHARACTER_SET, VR::CS, &self.defined);
        }
    }

    /// Encodes a text of our own as a single LO value: without value separators and control characters, at most 64
    /// characters (PS3.5 6.2). Characters that the set lacks become question marks, which can't happen in the set of
    /// [`Charset::of_item`].
    pub(super) fn long_string(&self, text: &str) -> Vec<u8> {
        let letters = text.trim().chars().filter(|c| !c.is_control());
        let letters = letters.map(|c| if c == '\\' { '/' } else { c }).take(64);
        let mut bytes = Vec::new();
        for letter in letters {
            match self.kind {
                Encoding::Utf8 => {
                    bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                }
                // The first 256 code points of Unicode are Latin-1.
                Encoding::Latin1 => bytes.push(u8::try_from(letter).unwrap_or(b'?')),
                Encoding::Foreign if letter.is_ascii() => bytes.push(letter as u8),
                Encoding::Foreign => bytes.push(b'?'),
            }
        }
        bytes
    }
}

/// Whether ISO 8859-1 contains a character.
fn is_latin1(letter: char) -> bool {
    u8::try_from(letter).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_set_stays_where_it_is_needed() {
        let value = |tag: tags::Tag, text: &[u8]| DicomValue {
            tag,
            vr: *b"LO",
            value: text.to_vec(),
        };
        let latin1 = value(tags::SPECIFIC_CHARACTER_SET, b"ISO_IR 100");
        let japanese = value(tags::SPECIFIC_CHARACTER_SET, b"\\ISO 2022 IR 87");
        let name = value(tags::PATIENT_NAME, b"M\xfcller");
        let plain = value(tags::PATIENT_NAME, b"Miller");

        let set = Charset::of(&[&latin1, &plain], &["lesion"]);
        assert!(set.defined.is_empty());
        let set = Charset::of(&[&latin1, &plain], &["\u{43b}"]);
        assert_eq!(set.defined, b"ISO_IR 192");
        assert_eq!(set.long_string(" \u{43b}\\\n1"), "\u{43b}/1".as_bytes());
        let set = Charset::of(&[&latin1, &name], &["L\u{e4}sion"]);
        assert_eq!(set.defined, b"ISO_IR 100");
        assert_eq!(set.long_string("L\u{e4}sion \u{43b}"), b"L\xe4sion ?");
        let set = Charset::of(&[&japanese, &name], &["L\u{e4}sion"]);
        assert_eq!(set.defined, b"\\ISO 2022 IR 87");
        assert_eq!(set.long_string("L\u{e4}sion"), b"L?sion");
        assert_eq!(set.long_string(&"x".repeat(99)).len(), 64);

        let item = set.of_item(&["lesion"]);
        assert!(item.defined.is_empty());
        let item = set.of_item(&["lesion", "L\u{e4}sion"]);
        assert_eq!(item.defined, b"ISO_IR 192");
        assert_eq!(item.long_string("L\u{e4}sion"), "L\u{e4}sion".as_bytes());
        let set = Charset::of(&[&latin1, &name], &["\u{43b}"]);
        assert!(set.of_item(&["L\u{e4}sion"]).defined.is_empty());
        let item = set.of_item(&["\u{43b}"]);
        assert_eq!(item.long_string("\u{43b}"), "\u{43b}".as_bytes());
    }
}

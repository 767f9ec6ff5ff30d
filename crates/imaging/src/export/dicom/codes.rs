//! Coded terms (PS3.3 8) used in segmentations.

use super::charset::Charset;
use super::elements::{DataSet, VR};
use super::tags;

/// A term of a coding scheme (PS3.3 8.8, Code Sequence Macro).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code<'a> {
    /// Code Value (0008,0100), at most 16 characters.
    pub value: &'a str,
    /// Coding Scheme Designator (0008,0102), such as `SCT` for SNOMED CT.
    pub scheme: &'a str,
    /// Code Meaning (0008,0104), human-readable.
    pub meaning: &'a str,
}

pub(super) const fn code(
    value: &'static str,
    scheme: &'static str,
    meaning: &'static str,
) -> Code<'static> {
    Code {
        value,
        scheme,
        meaning,
    }
}

impl Code<'static> {
    /// Tissue of any kind, the least specific category (PS3.16 CID 7150) and type.
    pub const TISSUE: Code<'static> = code("85756007", "SCT", "Tissue");
}

/// Category and type of pixels outside all segments of a label map (PS3.16 CID 7150).
pub(super) const BACKGROUND: Code<'static> = code("125040", "DCM", "Background");
/// Derivation Code Sequence (0008,9215), required by PS3.3 A.51.5.1.
pub(super) const SEGMENTATION: Code<'static> = code("113076", "DCM", "Segmentation");
/// Purpose of Reference Code Sequence (0040,A170), required by PS3.3 A.51.5.1.
pub(super) const SOURCE_IMAGE: Code<'static> = code(
    "121322",
    "DCM",
    "Source image for image processing operation",
);
/// Algorithm Family Code Sequence (0066,002F), of PS3.16 CID 7162.
pub(super) const ARTIFICIAL_INTELLIGENCE: Code<'static> =
    code("123110", "DCM", "Artificial Intelligence");

/// A code sequence with one item, in the object's character set.
pub(super) fn items(code: Code<'_>, charset: &Charset) -> Vec<DataSet> {
    let mut item = DataSet::default();
    for (tag, vr, text) in [
        (tags::CODE_VALUE, VR::SH, code.value),
        (tags::CODING_SCHEME_DESIGNATOR, VR::SH, code.scheme),
        (tags::CODE_MEANING, VR::LO, code.meaning),
    ] {
        item.bytes(tag, vr, &charset.long_string(text));
    }
    vec![item]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::DicomValue;

    #[test]
    fn a_meaning_is_in_the_set_of_the_object() {
        let value = |tag, text: &[u8]| DicomValue {
            tag,
            vr: *b"LO",
            value: text.to_vec(),
        };
        let set = value(tags::SPECIFIC_CHARACTER_SET, b"ISO_IR 100");
        let name = value(tags::PATIENT_NAME, b"M\xfcller");
        let latin1 = Charset::of(&[&set, &name], &[]);
        let mut written = Vec::new();
        items(code("1", "99TEST", "L\u{e4}sion"), &latin1)[0]
            .write(&mut written)
            .unwrap();
        assert!(written.ends_with(b"LO\x06\0L\xe4sion"));
    }
}

//! Coded terms (SNOMED CT) for names that users give to segments.

use super::codes::{Code, code};

/// A segment's content in coded terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Segmented Property Category (0062,0003), of PS3.16 CID 7150.
    pub category: Code<'static>,
    /// Segmented Property Type (0062,000F), such as those of CID 7151 and CID 7159.
    pub property: Code<'static>,
    /// Segmented Property Type Modifier (0062,0011), of CID 244: the side of a paired organ.
    pub modifier: Option<Code<'static>>,
}

const ANATOMY: Code<'static> = code("91723000", "SCT", "Anatomical Structure");
const ABNORMAL: Code<'static> = code("49755003", "SCT", "Morphologically Abnormal Structure");
const RIGHT: Code<'static> = code("24028007", "SCT", "Right");
const LEFT: Code<'static> = code("7771000", "SCT", "Left");

/// SNOMED CT code and meaning as in PS3.16, and whether the organ is paired.
type Entry = (&'static str, &'static str, bool);

/// Terms of CID 7151 (Segmentation Property Types) and other lists of PS3.16.
const ORGANS: &[Entry] = &[
    ("23451007", "Adrenal gland", true),
    ("15825003", "Aorta", false),
    ("89837001", "Bladder", false),
    ("272673000", "Bone", false),
    ("12738006", "Brain", false),
    ("76752008", "Breast", true),
    ("113305005", "Cerebellum", false),
    ("51299004", "Clavicle", true),
    ("71854001", "Colon", false),
    ("38848004", "Duodenum", false),
    ("32849002", "Esophagus", false),
    ("81745001", "Eye", true),
    ("71341001", "Femur", true),
    ("28231008", "Gallbladder", false),
    ("80891009", "Heart", false),
    ("29836001", "Hip", true),
    ("5366008", "Hippocampus", true),
    ("85050009", "Humerus", true),
    ("64131007", "Inferior vena cava", false),
    ("64033007", "Kidney", true),
    ("82471001", "Left atrium", false),
    ("87878005", "Left ventricle", false),
    ("10200004", "Liver", false),
    ("39607008", "Lung", true),
    ("59441001", "Lymph Node", false),
    ("91609006", "Mandible", false),
    ("74135004", "Meniscus", false),
    ("71616004", "Muscle", false),
    ("81016008", "Optic nerve head", true),
    ("15497006", "Ovary", true),
    ("15776009", "Pancreas", false),
    ("32764006", "Portal vein", false),
    ("41216001", "Prostate", false),
    ("34402009", "Rectum", false),
    ("5665001", "Retina", true),
    ("113197003", "Rib", false),
    ("53085002", "Right ventricle", false),
    ("54735007", "Sacrum", false),
    ("79601000", "Scapula", true),
    ("39937001", "Skin", false),
    ("30315005", "Small intestine", false),
    ("2748008", "Spinal cord", false),
    ("78961009", "Spleen", false),
    ("56873002", "Sternum", false),
    ("69695003", "Stomach", false),
    ("40689003", "Testis", true),
    ("69748006", "Thyroid", false),
    ("44567001", "Trachea", false),
    ("35039007", "Uterus", false),
    ("51282000", "Vertebra", false),
];

/// Terms of CID 7159 (Lesion Segmentation Types).
const LESIONS: &[Entry] = &[
    ("367643001", "Cyst", false),
    ("79654002", "Edema", false),
    ("50960005", "Hemorrhage", false),
    ("52988006", "Lesion", false),
    ("4147007", "Mass", false),
    ("6574001", "Necrosis", false),
    ("108369006", "Neoplasm", false),
    ("27925004", "Nodule", false),
];

/// Other words for the same terms.
const SYNONYMS: [(&str, &str); 8] = [
    ("adrenal", "adrenal gland"),
    ("haemorrhage", "hemorrhage"),
    ("ivc", "inferior vena cava"),
    ("oedema", "edema"),
    ("oesophagus", "esophagus"),
    ("optic disc", "optic nerve head"),
    ("tumor", "neoplasm"),
    ("tumour", "neoplasm"),
];

impl Term {
    /// Tissue of any kind, the least specific term: for names without a known one.
    pub const TISSUE: Term = Term {
        category: Code::TISSUE,
        property: Code::TISSUE,
        modifier: None,
    };

    /// The term for a name, in upper or lower case: `Liver`, `right kidney`, `Kidney, left`, `kidney_right`, also
    /// with a number after it (`Lesion 2`). `None` for free text.
    pub fn named(name: &str) -> Option<Term> {
        let lower = name.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphanumeric());
        let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
        let words: Vec<&str> = words.filter(|word| !is_number(word)).collect();
        if let Some(term) = of(&words.join(" "), None) {
            return Some(term);
        }
        let (side, rest) = match words.as_slice() {
            ["right", rest @ ..] | [rest @ .., "right"] => (RIGHT, rest),
            ["left", rest @ ..] | [rest @ .., "left"] => (LEFT, rest),
            _ => return None,
        };
        of(&rest.join(" "), Some(side))
    }

    /// Names to suggest, in alphabetical order; paired organs once for each side.
    pub fn names() -> Vec<String> {
        let mut names = Vec::new();
        for &(_, meaning, paired) in ORGANS.iter().chain(LESIONS) {
            if paired {
                let lower = meaning.to_lowercase();
                names.extend([format!("Left {lower}"), format!("Right {lower}")]);
            } else {
                names.push(meaning.to_owned());
            }
        }
        names.sort();
        names
    }
}

/// The term for a lower-case name. Only paired organs may have a side.
fn of(name: &str, side: Option<Code<'static>>) -> Option<Term> {
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == name);
    let name = synonym.map_or(name, |(_, term)| term);
    let is_named = |(_, meaning, paired): &&Entry| {
        meaning.eq_ignore_ascii_case(name) && (side.is_none() || *paired)
    };
    let term = |category, &(value, meaning, _): &Entry| Term {
        category,
        property: code(value, "SCT", meaning),
        modifier: side,
    };
    let organ = ORGANS.iter().find(is_named);
    let lesion = || LESIONS.iter().find(is_named);
    organ
        .map(|entry| term(ANATOMY, entry))
        .or_else(|| lesion().map(|entry| term(ABNORMAL, entry)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Option<[&'static str; 3]> {
        let Term {
            category,
            property,
            modifier,
        } = Term::named(name)?;
        Some([
            category.value,
            property.value,
            modifier.map_or("", |side| side.value),
        ])
    }

    #[test]
    fn a_name_finds_its_term() {
        assert_eq!(named("Liver"), Some(["91723000", "10200004", ""]));
        for name in [
            "right kidney",
            "Kidney, right",
            "kidney_right",
            "KIDNEY RIGHT 2",
        ] {
            assert_eq!(
                named(name),
                Some(["91723000", "64033007", "24028007"]),
                "{name}"
            );
        }
        assert_eq!(named("Left ventricle"), Some(["91723000", "87878005", ""]));
        assert_eq!(named("lesion 12"), Some(["49755003", "52988006", ""]));
        assert_eq!(named("Tumour"), Some(["49755003", "108369006", ""]));
        for name in [
            "",
            "7",
            "Object 1",
            "liver lesion",
            "left liver",
            "Leber",
            "left",
        ] {
            assert_eq!(named(name), None, "{name}");
        }
    }

    #[test]
    fn every_name_that_is_offered_has_a_term() {
        let names = Term::names();
        assert!(names.is_sorted() && names.len() > 60);
        assert!(names.iter().all(|name| Term::named(name).is_some()));
    }
}

//! What a file says about a segment besides its voxels, and how much of it is saved with the object that it became.

use boxel_imaging::export::{AlgorithmType, Code as WrittenCode, Segment as SegSegment};
use boxel_imaging::{Code, NamedSegment};
use serde::{Deserialize, Serialize};

/// Characters of a name, as in a session file, and of the texts of codes.
const MAX_TEXT: usize = 64;

/// What the file of a segment says about it, to be saved with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SegmentFacts {
    /// The name that the codes belong to: they are not written for an object that has another one by now.
    pub name: String,
    /// Its category as a coded term, such as `SCT`, `91723000`, `Anatomical Structure`.
    #[serde(default)]
    pub category: Option<Code>,
    /// Its type, such as `SCT`, `10200004`, `Liver`.
    #[serde(default)]
    pub kind: Option<Code>,
    /// What the type leaves open, such as `SCT`, `24028007`, `Right`.
    #[serde(default)]
    pub modifier: Option<Code>,
    /// DICOM's word for how it was made: `AUTOMATIC`, `SEMIAUTOMATIC` or `MANUAL`; empty if unknown; `None` if the object's
    /// model has changed it.
    #[serde(default)]
    pub algorithm: Option<String>,
    /// Name of the program or model that made it; empty if unknown.
    #[serde(default)]
    pub algorithm_name: String,
}

impl SegmentFacts {
    /// The facts of a segment that was opened.
    pub fn of(named: &NamedSegment) -> Self {
        Self {
            name: name_of(named),
            category: named.category.as_ref().map(cut_code),
            kind: named.kind.as_ref().map(cut_code),
            modifier: named.modifier.as_ref().map(cut_code),
            algorithm: Some(cut(&named.algorithm)),
            algorithm_name: cut(&named.algorithm_name),
        }
    }

    /// The facts of an object that edits of the volume alone made.
    pub fn edited(name: &str, is_manual: bool) -> Self {
        let (algorithm, algorithm_name) = match is_manual {
            true => (AlgorithmType::Manual, ""),
            false => (AlgorithmType::SemiAutomatic, "Boxel edits"),
        };
        Self {
            name: cut(name),
            category: None,
            kind: None,
            modifier: None,
            algorithm: Some(algorithm.name().to_owned()),
            algorithm_name: algorithm_name.to_owned(),
        }
    }

    /// The facts of an object whose strokes and edits, or whose model, have changed it since.
    pub fn changed(&self, by_edits: bool, by_model: bool) -> Self {
        let automatic = AlgorithmType::Automatic.name();
        let algorithm = match &self.algorithm {
            _ if by_model => None,
            Some(made) if by_edits && made == automatic => {
                Some(AlgorithmType::SemiAutomatic.name().to_owned())
            }
            made => made.clone(),
        };
        Self {
            algorithm,
            ..self.clone()
        }
    }

    /// A segment with these codes and this algorithm instead of the drawn object's.
    pub(crate) fn written<'a>(&'a self, drawn: SegSegment<'a>) -> SegSegment<'a> {
        let coded = match &self.kind {
            Some(kind) if self.name == drawn.label => SegSegment {
                category: self.category.as_ref().map_or(drawn.category, written),
                property: written(kind),
                modifier: self.modifier.as_ref().map(written),
                ..drawn
            },
            _ => drawn,
        };
        match &self.algorithm {
            Some(made) => SegSegment {
                // Nothing says how a label map was made.
                algorithm_type: AlgorithmType::named(made).or(Some(AlgorithmType::SemiAutomatic)),
                algorithm: Some(&self.algorithm_name),
                ..coded
            },
            None => coded,
        }
    }
}

fn written(code: &Code) -> WrittenCode<'_> {
    WrittenCode {
        value: &code.value,
        scheme: &code.scheme,
        meaning: &code.meaning,
    }
}

/// The name to show: the file's, else what its code means, else its number.
fn name_of(named: &NamedSegment) -> String {
    let meaning = || {
        let kind = named.kind.as_ref()?.meaning.trim();
        let side = named.modifier.as_ref().map(|side| side.meaning.trim());
        let meaning = [side.unwrap_or_default(), kind].join(" ");
        (!kind.is_empty()).then(|| meaning.trim().to_owned())
    };
    let name = match named.name.trim() {
        "" => meaning().unwrap_or_else(|| format!("Label {}", named.label)),
        name => name.to_owned(),
    };
    cut(&name)
}

/// A file may say anything.
fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

fn cut_code(code: &Code) -> Code {
    Code {
        scheme: cut(&code.scheme),
        value: cut(&code.value),
        meaning: cut(&code.meaning),
    }
}

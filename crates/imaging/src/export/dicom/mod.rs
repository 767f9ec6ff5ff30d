//! Writes masks as DICOM objects: a Segmentation ([`seg`]), or contours in an RT Structure Set ([`structures`]).
//!
//! The writer is our own (`elements`, `part10`): a general one would bring character set tables and a clock, and with
//! it wasm-bindgen, for the few kinds of values that these objects have.

mod charset;
mod codes;
mod color;
mod elements;
mod identity;
mod modules;
mod part10;
mod references;
mod seg;
mod structures;
mod tags;
mod terms;
mod uids;

pub use codes::Code;
pub use identity::Identity;
pub use seg::{SegForm, dicom_seg};
pub use structures::rt_structures;
pub use terms::Term;

use crate::error::Error;
use crate::mask::VolumeMask;
use crate::scan::{DicomFrame, DicomSource, Scan};
use charset::Charset;
use uids::is_uid;

/// A segment to write.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Segment Label (0062,0005); at most 64 characters are written. If empty, it becomes `Segment` with its number.
    pub label: &'a str,
    /// Display colour: red, green, blue, each in `[0, 255]`.
    pub color: [u8; 3],
    /// The segment's voxels, on the scan's grid.
    pub mask: &'a VolumeMask,
    /// Segment Algorithm Name (0062,0009): the model that segmented it from the user's prompts; `None` if the user
    /// drew it.
    pub algorithm: Option<&'a str>,
    /// Segment Algorithm Type (0062,0008); `None` for semi-automatic with an [`Segment::algorithm`], otherwise manual.
    pub algorithm_type: Option<AlgorithmType>,
    /// Segmented Property Category (0062,0003), of PS3.16 CID 7150.
    pub category: Code<'a>,
    /// Segmented Property Type (0062,000F).
    pub property: Code<'a>,
    /// Segmented Property Type Modifier (0062,0011), such as the side of a paired organ.
    pub modifier: Option<Code<'a>>,
}

impl<'a> Segment<'a> {
    /// A segment drawn by the user, with the coded term for its label (see [`Term::named`]), or tissue.
    pub fn new(label: &'a str, color: [u8; 3], mask: &'a VolumeMask) -> Self {
        let term = Term::named(label).unwrap_or(Term::TISSUE);
        Segment {
            label,
            color,
            mask,
            algorithm: None,
            algorithm_type: None,
            category: term.category,
            property: term.property,
            modifier: term.modifier,
        }
    }

    /// How it was made, and the name of the program or model that made it, if one did.
    pub(super) fn made(&self) -> (AlgorithmType, Option<&'a str>) {
        let name = self.algorithm.filter(|name| !name.is_empty());
        match self.algorithm_type {
            None if self.algorithm.is_some() => (AlgorithmType::SemiAutomatic, name),
            None | Some(AlgorithmType::Manual) => (AlgorithmType::Manual, None),
            Some(made) => (made, name),
        }
    }
}

/// How a segment was made (PS3.3 C.8.20.4, Segment Algorithm Type).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlgorithmType {
    /// By a program alone.
    Automatic,
    /// By a program that a person guided.
    SemiAutomatic,
    /// By a person.
    Manual,
}

impl AlgorithmType {
    /// The type with DICOM's name, such as `AUTOMATIC`.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Automatic, Self::SemiAutomatic, Self::Manual];
        all.into_iter().find(|each| each.name() == name)
    }

    /// DICOM's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Automatic => "AUTOMATIC",
            Self::SemiAutomatic => "SEMIAUTOMATIC",
            Self::Manual => "MANUAL",
        }
    }
}

/// Random bytes, date, time and software version for a new object.
#[derive(Debug, Clone, Copy)]
pub struct NewInstance<'a> {
    /// 16 random bytes, new for each object. All its new UIDs are UUIDs made from them and a counter, so the same
    /// bytes give the same UIDs.
    pub seed: [u8; 16],
    /// Today's date, `YYYYMMDD` (VR DA).
    pub date: &'a str,
    /// The current time, `HHMMSS` (VR TM).
    pub time: &'a str,
    /// Software Versions (0018,1020).
    pub software_version: &'a str,
}

/// Checks what doesn't depend on the identity.
fn check(scan: &Scan, segments: &[Segment<'_>], instance: &NewInstance<'_>) -> Result<(), Error> {
    for segment in segments {
        let [a, b] = [scan.grid().size(), segment.mask.size()];
        if a != b {
            return Err(Error::GridsDiffer { a, b });
        }
    }
    if u16::try_from(segments.len()).is_err() {
        return Err(unavailable("it has more than 65535 objects; save fewer"));
    }
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(instance.date, 8) || !digits(instance.time, 6) {
        return Err(Error::Encode {
            what: "DICOM segmentation",
            reason: format!(
                "the date {:?} is not YYYYMMDD or the time {:?} is not HHMMSS",
                instance.date, instance.time
            ),
        });
    }
    Ok(())
}

/// The source references of a linked object.
struct Links<'a> {
    study_uid: &'a str,
    series_uid: &'a str,
    /// The source frame of each slice.
    frames: &'a [DicomFrame],
}

impl<'a> Links<'a> {
    fn of(source: &'a DicomSource, slices: u32) -> Result<Links<'a>, Error> {
        if source.frames.len() as u64 != u64::from(slices) {
            return Err(Error::Length {
                what: "the list of source frames",
                expected: u64::from(slices),
                got: source.frames.len() as u64,
            });
        }
        let nameless = || {
            unavailable(
                "the scan's files lack the UIDs (study, series or instance) that a linked one \
                 refers to; save it de-identified, or save NIfTI or PNG",
            )
        };
        let named =
            |frame: &DicomFrame| is_uid(&frame.sop_class_uid) && is_uid(&frame.sop_instance_uid);
        if !source.frames.iter().all(named) {
            return Err(nameless());
        }
        let uid = |tag| identity::uid(source, tag).ok_or_else(nameless);
        Ok(Links {
            study_uid: uid(tags::STUDY_INSTANCE_UID)?,
            series_uid: uid(tags::SERIES_INSTANCE_UID)?,
            frames: &source.frames,
        })
    }
}

fn charset(
    source: &DicomSource,
    segments: &[Segment<'_>],
    identity: Identity,
    instance: &NewInstance<'_>,
) -> Charset {
    let copied = match identity {
        Identity::Linked => identity::copied(source),
        Identity::DeIdentified => Vec::new(),
    };
    let mut ours = texts(segments);
    ours.push(instance.software_version);
    Charset::of(&copied, &ours)
}

/// The labels and other texts of segments, which the character set must fit.
fn texts<'a>(segments: &[Segment<'a>]) -> Vec<&'a str> {
    let mut texts = Vec::new();
    for segment in segments {
        texts.push(segment.label);
        texts.extend(segment.algorithm);
        let codes = [segment.category, segment.property];
        for code in codes.into_iter().chain(segment.modifier) {
            texts.extend([code.value, code.scheme, code.meaning]);
        }
    }
    texts
}

fn unavailable(reason: &'static str) -> Error {
    Error::ExportUnavailable {
        what: "DICOM segmentation",
        reason,
    }
}

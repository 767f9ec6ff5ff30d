//! The meaning of each frame's values (unit, inversion, windows), and what a whole scan has in common.

use std::borrow::Cow;
use std::rc::Rc;

use super::attribute::*;
use super::data_set::DataSet;
use super::frame_info::Groups;
use super::layout::{Photometric, PixelLayout};
use super::problem::Problem;
use super::remarks::listed;
use super::voi;
use super::voxels::Lookup;
use crate::scan::{About, NamedWindow, Note, NoteCode};
use crate::window::Lut;
use crate::window::Window;

/// The meaning of a frame's values in its file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Meaning {
    unit: String,
    /// Whether small values are displayed bright.
    inverted: bool,
    /// Windows; the first one is used by default.
    windows: Vec<NamedWindow>,
    /// Tables that windows refer to.
    luts: Rc<Vec<Lut>>,
}

/// The meanings of the values in a file's frames.
pub(super) struct Meanings<'f, 'a> {
    data: &'f DataSet<'a>,
    groups: &'f Groups<'f, 'a>,
    lookup: &'f Lookup,
    layout: &'f PixelLayout,
    /// Tables of the data set, shared by its frames.
    luts: Rc<Vec<Lut>>,
}

impl<'f, 'a> Meanings<'f, 'a> {
    pub fn read(
        data: &'f DataSet<'a>,
        groups: &'f Groups<'f, 'a>,
        lookup: &'f Lookup,
        layout: &'f PixelLayout,
    ) -> Result<Meanings<'f, 'a>, Problem> {
        Ok(Meanings {
            data,
            groups,
            lookup,
            layout,
            luts: Rc::new(voi::tables(data)?),
        })
    }

    pub fn frame(&self, frame: u32) -> Result<Meaning, Problem> {
        let mut meaning = Meaning {
            unit: String::new(),
            inverted: is_inverted(self.data, self.layout),
            windows: Vec::new(),
            luts: Rc::default(),
        };
        let is_grey = self.layout.channels() == 1;
        if is_grey && self.layout.photometric != Photometric::Palette {
            let values = self
                .groups
                .group(frame, PIXEL_VALUE_TRANSFORMATION_SEQUENCE)?;
            meaning.unit = unit(self.data, &values, self.lookup)?;
            let group = self.groups.group(frame, FRAME_VOI_LUT_SEQUENCE)?;
            meaning.luts = match &group {
                Cow::Owned(own) if own.has(VOI_LUT_SEQUENCE) => Rc::new(voi::tables(own)?),
                _ => self.luts.clone(),
            };
            meaning.windows = voi::windows(&group, &meaning.luts);
        }
        if self.layout.allocated() == 1 && meaning.windows.is_empty() {
            meaning.windows.push(NamedWindow {
                name: String::new(),
                window: Window::Linear {
                    level: 0.5,
                    width: 1.0,
                },
            });
        }
        Ok(meaning)
    }
}

/// Whether small values are displayed bright. `INVERSE` is the standard's companion of `MONOCHROME1` and doesn't
/// invert a second time (PS3.3 C.8.11.3).
fn is_inverted(data: &DataSet<'_>, layout: &PixelLayout) -> bool {
    match layout.photometric {
        Photometric::Monochrome1 => true,
        Photometric::Monochrome2 => data.text(PRESENTATION_LUT_SHAPE) == "INVERSE",
        _ => false,
    }
}

/// A remark for the user if a file contradicts itself about inversion.
pub(super) fn shape_remark(data: &DataSet<'_>, layout: &PixelLayout) -> Option<&'static str> {
    match (
        layout.photometric,
        data.text(PRESENTATION_LUT_SHAPE).as_str(),
    ) {
        (Photometric::Monochrome1, "IDENTITY") => Some(
            "The file says MONOCHROME1, and Presentation LUT Shape IDENTITY: small values are shown bright.",
        ),
        (Photometric::Monochrome2, "INVERSE") => Some(
            "The file says MONOCHROME2, and Presentation LUT Shape INVERSE: small values are shown bright.",
        ),
        _ => None,
    }
}

/// The defined terms for units: Rescale Type and Modality LUT Type (PS3.3 C.11.1.1.2), and Units of PET (C.8.9.1.1.3).
/// `US`, `UNSPECIFIED` and `NONE` say nothing, and are left out.
const UNITS: [&str; 26] = [
    "OD",
    "HU",
    "MGML",
    "Z_EFF",
    "ED",
    "EDW",
    "HU_MOD",
    "PCT",
    "CNTS",
    "CM2",
    "CM2ML",
    "PCNT",
    "CPS",
    "BQML",
    "MGMINML",
    "UMOLMINML",
    "MLMING",
    "MLG",
    "1CM",
    "UMOLML",
    "PROPCNTS",
    "PROPCPS",
    "MLMINML",
    "MLML",
    "GML",
    "STDDEV",
];

/// Unit of the values: from the table or the rescale, otherwise the default (PS3.3 C.11.1.1.2). Only defined terms
/// count: saved files contain the unit, and other text of a source may be anything, even a name.
fn unit(data: &DataSet<'_>, values: &DataSet<'_>, lookup: &Lookup) -> Result<String, Problem> {
    let modality = data.text(MODALITY);
    let of_table = match (lookup, data.item(MODALITY_LUT_SEQUENCE)?) {
        (Lookup::Modality(_), Some(item)) => item.text(MODALITY_LUT_TYPE),
        _ => values.text(RESCALE_TYPE),
    };
    let declared = [of_table, data.text(PET_UNITS)];
    let declared = declared
        .into_iter()
        .find(|unit| UNITS.contains(&unit.as_str()));
    let usual = match modality.as_str() {
        "CT" if values.has(RESCALE_SLOPE) => "HU",
        "RTDOSE" if data.text(DOSE_UNITS) == "GY" => "Gy",
        _ => "",
    };
    Ok(declared.unwrap_or_else(|| usual.to_owned()))
}

/// The meanings of a scan's slices, each with the first slice that it applies to.
#[derive(Debug, Default)]
pub(super) struct OfSlices {
    runs: Vec<(u32, Meaning)>,
    count: u32,
}

impl OfSlices {
    pub fn push(&mut self, meaning: Meaning) {
        if self.runs.last().is_none_or(|(_, last)| *last != meaning) {
            self.runs.push((self.count, meaning));
        }
        self.count += 1;
    }

    /// Records what all slices share, and notes what differs between them.
    pub fn describe(self, about: &mut About) {
        let Some((_, first)) = self.runs.first() else {
            return;
        };
        about.inverted = first.inverted;
        if self.differ(|meaning| &meaning.inverted) {
            about.inverted_slices = self.slices().map(|(_, meaning)| meaning.inverted).collect();
            let dark = self.numbers(|meaning| !meaning.inverted);
            let bright = self.numbers(|meaning| meaning.inverted);
            note(
                about,
                format!(
                    "Small values are dark in {dark}, and bright in {bright}: each is shown so."
                ),
            );
        }
        match self.differ(|meaning| &meaning.unit) {
            false => about.unit = first.unit.clone(),
            true => note(about, self.units()),
        }
        self.describe_windows(about);
    }

    /// Each slice, counted from 0, with its meaning.
    fn slices(&self) -> impl Iterator<Item = (u32, &Meaning)> {
        let ends = self.runs.iter().skip(1).map(|(first, _)| *first);
        let runs = self.runs.iter().zip(ends.chain([self.count]));
        runs.flat_map(|((first, meaning), end)| (*first..end).map(move |slice| (slice, meaning)))
    }

    fn differ<T: PartialEq>(&self, of: impl Fn(&Meaning) -> &T) -> bool {
        let pairs = self.runs.windows(2);
        pairs
            .into_iter()
            .any(|pair| of(&pair[0].1) != of(&pair[1].1))
    }

    /// Lists the selected slices, such as `slices 1 to 3, 5`.
    fn numbers(&self, is_among: impl Fn(&Meaning) -> bool) -> String {
        let among = self.slices().filter(|(_, meaning)| is_among(meaning));
        listed(among.map(|(slice, _)| slice))
    }

    fn units(&self) -> String {
        let mut units: Vec<&str> = Vec::new();
        for (_, meaning) in &self.runs {
            if !units.contains(&meaning.unit.as_str()) {
                units.push(&meaning.unit);
            }
        }
        let of = |unit: &&str| {
            let slices = self.numbers(|meaning| meaning.unit == *unit);
            match unit.is_empty() {
                true => format!("no unit in {slices}"),
                false => format!("{unit} in {slices}"),
            }
        };
        let listed: Vec<String> = units.iter().take(MAX_UNITS).map(of).collect();
        format!("Values have different units: {}.", listed.join("; "))
    }

    /// Chooses the windows. If they differ between slices, those of the middle slice are offered: it shows more of
    /// the patient than the ends, and the model needs one window for the whole volume.
    fn describe_windows(self, about: &mut About) {
        let is_same =
            !self.differ(|meaning| &meaning.windows) && !self.differ(|meaning| &meaning.luts);
        let middle = self.count / 2;
        let distance = |slice: u32| slice.abs_diff(middle);
        let with_windows = self
            .slices()
            .filter(|(_, meaning)| !meaning.windows.is_empty());
        let Some((slice, meaning)) = with_windows.min_by_key(|(slice, _)| distance(*slice)) else {
            return;
        };
        about.windows = meaning.windows.clone();
        about.luts = meaning.luts.to_vec();
        if !is_same {
            let text = format!(
                "The windows differ from slice to slice; those of slice {} are offered.",
                slice + 1
            );
            note(about, text);
        }
    }
}

/// Maximum number of units that a note lists.
const MAX_UNITS: usize = 5;

fn note(about: &mut About, text: String) {
    about.notes.push(Note {
        code: NoteCode::Reading,
        text,
    });
}

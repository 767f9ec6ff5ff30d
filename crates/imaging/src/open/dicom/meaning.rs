//! The meaning of each frame's values (unit, inversion, windows), and what a whole scan has in common.

use std::rc::Rc;

use super::attribute::*;
use super::data_set::DataSet;
use super::frame_info::{Group, Groups};
use super::layout::{Photometric, PixelLayout};
use super::problem::Problem;
use super::remarks::listed;
use super::voi;
use super::voxels::Lookup;
use crate::open::budget::Budget;
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
    groups: &'f Groups<'f, 'a>,
    units: Units,
    inverted: bool,
    /// Whether values have a unit and windows: colours have none.
    has_values: bool,
    /// Samples are 0 or 1.
    are_bits: bool,
    /// The tables of the data set, which its frames share.
    luts: Rc<Vec<Lut>>,
    /// The meaning of frames without groups of their own.
    common: Rc<Meaning>,
    budget: &'f Budget,
}

impl<'f, 'a> Meanings<'f, 'a> {
    pub fn read(
        data: &'f DataSet<'a>,
        groups: &'f Groups<'f, 'a>,
        lookup: &'f Lookup,
        layout: &'f PixelLayout,
        budget: &'f Budget,
    ) -> Result<Meanings<'f, 'a>, Problem> {
        let is_grey = layout.channels() == 1;
        let inverted = is_inverted(data, layout);
        let mut meanings = Meanings {
            groups,
            units: Units::read(data, lookup)?,
            inverted,
            has_values: is_grey && layout.photometric != Photometric::Palette,
            are_bits: layout.allocated() == 1,
            luts: Rc::new(voi::tables(data)?),
            common: Rc::new(Meaning {
                unit: String::new(),
                inverted,
                windows: Vec::new(),
                luts: Rc::default(),
            }),
            budget,
        };
        let values = groups.common_group(PIXEL_VALUE_TRANSFORMATION_SEQUENCE)?;
        let windows = groups.common_group(FRAME_VOI_LUT_SEQUENCE)?;
        let luts = match &windows {
            Group::Shared(shared) if shared.has(VOI_LUT_SEQUENCE) => Rc::new(voi::tables(shared)?),
            _ => meanings.luts.clone(),
        };
        meanings.common = meanings.of(meanings.units.of(&values), &windows, luts)?;
        Ok(meanings)
    }

    pub fn frame(&self, frame: u32) -> Result<Rc<Meaning>, Problem> {
        let Some(own) = self.groups.own(frame)? else {
            return Ok(self.common.clone());
        };
        let values = own.item(PIXEL_VALUE_TRANSFORMATION_SEQUENCE)?;
        let windows = own.item(FRAME_VOI_LUT_SEQUENCE)?;
        if !self.has_values || values.is_none() && windows.is_none() {
            return Ok(self.common.clone());
        }
        let unit = match values {
            Some(values) => self.units.of(&values),
            None => self.common.unit.clone(),
        };
        let Some(windows) = windows else {
            let mut meaning = (*self.common).clone();
            meaning.unit = unit;
            return Ok(Rc::new(meaning));
        };
        let luts = match windows.has(VOI_LUT_SEQUENCE) {
            true => Rc::new(voi::tables(&windows)?),
            false => self.luts.clone(),
        };
        self.of(unit, &windows, luts)
    }

    /// What a group of windows makes of values.
    fn of(
        &self,
        unit: String,
        windows: &DataSet<'_>,
        luts: Rc<Vec<Lut>>,
    ) -> Result<Rc<Meaning>, Problem> {
        let mut meaning = Meaning {
            unit,
            inverted: self.inverted,
            windows: Vec::new(),
            luts,
        };
        match self.has_values {
            true => meaning.windows = voi::windows(windows, &meaning.luts),
            false => (meaning.unit, meaning.luts) = Default::default(),
        }
        if self.are_bits && meaning.windows.is_empty() {
            meaning.windows.push(NamedWindow {
                name: String::new(),
                window: Window::Linear {
                    level: 0.5,
                    width: 1.0,
                },
            });
        }
        self.budget.keep(meaning.bytes())?;
        Ok(Rc::new(meaning))
    }
}

impl Meaning {
    /// In memory.
    fn bytes(&self) -> u64 {
        let windows = self.windows.iter();
        let windows: usize = windows
            .map(|of| size_of::<NamedWindow>() + of.name.len())
            .sum();
        let luts = self.luts.iter();
        let luts: usize = luts
            .map(|lut| size_of::<Lut>() + 2 * lut.entries.len())
            .sum();
        (size_of::<Meaning>() + windows + luts) as u64
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

/// What a file says of the unit of its values (PS3.3 C.11.1.1.2). Only a defined term counts: the unit stands in saved
/// files, and other text of a source may hold anything, a name too.
struct Units {
    /// Of the modality's table, which goes before that of a rescale.
    of_table: Option<String>,
    of_pet: String,
    /// For a CT with a rescale.
    is_ct: bool,
    usual: &'static str,
}

impl Units {
    fn read(data: &DataSet<'_>, lookup: &Lookup) -> Result<Units, Problem> {
        let modality = data.text(MODALITY);
        Ok(Units {
            of_table: match (lookup, data.item(MODALITY_LUT_SEQUENCE)?) {
                (Lookup::Modality(_), Some(item)) => Some(item.text(MODALITY_LUT_TYPE)),
                _ => None,
            },
            of_pet: data.text(PET_UNITS),
            is_ct: modality == "CT",
            usual: match modality.as_str() {
                "RTDOSE" if data.text(DOSE_UNITS) == "GY" => "Gy",
                _ => "",
            },
        })
    }

    /// Unit of the values of a group: that of the table or the rescale, or the default.
    fn of(&self, values: &DataSet<'_>) -> String {
        let of_table = self.of_table.clone();
        let of_table = of_table.unwrap_or_else(|| values.text(RESCALE_TYPE));
        let declared = [of_table, self.of_pet.clone()];
        let declared = declared
            .into_iter()
            .find(|unit| UNITS.contains(&unit.as_str()));
        let usual = match self.is_ct && values.has(RESCALE_SLOPE) {
            true => "HU",
            false => self.usual,
        };
        declared.unwrap_or_else(|| usual.to_owned())
    }
}

/// The meanings of a scan's slices, each with the first slice that it applies to.
#[derive(Debug, Default)]
pub(super) struct OfSlices {
    runs: Vec<(u32, Rc<Meaning>)>,
    count: u32,
}

impl OfSlices {
    pub fn push(&mut self, meaning: Rc<Meaning>) {
        let is_same = |last: &Rc<Meaning>| Rc::ptr_eq(last, &meaning) || *last == meaning;
        if !self.runs.last().is_some_and(|(_, last)| is_same(last)) {
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
        runs.flat_map(|((first, meaning), end)| (*first..end).map(move |slice| (slice, &**meaning)))
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
            if units.len() == MAX_UNITS {
                break;
            }
        }
        let of = |unit: &&str| {
            let slices = self.numbers(|meaning| meaning.unit == *unit);
            match unit.is_empty() {
                true => format!("no unit in {slices}"),
                false => format!("{unit} in {slices}"),
            }
        };
        let listed: Vec<String> = units.iter().map(of).collect();
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

//! The structures of an RT Structure Set (DICOM PS3.3 A.19): closed contours on the slices of a scan, as masks.
//!
//! A pixel belongs to a structure if its centre lies in an odd number of its contours, so that a contour in another is a
//! hole, joined to it or not, or if a contour passes through it: many programs lead contours through the centres of the
//! outermost pixels.

mod contour;

use super::attribute::*;
use super::data_set::{DataSet, MAX_ITEMS};
use super::file::File;
use super::problem::Problem;
use super::segmentation::text;
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::open::budget::Budget;
use crate::open::entry::Entry;
use crate::scan::{Affine, Grid, NamedSegment};
use contour::Contour;

/// RT Structure Set Storage (PS3.4 B.5).
const SOP_CLASS: &str = "1.2.840.10008.5.1.4.1.1.481.3";
/// Structures that are read: as many as a segmentation may have segments.
const MAX_STRUCTURES: usize = 65_535;
/// How far from a slice a contour on it may lie, and how much it may be tilted, in distances between slices.
const SAME_SLICE: f64 = 0.1;
/// How far a contour may reach beyond the centres of the outermost pixels, in pixels: to the outside of the next ones.
const MAX_BEYOND: f64 = 1.5;

/// Where structures are opened, and which of them.
pub(in crate::open) struct Onto<'a> {
    pub grid: &'a Grid,
    /// Frame of Reference UID of the scan; empty if it has none.
    pub frame_of_reference: &'a [u8],
    pub wanted: &'a dyn Fn(&NamedSegment) -> bool,
}

/// The first RT Structure Set among the files.
pub(in crate::open) fn find(
    files: &[Entry<'_>],
    of_them: &[usize],
    budget: &Budget,
) -> Option<usize> {
    let is_one = |file: &usize| {
        let bytes = files.get(*file)?.load(budget).ok()?;
        let file = File::read(&bytes, budget).ok()?;
        let class = file.data_set().ok()?.text(SOP_CLASS_UID);
        Some(class == SOP_CLASS || (class.is_empty() && file.media_storage_sop_class == SOP_CLASS))
    };
    of_them
        .iter()
        .copied()
        .find(|file| is_one(file).unwrap_or(false))
}

/// Opens the wanted structures of a file. Points, which mark a place, are left out.
///
/// # Errors
///
/// [`Error::OtherFrameOfReference`]; [`Error::SegmentsElsewhere`] for contours that lie off the scan's slices or reach out of
/// it; [`Error::Structure`] for open contours, and for contours that contradict themselves or are too long;
/// [`Error::TooMuchMemory`], [`Error::TooMuchWork`].
pub(in crate::open) fn structures(
    entry: &Entry<'_>,
    onto: &Onto<'_>,
    budget: &Budget,
) -> Result<Vec<(NamedSegment, VolumeMask)>, Error> {
    let bytes = entry.load(budget)?;
    let read = || {
        let file = File::read(&bytes, budget)?;
        of(&file.data_set()?, onto, budget)
    };
    read().map_err(|problem| problem.error(bytes.len(), budget))
}

fn of(
    data: &DataSet<'_>,
    onto: &Onto<'_>,
    budget: &Budget,
) -> Result<Vec<(NamedSegment, VolumeMask)>, Problem> {
    let inverse = onto
        .grid
        .patient_from_voxel
        .as_ref()
        .and_then(Affine::inverse);
    let inverse = inverse.ok_or_else(|| {
        elsewhere("nothing says where the scan lies in the patient, where its contours are")
    })?;
    let charset = data.texts(SPECIFIC_CHARACTER_SET);
    let frames = data.items(REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, MAX_STRUCTURES)?;
    let frames: Vec<String> = frames
        .iter()
        .map(|item| item.text(FRAME_OF_REFERENCE_UID))
        .collect();
    let drawn = data.items(ROI_CONTOUR_SEQUENCE, MAX_STRUCTURES)?;
    let mut found = Vec::new();
    for (index, item) in (1u32..).zip(data.items(STRUCTURE_SET_ROI_SEQUENCE, MAX_STRUCTURES)?) {
        let number = item.number(ROI_NUMBER);
        let of_it = drawn
            .iter()
            .find(|drawn| number.is_some() && drawn.number(REFERENCED_ROI_NUMBER) == number);
        budget.step(drawn.len() as u64)?;
        let own = item.texts(SPECIFIC_CHARACTER_SET);
        let is_own = own.iter().any(|name| !name.is_empty());
        let color = of_it.and_then(|drawn| drawn.finite::<3>(ROI_DISPLAY_COLOR));
        let named = NamedSegment {
            name: text(&item, ROI_NAME, if is_own { &own } else { &charset }),
            // `as` saturates.
            color: color.map(|levels| levels.map(|level| level as u8)),
            algorithm: item.text(ROI_GENERATION_ALGORITHM),
            ..NamedSegment::new(item.whole(ROI_NUMBER).unwrap_or(index))
        };
        if !(onto.wanted)(&named) {
            continue;
        }
        check_space(&item.text(REFERENCED_FRAME_OF_REFERENCE_UID), &frames, onto)?;
        budget.keep(onto.grid.voxels().div_ceil(8))?;
        let mut structure = Structure {
            name: named.name.clone(),
            grid: onto.grid,
            inverse,
            budget,
            mask: VolumeMask::empty(onto.grid),
        };
        let is_marker = match of_it {
            Some(drawn) => structure.draw(drawn)?,
            None => false,
        };
        if !is_marker {
            found.push((named, structure.mask));
        }
    }
    Ok(found)
}

/// Refuses another frame of reference, where both name theirs.
fn check_space(own: &str, frames: &[String], onto: &Onto<'_>) -> Result<(), Problem> {
    let scan = String::from_utf8_lossy(onto.frame_of_reference);
    let scan = scan.trim_matches(['\0', ' ']);
    let is_named = |uid: &&str| !uid.is_empty();
    let mut theirs = frames.iter().map(String::as_str).filter(is_named);
    let fits = match own {
        "" => theirs.clone().next().is_none() || theirs.any(|uid| uid == scan),
        own => own == scan,
    };
    match scan.is_empty() || fits {
        true => Ok(()),
        false => Err(Problem::Error(Error::OtherFrameOfReference)),
    }
}

fn elsewhere(differs: impl Into<String>) -> Problem {
    Problem::Error(Error::SegmentsElsewhere {
        differs: differs.into(),
    })
}

/// A structure while it is drawn.
struct Structure<'a> {
    name: String,
    grid: &'a Grid,
    /// Voxel indices of places in the patient.
    inverse: Affine,
    budget: &'a Budget,
    mask: VolumeMask,
}

impl Structure<'_> {
    /// Draws its contours; whether it has nothing but points.
    fn draw(&mut self, drawn: &DataSet<'_>) -> Result<bool, Problem> {
        let Some((sequence, items)) = drawn.raw_items(CONTOUR_SEQUENCE, MAX_ITEMS)? else {
            return Ok(false);
        };
        // Lists of this length are there until it is drawn.
        let _held = self.budget.hold(16 * items.len() as u64)?;
        let mut markers = 0;
        // Contours are read twice instead of kept: what one fills another may empty, and then come those on centres.
        for is_edge in [false, true] {
            for (index, item) in (1usize..).zip(&items) {
                let item = drawn.item_of(&sequence, item)?;
                let kind = item.text(CONTOUR_GEOMETRIC_TYPE);
                match kind.as_str() {
                    "CLOSED_PLANAR" | "CLOSEDPLANAR_XOR" => {}
                    "POINT" => {
                        markers += 1;
                        continue;
                    }
                    _ => {
                        let reason = format!(
                            "contour {index} is {kind:?}, and a segment's contours are closed and planar"
                        );
                        return Err(self.unusable(reason));
                    }
                }
                let contour = self.contour(&item, index)?;
                match is_edge {
                    false => contour.fill(&mut self.mask, self.budget)?,
                    true => contour.touch(&mut self.mask, self.budget)?,
                }
            }
        }
        Ok(markers > 0 && markers == 2 * items.len())
    }

    fn unusable(&self, reason: String) -> Problem {
        let name = self.name.clone();
        Problem::Error(Error::Structure { name, reason })
    }

    /// Reads a contour and finds its slice.
    fn contour(&self, item: &DataSet<'_>, index: usize) -> Result<Contour, Problem> {
        let bytes = item
            .element(CONTOUR_DATA)
            .map_or(0, |element| element.value.len());
        // Numbers, places, and the text that they are read from.
        let _held = self.budget.hold(32 * (bytes as u64 / 2).min(1 << 18))?;
        let numbers = item.numbers(CONTOUR_DATA);
        let (triples, rest) = numbers.as_chunks::<3>();
        let said = item.whole(NUMBER_OF_CONTOUR_POINTS);
        if !rest.is_empty()
            || triples.is_empty()
            || said.is_some_and(|said| said as usize != triples.len())
        {
            let said = said.map_or("an unknown number of".to_owned(), |said| said.to_string());
            let reason = format!(
                "contour {index} should have {said} points, and {} coordinates can be read",
                numbers.len()
            );
            return Err(self.unusable(reason));
        }
        if !numbers.iter().all(|number| number.is_finite()) {
            return Err(self.unusable(format!(
                "contour {index} has a coordinate that is no finite number"
            )));
        }
        let mut contour = Contour {
            slice: 0,
            points: Vec::with_capacity(triples.len()),
        };
        let mut heights = [f64::INFINITY, f64::NEG_INFINITY];
        for &point in triples {
            let [x, y, z] = self.inverse.apply(point);
            heights = [heights[0].min(z), heights[1].max(z)];
            contour.points.push([x, y]);
        }
        contour.slice = self.slice_of(heights, index)?;
        let [columns, rows] = [self.grid.columns, self.grid.rows].map(f64::from);
        let is_near = |&[x, y]: &[f64; 2]| {
            let beyond = MAX_BEYOND - 1.0;
            (-MAX_BEYOND..=columns + beyond).contains(&x)
                && (-MAX_BEYOND..=rows + beyond).contains(&y)
        };
        match contour.points.iter().find(|point| !is_near(point)) {
            None => Ok(contour),
            Some([x, y]) => Err(elsewhere(format!(
                "contour {index} of {:?} reaches out of the scan, to column {:.1}, row {:.1} of {columns} × {rows}",
                self.name,
                x + 1.0,
                y + 1.0
            ))),
        }
    }

    /// The slice of a contour between two distances from the first slice, in slice steps.
    fn slice_of(&self, heights: [f64; 2], index: usize) -> Result<u32, Problem> {
        let steps = |slice: u32| self.grid.steps_to(slice).unwrap_or(f64::MAX);
        let middle = (heights[0] + heights[1]) / 2.0;
        let nearest = match &self.grid.slice_positions_mm {
            // `as` saturates.
            None => (middle.round().max(0.0) as u32).min(self.grid.slices.saturating_sub(1)),
            Some(_) => {
                let off = |slice: &u32| (steps(*slice) - middle).abs();
                let all = 0..self.grid.slices;
                self.budget.step(self.grid.slices.into())?;
                all.min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(0)
            }
        };
        let off = heights.map(|height| (height - steps(nearest)).abs());
        if off.iter().all(|off| *off < SAME_SLICE) {
            return Ok(nearest);
        }
        let mm = |steps: f64| match self.grid.slice_spacing_mm {
            Some(spacing) => format!("{:.2} mm", steps * spacing),
            None => format!("{steps:.2} slices"),
        };
        let tilt = heights[1] - heights[0];
        Err(elsewhere(match tilt < SAME_SLICE {
            true => format!(
                "contour {index} of {:?} lies {} away from the nearest slice, number {}",
                self.name,
                mm((middle - steps(nearest)).abs()),
                nearest + 1
            ),
            false => format!(
                "contour {index} of {:?} is not parallel to the slices: it rises by {}",
                self.name,
                mm(tilt)
            ),
        }))
    }
}

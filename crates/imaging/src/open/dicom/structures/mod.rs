//! The structures of an RT Structure Set (DICOM PS3.3 A.19): closed contours on the slices of a scan, as masks.
//!
//! A pixel belongs to a structure if its centre lies in an odd number of its contours, so that a contour in another is a
//! hole, joined to it or not, or if a contour passes through it: many programs lead contours through the centres of the
//! outermost pixels.

mod contour;
mod structure;

use super::attribute::*;
use super::data_set::DataSet;
use super::file::File;
use super::problem::Problem;
use super::segmentation::{codes, text};
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::open::budget::Budget;
use crate::open::entry::Entry;
use crate::open::place::{SAME_PLACE_MM, Space};
use crate::scan::{Affine, Grid, NamedSegment};
use structure::{Structure, elsewhere};

/// RT Structure Set Storage (PS3.4 B.5).
const SOP_CLASS: &str = "1.2.840.10008.5.1.4.1.1.481.3";
/// Structures that are read: as many as a segmentation may have segments.
const MAX_STRUCTURES: usize = 65_535;
/// How far from a slice a contour on it may lie, and how much it may be tilted, in distances between slices.
const SAME_SLICE: f64 = 0.1;

/// Where structures are opened, and which of them.
pub(in crate::open) struct Onto<'a> {
    pub grid: &'a Grid,
    pub space: &'a Space,
    pub wanted: &'a dyn Fn(&NamedSegment) -> bool,
}

/// A structure of a file on the scan's slices.
pub(in crate::open) struct Drawn {
    pub named: NamedSegment,
    pub mask: VolumeMask,
    /// Whether only its geometry says that it belongs to the scan.
    pub by_geometry: bool,
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
/// [`Error::OtherFrameOfReference`], [`Error::OtherGeometry`]; [`Error::ContoursElsewhere`] for contours that lie off the scan's
/// slices or reach out of it; [`Error::Structure`] for open contours, and for contours that contradict themselves or are too long;
/// [`Error::TooMuchMemory`], [`Error::TooMuchWork`].
pub(in crate::open) fn structures(
    entry: &Entry<'_>,
    onto: &Onto<'_>,
    budget: &Budget,
) -> Result<Vec<Drawn>, Error> {
    let bytes = entry.load(budget)?;
    let read = || {
        let file = File::read(&bytes, budget)?;
        of(&file.data_set()?, onto, budget)
    };
    read().map_err(|problem| problem.error(bytes.len(), budget))
}

fn of(data: &DataSet<'_>, onto: &Onto<'_>, budget: &Budget) -> Result<Vec<Drawn>, Problem> {
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
    let observed = data.items(RT_ROI_OBSERVATIONS_SEQUENCE, MAX_STRUCTURES)?;
    let removed = data.text(PATIENT_IDENTITY_REMOVED);
    let mut found = Vec::new();
    for (index, item) in (1u32..).zip(data.items(STRUCTURE_SET_ROI_SEQUENCE, MAX_STRUCTURES)?) {
        let number = item.number(ROI_NUMBER);
        let is_of_it =
            |item: &&DataSet<'_>| number.is_some() && item.number(REFERENCED_ROI_NUMBER) == number;
        let of_it = drawn.iter().find(is_of_it);
        let observed_of_it = observed.iter().find(is_of_it);
        budget.step((drawn.len() + observed.len()) as u64)?;
        let named = named(&item, index, [of_it, observed_of_it], &charset)?;
        if !(onto.wanted)(&named) {
            continue;
        }
        let own = item.text(REFERENCED_FRAME_OF_REFERENCE_UID);
        let frame = frame_of(&own, &frames, &onto.space.frame_of_reference);
        let theirs = Space::new(frame.to_owned(), &removed);
        let linked = onto.space.is_linked_by_geometry(&theirs);
        let by_geometry = linked.map_err(Problem::Error)?;
        budget.keep(onto.grid.voxels().div_ceil(8))?;
        let mut structure = Structure {
            name: named.name.clone(),
            grid: onto.grid,
            inverse,
            same_slice: match onto.grid.slice_spacing_mm {
                Some(spacing) if by_geometry => SAME_PLACE_MM / spacing,
                _ => SAME_SLICE,
            },
            budget,
            mask: VolumeMask::empty(onto.grid),
        };
        let is_marker = match of_it {
            Some(drawn) => structure.draw(drawn).map_err(|problem| match problem {
                Problem::Error(Error::ContoursElsewhere { differs }) if by_geometry => {
                    Problem::Error(Error::OtherGeometry { differs })
                }
                problem => problem,
            })?,
            None => false,
        };
        if !is_marker {
            found.push(Drawn {
                named,
                mask: structure.mask,
                by_geometry,
            });
        }
    }
    Ok(found)
}

/// What a file says of a structure: in its own item, in that of its contours and in that of its observation.
fn named(
    item: &DataSet<'_>,
    index: u32,
    [drawn, observed]: [Option<&DataSet<'_>>; 2],
    charset: &[String],
) -> Result<NamedSegment, Problem> {
    let own = charset_of(item, charset);
    let color = drawn.and_then(|drawn| drawn.finite::<3>(ROI_DISPLAY_COLOR));
    let [category, kind, modifier] = match observed {
        Some(observed) => codes(
            observed,
            RT_ROI_IDENTIFICATION_CODE_SEQUENCE,
            &charset_of(observed, charset),
        )?,
        None => Default::default(),
    };
    Ok(NamedSegment {
        name: text(item, ROI_NAME, &own),
        // `as` saturates.
        color: color.map(|levels| levels.map(|level| level as u8)),
        category,
        kind,
        modifier,
        algorithm: item.text(ROI_GENERATION_ALGORITHM),
        algorithm_name: text(item, ROI_GENERATION_DESCRIPTION, &own),
        ..NamedSegment::new(item.whole(ROI_NUMBER).unwrap_or(index))
    })
}

/// An item may have a character set of its own.
fn charset_of(item: &DataSet<'_>, outer: &[String]) -> Vec<String> {
    let own = item.texts(SPECIFIC_CHARACTER_SET);
    match own.iter().any(|name| !name.is_empty()) {
        true => own,
        false => outer.to_vec(),
    }
}

/// The frame of reference of a structure: its own or, if it names none, the file's, which may have several.
fn frame_of<'a>(own: &'a str, frames: &'a [String], scan: &str) -> &'a str {
    let mut theirs = frames.iter().map(String::as_str);
    match own {
        "" if theirs.clone().any(|uid| uid == scan) => "",
        "" => theirs.find(|uid| !uid.is_empty()).unwrap_or_default(),
        own => own,
    }
}

//! Opens an existing segmentation on a scan: a mask on the scan's grid for each segment, with its name and colour.

mod coco;
mod dicom;
mod kind;
mod natural;
mod numpy;
mod png;

use serde::Serialize;

use super::budget::Spent;
use super::place::ScanPlace;
use super::{Choice, Limits, NamedFile, Pick, archive, open_choice, opening};
use crate::error::Error;
use crate::format::Format;
use crate::mask::{VolumeMask, add_from, labels, masks_of_labels};
use crate::open::contain::contained;
use crate::scan::{NamedSegment, Scan};
pub use kind::are_segmentations;
pub(super) use numpy::chosen as chosen_array;

/// The format of a file that has masks alone, by its first bytes.
pub(super) fn masks_format(start: &[u8]) -> Option<Format> {
    match start {
        _ if start.starts_with(numpy::MAGIC) => Some(Format::Numpy),
        _ if coco::detect(start) => Some(Format::Coco),
        _ => None,
    }
}

/// A segment on the grid of a scan.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Its name, colour and codes, as far as the file gives them; a label map gives only a label.
    pub named: NamedSegment,
    /// Its voxels.
    pub mask: VolumeMask,
    /// Why it lies where it does.
    pub link: Link,
}

/// What says where a segment lies on its scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// Its place in the patient, in a frame of reference that is not another one; or the scan has a single slice.
    Place,
    /// Its place in the patient, though it names images of other series.
    OtherImages,
    /// Its geometry alone: it names another frame of reference, and it or the scan is de-identified.
    Geometry,
    /// The order of its voxels or of its images alone: the file or the scan has no place in the patient.
    Order,
    /// It was laid on the slice that is shown.
    ShownSlice,
}

/// Opens the result of [`survey`](super::survey) as segments on a scan: a DICOM Segmentation, whose segments may overlap,
/// an RT Structure Set, a label map, PNGs of labels for all slices or for one, a NumPy array of labels, or COCO annotations
/// with run-length masks. They may cover a part of the scan, and may be stored in another order. Only those that are `wanted`
/// are read, since a mask takes a bit for each voxel of the scan: a map of a hundred organs is opened in parts.
///
/// # Errors
///
/// [`Error::OtherFrameOfReference`], [`Error::OtherGeometry`]; [`Error::SegmentsElsewhere`] if they do not lie on the scan's
/// voxels or slices; [`Error::ContoursElsewhere`], [`Error::Structure`] for contours that are no segment; [`Error::NoLabels`],
/// [`Error::LabelTooLarge`]; [`Error::MasksUnread`]; [`Error::TooMuchMemory`]; those of [`open_choice`].
pub fn open_segments(
    files: &[NamedFile<'_>],
    choices: &[Choice],
    place: &ScanPlace,
    wanted: impl Fn(&NamedSegment) -> bool,
    limits: &Limits,
) -> Result<Vec<Segment>, Error> {
    let first = choices.first().ok_or(Error::EmptyFile)?;
    let onto = Onto {
        place,
        wanted: &wanted,
        limits,
    };
    let found = match &first.pick {
        Pick::Dicom(pick) => dicom::segments(files, choices, pick, &onto),
        Pick::Structures { file } => dicom::structures(files, first, *file, &onto),
        Pick::Masks { file, format } => onto.masks_of(files, first, *file, *format),
        Pick::Raster {
            format: Format::Png,
            ..
        } => onto.pngs(files, choices),
        _ => layers(files, choices, &onto),
    };
    found.map_err(|error| match error {
        Error::ReferenceElsewhere { differs } => Error::SegmentsElsewhere { differs },
        error => error,
    })
}

/// The place that segments are opened on, and which of them.
struct Onto<'a> {
    place: &'a ScanPlace,
    wanted: &'a dyn Fn(&NamedSegment) -> bool,
    limits: &'a Limits,
}

/// The layers of a file, each a label map; of others the first scan.
fn layers(
    files: &[NamedFile<'_>],
    choices: &[Choice],
    onto: &Onto<'_>,
) -> Result<Vec<Segment>, Error> {
    let first = choices.first().ok_or(Error::EmptyFile)?;
    let map = open_choice(files, first, onto.limits)?;
    let mut segments = onto.of_map(&map, &map.segments, 0, Link::Place)?;
    if map.segments.is_empty() {
        return Ok(segments);
    }
    let are_layers = |choice: &&Choice| choice.pick.is_same_file(&first.pick);
    for choice in choices.iter().skip(1).take_while(are_layers) {
        let layer = open_choice(files, choice, onto.limits)?;
        segments.extend(onto.of_map(&layer, &layer.segments, segments.len(), Link::Place)?);
    }
    Ok(segments)
}

impl Onto<'_> {
    /// The wanted labels of a map, with the names of those that are named; `before` masks are there already.
    fn of_map(
        &self,
        map: &Scan,
        named: &[NamedSegment],
        before: usize,
        link: Link,
    ) -> Result<Vec<Segment>, Error> {
        let grid = &self.place.grid;
        let found = match labels(map) {
            // A layer, or a segment, may be empty.
            Err(Error::NoLabels { count: 0 }) if !named.is_empty() => Vec::new(),
            found => found?,
        };
        if let Some(&value) = found.iter().find(|label| label.abs() > MAX_LABEL) {
            return Err(Error::LabelTooLarge { value });
        }
        let is_named = |label: &f64| named.iter().any(|named| f64::from(named.label) == *label);
        let unnamed = found.iter().filter(|label| !is_named(label));
        // Labels that are fractions share a number with another; only their masks count.
        let unnamed = unnamed.map(|&label| (label, NamedSegment::new(label as u32)));
        let named = named
            .iter()
            .map(|named| (f64::from(named.label), named.clone()));
        let mut wanted: Vec<_> = named.chain(unnamed).collect();
        wanted.retain(|(_, segment)| (self.wanted)(segment));
        self.check_memory(before + wanted.len(), map)?;
        // In ascending order, and back.
        let mut values: Vec<f64> = wanted.iter().map(|(label, _)| *label).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let masks = masks_of_labels(grid, map, &values, self.place.resampled)?;
        let mask = |label: f64| {
            let at = values
                .binary_search_by(|value| value.total_cmp(&label))
                .ok();
            at.and_then(|at| masks.get(at)).cloned()
        };
        let has_places =
            grid.patient_from_voxel.is_some() && map.grid().patient_from_voxel.is_some();
        let link = match link {
            Link::Place if !has_places => Link::Order,
            link => link,
        };
        let segments = wanted.into_iter().map(|(label, named)| Segment {
            named,
            mask: mask(label).unwrap_or_else(|| VolumeMask::empty(grid)),
            link: self.told(link),
        });
        Ok(segments.collect())
    }

    /// An image has no order of slices.
    fn told(&self, link: Link) -> Link {
        match link {
            Link::Order if self.place.grid.slices == 1 => Link::Place,
            link => link,
        }
    }

    fn add(&self, mask: &mut VolumeMask, frames: &Scan, least: f64) -> Result<(), Error> {
        add_from(mask, &self.place.grid, frames, least, self.place.resampled)
    }

    /// The labels of PNGs.
    fn pngs(&self, files: &[NamedFile<'_>], choices: &[Choice]) -> Result<Vec<Segment>, Error> {
        let first = choices.first().ok_or(Error::EmptyFile)?;
        let budget = &opening(files, first, self.limits)?;
        let (entries, _) = archive::entries(files, budget);
        let (map, named, link) =
            contained(|| png::label_map(&entries, choices, self.place, budget))?;
        self.of_map(&map, &named, 0, link)
    }

    /// A file that has nothing but masks.
    fn masks_of(
        &self,
        files: &[NamedFile<'_>],
        choice: &Choice,
        file: usize,
        format: Format,
    ) -> Result<Vec<Segment>, Error> {
        let budget = &opening(files, choice, self.limits)?;
        let (entries, _) = archive::entries(files, budget);
        let entry = entries.get(file).ok_or(Error::EmptyFile)?;
        let bytes = entry.load(budget)?;
        match format {
            Format::Numpy => {
                let map = contained(|| numpy::label_map(&bytes, budget))?;
                self.of_map(&map, &[], 0, Link::Order)
            }
            _ => contained(|| coco::segments(&bytes, self, budget)),
        }
    }

    /// Masks have a bit for each voxel of the scan, and are copied once; the map is there with them.
    fn check_memory(&self, masks: usize, map: &Scan) -> Result<(), Error> {
        let bytes = (masks as u64).saturating_mul(self.place.grid.voxels() / 4);
        let needed_bytes = bytes.saturating_add(map.sample_bytes().len() as u64);
        let spent = Spent::Memory {
            needed_bytes,
            max_bytes: self.limits.max_held,
        };
        match needed_bytes <= self.limits.max_held {
            true => Ok(()),
            false => Err(spent.error(map.about.format)),
        }
    }
}

/// Labels go up to this number, as in a DICOM Segmentation.
const MAX_LABEL: f64 = 65_535.0;

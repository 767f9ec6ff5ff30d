//! Opens an existing segmentation on a scan: a mask on the scan's grid for each segment, with its name and colour.

use serde::{Deserialize, Serialize};

use super::{
    Choice, Limits, NamedFile, Pick, archive, dicom, open_choice, open_reference, opening, survey,
    volume,
};
use crate::error::Error;
use crate::mask::{VolumeMask, add_from, labels, masks_of_labels};
use crate::open::contain::contained;
use crate::scan::{DicomSource, Grid, NamedSegment, Scan, Source};

/// Where a scan lies: what segments must fit to be opened on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanPlace {
    /// The scan's voxels.
    pub grid: Grid,
    /// Frame of Reference UID (0020,0052); empty if the scan has none.
    frame_of_reference: Vec<u8>,
    /// Whether segments that do not lie on the voxels are resampled.
    #[serde(default)]
    resampled: bool,
}

impl ScanPlace {
    /// The place of a scan.
    pub fn of(scan: &Scan) -> ScanPlace {
        ScanPlace {
            grid: scan.grid().clone(),
            frame_of_reference: frame_of_reference(&scan.source).to_vec(),
            resampled: false,
        }
    }

    /// The place for segments that need not lie on its voxels: each voxel gets the value of their nearest one, or none
    /// outside of them.
    pub fn with_resampling(self) -> ScanPlace {
        ScanPlace {
            resampled: true,
            ..self
        }
    }

    /// The place as JSON, for [`ScanPlace::from_json`] in another worker.
    pub fn to_json(&self) -> String {
        // Writing numbers and lists does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`ScanPlace::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Transfer`] for any other text.
    pub fn from_json(text: &str) -> Result<ScanPlace, Error> {
        serde_json::from_str(text).map_err(|error| Error::Transfer {
            reason: error.to_string(),
        })
    }
}

/// Whether all scans in a file are segmentations: a DICOM Segmentation, a `.seg.nrrd`, or whole numbers that look like those
/// of labels; or whether it is an RT Structure Set. A file that can't be read is none.
pub fn is_segmentation(file: NamedFile<'_>, limits: &Limits) -> bool {
    let files = [file];
    let Ok(choices) = survey(&files, limits) else {
        return false;
    };
    // A look at the first one says what a file is: its layers and its segments are alike.
    let found = choices.first().map(|first| match &first.pick {
        Pick::Structures { .. } => Ok(true),
        Pick::Dicom(pick) => {
            let budget = &opening(&files, first, limits)?;
            let (entries, _) = archive::entries(&files, budget);
            contained(|| dicom::segmentation(&entries, pick, budget)).map(|said| said.is_any)
        }
        _ => {
            let scan = open_choice(&files, first, limits)?;
            let is_map = || volume::are_likely(&scan) || volume::are_few(&scan);
            Ok::<bool, Error>(!scan.segments.is_empty() || is_map())
        }
    });
    found.is_some_and(|found| found.unwrap_or(false))
}

/// A segment on the grid of a scan.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Its name, colour and codes, as far as the file gives them; a label map gives only a label.
    pub named: NamedSegment,
    /// Its voxels.
    pub mask: VolumeMask,
}

/// Opens the result of [`survey`](super::survey) as segments on a scan: a DICOM Segmentation, whose segments may overlap,
/// an RT Structure Set, or a label map. They may cover a part of the scan, and may be stored in another order. Only those
/// that are `wanted` are read, since a mask takes a bit for each voxel of the scan: a map of a hundred organs is opened in
/// parts.
///
/// # Errors
///
/// [`Error::OtherFrameOfReference`]; [`Error::SegmentsElsewhere`] if they do not lie on the scan's voxels or slices;
/// [`Error::Structure`] for contours that are no segment; [`Error::NoLabels`]; [`Error::TooMuchMemory`]; those of
/// [`open_choice`].
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
        Pick::Dicom(pick) => of_dicom(files, choices, pick, &onto),
        Pick::Structures { file } => of_structures(files, first, *file, &onto),
        _ => of_layers(files, choices, &onto),
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
fn of_layers(
    files: &[NamedFile<'_>],
    choices: &[Choice],
    onto: &Onto<'_>,
) -> Result<Vec<Segment>, Error> {
    let first = choices.first().ok_or(Error::EmptyFile)?;
    let map = open_choice(files, first, onto.limits)?;
    let mut segments = of_map(&map, &map.segments, 0, onto)?;
    if map.segments.is_empty() {
        return Ok(segments);
    }
    let are_layers = |choice: &&Choice| choice.pick.is_same_file(&first.pick);
    for choice in choices.iter().skip(1).take_while(are_layers) {
        let layer = open_choice(files, choice, onto.limits)?;
        segments.extend(of_map(&layer, &layer.segments, segments.len(), onto)?);
    }
    Ok(segments)
}

fn of_dicom(
    files: &[NamedFile<'_>],
    choices: &[Choice],
    pick: &dicom::DicomPick,
    onto: &Onto<'_>,
) -> Result<Vec<Segment>, Error> {
    let first = choices.first().ok_or(Error::EmptyFile)?;
    let said = {
        let budget = &opening(files, first, onto.limits)?;
        let (entries, _) = archive::entries(files, budget);
        contained(|| dicom::segmentation(&entries, pick, budget))?
    };
    if said.segments.is_empty() || said.is_label_map {
        let map = open_reference(files, choices, onto.limits)?;
        same_space(onto.place, &map)?;
        return of_map(&map, &said.segments, 0, onto);
    }
    let mut segments: Vec<Segment> = Vec::new();
    for choice in choices {
        // A file with one segment has no number in its label.
        let number = choice.segment().map(u32::from);
        let named = said.segments.iter().find(|named| match number {
            Some(number) => named.label == number,
            None => said.segments.len() == 1,
        });
        let unnamed = || NamedSegment::new(number.unwrap_or(1));
        let named = named.cloned().unwrap_or_else(unnamed);
        if !(onto.wanted)(&named) {
            continue;
        }
        let frames = open_choice(files, choice, onto.limits)?;
        same_space(onto.place, &frames)?;
        onto.check_memory(segments.len() + 1, &frames)?;
        // A segment whose frames do not make one stack has several choices.
        let before = segments
            .iter_mut()
            .find(|segment| segment.named.label == named.label);
        if let Some(Segment { mask, .. }) = before {
            onto.add(mask, &frames, said.least)?;
            continue;
        }
        let mut mask = VolumeMask::empty(&onto.place.grid);
        onto.add(&mut mask, &frames, said.least)?;
        segments.push(Segment { named, mask });
    }
    Ok(segments)
}

/// The closed contours of an RT Structure Set.
fn of_structures(
    files: &[NamedFile<'_>],
    choice: &Choice,
    file: usize,
    onto: &Onto<'_>,
) -> Result<Vec<Segment>, Error> {
    let budget = &opening(files, choice, onto.limits)?;
    let (entries, _) = archive::entries(files, budget);
    let entry = entries.get(file).ok_or(Error::EmptyFile)?;
    let place = dicom::Onto {
        grid: &onto.place.grid,
        frame_of_reference: &onto.place.frame_of_reference,
        wanted: onto.wanted,
    };
    let found = contained(|| dicom::structures(entry, &place, budget))?;
    let segments = found
        .into_iter()
        .map(|(named, mask)| Segment { named, mask });
    Ok(segments.collect())
}

/// The wanted labels of a map, with the names of those that are named; `before` masks are there already.
fn of_map(
    map: &Scan,
    named: &[NamedSegment],
    before: usize,
    onto: &Onto<'_>,
) -> Result<Vec<Segment>, Error> {
    let found = match labels(map) {
        // A layer, or a segment, may be empty.
        Err(Error::NoLabels { count: 0 }) if !named.is_empty() => Vec::new(),
        found => found?,
    };
    let is_named = |label: &f64| named.iter().any(|named| f64::from(named.label) == *label);
    let unnamed = found.iter().filter(|label| !is_named(label));
    // Labels that are fractions share a number with another; only their masks count.
    let unnamed = unnamed.map(|&label| (label, NamedSegment::new(label as u32)));
    let named = named
        .iter()
        .map(|named| (f64::from(named.label), named.clone()));
    let mut wanted: Vec<_> = named.chain(unnamed).collect();
    wanted.retain(|(_, segment)| (onto.wanted)(segment));
    onto.check_memory(before + wanted.len(), map)?;
    // In ascending order, and back.
    let mut values: Vec<f64> = wanted.iter().map(|(label, _)| *label).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let masks = masks_of_labels(&onto.place.grid, map, &values, onto.place.resampled)?;
    let mask = |label: f64| {
        let at = values
            .binary_search_by(|value| value.total_cmp(&label))
            .ok();
        at.and_then(|at| masks.get(at)).cloned()
    };
    let segments = wanted.into_iter().map(|(label, named)| Segment {
        named,
        mask: mask(label).unwrap_or_else(|| VolumeMask::empty(&onto.place.grid)),
    });
    Ok(segments.collect())
}

impl Onto<'_> {
    fn add(&self, mask: &mut VolumeMask, frames: &Scan, least: f64) -> Result<(), Error> {
        add_from(mask, &self.place.grid, frames, least, self.place.resampled)
    }

    /// Masks have a bit for each voxel of the scan, and are copied once; the map is there with them.
    fn check_memory(&self, masks: usize, map: &Scan) -> Result<(), Error> {
        let bytes = (masks as u64).saturating_mul(self.place.grid.voxels() / 4);
        let bytes = bytes.saturating_add(map.sample_bytes().len() as u64);
        match bytes <= self.limits.max_held {
            true => Ok(()),
            false => Err(Error::TooMuchMemory {
                format: map.about.format,
                needed_bytes: bytes,
                max_bytes: self.limits.max_held,
            }),
        }
    }
}

/// Refuses another frame of reference, where both name theirs: their coordinates have no common origin.
fn same_space(place: &ScanPlace, other: &Scan) -> Result<(), Error> {
    let (a, b) = (
        place.frame_of_reference.as_slice(),
        frame_of_reference(&other.source),
    );
    match a.is_empty() || b.is_empty() || a == b {
        true => Ok(()),
        false => Err(Error::OtherFrameOfReference),
    }
}

/// Frame of Reference UID (0020,0052); empty if there is none.
fn frame_of_reference(source: &Source) -> &[u8] {
    let Source::Dicom(DicomSource { attributes, .. }) = source else {
        return &[];
    };
    let uid = attributes
        .iter()
        .find(|value| value.tag == (0x0020, 0x0052));
    uid.map_or(&[], |uid| uid.value.as_slice())
}

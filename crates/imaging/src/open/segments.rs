//! Opens an existing segmentation on a scan: a mask on the scan's grid for each segment, with its name and colour.

use super::{
    Choice, Limits, NamedFile, Pick, archive, dicom, open_choice, open_reference, opening,
};
use crate::error::Error;
use crate::mask::{VolumeMask, labels, mask_from, masks_of_labels};
use crate::open::contain::contained;
use crate::scan::{DicomSource, NamedSegment, Scan, Source};

/// A segment on the grid of a scan.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Its name, colour and codes, as far as the file gives them; a label map gives only a label.
    pub named: NamedSegment,
    /// Its voxels.
    pub mask: VolumeMask,
}

/// Opens the result of [`survey`](super::survey) as segments on a scan: a DICOM Segmentation, whose segments may overlap,
/// an RT Structure Set, or a label map. They may cover a part of the scan, and may be stored in another order. Only those that are `wanted` are
/// read, since a mask takes a bit for each voxel of the scan: a map of a hundred organs is opened in parts.
///
/// # Errors
///
/// [`Error::SegmentsElsewhere`] if they lie in another frame of reference, or not on the scan's voxels or slices;
/// [`Error::Structure`] for contours that are no segment; [`Error::NoLabels`]; [`Error::TooMuchMemory`]; those of [`open_choice`].
pub fn open_segments(
    files: &[NamedFile<'_>],
    choices: &[Choice],
    scan: &Scan,
    wanted: impl Fn(&NamedSegment) -> bool,
    limits: &Limits,
) -> Result<Vec<Segment>, Error> {
    let first = choices.first().ok_or(Error::EmptyFile)?;
    let onto = Onto {
        scan,
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

/// The scan that segments are opened on, and which of them.
struct Onto<'a> {
    scan: &'a Scan,
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
        same_space(onto.scan, &map)?;
        return of_map(&map, &said.segments, 0, onto);
    }
    let mut segments = Vec::new();
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
        same_space(onto.scan, &frames)?;
        onto.check_memory(segments.len() + 1, &frames)?;
        let mask = mask_from(onto.scan.grid(), &frames, said.least)?;
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
    let frame_of_reference = match &onto.scan.source {
        Source::Dicom(source) => frame_of_reference(source).unwrap_or_default(),
        _ => &[],
    };
    let place = dicom::Onto {
        grid: onto.scan.grid(),
        frame_of_reference,
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
    let masks = masks_of_labels(onto.scan.grid(), map, &values)?;
    let mask = |label: f64| {
        let at = values
            .binary_search_by(|value| value.total_cmp(&label))
            .ok();
        at.and_then(|at| masks.get(at)).cloned()
    };
    let segments = wanted.into_iter().map(|(label, named)| Segment {
        named,
        mask: mask(label).unwrap_or_else(|| VolumeMask::empty(onto.scan.grid())),
    });
    Ok(segments.collect())
}

impl Onto<'_> {
    /// Masks have a bit for each voxel of the scan, and are copied once; the map is there with them.
    fn check_memory(&self, masks: usize, map: &Scan) -> Result<(), Error> {
        let bytes = (masks as u64).saturating_mul(self.scan.grid().voxels() / 4);
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
fn same_space(scan: &Scan, other: &Scan) -> Result<(), Error> {
    let (Source::Dicom(a), Source::Dicom(b)) = (&scan.source, &other.source) else {
        return Ok(());
    };
    match (frame_of_reference(a), frame_of_reference(b)) {
        (Some(a), Some(b)) if a != b => Err(Error::SegmentsElsewhere {
            differs:
                "it names another frame of reference, so that its places in the patient are others"
                    .to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Frame of Reference UID (0020,0052), if it isn't empty.
fn frame_of_reference(source: &DicomSource) -> Option<&[u8]> {
    let uid = source
        .attributes
        .iter()
        .find(|value| value.tag == (0x0020, 0x0052));
    uid.map(|uid| uid.value.as_slice())
        .filter(|uid| !uid.is_empty())
}

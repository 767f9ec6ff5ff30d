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
/// or a label map. They may cover a part of the scan, and may be stored in another order.
///
/// # Errors
///
/// [`Error::SegmentsElsewhere`] if they lie in another frame of reference, or not on the scan's voxels;
/// [`Error::NoLabels`]; [`Error::TooMuchMemory`]; those of [`open_choice`].
pub fn open_segments(
    files: &[NamedFile<'_>],
    choices: &[Choice],
    scan: &Scan,
    limits: &Limits,
) -> Result<Vec<Segment>, Error> {
    let first = choices.first().ok_or(Error::EmptyFile)?;
    let found = match &first.pick {
        Pick::Dicom(pick) => of_dicom(files, choices, pick, scan, limits),
        _ => of_layers(files, choices, scan, limits),
    };
    found.map_err(|error| match error {
        Error::ReferenceElsewhere { differs } => Error::SegmentsElsewhere { differs },
        error => error,
    })
}

/// The layers of a file, each a label map; of others the first scan.
fn of_layers(
    files: &[NamedFile<'_>],
    choices: &[Choice],
    scan: &Scan,
    limits: &Limits,
) -> Result<Vec<Segment>, Error> {
    let first = choices.first().ok_or(Error::EmptyFile)?;
    let map = open_choice(files, first, limits)?;
    if map.segments.is_empty() {
        return of_map(&map, scan, &[], limits);
    }
    let mut segments = of_map(&map, scan, &map.segments, limits)?;
    let are_layers = |choice: &&Choice| choice.pick.is_same_file(&first.pick);
    for choice in choices.iter().skip(1).take_while(are_layers) {
        let layer = open_choice(files, choice, limits)?;
        segments.extend(of_map(&layer, scan, &layer.segments, limits)?);
        check_memory(segments.len(), scan, limits)?;
    }
    Ok(segments)
}

fn of_dicom(
    files: &[NamedFile<'_>],
    choices: &[Choice],
    pick: &dicom::DicomPick,
    scan: &Scan,
    limits: &Limits,
) -> Result<Vec<Segment>, Error> {
    let first = choices.first().ok_or(Error::EmptyFile)?;
    let said = {
        let budget = &opening(files, first, limits)?;
        let (entries, _) = archive::entries(files, budget);
        contained(|| dicom::segmentation(&entries, pick, budget))?
    };
    if said.segments.is_empty() || said.is_label_map {
        let map = open_reference(files, choices, limits)?;
        same_space(scan, &map)?;
        return of_map(&map, scan, &said.segments, limits);
    }
    check_memory(choices.len(), scan, limits)?;
    let mut segments = Vec::new();
    for choice in choices {
        let frames = open_choice(files, choice, limits)?;
        same_space(scan, &frames)?;
        // A file with one segment has no number in its label.
        let number = choice.segment().map(u32::from);
        let named = said.segments.iter().find(|named| match number {
            Some(number) => named.label == number,
            None => said.segments.len() == 1,
        });
        let named = named.cloned();
        segments.push(Segment {
            named: named.unwrap_or_else(|| NamedSegment::new(number.unwrap_or(1))),
            mask: mask_from(scan.grid(), &frames, said.least)?,
        });
    }
    Ok(segments)
}

/// The labels of a map, with the names of those that are named.
fn of_map(
    map: &Scan,
    scan: &Scan,
    named: &[NamedSegment],
    limits: &Limits,
) -> Result<Vec<Segment>, Error> {
    let found = match labels(map) {
        // A layer, or a segment, may be empty.
        Err(Error::NoLabels { count: 0 }) if !named.is_empty() => Vec::new(),
        found => found?,
    };
    check_memory(found.len() + named.len(), scan, limits)?;
    let masks = masks_of_labels(scan.grid(), map, &found)?;
    let mut masks: Vec<(f64, VolumeMask)> = found.into_iter().zip(masks).collect();
    let mut segments = Vec::new();
    for named in named {
        let at = masks
            .iter()
            .position(|(label, _)| *label == f64::from(named.label));
        segments.push(Segment {
            named: named.clone(),
            mask: match at {
                Some(at) => masks.remove(at).1,
                None => VolumeMask::empty(scan.grid()),
            },
        });
    }
    let unnamed = masks.into_iter().map(|(label, mask)| Segment {
        // Labels that are fractions share a number with another; only their masks count.
        named: NamedSegment::new(label as u32),
        mask,
    });
    segments.extend(unnamed);
    Ok(segments)
}

/// Masks have a bit for each voxel of the scan.
fn check_memory(count: usize, scan: &Scan, limits: &Limits) -> Result<(), Error> {
    let bytes = (count as u64).saturating_mul(scan.grid().voxels() / 8);
    match bytes <= limits.max_bytes {
        true => Ok(()),
        false => Err(Error::TooMuchMemory {
            format: scan.about.format,
            needed_bytes: bytes,
            max_bytes: limits.max_bytes,
        }),
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

//! The segments of a DICOM Segmentation, and the structures of an RT Structure Set.

use super::{Link, Onto, Segment};
use crate::error::Error;
use crate::mask::{VolumeMask, check_place};
use crate::open::contain::contained;
use crate::open::place::{SAME_PLACE_MM, Space};
use crate::open::{Choice, NamedFile, archive, dicom, open_choice, open_reference, opening};
use crate::scan::{NamedSegment, Scan};

pub(super) fn segments(
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
        let link = link_of(onto, &map, &said.series)?;
        return onto.of_map(&map, &said.segments, 0, link);
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
        let link = link_of(onto, &frames, &said.series)?;
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
        segments.push(Segment { named, mask, link });
    }
    Ok(segments)
}

/// The closed contours of an RT Structure Set.
pub(super) fn structures(
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
        space: &onto.place.space,
        wanted: onto.wanted,
    };
    let found = contained(|| dicom::structures(entry, &place, budget))?;
    let segments = found.into_iter().map(|drawn| Segment {
        named: drawn.named,
        mask: drawn.mask,
        link: match drawn.by_geometry {
            true => Link::Geometry,
            false => Link::Place,
        },
    });
    Ok(segments.collect())
}

/// What links a segmentation to the scan: the frame of reference, or geometry that leaves no doubt about the voxels.
fn link_of(onto: &Onto<'_>, other: &Scan, series: &[String]) -> Result<Link, Error> {
    let place = onto.place;
    if !place.space.is_linked_by_geometry(&Space::of(other))? {
        return Ok(match place.space.has_none_of(series) {
            true => Link::OtherImages,
            false => Link::Place,
        });
    }
    match check_place(&place.grid, other, SAME_PLACE_MM) {
        Ok(()) => Ok(Link::Geometry),
        Err(Error::ReferenceElsewhere { differs }) => Err(Error::OtherGeometry { differs }),
        Err(error) => Err(error),
    }
}

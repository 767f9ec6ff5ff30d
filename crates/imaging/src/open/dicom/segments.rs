//! Combines the segments of a Segmentation into a label map (DICOM PS3.3 C.8.20).

use super::{DicomPick, PickedFrame, open};
use crate::error::Error;
use crate::format::Format;
use crate::open::budget::{Budget, Spent};
use crate::open::entry::Entry;
use crate::scan::{Grid, Rescale, Scan, Source, Stacking, Voxels, cross, dot, length};

/// A slice of a segment.
struct Slice {
    /// Position along the normal, in mm.
    height: f64,
    segment: usize,
    slice: u32,
}

/// Slices nearer to each other than this, in mm, are the same slice; files give positions with six decimals or more.
const SAME_MM: f64 = 1e-3;

/// Opens segments, given with their numbers, as one scan that has all of their slices. Voxels have the segment's
/// number, or 0 outside. `None` unless all are of Segmentations whose frames have positions.
///
/// # Errors
///
/// [`Error::SegmentsOverlap`]; those of opening a segment.
pub(in crate::open) fn label_map(
    files: &[Entry<'_>],
    segments: &[(u16, DicomPick)],
    budget: &Budget,
) -> Result<Option<Scan>, Error> {
    let mut scans = Vec::new();
    let mut bytes = 0;
    for (_, pick) in segments {
        let scan = open(files, pick, budget)?;
        bytes += scan.sample_bytes().len() as u64;
        if bytes > budget.limits().max_bytes {
            return Err(Error::TooMuchMemory {
                format: Format::Dicom,
                needed_bytes: bytes,
                max_bytes: budget.limits().max_bytes,
            });
        }
        if scan.about.modality != "SEG" || scan.is_colour() {
            return Ok(None);
        }
        budget
            .keep(scan.sample_bytes().len() as u64)
            .map_err(spent)?;
        scans.push(scan);
    }
    let Some(slices) = slices_of(&scans) else {
        return Ok(None);
    };
    let same = |a: &Slice, b: &Slice| b.height - a.height <= SAME_MM;
    let frames = slices.chunk_by(same).filter_map(|group| {
        let first = group.first()?;
        let (_, pick) = segments.get(first.segment)?;
        pick.frames.get(first.slice as usize).copied()
    });
    let frames: Vec<PickedFrame> = frames.collect();
    let union = DicomPick {
        frames,
        stacking: Stacking::Slices,
        notes: Vec::new(),
    };
    // It is opened for its grid: the place of each slice, which segments alone know in part.
    let union = open(files, &union, budget)?;
    let grid = union.grid().clone();
    // The union's voxels are there until the labels are.
    let bytes = 2 * grid.voxels() + union.sample_bytes().len() as u64;
    budget.keep(bytes).map_err(spent)?;
    let mut labels = vec![0u16; grid.voxels() as usize];
    for (k, group) in (0..).zip(slices.chunk_by(same)) {
        for of in group {
            let (Some(scan), Some((number, _))) = (scans.get(of.segment), segments.get(of.segment))
            else {
                continue;
            };
            put(&mut labels, scan, of.slice, &grid, k, *number)?;
        }
    }
    let rescales = vec![Rescale::IDENTITY];
    let Scan { about, source, .. } = union;
    Scan::new(grid, Voxels::U16(labels), rescales, about, source).map(Some)
}

fn spent(spent: Spent) -> Error {
    spent.error(Format::Dicom)
}

/// The slices of all segments, along the normal of the first one; `None` unless all have positions, the same size and
/// the same in-plane axes.
fn slices_of(scans: &[Scan]) -> Option<Vec<Slice>> {
    let first = scans.first()?.grid();
    let place = first.patient_from_voxel?;
    let normal = cross(place.column(0), place.column(1));
    let normal = normal.map(|value| value / length(normal));
    let mut slices = Vec::new();
    for (segment, scan) in scans.iter().enumerate() {
        let own = scan.grid().patient_from_voxel?;
        let is_same = |axis: usize| {
            let (a, b) = (own.column(axis), place.column(axis));
            length([a[0] - b[0], a[1] - b[1], a[2] - b[2]]) <= 1e-6 * length(b)
        };
        if scan.grid().slice_size() != first.slice_size() || !is_same(0) || !is_same(1) {
            return None;
        }
        let Source::Dicom(source) = &scan.source else {
            return None;
        };
        for (slice, frame) in (0..).zip(&source.frames) {
            let height = dot(frame.position?, normal);
            slices.push(Slice {
                height,
                segment,
                slice,
            });
        }
    }
    slices.sort_by(|a, b| a.height.total_cmp(&b.height));
    Some(slices)
}

/// Writes a segment's number into slice `to`, wherever the segment's slice `from` is set.
fn put(
    labels: &mut [u16],
    scan: &Scan,
    from: u32,
    grid: &Grid,
    to: u32,
    number: u16,
) -> Result<(), Error> {
    for j in 0..grid.rows {
        for i in 0..grid.columns {
            if scan.value([i, j, from]).is_none_or(|value| value == 0.0) {
                continue;
            }
            let label = grid.index([i, j, to]).and_then(|at| labels.get_mut(at));
            match label {
                Some(label) if *label == 0 => *label = number,
                Some(label) => {
                    return Err(Error::SegmentsOverlap {
                        a: *label,
                        b: number,
                    });
                }
                None => {}
            }
        }
    }
    Ok(())
}

//! Segmentations that are opened on a scan, as masks of a session's objects.

use std::cell::RefCell;

use boxel_imaging::{
    Choice, Error as ImagingError, Limits, NamedFile, NamedSegment, Plane, ScanPlace, Segment,
    SlicePlane, VolumeMask, open_segments,
};

use crate::error::Error;
use crate::palette::own_colour;
use crate::segment_facts::SegmentFacts;
use crate::session::{MAX_OBJECTS, StoredMasks};

/// Segments of a file that can be loaded: as many as a session may have objects.
const MAX_SEGMENTS: usize = MAX_OBJECTS;
/// Memory of the masks in the engine, which take a bit for each voxel of the scan. 117 organs on 512 × 512 × 300 voxels take
/// 1.1 GiB, and WebAssembly has 4 GiB for everything.
const MAX_MASK_BYTES: u64 = 1536 << 20;
/// Runs of all masks, which cross to the page as text of about 4 bytes each. 117 organs have some millions; noise has one for
/// every second voxel.
const MAX_ALL_RUNS: usize = 32_000_000;

/// A segment with voxels, as a session takes it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedSegment {
    /// Its name, codes and algorithm.
    pub facts: SegmentFacts,
    /// Its colour as a session file has it; `None` if the file gives none.
    pub colour: Option<u32>,
    /// The plane that the slices are counted in: that of the scan's stored slices.
    pub plane: Plane,
    /// The slice on which it is largest.
    pub slice: u32,
    /// The number of voxels.
    pub voxels: u64,
    /// Its masks, all of them loaded.
    pub masks: StoredMasks,
}

impl LoadedSegment {
    fn of(place: &ScanPlace, named: &NamedSegment, mask: &VolumeMask) -> Self {
        let slice_plane = SlicePlane::first(&place.grid);
        let plane = slice_plane.plane();
        let mut areas = vec![0u64; slice_plane.slices() as usize];
        for voxel in mask.voxels() {
            let [_, _, slice] = slice_plane.slice_plane_from_voxel(voxel);
            if let Some(area) = areas.get_mut(slice as usize) {
                *area += 1;
            }
        }
        let largest = (0..).zip(areas).max_by_key(|(_, area)| *area);
        Self {
            facts: SegmentFacts::of(named),
            colour: named.color.map(own_colour),
            plane,
            slice: largest.map_or(0, |(slice, _)| slice),
            voxels: mask.count(),
            masks: StoredMasks::of_segment(&place.grid, plane, mask),
        }
    }
}

/// Reads a segmentation in parts, as many segments at a time as memory allows.
#[derive(Debug)]
pub struct SegmentReader {
    place: ScanPlace,
    segments: Vec<NamedSegment>,
    read: usize,
    runs: usize,
    /// How many segments are read at once.
    at_once: usize,
}

impl SegmentReader {
    /// Lists the segments of the result of [`survey`](boxel_imaging::survey), to be opened on a scan.
    ///
    /// # Errors
    ///
    /// [`Error::SegmentLimit`]; those of [`open_segments`].
    pub fn new(
        files: &[NamedFile<'_>],
        choices: &[Choice],
        place: ScanPlace,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let found: RefCell<Vec<NamedSegment>> = RefCell::default();
        let list = |named: &NamedSegment| {
            let mut found = found.borrow_mut();
            if !found.iter().any(|each| is_same(each, named)) {
                found.push(named.clone());
            }
            false
        };
        open_segments(files, choices, &place, list, limits)?;
        let segments = found.into_inner();
        let count = segments.len();
        if count > MAX_SEGMENTS {
            return Err(Error::SegmentLimit {
                reason: format!("it has {count} segments, and a session holds {MAX_SEGMENTS}"),
            });
        }
        let bytes = place.grid.voxels().div_ceil(8) * count as u64;
        if bytes > MAX_MASK_BYTES {
            return Err(Error::SegmentLimit {
                reason: format!(
                    "the masks of its {count} segments need {} MiB on this scan, and the limit is {} MiB",
                    bytes >> 20,
                    MAX_MASK_BYTES >> 20
                ),
            });
        }
        // A mask is there twice while it is read, and the file's own voxels with it.
        let bytes_of_one = (place.grid.voxels() / 4).max(1);
        Ok(Self {
            place,
            segments,
            read: 0,
            runs: 0,
            at_once: (limits.max_held / 2 / bytes_of_one) as usize,
        })
    }

    /// How many segments the file has.
    pub fn count(&self) -> usize {
        self.segments.len()
    }

    /// How many of them are read.
    pub fn read(&self) -> usize {
        self.read
    }

    /// Reads some more segments of the same files; `None` after the last one. Segments without voxels are left out.
    ///
    /// # Errors
    ///
    /// Those of [`SegmentReader::new`].
    pub fn next(
        &mut self,
        files: &[NamedFile<'_>],
        choices: &[Choice],
        limits: &Limits,
    ) -> Result<Option<Vec<LoadedSegment>>, Error> {
        let (end, opened) = loop {
            let at_once = self.at_once.max(1);
            let end = self.segments.len().min(self.read.saturating_add(at_once));
            let part = self.segments.get(self.read..end).unwrap_or_default();
            if part.is_empty() {
                return Ok(None);
            }
            let wanted = |named: &NamedSegment| part.iter().any(|each| is_same(each, named));
            match open_segments(files, choices, &self.place, wanted, limits) {
                Err(ImagingError::TooMuchMemory { .. }) if part.len() > 1 => {
                    self.at_once = part.len() / 2;
                }
                opened => break (end, opened?),
            }
        };
        let mut loaded = Vec::new();
        for Segment { named, mask } in opened.iter().filter(|segment| segment.mask.count() > 0) {
            let segment = LoadedSegment::of(&self.place, named, mask);
            self.runs += segment.masks.runs();
            if self.runs > MAX_ALL_RUNS {
                return Err(Error::SegmentLimit {
                    reason: format!(
                        "its masks have more than {MAX_ALL_RUNS} runs of voxels, as noise has; check that it is a \
                         segmentation"
                    ),
                });
            }
            loaded.push(segment);
        }
        self.read = end;
        Ok(Some(loaded))
    }
}

/// Whether both are the same segment of a file.
fn is_same(a: &NamedSegment, b: &NamedSegment) -> bool {
    (a.layer, a.label) == (b.layer, b.label)
}

#[cfg(test)]
mod tests;

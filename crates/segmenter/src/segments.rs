//! Segmentations that are opened on a scan, as masks of a session's objects.

use std::cell::RefCell;

use boxel_imaging::{
    Choice, Error as ImagingError, Format, Limits, Link, NamedFile, NamedSegment, Plane, ScanPlace,
    Segment, SlicePlane, detect, open_segments, survey,
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
    /// What says where it lies.
    pub link: Link,
    /// Its masks, all of them loaded.
    pub masks: StoredMasks,
}

impl LoadedSegment {
    fn of(place: &ScanPlace, Segment { named, mask, link }: &Segment) -> Self {
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
            link: *link,
            masks: StoredMasks::of_segment(&place.grid, plane, mask),
        }
    }
}

/// Files that are opened together, and the scans in them.
#[derive(Debug)]
struct Source {
    files: Vec<usize>,
    choices: Vec<Choice>,
}

impl Source {
    fn files<'a>(&self, all: &[NamedFile<'a>]) -> Vec<NamedFile<'a>> {
        let files = self.files.iter().filter_map(|&file| all.get(file));
        files.copied().collect()
    }
}

/// The segments of files that are to be opened on a scan, to choose from.
#[derive(Debug)]
pub struct SegmentList {
    place: ScanPlace,
    sources: Vec<Source>,
    /// Each with the place of its source in the list.
    segments: Vec<(usize, NamedSegment)>,
}

impl SegmentList {
    /// Lists the segments of files. Each file is a segmentation of its own, except PNGs, which are the slices of one.
    ///
    /// # Errors
    ///
    /// Those of [`open_segments`] and of [`survey`].
    pub fn of(files: &[NamedFile<'_>], place: ScanPlace, limits: &Limits) -> Result<Self, Error> {
        let is_png = |file: &NamedFile<'_>| detect(file.bytes) == Ok(Format::Png);
        let (images, others): (Vec<usize>, Vec<usize>) =
            (0..files.len()).partition(|&at| files.get(at).is_some_and(is_png));
        let mut groups: Vec<Vec<usize>> = others.into_iter().map(|file| vec![file]).collect();
        groups.extend(Some(images).filter(|images| !images.is_empty()));
        let mut list = Self {
            place,
            sources: Vec::new(),
            segments: Vec::new(),
        };
        for group in groups {
            let mut source = Source {
                files: group,
                choices: Vec::new(),
            };
            let of_it = source.files(files);
            source.choices = survey(&of_it, limits)?;
            let found: RefCell<Vec<NamedSegment>> = RefCell::default();
            let list_it = |named: &NamedSegment| {
                let mut found = found.borrow_mut();
                if !found.iter().any(|each| is_same(each, named)) {
                    found.push(named.clone());
                }
                false
            };
            open_segments(&of_it, &source.choices, &list.place, list_it, limits)?;
            let at = list.sources.len();
            let found = found.into_inner().into_iter();
            list.segments.extend(found.map(|named| (at, named)));
            list.sources.push(source);
        }
        Ok(list)
    }

    /// The name and the colour of each, as [`LoadedSegment`] has them.
    pub fn names(&self) -> impl Iterator<Item = (String, Option<u32>)> + '_ {
        self.segments.iter().map(|(_, named)| {
            let colour = named.color.map(own_colour);
            (SegmentFacts::of(named).name, colour)
        })
    }

    /// Begins to read the segments with these places in the list.
    ///
    /// # Errors
    ///
    /// [`Error::SegmentLimit`].
    pub fn reader(self, chosen: &[usize], limits: &Limits) -> Result<SegmentReader, Error> {
        let count = chosen.len();
        if count > MAX_SEGMENTS {
            return Err(Error::SegmentLimit {
                reason: format!("it has {count} segments, and a session holds {MAX_SEGMENTS}"),
            });
        }
        let voxels = self.place.grid.voxels();
        let bytes = voxels.div_ceil(8).saturating_mul(count as u64);
        if bytes > MAX_MASK_BYTES {
            return Err(Error::SegmentLimit {
                reason: format!(
                    "the masks of its {count} segments need {} MiB on this scan, and the limit is {} MiB",
                    bytes >> 20,
                    MAX_MASK_BYTES >> 20
                ),
            });
        }
        let segments = chosen.iter().filter_map(|&at| self.segments.get(at));
        // A mask is there twice while it is read, and the file's own voxels with it.
        let bytes_of_one = (voxels / 4).max(1);
        Ok(SegmentReader {
            segments: segments.cloned().collect(),
            place: self.place,
            sources: self.sources,
            read: 0,
            runs: 0,
            at_once: (limits.max_held / 2 / bytes_of_one) as usize,
        })
    }
}

/// Reads the chosen segments in parts, as many at a time as memory allows.
#[derive(Debug)]
pub struct SegmentReader {
    place: ScanPlace,
    sources: Vec<Source>,
    segments: Vec<(usize, NamedSegment)>,
    read: usize,
    runs: usize,
    /// How many segments are read at once.
    at_once: usize,
}

impl SegmentReader {
    /// How many segments were chosen.
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
    /// [`Error::SegmentLimit`]; those of [`open_segments`].
    pub fn next(
        &mut self,
        files: &[NamedFile<'_>],
        limits: &Limits,
    ) -> Result<Option<Vec<LoadedSegment>>, Error> {
        let (end, opened) = loop {
            let rest = self.segments.get(self.read..).unwrap_or_default();
            let Some((at, _)) = rest.first() else {
                return Ok(None);
            };
            let of_it = rest.iter().take_while(|(source, _)| source == at);
            let part: Vec<&NamedSegment> = of_it
                .take(self.at_once.max(1))
                .map(|(_, named)| named)
                .collect();
            let end = self.read + part.len();
            let Some(source) = self.sources.get(*at) else {
                return Ok(None);
            };
            let wanted = |named: &NamedSegment| part.iter().any(|each| is_same(each, named));
            let of_it = source.files(files);
            match open_segments(&of_it, &source.choices, &self.place, wanted, limits) {
                Err(ImagingError::TooMuchMemory { .. }) if part.len() > 1 => {
                    self.at_once = part.len() / 2;
                }
                opened => break (end, opened?),
            }
        };
        let mut loaded = Vec::new();
        for segment in opened.iter().filter(|segment| segment.mask.count() > 0) {
            let segment = LoadedSegment::of(&self.place, segment);
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

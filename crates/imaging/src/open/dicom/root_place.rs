//! Places the frames of an image that gives one position for all, and each frame's distance from it along the normal.

use super::attribute::*;
use super::data_set::DataSet;
use super::frame_info::FrameInfo;
use super::problem::Problem;
use crate::scan::{Note, NoteCode, cross};

/// Offsets of the frames from the image's position.
#[derive(Debug, Default)]
pub(super) struct RootPlace {
    /// Offsets in mm along the normal; negative means the opposite direction. None if frames have their own places, or
    /// are all at one place.
    offsets: Offsets,
    /// Position and orientation of each detector (nuclear medicine).
    detectors: Vec<Detector>,
    /// Detector of each frame, counted from 1.
    detector_of_frame: Vec<f64>,
    /// Note on assumptions where the file gives no value.
    pub note: Option<Note>,
}

/// Detectors that are read; cameras have up to a dozen.
const MAX_DETECTORS: usize = 256;

type Detector = (Option<[f64; 3]>, Option<[[f64; 3]; 2]>);

#[derive(Debug, Default)]
enum Offsets {
    #[default]
    None,
    /// One offset for each frame.
    Vector(Vec<f64>),
    /// Distance between slices, and the slice number of each frame, counted from 1; without numbers, each frame is the
    /// next slice.
    Steps { mm: f64, slices: Vec<f64> },
}

impl RootPlace {
    /// Reads the offsets. `measures` is the data set, or the shared functional group with the distances.
    pub fn read(root: &DataSet<'_>, measures: &DataSet<'_>) -> Result<RootPlace, Problem> {
        // If the first offset isn't 0, the values are coordinates, and only valid for axial grids (PS3.3 C.8.8.3.2).
        let dose = from_first(root.numbers(GRID_FRAME_OFFSETS));
        if !dose.is_empty() {
            return Ok(RootPlace {
                offsets: Offsets::Vector(dose),
                ..RootPlace::default()
            });
        }
        let frames = root.whole(NUMBER_OF_FRAMES).unwrap_or(1);
        if frames < 2 || is_in_time(root) {
            return Ok(RootPlace::default());
        }
        if root.text(MODALITY) == "NM" {
            return nuclear(root, measures, frames);
        }
        let locations = from_first(root.numbers(SLICE_LOCATION_VECTOR));
        if locations.len() >= frames as usize {
            return Ok(RootPlace {
                offsets: Offsets::Vector(locations),
                ..RootPlace::default()
            });
        }
        let is_sliced = ["CT", "MR", "PT"].contains(&root.text(MODALITY).as_str());
        Ok(stepped(measures, Vec::new(), is_sliced))
    }

    /// Moves a frame that has only the image's place. `slice` is its number in the stack, counted from 1, if the file
    /// gives it.
    pub fn place(&self, frame: u32, slice: Option<f64>, info: &mut FrameInfo) {
        let which = self.detector_of_frame.get(frame as usize);
        let which = which.copied().unwrap_or(1.0).max(1.0) as usize - 1;
        if let Some((position, orientation)) = self.detectors.get(which) {
            info.position = info.position.or(*position);
            info.orientation = info.orientation.or(*orientation);
        }
        let (Some(position), Some([row, column])) = (info.position, info.orientation) else {
            return;
        };
        let offset = match &self.offsets {
            Offsets::None => return,
            Offsets::Vector(offsets) => offsets.get(frame as usize).copied(),
            Offsets::Steps { mm, slices } => {
                let own = slices.get(frame as usize).copied().or(slice);
                Some(mm * own.map_or(f64::from(frame), |slice| slice - 1.0))
            }
        };
        let Some(offset) = offset.filter(|offset| offset.is_finite()) else {
            return;
        };
        let normal = cross(row, column);
        info.position = Some([0, 1, 2].map(|axis| position[axis] + offset * normal[axis]));
    }
}

/// Offsets relative to the first.
fn from_first(mut offsets: Vec<f64>) -> Vec<f64> {
    let first = offsets.first().copied().unwrap_or(0.0);
    offsets.iter_mut().for_each(|offset| *offset -= first);
    offsets
}

/// Places nuclear medicine frames. A reconstruction is a stack of slices, and its first slice has the place of the
/// detector; a negative distance means against the normal (PS3.3 C.8.4.15). Other images are projections.
fn nuclear(root: &DataSet<'_>, measures: &DataSet<'_>, frames: u32) -> Result<RootPlace, Problem> {
    let is_reconstructed = root.texts(IMAGE_TYPE).iter().any(|x| x.contains("RECON"));
    if !is_reconstructed {
        return Ok(RootPlace::default());
    }
    let slices = root.numbers(SLICE_VECTOR);
    let count = root.whole(NUMBER_OF_SLICES).unwrap_or(frames);
    let is_whole = match slices.is_empty() {
        // Without a Slice Vector, every frame must be a slice.
        true => count == frames,
        false => slices.len() >= frames as usize,
    };
    if !is_whole {
        return Ok(RootPlace::default());
    }
    let mut place = stepped(measures, slices, true);
    for detector in root.items(DETECTOR_INFORMATION_SEQUENCE, MAX_DETECTORS)? {
        let orientation = detector.finite(IMAGE_ORIENTATION);
        place.detectors.push((
            detector.finite(IMAGE_POSITION),
            orientation.and_then(super::frame_info::unit_vectors),
        ));
    }
    place.detector_of_frame = root.numbers(DETECTOR_VECTOR);
    Ok(place)
}

/// Frames at equal distances. If the distance is missing, the slice thickness is used if `may_assume`.
fn stepped(measures: &DataSet<'_>, slices: Vec<f64>, may_assume: bool) -> RootPlace {
    let usable = |attribute| {
        measures
            .number(attribute)
            .filter(|mm| mm.is_finite() && *mm != 0.0)
    };
    let thickness = usable(SLICE_THICKNESS).filter(|mm| may_assume && *mm > 0.0);
    let (mm, note) = match (usable(SPACING_BETWEEN_SLICES), thickness) {
        (Some(mm), _) => (mm, None),
        (None, Some(mm)) => (mm, Some(assumed(mm))),
        (None, None) => return RootPlace::default(),
    };
    RootPlace {
        offsets: Offsets::Steps { mm, slices },
        note,
        ..RootPlace::default()
    }
}

fn assumed(mm: f64) -> Note {
    Note {
        code: NoteCode::Reading,
        text: format!(
            "The file does not give the distance between slices; the slice thickness of {mm} mm is used instead."
        ),
    }
}

/// Whether the frames are a time series (PS3.3 C.7.6.5, C.7.6.6).
fn is_in_time(root: &DataSet<'_>) -> bool {
    let pointers = root.element(FRAME_INCREMENT_POINTER);
    let is_time = |tag| tag == FRAME_TIME.tag || tag == FRAME_TIME_VECTOR.tag;
    let points_to_time = pointers.is_some_and(|element| {
        let tags = element.value.as_chunks::<4>().0.iter();
        let half = |a, b| element.encoding.u16([a, b]);
        tags.map(|&[a, b, c, d]| (half(a, b), half(c, d)))
            .any(is_time)
    });
    points_to_time || root.has(FRAME_TIME) || root.has(FRAME_TIME_VECTOR)
}

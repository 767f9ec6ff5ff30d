//! What is known of each frame: from the data set, or from functional groups where it is an enhanced
//! multi-frame image (DICOM PS3.3 C.7.6.16).

use std::borrow::Cow;

use super::attribute::*;
use super::data_set::DataSet;
use super::problem::Problem;
use super::spacing;
use crate::scan::{PixelSpacing, Rescale};

/// Place and values of one frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FrameInfo {
    /// Of the centre of its first pixel, in mm.
    pub position: Option<[f64; 3]>,
    /// Along a row and down the rows, unit vectors.
    pub orientation: Option<[[f64; 3]; 2]>,
    pub spacing: Option<PixelSpacing>,
    /// To the next slice, as the file says, in mm.
    pub slice_spacing: Option<f64>,
    pub slice_thickness: Option<f64>,
    pub rescale: Rescale,
    /// The file's slope or intercept is none.
    pub is_rescale_broken: bool,
    /// What tells it from other frames at its position: name and value.
    pub kinds: Vec<(&'static str, String)>,
}

/// The data set with its functional groups.
pub(super) struct Groups<'d, 'a> {
    root: &'d DataSet<'a>,
    shared: Option<DataSet<'a>>,
    per_frame: Vec<DataSet<'a>>,
    /// From the first frame of a dose to each, in mm (PS3.3 C.8.8.3.2).
    dose_offsets: Vec<f64>,
}

impl<'d, 'a> Groups<'d, 'a> {
    pub fn read(root: &'d DataSet<'a>) -> Result<Groups<'d, 'a>, Problem> {
        Ok(Groups {
            root,
            shared: root.item(SHARED_FUNCTIONAL_GROUPS)?,
            per_frame: root.items(PER_FRAME_FUNCTIONAL_GROUPS)?,
            dose_offsets: root.numbers(GRID_FRAME_OFFSETS),
        })
    }

    /// The group of a frame, of all frames, or the data set itself.
    pub fn group(&self, frame: u32, sequence: Attribute) -> Result<Cow<'d, DataSet<'a>>, Problem> {
        let own = self.per_frame.get(frame as usize);
        for groups in [own, self.shared.as_ref()].into_iter().flatten() {
            if let Some(group) = groups.item(sequence)? {
                return Ok(Cow::Owned(group));
            }
        }
        Ok(Cow::Borrowed(self.root))
    }

    pub fn frame(&self, frame: u32) -> Result<FrameInfo, Problem> {
        let measures = self.group(frame, PIXEL_MEASURES_SEQUENCE)?;
        let position = self.group(frame, PLANE_POSITION_SEQUENCE)?;
        let orientation = self.group(frame, PLANE_ORIENTATION_SEQUENCE)?;
        let values = self.group(frame, PIXEL_VALUE_TRANSFORMATION_SEQUENCE)?;
        let rescale = rescale(&values, self.root);
        let positive = |attribute| {
            measures
                .number(attribute)
                .filter(|x| x.is_finite() && *x > 0.0)
        };
        let mut info = FrameInfo {
            position: position.finite(IMAGE_POSITION),
            orientation: orientation.finite(IMAGE_ORIENTATION).and_then(unit_vectors),
            spacing: spacing::read(&measures, self.root)?.spacing,
            slice_spacing: positive(SPACING_BETWEEN_SLICES),
            slice_thickness: positive(SLICE_THICKNESS),
            rescale: rescale.unwrap_or(Rescale::IDENTITY),
            is_rescale_broken: rescale.is_none(),
            kinds: self.kinds(frame)?,
        };
        self.place_dose(frame, &mut info);
        Ok(info)
    }

    fn kinds(&self, frame: u32) -> Result<Vec<(&'static str, String)>, Problem> {
        let mut kinds = Vec::new();
        for (name, sequence, attribute) in KINDS {
            let group = match sequence {
                Some(sequence) => self.group(frame, sequence)?,
                None => Cow::Borrowed(self.root),
            };
            let numbers = group.numbers(attribute);
            let value = match numbers.first() {
                Some(number) => number.to_string(),
                None => group.text(attribute),
            };
            if !value.is_empty() {
                kinds.push((name, value));
            }
        }
        Ok(kinds)
    }

    /// Frames of a dose are as far apart as a vector of their own says.
    fn place_dose(&self, frame: u32, info: &mut FrameInfo) {
        let offsets = &self.dose_offsets;
        let (Some(position), Some([row, column])) = (info.position, info.orientation) else {
            return;
        };
        let Some(&offset) = offsets.get(frame as usize).filter(|x| x.is_finite()) else {
            return;
        };
        let normal = crate::scan::cross(row, column);
        // A first offset that isn't 0 is a coordinate instead, for axial grids only.
        let offset = offset - offsets.first().copied().unwrap_or(0.0);
        info.position = Some([0, 1, 2].map(|axis| position[axis] + offset * normal[axis]));
    }
}

/// What may tell frames at one position apart, the most telling first.
const KINDS: [(&str, Option<Attribute>, Attribute); 11] = [
    (
        "segment",
        Some(SEGMENT_IDENTIFICATION_SEQUENCE),
        REFERENCED_SEGMENT_NUMBER,
    ),
    ("stack", Some(FRAME_CONTENT_SEQUENCE), STACK_ID),
    ("echo", None, ECHO_NUMBERS),
    ("echo time", None, ECHO_TIME),
    ("echo time", Some(MR_ECHO_SEQUENCE), EFFECTIVE_ECHO_TIME),
    ("b-value", Some(MR_DIFFUSION_SEQUENCE), DIFFUSION_B_VALUE),
    ("acquisition", None, ACQUISITION_NUMBER),
    ("time", None, TEMPORAL_POSITION),
    (
        "time",
        Some(FRAME_CONTENT_SEQUENCE),
        TEMPORAL_POSITION_INDEX,
    ),
    ("trigger time", None, TRIGGER_TIME),
    ("image type", None, IMAGE_TYPE),
];

/// `None` for a slope of 0 or what is no number. A dose has a factor of its own.
fn rescale(values: &DataSet<'_>, root: &DataSet<'_>) -> Option<Rescale> {
    let or = |attribute, default: f64| match values.filled(attribute) {
        Some(_) => values.number(attribute).unwrap_or(f64::NAN),
        None => default,
    };
    let dose = root
        .number(DOSE_GRID_SCALING)
        .filter(|_| root.text(MODALITY) == "RTDOSE");
    let rescale = Rescale {
        slope: dose.unwrap_or_else(|| or(RESCALE_SLOPE, 1.0)),
        intercept: or(RESCALE_INTERCEPT, 0.0),
    };
    let is_sound =
        rescale.slope.is_finite() && rescale.slope != 0.0 && rescale.intercept.is_finite();
    is_sound.then_some(rescale)
}

/// Direction cosines, of length 1 and at right angles, or nothing.
fn unit_vectors([a, b, c, d, e, f]: [f64; 6]) -> Option<[[f64; 3]; 2]> {
    let unit = |vector: [f64; 3]| {
        let length = crate::scan::length(vector);
        (0.9..1.1)
            .contains(&length)
            .then(|| vector.map(|value| value / length))
    };
    let (row, column) = (unit([a, b, c])?, unit([d, e, f])?);
    (crate::scan::dot(row, column).abs() < 0.01).then_some([row, column])
}

//! Place and properties of each frame, from the data set, or from the functional groups of an enhanced multi-frame
//! image (DICOM PS3.3 C.7.6.16).

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Deref;
use std::rc::Rc;

use super::attribute::*;
use super::data_set::{DataSet, RawItems};
use super::element::Tag;
use super::frame_properties::{FrameProperty, Properties};
use super::problem::Problem;
use super::root_place::RootPlace;
use super::spacing;
use crate::scan::{Note, PixelSpacing, Rescale, cross, dot, length};

/// Place and values of one frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FrameInfo {
    /// Position of the centre of its first pixel, in mm.
    pub position: Option<[f64; 3]>,
    /// Unit vectors along a row and down the rows.
    pub orientation: Option<[[f64; 3]; 2]>,
    pub spacing: Option<PixelSpacing>,
    /// Distance to the next slice in mm, if the file gives it.
    pub slice_spacing: Option<f64>,
    pub slice_thickness: Option<f64>,
    pub rescale: Rescale,
    /// Whether the slope is 0, or slope or intercept is not finite.
    pub is_rescale_broken: bool,
    /// The properties that distinguish it from other frames at its position.
    pub properties: Rc<[FrameProperty]>,
}

/// A data set with its functional groups.
pub(super) struct Groups<'d, 'a> {
    root: &'d DataSet<'a>,
    shared: Option<DataSet<'a>>,
    /// The bytes of each frame's groups, as far as there are frames, and the sequence that they are of.
    per_frame: Option<RawItems<'a>>,
    /// The shared groups that were asked for: a file may have a large one and many frames.
    read: RefCell<HashMap<Tag, Option<Rc<DataSet<'a>>>>>,
    common: Common,
    properties: Properties,
    root_place: RootPlace,
}

/// A functional group, or the data set itself where there is none.
pub(super) enum Group<'d, 'a> {
    /// Of one frame.
    Own(DataSet<'a>),
    /// Of all frames.
    Shared(Rc<DataSet<'a>>),
    Root(&'d DataSet<'a>),
}

impl<'a> Deref for Group<'_, 'a> {
    type Target = DataSet<'a>;

    fn deref(&self) -> &DataSet<'a> {
        match self {
            Group::Own(own) => own,
            Group::Shared(shared) => shared,
            Group::Root(root) => root,
        }
    }
}

/// What frames without groups of their own have in common, read once for all of them.
#[derive(Debug, Default)]
struct Common {
    position: Option<[f64; 3]>,
    orientation: Option<[[f64; 3]; 2]>,
    spacing: Option<PixelSpacing>,
    slice_spacing: Option<f64>,
    slice_thickness: Option<f64>,
    rescale: Option<Rescale>,
    /// Number in the stack.
    slice: Option<f64>,
    /// Of the data set, for groups that lack it.
    root_position: Option<[f64; 3]>,
    root_orientation: Option<[f64; 6]>,
    /// Of a group that lacks it.
    other_spacing: Option<PixelSpacing>,
    /// Ultrasound regions say how large pixels are, whatever the groups say.
    is_sized_by_regions: bool,
    /// The factor of a dose.
    dose: Option<f64>,
}

impl<'d, 'a> Groups<'d, 'a> {
    /// `frames` is how many frames the image has.
    pub fn read(root: &'d DataSet<'a>, frames: u32) -> Result<Groups<'d, 'a>, Problem> {
        let mut groups = Groups {
            root,
            shared: root.item(SHARED_FUNCTIONAL_GROUPS)?,
            per_frame: root.raw_items(PER_FRAME_FUNCTIONAL_GROUPS, frames as usize)?,
            read: RefCell::default(),
            common: Common::default(),
            properties: Properties::default(),
            root_place: RootPlace::default(),
        };
        groups.common = groups.common()?;
        groups.properties = Properties::read(&groups)?;
        let own = groups.own_group(0, PLANE_POSITION_SEQUENCE)?;
        if !own.is_some_and(|group| group.has(IMAGE_POSITION)) {
            let measures = groups.group(0, PIXEL_MEASURES_SEQUENCE)?;
            groups.root_place = RootPlace::read(root, &measures)?;
        }
        Ok(groups)
    }

    fn common(&self) -> Result<Common, Problem> {
        let measures = self.common_group(PIXEL_MEASURES_SEQUENCE)?;
        let position = self.common_group(PLANE_POSITION_SEQUENCE)?;
        let orientation = self.common_group(PLANE_ORIENTATION_SEQUENCE)?;
        let values = self.common_group(PIXEL_VALUE_TRANSFORMATION_SEQUENCE)?;
        let root = self.root;
        let dose = root
            .number(DOSE_GRID_SCALING)
            .filter(|_| root.text(MODALITY) == "RTDOSE");
        let mut common = Common {
            root_position: root.finite(IMAGE_POSITION),
            root_orientation: root.finite(IMAGE_ORIENTATION),
            spacing: spacing::read(&measures, root)?.spacing,
            other_spacing: spacing::read(&DataSet::default(), root)?.spacing,
            is_sized_by_regions: spacing::is_by_regions(root)?,
            slice_spacing: positive(&measures, SPACING_BETWEEN_SLICES),
            slice_thickness: positive(&measures, SLICE_THICKNESS),
            rescale: rescale(&values, dose),
            slice: self.slice_in(self.shared_group(FRAME_CONTENT_SEQUENCE)?.as_deref()),
            dose,
            ..Common::default()
        };
        common.position = common.position_in(&position);
        common.orientation = common.orientation_in(&orientation);
        Ok(common)
    }

    fn slice_in(&self, content: Option<&DataSet<'_>>) -> Option<f64> {
        content.and_then(|content| content.number(IN_STACK_POSITION))
    }

    /// Notes for the user about the positions of the frames.
    pub fn note(&self) -> Option<&Note> {
        self.root_place.note.as_ref()
    }

    /// The data set without its groups.
    pub fn root(&self) -> &'d DataSet<'a> {
        self.root
    }

    /// The groups of one frame alone; `None` where it has none.
    pub fn own(&self, frame: u32) -> Result<Option<DataSet<'a>>, Problem> {
        let Some((sequence, items)) = &self.per_frame else {
            return Ok(None);
        };
        let item = items.get(frame as usize).filter(|item| !item.is_empty());
        item.map(|item| self.root.item_of(sequence, item))
            .transpose()
    }

    /// The group of all frames.
    fn shared_group(&self, sequence: Attribute) -> Result<Option<Rc<DataSet<'a>>>, Problem> {
        let Some(shared) = &self.shared else {
            return Ok(None);
        };
        if let Some(read) = self.read.borrow().get(&sequence.tag) {
            return Ok(read.clone());
        }
        let read = shared.item(sequence)?.map(Rc::new);
        self.read.borrow_mut().insert(sequence.tag, read.clone());
        Ok(read)
    }

    /// The group of all frames, or the data set itself.
    pub fn common_group(&self, sequence: Attribute) -> Result<Group<'d, 'a>, Problem> {
        let shared = self.shared_group(sequence)?;
        Ok(shared.map_or(Group::Root(self.root), Group::Shared))
    }

    /// The group of a frame, or of all frames.
    fn own_group(&self, frame: u32, sequence: Attribute) -> Result<Option<Group<'d, 'a>>, Problem> {
        if let Some(own) = self.own(frame)?
            && let Some(group) = own.item(sequence)?
        {
            return Ok(Some(Group::Own(group)));
        }
        Ok(self.shared_group(sequence)?.map(Group::Shared))
    }

    /// The group of a frame, of all frames, or the data set itself.
    pub fn group(&self, frame: u32, sequence: Attribute) -> Result<Group<'d, 'a>, Problem> {
        let own = self.own_group(frame, sequence)?;
        Ok(own.unwrap_or(Group::Root(self.root)))
    }

    /// Reads a frame: of its own groups what they say, and what all frames have in common.
    pub fn frame(&self, frame: u32) -> Result<FrameInfo, Problem> {
        let common = &self.common;
        let own = self.own(frame)?;
        let group = |sequence| match &own {
            Some(own) => own.item(sequence),
            None => Ok(None),
        };
        let mut info = FrameInfo {
            position: common.position,
            orientation: common.orientation,
            spacing: common.spacing,
            slice_spacing: common.slice_spacing,
            slice_thickness: common.slice_thickness,
            rescale: Rescale::IDENTITY,
            is_rescale_broken: false,
            properties: self.properties.of(own.as_ref(), frame)?,
        };
        // Some writers leave the groups empty.
        if let Some(position) = group(PLANE_POSITION_SEQUENCE)? {
            info.position = common.position_in(&position);
        }
        if let Some(orientation) = group(PLANE_ORIENTATION_SEQUENCE)? {
            info.orientation = common.orientation_in(&orientation);
        }
        if let Some(measures) = group(PIXEL_MEASURES_SEQUENCE)? {
            if !common.is_sized_by_regions {
                info.spacing = spacing::of_group(&measures).or(common.other_spacing);
            }
            info.slice_spacing = positive(&measures, SPACING_BETWEEN_SLICES);
            info.slice_thickness = positive(&measures, SLICE_THICKNESS);
        }
        let rescale = match group(PIXEL_VALUE_TRANSFORMATION_SEQUENCE)? {
            Some(values) => rescale(&values, common.dose),
            None => common.rescale,
        };
        info.rescale = rescale.unwrap_or(Rescale::IDENTITY);
        info.is_rescale_broken = rescale.is_none();
        let slice = match group(FRAME_CONTENT_SEQUENCE)? {
            Some(content) => self.slice_in(Some(&content)),
            None => common.slice,
        };
        self.root_place.place(frame, slice, &mut info);
        Ok(info)
    }
}

impl Common {
    /// The position in a group, or in the data set where the group lacks it.
    fn position_in(&self, group: &DataSet<'_>) -> Option<[f64; 3]> {
        group.finite(IMAGE_POSITION).or(self.root_position)
    }

    fn orientation_in(&self, group: &DataSet<'_>) -> Option<[[f64; 3]; 2]> {
        let own = group.finite(IMAGE_ORIENTATION);
        own.or(self.root_orientation).and_then(unit_vectors)
    }
}

fn positive(measures: &DataSet<'_>, attribute: Attribute) -> Option<f64> {
    let number = measures.number(attribute);
    number.filter(|x| x.is_finite() && *x > 0.0)
}

/// `None` for a slope of 0, or a NaN or infinite number. A dose has its own factor.
fn rescale(values: &DataSet<'_>, dose: Option<f64>) -> Option<Rescale> {
    let or = |attribute, default: f64| match values.filled(attribute) {
        Some(_) => values.number(attribute).unwrap_or(f64::NAN),
        None => default,
    };
    let rescale = Rescale {
        slope: dose.unwrap_or_else(|| or(RESCALE_SLOPE, 1.0)),
        intercept: or(RESCALE_INTERCEPT, 0.0),
    };
    let is_sound =
        rescale.slope.is_finite() && rescale.slope != 0.0 && rescale.intercept.is_finite();
    is_sound.then_some(rescale)
}

/// Cosine between two axes below which they count as perpendicular.
const MIN_SKEW: f64 = 1e-4;

/// Maximum cosine between two axes that are corrected. Cosines rounded to two digits are off by up to 0.005 each, which
/// changes a right angle by up to 2 · √3 · 0.005. Beyond that the orientation is invalid.
const MAX_SKEW: f64 = 0.0175;

/// Normalizes direction cosines. PS3.3 C.7.6.2.1.1 requires perpendicular axes: if rounding has changed their angle,
/// both are corrected by the same amount. `None` if they are not an orientation.
pub(super) fn unit_vectors([a, b, c, d, e, f]: [f64; 6]) -> Option<[[f64; 3]; 2]> {
    let unit = |vector: [f64; 3]| {
        let length = length(vector);
        (0.9..1.1)
            .contains(&length)
            .then(|| vector.map(|value| value / length))
    };
    let (row, column) = (unit([a, b, c])?, unit([d, e, f])?);
    let skew = dot(row, column);
    if skew.abs() <= MIN_SKEW {
        return Some([row, column]);
    }
    (skew.abs() < MAX_SKEW).then(|| perpendicular(row, column))
}

/// The two perpendicular directions nearest to two unit vectors.
pub(super) fn perpendicular(row: [f64; 3], column: [f64; 3]) -> [[f64; 3]; 2] {
    let unit = |vector: [f64; 3]| vector.map(|value| value / length(vector));
    let sum = unit([0, 1, 2].map(|axis| row[axis] + column[axis]));
    let normal = unit(cross(row, column));
    // Both are at 45° to the sum.
    let across = cross(normal, sum);
    let half = std::f64::consts::FRAC_1_SQRT_2;
    [-1.0, 1.0].map(|side| [0, 1, 2].map(|axis| (sum[axis] + side * across[axis]) * half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_cosines_become_right_angles() {
        // Cosines rounded to two digits: the axes are 3° off, each number by up to 0.005.
        let [row, column] = unit_vectors([0.97, 0.26, -0.02, -0.24, 0.93, 0.28]).unwrap();
        assert!(dot(row, column).abs() < 1e-15);
        assert!((length(row) - 1.0).abs() < 1e-15 && (length(column) - 1.0).abs() < 1e-15);
        assert!((row[0] - 0.97).abs() < 0.006 && (column[1] - 0.93).abs() < 0.006);
        assert_eq!(unit_vectors([1.0, 0.0, 0.0, 0.05, 1.0, 0.0]), None);
        let exact = [[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0]];
        assert_eq!(unit_vectors([0.6, 0.8, 0.0, -0.8, 0.6, 0.0]), Some(exact));
    }
}

//! Place and properties of each frame, from the data set, or from the functional groups of an enhanced multi-frame
//! image (DICOM PS3.3 C.7.6.16).

use std::borrow::Cow;

use super::attribute::*;
use super::data_set::DataSet;
use super::frame_properties::{self, FrameProperty, Vectors};
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
    pub properties: Vec<FrameProperty>,
}

/// A data set with its functional groups.
pub(super) struct Groups<'d, 'a> {
    root: &'d DataSet<'a>,
    shared: Option<DataSet<'a>>,
    per_frame: Vec<DataSet<'a>>,
    vectors: Vectors,
    root_place: RootPlace,
}

impl<'d, 'a> Groups<'d, 'a> {
    pub fn read(root: &'d DataSet<'a>) -> Result<Groups<'d, 'a>, Problem> {
        let mut groups = Groups {
            root,
            shared: root.item(SHARED_FUNCTIONAL_GROUPS)?,
            per_frame: root.items(PER_FRAME_FUNCTIONAL_GROUPS)?,
            vectors: Vectors::read(root),
            root_place: RootPlace::default(),
        };
        let own = groups.own_group(0, PLANE_POSITION_SEQUENCE)?;
        if !own.is_some_and(|group| group.has(IMAGE_POSITION)) {
            let measures = groups.group(0, PIXEL_MEASURES_SEQUENCE)?;
            groups.root_place = RootPlace::read(root, &measures)?;
        }
        Ok(groups)
    }

    /// Note for the user about the frames' positions.
    pub fn note(&self) -> Option<&Note> {
        self.root_place.note.as_ref()
    }

    /// The data set without its functional groups.
    pub fn root(&self) -> Cow<'d, DataSet<'a>> {
        Cow::Borrowed(self.root)
    }

    /// The functional group of a frame, or else the one shared by all frames.
    pub fn own_group(
        &self,
        frame: u32,
        sequence: Attribute,
    ) -> Result<Option<DataSet<'a>>, Problem> {
        let own = self.per_frame.get(frame as usize);
        for groups in [own, self.shared.as_ref()].into_iter().flatten() {
            if let Some(group) = groups.item(sequence)? {
                return Ok(Some(group));
            }
        }
        Ok(None)
    }

    /// The functional group of a frame, the shared one, or else the data set itself.
    pub fn group(&self, frame: u32, sequence: Attribute) -> Result<Cow<'d, DataSet<'a>>, Problem> {
        let own = self.own_group(frame, sequence)?;
        Ok(own.map_or(Cow::Borrowed(self.root), Cow::Owned))
    }

    /// Numbers in a group, or else in the data set.
    fn finite_or_root<const N: usize>(
        &self,
        group: &DataSet<'_>,
        attribute: Attribute,
    ) -> Option<[f64; N]> {
        let own = group.finite(attribute);
        own.or_else(|| self.root.finite(attribute))
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
        // Some writers leave groups empty.
        let mut info = FrameInfo {
            position: self.finite_or_root(&position, IMAGE_POSITION),
            orientation: self
                .finite_or_root(&orientation, IMAGE_ORIENTATION)
                .and_then(unit_vectors),
            spacing: spacing::read(&measures, self.root)?.spacing,
            slice_spacing: positive(SPACING_BETWEEN_SLICES),
            slice_thickness: positive(SLICE_THICKNESS),
            rescale: rescale.unwrap_or(Rescale::IDENTITY),
            is_rescale_broken: rescale.is_none(),
            properties: frame_properties::read(self, &self.vectors, frame)?,
        };
        let content = self.own_group(frame, FRAME_CONTENT_SEQUENCE)?;
        let slice = content.and_then(|content| content.number(IN_STACK_POSITION));
        self.root_place.place(frame, slice, &mut info);
        Ok(info)
    }
}

/// Reads slope and intercept; `None` if the slope is 0 or a value is not finite. Doses have a scaling factor instead.
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

//! The frames of a segmentation: their segments and slices, their places and their functional groups.

use std::collections::{BTreeMap, BTreeSet};

use super::SegForm;
use crate::export::dicom::Segment;
use crate::export::dicom::elements::{DataSet, VR};
use crate::export::dicom::identity::text;
use crate::export::dicom::references::put_derivation;
use crate::export::dicom::tags::{self, Tag};
use crate::export::dicom::uids::Uids;
use crate::scan::{Affine, DicomFrame, DicomSource, Grid, Stacking, cross, dot, length};

/// A frame: the part of a segment, or in a label map of all segments, on one slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegFrame {
    /// Number of the segment, counted from 1; `None` in a label map, whose frames have all segments.
    pub segment: Option<u16>,
    /// Slice of the grid, counted from 0.
    pub slice: u32,
}

/// Lists the frames: for each segment, the slices with voxels of it; in a label map, the slices with voxels of any
/// segment.
pub(super) fn frames(segments: &[Segment<'_>], form: SegForm) -> Vec<SegFrame> {
    if form == SegForm::LabelMap {
        let slices = segments
            .iter()
            .flat_map(|segment| segment.mask.stored_slices());
        let slices: BTreeSet<u32> = slices.collect();
        let frame = |slice| SegFrame {
            segment: None,
            slice,
        };
        return slices.into_iter().map(frame).collect();
    }
    let mut frames = Vec::new();
    for (segment, Segment { mask, .. }) in (1..).zip(segments) {
        let frame = |slice| SegFrame {
            segment: Some(segment),
            slice,
        };
        frames.extend(mask.stored_slices().map(frame));
    }
    frames
}

/// Maximum offset of a plane from a multiple of the slice distance, as a fraction of that, in an even stack.
const OFF_MULTIPLE: f64 = 0.1;

/// The grid's transform from voxel to patient space (mm), if every slice has its own position.
pub(super) fn place(grid: &Grid) -> Option<&Affine> {
    let affine = grid.patient_from_voxel.as_ref()?;
    let is_finite = affine.0.iter().flatten().all(|value| value.is_finite());
    let has_area = length(cross(affine.column(0), affine.column(1))) > 0.0;
    let in_space = grid.stacking == Stacking::Slices || grid.slices == 1;
    (is_finite && has_area && in_space).then_some(affine)
}

/// The input for the functional groups and dimensions.
pub(super) struct Groups<'a> {
    pub grid: &'a Grid,
    pub source: &'a DicomSource,
    /// See [`place`].
    pub place: Option<&'a Affine>,
    /// The source frame of each slice; `None` if references are not allowed.
    pub references: Option<&'a [DicomFrame]>,
    pub frames: &'a [SegFrame],
}

impl Groups<'_> {
    /// Multi-frame Functional Groups (PS3.3 C.7.6.16) with the macros of Table A.51-2.
    pub(super) fn put_functional_groups(&self, set: &mut DataSet) {
        set.text(
            tags::NUMBER_OF_FRAMES,
            VR::IS,
            &self.frames.len().to_string(),
        );
        let mut shared = DataSet::default();
        if let Some(place) = self.place {
            put_orientation(&mut shared, place);
            self.put_measures(&mut shared, place);
        }
        set.sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared]);
        let ranks = self.ranks();
        let items = self.frames.iter().map(|frame| {
            let rank = ranks.get(&frame.slice).copied().unwrap_or(1);
            self.frame_item(*frame, rank)
        });
        let items = items.collect();
        set.sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, items);
    }

    /// For each slice with a frame, its rank along the normal, or without one in the order of the grid; counted from 1.
    fn ranks(&self) -> BTreeMap<u32, u32> {
        let slices: BTreeSet<u32> = self.frames.iter().map(|frame| frame.slice).collect();
        let mut slices: Vec<u32> = slices.into_iter().collect();
        if let Some(place) = self.place {
            let height = |slice: &u32| dot(normal(place), self.position(place, *slice));
            slices.sort_by(|a, b| height(a).total_cmp(&height(b)));
        }
        slices.into_iter().zip(1..).collect()
    }

    /// Centre of a slice's first pixel, in mm: from the source file, since slices may be missing or unevenly spaced;
    /// if it gives none, from the grid.
    fn position(&self, place: &Affine, slice: u32) -> [f64; 3] {
        let frame = self.source.frames.get(slice as usize);
        let said = frame.and_then(|frame| frame.position);
        let said = said.filter(|position| position.iter().all(|value| value.is_finite()));
        said.unwrap_or_else(|| place.apply([0.0, 0.0, f64::from(slice)]))
    }

    /// Pixel Measures (C.7.6.16.2.1).
    fn put_measures(&self, shared: &mut DataSet, place: &Affine) {
        let mut item = DataSet::default();
        // The distance between rows comes first; rows follow each other along a column.
        let [x, y, _] = Grid::spacing_of(place);
        item.decimals(tags::PIXEL_SPACING, &[y, x]);
        let between = self.spacing_between_slices(place);
        let thickness = text(self.source, tags::SLICE_THICKNESS).and_then(|t| t.parse().ok());
        let thickness = thickness.filter(|t: &f64| t.is_finite() && *t > 0.0);
        // If slices are unevenly spaced, the usual distance stands for the thickness.
        let usual = between.or(self.grid.slice_spacing_mm);
        if let Some(thickness) = thickness.or(usual) {
            item.decimals(tags::SLICE_THICKNESS, &[thickness]);
        }
        if let Some(between) = between {
            item.decimals(tags::SPACING_BETWEEN_SLICES, &[between]);
        }
        shared.sequence(tags::PIXEL_MEASURES_SEQUENCE, vec![item]);
    }

    /// Distance between slices in mm, such that planes lie at multiples of it: averaged, because positions are
    /// rounded, and slices may be missing. `None` if slices are unevenly spaced.
    fn spacing_between_slices(&self, place: &Affine) -> Option<f64> {
        let height = |slice| dot(normal(place), self.position(place, slice));
        let mut heights: Vec<f64> = (0..self.grid.slices).map(height).collect();
        heights.sort_by(f64::total_cmp);
        let mut steps: Vec<f64> = heights.windows(2).map(|pair| pair[1] - pair[0]).collect();
        steps.sort_by(f64::total_cmp);
        let median = steps.get(steps.len() / 2)?;
        let whole = heights.last()? - heights.first()?;
        let spacing = whole / (whole / median).round();
        let is_multiple = |height: &f64| {
            let steps = (height - heights.first().unwrap_or(height)) / spacing;
            (steps - steps.round()).abs() <= OFF_MULTIPLE
        };
        let are_multiples = self.grid.is_even() || heights.iter().all(is_multiple);
        (spacing.is_finite() && spacing > 0.0 && are_multiples).then_some(spacing)
    }

    fn frame_item(&self, frame: SegFrame, rank: u32) -> DataSet {
        let mut item = DataSet::default();
        let mut content = DataSet::default();
        let mut indices: Vec<u32> = frame.segment.map(u32::from).into_iter().collect();
        if self.place.is_some() || self.is_stack() {
            indices.push(rank);
        }
        if !indices.is_empty() {
            content.long_numbers(tags::DIMENSION_INDEX_VALUES, &indices);
        }
        if self.is_stack() {
            content.text(tags::STACK_ID, VR::SH, "1");
            content.long_numbers(tags::IN_STACK_POSITION_NUMBER, &[rank]);
        }
        item.sequence(tags::FRAME_CONTENT_SEQUENCE, vec![content]);
        if let Some(place) = self.place {
            let mut position = DataSet::default();
            let centre = self.position(place, frame.slice);
            position.decimals(tags::IMAGE_POSITION_PATIENT, &centre);
            item.sequence(tags::PLANE_POSITION_SEQUENCE, vec![position]);
        }
        let reference = self
            .references
            .and_then(|all| all.get(frame.slice as usize));
        if let Some(reference) = reference {
            put_derivation(&mut item, reference);
        }
        if let Some(number) = frame.segment {
            let mut segment = DataSet::default();
            segment.numbers(tags::REFERENCED_SEGMENT_NUMBER, &[number]);
            item.sequence(tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![segment]);
        }
        item
    }

    /// Whether the slices are ordered without having places.
    fn is_stack(&self) -> bool {
        self.place.is_none() && self.grid.slices > 1
    }

    /// Multi-frame Dimension (C.7.6.17): by segment, then by position, as in highdicom. Slices without a place are
    /// indexed by their order, and a single slice by segment alone.
    pub(super) fn put_dimensions(&self, set: &mut DataSet, uids: &mut Uids) {
        let uid = uids.fresh();
        let mut organization = DataSet::default();
        organization.text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, &uid);
        set.sequence(tags::DIMENSION_ORGANIZATION_SEQUENCE, vec![organization]);
        let mut indices = Vec::new();
        if self.frames.iter().any(|frame| frame.segment.is_some()) {
            indices.push(dimension(
                &uid,
                tags::REFERENCED_SEGMENT_NUMBER,
                tags::SEGMENT_IDENTIFICATION_SEQUENCE,
                "Segment Number",
            ));
        }
        if self.place.is_some() {
            indices.push(dimension(
                &uid,
                tags::IMAGE_POSITION_PATIENT,
                tags::PLANE_POSITION_SEQUENCE,
                "Image Position (Patient)",
            ));
        } else if self.is_stack() {
            indices.push(dimension(
                &uid,
                tags::IN_STACK_POSITION_NUMBER,
                tags::FRAME_CONTENT_SEQUENCE,
                "In-Stack Position Number",
            ));
        }
        set.sequence(tags::DIMENSION_INDEX_SEQUENCE, indices);
    }
}

fn dimension(organization_uid: &str, pointer: Tag, group: Tag, label: &str) -> DataSet {
    let mut item = DataSet::default();
    item.text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, organization_uid);
    item.pointer(tags::DIMENSION_INDEX_POINTER, pointer);
    item.pointer(tags::FUNCTIONAL_GROUP_POINTER, group);
    item.text(tags::DIMENSION_DESCRIPTION_LABEL, VR::LO, label);
    item
}

/// Plane Orientation (C.7.6.16.2.4): unit vectors along a row and down a column.
fn put_orientation(shared: &mut DataSet, place: &Affine) {
    let mut item = DataSet::default();
    let [row, column] = [0, 1].map(|axis| unit(place.column(axis)));
    let cosines: Vec<f64> = row.into_iter().chain(column).collect();
    item.decimals(tags::IMAGE_ORIENTATION_PATIENT, &cosines);
    shared.sequence(tags::PLANE_ORIENTATION_SEQUENCE, vec![item]);
}

fn unit(v: [f64; 3]) -> [f64; 3] {
    v.map(|x| x / length(v))
}

/// Unit normal of a slice.
fn normal(place: &Affine) -> [f64; 3] {
    unit(cross(place.column(0), place.column(1)))
}

//! Writes masks as a DICOM RT Structure Set (PS3.3 A.19), with a region of interest (ROI) for each: closed contours on the
//! slices of the scan.
//!
//! Contours go along the edges of pixels; [`contours`](mod@contours) says how, and what becomes of holes. The file is in
//! implicit VR little endian, because a contour may be longer than a decimal string in explicit VR.

mod contours;
mod tags;

use super::charset::Charset;
use super::elements::{DataSet, VR};
use super::identity::{self, Identity};
use super::uids::Uids;
use super::{Links, NewInstance, Segment, charset, check, modules, part10, references};
use crate::error::Error;
use crate::scan::{DicomSource, Grid, Plane, Scan, SlicePlane, Source};

const WHAT: &str = "DICOM RT structure set";

/// RT Structure Set Storage (PS3.4 B.5).
const SOP_CLASS: &str = "1.2.840.10008.5.1.4.1.1.481.3";
/// Detached Study Management: what a reference to a study names (PS3.3 C.8.8.5; retired, and no other is defined).
const STUDY_CLASS: &str = "1.2.840.10008.3.1.2.3.1";

/// Points of all contours. With their text and the file they take 200 MB.
const MAX_POINTS: usize = 3_000_000;
/// Contours of all structures; each takes about 1 kB besides its points.
const MAX_CONTOURS: usize = 100_000;
/// Decimals of a coordinate in mm: a tenth of a micrometre.
const DECIMALS: f64 = 1e4;

/// Writes a DICOM RT Structure Set with all segments. Those without a voxel have no contours.
///
/// # Errors
///
/// [`Error::ExportUnavailable`] with the reason: the scan isn't DICOM, has no place in the patient, or its files lack
/// identifiers; no mask has a voxel; there are too many contours. [`Error::GridsDiffer`] for a mask of another grid;
/// [`Error::Encode`] for an invalid date or time.
pub fn rt_structures(
    scan: &Scan,
    segments: &[Segment<'_>],
    identity: Identity,
    instance: &NewInstance<'_>,
) -> Result<Vec<u8>, Error> {
    let Source::Dicom(source) = &scan.source else {
        return Err(unavailable(
            "the scan was not opened from DICOM files; save NIfTI or a surface",
        ));
    };
    if scan.grid().patient_from_voxel.is_none() {
        return Err(unavailable(
            "the scan's slices have no positions in the patient, where contours lie; save PNG or SVG",
        ));
    }
    let named = |error| match error {
        Error::ExportUnavailable { reason, .. } => unavailable(reason),
        error => error,
    };
    check(scan, segments, instance).map_err(named)?;
    let links = match identity {
        Identity::Linked => Some(Links::of(source, scan.grid().slices).map_err(named)?),
        Identity::DeIdentified => None,
    };
    let all = all_contours(scan, segments, links.as_ref())?;

    let mut uids = Uids::new(instance.seed);
    let charset = charset(source, segments, identity, instance);
    let sop_instance_uid = uids.fresh();
    let mut set = DataSet::default();
    charset.put(&mut set);
    put_instance(&mut set, instance, &sop_instance_uid);
    let study_uid = links.as_ref().map(|links| links.study_uid.to_owned());
    let study_uid = study_uid.unwrap_or_else(|| uids.fresh());
    identity::put_patient_and_study(&mut set, source, identity, &study_uid);
    modules::put_series_and_equipment(&mut set, instance, &charset, &mut uids);
    put_series(&mut set);
    let frame_uid = match identity {
        Identity::Linked => identity::uid(source, super::tags::FRAME_OF_REFERENCE_UID),
        Identity::DeIdentified => None,
    };
    let frame_uid = frame_uid.map_or_else(|| uids.fresh(), str::to_owned);
    let study = links.as_ref().map(|links| study(links, source));
    put_frame_of_reference(&mut set, &frame_uid, study);
    put_structures(&mut set, segments, &frame_uid, &charset);
    put_contours(&mut set, segments, all);
    part10::implicit_file(&set, SOP_CLASS, &sop_instance_uid)
}

/// SOP Common (C.12.1), Structure Set (C.8.8.5) without its references, and Approval (C.8.8.16).
fn put_instance(set: &mut DataSet, instance: &NewInstance<'_>, uid: &str) {
    set.text(super::tags::SOP_CLASS_UID, VR::UI, SOP_CLASS);
    set.text(super::tags::SOP_INSTANCE_UID, VR::UI, uid);
    set.text(super::tags::INSTANCE_NUMBER, VR::IS, "1");
    for tag in [
        super::tags::INSTANCE_CREATION_DATE,
        tags::STRUCTURE_SET_DATE,
    ] {
        set.text(tag, VR::DA, instance.date);
    }
    for tag in [
        super::tags::INSTANCE_CREATION_TIME,
        tags::STRUCTURE_SET_TIME,
    ] {
        set.text(tag, VR::TM, instance.time);
    }
    set.text(tags::STRUCTURE_SET_LABEL, VR::SH, "Boxel");
    set.text(tags::APPROVAL_STATUS, VR::CS, "UNAPPROVED");
}

/// RT Series (C.8.8.1).
fn put_series(set: &mut DataSet) {
    set.text(super::tags::MODALITY, VR::CS, "RTSTRUCT");
    set.text(super::tags::SERIES_NUMBER, VR::IS, "1001");
    set.text(super::tags::SERIES_DESCRIPTION, VR::LO, "Structures");
    set.text(tags::OPERATORS_NAME, VR::PN, "");
}

/// The study, series and instances that contours were drawn on.
fn study(links: &Links<'_>, source: &DicomSource) -> DataSet {
    let all = references::instances_of_series(source, links.series_uid);
    let series = all.into_iter().map(|(uid, instances)| {
        let mut series = DataSet::default();
        series.text(super::tags::SERIES_INSTANCE_UID, VR::UI, uid);
        series.sequence(tags::CONTOUR_IMAGE_SEQUENCE, instances);
        series
    });
    let mut study = DataSet::default();
    study.text(super::tags::REFERENCED_SOP_CLASS_UID, VR::UI, STUDY_CLASS);
    study.text(
        super::tags::REFERENCED_SOP_INSTANCE_UID,
        VR::UI,
        links.study_uid,
    );
    study.sequence(tags::RT_REFERENCED_SERIES_SEQUENCE, series.collect());
    study
}

fn put_frame_of_reference(set: &mut DataSet, uid: &str, study: Option<DataSet>) {
    set.text(super::tags::FRAME_OF_REFERENCE_UID, VR::UI, uid);
    set.text(super::tags::POSITION_REFERENCE_INDICATOR, VR::LO, "");
    let mut frame = DataSet::default();
    frame.text(super::tags::FRAME_OF_REFERENCE_UID, VR::UI, uid);
    if let Some(study) = study {
        frame.sequence(tags::RT_REFERENCED_STUDY_SEQUENCE, vec![study]);
    }
    set.sequence(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, vec![frame]);
}

/// Structure Set ROI Sequence, and RT ROI Observations (C.8.8.8), numbered from 1.
fn put_structures(set: &mut DataSet, segments: &[Segment<'_>], frame_uid: &str, charset: &Charset) {
    let charset = charset.of_item(&super::texts(segments));
    let (mut structures, mut observations) = (Vec::new(), Vec::new());
    for (number, segment) in (1u32..).zip(segments) {
        let number = number.to_string();
        let mut name = charset.long_string(segment.label);
        if name.is_empty() {
            name = format!("Segment {number}").into_bytes();
        }
        let mut structure = DataSet::default();
        charset.put(&mut structure);
        structure.text(tags::ROI_NUMBER, VR::IS, &number);
        structure.text(tags::REFERENCED_FRAME_OF_REFERENCE_UID, VR::UI, frame_uid);
        structure.bytes(tags::ROI_NAME, VR::LO, &name);
        let (made, program) = segment.made();
        structure.text(tags::ROI_GENERATION_ALGORITHM, VR::CS, made.name());
        if let Some(program) = program {
            let program = charset.long_string(program);
            structure.bytes(tags::ROI_GENERATION_DESCRIPTION, VR::LO, &program);
        }
        structures.push(structure);

        let mut observation = DataSet::default();
        charset.put(&mut observation);
        observation.text(tags::OBSERVATION_NUMBER, VR::IS, &number);
        observation.text(tags::REFERENCED_ROI_NUMBER, VR::IS, &number);
        let kind = tags::RT_ROI_IDENTIFICATION_CODE_SEQUENCE;
        modules::put_codes(&mut observation, kind, segment, &charset);
        observation.text(tags::RT_ROI_INTERPRETED_TYPE, VR::CS, "");
        observation.text(tags::ROI_INTERPRETER, VR::PN, "");
        observations.push(observation);
    }
    set.sequence(tags::STRUCTURE_SET_ROI_SEQUENCE, structures);
    set.sequence(tags::RT_ROI_OBSERVATIONS_SEQUENCE, observations);
}

/// ROI Contour (C.8.8.6).
fn put_contours(set: &mut DataSet, segments: &[Segment<'_>], contours: Vec<Vec<DataSet>>) {
    let mut items = Vec::with_capacity(segments.len());
    for ((number, segment), contours) in (1u32..).zip(segments).zip(contours) {
        let color = segment.color.map(|level| level.to_string()).join("\\");
        let mut item = DataSet::default();
        item.text(tags::ROI_DISPLAY_COLOR, VR::IS, &color);
        item.text(tags::REFERENCED_ROI_NUMBER, VR::IS, &number.to_string());
        if !contours.is_empty() {
            item.sequence(tags::CONTOUR_SEQUENCE, contours);
        }
        items.push(item);
    }
    set.sequence(tags::ROI_CONTOUR_SEQUENCE, items);
}

/// The contours of each segment, slice by slice.
fn all_contours(
    scan: &Scan,
    segments: &[Segment<'_>],
    links: Option<&Links<'_>>,
) -> Result<Vec<Vec<DataSet>>, Error> {
    let plane = SlicePlane::new(scan.grid(), Plane::Stored);
    let (mut points, mut count) = (0, 0);
    let mut all = Vec::with_capacity(segments.len());
    for segment in segments {
        let mut of_segment = Vec::new();
        for slice in segment.mask.stored_slices() {
            for contour in contours::contours(&segment.mask.slice(&plane, slice)) {
                points += contour.len();
                count += 1;
                if points > MAX_POINTS || count > MAX_CONTOURS {
                    return Err(unavailable(
                        "its outlines have more than 3 million points, or more than 100,000 parts; smooth the masks, remove \
                         islands, save fewer objects, or save a DICOM SEG",
                    ));
                }
                let place = Place::of(scan, slice).ok_or_else(|| {
                    unavailable("a slice has no position in the patient; save a DICOM SEG")
                })?;
                let frame = links.and_then(|links| links.frames.get(slice as usize));
                let mut item = DataSet::default();
                if let Some(frame) = frame {
                    let image = references::image(frame);
                    item.sequence(tags::CONTOUR_IMAGE_SEQUENCE, vec![image]);
                }
                item.text(tags::CONTOUR_GEOMETRIC_TYPE, VR::CS, "CLOSED_PLANAR");
                let length = contour.len().to_string();
                item.text(tags::NUMBER_OF_CONTOUR_POINTS, VR::IS, &length);
                let values: Vec<f64> = contour.into_iter().flat_map(|at| place.mm(at)).collect();
                item.decimals(tags::CONTOUR_DATA, &values);
                of_segment.push(item);
            }
        }
        all.push(of_segment);
    }
    match count {
        0 => Err(unavailable("no voxel is marked; mark something first")),
        _ => Ok(all),
    }
}

/// Where the pixels of a slice lie in the patient.
struct Place {
    first: [f64; 3],
    column: [f64; 3],
    row: [f64; 3],
}

impl Place {
    /// A slice lies where its own file says so.
    fn of(scan: &Scan, slice: u32) -> Option<Place> {
        let grid: &Grid = scan.grid();
        let affine = grid.patient_from_voxel.as_ref()?;
        let own = match &scan.source {
            Source::Dicom(source) => source.frames.get(slice as usize)?.position,
            _ => None,
        };
        Some(Place {
            first: own.or_else(|| grid.patient_position([0, 0, slice]))?,
            column: affine.column(0),
            row: affine.column(1),
        })
    }

    fn mm(&self, [x, y]: [f64; 2]) -> [f64; 3] {
        [0, 1, 2].map(|axis| {
            let value = self.first[axis] + x * self.column[axis] + y * self.row[axis];
            (value * DECIMALS).round() / DECIMALS
        })
    }
}

fn unavailable(reason: &'static str) -> Error {
    Error::ExportUnavailable { what: WHAT, reason }
}

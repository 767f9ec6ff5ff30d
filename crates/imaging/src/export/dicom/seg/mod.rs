//! Writes masks as a DICOM Segmentation object (PS3.3 A.51, C.8.20), with one segment for each.
//!
//! Frames have the grid of the source as stored, slice by slice, each at the position in its own file. Empty frames are
//! omitted. The object is a PS3.10 file in explicit VR little endian.
//!
//! If a scan has a place in the patient, frames have positions. Without one (a photograph, an ultrasound loop) the
//! segmentation can only refer to the images that it was drawn on, pixel for pixel (A.51.5.1), so it can't be
//! de-identified.
//!
//! Text burned into the source's pixels can't reach the file, unless it was segmented: the file contains shapes, not
//! the source's pixels.

mod form;
mod frames;
mod pixels;

pub use form::SegForm;

use super::elements::{DataSet, VR};
use super::identity::{self, Identity};
use super::uids::Uids;
use super::{
    Links, NewInstance, Segment, charset, check, modules, part10, references, tags, unavailable,
};
use crate::error::Error;
use crate::scan::{Scan, Source};
use frames::Groups;

/// Writes a DICOM Segmentation file with all segments.
///
/// # Errors
///
/// [`Error::ExportUnavailable`] with the reason: the scan isn't DICOM, or its files lack identifiers; no mask has a
/// voxel; slices have no place and references are not allowed; masks overlap in a label map. [`Error::GridsDiffer`]
/// for a mask of another grid; [`Error::Encode`] for an invalid date or time.
pub fn dicom_seg(
    scan: &Scan,
    segments: &[Segment<'_>],
    identity: Identity,
    form: SegForm,
    instance: &NewInstance<'_>,
) -> Result<Vec<u8>, Error> {
    let Source::Dicom(source) = &scan.source else {
        return Err(unavailable(
            "the scan was not opened from DICOM files; save NIfTI or PNG",
        ));
    };
    check(scan, segments, instance)?;
    let grid = scan.grid();
    let place = frames::place(grid);
    let links = match identity {
        Identity::Linked => Some(Links::of(source, grid.slices)?),
        Identity::DeIdentified if place.is_none() => {
            return Err(unavailable(
                "the scan's slices have no positions, and de-identified it can't refer to the \
                 images instead; save NIfTI or PNG",
            ));
        }
        Identity::DeIdentified => None,
    };
    let frames = frames::frames(segments, form);
    if frames.is_empty() {
        return Err(unavailable("no voxel is marked; mark something first"));
    }

    let mut uids = Uids::new(instance.seed);
    let charset = charset(source, segments, identity, instance);
    let sop_instance_uid = uids.fresh();
    let mut set = DataSet::default();
    charset.put(&mut set);
    modules::put_instance(&mut set, form, instance, &sop_instance_uid);
    let study_uid = links.as_ref().map(|links| links.study_uid.to_owned());
    let study_uid = study_uid.unwrap_or_else(|| uids.fresh());
    identity::put_patient_and_study(&mut set, source, identity, &study_uid);
    modules::put_series_and_equipment(&mut set, instance, &charset, &mut uids);
    modules::put_image(&mut set, source, grid)?;
    form.put(&mut set, segments.len());
    modules::put_segments(&mut set, segments, form, instance, &charset, &mut uids)?;
    match place {
        Some(_) => identity::put_frame_of_reference(&mut set, source, identity, &mut uids),
        // General Image (C.7.6.1) requires it if there is no position (type 2C); it may be empty.
        None => set.text(tags::PATIENT_ORIENTATION, VR::CS, ""),
    }
    if let Some(links) = &links {
        references::put_common_instance_reference(&mut set, source, links.series_uid);
    }
    let groups = Groups {
        grid,
        source,
        place,
        references: links.map(|links| links.frames),
        frames: &frames,
    };
    groups.put_dimensions(&mut set, &mut uids);
    groups.put_functional_groups(&mut set);
    pixels::put(&mut set, form, &frames, segments, grid)?;
    part10::file(&set, form.sop_class_uid(), &sop_instance_uid)
}

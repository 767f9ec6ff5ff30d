//! References to the segmented images.

use std::collections::HashSet;

use super::charset::Charset;
use super::codes;
use super::elements::{DataSet, VR};
use super::tags;
use crate::scan::{DicomFrame, DicomSource};

/// Sets Common Instance Reference (PS3.3 C.12.2): all instances of the scan.
pub(super) fn put_common_instance_reference(
    set: &mut DataSet,
    source: &DicomSource,
    series_uid: &str,
) {
    let series = instances_of_series(source, series_uid)
        .into_iter()
        .map(|(uid, instances)| {
            let mut series = DataSet::default();
            series.text(tags::SERIES_INSTANCE_UID, VR::UI, uid);
            series.sequence(tags::REFERENCED_INSTANCE_SEQUENCE, instances);
            series
        });
    set.sequence(tags::REFERENCED_SERIES_SEQUENCE, series.collect());
}

/// A reference to each instance of the scan, by series. Frames that name no series belong to `series_uid`.
pub(super) fn instances_of_series<'a>(
    source: &'a DicomSource,
    series_uid: &'a str,
) -> Vec<(&'a str, Vec<DataSet>)> {
    let mut seen = HashSet::new();
    let mut of_series: Vec<(&str, Vec<DataSet>)> = Vec::new();
    for frame in &source.frames {
        let uid = match frame.series_instance_uid.as_str() {
            "" => series_uid,
            uid => uid,
        };
        if !seen.insert((uid, frame.sop_instance_uid.as_str())) {
            continue;
        }
        match of_series.iter_mut().find(|(known, _)| *known == uid) {
            Some((_, instances)) => instances.push(instance(frame)),
            None => of_series.push((uid, vec![instance(frame)])),
        }
    }
    of_series
}

/// Sets Derivation Image (C.7.6.16.2.6): the source frame of a frame.
pub(super) fn put_derivation(item: &mut DataSet, frame: &DicomFrame) {
    let mut image = image(frame);
    let purpose = codes::items(codes::SOURCE_IMAGE, &Charset::ASCII);
    image.sequence(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, purpose);
    image.text(tags::SPATIAL_LOCATIONS_PRESERVED, VR::CS, "YES");
    let mut derivation = DataSet::default();
    derivation.sequence(tags::SOURCE_IMAGE_SEQUENCE, vec![image]);
    let code = codes::items(codes::SEGMENTATION, &Charset::ASCII);
    derivation.sequence(tags::DERIVATION_CODE_SEQUENCE, code);
    item.sequence(tags::DERIVATION_IMAGE_SEQUENCE, vec![derivation]);
}

/// Image SOP Instance Reference Macro (10.3): a source frame.
pub(super) fn image(frame: &DicomFrame) -> DataSet {
    let mut image = instance(frame);
    if let Some(number) = frame.frame {
        image.text(tags::REFERENCED_FRAME_NUMBER, VR::IS, &number.to_string());
    }
    image
}

/// SOP Instance Reference Macro (10.8).
fn instance(frame: &DicomFrame) -> DataSet {
    let mut item = DataSet::default();
    item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, &frame.sop_class_uid);
    item.text(
        tags::REFERENCED_SOP_INSTANCE_UID,
        VR::UI,
        &frame.sop_instance_uid,
    );
    item
}

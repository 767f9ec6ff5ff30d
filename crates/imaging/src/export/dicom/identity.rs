//! Patient, study and frame of reference of a segmentation.

use super::elements::{DataSet, VR};
use super::tags::{self, Tag};
use super::uids::{Uids, is_uid};
use crate::scan::{DicomSource, DicomValue};

/// Whether the file keeps the identity of the scan's patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The file has the source's patient, study and frame of reference, and references to the segmented images, as an
    /// image archive needs. It identifies the patient.
    Linked,
    /// Patient and study are empty or new, all UIDs are new, and no image is referenced. Of the source, the file
    /// contains only the geometry (sizes, positions and orientation in mm, in a new frame of reference) and whether
    /// it was compressed with loss. Labels are written as given.
    DeIdentified,
}

/// Required attributes that may be empty (type 2): Patient (PS3.3 C.7.1.1) and General Study (C.7.2.1).
const REQUIRED: [(Tag, VR); 9] = [
    (tags::PATIENT_NAME, VR::PN),
    (tags::PATIENT_ID, VR::LO),
    (tags::PATIENT_BIRTH_DATE, VR::DA),
    (tags::PATIENT_SEX, VR::CS),
    (tags::STUDY_DATE, VR::DA),
    (tags::STUDY_TIME, VR::TM),
    (tags::REFERRING_PHYSICIAN_NAME, VR::PN),
    (tags::STUDY_ID, VR::SH),
    (tags::ACCESSION_NUMBER, VR::SH),
];

/// Attributes that are copied if the source has them: of the same modules, and of Patient Study (C.7.2.2).
const OPTIONAL: [(Tag, VR); 9] = [
    (tags::PATIENT_BIRTH_TIME, VR::TM),
    (tags::ISSUER_OF_PATIENT_ID, VR::LO),
    (tags::PATIENT_SPECIES_DESCRIPTION, VR::LO),
    (tags::PATIENT_IDENTITY_REMOVED, VR::CS),
    (tags::DEIDENTIFICATION_METHOD, VR::LO),
    (tags::STUDY_DESCRIPTION, VR::LO),
    (tags::PATIENT_AGE, VR::AS),
    (tags::PATIENT_SIZE, VR::DS),
    (tags::PATIENT_WEIGHT, VR::DS),
];

/// Maximum length of a copied value, in bytes: no copied attribute holds more than a few names.
const MAX_BYTES: usize = 1024;

/// The source's values that a linked object copies.
pub(super) fn copied(source: &DicomSource) -> Vec<&DicomValue> {
    let tags = REQUIRED.iter().chain(&OPTIONAL).map(|(tag, _)| *tag);
    let tags = tags.chain([
        tags::SPECIFIC_CHARACTER_SET,
        tags::POSITION_REFERENCE_INDICATOR,
    ]);
    tags.filter_map(|tag| value(source, tag)).collect()
}

/// An attribute's value, if it isn't empty.
fn value(source: &DicomSource, tag: Tag) -> Option<&DicomValue> {
    let same = |value: &&DicomValue| value.tag == tag;
    let value = source.attributes.iter().find(same)?;
    let is_text = &value.vr != b"SQ" && !value.value.trim_ascii().is_empty();
    (is_text && value.value.len() <= MAX_BYTES).then_some(value)
}

/// An attribute's value as text, without surrounding spaces and zeros.
pub(super) fn text(source: &DicomSource, tag: Tag) -> Option<&str> {
    let text = str::from_utf8(&value(source, tag)?.value).ok()?;
    Some(text.trim_matches([' ', '\0']))
}

/// An attribute's value, if it is a valid UID.
pub(super) fn uid(source: &DicomSource, tag: Tag) -> Option<&str> {
    text(source, tag).filter(|text| is_uid(text))
}

/// Sets Patient, General Study, Patient Study and what else the object shares with the source. `study_uid` is the
/// source's, or a new one.
pub(super) fn put_patient_and_study(
    set: &mut DataSet,
    source: &DicomSource,
    identity: Identity,
    study_uid: &str,
) {
    set.text(tags::STUDY_INSTANCE_UID, VR::UI, study_uid);
    for (tag, vr) in REQUIRED {
        set.text(tag, vr, "");
    }
    if identity == Identity::DeIdentified {
        set.text(tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES");
        let method = "New UIDs; nothing copied but geometry";
        return set.text(tags::DEIDENTIFICATION_METHOD, VR::LO, method);
    }
    for (tag, vr) in REQUIRED.into_iter().chain(OPTIONAL) {
        if let Some(value) = value(source, tag) {
            set.bytes(tag, vr, &value.value);
        }
    }
    put_animal(set);
    // Required if the identity was removed (type 1C). The source may have described the method with codes, which are
    // not copied.
    let removed = text(source, tags::PATIENT_IDENTITY_REMOVED) == Some("YES");
    if removed && !set.contains(tags::DEIDENTIFICATION_METHOD) {
        set.text(
            tags::DEIDENTIFICATION_METHOD,
            VR::LO,
            "See the source images",
        );
    }
}

/// Sets attributes that an animal must have besides its species, even if empty (type 2C).
fn put_animal(set: &mut DataSet) {
    if !set.contains(tags::PATIENT_SPECIES_DESCRIPTION) {
        return;
    }
    for (tag, vr) in [
        (tags::PATIENT_SEX_NEUTERED, VR::CS),
        (tags::PATIENT_BREED_DESCRIPTION, VR::LO),
        (tags::RESPONSIBLE_PERSON, VR::PN),
        (tags::RESPONSIBLE_ORGANIZATION, VR::LO),
    ] {
        set.text(tag, vr, "");
    }
    set.sequence(tags::PATIENT_BREED_CODE_SEQUENCE, Vec::new());
    set.sequence(tags::BREED_REGISTRATION_SEQUENCE, Vec::new());
}

/// Sets Frame of Reference (C.7.4.1): the source's for a linked object, or a new one if the source has none.
pub(super) fn put_frame_of_reference(
    set: &mut DataSet,
    source: &DicomSource,
    identity: Identity,
    uids: &mut Uids,
) {
    let linked = (identity == Identity::Linked).then_some(source);
    let uid = linked.and_then(|source| uid(source, tags::FRAME_OF_REFERENCE_UID));
    let uid = uid.map_or_else(|| uids.fresh(), str::to_owned);
    set.text(tags::FRAME_OF_REFERENCE_UID, VR::UI, &uid);
    let indicator = linked.and_then(|source| value(source, tags::POSITION_REFERENCE_INDICATOR));
    let indicator = indicator.map_or(&[][..], |value| &value.value);
    set.bytes(tags::POSITION_REFERENCE_INDICATOR, VR::LO, indicator);
}

//! The attributes of a series that an export copies (DICOM PS3.3 C.7.1.1 to C.7.5.1).

use super::attribute::*;
use super::data_set::DataSet;
use crate::scan::DicomValue;

/// Maximum length of a copied value, in bytes.
const MAX_VALUE: usize = 1024;

const COPIED: [Attribute; 46] = [
    SPECIFIC_CHARACTER_SET,
    STUDY_DATE,
    STUDY_TIME,
    ACCESSION_NUMBER,
    MODALITY,
    MANUFACTURER,
    INSTITUTION_NAME,
    REFERRING_PHYSICIAN_NAME,
    TIMEZONE_OFFSET,
    STATION_NAME,
    STUDY_DESCRIPTION,
    SERIES_DESCRIPTION,
    MANUFACTURER_MODEL_NAME,
    PATIENT_NAME,
    PATIENT_ID,
    ISSUER_OF_PATIENT_ID,
    PATIENT_BIRTH_DATE,
    PATIENT_BIRTH_TIME,
    PATIENT_SEX,
    OTHER_PATIENT_IDS,
    PATIENT_AGE,
    PATIENT_SIZE,
    PATIENT_WEIGHT,
    PATIENT_SPECIES,
    PATIENT_SEX_NEUTERED,
    PATIENT_BREED,
    RESPONSIBLE_PERSON,
    RESPONSIBLE_ORGANIZATION,
    PATIENT_IDENTITY_REMOVED,
    DEIDENTIFICATION_METHOD,
    BODY_PART_EXAMINED,
    SLICE_THICKNESS,
    DEVICE_SERIAL_NUMBER,
    SOFTWARE_VERSIONS,
    STUDY_INSTANCE_UID,
    SERIES_INSTANCE_UID,
    STUDY_ID,
    SERIES_NUMBER,
    FRAME_OF_REFERENCE_UID,
    LATERALITY,
    POSITION_REFERENCE_INDICATOR,
    LONGITUDINAL_TEMPORAL_INFORMATION,
    BURNED_IN_ANNOTATION,
    LOSSY_IMAGE_COMPRESSION,
    LOSSY_IMAGE_COMPRESSION_RATIO,
    LOSSY_IMAGE_COMPRESSION_METHOD,
];

/// Attributes that are present, including empty ones, with the VR of the dictionary. All are text, so their byte order
/// doesn't matter.
pub(super) fn attributes(data: &DataSet<'_>) -> Vec<DicomValue> {
    let found = COPIED.iter().filter_map(|attribute| {
        let element = data.element(*attribute)?;
        let is_padding = |byte: &u8| *byte == b' ' || *byte == 0;
        let padding = element
            .value
            .iter()
            .rev()
            .take_while(|byte| is_padding(byte));
        let length = element.value.len() - padding.count();
        (length <= MAX_VALUE).then(|| DicomValue {
            tag: attribute.tag,
            vr: attribute.vr,
            value: element.value[..length].to_vec(),
        })
    });
    found.collect()
}

/// Burned In Annotation (0028,0301).
pub(super) fn burned_in(data: &DataSet<'_>) -> Option<bool> {
    match data.text(BURNED_IN_ANNOTATION).as_str() {
        "YES" => Some(true),
        "NO" => Some(false),
        _ => None,
    }
}

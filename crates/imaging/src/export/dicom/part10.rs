//! The PS3.10 file around a data set.

use super::elements::{DataSet, VR};
use super::tags;
use crate::error::Error;

/// Transfer Syntax UID (PS3.5 A.2).
const EXPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";
/// Transfer Syntax UID (PS3.5 A.1).
const IMPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2";
/// Implementation Class UID (0002,0012): a random UUID of this writer.
const IMPLEMENTATION_CLASS_UID: &str = "2.25.183375855254737726587807655089216989688";
const IMPLEMENTATION_VERSION_NAME: &str = "BOXEL";

/// A segmentation's file: an empty preamble, the prefix, the File Meta Information and the data set.
///
/// # Errors
///
/// [`Error::Encode`] for a value that is too long for its length field.
pub(super) fn file(
    set: &DataSet,
    sop_class_uid: &str,
    sop_instance_uid: &str,
) -> Result<Vec<u8>, Error> {
    let mut file = head(EXPLICIT_VR_LITTLE_ENDIAN, sop_class_uid, sop_instance_uid)?;
    set.write(&mut file)?;
    Ok(file)
}

/// The same in implicit VR, for values that are too long for explicit VR.
///
/// # Errors
///
/// As [`file`].
pub(super) fn implicit_file(
    set: &DataSet,
    sop_class_uid: &str,
    sop_instance_uid: &str,
) -> Result<Vec<u8>, Error> {
    let mut file = head(IMPLICIT_VR_LITTLE_ENDIAN, sop_class_uid, sop_instance_uid)?;
    set.write_implicit(&mut file)?;
    Ok(file)
}

/// What precedes the data set. It is always in explicit VR.
fn head(syntax: &str, sop_class_uid: &str, sop_instance_uid: &str) -> Result<Vec<u8>, Error> {
    let mut meta = Vec::new();
    meta_information(syntax, sop_class_uid, sop_instance_uid).write(&mut meta)?;
    // Number of bytes after this element.
    let mut length = DataSet::default();
    let bytes = u32::try_from(meta.len()).unwrap_or(u32::MAX);
    length.long_numbers(tags::FILE_META_INFORMATION_GROUP_LENGTH, &[bytes]);

    let mut file = vec![0; 128];
    file.extend_from_slice(b"DICM");
    length.write(&mut file)?;
    file.extend(meta);
    Ok(file)
}

/// File Meta Information (PS3.10 table 7.1-1) without its length.
fn meta_information(syntax: &str, sop_class_uid: &str, sop_instance_uid: &str) -> DataSet {
    let mut meta = DataSet::default();
    meta.octets(tags::FILE_META_INFORMATION_VERSION, vec![0, 1]);
    for (tag, uid) in [
        (tags::MEDIA_STORAGE_SOP_CLASS_UID, sop_class_uid),
        (tags::MEDIA_STORAGE_SOP_INSTANCE_UID, sop_instance_uid),
        (tags::TRANSFER_SYNTAX_UID, syntax),
        (tags::IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_CLASS_UID),
    ] {
        meta.text(tag, VR::UI, uid);
    }
    let tag = tags::IMPLEMENTATION_VERSION_NAME;
    meta.text(tag, VR::SH, IMPLEMENTATION_VERSION_NAME);
    meta
}

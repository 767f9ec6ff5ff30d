//! Modules that the object has once: instance, series, equipment, image and segments.

use super::charset::Charset;
use super::codes;
use super::color::cielab;
use super::elements::{DataSet, VR};
use super::identity::text;
use super::tags;
use super::uids::Uids;
use super::{AlgorithmType, NewInstance, SegForm, Segment, unavailable};
use crate::error::Error;
use crate::scan::{DicomSource, Grid};

/// The writer's name, for Manufacturer (0008,0070) and similar attributes.
const MAKER: &str = "Boxel";

/// SOP Common (PS3.3 C.12.1), and the times of General Image and Multi-frame Functional Groups.
pub(super) fn put_instance(
    set: &mut DataSet,
    form: SegForm,
    instance: &NewInstance<'_>,
    uid: &str,
) {
    set.text(tags::SOP_CLASS_UID, VR::UI, form.sop_class_uid());
    set.text(tags::SOP_INSTANCE_UID, VR::UI, uid);
    set.text(tags::INSTANCE_NUMBER, VR::IS, "1");
    for tag in [
        tags::CONTENT_DATE,
        tags::INSTANCE_CREATION_DATE,
        tags::SERIES_DATE,
    ] {
        set.text(tag, VR::DA, instance.date);
    }
    for tag in [
        tags::CONTENT_TIME,
        tags::INSTANCE_CREATION_TIME,
        tags::SERIES_TIME,
    ] {
        set.text(tag, VR::TM, instance.time);
    }
}

/// General Series and Segmentation Series (C.7.3.1, C.8.20.1), General and Enhanced General
/// Equipment (C.7.5.1, C.7.5.2).
pub(super) fn put_series_and_equipment(
    set: &mut DataSet,
    instance: &NewInstance<'_>,
    charset: &Charset,
    uids: &mut Uids,
) {
    set.text(tags::MODALITY, VR::CS, "SEG");
    set.text(tags::SERIES_INSTANCE_UID, VR::UI, &uids.fresh());
    // Type 1; the number only sorts the series after the study's images.
    set.text(tags::SERIES_NUMBER, VR::IS, "1000");
    set.text(tags::SERIES_DESCRIPTION, VR::LO, "Segmentation");
    set.text(tags::MANUFACTURER, VR::LO, MAKER);
    set.text(tags::MANUFACTURER_MODEL_NAME, VR::LO, MAKER);
    // Type 1. A program has no serial number, and one of the browser would identify its user.
    set.text(tags::DEVICE_SERIAL_NUMBER, VR::LO, "0");
    let version = charset.long_string(instance.software_version);
    set.bytes(tags::SOFTWARE_VERSIONS, VR::LO, &version);
}

/// Image Pixel and Segmentation Image (C.7.6.3, C.8.20.2), without the segments and what depends on the form.
pub(super) fn put_image(set: &mut DataSet, source: &DicomSource, grid: &Grid) -> Result<(), Error> {
    let side = |side: u32| {
        let unwritable = || unavailable("its sides are longer than 65535; save NIfTI or PNG");
        u16::try_from(side).map_err(|_| unwritable())
    };
    set.numbers(tags::ROWS, &[side(grid.rows)?]);
    set.numbers(tags::COLUMNS, &[side(grid.columns)?]);
    set.numbers(tags::SAMPLES_PER_PIXEL, &[1]);
    set.numbers(tags::PIXEL_REPRESENTATION, &[0]);
    set.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2");
    set.text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\PRIMARY");
    set.text(tags::CONTENT_LABEL, VR::CS, "SEGMENTATION");
    set.text(tags::CONTENT_DESCRIPTION, VR::LO, "");
    set.text(tags::CONTENT_CREATOR_NAME, VR::PN, "");
    put_lossy_compression(set, source);
    Ok(())
}

/// Whether the source was compressed with loss, which a derived object must state.
fn put_lossy_compression(set: &mut DataSet, source: &DicomSource) {
    let lossy = text(source, tags::LOSSY_IMAGE_COMPRESSION) == Some("01");
    set.text(
        tags::LOSSY_IMAGE_COMPRESSION,
        VR::CS,
        if lossy { "01" } else { "00" },
    );
    if !lossy {
        return;
    }
    if let Some(ratios) = text(source, tags::LOSSY_IMAGE_COMPRESSION_RATIO).and_then(ratios) {
        set.text(tags::LOSSY_IMAGE_COMPRESSION_RATIO, VR::DS, &ratios);
    }
    let methods = text(source, tags::LOSSY_IMAGE_COMPRESSION_METHOD);
    if let Some(methods) = methods.filter(|text| text.split('\\').all(is_method)) {
        set.text(tags::LOSSY_IMAGE_COMPRESSION_METHOD, VR::CS, methods);
    }
}

/// The defined terms of Lossy Image Compression Method (C.7.6.1.1.5.1).
const METHODS: [&str; 9] = [
    "ISO_10918_1",
    "ISO_14495_1",
    "ISO_15444_1",
    "ISO_15444_2",
    "ISO_15444_15",
    "ISO_13818_2",
    "ISO_14496_10",
    "ISO_23008_2",
    "ISO_18181_1",
];

/// Free text could name the patient, and a de-identified object holds this attribute too: only defined terms pass.
fn is_method(text: &str) -> bool {
    METHODS.contains(&text.trim())
}

/// Maximum compression ratio: images don't compress further, and a larger number may be an identifier.
const MAX_RATIO: f64 = 1000.0;

/// The ratios, rewritten from their values with two decimals, so that no other text or digits of the source survive;
/// `None` if one of them is not a ratio.
fn ratios(text: &str) -> Option<String> {
    let ratios = text.split('\\').map(|ratio| {
        let ratio: f64 = ratio.trim().parse().ok()?;
        let is_ratio = (1.0..=MAX_RATIO).contains(&ratio);
        is_ratio.then(|| {
            format!("{ratio:.2}")
                .trim_end_matches('0')
                .trim_end_matches('.')
                .to_owned()
        })
    });
    let ratios: Vec<String> = ratios.collect::<Option<_>>()?;
    Some(ratios.join("\\"))
}

/// Segment Sequence (C.8.20.2, Table C.8.20-4), numbered from 1, and whether segments overlap.
pub(super) fn put_segments(
    set: &mut DataSet,
    segments: &[Segment<'_>],
    form: SegForm,
    instance: &NewInstance<'_>,
    charset: &Charset,
    uids: &mut Uids,
) -> Result<(), Error> {
    let overlap = overlap(segments)?;
    let mut items = Vec::with_capacity(segments.len() + 1);
    if form == SegForm::LabelMap {
        if overlap {
            return Err(unavailable(
                "segments overlap, and a label map holds one number for each pixel; save the binary form",
            ));
        }
        items.push(background_item());
    }
    let charset = charset.of_item(&super::texts(segments));
    for (number, segment) in (1..).zip(segments) {
        items.push(segment_item(number, segment, instance, &charset, uids));
    }
    set.sequence(tags::SEGMENT_SEQUENCE, items);
    set.text(
        tags::SEGMENTS_OVERLAP,
        VR::CS,
        if overlap { "YES" } else { "NO" },
    );
    Ok(())
}

/// Whether two segments share a voxel.
fn overlap(segments: &[Segment<'_>]) -> Result<bool, Error> {
    for (at, segment) in segments.iter().enumerate() {
        for other in segments.iter().skip(at + 1) {
            if segment.mask.meets(other.mask)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The background segment of a label map: Segment Number 0, which is also the Pixel Padding Value (C.8.20.2.3).
fn background_item() -> DataSet {
    let mut item = DataSet::default();
    item.numbers(tags::SEGMENT_NUMBER, &[0]);
    item.text(tags::SEGMENT_LABEL, VR::LO, "Background");
    let code = codes::items(codes::BACKGROUND, &Charset::ASCII);
    item.sequence(
        tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE,
        code.clone(),
    );
    item.sequence(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, code);
    item.text(tags::SEGMENT_ALGORITHM_TYPE, VR::CS, "MANUAL");
    item
}

fn segment_item(
    number: u16,
    segment: &Segment<'_>,
    instance: &NewInstance<'_>,
    charset: &Charset,
    uids: &mut Uids,
) -> DataSet {
    let mut item = DataSet::default();
    charset.put(&mut item);
    item.numbers(tags::SEGMENT_NUMBER, &[number]);
    let mut label = charset.long_string(segment.label);
    if label.is_empty() {
        label = format!("Segment {number}").into_bytes();
    }
    item.bytes(tags::SEGMENT_LABEL, VR::LO, &label);
    let kind = tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE;
    put_codes(&mut item, kind, segment, charset);
    item.numbers(
        tags::RECOMMENDED_DISPLAY_CIE_LAB_VALUE,
        &cielab(segment.color),
    );
    // Both are required, or neither (type 1C). The number distinguishes segments of the same label.
    let tracking_id = [number.to_string().as_bytes(), b" ", &label].concat();
    item.bytes(tags::TRACKING_ID, VR::UT, &tracking_id);
    item.text(tags::TRACKING_UID, VR::UI, &uids.fresh());
    match (segment.algorithm_type, segment.algorithm) {
        (None, Some(name)) => put_algorithm(&mut item, name, instance, charset),
        _ => {
            let (made, name) = segment.made();
            item.text(tags::SEGMENT_ALGORITHM_TYPE, VR::CS, made.name());
            // Required unless it was made by hand (type 1C).
            if made != AlgorithmType::Manual {
                let name = charset.long_string(name.unwrap_or("not recorded"));
                item.bytes(tags::SEGMENT_ALGORITHM_NAME, VR::LO, &name);
            }
        }
    }
    item
}

/// Category, type and the type's modifier, which is in the type's item. `kind` is the sequence of the type.
pub(super) fn put_codes(
    item: &mut DataSet,
    kind: tags::Tag,
    segment: &Segment<'_>,
    charset: &Charset,
) {
    item.sequence(
        tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE,
        codes::items(segment.category, charset),
    );
    let mut property = codes::items(segment.property, charset);
    if let (Some(modifier), Some(property)) = (segment.modifier, property.first_mut()) {
        property.sequence(
            tags::SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE,
            codes::items(modifier, charset),
        );
    }
    item.sequence(kind, property);
}

/// The model that segmented at the user's prompts (Algorithm Identification Macro, 10.16).
fn put_algorithm(item: &mut DataSet, name: &str, instance: &NewInstance<'_>, charset: &Charset) {
    let name = charset.long_string(name);
    item.text(tags::SEGMENT_ALGORITHM_TYPE, VR::CS, "SEMIAUTOMATIC");
    item.bytes(tags::SEGMENT_ALGORITHM_NAME, VR::LO, &name);
    let mut identification = DataSet::default();
    let family = codes::items(codes::ARTIFICIAL_INTELLIGENCE, charset);
    identification.sequence(tags::ALGORITHM_FAMILY_CODE_SEQUENCE, family);
    identification.bytes(tags::ALGORITHM_NAME, VR::LO, &name);
    let version = charset.long_string(instance.software_version);
    identification.bytes(tags::ALGORITHM_VERSION, VR::LO, &version);
    let tag = tags::SEGMENTATION_ALGORITHM_IDENTIFICATION_SEQUENCE;
    item.sequence(tag, vec![identification]);
}

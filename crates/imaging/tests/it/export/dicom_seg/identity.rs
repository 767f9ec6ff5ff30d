//! Patient, study and references of a segmentation.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use boxel_imaging::export::{Identity, NewInstance, SegForm, Segment, dicom_seg};
use boxel_imaging::{DicomValue, Scan, Source};
use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::cases::{Arrangement, IDENTIFYING, INSTANCE, masks, scan, written};
use super::{items, numbers, only, read, text, with_source};
use crate::support::tools;

#[test]
fn a_linked_object_is_the_patients() {
    let scan = scan(Arrangement::Oblique);
    let object = read(&written(&scan, &masks(&scan), Identity::Linked).unwrap());
    for (group, element, _, value) in IDENTIFYING {
        // The series is new, and its source is referenced.
        if (group, element) != (0x0020, 0x000e) {
            assert_eq!(text(&object, Tag(group, element)), value);
        }
    }
    let measures = only(
        only(&object, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE),
        tags::PIXEL_MEASURES_SEQUENCE,
    );
    assert_eq!(numbers(measures, tags::PIXEL_SPACING), [0.9, 0.7]);
    assert_eq!(numbers(measures, tags::SLICE_THICKNESS), [2.5]);
    assert_eq!(numbers(measures, tags::SPACING_BETWEEN_SLICES), [3.0]);
    assert_eq!(text(&object, tags::LOSSY_IMAGE_COMPRESSION), "01");
    assert_eq!(
        numbers(&object, tags::LOSSY_IMAGE_COMPRESSION_RATIO),
        [12.5]
    );
}

#[test]
fn slices_of_several_series_are_referenced_by_their_own_series() {
    let scan = with_source(&scan(Arrangement::Oblique), |source| {
        for (frame, uid) in source
            .frames
            .iter_mut()
            .zip(["1.2.5.1", "1.2.5.2", "1.2.5.1"])
        {
            frame.series_instance_uid = uid.to_owned();
        }
    });
    let Source::Dicom(source) = &scan.source else {
        panic!("another source");
    };
    let object = read(&written(&scan, &masks(&scan), Identity::Linked).unwrap());
    let series = items(&object, tags::REFERENCED_SERIES_SEQUENCE);
    let uids: Vec<String> = series
        .iter()
        .map(|item| text(item, tags::SERIES_INSTANCE_UID))
        .collect();
    // Frames that name no series belong to the scan's series.
    let own = IDENTIFYING
        .iter()
        .find(|known| (known.0, known.1) == (0x0020, 0x000e));
    assert_eq!(uids, ["1.2.5.1", "1.2.5.2", own.unwrap().3]);
    let instances = |at: usize| items(&series[at], tags::REFERENCED_INSTANCE_SEQUENCE).len();
    let others = source.frames.len() - 3;
    assert_eq!([0, 1, 2].map(instances), [2, 1, others]);
}

#[test]
fn a_de_identified_object_has_nothing_of_the_source() {
    let scan = scan(Arrangement::Oblique);
    let bytes = written(&scan, &masks(&scan), Identity::DeIdentified).unwrap();
    let holds = |value: &str| {
        bytes
            .windows(value.len())
            .any(|window| window == value.as_bytes())
    };
    for (_, _, _, value) in IDENTIFYING {
        assert!(!holds(value), "{value}");
    }
    assert!(!holds("1.2.826.0.1.22222"), "an instance of the source");
    assert!(
        !holds("1.2.840.10008.5.1.4.1.1.4\0"),
        "the class of the source"
    );
    let object = read(&bytes);
    assert_eq!(text(&object, tags::PATIENT_IDENTITY_REMOVED), "YES");
    for tag in [
        tags::PATIENT_NAME,
        tags::PATIENT_ID,
        tags::PATIENT_SEX,
        tags::STUDY_DATE,
    ] {
        assert_eq!(text(&object, tag), "");
    }
    assert!(object.get(tags::REFERENCED_SERIES_SEQUENCE).is_none());
    let uids = [
        tags::STUDY_INSTANCE_UID,
        tags::SERIES_INSTANCE_UID,
        tags::SOP_INSTANCE_UID,
        tags::FRAME_OF_REFERENCE_UID,
    ];
    let uids: HashSet<String> = uids.iter().map(|&tag| text(&object, tag)).collect();
    assert!(uids.len() == 4 && uids.iter().all(|uid| uid.starts_with("2.25.")));
}

/// UIDs depend on the seed, so objects of two seeds have no UID in common.
#[test]
fn uids_are_the_seeds() {
    let scan = scan(Arrangement::Single);
    let [mask, _] = masks(&scan);
    let seeded = |seed| {
        let instance = NewInstance {
            seed: [seed; 16],
            ..INSTANCE
        };
        let segment = Segment::new("a", [0; 3], &mask);
        dicom_seg(
            &scan,
            &[segment],
            Identity::Linked,
            SegForm::Binary,
            &instance,
        )
        .unwrap()
    };
    assert_eq!(seeded(1), seeded(1));
    let uid = |seed| text(&read(&seeded(seed)), tags::SOP_INSTANCE_UID);
    assert_ne!(uid(1), uid(2));
    assert_eq!(text(&read(&seeded(1)), tags::SEGMENTS_OVERLAP), "NO");
}

#[test]
fn missing_attributes_of_the_source_get_substitutes() {
    let gone = [
        (0x0020, 0x0052),
        (0x0018, 0x0050),
        (0x0010, 0x0010),
        (0x0028, 0x2110),
    ];
    let scan = with_source(&scan(Arrangement::Oblique), |source| {
        source.attributes.retain(|value| !gone.contains(&value.tag));
        let (tag, vr) = ((0x0012, 0x0062), *b"CS");
        let value = b"YES".to_vec();
        source.attributes.push(DicomValue { tag, vr, value });
    });
    let object = read(&written(&scan, &masks(&scan), Identity::Linked).unwrap());
    assert!(text(&object, tags::FRAME_OF_REFERENCE_UID).starts_with("2.25."));
    let shared = only(&object, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let measures = only(shared, tags::PIXEL_MEASURES_SEQUENCE);
    assert_eq!(numbers(measures, tags::SLICE_THICKNESS), [3.0]);
    assert_eq!(text(&object, tags::PATIENT_NAME), "");
    assert_eq!(text(&object, tags::LOSSY_IMAGE_COMPRESSION), "00");
    assert!(object.get(tags::LOSSY_IMAGE_COMPRESSION_RATIO).is_none());
    // The identity was removed, by an unknown method (type 1C).
    assert!(!text(&object, tags::DEIDENTIFICATION_METHOD).is_empty());
}

/// Texts in the source's character set are copied unchanged; ours are written in it, or in UTF-8 if no copied text
/// needs it.
#[test]
fn letters_beyond_ascii() {
    let plain = scan(Arrangement::Single);
    let [mask, _] = masks(&plain);
    let written = |scan: &Scan, identity| {
        let segment = Segment::new("L\u{e4}sion\\1", [0; 3], &mask);
        dicom_seg(scan, &[segment], identity, SegForm::Binary, &INSTANCE).unwrap()
    };
    let object = read(&written(&plain, Identity::Linked));
    assert_eq!(text(&object, tags::SPECIFIC_CHARACTER_SET), "ISO_IR 192");
    let label = |object| {
        text(
            &items(object, tags::SEGMENT_SEQUENCE)[0],
            tags::SEGMENT_LABEL,
        )
    };
    assert_eq!(label(&object), "L\u{e4}sion/1");
    let latin1 = with_source(&plain, |source| {
        source.attributes[0].value = b"M\xfcller".to_vec();
        let (tag, vr) = ((0x0008, 0x0005), *b"CS");
        let value = b"ISO_IR 100".to_vec();
        source.attributes.push(DicomValue { tag, vr, value });
    });
    let object = read(&written(&latin1, Identity::Linked));
    assert_eq!(text(&object, tags::SPECIFIC_CHARACTER_SET), "ISO_IR 100");
    assert_eq!(text(&object, tags::PATIENT_NAME), "M\u{fc}ller");
    assert_eq!(label(&object), "L\u{e4}sion/1");
    let object = read(&written(&latin1, Identity::DeIdentified));
    assert_eq!(text(&object, tags::SPECIFIC_CHARACTER_SET), "ISO_IR 192");
    assert_eq!(label(&object), "L\u{e4}sion/1");
}

/// If the source's character set lacks a letter of a label, the segments have their own set.
#[test]
fn a_label_keeps_its_letters_in_a_foreign_character_set() {
    let japanese = with_source(&scan(Arrangement::Single), |source| {
        source.attributes[0].value = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B".to_vec();
        let (tag, vr) = ((0x0008, 0x0005), *b"CS");
        let value = b"\\ISO 2022 IR 87".to_vec();
        source.attributes.push(DicomValue { tag, vr, value });
    });
    let [mask, _] = masks(&japanese);
    let label = "L\u{e4}sion \u{809d}\u{81d3}";
    let segment = Segment::new(label, [0; 3], &mask);
    let bytes = dicom_seg(
        &japanese,
        &[segment],
        Identity::Linked,
        SegForm::Binary,
        &INSTANCE,
    );
    let bytes = bytes.unwrap();
    let object = read(&bytes);
    let set = text(&object, tags::SPECIFIC_CHARACTER_SET);
    assert_eq!(set, "\\ISO 2022 IR 87");
    let item = only(&object, tags::SEGMENT_SEQUENCE);
    assert_eq!(text(item, tags::SPECIFIC_CHARACTER_SET), "ISO_IR 192");
    assert_eq!(text(item, tags::SEGMENT_LABEL), label);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("japanese");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("seg.dcm");
    fs::write(&file, bytes).unwrap();
    if let Some(said) = tools::python("check_seg_labels.py", &[&file]) {
        assert_eq!(
            said,
            format!("Yamada^Tarou=\u{5c71}\u{7530}^\u{592a}\u{90ce}, 1 {label}\n")
        );
    }
}

/// Attributes that a de-identified object keeps too, where a source may have put any text.
#[test]
fn of_the_compression_only_defined_terms_are_written() {
    let object = |ratio: &str, method: &str| {
        let scan = with_source(&scan(Arrangement::Oblique), |source| {
            for (element, vr, text) in [(0x2112, *b"DS", ratio), (0x2114, *b"CS", method)] {
                source
                    .attributes
                    .retain(|value| value.tag != (0x0028, element));
                source.attributes.push(DicomValue {
                    tag: (0x0028, element),
                    vr,
                    value: text.as_bytes().to_vec(),
                });
            }
        });
        read(&written(&scan, &masks(&scan), Identity::DeIdentified).unwrap())
    };
    let defined = object("12.50\\3", "ISO_10918_1\\ISO_15444_1");
    assert_eq!(
        numbers(&defined, tags::LOSSY_IMAGE_COMPRESSION_RATIO),
        [12.5, 3.0]
    );
    assert_eq!(
        text(&defined, tags::LOSSY_IMAGE_COMPRESSION_METHOD),
        "ISO_10918_1\\ISO_15444_1"
    );
    for (ratio, method) in [
        ("Panza^Sancho", "ISO_PANZA_1961"),
        ("4711081500", "PANZA"),
        ("12\\NaN", "ISO_10918_1\\ISO_ESCUDERO"),
    ] {
        let object = object(ratio, method);
        assert_eq!(text(&object, tags::LOSSY_IMAGE_COMPRESSION), "01");
        assert!(object.get(tags::LOSSY_IMAGE_COMPRESSION_RATIO).is_none());
        assert!(object.get(tags::LOSSY_IMAGE_COMPRESSION_METHOD).is_none());
    }
}

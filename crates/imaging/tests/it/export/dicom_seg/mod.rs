//! A DICOM Segmentation contains the original masks, at their places, and as much about the patient as requested.

mod cases;
mod form_readers;
mod forms;
mod frames;
mod identity;
mod readers;
mod real;

use boxel_imaging::export::{Identity, NewInstance, SegForm, Segment, dicom_seg, rgb_png};
use boxel_imaging::{DicomSource, Error, Limits, RgbImage8, Scan, Source, VolumeMask, open};
use cases::{Arrangement, INSTANCE, masks, scan, written};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::{DefaultDicomObject, InMemDicomObject, from_reader};

fn read(bytes: &[u8]) -> DefaultDicomObject {
    from_reader(bytes).unwrap()
}

fn text(set: &InMemDicomObject, tag: Tag) -> String {
    set.element(tag)
        .unwrap()
        .to_str()
        .unwrap()
        .trim_end_matches([' ', '\0'])
        .to_owned()
}

fn items(set: &InMemDicomObject, tag: Tag) -> &[InMemDicomObject] {
    set.element(tag).unwrap().items().unwrap()
}

fn only(set: &InMemDicomObject, tag: Tag) -> &InMemDicomObject {
    let items = items(set, tag);
    assert_eq!(items.len(), 1, "{tag}");
    &items[0]
}

fn code(set: &InMemDicomObject, tag: Tag) -> [String; 2] {
    let item = only(set, tag);
    [
        text(item, tags::CODE_VALUE),
        text(item, tags::CODING_SCHEME_DESIGNATOR),
    ]
}

fn numbers(set: &InMemDicomObject, tag: Tag) -> Vec<f64> {
    set.element(tag).unwrap().to_multi_float64().unwrap()
}

fn with_source(scan: &Scan, change: impl FnOnce(&mut DicomSource)) -> Scan {
    let mut scan = scan.clone();
    let Source::Dicom(source) = &mut scan.source else {
        panic!()
    };
    change(source);
    scan
}

#[test]
fn segments_have_coded_terms() {
    let scan = scan(Arrangement::Oblique);
    let object = read(&written(&scan, &masks(&scan), Identity::Linked).unwrap());
    let [first, second] = items(&object, tags::SEGMENT_SEQUENCE) else {
        panic!()
    };
    assert_eq!(text(first, tags::SEGMENT_LABEL), "Meniscus");
    assert_eq!(text(first, tags::SEGMENT_ALGORITHM_TYPE), "SEMIAUTOMATIC");
    assert_eq!(text(first, tags::SEGMENT_ALGORITHM_NAME), "LiteMedSAM");
    assert_eq!(
        code(first, tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE),
        ["74135004", "SCT"]
    );
    assert_eq!(text(second, tags::SEGMENT_ALGORITHM_TYPE), "MANUAL");
    assert!(second.get(tags::SEGMENT_ALGORITHM_NAME).is_none());
    assert_eq!(
        code(second, tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE),
        ["52988006", "SCT"]
    );
    assert_eq!(text(&object, tags::SEGMENTS_OVERLAP), "YES");
    let tracking = [first, second].map(|item| text(item, tags::TRACKING_UID));
    assert_ne!(tracking[0], tracking[1]);
}

#[test]
fn data_that_cannot_be_written_give_an_error() {
    let refused = |scan: &Scan, identity| {
        let error = written(scan, &masks(scan), identity).unwrap_err();
        assert_eq!(error.code(), "export_unavailable");
        error.to_string()
    };
    let image = RgbImage8::new(7, 5, vec![0; 105]).unwrap();
    let raster = open(&rgb_png(&image).unwrap(), &Limits::default()).unwrap();
    assert!(refused(&raster, Identity::Linked).contains("not opened from DICOM files"));

    let unplaced = refused(&scan(Arrangement::Loop), Identity::DeIdentified);
    assert!(unplaced.contains("no positions"), "{unplaced}");

    let oblique = scan(Arrangement::Oblique);
    let nameless = with_source(&oblique, |source| source.frames[3].sop_instance_uid.clear());
    assert!(refused(&nameless, Identity::Linked).contains("UIDs"));
    assert!(written(&nameless, &masks(&nameless), Identity::DeIdentified).is_ok());

    let empty = [
        VolumeMask::empty(oblique.grid()),
        VolumeMask::empty(oblique.grid()),
    ];
    let error = written(&oblique, &empty, Identity::Linked).unwrap_err();
    assert!(error.to_string().contains("no voxel is marked"));

    let error = written(
        &oblique,
        &masks(&scan(Arrangement::Single)),
        Identity::Linked,
    )
    .unwrap_err();
    assert_eq!(
        error,
        Error::GridsDiffer {
            a: [7, 5, 6],
            b: [7, 5, 1]
        }
    );
    let [mask, _] = masks(&oblique);
    let instance = NewInstance {
        date: "2024-02-29",
        ..INSTANCE
    };
    let segment = Segment::new("a", [0; 3], &mask);
    assert!(
        dicom_seg(
            &oblique,
            &[segment],
            Identity::Linked,
            SegForm::Binary,
            &instance
        )
        .is_err()
    );
}

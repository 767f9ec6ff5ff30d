//! Segmentations of 3D Slicer (`.seg.nrrd`): as scans, and as references to compare with.

use boxel_imaging::{
    Limits, NamedFile, NoteCode, Scan, labels, mask_of_label, open_choice, open_reference, survey,
};

use crate::support::scans::{codes, opened, texts, values};

const TAGS: &str = "TerminologyEntry:Segmentation category and type - 3D Slicer General Anatomy list~SCT^123037004^\
                    Anatomical Structure~SCT^10200004^Liver~^^~Anatomic codes~^^~^^|";

/// Two segments on 2 × 2 × 2 voxels: in one layer, or in one each.
fn segmentation(layers: usize, bytes: &[u8]) -> Vec<u8> {
    let (dimensions, list, none) = match layers {
        1 => (3, String::new(), ""),
        _ => (4, format!("{layers} "), "none "),
    };
    let kinds = if layers == 1 { "" } else { "list " };
    let head = format!(
        "NRRD0004\ntype: unsigned char\ndimension: {dimensions}\nspace: left-posterior-superior\nsizes: {list}2 2 2\n\
         space directions: {none}(1,0,0) (0,1,0) (0,0,2)\nkinds: {kinds}domain domain domain\nencoding: raw\n\
         space origin: (3,4,5)\nSegment0_Color:=0.5 0 1\nSegment0_LabelValue:=1\nSegment0_Layer:=0\nSegment0_Name:=liver\n\
         Segment0_Tags:={TAGS}\nSegment1_LabelValue:={}\nSegment1_Layer:={}\nSegment1_Name:=kidney\n\n",
        if layers == 1 { 7 } else { 1 },
        layers - 1,
    );
    [head.as_bytes(), bytes].concat()
}

fn reference(bytes: &[u8]) -> Result<Scan, boxel_imaging::Error> {
    let files = [NamedFile {
        name: "a.seg.nrrd",
        bytes,
    }];
    let choices = survey(&files, &Limits::default())?;
    open_reference(&files, &choices, &Limits::default())
}

#[test]
fn one_layer_is_a_label_map_with_names() {
    let bytes = segmentation(1, &[0, 1, 1, 0, 7, 7, 0, 1]);
    let scan = opened(&bytes);
    assert_eq!(codes(&scan), [NoteCode::LabelMap]);
    assert!(texts(&scan)[0].contains("2 segments"));
    for scan in [scan, reference(&bytes).unwrap()] {
        assert_eq!(labels(&scan).unwrap(), [1.0, 7.0]);
        let [liver, kidney] = scan.segments.as_slice() else {
            panic!("{:?}", scan.segments);
        };
        assert_eq!((liver.name.as_str(), liver.label), ("liver", 1));
        assert_eq!(liver.color, Some([128, 0, 255]));
        assert_eq!(liver.kind.as_ref().unwrap().value, "10200004");
        assert_eq!((kidney.name.as_str(), kidney.label), ("kidney", 7));
        let handed = [&scan.head_bytes().unwrap(), scan.sample_bytes()].concat();
        assert_eq!(Scan::from_bytes(&handed).unwrap(), scan);
    }
}

#[test]
fn layers_are_scans_and_one_reference() {
    // The numbers of a voxel's two layers next to each other.
    let bytes = segmentation(2, &[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]);
    let files = [NamedFile {
        name: "",
        bytes: &bytes,
    }];
    let choices = survey(&files, &Limits::default()).unwrap();
    assert_eq!(choices[1].label, "NRRD segmentation, layer 2 of 2, 2×2×2");
    let second = open_choice(&files, &choices[1], &Limits::default()).unwrap();
    assert_eq!(second.segments[0].name, "kidney");
    assert_eq!(values(&second), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    let map = reference(&bytes).unwrap();
    assert_eq!(values(&map), [1.0, 0.0, 2.0, 0.0, 0.0, 1.0, 2.0, 0.0]);
    let names: Vec<_> = map
        .segments
        .iter()
        .map(|segment| (segment.label, segment.name.as_str()))
        .collect();
    assert_eq!(names, [(1, "liver"), (2, "kidney")]);
    let mask = mask_of_label(map.grid(), &map, 2.0).unwrap();
    assert_eq!(mask.count(), 2);
}

#[test]
fn segments_that_overlap_are_refused_as_a_reference() {
    let mut bytes = [0; 16];
    bytes[6..8].copy_from_slice(&[1, 1]);
    let file = segmentation(2, &bytes);
    let error = reference(&file).unwrap_err();
    assert!(error.to_string().contains("segments 1 and 2"), "{error}");
    assert!(!values(&opened(&file)).is_empty());
    let short = segmentation(2, &bytes[1..]);
    assert_eq!(reference(&short).unwrap_err().code(), "image_truncated");
}

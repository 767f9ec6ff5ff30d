//! Segmentations that are opened on a scan: each segment's voxels, name, colour and codes, and what is refused.

use boxel_imaging::export::{self, Identity, NewInstance, SegForm};
use boxel_imaging::{
    Affine, Error, Grid, Limits, NamedFile, NamedSegment, Scan, ScanPlace, Segment, VolumeMask,
    are_segmentations, open, open_choice, open_reference, open_segments, survey,
};

use crate::support::dicom_writer::{Data, Syntax, nth};
use crate::support::tools;

/// A CT of ten slices of 4 × 3 pixels in a frame of reference.
fn ct(frame_of_reference: &str) -> Scan {
    let files = series(frame_of_reference);
    let files: Vec<_> = files
        .iter()
        .map(|bytes| NamedFile { name: "x", bytes })
        .collect();
    let choices = survey(&files, &Limits::default()).unwrap();
    open_choice(&files, &choices[0], &Limits::default()).unwrap()
}

fn series(frame_of_reference: &str) -> Vec<Vec<u8>> {
    let slices = (1..=10).map(|n| nth(n, 5.0 * f64::from(n), 1));
    let slices = slices.map(|data: Data| data.text(0x0020_0052, "UI", frame_of_reference));
    slices.map(|data| data.file(Syntax::Explicit)).collect()
}

fn mask(grid: &Grid, voxels: &[[u32; 3]]) -> VolumeMask {
    let mut values = vec![0; grid.voxels() as usize];
    for voxel in voxels {
        values[grid.index(*voxel).unwrap()] = 1;
    }
    VolumeMask::from_values(grid, &values).unwrap()
}

/// Two masks; if `overlap`, they share a voxel.
fn masks(grid: &Grid, overlap: bool) -> [VolumeMask; 2] {
    let second = if overlap { [1, 1, 3] } else { [0, 2, 4] };
    [
        mask(grid, &[[1, 1, 3], [2, 1, 5]]),
        mask(grid, &[second, [3, 2, 6]]),
    ]
}

const LABELS: [&str; 2] = ["Right kidney", "Ödem 2"];
const COLORS: [[u8; 3]; 2] = [[200, 30, 60], [10, 240, 120]];

fn seg(scan: &Scan, [a, b]: &[VolumeMask; 2], form: SegForm) -> Vec<u8> {
    let instance = NewInstance {
        seed: [7; 16],
        date: "20261128",
        time: "120000",
        software_version: "0",
    };
    let segments = [
        export::Segment::new(LABELS[0], COLORS[0], a),
        export::Segment::new(LABELS[1], COLORS[1], b),
    ];
    export::dicom_seg(scan, &segments, Identity::Linked, form, &instance).unwrap()
}

fn opened(scan: &Scan, bytes: &[u8]) -> Result<Vec<Segment>, Error> {
    let files = [NamedFile { name: "a", bytes }];
    let choices = survey(&files, &Limits::default())?;
    let place = ScanPlace::of(scan);
    open_segments(&files, &choices, &place, |_| true, &Limits::default())
}

fn names(segments: &[Segment]) -> Vec<&str> {
    segments
        .iter()
        .map(|segment| segment.named.name.as_str())
        .collect()
}

#[test]
fn our_own_segmentation_comes_back_in_each_form() {
    let scan = ct("2.25.5");
    for (form, overlap) in [
        (SegForm::Binary, true),
        (SegForm::WholeBytes, true),
        (SegForm::LabelMap, false),
    ] {
        let drawn = masks(scan.grid(), overlap);
        let found = opened(&scan, &seg(&scan, &drawn, form)).unwrap();
        assert_eq!(names(&found), LABELS, "{form:?}");
        for ((segment, drawn), color) in found.iter().zip(&drawn).zip(COLORS) {
            assert_eq!(&segment.mask, drawn, "{form:?}");
            let near = |(a, b): (u8, u8)| a.abs_diff(b) <= 1;
            let found = segment.named.color.unwrap();
            assert!(
                found.into_iter().zip(color).all(near),
                "{found:?} and {color:?}"
            );
        }
        let NamedSegment {
            category,
            kind,
            modifier,
            algorithm,
            ..
        } = &found[0].named;
        let value = |code: &Option<boxel_imaging::Code>| code.clone().map(|code| code.value);
        assert_eq!(value(category).as_deref(), Some("91723000"));
        assert_eq!(value(kind).as_deref(), Some("64033007"));
        assert_eq!(value(modifier).as_deref(), Some("24028007"));
        assert_eq!(algorithm, "MANUAL");
    }
}

/// Segmentations that highdicom writes (`tests/interop/highdicom_segments.py`): binary with an overlap, fractional, as a label
/// map, and along another axis of the patient.
#[test]
fn segmentations_of_highdicom_lie_on_the_scan() {
    let folder = std::env::temp_dir().join(format!("boxel-segments-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let files = series("2.25.5");
    let paths: Vec<_> = (0..files.len())
        .map(|at| folder.join(format!("{at}.ct")))
        .collect();
    for (path, bytes) in paths.iter().zip(&files) {
        std::fs::write(path, bytes).unwrap();
    }
    let mut args = vec![folder.as_path()];
    args.extend(paths.iter().map(|path| path.as_path()));
    if tools::python("highdicom_segments.py", &args).is_none() {
        return;
    }
    let scan = ct("2.25.5");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let drawn = |name| VolumeMask::from_values(scan.grid(), &read(name)).unwrap();
    for (name, first) in [
        ("binary.dcm", "1.mask"),
        ("fractional.dcm", "1.mask"),
        ("labelmap.dcm", "3.mask"),
        ("sagittal.dcm", "1.mask"),
    ] {
        let found = opened(&scan, &read(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(names(&found), ["Liver", "Milz ß"], "{name}");
        assert_eq!(found[0].mask, drawn(first), "{name}");
        assert_eq!(found[1].mask, drawn("2.mask"), "{name}");
        let liver = &found[0].named;
        assert_eq!(liver.kind.as_ref().unwrap().value, "10200004");
        assert_eq!(liver.category.as_ref().unwrap().meaning, "Organ");
        assert_eq!(liver.algorithm, "AUTOMATIC");
        let near = |(a, b): (u8, u8)| a.abs_diff(b) <= 1;
        assert!(liver.color.unwrap().into_iter().zip(COLORS[0]).all(near));
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn another_frame_of_reference_is_refused() {
    let (scan, other) = (ct("2.25.5"), ct("2.25.6"));
    for form in [SegForm::Binary, SegForm::LabelMap] {
        let file = seg(&other, &masks(other.grid(), false), form);
        let error = opened(&scan, &file).unwrap_err();
        assert_eq!(error.code(), "grids_differ");
        let text = error.to_string();
        assert!(text.contains("another frame of reference"), "{text}");
        assert!(opened(&other, &file).is_ok());
    }
}

#[test]
fn label_maps_of_every_format_lie_on_the_scan() {
    let scan = ct("2.25.5");
    let [a, b] = masks(scan.grid(), false);
    let nifti = export::nifti(&scan, &[&a, &b], true).unwrap();
    let found = opened(&scan, &nifti).unwrap();
    let labels: Vec<u32> = found.iter().map(|segment| segment.named.label).collect();
    assert_eq!(labels, [1, 2]);
    assert_eq!([&found[0].mask, &found[1].mask], [&a, &b]);

    let map = open(&nifti, &Limits::default()).unwrap();
    let place = scan.grid().patient_from_voxel.unwrap();
    for bytes in [nrrd(&map, &place), metaimage(&map, &place)] {
        let found = opened(&scan, &bytes).unwrap();
        assert_eq!([&found[0].mask, &found[1].mask], [&a, &b]);
        let moved = Affine(place.0.map(|[x, y, z, offset]| [x, y, z, offset + 0.3]));
        let moved = [nrrd(&map, &moved), metaimage(&map, &moved)];
        for bytes in moved {
            let text = opened(&scan, &bytes).unwrap_err().to_string();
            assert!(
                text.contains("the segmentation does not lie on the scan"),
                "{text}"
            );
        }
    }
}

#[test]
fn layers_of_a_segmentation_may_overlap() {
    let scan = ct("2.25.5");
    let drawn = masks(scan.grid(), true);
    let place = scan.grid().patient_from_voxel.unwrap();
    let mut head = String::from(
        "NRRD0004\ntype: uchar\ndimension: 4\nspace: LPS\nsizes: 2 4 3 10\nencoding: raw\n",
    );
    head += &format!(
        "space directions: none {}\nspace origin: {}\n",
        directions(&place),
        vector(place.offset())
    );
    for (at, name) in LABELS.iter().enumerate() {
        head += &format!(
            "Segment{at}_Name:={name}\nSegment{at}_LabelValue:=1\nSegment{at}_Layer:={at}\n"
        );
    }
    head += "Segment2_Name:=empty\nSegment2_LabelValue:=2\nSegment2_Layer:=1\n\n";
    let [a, b] = &drawn;
    let layers = a.values().zip(b.values());
    let voxels = layers.flat_map(|(a, b)| [u8::from(a), u8::from(b)]);
    let bytes = [head.as_bytes(), &voxels.collect::<Vec<_>>()].concat();
    let found = opened(&scan, &bytes).unwrap();
    assert_eq!(names(&found), [LABELS[0], LABELS[1], "empty"]);
    assert_eq!([&found[0].mask, &found[1].mask], [a, b]);
    assert_eq!(found[2].mask.count(), 0);
}

#[test]
fn segments_are_opened_in_parts() {
    let scan = ct("2.25.5");
    let drawn = masks(scan.grid(), false);
    for form in [SegForm::Binary, SegForm::LabelMap] {
        let bytes = seg(&scan, &drawn, form);
        let files = [NamedFile {
            name: "a",
            bytes: &bytes,
        }];
        let choices = survey(&files, &Limits::default()).unwrap();
        let second = |segment: &NamedSegment| segment.label == 2;
        let found = open_segments(
            &files,
            &choices,
            &ScanPlace::of(&scan),
            second,
            &Limits::default(),
        )
        .unwrap();
        assert_eq!(names(&found), [LABELS[1]]);
        assert_eq!(found[0].mask, drawn[1]);
    }
}

#[test]
fn a_scan_is_no_segmentation() {
    let scan = ct("2.25.5");
    let head = "NRRD0004\ntype: uint16\nendian: little\ndimension: 3\nsizes: 4 30 10\nspacings: 1 1 1\nencoding: raw\n\n";
    let bytes: Vec<u8> = (1..1201u16).flat_map(u16::to_le_bytes).collect();
    let error = opened(&scan, &[head.as_bytes(), &bytes].concat()).unwrap_err();
    assert_eq!(error.code(), "reference_labels");
}

fn vector([x, y, z]: [f64; 3]) -> String {
    format!("({x},{y},{z})")
}

fn directions(place: &Affine) -> String {
    [0, 1, 2].map(|axis| vector(place.column(axis))).join(" ")
}

fn stored(map: &Scan) -> Vec<u8> {
    map.sample_bytes().to_vec()
}

fn nrrd(map: &Scan, place: &Affine) -> Vec<u8> {
    let kind = if map.voxels().bits() == 8 {
        "uchar"
    } else {
        "ushort"
    };
    let head = format!(
        "NRRD0004\ntype: {kind}\nendian: little\ndimension: 3\nspace: LPS\nsizes: 4 3 10\nencoding: raw\nspace directions: {}\n\
         space origin: {}\n\n",
        directions(place),
        vector(place.offset())
    );
    [head.as_bytes(), &stored(map)].concat()
}

fn metaimage(map: &Scan, place: &Affine) -> Vec<u8> {
    let kind = if map.voxels().bits() == 8 {
        "MET_UCHAR"
    } else {
        "MET_USHORT"
    };
    let [x, y, z] = place.offset();
    let [a, b, c] = Grid::spacing_of(place);
    let head = format!(
        "NDims = 3\nDimSize = 4 3 10\nElementType = {kind}\nElementSpacing = {a} {b} {c}\nOffset = {x} {y} {z}\n\
         TransformMatrix = 1 0 0 0 1 0 0 0 1\nElementDataFile = LOCAL\n"
    );
    [head.as_bytes(), &stored(map)].concat()
}

#[test]
fn a_segmentation_is_told_from_a_scan() {
    let scan = ct("2.25.5");
    let drawn = masks(scan.grid(), false);
    let is_one =
        |bytes: &[u8]| are_segmentations(&[NamedFile { name: "", bytes }], &Limits::default())[0];
    for form in [SegForm::Binary, SegForm::WholeBytes, SegForm::LabelMap] {
        assert!(is_one(&seg(&scan, &drawn, form)), "{form:?}");
    }
    let [a, b] = &drawn;
    let nifti = export::nifti(&scan, &[a, b], true).unwrap();
    assert!(!is_one(&nifti[..nifti.len() / 2]), "it can't be read");
    assert!(is_one(&nifti));
    assert!(series("2.25.5").iter().all(|file| !is_one(file)));
    assert!(!is_one(b"") && !is_one(b"text"));
}

#[test]
fn a_reference_has_the_names_of_its_segments() {
    let scan = ct("2.25.5");
    for form in [SegForm::Binary, SegForm::LabelMap] {
        let bytes = seg(&scan, &masks(scan.grid(), false), form);
        let files = [NamedFile {
            name: "",
            bytes: &bytes,
        }];
        let choices = survey(&files, &Limits::default()).unwrap();
        let map = open_reference(&files, &choices, &Limits::default()).unwrap();
        let named = map
            .segments
            .iter()
            .map(|named| (named.label, named.name.as_str()));
        let named: Vec<_> = named.collect();
        assert_eq!(named, [(1, LABELS[0]), (2, LABELS[1])], "{form:?}");
    }
}

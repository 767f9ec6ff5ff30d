//! Segmentations that are opened on a scan, saved and opened again, and what is refused.

use std::rc::Rc;

use boxel_imaging::export::{
    AlgorithmType, Code as WrittenCode, Identity, NewInstance, SegForm, Segment as SegSegment,
    dicom_seg,
};
use boxel_imaging::{
    About, Affine, DicomSource, Format, Grid, Rescale, Scan, Source as FileSource, Stacking,
    VolumeMask, Voxels,
};

use super::*;
use crate::{
    RecordedObject, Rendering, SaveFormat, SaveOptions, SavedObject, Session, SessionFile, colour,
};

/// A CT of five slices of 4 × 3 pixels.
fn scan() -> Scan {
    let grid = Grid {
        slices: 5,
        stacking: Stacking::Slices,
        patient_from_voxel: Some(Affine([
            [1.0, 0.0, 0.0, -20.0],
            [0.0, 1.0, 0.0, 7.0],
            [0.0, 0.0, 3.0, 40.0],
        ])),
        slice_spacing_mm: Some(3.0),
        ..Grid::image(4, 3)
    };
    let (about, voxels) = (About::new(Format::Dicom, 16), Voxels::I16(vec![40; 60]));
    let source = FileSource::Dicom(DicomSource::default());
    Scan::new(grid, voxels, vec![Rescale::IDENTITY], about, source).unwrap()
}

/// Every `step`-th voxel.
fn mask(grid: &Grid, step: usize) -> VolumeMask {
    let values: Vec<u8> = (0..60).map(|at| u8::from(at % step == 0)).collect();
    VolumeMask::from_values(grid, &values).unwrap()
}

fn code(value: &'static str, meaning: &'static str) -> WrittenCode<'static> {
    WrittenCode {
        value,
        scheme: "SCT",
        meaning,
    }
}

/// A liver that a program has found, and a lesion that overlaps it.
fn made_elsewhere(scan: &Scan) -> Vec<u8> {
    let masks = [mask(scan.grid(), 2), mask(scan.grid(), 3)];
    let segments = [
        SegSegment {
            algorithm: Some("TotalSegmentator 2"),
            algorithm_type: Some(AlgorithmType::Automatic),
            category: code("123037004", "Anatomical Structure"),
            property: code("10200004", "Liver"),
            modifier: Some(code("51440002", "Right and left")),
            ..SegSegment::new("Leber", [221, 130, 101], &masks[0])
        },
        SegSegment {
            algorithm_type: Some(AlgorithmType::Manual),
            ..SegSegment::new("Läsion", [144, 238, 144], &masks[1])
        },
    ];
    let instance = NewInstance {
        seed: [7; 16],
        date: "20261128",
        time: "120000",
        software_version: "0",
    };
    let form = SegForm::Binary;
    dicom_seg(scan, &segments, Identity::DeIdentified, form, &instance).unwrap()
}

fn loaded(place: &ScanPlace, bytes: &[u8], limits: &Limits) -> Result<Vec<LoadedSegment>, Error> {
    let files = [NamedFile { name: "", bytes }];
    let list = SegmentList::of(&files, place.clone(), limits)?;
    let every: Vec<usize> = (0..list.names().count()).collect();
    let mut reader = list.reader(&every, limits)?;
    let mut all = Vec::new();
    while let Some(next) = reader.next(&files, limits)? {
        all.extend(next);
    }
    assert_eq!(reader.read(), reader.count());
    Ok(all)
}

/// A session with the segments as objects 1, 2, …
fn session(scan: &Scan, segments: &[LoadedSegment]) -> Session {
    let mut session = Session::default();
    session.open(Rc::new(scan.clone()), "");
    let open = session.open_scan_mut().unwrap();
    for (number, segment) in (1..).zip(segments) {
        let LoadedSegment { plane, masks, .. } = segment;
        open.restore_object(number, *plane, masks, Default::default(), None)
            .unwrap();
    }
    session
}

fn saved(number: u32, segment: &LoadedSegment) -> SavedObject {
    SavedObject {
        object: number,
        name: segment.facts.name.clone(),
        colour: colour(segment.colour.unwrap()),
        model: None,
        segment: Some(segment.facts.clone()),
    }
}

fn seg_of(session: &Session, objects: &[SavedObject]) -> Vec<u8> {
    let shown: Rendering = session.open_scan().unwrap().shown();
    let options = SaveOptions {
        rendering: shown,
        identity: Identity::DeIdentified,
        seg_form: None,
        winner: Default::default(),
        now: "20261128T120000".to_owned(),
        seed: [9; 16],
    };
    session
        .save(SaveFormat::DicomSeg, objects, &options)
        .unwrap()
}

#[test]
fn a_segmentation_comes_back_with_masks_names_colours_codes_and_algorithms() {
    let scan = scan();
    let place = ScanPlace::of(&scan);
    let limits = Limits::default();
    let first = loaded(&place, &made_elsewhere(&scan), &limits).unwrap();
    let [liver, lesion] = first.as_slice() else {
        panic!("two segments");
    };
    assert_eq!(liver.facts.name, "Leber");
    assert_eq!(liver.facts.kind.as_ref().unwrap().value, "10200004");
    assert_eq!(liver.facts.modifier.as_ref().unwrap().value, "51440002");
    assert_eq!(liver.facts.algorithm.as_deref(), Some("AUTOMATIC"));
    assert_eq!(liver.facts.algorithm_name, "TotalSegmentator 2");
    assert_eq!(lesion.facts.algorithm.as_deref(), Some("MANUAL"));
    assert_eq!((liver.voxels, lesion.voxels), (30, 20));

    let session = session(&scan, &first);
    let objects = [saved(1, liver), saved(2, lesion)];
    let again = loaded(&place, &seg_of(&session, &objects), &limits).unwrap();
    for (again, first) in again.iter().zip(&first) {
        let colours = [again, first].map(|segment| colour(segment.colour.unwrap()));
        let near = |(a, b): (u8, u8)| a.abs_diff(b) <= 1;
        assert!(
            colours[0].into_iter().zip(colours[1]).all(near),
            "{colours:?}"
        );
        let first = LoadedSegment {
            colour: again.colour,
            ..first.clone()
        };
        assert_eq!(again, &first);
    }
    assert_eq!(again.len(), 2);
}

#[test]
fn codes_go_with_the_name_and_the_algorithm_with_the_mask() {
    let scan = scan();
    let place = ScanPlace::of(&scan);
    let limits = Limits::default();
    let first = loaded(&place, &made_elsewhere(&scan), &limits).unwrap();
    let session = session(&scan, &first);
    let of = |change: fn(&mut SavedObject)| {
        let mut object = saved(1, &first[0]);
        change(&mut object);
        let again = loaded(&place, &seg_of(&session, &[object]), &limits).unwrap();
        again[0].facts.clone()
    };
    let renamed = of(|object| object.name = "Spleen".to_owned());
    assert_eq!(renamed.kind.unwrap().value, "78961009");
    let edited = of(|object| {
        object.segment = object
            .segment
            .as_ref()
            .map(|facts| facts.changed(true, false));
    });
    assert_eq!(edited.algorithm.as_deref(), Some("SEMIAUTOMATIC"));
    assert_eq!(edited.algorithm_name, "TotalSegmentator 2");
    let refined = of(|object| {
        object.segment = object
            .segment
            .as_ref()
            .map(|facts| facts.changed(false, true));
        object.model = Some("LiteMedSAM".to_owned());
    });
    assert_eq!(refined.algorithm.as_deref(), Some("SEMIAUTOMATIC"));
    assert_eq!(refined.algorithm_name, "LiteMedSAM");
    assert_eq!(refined.kind.unwrap().value, "10200004");
}

#[test]
fn few_segments_at_a_time_are_the_same_segments() {
    let scan = scan();
    let place = ScanPlace::of(&scan);
    let bytes = made_elsewhere(&scan);
    let whole = loaded(&place, &bytes, &Limits::default()).unwrap();
    let files = [NamedFile {
        name: "",
        bytes: &bytes,
    }];
    let limits = Limits::default();
    let list = SegmentList::of(&files, place.clone(), &limits).unwrap();
    let mut reader = list.reader(&[0, 1], &limits).unwrap();
    reader.at_once = 1;
    for (read, segment) in (1..).zip(&whole) {
        let next = reader.next(&files, &limits).unwrap().unwrap();
        assert_eq!(next.as_slice(), std::slice::from_ref(segment));
        assert_eq!(reader.read(), read);
    }
    assert!(reader.next(&files, &limits).unwrap().is_none());

    // Of two files, and only some of their segments.
    let both = [files[0], files[0]];
    let list = SegmentList::of(&both, place, &limits).unwrap();
    let names: Vec<String> = list.names().map(|(name, _)| name).collect();
    assert_eq!(names, ["Leber", "Läsion", "Leber", "Läsion"]);
    let mut reader = list.reader(&[1, 2], &limits).unwrap();
    for at in [1, 0] {
        let next = reader.next(&both, &limits).unwrap().unwrap();
        assert_eq!(next.as_slice(), std::slice::from_ref(&whole[at]));
    }
    assert!(reader.next(&both, &limits).unwrap().is_none());
}

#[test]
fn too_many_segments_and_too_large_masks_are_refused_with_the_count() {
    let scan = scan();
    let refused = |place: &ScanPlace, bytes: &[u8]| {
        let error = loaded(place, bytes, &Limits::default()).unwrap_err();
        assert_eq!(error.code(), "segments_limit");
        error.to_string()
    };
    let mut nrrd = String::from(
        "NRRD0004\ntype: uchar\ndimension: 3\nspace: LPS\nsizes: 4 3 5\nencoding: raw\n\
         space directions: (1,0,0) (0,1,0) (0,0,3)\nspace origin: (-20,7,40)\n",
    );
    for at in 0..=MAX_SEGMENTS {
        nrrd += &format!(
            "Segment{at}_Name:=s{at}\nSegment{at}_LabelValue:={}\n",
            at + 1
        );
    }
    let bytes = [nrrd.as_bytes(), b"\n", &[1; 60]].concat();
    let text = refused(&ScanPlace::of(&scan), &bytes);
    assert!(
        text.contains("1001 segments, and a session holds 1000"),
        "{text}"
    );

    let json = ScanPlace::of(&scan).to_json();
    let json = json.replace("\"columns\":4", "\"columns\":100000");
    let vast = ScanPlace::from_json(&json.replace("\"rows\":3", "\"rows\":100000")).unwrap();
    let text = refused(&vast, &made_elsewhere(&scan));
    assert!(text.contains("the limit is 1536 MiB"), "{text}");
    assert!(ScanPlace::from_json("{}").is_err());
}

#[test]
fn a_loaded_object_is_replayed_from_its_session() {
    let scan = scan();
    let place = ScanPlace::of(&scan);
    let first = loaded(&place, &made_elsewhere(&scan), &Limits::default()).unwrap();
    let mut session = session(&scan, &first);
    let open = session.open_scan_mut().unwrap();
    let before = open.object_mask(1).unwrap().sha256();
    let stroke = r#"{ "kind": "paint", "radius_px": 0.6, "path": [[1.5, 0.5]] }"#;
    let strokes = vec![serde_json::from_str(stroke).unwrap()];
    open.edit(1, 0, strokes).unwrap();
    let edited = open.object_mask(1).unwrap().sha256();
    assert_ne!(before, edited);
    let facts = serde_json::to_string(&first[0].facts).unwrap();
    let masks = open.stored_masks(1).unwrap().to_json();
    let text = format!(
        r#"{{ "format": "boxel-session", "version": 2, "scan": {{ "sha256": "ab" }},
        "model": {{ "name": "A", "recipe": "litemedsam", "sha256": "cd" }},
        "view": {{ "plane": "axial", "slice": 0, "window": {{ "kind": "percentiles" }} }},
        "objects": [{{ "number": 1, "name": "Leber", "colour": 0, "plane": "axial", "at": null, "segment": {facts},
          "steps": [{{ "do": "load" }}, {{ "do": "edit", "slice": 0, "strokes": [{stroke}] }}],
          "result": {{ "voxels": 31, "sha256": "{edited}" }}, "masks": {masks} }}] }}"#
    );
    let file = SessionFile::read(text.as_bytes()).unwrap();
    let written = serde_json::to_vec(&file).unwrap();
    assert_eq!(SessionFile::read(&written).unwrap(), file);

    let object = &file.objects[0];
    let mut again = Session::default();
    again.open(Rc::new(scan), "");
    pollster::block_on(again.replay(object)).unwrap();
    let open = again.open_scan_mut().unwrap();
    assert_eq!(open.object_mask(1).unwrap().sha256(), edited);
    open.edit(1, 0, Vec::new()).unwrap();
    assert_eq!(open.object_mask(1).unwrap().sha256(), before);
    let facts = object.saved_segment().unwrap();
    assert_eq!(facts.algorithm.as_deref(), Some("SEMIAUTOMATIC"));
    let without = RecordedObject {
        masks: None,
        ..object.clone()
    };
    let error = open.load_again(&without).unwrap_err().to_string();
    assert!(error.contains("no masks of it"), "{error}");
}

//! Edits of the volume: looked at, applied, saved in a session and repeated, all without a model.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use boxel_segmenter::imaging::edit::MAX_EDIT_POINTS;
use boxel_segmenter::imaging::{
    About, Affine, EditStep, Format, Grid, ImagePoint, PixelSpacing, Plane, Rescale, Scan, Source,
    SpacingSource, Stacking, Stroke, StrokeKind, VolumeMask, Voxels,
};
use boxel_segmenter::{
    OpenScan, Origin, RecordedMask, RecordedObject, Session, SessionFile, StoredMasks, StoredOrigin,
};

const THRESHOLD: &str = r#"{"threshold_v1":{"range":{"low":150}}}"#;

/// 20 columns, 16 rows and 6 slices of 1 mm: a bright bar through the slices 1 to 4, and a bright voxel apart from it.
fn scan() -> Scan {
    let grid = Grid {
        slices: 6,
        stacking: Stacking::Slices,
        pixel_spacing: Some(PixelSpacing {
            x_mm: 1.0,
            y_mm: 1.0,
            source: SpacingSource::PixelSpacing,
        }),
        slice_spacing_mm: Some(1.0),
        patient_from_voxel: Some(Affine([
            [1.0, 0.0, 0.0, 0.0],
            [0.0, 1.0, 0.0, 0.0],
            [0.0, 0.0, 1.0, 0.0],
        ])),
        ..Grid::image(20, 16)
    };
    let value = |at: u64| {
        let [x, y, z] = [at % 20, at / 20 % 16, at / 320];
        let in_bar = (4..10).contains(&x) && (5..9).contains(&y) && (1..5).contains(&z);
        match in_bar || [x, y, z] == [17, 13, 2] {
            true => 200,
            false => 60,
        }
    };
    let voxels = Voxels::U8((0..grid.voxels()).map(value).collect());
    let (rescales, about) = (vec![Rescale::IDENTITY], About::new(Format::Nifti1, 8));
    Scan::new(grid, voxels, rescales, about, Source::Raster).unwrap()
}

fn session() -> Session {
    let mut session = Session::default();
    session.open(Rc::new(scan()), "");
    session
}

fn step(json: &str) -> EditStep {
    serde_json::from_str(json).unwrap()
}

/// Applies an edit, and returns its step in a session file.
fn apply(scan: &mut OpenScan, object: u32, json: &str) -> String {
    let edit = step(json);
    scan.begin_volume_edit(object, edit, None, &|_| true)
        .unwrap();
    let recorded = scan.apply_volume_edit().unwrap();
    let fields = serde_json::to_string(&recorded).unwrap();
    fields.replacen('{', r#"{"do":"edit_volume","#, 1)
}

fn dab(x: f32, y: f32) -> Stroke {
    Stroke {
        kind: StrokeKind::Paint,
        radius_px: 0.6,
        path: vec![ImagePoint { x, y }],
    }
}

/// A session file with an object.
fn file_of(scan: &OpenScan, object: u32, steps: &[String]) -> String {
    let mask = scan.object_mask(object).unwrap();
    let plane = serde_json::to_string(&mask.plane()).unwrap();
    let (voxels, sha256) = (mask.voxels().count(), mask.sha256());
    let masks = scan.stored_masks(object).unwrap().to_json();
    format!(
        r#"{{ "format": "boxel-session", "version": 2, "scan": {{ "sha256": "ab" }},
        "model": {{ "name": "A", "recipe": "litemedsam", "sha256": "cd" }},
        "view": {{ "plane": {plane}, "slice": 0, "window": {{ "kind": "percentiles" }} }},
        "objects": [{{ "number": {object}, "name": "bar", "colour": 0, "plane": {plane}, "at": null, "steps": [{}],
          "result": {{ "voxels": {voxels}, "sha256": "{sha256}" }}, "masks": {masks} }}] }}"#,
        steps.join(",")
    )
}

/// The object of a file; reading what was written gives the same file.
fn object_in(text: &str) -> RecordedObject {
    let file = SessionFile::read(text.as_bytes()).unwrap();
    let written = serde_json::to_vec(&file).unwrap();
    assert_eq!(SessionFile::read(&written).unwrap(), file);
    file.objects[0].clone()
}

#[test]
fn an_edit_is_looked_at_before_it_is_applied() {
    let mut session = session();
    let scan = session.open_scan_mut().unwrap();
    let parts = RefCell::new(Vec::new());
    let progress = |part: f64| {
        parts.borrow_mut().push(part);
        true
    };
    let begun = scan.begin_volume_edit(7, step(THRESHOLD), None, &progress);
    let begun = begun.unwrap();
    assert_eq!((begun.object, begun.voxels_before), (7, 0));
    assert_eq!((begun.voxels, begun.added, begun.removed), (97, 97, 0));
    assert_eq!(begun.slices, [1, 2, 3, 4]);
    assert!((begun.volume_ml.unwrap() - 0.097).abs() < 1e-9);
    let parts = parts.take();
    assert!(parts.is_sorted() && parts.len() > 1 && parts.iter().all(|part| *part <= 1.0));

    assert_eq!(scan.object_masks().count(), 0, "nothing has changed yet");
    let plane = scan.shown().plane;
    let area =
        |scan: &OpenScan, plane, slice| Some(scan.pending_edit_mask(plane, slice)?.area_px());
    assert_eq!(area(scan, plane, 2), Some(25));
    assert_eq!(area(scan, plane, 0), Some(0));
    assert_eq!(area(scan, plane, 99), None);
    let across = (0..16).filter_map(|slice| area(scan, Plane::Coronal, slice));
    assert_eq!(across.sum::<u64>(), 97);

    let recorded = scan.apply_volume_edit().unwrap();
    assert_eq!((recorded.edit, recorded.other), (step(THRESHOLD), None));
    let mask = scan.object_mask(7).unwrap();
    assert_eq!((mask.plane(), mask.voxels().count()), (plane, 97));
    assert!(
        mask.slices()
            .all(|(_, about)| about.origin == Origin::Edited && about.iou.is_none())
    );
    assert_eq!(area(scan, plane, 2), None, "it is pending no longer");
    let error = scan.apply_volume_edit().unwrap_err();
    assert_eq!(error.code(), "session_order");
}

#[test]
fn a_pending_edit_ends_with_a_change_of_its_object() {
    let mut session = session();
    let scan = session.open_scan_mut().unwrap();
    apply(scan, 1, THRESHOLD);
    apply(scan, 2, r#"{"union_v1":{"object":1}}"#);
    let plane = scan.shown().plane;
    let begin = |scan: &mut OpenScan, json| scan.begin_volume_edit(1, step(json), None, &|_| true);
    type Change = fn(&mut OpenScan);
    let changes: [(&str, Change); 4] = [
        ("dropped", |scan| scan.drop_volume_edit()),
        ("a stroke", |scan| {
            scan.edit(1, 2, vec![dab(1.5, 1.5)]).unwrap();
        }),
        ("another plane", |scan| {
            let masks = StoredMasks::of_segment(
                scan.scan().grid(),
                Plane::Coronal,
                scan.object_mask(1).unwrap().voxels(),
            );
            let restored = scan.restore_object(1, Plane::Coronal, &masks, BTreeMap::new(), None);
            restored.unwrap();
        }),
        ("removed", |scan| scan.remove_object(1)),
    ];
    for (what, change) in changes {
        begin(scan, r#"{"margin_v1":{"mm":1}}"#).unwrap();
        scan.remove_object(2);
        assert!(scan.pending_edit_mask(plane, 2).is_some(), "before {what}");
        change(scan);
        assert_eq!(scan.pending_edit_mask(plane, 2), None, "{what}");
        assert_eq!(
            scan.apply_volume_edit().unwrap_err().code(),
            "session_order",
            "{what}"
        );
    }
    // An edit that fails or is cancelled leaves none pending, not even the one before.
    apply(scan, 1, THRESHOLD);
    for (json, code) in [
        (r#"{"margin_v1":{"mm":5000}}"#, "edit_invalid"),
        (r#"{"union_v1":{"object":9}}"#, "edit_invalid"),
        (r#"{"threshold_v1":{"range":{}}}"#, "edit_cancelled"),
    ] {
        let before = scan.object_mask(1).unwrap().sha256();
        begin(scan, r#"{"margin_v1":{"mm":1}}"#).unwrap();
        let goes_on = code != "edit_cancelled";
        let failed = scan.begin_volume_edit(1, step(json), None, &|_| goes_on);
        assert_eq!(failed.unwrap_err().code(), code);
        assert_eq!(scan.pending_edit_mask(plane, 2), None);
        assert_eq!(scan.object_mask(1).unwrap().sha256(), before);
    }
    begin(scan, r#"{"margin_v1":{"mm":1}}"#).unwrap();
    session.open(Rc::new(self::scan()), "");
    assert!(
        session
            .open_scan()
            .unwrap()
            .pending_edit_mask(plane, 2)
            .is_none()
    );
}

/// Union records the other object's mask, so that a later change of it or its absence makes no difference.
#[test]
fn a_session_of_edits_is_replayed_without_a_model() {
    let mut session = session();
    let scan = session.open_scan_mut().unwrap();
    apply(scan, 1, THRESHOLD);
    let sphere =
        r#"{"sphere_v1":{"kind":"paint","radius_mm":2,"path":[[14.25,6,0],[14.5,6.5,5]]}}"#;
    let mut steps = vec![
        apply(scan, 2, sphere),
        apply(scan, 2, r#"{"union_v1":{"object":1}}"#),
        r#"{"do":"edit","slice":3,"strokes":[{"kind":"paint","radius_px":0.6,"path":[[1.5,1.5]]}]}"#.to_owned(),
    ];
    assert!(
        steps[1].contains(r#""other":{"size":[20,16,6],"runs":["#),
        "{}",
        steps[1]
    );
    scan.edit(2, 3, vec![dab(1.5, 1.5)]).unwrap();
    let with_strokes = object_in(&file_of(scan, 2, &steps));
    // The edit takes the stroke along.
    steps.push(apply(scan, 2, r#"{"margin_v1":{"mm":1}}"#));
    scan.remove_object(1);
    let object = object_in(&file_of(scan, 2, &steps));

    for (object, strokes) in [(object, 0), (with_strokes, 1)] {
        assert!(!object.needs_model());
        let mut again = self::session();
        pollster::block_on(again.replay(&object)).unwrap();
        let (result, masks) = (&object.result, object.masks.as_ref());
        let open = again.open_scan_mut().unwrap();
        let check = open.check(2, object.plane, result, masks).unwrap();
        assert!(check.identical && check.voxels > 97, "{check:?}");
        assert_eq!(open.object_mask(2).unwrap().strokes(3).len(), strokes);
        assert_eq!(open.stored_masks(2).unwrap(), *masks.unwrap());
        // Without the replay the masks are the same.
        let strokes = open.object_mask(2).unwrap().strokes(3).to_vec();
        let strokes = BTreeMap::from([(3, strokes)]);
        open.restore_object(
            3,
            object.plane,
            masks.unwrap(),
            strokes,
            Some(&result.sha256),
        )
        .unwrap();
        assert_eq!(open.stored_masks(3).unwrap(), *masks.unwrap());
        open.edit(3, 3, Vec::new()).unwrap();
        assert_eq!(
            open.object_mask(3).unwrap().slice(3).unwrap().origin,
            Origin::Edited
        );
        let facts = object.saved_segment().unwrap();
        assert_eq!(facts.algorithm.as_deref(), Some("SEMIAUTOMATIC"));
    }
    let by_hand = object_in(&file_of(session.open_scan().unwrap(), 2, &steps[..1]));
    let facts = by_hand.saved_segment().unwrap();
    assert_eq!(
        (facts.algorithm.as_deref(), facts.name.as_str()),
        (Some("MANUAL"), "bar")
    );
}

/// An edit replaces loaded masks, but the file keeps them: its step `load` needs them.
#[test]
fn an_edited_segment_is_replayed_from_what_was_loaded() {
    let mut session = session();
    let scan = session.open_scan_mut().unwrap();
    let grid = scan.scan().grid().clone();
    let values: Vec<u8> = (0..grid.voxels())
        .map(|at| u8::from(at % 320 / 20 == 3))
        .collect();
    let segment = VolumeMask::from_values(&grid, &values).unwrap();
    let loaded = StoredMasks::of_segment(&grid, Plane::Axial, &segment);
    scan.restore_object(1, Plane::Axial, &loaded, BTreeMap::new(), None)
        .unwrap();
    let mut steps = vec![r#"{"do":"load"}"#.to_owned()];
    let lasso = r#"{"lasso_v1":{"plane":"axial","slice":1,"kind":"erase","polygon":[[-1,-1],[30,-1],[30,30],[-1,30]]}}"#;
    steps.push(apply(scan, 1, lasso));
    let mask = scan.object_mask(1).unwrap();
    assert_eq!(
        mask.slice(1).unwrap().origin,
        Origin::Edited,
        "empty, and the user's"
    );
    assert_eq!(mask.slice(2).unwrap().origin, Origin::Loaded);
    assert!(mask.is_touched(1));
    let sphere = r#"{"sphere_v1":{"kind":"paint","radius_mm":1.5,"path":[[9,9,1]]}}"#;
    steps.push(apply(scan, 1, sphere));
    let object = object_in(&file_of(scan, 1, &steps));
    let stored = object.masks.as_ref().unwrap();
    assert_eq!(stored.only_loaded(), loaded);
    let edited = stored
        .slices
        .iter()
        .filter(|slice| slice.origin == StoredOrigin::Edited);
    assert_eq!(
        edited.map(|slice| slice.slice).collect::<Vec<_>>(),
        [0, 1, 2]
    );

    let mut again = self::session();
    pollster::block_on(again.replay(&object)).unwrap();
    let open = again.open_scan_mut().unwrap();
    let check = open
        .check(1, object.plane, &object.result, Some(stored))
        .unwrap();
    assert!(check.identical, "{check:?}");
    assert_eq!(open.stored_masks(1).unwrap(), *stored);
    // What was loaded is still known after the file was opened.
    open.restore_object(2, object.plane, stored, BTreeMap::new(), None)
        .unwrap();
    assert_eq!(open.stored_masks(2).unwrap().only_loaded(), loaded);
}

#[test]
fn edits_that_a_session_can_not_hold_are_refused_by_name_and_number() {
    let mut session = session();
    let scan = session.open_scan_mut().unwrap();
    apply(scan, 1, THRESHOLD);
    let good = apply(scan, 2, r#"{"union_v1":{"object":1}}"#);
    let text = file_of(scan, 2, std::slice::from_ref(&good));
    object_in(&text);
    let refused = |step: &str| {
        let text = text.replacen(&good, step, 1);
        SessionFile::read(text.as_bytes()).unwrap_err().to_string()
    };
    let of = |edit: &str| refused(&format!(r#"{{"do":"edit_volume","edit":{edit}}}"#));
    let points = vec!["[1,1]"; MAX_EDIT_POINTS + 1].join(",");
    let lasso = format!(
        r#"{{"lasso_v1":{{"plane":"axial","slice":1,"kind":"paint","polygon":[{points}]}}}}"#
    );
    for (message, said) in [
        (of(r#"{"margin_v2":{"mm":1}}"#), "`margin_v2`"),
        (of(r#"{"margin_v1":{"mm":1,"cm":2}}"#), "`cm`"),
        (of(r#"{"union_v1":{"object":1}}"#), "`other`"),
        (refused(r#"{"do":"edit_volume"}"#), "`edit`"),
        (refused(r#"{"do":"edit_everything"}"#), "`edit_everything`"),
        (
            of(&lasso),
            "100001 points of an edit, and the limit is 100000",
        ),
    ] {
        assert!(message.contains(said), "{said} is not in {message}");
    }
    let replayed = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        let object = SessionFile::read(changed.as_bytes()).unwrap().objects[0].clone();
        let error = pollster::block_on(self::session().replay(&object)).unwrap_err();
        assert_eq!(error.code(), "session_file");
        error.to_string()
    };
    let message = replayed(r#""size":[20,16,6],"runs""#, r#""size":[20,16,5],"runs""#);
    assert!(message.contains("[20, 16, 5]"), "{message}");
    let message = replayed(r#""runs":["#, r#""runs":[4294967295,0,"#);
    assert!(message.contains("runs of 4294969215"), "{message}");
    // So does a page's own replay.
    let other: RecordedMask = serde_json::from_str(r#"{"size":[1,1,1],"runs":[1]}"#).unwrap();
    let scan = session.open_scan_mut().unwrap();
    let begun = scan.begin_volume_edit(
        2,
        step(r#"{"union_v1":{"object":1}}"#),
        Some(other),
        &|_| true,
    );
    assert_eq!(begun.unwrap_err().code(), "session_file");
}

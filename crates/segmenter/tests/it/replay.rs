//! Replaying a recorded session gives the same masks as its steps did.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::support::{model, nifti};
use boxel_segmenter::imaging::{
    ImageBox, ImagePoint, Limits, Plane, PropagationLimits, PropagationRule, Scan, SlicePlane,
    Stroke, StrokeKind, VolumeMask, open,
};
use boxel_segmenter::{
    Direction, PointLabel, Prompt, PromptPoint, PropagationStep, RecordedResult, Rendering,
    Session, SessionFile, StoredMasks, sha256_hex,
};

const SIZE: [usize; 3] = [60, 48, 4];

/// A bright ball.
fn volume() -> Vec<u8> {
    nifti(SIZE, |x, y, z| {
        let off = [x as f32 - 30.0, y as f32 - 20.0, 4.0 * (z as f32 - 1.0)];
        off.iter().map(|d| d * d).sum::<f32>() < 144.0
    })
}

fn session(scan: Scan) -> Session {
    let mut session = Session::default();
    session.set_model(model());
    session.open(Rc::new(scan), "");
    session
}

fn at(scan: &Scan, slice: u32) -> Rendering {
    Rendering {
        plane: Plane::Stored,
        slice,
        window: scan.default_window(),
    }
}

/// A session without a model, like the page before its weights are loaded.
fn session_without_model(scan: Scan) -> Session {
    let mut session = Session::default();
    session.open(Rc::new(scan), "");
    session
}

/// The steps of `recorded`, done through the functions of the session.
fn by_hand(session: &mut Session, scan: &Scan, rule: PropagationRule) {
    session.open_scan_mut().unwrap().show(at(scan, 1)).unwrap();
    pollster::block_on(session.embed()).unwrap();
    let [x0, y0, x1, y1] = [16.0, 6.0, 44.0, 34.0];
    let drawn = Prompt {
        object: Some(3),
        ..Prompt::from_box(ImageBox { x0, y0, x1, y1 })
    };
    let first = pollster::block_on(session.segment(&[drawn])).unwrap()[0];
    let point = ImagePoint { x: 30.0, y: 20.0 };
    let refined = Prompt {
        points: vec![PromptPoint {
            point,
            label: PointLabel::Foreground,
        }],
        refine: Some(first),
        // It may lose more than half of the first mask; the file holds what was taken.
        take: true,
        multimask: true,
        object: Some(3),
        ..Prompt::default()
    };
    let second = pollster::block_on(session.segment(&[refined])).unwrap()[0];
    session.open_scan_mut().unwrap().choose(second, 2).unwrap();
    let directions = [Direction::Up, Direction::Down];
    let judges = PropagationLimits::with_rule(rule);
    session
        .begin_propagation(3, 1, &directions, None, judges)
        .unwrap();
    while pollster::block_on(session.propagation_step()).unwrap() != PropagationStep::Finished {}
    let strokes = vec![Stroke {
        kind: StrokeKind::Paint,
        radius_px: 3.0,
        path: vec![ImagePoint { x: 5.0, y: 5.0 }, ImagePoint { x: 9.0, y: 5.0 }],
    }];
    session
        .open_scan_mut()
        .unwrap()
        .edit(3, 2, strokes)
        .unwrap();
}

/// `more` are further fields of the propagation's step.
fn recorded(scan: &Scan, sha256: &str, more: &str) -> SessionFile {
    let window = serde_json::to_string(&scan.default_window()).unwrap();
    let text = format!(
        r#"{{ "format": "boxel-session", "version": 1, "scan": {{ "sha256": "" }},
        "model": {{ "name": "", "recipe": "litemedsam", "sha256": "" }},
        "view": {{ "plane": "stored", "slice": 1, "window": {window} }},
        "objects": [{{ "number": 4, "name": "ball", "colour": 0, "plane": "stored", "steps": [
          {{ "do": "prompt", "slice": 1, "window": {window}, "prompts": [
            {{ "box": [16, 6, 44, 34] }},
            {{ "box": null, "points": [[30, 20, 1]], "multimask": true, "candidate": 2 }}] }},
          {{ "do": "propagate", "from": 1, "window": {window}, "directions": ["up", "down"]{more} }},
          {{ "do": "edit", "slice": 2, "strokes": [
            {{ "kind": "paint", "radius_px": 3, "path": [[5, 5], [9, 5]] }}] }}],
          "result": {{ "voxels": 0, "sha256": "{sha256}" }} }}] }}"#
    );
    SessionFile::read(text.as_bytes()).unwrap()
}

#[test]
fn a_replay_gives_the_same_masks() {
    replays_to_the_same(PropagationRule::GreyLevels, r#", "rule": 2"#);
}

#[test]
fn a_session_without_a_rule_replays_by_the_first_one() {
    replays_to_the_same(PropagationRule::NextBox, "");
}

/// `rule_of_file` says in the file what `rule` says.
fn replays_to_the_same(rule: PropagationRule, rule_of_file: &str) {
    let scan = open(&volume(), &Limits::default()).unwrap();
    let mut first = session(scan.clone());
    by_hand(&mut first, &scan, rule);
    let object = first.open_scan().unwrap().object_mask(3).unwrap();
    let slices: Vec<u32> = object.slices().map(|(slice, _)| slice).collect();
    assert!(slices.len() >= 3, "propagated to {slices:?}");
    let stroke_alone = ImagePoint { x: 5.0, y: 5.0 };
    assert!(
        object
            .voxels()
            .get([stroke_alone.x as u32, stroke_alone.y as u32, 2])
    );

    // The embeddings are cached; the other object is not used.
    let (mask, sha256) = (object.voxels().clone(), object.sha256());
    let file = recorded(&scan, &sha256, rule_of_file);
    pollster::block_on(first.replay(&file.objects[0])).unwrap();
    let replayed = first.open_scan().unwrap().object_mask(4).unwrap();
    assert_eq!(replayed.voxels(), &mask);
    assert_eq!(replayed.sha256(), file.objects[0].result.sha256);

    // The propagation was cancelled: nothing below the first slice.
    first.open_scan_mut().unwrap().remove_object(4);
    let file = recorded(&scan, "", &format!(r#", "until": [1, 2]{rule_of_file}"#));
    pollster::block_on(first.replay(&file.objects[0])).unwrap();
    let reached = first.open_scan().unwrap().object_mask(4).unwrap().slices();
    assert_eq!(reached.map(|(slice, _)| slice).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn masks_are_restored_without_a_model_and_a_replay_is_compared_with_them() {
    let scan = open(&volume(), &Limits::default()).unwrap();
    let mut first = session(scan.clone());
    by_hand(&mut first, &scan, PropagationRule::default());
    let (masks, object) = (
        first.open_scan().unwrap().stored_masks(3).unwrap(),
        first.open_scan().unwrap().object_mask(3).unwrap(),
    );
    let result = RecordedResult {
        voxels: object.voxels().count(),
        sha256: object.sha256(),
    };
    let strokes = BTreeMap::from([(2, object.strokes(2).to_vec())]);

    let mut second = session_without_model(scan.clone());
    let plane = Plane::Stored;
    let restored = second.open_scan_mut().unwrap().restore_object(
        8,
        plane,
        &masks,
        strokes.clone(),
        Some(&result.sha256),
    );
    restored.unwrap();
    let of_file = second.open_scan().unwrap().object_mask(8).unwrap();
    assert_eq!(of_file.sha256(), result.sha256);
    assert!(of_file.slices().eq(object.slices()));
    let check = second
        .open_scan()
        .unwrap()
        .check(8, plane, &result, Some(&masks))
        .unwrap();
    assert!(check.identical && check.agrees && check.differing == Some(0));
    // With another hash, nothing changes.
    let wrong = second.open_scan_mut().unwrap().restore_object(
        8,
        plane,
        &masks,
        strokes.clone(),
        Some("ab"),
    );
    assert!(wrong.unwrap_err().to_string().contains(&result.sha256));
    assert_eq!(
        second.open_scan().unwrap().object_mask(8).unwrap().sha256(),
        result.sha256
    );

    // The first model leaves restored masks as they are, and a propagation continues from them.
    second.set_model(model());
    second
        .open_scan_mut()
        .unwrap()
        .discard_propagation(8)
        .unwrap();
    let discarded = second
        .open_scan()
        .unwrap()
        .object_mask(8)
        .unwrap()
        .voxels()
        .count();
    assert!(discarded < result.voxels);
    let directions = [Direction::Up, Direction::Down];
    second.open_scan_mut().unwrap().show(at(&scan, 1)).unwrap();
    let begun = second.begin_propagation(8, 1, &directions, None, PropagationLimits::default());
    begun.unwrap();
    while pollster::block_on(second.propagation_step()).unwrap() != PropagationStep::Finished {}
    assert!(
        second
            .open_scan()
            .unwrap()
            .object_mask(8)
            .unwrap()
            .voxels()
            .count()
            > discarded
    );
    // A second model leaves the slices that the user has touched.
    second.set_model(model());
    let touched = second.open_scan().unwrap().object_mask(8).unwrap();
    assert_eq!(touched.voxels().count(), discarded);
}

#[test]
fn a_check_tells_one_voxel_from_a_missing_slice() {
    let scan = open(&volume(), &Limits::default()).unwrap();
    let whole = VolumeMask::from_values(scan.grid(), &vec![1; SIZE.iter().product()]).unwrap();
    let slice_plane = SlicePlane::new(scan.grid(), Plane::Stored);
    let count = SIZE.iter().product::<usize>() as u64;
    // Runs of all slices, without the first `missing` voxels of slice 0.
    let stored = |missing: u32| {
        let slices = (0..slice_plane.slices()).map(|slice| {
            let pixels = slice_plane.size().width * slice_plane.size().height;
            let outside = if slice == 0 { missing } else { 0 };
            format!(
                r#"{{ "slice": {slice}, "origin": "marked", "runs": [{outside}, {}] }}"#,
                pixels - outside
            )
        });
        let slices: Vec<String> = slices.collect();
        let [columns, rows, depth] = scan.grid().size();
        let text = format!(
            r#"{{ "size": [{columns}, {rows}, {depth}], "slices": [{}] }}"#,
            slices.join(",")
        );
        StoredMasks::from_json(&text).unwrap()
    };
    let sha256_of = |masks: &StoredMasks| {
        let mut values = vec![1u8; SIZE.iter().product()];
        let voxels = masks.voxels(scan.grid(), Plane::Stored).unwrap();
        for (value, inside) in values.iter_mut().zip(voxels.values()) {
            *value = u8::from(inside);
        }
        sha256_hex(&values)
    };
    assert_eq!(stored(0).voxels(scan.grid(), Plane::Stored).unwrap(), whole);
    let mut session = session_without_model(scan.clone());
    let all = stored(0);
    let restored = session.open_scan_mut().unwrap().restore_object(
        1,
        Plane::Stored,
        &all,
        BTreeMap::new(),
        Some(&sha256_of(&all)),
    );
    restored.unwrap();
    let check = |missing: u32, with_masks: bool| {
        let masks = stored(missing);
        let result = RecordedResult {
            voxels: count - u64::from(missing),
            sha256: sha256_of(&masks),
        };
        let masks = with_masks.then_some(&masks);
        session
            .open_scan()
            .unwrap()
            .check(1, Plane::Stored, &result, masks)
            .unwrap()
    };
    let dice = |missing: u64| 2.0 * (count - missing) as f64 / (2 * count - missing) as f64;
    let one = check(1, true);
    assert_eq!((one.identical, one.agrees), (false, true));
    assert_eq!((one.dice, one.differing), (Some(dice(1)), Some(1)));
    // 11,520 voxels: 23 of them leave a Dice of 0.99900, 24 one of 0.99896.
    assert_eq!(
        [check(23, true).agrees, check(24, true).agrees],
        [true, false]
    );
    let slice = check(60 * 48, true);
    assert_eq!((slice.dice, slice.agrees), (Some(dice(60 * 48)), false));
    // Without masks the counts alone: 0.1 % of 11,509 is 11.5.
    assert_eq!(
        [check(11, false).agrees, check(12, false).agrees],
        [true, false]
    );
    assert_eq!(
        (check(11, false).dice, check(0, false).dice),
        (None, Some(1.0))
    );
}

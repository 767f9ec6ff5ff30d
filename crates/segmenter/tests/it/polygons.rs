//! A polygon as a prompt: the box around it and the mask that it encloses.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::support::{model, nifti};
use crate::tracking::{self, OBJECT, at};
use boxel_segmenter::imaging::{
    ImageBox, ImagePoint, Limits, Mask, Plane, Scan, Size, SlicePlane, VolumeMask, open,
};
use boxel_segmenter::{Model, PointLabel, Prompt, PromptPoint, Session, SessionFile, StoredMasks};

const SIZE: [usize; 3] = [96, 80, 1];
const IMAGE: Size = Size {
    width: SIZE[0] as u32,
    height: SIZE[1] as u32,
};
const LARGE: [f32; 2] = [34.0, 40.0];
const SMALL: [f32; 2] = [62.0, 40.0];

/// Two bright discs that touch, the smaller one on the right.
fn discs() -> Rc<Scan> {
    let bytes = nifti(SIZE, |x, y, _| {
        let within =
            |[a, b]: [f32; 2], radius| (x as f32 + 0.5 - a).hypot(y as f32 + 0.5 - b) < radius;
        within(LARGE, 18.0) || within(SMALL, 11.0)
    });
    Rc::new(open(&bytes, &Limits::default()).unwrap())
}

/// A regular polygon of 24 corners.
fn around([x, y]: [f32; 2], radius: f32) -> Vec<ImagePoint> {
    let corner = |place: u32| {
        let (sin, cos) = (place as f32 * std::f32::consts::TAU / 24.0).sin_cos();
        ImagePoint {
            x: x + radius * cos,
            y: y + radius * sin,
        }
    };
    (0..24).map(corner).collect()
}

fn drawn(polygon: &[ImagePoint], object: u32) -> Prompt {
    Prompt {
        polygon: polygon.to_vec(),
        object: Some(object),
        ..Prompt::default()
    }
}

/// The bounds of a polygon's corners.
fn box_of(polygon: &[ImagePoint]) -> ImageBox {
    let of = |pick: fn(f32, f32) -> f32, axis: fn(&ImagePoint) -> f32| {
        polygon.iter().map(axis).reduce(pick).unwrap()
    };
    ImageBox {
        x0: of(f32::min, |point| point.x),
        y0: of(f32::min, |point| point.y),
        x1: of(f32::max, |point| point.x),
        y1: of(f32::max, |point| point.y),
    }
}

fn session(model: Model, scan: &Rc<Scan>) -> Session {
    let mut session = Session::default();
    session.set_model(model);
    session.open(Rc::clone(scan), "");
    session.open_scan_mut().unwrap().show(at(scan, 0)).unwrap();
    pollster::block_on(session.embed()).unwrap();
    session
}

fn ask(session: &mut Session, prompts: &[Prompt]) -> Vec<u32> {
    pollster::block_on(session.segment(prompts)).unwrap()
}

fn mask(session: &Session, id: u32) -> Mask {
    session
        .open_scan()
        .unwrap()
        .prediction(id)
        .unwrap()
        .mask
        .clone()
}

/// The answer to a box and a mask that was loaded.
fn of_box_and_mask(session: &mut Session, scan: &Scan, polygon: &[ImagePoint]) -> Mask {
    let slice_plane = SlicePlane::new(scan.grid(), Plane::Stored);
    let mut segment = VolumeMask::empty(scan.grid());
    segment
        .set_slice(&slice_plane, 0, &Mask::of_polygon(IMAGE, polygon))
        .unwrap();
    let masks = StoredMasks::of_segment(scan.grid(), Plane::Stored, &segment);
    let number = 9;
    session
        .open_scan_mut()
        .unwrap()
        .restore_object(number, Plane::Stored, &masks, BTreeMap::new(), None)
        .unwrap();
    let prompt = Prompt {
        refine_propagated: true,
        object: Some(number),
        ..Prompt::from_box(box_of(polygon))
    };
    let id = ask(session, &[prompt])[0];
    mask(session, id)
}

#[test]
fn a_polygon_is_asked_as_its_box_and_its_mask_alone_and_in_a_batch() {
    let scan = discs();
    let mut session = session(model(), &scan);
    let polygons = [around(LARGE, 17.0), around(SMALL, 11.5)];
    let prompts = [drawn(&polygons[0], 1), drawn(&polygons[1], 2)];
    let ids = ask(&mut session, &prompts);
    for (polygon, id) in polygons.iter().zip(ids) {
        let found = mask(&session, id);
        assert_eq!(found, of_box_and_mask(&mut session, &scan, polygon));
        let boxed = ask(&mut session, &[Prompt::from_box(box_of(polygon))])[0];
        let enclosed = Mask::of_polygon(IMAGE, polygon);
        let [with, without] =
            [&found, &mask(&session, boxed)].map(|mask| mask.dice(&enclosed).unwrap());
        println!("Dice with what is enclosed: {with:.3}, by its box alone {without:.3}");
        assert_ne!(found, mask(&session, boxed), "the mask makes a difference");
        assert!(with > 0.8, "{with:.3}");
    }
}

#[test]
fn a_point_after_a_polygon_refines_its_mask_within_its_box() {
    let scan = discs();
    let mut session = session(model(), &scan);
    let polygon = around(LARGE, 17.0);
    let first = ask(&mut session, &[drawn(&polygon, OBJECT)])[0];
    let point = PromptPoint {
        point: LARGE.into(),
        label: PointLabel::Foreground,
    };
    let refined = Prompt {
        points: vec![point],
        refine: Some(first),
        take: true,
        ..drawn(&polygon, OBJECT)
    };
    let boxed = Prompt {
        polygon: Vec::new(),
        image_box: Some(box_of(&polygon)),
        ..refined.clone()
    };
    let ids = ask(&mut session, &[refined, boxed]);
    assert_eq!(mask(&session, ids[0]), mask(&session, ids[1]));
}

#[test]
fn a_replayed_polygon_gives_the_same_mask() {
    let scan = discs();
    let mut by_hand = session(model(), &scan);
    let polygon = around(LARGE, 17.0);
    let id = ask(&mut by_hand, &[drawn(&polygon, OBJECT)])[0];
    let window = serde_json::to_string(&scan.default_window()).unwrap();
    let polygon = serde_json::to_string(&polygon).unwrap();
    let text = format!(
        r#"{{ "format": "boxel-session", "version": 2, "scan": {{ "sha256": "" }},
        "model": {{ "name": "", "recipe": "litemedsam", "sha256": "" }},
        "view": {{ "plane": "stored", "slice": 0, "window": {window} }},
        "objects": [{{ "number": {OBJECT}, "name": "", "colour": 0, "plane": "stored", "steps": [
          {{ "do": "prompt", "slice": 0, "window": {window}, "prompts": [
            {{ "box": null, "points": [], "polygon": {polygon} }}] }}],
          "result": {{ "voxels": 0, "sha256": "" }} }}] }}"#
    );
    let file = SessionFile::read(text.as_bytes()).unwrap();
    let written = serde_json::to_vec(&file).unwrap();
    assert_eq!(SessionFile::read(&written).unwrap(), file);
    let mut replayed = session(model(), &scan);
    pollster::block_on(replayed.replay(&file.objects[0])).unwrap();
    let shown = tracking::mask(&replayed, 0);
    assert_eq!(shown, mask(&by_hand, id));
    assert!(shown.area_px() > 0);
}

/// SAM 2 gets the mask by the scale and the bias of its own code, so its answer differs from that to a loaded mask.
#[test]
fn a_model_with_a_memory_takes_a_polygon() {
    let scan = tracking::scan();
    let mut session = session(tracking::model(), &scan);
    let polygon = around([16.0, 15.0], 8.0);
    let ids = ask(
        &mut session,
        &[drawn(&polygon, OBJECT), Prompt::from_box(box_of(&polygon))],
    );
    assert_ne!(mask(&session, ids[0]), mask(&session, ids[1]));
    let about = session.open_scan().unwrap().object_mask(OBJECT).unwrap();
    let about = about.slice(0).unwrap();
    assert_eq!(about.image_box, Some(box_of(&polygon)));
    assert!(!about.is_of_box_alone, "it enters the memory as a mask");
}

//! A recorded session comes to the masks that its steps came to when they were done by hand.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::path::PathBuf;
use std::rc::Rc;

use boxel_segmenter::imaging::{
    ImageBox, ImagePoint, Judges, Limits, Plane, Scan, Stroke, StrokeKind, open,
};
use boxel_segmenter::sam::Checkpoint;
use boxel_segmenter::{
    CheckpointKind, Compute, ComputeKind, Direction, Model, PointLabel, Prompt, PromptPoint,
    Rendering, Session, SessionFile, Step,
};

const SIZE: [usize; 3] = [60, 48, 4];

/// A bright ball in a grey block, as NIfTI-1 (the header's fields as in nifti1.h).
fn volume() -> Vec<u8> {
    let mut file = vec![0; 352];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &348i32.to_le_bytes());
    let dimensions = [
        3,
        SIZE[0] as i16,
        SIZE[1] as i16,
        SIZE[2] as i16,
        1,
        1,
        1,
        1,
    ];
    for (place, dimension) in dimensions.iter().enumerate() {
        put(40 + 2 * place, &dimension.to_le_bytes());
    }
    put(70, &2i16.to_le_bytes());
    put(72, &8i16.to_le_bytes());
    for place in 0..4 {
        put(76 + 4 * place, &1f32.to_le_bytes());
    }
    put(108, &352f32.to_le_bytes());
    put(344, b"n+1\0");
    for at in 0..SIZE.iter().product() {
        let (x, y, z) = (at % SIZE[0], at / SIZE[0] % SIZE[1], at / SIZE[0] / SIZE[1]);
        let off = [x as f32 - 30.0, y as f32 - 20.0, 4.0 * (z as f32 - 1.0)];
        let is_in = off.iter().map(|d| d * d).sum::<f32>() < 144.0;
        file.push(if is_in { 200 } else { 60 + (at % 7) as u8 });
    }
    file
}

fn session(scan: Scan) -> Session {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let weights = std::fs::read(root.join("models/litemedsam.safetensors")).unwrap();
    let compute = pollster::block_on(Compute::open(ComputeKind::Cpu)).unwrap();
    let checkpoint = Checkpoint::read(&weights).unwrap();
    let mut session = Session::default();
    session.set_model(Model::new(CheckpointKind::LiteMedSam, checkpoint, &compute).unwrap());
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

/// The steps of `recorded`, done through the session's own functions.
fn by_hand(session: &mut Session, scan: &Scan) {
    session.show(at(scan, 1)).unwrap();
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
        multimask: true,
        object: Some(3),
        ..Prompt::default()
    };
    let second = pollster::block_on(session.segment(&[refined])).unwrap()[0];
    session.choose(second, 2).unwrap();
    let directions = [Direction::Up, Direction::Down];
    let judges = Judges::default();
    session
        .begin_propagation(3, 1, &directions, judges)
        .unwrap();
    while pollster::block_on(session.propagation_step()).unwrap() != Step::Finished {}
    let strokes = vec![Stroke {
        kind: StrokeKind::Paint,
        radius_px: 3.0,
        path: vec![ImagePoint { x: 5.0, y: 5.0 }, ImagePoint { x: 9.0, y: 5.0 }],
    }];
    session.edit(3, 2, strokes).unwrap();
}

fn recorded(scan: &Scan, sha256: &str, until: &str) -> SessionFile {
    let window = serde_json::to_string(&scan.default_window()).unwrap();
    let text = format!(
        r#"{{ "format": "boxel-session", "version": 1, "scan": {{ "sha256": "" }},
        "model": {{ "name": "", "recipe": "litemedsam", "sha256": "" }},
        "view": {{ "plane": "stored", "slice": 1, "window": {window} }},
        "objects": [{{ "number": 4, "name": "ball", "colour": 0, "plane": "stored", "steps": [
          {{ "do": "prompt", "slice": 1, "window": {window}, "prompts": [
            {{ "box": [16, 6, 44, 34] }},
            {{ "box": null, "points": [[30, 20, 1]], "multimask": true, "candidate": 2 }}] }},
          {{ "do": "propagate", "from": 1, "window": {window}, "directions": ["up", "down"]{until} }},
          {{ "do": "edit", "slice": 2, "strokes": [
            {{ "kind": "paint", "radius_px": 3, "path": [[5, 5], [9, 5]] }}] }}],
          "result": {{ "voxels": 0, "sha256": "{sha256}" }} }}] }}"#
    );
    SessionFile::read(text.as_bytes()).unwrap()
}

#[test]
fn a_session_comes_to_the_same_masks_again() {
    let scan = open(&volume(), &Limits::default()).unwrap();
    let mut first = session(scan.clone());
    by_hand(&mut first, &scan);
    let structure = first.structure(3).unwrap();
    let slices: Vec<u32> = structure.slices().map(|(slice, _)| slice).collect();
    assert!(slices.len() >= 3, "carried to {slices:?}");
    let stroke_alone = ImagePoint { x: 5.0, y: 5.0 };
    assert!(
        structure
            .mask()
            .get([stroke_alone.x as u32, stroke_alone.y as u32, 2])
    );

    // The encodings are kept; what was found for another object is not looked at.
    let (mask, sha256) = (structure.mask().clone(), structure.sha256());
    let file = recorded(&scan, &sha256, "");
    pollster::block_on(first.replay(&file.objects[0])).unwrap();
    let replayed = first.structure(4).unwrap();
    assert_eq!(replayed.mask(), &mask);
    assert_eq!(replayed.sha256(), file.objects[0].result.sha256);

    // Cancelled on the way: nothing below the first slice.
    first.remove_object(4);
    let file = recorded(&scan, "", r#", "until": [1, 2]"#);
    pollster::block_on(first.replay(&file.objects[0])).unwrap();
    let reached = first.structure(4).unwrap().slices();
    assert_eq!(reached.map(|(slice, _)| slice).collect::<Vec<_>>(), [1, 2]);
}

//! Propagates a structure of a head from one box, and compares it with the atlas of that head.

use std::rc::Rc;

use crate::support::{model, root};
use boxel_segmenter::imaging::{
    ImageBox, Limits, Plane, PropagationLimits, Scan, SlicePlane, Stop, VolumeMask, mask_of_label,
    open,
};
use boxel_segmenter::{Direction, Prompt, PropagationStep, Rendering, Session};

/// The right putamen in the atlas AAL (`aal.nii.txt`).
const PUTAMEN_R: f64 = 74.0;
/// The Dice coefficient was 0.63 when this was written.
const MIN_DICE: f64 = 0.6;

/// A file of Colin27, a T1 image of one head, or of an atlas on its grid.
fn colin27(file: &str) -> Option<Scan> {
    let folder = root().join(".tools/interop/mricron/usr/share/mricron/templates");
    let Ok(bytes) = std::fs::read(folder.join(file)) else {
        println!("SKIPPED: no {file} in .tools/interop; run `cargo xtask setup`");
        return None;
    };
    Some(open(&bytes, &Limits::default()).unwrap())
}

/// The bundled model with the scan open.
fn session(scan: &Rc<Scan>) -> Session {
    let mut session = Session::default();
    session.set_model(model());
    session.open(Rc::clone(scan), "colin27");
    session
}

/// The slice where the structure is largest, and its bounding box there, 3 pixels wider on each side.
fn best_slice(truth: &VolumeMask, slice_plane: &SlicePlane) -> (u32, ImageBox) {
    let area = |slice: &u32| truth.slice(slice_plane, *slice).area_px();
    let best = truth
        .slices(slice_plane)
        .into_iter()
        .max_by_key(area)
        .unwrap();
    let bounds = truth.slice(slice_plane, best).bounds().unwrap();
    let [x0, y0, x1, y1] = [bounds.x0, bounds.y0, bounds.x1, bounds.y1].map(|edge| edge as f32);
    let drawn = ImageBox {
        x0: x0 - 3.0,
        y0: y0 - 3.0,
        x1: x1 + 3.0,
        y1: y1 + 3.0,
    };
    (best, drawn)
}

#[test]
fn a_named_structure_is_propagated_from_one_box() {
    let (Some(scan), Some(atlas)) = (colin27("ch2.nii.gz"), colin27("aal.nii.gz")) else {
        return;
    };
    let scan = Rc::new(scan);
    let truth = mask_of_label(scan.grid(), &atlas, PUTAMEN_R).unwrap();
    let slice_plane = SlicePlane::new(scan.grid(), Plane::Axial);
    let (slice, image_box) = best_slice(&truth, &slice_plane);
    let mut session = session(&scan);
    let window = scan.default_window();
    let plane = Plane::Axial;
    session
        .open_scan_mut()
        .unwrap()
        .show(Rendering {
            plane,
            slice,
            window,
        })
        .unwrap();
    pollster::block_on(session.embed()).unwrap();
    let prompt = Prompt {
        object: Some(1),
        ..Prompt::from_box(image_box)
    };
    pollster::block_on(session.segment(&[prompt])).unwrap();

    let both = [Direction::Up, Direction::Down];
    let judges = PropagationLimits::default();
    session
        .begin_propagation(1, slice, &both, None, judges)
        .unwrap();
    let mut ends = Vec::new();
    loop {
        match pollster::block_on(session.propagation_step()).unwrap() {
            PropagationStep::Stopped { slice, reason, .. } => ends.push((slice, reason)),
            PropagationStep::Finished => break,
            PropagationStep::Encoding { .. }
            | PropagationStep::Waiting { .. }
            | PropagationStep::Propagated { .. } => {}
        }
    }
    let object = session.open_scan().unwrap().object_mask(1).unwrap();
    let dice = object.voxels().dice(&truth).unwrap();
    println!("right putamen from one box: Dice {dice:.3}, ends {ends:?}");
    assert!(dice >= MIN_DICE, "Dice {dice:.3}");
    // It ends by itself, long before the end of the head.
    assert!(
        ends.iter().all(|(_, reason)| *reason != Stop::End),
        "{ends:?}"
    );
    assert!(object.slices().count() < 45);
}

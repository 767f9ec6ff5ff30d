//! Both rules of a propagation, on an object that ends where something else goes on.

use std::rc::Rc;

use crate::support::{model, nifti};
use boxel_segmenter::imaging::{ImageBox, Limits, PropagationLimits, PropagationRule, Stop, open};
use boxel_segmenter::{Direction, Prompt, PropagationStep, Rendering, Session};

const OBJECT: u32 = 1;
/// The object is on the slices before this one.
const END: usize = 3;

/// A bright disc in a darker sheath. From [`END`] on the sheath fills its place.
fn session() -> Session {
    let distance = |x: usize, y: usize| (x as f32 - 30.0).hypot(y as f32 - 24.0);
    let mut file = nifti([60, 48, 5], |x, y, z| z < END && distance(x, y) < 11.0);
    for (at, value) in file.iter_mut().skip(352).enumerate() {
        if *value != 200 && distance(at % 60, at / 60 % 48) < 15.0 {
            *value = 120;
        }
    }
    let scan = Rc::new(open(&file, &Limits::default()).unwrap());
    let mut session = Session::default();
    session.set_model(model());
    session.open(scan, "");
    let shown = session.open_scan().unwrap().shown();
    let first = Rendering { slice: 1, ..shown };
    session.open_scan_mut().unwrap().show(first).unwrap();
    pollster::block_on(session.embed()).unwrap();
    session
}

/// The slices with a mask, and why it ended, after a box and a propagation upwards.
fn propagated(session: &mut Session, drawn: [f32; 4], rule: PropagationRule) -> (Vec<u32>, Stop) {
    let prompt = Prompt {
        object: Some(OBJECT),
        ..Prompt::from_box(ImageBox::from(drawn))
    };
    pollster::block_on(session.segment(&[prompt])).unwrap();
    let limits = PropagationLimits::with_rule(rule);
    let up = [Direction::Up];
    session
        .begin_propagation(OBJECT, 1, &up, None, limits)
        .unwrap();
    let mut end = None;
    loop {
        match pollster::block_on(session.propagation_step()).unwrap() {
            PropagationStep::Stopped { reason, .. } => end = Some(reason),
            PropagationStep::Finished => break,
            _ => {}
        }
    }
    let object = session.open_scan().unwrap().object_mask(OBJECT).unwrap();
    let slices = object.slices().map(|(slice, _)| slice).collect();
    session.open_scan_mut().unwrap().remove_object(OBJECT);
    (slices, end.unwrap())
}

#[test]
fn the_second_rule_ends_with_the_objects_grey_levels_and_the_first_goes_on() {
    let mut session = session();
    let drawn = [19.0, 13.0, 42.0, 36.0];
    assert_eq!(
        propagated(&mut session, drawn, PropagationRule::GreyLevels),
        (vec![1, 2], Stop::GreyLevels)
    );
    assert_eq!(
        propagated(&mut session, drawn, PropagationRule::NextBox),
        (vec![1, 2, 3, 4], Stop::End)
    );
}

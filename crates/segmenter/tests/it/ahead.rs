//! Slices that are encoded elsewhere.

use std::rc::Rc;

use crate::support::{model, nifti};
use boxel_segmenter::imaging::{ImageBox, Limits, PropagationLimits, Window, open};
use boxel_segmenter::{
    Direction, Encoding, Error, Lent, Model, Prompt, PropagationStep, Rendering, Session,
};

const OBJECT: u32 = 1;
const MIDDLE: u32 = 3;

/// A ball on seven slices, with a box on the middle one. The cache holds two embeddings, fewer than a direction needs.
fn session(model: Model) -> Session {
    let inside = |x: usize, y: usize, z: usize| {
        let [x, y, z] = [x as f64 - 30.0, y as f64 - 22.0, 3.0 * (z as f64 - 3.0)];
        x * x + y * y + z * z < 200.0
    };
    let scan = open(&nifti([60, 48, 7], inside), &Limits::default()).unwrap();
    let mut session = Session::default();
    session.set_embedding_budget(2 * 4 * 256 * 64 * 64);
    session.set_model(model);
    session.open(Rc::new(scan), "ball");
    session
}

fn with_mask(model: Model) -> Session {
    let mut session = session(model);
    let scan = session.open_scan_mut().unwrap();
    let shown = Rendering {
        slice: MIDDLE,
        ..scan.shown()
    };
    scan.show(shown).unwrap();
    pollster::block_on(session.embed()).unwrap();
    let [x0, y0, x1, y1] = [14.0, 6.0, 46.0, 38.0];
    let prompt = Prompt {
        object: Some(OBJECT),
        ..Prompt::from_box(ImageBox { x0, y0, x1, y1 })
    };
    pollster::block_on(session.segment(&[prompt])).unwrap();
    session
}

fn begin(session: &mut Session) {
    let both = [Direction::Up, Direction::Down];
    let limits = PropagationLimits::default();
    session
        .begin_propagation(OBJECT, MIDDLE, &both, None, limits)
        .unwrap();
}

/// Encodes what is lent, each input once.
#[derive(Default)]
struct Elsewhere {
    known: Vec<(Vec<f32>, Vec<f32>)>,
}

impl Elsewhere {
    fn encode(&mut self, model: &Model, input: Vec<f32>) -> Vec<f32> {
        if let Some((_, values)) = self.known.iter().find(|(of, _)| *of == input) {
            return values.clone();
        }
        let encoding = Encoding::new(model.encoder(), input.clone()).unwrap();
        let values = pollster::block_on(encoding.finish()).unwrap();
        self.known.push((input, values.clone()));
        values
    }
}

/// The propagation's steps except for its encodings, and the object's voxels.
fn run(
    session: &mut Session,
    mut each: impl FnMut(&mut Session),
    mut wait: impl FnMut(&mut Session),
) -> (Vec<PropagationStep>, Vec<bool>) {
    begin(session);
    let mut steps = Vec::new();
    loop {
        each(session);
        match pollster::block_on(session.propagation_step()).unwrap() {
            PropagationStep::Encoding { .. } => {}
            PropagationStep::Waiting { .. } => wait(session),
            PropagationStep::Finished => break,
            step => steps.push(step),
        }
    }
    let object = session.open_scan().unwrap().object_mask(OBJECT).unwrap();
    let voxels = object.voxels().values().collect();
    (steps, voxels)
}

#[test]
fn slices_that_others_encode_give_the_same_masks_and_reviews() {
    let model = model();
    let alone = run(
        &mut with_mask(model.clone()),
        |_| {},
        |_| panic!("nobody else encodes"),
    );
    assert!(alone.0.len() >= 6, "{alone:?}");
    let mut elsewhere = Elsewhere::default();
    for window in [1, 4] {
        let mut pending: Vec<Lent> = Vec::new();
        let pending = std::cell::RefCell::new(&mut pending);
        let together = run(
            &mut with_mask(model.clone()),
            |session| {
                // One slice of two is left to the session.
                if pending.borrow().is_empty()
                    && let Some(lent) = session.lend(window)
                {
                    pending.borrow_mut().push(lent);
                }
            },
            |session| {
                while pollster::block_on(session.encode_ahead(window))
                    .unwrap()
                    .is_some_and(|progress| progress.done < progress.total)
                {}
                let Lent { ticket, input } = pending.borrow_mut().remove(0);
                let values = elsewhere.encode(&model, input);
                session.take_encoded(ticket, values).unwrap();
            },
        );
        assert_eq!(together, alone, "window {window}");
    }
}

#[test]
fn at_most_a_window_of_slices_is_lent_and_a_failed_one_is_lent_again() {
    let mut session = with_mask(model());
    begin(&mut session);
    let first = session.lend(2).unwrap();
    let second = session.lend(2).unwrap();
    assert_ne!(first.input, second.input);
    assert_eq!(session.lend(2), None);
    let step = pollster::block_on(session.propagation_step()).unwrap();
    let slice = MIDDLE + 1;
    assert_eq!(step, PropagationStep::Waiting { slice });
    session.take_back(first.ticket);
    let again = session.lend(2).unwrap();
    assert_eq!(again.input, first.input);
    assert_ne!(again.ticket, first.ticket);
    session.take_back(again.ticket);
    let step = pollster::block_on(session.propagation_step()).unwrap();
    assert!(matches!(step, PropagationStep::Encoding { slice, .. } if slice == MIDDLE + 1));
}

#[test]
fn a_wrong_number_of_values_is_refused_and_the_slice_is_free_again() {
    let mut session = with_mask(model());
    begin(&mut session);
    let lent = session.lend(1).unwrap();
    let taken = session.take_encoded(lent.ticket, vec![0.0; 7]);
    assert!(
        matches!(taken, Err(Error::Values { found: 7, .. })),
        "{taken:?}"
    );
    assert_eq!(session.lend(1).unwrap().input, lent.input);
    let short = Encoding::new(model().encoder(), vec![0.0; 7]);
    assert!(matches!(short, Err(Error::Values { found: 7, .. })));
}

#[test]
fn what_is_no_longer_wanted_is_not_taken() {
    let model = model();
    let values = vec![0.0; 256 * 64 * 64];
    let mut session = with_mask(model.clone());
    begin(&mut session);
    let lent = session.lend(3).unwrap();
    session.open_scan_mut().unwrap().abandon_propagation();
    assert!(
        !session.is_lent(lent.ticket),
        "the propagation was cancelled"
    );
    session.take_encoded(lent.ticket, values.clone()).unwrap();

    // Without a propagation, the neighbours of the slice.
    let above = session.lend(3).unwrap();
    let below = session.lend(3).unwrap();
    assert_eq!(session.lend(3), None);
    let scan = session.open_scan_mut().unwrap();
    let shown = scan.shown();
    let slice = MIDDLE + 1;
    scan.show(Rendering { slice, ..shown }).unwrap();
    assert_eq!(session.ticket_of_shown(), Some(above.ticket));
    session.take_encoded(above.ticket, values.clone()).unwrap();
    assert_eq!(session.begin_embedding().unwrap(), 0, "it is encoded");
    session.lend(0);
    assert!(!session.is_lent(below.ticket), "the slice is two away");

    let next = session.lend(3).unwrap();
    assert_eq!(
        session.lend(3),
        None,
        "the user came from the other neighbour"
    );
    assert!(session.is_lent(next.ticket));

    let other = Window::Linear {
        level: 100.0,
        width: 50.0,
    };
    session
        .open_scan_mut()
        .unwrap()
        .set_model_window(Some(other));
    assert_eq!(session.lend(3), None, "nothing is encoded in this window");
    session.set_model(model);
    assert!(!session.is_lent(above.ticket));
    session.take_encoded(above.ticket, values).unwrap();
}

#[test]
fn another_encoder_goes_on_where_the_session_is() {
    let model = model();
    let mut session = session(model.clone());
    let total = session.begin_embedding().unwrap();
    pollster::block_on(session.embed_step()).unwrap();
    let encoding = session.open_scan().unwrap().encoding().unwrap();
    let halfway = encoding.halfway().unwrap();
    assert_eq!(halfway.done, 1);
    let mut alone = Encoding::new(model.encoder(), session.model_input().unwrap().input).unwrap();
    for _ in 0..total - 1 {
        pollster::block_on(alone.step()).unwrap();
    }
    let resumed = Encoding::resume(model.encoder(), halfway.clone()).unwrap();
    let [resumed, alone] = [resumed, alone].map(|each| pollster::block_on(each.finish()).unwrap());
    assert!(resumed == alone);

    let mut short = halfway;
    let found = short.values.len() - 1;
    short.values.truncate(found);
    let refused = Encoding::resume(model.encoder(), short);
    assert!(
        matches!(refused, Err(Error::Values { needed, found: f }) if needed == found + 1 && f == found)
    );
}

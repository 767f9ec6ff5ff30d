//! What enters a memory: boxes, masks and corrections; and several objects side by side.

use std::rc::Rc;

use crate::small_sam2::sam2;
use crate::tracking::{
    Alone, BOTH, OBJECT, SLICES, at, compute, disc, ends, mask, model, no_limits, propagated, run,
    scan, session,
};
use boxel_segmenter::imaging::{
    ImageBox, ImagePoint, Mask, Plane, PropagationLimits, PropagationRule, Recipe, Scan, SlicePlane,
};
use boxel_segmenter::sam::sam2::{Direction as Way, SlicePrompt};
use boxel_segmenter::{Direction, PointLabel, Prompt, PromptPoint, PropagationStep, Session};

const BOX: ImageBox = ImageBox {
    x0: 8.0,
    y0: 6.0,
    x1: 26.0,
    y1: 24.0,
};
/// On the object, then next to it.
const POINTS: [([f32; 2], PointLabel); 2] = [
    ([20.0, 15.0], PointLabel::Foreground),
    ([35.0, 28.0], PointLabel::Background),
];

fn by_rule(rule: PropagationRule) -> PropagationLimits {
    PropagationLimits {
        rule,
        ..no_limits()
    }
}

/// A session with a box on a slice, and nothing painted over its mask.
fn boxed(scan: &Rc<Scan>, slice: u32) -> Session {
    let mut session = session(model(), scan, &[slice]);
    let open = session.open_scan_mut().unwrap();
    open.edit(OBJECT, slice, Vec::new()).unwrap();
    session
}

fn in_model(scan: &Scan, [x, y]: [f32; 2]) -> [f32; 2] {
    let slice_plane = SlicePlane::new(scan.grid(), Plane::Stored);
    let placement = Recipe::MedSam2.placement(slice_plane.size());
    let point = placement.model_from_image_point(ImagePoint { x, y });
    [point.x, point.y]
}

fn propagate(session: &mut Session, from: u32, limits: PropagationLimits) -> Vec<u32> {
    let up = [Direction::Up];
    session
        .begin_propagation(OBJECT, from, &up, None, limits)
        .unwrap();
    propagated(&run(session))
}

#[test]
fn a_box_alone_enters_the_memory_as_a_box_and_before_the_rule_of_memories_as_its_mask() {
    let scan = scan();
    let corners = [([BOX.x0, BOX.y0], 2), ([BOX.x1, BOX.y1], 3)];
    let corners = corners.map(|(place, label)| (in_model(&scan, place), label));
    let mut all_ious: Vec<Vec<f32>> = Vec::new();
    for rule in [PropagationRule::Memories, PropagationRule::GreyLevels] {
        let mut session = boxed(&scan, 3);
        let shown = mask(&session, 3);
        assert!(shown.area_px() > 0);
        let mut alone = Alone::new(&scan);
        match rule {
            PropagationRule::Memories => {
                let features = alone.features(3);
                let prompt = SlicePrompt::Points(&corners);
                alone.tracker.prompt(&alone.sam2, &features, 3, prompt);
            }
            _ => alone.prompt(3, &shown),
        }
        let up = [Direction::Up];
        session
            .begin_propagation_within(&[OBJECT], 3, &up, None, by_rule(rule), 2)
            .unwrap();
        let steps = run(&mut session);
        assert_eq!(propagated(&steps), [4, 5], "{steps:?}");
        let mut ious = Vec::new();
        for step in &steps {
            if let PropagationStep::Propagated { slice, iou, .. } = *step {
                let answer = alone.answer(slice, Way::Forward);
                let expected = answer.iou.clone().into_data().try_to_vec::<f32>().unwrap();
                assert_eq!(
                    iou,
                    expected.into_iter().fold(0.0, f32::max),
                    "{rule:?}, slice {slice}"
                );
                assert!(mask(&session, slice) == alone.restored(answer));
                ious.push(iou);
            }
        }
        all_ious.push(ious);
    }
    assert!(all_ious[0] != all_ious[1], "it makes a difference");
}

/// Points that refine the mask of a slice.
fn correct(session: &mut Session, scan: &Scan, slice: u32) -> Mask {
    let open = session.open_scan_mut().unwrap();
    open.show(at(scan, slice)).unwrap();
    pollster::block_on(session.embed()).unwrap();
    let points = POINTS.map(|([x, y], label)| PromptPoint {
        point: ImagePoint { x, y },
        label,
    });
    let prompt = Prompt {
        points: points.to_vec(),
        refine_propagated: true,
        take: true,
        object: Some(OBJECT),
        ..Prompt::default()
    };
    pollster::block_on(session.segment(&[prompt])).unwrap();
    mask(session, slice)
}

#[test]
fn a_correction_attends_to_the_memories_and_tracking_goes_on_from_there() {
    let scan = scan();
    let mut session = session(model(), &scan, &[3]);
    let mut alone = Alone::new(&scan);
    alone.prompt(3, &mask(&session, 3));
    assert_eq!(propagate(&mut session, 3, no_limits()), [4, 5, 6, 7]);
    for slice in 4..SLICES {
        alone.track(slice, Way::Forward);
    }
    let tracked = mask(&session, 5);
    let corrected = correct(&mut session, &scan, 5);
    assert!(corrected != tracked);
    let points = POINTS.map(|(place, label)| {
        let is_on_object = label == PointLabel::Foreground;
        (in_model(&scan, place), i32::from(is_on_object))
    });
    let features = alone.features(5);
    let prompt = SlicePrompt::Points(&points);
    let answer = alone.tracker.prompt(&alone.sam2, &features, 5, prompt);
    assert!(
        corrected == alone.restored(answer),
        "the reference's answer"
    );
    // The slice enters as it is shown, and those before it on the way are remembered.
    alone.prompt(5, &corrected);
    assert_eq!(propagate(&mut session, 5, no_limits()), [6, 7]);
    for slice in [6, 7] {
        let expected = alone.track(slice, Way::Forward);
        assert!(mask(&session, slice) == expected, "slice {slice}");
    }
    let selection = alone.tracker.selection().unwrap();
    let of = |tracked: &[usize]| {
        selection
            .memories
            .iter()
            .filter(|(_, slice, _)| tracked.contains(slice))
            .count()
    };
    assert_eq!(
        (selection.memories.len(), of(&[3, 5]), of(&[4, 6])),
        (4, 2, 2)
    );
    // The same points again give the same mask, although the slice is a prompted one by now.
    assert!(correct(&mut session, &scan, 5) == corrected);
}

#[test]
fn a_correction_of_a_mask_that_no_memory_has_stands_alone() {
    let scan = scan();
    let masks = [PropagationRule::Memories, PropagationRule::GreyLevels].map(|rule| {
        let mut session = session(model(), &scan, &[3]);
        let up = [Direction::Up];
        session
            .begin_propagation_within(&[OBJECT], 3, &up, None, by_rule(rule), 2)
            .unwrap();
        run(&mut session);
        let stored = session.open_scan().unwrap().object_mask(OBJECT).unwrap();
        let before = stored.sha256();
        let corrected = correct(&mut session, &scan, 5);
        (before, corrected)
    });
    assert_eq!(masks[0].0, masks[1].0);
    assert!(
        masks[0].1 != masks[1].1,
        "by the rules before, it attends to nothing"
    );
}

#[test]
fn objects_side_by_side_share_encodings_and_find_what_each_finds_alone() {
    let scan = scan();
    let other = OBJECT + 1;
    let begun = || {
        let mut session = session(model(), &scan, &[3]);
        let [x0, y0, x1, y1] = [20.0, 4.0, 38.0, 28.0];
        let prompt = Prompt {
            object: Some(other),
            ..Prompt::from_box(ImageBox { x0, y0, x1, y1 })
        };
        pollster::block_on(session.segment(&[prompt])).unwrap();
        let open = session.open_scan_mut().unwrap();
        open.edit(other, 3, disc(29.0, 16.0, 7.0)).unwrap();
        session
    };
    let shas = |session: &Session| {
        let open = session.open_scan().unwrap();
        [OBJECT, other].map(|object| open.object_mask(object).unwrap().sha256())
    };
    let mut apart = begun();
    for object in [OBJECT, other] {
        apart
            .begin_propagation_within(&[object], 3, &BOTH, None, no_limits(), 2)
            .unwrap();
        run(&mut apart);
    }
    let mut together = begun();
    // One embedding at a time, so that sharing does not depend on the cache.
    together.set_embedding_budget(1);
    let objects = [OBJECT, other];
    together
        .begin_propagation_within(&objects, 3, &BOTH, None, no_limits(), 2)
        .unwrap();
    let steps_of_encoder = sam2(&compute()).steps().len();
    let (mut encoder_steps, mut found) = (0, Vec::new());
    loop {
        match pollster::block_on(together.propagation_step()).unwrap() {
            PropagationStep::Encoding { progress, .. } => {
                encoder_steps += usize::from(!progress.stage.starts_with("memory_"));
            }
            PropagationStep::Finished => break,
            step => found.push(step),
        }
    }
    assert_eq!(shas(&together), shas(&apart));
    let of = |number: u32| {
        let own = found.iter().filter(|step| {
            matches!(step, PropagationStep::Propagated { object, .. }
                | PropagationStep::Stopped { object, .. } if *object == number)
        });
        own.cloned().collect::<Vec<_>>()
    };
    for object in objects {
        assert_eq!(propagated(&of(object)), [4, 5, 2, 1]);
        assert_eq!(ends(&of(object)).len(), 2);
    }
    assert_eq!(propagated(&found), [4, 4, 5, 5, 2, 2, 1, 1]);
    // The first slice is encoded already.
    assert_eq!(encoder_steps, 4 * steps_of_encoder);
}

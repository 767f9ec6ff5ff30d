//! A mask that was loaded from a file, or edited in the volume, is what a refinement and a propagation start from, and stays
//! the user's.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::support::{model, nifti};
use crate::tracking::{self, Alone, BOTH, OBJECT, at, ends, mask, no_limits, propagated, run};
use boxel_segmenter::imaging::{
    Grid, ImagePoint, Limits, Mask, Plane, PropagationLimits, Scan, SlicePlane, Stop, VolumeMask,
    open,
};
use boxel_segmenter::sam::sam2::Direction as Way;
use boxel_segmenter::{
    Direction, Model, Origin, PointLabel, Prediction, Prompt, PromptPoint, Session, StoredMasks,
};

const SIZE: [usize; 3] = [96, 80, 5];

/// Two bright discs that touch, the smaller one on the right; the same on every slice.
fn discs() -> Rc<Scan> {
    let bytes = nifti(SIZE, |x, y, _| {
        is_in([34.0, 40.0], 18.0, x, y) || is_in([62.0, 40.0], 11.0, x, y)
    });
    Rc::new(open(&bytes, &Limits::default()).unwrap())
}

fn is_in(centre: [f32; 2], radius: f32, x: usize, y: usize) -> bool {
    (x as f32 - centre[0]).hypot(y as f32 - centre[1]) < radius
}

fn disc(grid: &Grid, centre: [f32; 2], radius: f32) -> Mask {
    let size = SlicePlane::new(grid, Plane::Stored).size();
    let rows = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
    let values = rows.map(|(x, y)| u8::from(is_in(centre, radius, x as usize, y as usize)));
    Mask::new(size.width, size.height, values.collect()).unwrap()
}

/// A session whose object was loaded from a file that has it on some slices.
fn loaded(model: Model, scan: &Rc<Scan>, slices: &[(u32, Mask)]) -> Session {
    let slice_plane = SlicePlane::new(scan.grid(), Plane::Stored);
    let mut segment = VolumeMask::empty(scan.grid());
    for (slice, mask) in slices {
        segment.set_slice(&slice_plane, *slice, mask).unwrap();
    }
    let masks = StoredMasks::of_segment(scan.grid(), Plane::Stored, &segment);
    let mut session = Session::default();
    session.set_model(model);
    session.open(Rc::clone(scan), "");
    let open = session.open_scan_mut().unwrap();
    open.restore_object(OBJECT, Plane::Stored, &masks, BTreeMap::new(), None)
        .unwrap();
    session
}

fn answer(session: &mut Session, scan: &Scan, slice: u32, prompt: Prompt) -> Prediction {
    let open = session.open_scan_mut().unwrap();
    open.show(at(scan, slice)).unwrap();
    pollster::block_on(session.embed()).unwrap();
    let id = pollster::block_on(session.segment(&[prompt])).unwrap()[0];
    session.open_scan().unwrap().prediction(id).unwrap().clone()
}

fn ask(session: &mut Session, scan: &Scan, slice: u32, prompt: Prompt) -> Mask {
    answer(session, scan, slice, prompt).mask
}

fn point(x: f32, y: f32, refine_propagated: bool) -> Prompt {
    Prompt {
        points: vec![PromptPoint {
            point: ImagePoint { x, y },
            label: PointLabel::Foreground,
        }],
        refine_propagated,
        take: true,
        object: Some(OBJECT),
        ..Prompt::default()
    }
}

#[test]
fn a_point_refines_a_loaded_mask_and_without_it_the_mask_shows_again() {
    let scan = discs();
    let (small, large) = ([62.0, 40.0], [34.0, 40.0]);
    let of_file = disc(scan.grid(), large, 16.0);
    let mut session = loaded(model(), &scan, &[(2, of_file.clone())]);
    // The model gets the loaded mask: it keeps it, and the same point means less without it.
    let refined = ask(&mut session, &scan, 2, point(large[0], large[1], true));
    assert_eq!(mask(&session, 2), refined);
    let dice = refined.dice(&of_file).unwrap();
    assert!(dice > 0.85, "Dice {dice:.3} with the loaded mask");
    let alone = ask(&mut session, &scan, 2, point(large[0], large[1], false));
    assert_ne!(alone, refined);
    // A loaded mask of another object of the picture leads elsewhere.
    let other = disc(scan.grid(), small, 10.0);
    let mut of_other = loaded(model(), &scan, &[(2, other.clone())]);
    let elsewhere = ask(&mut of_other, &scan, 2, point(small[0], small[1], true));
    assert!(elsewhere.dice(&other).unwrap() > 0.8);
    assert!(elsewhere.dice(&refined).unwrap() < 0.2);
    // Nothing of the user's is lost.
    session.open_scan_mut().unwrap().unmark(OBJECT, 2).unwrap();
    assert_eq!(mask(&session, 2), of_file);
}

#[test]
fn a_loaded_mask_is_propagated_from_box_to_box_up_to_the_next_loaded_one() {
    let scan = discs();
    let of_file = disc(scan.grid(), [34.0, 40.0], 17.0);
    let mut session = loaded(
        model(),
        &scan,
        &[(1, of_file.clone()), (4, of_file.clone())],
    );
    session
        .begin_propagation(OBJECT, 1, &BOTH, None, PropagationLimits::default())
        .unwrap();
    let steps = run(&mut session);
    assert_eq!(propagated(&steps), [2, 3, 0], "{steps:?}");
    assert_eq!(ends(&steps), [Stop::Marked, Stop::End]);
    let truth = disc(scan.grid(), [34.0, 40.0], 18.0);
    for slice in [0, 2, 3] {
        let dice = mask(&session, slice).dice(&truth).unwrap();
        assert!(dice > 0.85, "slice {slice}: Dice {dice:.3}");
    }
    assert_eq!(
        [mask(&session, 1), mask(&session, 4)],
        [of_file.clone(), of_file]
    );
    // There is nothing to start from on a slice without a mask.
    session
        .open_scan_mut()
        .unwrap()
        .discard_propagation(OBJECT)
        .unwrap();
    let from_nothing =
        session.begin_propagation(OBJECT, 3, &BOTH, None, PropagationLimits::default());
    assert!(
        from_nothing
            .unwrap_err()
            .to_string()
            .contains("no mask there")
    );
}

#[test]
fn an_edited_mask_is_refined_and_propagated_as_a_loaded_one() {
    let scan = discs();
    let mut session = Session::default();
    session.set_model(model());
    session.open(Rc::clone(&scan), "");
    let open = session.open_scan_mut().unwrap();
    open.show(at(&scan, 2)).unwrap();
    let lasso = r#"{ "lasso_v1": { "plane": "stored", "slice": 2, "kind": "paint",
        "polygon": [[18, 33], [27, 24], [41, 24], [50, 33], [50, 47], [41, 56], [27, 56], [18, 47]] } }"#;
    let lasso = serde_json::from_str(lasso).unwrap();
    open.begin_volume_edit(OBJECT, lasso, None, &|_| true)
        .unwrap();
    open.apply_volume_edit().unwrap();
    let edited = mask(&session, 2);
    let origin = |session: &Session| {
        let object = session.open_scan().unwrap().object_mask(OBJECT).unwrap();
        object.slice(2).map(|about| about.origin)
    };
    assert_eq!(origin(&session), Some(Origin::Edited));
    session
        .begin_propagation(OBJECT, 2, &BOTH, None, PropagationLimits::default())
        .unwrap();
    let steps = run(&mut session);
    assert_eq!(propagated(&steps), [3, 4, 1, 0], "{steps:?}");
    assert_eq!(mask(&session, 2), edited);
    let refined = ask(&mut session, &scan, 2, point(34.0, 40.0, true));
    let alone = ask(&mut session, &scan, 2, point(34.0, 40.0, false));
    assert_ne!(refined, alone);
    let dice = refined.dice(&edited).unwrap();
    assert!(dice > 0.85, "Dice {dice:.3} with the edited mask");
    session.open_scan_mut().unwrap().unmark(OBJECT, 2).unwrap();
    assert_eq!(
        (mask(&session, 2), origin(&session)),
        (edited, Some(Origin::Edited))
    );
}

#[test]
fn a_model_with_a_memory_remembers_loaded_masks_and_passes_them() {
    let scan = tracking::scan();
    let on = |slice: u32| disc(scan.grid(), [16.0 + slice as f32, 15.0], 8.0);
    let of_file = [(2, on(2)), (5, on(5))];
    let mut session = loaded(tracking::model(), &scan, &of_file);
    session
        .begin_propagation(OBJECT, 2, &[Direction::Up], None, no_limits())
        .unwrap();
    assert_eq!(propagated(&run(&mut session)), [3, 4, 6, 7]);
    let mut alone = Alone::new(&scan);
    for (slice, mask) in &of_file {
        alone.prompt(*slice, mask);
    }
    for slice in [3, 4, 6, 7] {
        let expected = alone.track(slice, Way::Forward);
        assert!(mask(&session, slice) == expected, "slice {slice}");
    }
    for (slice, loaded) in of_file {
        assert_eq!(mask(&session, slice), loaded);
    }
    // A point on a loaded slice starts from its mask, without memories of it.
    // The small model's masks are the same, because its weights mean nothing: their probabilities differ.
    let refined = answer(&mut session, &scan, 5, point(21.0, 15.0, true));
    let alone = answer(&mut session, &scan, 5, point(21.0, 15.0, false));
    assert!(refined.probability != alone.probability);
}

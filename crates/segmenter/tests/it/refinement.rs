//! A point on a propagated slice refines its mask, and never replaces it without asking.

use std::rc::Rc;

use crate::support::{model, nifti};
use boxel_segmenter::imaging::{
    ImageBox, ImagePoint, Limits, Mask, Plane, PropagationLimits, Scan, SlicePlane, open,
};
use boxel_segmenter::{
    Direction, PointLabel, Prompt, PromptPoint, PropagationStep, Rendering, Session,
};

const SIZE: [usize; 3] = [96, 80, 3];
const OBJECT: u32 = 5;

/// Two bright discs that touch, the smaller one on the right; the same on every slice.
fn volume() -> Vec<u8> {
    nifti(SIZE, |x, y, _| {
        let within = |centre: [f32; 2], radius: f32| {
            (x as f32 - centre[0]).hypot(y as f32 - centre[1]) < radius
        };
        within([34.0, 40.0], 18.0) || within([62.0, 40.0], 11.0)
    })
}

/// The bundled model on the volume, and an object around the larger disc, propagated to all slices.
fn propagated() -> (Session, Rc<Scan>) {
    let scan = Rc::new(open(&volume(), &Limits::default()).unwrap());
    let mut session = Session::default();
    session.set_model(model());
    session.open(Rc::clone(&scan), "");
    show(&mut session, &scan, 1);
    let [x0, y0, x1, y1] = [14.0, 20.0, 54.0, 60.0];
    let drawn = Prompt {
        object: Some(OBJECT),
        ..Prompt::from_box(ImageBox { x0, y0, x1, y1 })
    };
    pollster::block_on(session.segment(&[drawn])).unwrap();
    let both = [Direction::Up, Direction::Down];
    session
        .begin_propagation(OBJECT, 1, &both, None, PropagationLimits::default())
        .unwrap();
    while pollster::block_on(session.propagation_step()).unwrap() != PropagationStep::Finished {}
    (session, scan)
}

fn show(session: &mut Session, scan: &Scan, slice: u32) {
    let rendering = Rendering {
        plane: Plane::Stored,
        slice,
        window: scan.default_window(),
    };
    session.open_scan_mut().unwrap().show(rendering).unwrap();
    pollster::block_on(session.embed()).unwrap();
}

fn mask(session: &Session, scan: &Scan, slice: u32) -> Mask {
    let slice_plane = SlicePlane::new(scan.grid(), Plane::Stored);
    session
        .open_scan()
        .unwrap()
        .object_mask(OBJECT)
        .unwrap()
        .voxels()
        .slice(&slice_plane, slice)
}

fn point(x: f32, y: f32) -> Prompt {
    Prompt {
        points: vec![PromptPoint {
            point: ImagePoint { x, y },
            label: PointLabel::Foreground,
        }],
        refine_propagated: true,
        object: Some(OBJECT),
        ..Prompt::default()
    }
}

#[test]
fn a_point_on_a_propagated_slice_refines_its_mask() {
    let (mut session, scan) = propagated();
    let before = mask(&session, &scan, 2);
    assert!(
        before.area_px() > 500,
        "propagated: {} px",
        before.area_px()
    );
    show(&mut session, &scan, 2);
    for [x, y] in [[34.0, 40.0], [26.0, 32.0], [62.0, 40.0], [4.0, 4.0]] {
        let prompt = point(x, y);
        let id = pollster::block_on(session.segment(std::slice::from_ref(&prompt))).unwrap()[0];
        let prediction = session.open_scan().unwrap().prediction(id).unwrap();
        let (offer, found) = (prediction.offer(), prediction.mask.clone());
        let dice = found.dice(&before).unwrap();
        println!(
            "point at {x}, {y}: {} → {} px, Dice {dice:.3}, {offer:?}",
            before.area_px(),
            found.area_px()
        );
        let lost = before.values().iter().zip(found.values());
        let lost = lost.filter(|(before, found)| **before > **found).count() as f64;
        let lost_fraction = lost / before.area_px() as f64;
        let at = y as usize * SIZE[0] + x as usize;
        let is_sound = lost_fraction <= 0.5 && found.values()[at] == 1;
        assert_eq!(offer.is_none(), is_sound);
        match offer {
            // Nothing changes until the user takes it.
            Some(offer) => {
                assert!((offer.lost_fraction - lost_fraction).abs() < 1e-12);
                assert_eq!(mask(&session, &scan, 2), before);
                session.open_scan_mut().unwrap().accept(id).unwrap();
            }
            None => assert_eq!(offer, None),
        }
        assert_eq!(mask(&session, &scan, 2), found);
        // Decoded again, it starts from the propagated mask again and gives the same mask.
        let again = Prompt {
            take: true,
            ..prompt
        };
        pollster::block_on(session.segment(&[again])).unwrap();
        assert_eq!(mask(&session, &scan, 2), found);
        // A propagation changes nothing there, and without the prompt the slice is as before.
        session
            .begin_propagation(
                OBJECT,
                1,
                &[Direction::Up],
                None,
                PropagationLimits::default(),
            )
            .unwrap();
        while pollster::block_on(session.propagation_step()).unwrap() != PropagationStep::Finished {
        }
        assert_eq!(mask(&session, &scan, 2), found);
        session.open_scan_mut().unwrap().unmark(OBJECT, 2).unwrap();
        assert_eq!(mask(&session, &scan, 2), before);
    }
}

/// A point in the middle of the mask must keep it. Without the mask as a prompt, the model lost it.
#[test]
fn a_point_in_the_mask_keeps_it() {
    let (mut session, scan) = propagated();
    let before = mask(&session, &scan, 0);
    show(&mut session, &scan, 0);
    let id = pollster::block_on(session.segment(&[point(34.0, 40.0)])).unwrap()[0];
    assert_eq!(
        session.open_scan().unwrap().prediction(id).unwrap().offer(),
        None
    );
    let dice = mask(&session, &scan, 0).dice(&before).unwrap();
    assert!(dice > 0.9, "Dice {dice:.3} with what was there");
}

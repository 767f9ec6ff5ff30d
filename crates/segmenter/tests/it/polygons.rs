//! A polygon as a prompt: its box and its mask.

use std::rc::Rc;

use crate::support::{model, nifti};
use crate::tracking::{self, OBJECT, at};
use boxel_segmenter::imaging::{ImageBox, ImagePoint, Limits, Mask, Scan, Size, open};
use boxel_segmenter::{Model, Prompt, Session};

const SIZE: [usize; 3] = [96, 80, 1];
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

fn drawn(polygon: Vec<ImagePoint>) -> Prompt {
    Prompt {
        polygon,
        object: Some(OBJECT),
        ..Prompt::default()
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

fn ask(session: &mut Session, prompts: &[Prompt]) -> Vec<Mask> {
    let ids = pollster::block_on(session.segment(prompts)).unwrap();
    let open = session.open_scan().unwrap();
    let mask = |id| open.prediction(id).unwrap().mask.clone();
    ids.into_iter().map(mask).collect()
}

#[test]
fn measure() {
    let scan = discs();
    let size = Size {
        width: SIZE[0] as u32,
        height: SIZE[1] as u32,
    };
    let mut session = session(model(), &scan);
    for (centre, radius) in [(LARGE, 18.0), (SMALL, 11.0)] {
        let truth = Mask::of_polygon(size, &around(centre, radius));
        for r in [0.7, 0.9, 1.0, 1.1, 1.3] {
            let p = around(centre, radius * r);
            let enclosed = Mask::of_polygon(size, &p);
            let b = enclosed.bounds().unwrap();
            let image_box: ImageBox = [b.x0, b.y0, b.x1, b.y1].map(|v| v as f32).into();
            let found = ask(
                &mut session,
                &[
                    drawn(p),
                    Prompt {
                        object: Some(OBJECT),
                        ..Prompt::from_box(image_box)
                    },
                ],
            );
            println!(
                "{centre:?} {r}: polygon {:.3} box {:.3} enclosed {:.3}; with enclosed {:.3} {:.3}",
                found[0].dice(&truth).unwrap(),
                found[1].dice(&truth).unwrap(),
                enclosed.dice(&truth).unwrap(),
                found[0].dice(&enclosed).unwrap(),
                found[1].dice(&enclosed).unwrap()
            );
        }
    }
}

//! Propagation by a model with a memory. `tests/sam2_session.rs` compares masks with the reference's.

use std::rc::Rc;

use crate::small_sam2::sam2;
use crate::support::nifti;
use boxel_segmenter::imaging::{
    ImageBox, ImagePoint, Limits, Mask, Plane, Probability, PropagationLimits, Recipe, Scan,
    SlicePlane, Stop, Stroke, StrokeKind, open, prepare, restore,
};
use boxel_segmenter::sam::sam2::{
    Answer, CorrectedAs, Direction as Way, ImageFeatures, MemoryFormat, Sam2, SlicePrompt, Tracker,
};
use boxel_segmenter::{
    Compute, ComputeKind, Direction, Encoding, Lent, Model, PointLabel, Prompt, PromptPoint,
    PropagationStep, Rendering, Session, SessionFile,
};
use burn::tensor::{Tensor, TensorData};

pub const OBJECT: u32 = 1;
pub const SLICES: u32 = 8;
pub const BOTH: [Direction; 2] = [Direction::Up, Direction::Down];
pub const SIZE: [usize; 3] = [40, 32, SLICES as usize];

/// The CPU.
pub fn compute() -> Compute {
    pollster::block_on(Compute::open(ComputeKind::Cpu)).unwrap()
}

/// The model as a session takes it: a MedSAM2.
pub fn model() -> Model {
    let compute = compute();
    Model::of_sam2(sam2(&compute), &compute)
}

/// A disc that moves from slice to slice.
pub fn scan() -> Rc<Scan> {
    let inside = |x: usize, y: usize, z: usize| {
        let (x, y) = (x as f64 - 16.0 - z as f64, y as f64 - 15.0);
        x * x + y * y < 70.0
    };
    Rc::new(open(&nifti(SIZE, inside), &Limits::default()).unwrap())
}

/// Limits within which every mask lies.
pub fn no_limits() -> PropagationLimits {
    PropagationLimits {
        stop_iou: 0.0,
        stop_area: f64::MAX,
        doubt_area: f64::MAX,
        stop_drift: f64::MAX,
        doubt_drift: f64::MAX,
        ..PropagationLimits::default()
    }
}

pub fn at(scan: &Scan, slice: u32) -> Rendering {
    Rendering {
        plane: Plane::Stored,
        slice,
        window: scan.default_window(),
    }
}

pub fn disc(x: f32, y: f32, radius_px: f32) -> Vec<Stroke> {
    vec![Stroke {
        kind: StrokeKind::Paint,
        radius_px,
        path: vec![ImagePoint { x, y }],
    }]
}

/// A session with a box on a slice, and a disc that the user has painted over the model's mask.
pub fn session(model: Model, scan: &Rc<Scan>, marked: &[u32]) -> Session {
    let mut session = Session::default();
    session.set_model(model);
    session.open(Rc::clone(scan), "");
    for &slice in marked {
        session
            .open_scan_mut()
            .unwrap()
            .show(at(scan, slice))
            .unwrap();
        pollster::block_on(session.embed()).unwrap();
        let [x0, y0, x1, y1] = [8.0, 6.0, 26.0, 24.0];
        let prompt = Prompt {
            object: Some(OBJECT),
            ..Prompt::from_box(ImageBox { x0, y0, x1, y1 })
        };
        pollster::block_on(session.segment(&[prompt])).unwrap();
        let strokes = disc(16.0 + slice as f32, 15.0, 8.0);
        session
            .open_scan_mut()
            .unwrap()
            .edit(OBJECT, slice, strokes)
            .unwrap();
    }
    session
}

pub fn mask(session: &Session, slice: u32) -> Mask {
    let scan = session.open_scan().unwrap();
    let slice_plane = SlicePlane::new(scan.scan().grid(), Plane::Stored);
    scan.object_mask(OBJECT)
        .unwrap()
        .voxels()
        .slice(&slice_plane, slice)
}

/// The steps of a propagation that took or ended something.
pub fn run(session: &mut Session) -> Vec<PropagationStep> {
    let mut steps = Vec::new();
    loop {
        match pollster::block_on(session.propagation_step()).unwrap() {
            PropagationStep::Encoding { progress, .. } => {
                assert!(progress.done <= progress.total, "{progress:?}");
            }
            PropagationStep::Finished => return steps,
            step => steps.push(step),
        }
    }
}

pub fn propagated(steps: &[PropagationStep]) -> Vec<u32> {
    let slices = steps.iter().filter_map(|step| match step {
        PropagationStep::Propagated { slice, .. } => Some(*slice),
        _ => None,
    });
    slices.collect()
}

pub fn ends(steps: &[PropagationStep]) -> Vec<Stop> {
    let reasons = steps.iter().filter_map(|step| match step {
        PropagationStep::Stopped { reason, .. } => Some(*reason),
        _ => None,
    });
    reasons.collect()
}

/// The tracker without a session.
pub struct Alone {
    pub sam2: Sam2,
    pub tracker: Tracker,
    scan: Rc<Scan>,
}

impl Alone {
    pub fn new(scan: &Rc<Scan>) -> Self {
        let sam2 = sam2(&compute());
        let slices = SLICES as usize;
        Self {
            tracker: Tracker::new(&sam2, slices, MemoryFormat::Bf16, CorrectedAs::Prompted),
            sam2,
            scan: Rc::clone(scan),
        }
    }

    pub fn features(&self, slice: u32) -> ImageFeatures {
        let slice_plane = SlicePlane::new(self.scan.grid(), Plane::Stored);
        let image = self
            .scan
            .render(&slice_plane, slice, self.scan.default_window());
        let input = prepare(Recipe::MedSam2, &image).input;
        let input = TensorData::new(input, [1, 3, 512, 512]);
        self.sam2
            .encode(Tensor::from_data(input, compute().device()))
    }

    pub fn prompt(&mut self, slice: u32, mask: &Mask) {
        let values: Vec<f32> = mask.values().iter().map(|&inside| inside.into()).collect();
        let shape = [1, 1, mask.height() as usize, mask.width() as usize];
        let mask = Tensor::from_data(TensorData::new(values, shape), compute().device());
        let mask = self.sam2.mask_prompt(mask);
        let features = self.features(slice);
        let prompt = SlicePrompt::Mask(&mask);
        self.tracker
            .prompt(&self.sam2, &features, slice as usize, prompt);
    }

    pub fn track(&mut self, slice: u32, way: Way) -> Mask {
        let answer = self.answer(slice, way);
        self.restored(answer)
    }

    pub fn answer(&mut self, slice: u32, way: Way) -> Answer {
        let features = self.features(slice);
        self.tracker
            .track(&self.sam2, &features, slice as usize, way)
    }

    pub fn restored(&self, Answer { logits, .. }: Answer) -> Mask {
        let logits = logits.into_data().try_to_vec::<f32>().unwrap();
        let slice_plane = SlicePlane::new(self.scan.grid(), Plane::Stored);
        let placement = Recipe::MedSam2.placement(slice_plane.size());
        let probability = restore(Recipe::MedSam2, &logits, &placement).unwrap();
        probability.mask(Probability::THRESHOLD)
    }
}

#[test]
fn a_session_tracks_as_the_tracker_does() {
    let scan = scan();
    let mut session = session(model(), &scan, &[3]);
    let mut alone = Alone::new(&scan);
    alone.prompt(3, &mask(&session, 3));
    session
        .begin_propagation(OBJECT, 3, &BOTH, None, no_limits())
        .unwrap();
    let steps = run(&mut session);
    assert_eq!(propagated(&steps), [4, 5, 6, 7, 2, 1, 0], "{steps:?}");
    assert_eq!(ends(&steps), [Stop::End, Stop::End]);
    for slice in 4..SLICES {
        let expected = alone.track(slice, Way::Forward);
        assert!(mask(&session, slice) == expected, "slice {slice}");
    }
    // Without the reset, the slices above would be the past of those below.
    alone.tracker.reset();
    alone.prompt(3, &mask(&session, 3));
    for slice in (0..3).rev() {
        let expected = alone.track(slice, Way::Backward);
        assert!(mask(&session, slice) == expected, "slice {slice}");
    }
}

#[test]
fn marked_slices_enter_the_memory_and_are_passed_as_they_are() {
    let scan = scan();
    let mut session = session(model(), &scan, &[5, 2]);
    let marked = [mask(&session, 2), mask(&session, 5)];
    session
        .begin_propagation(OBJECT, 2, &[Direction::Up], None, no_limits())
        .unwrap();
    let steps = run(&mut session);
    assert_eq!(propagated(&steps), [3, 4, 6, 7], "{steps:?}");
    assert_eq!([mask(&session, 2), mask(&session, 5)], marked);
    let mut alone = Alone::new(&scan);
    alone.prompt(2, &marked[0]);
    alone.prompt(5, &marked[1]);
    for slice in [3, 4, 6, 7] {
        let expected = alone.track(slice, Way::Forward);
        assert!(mask(&session, slice) == expected, "slice {slice}");
    }
}

#[test]
fn an_empty_marked_slice_ends_a_direction() {
    let scan = scan();
    let mut session = session(model(), &scan, &[2, 5]);
    let erase = Stroke {
        kind: StrokeKind::Erase,
        radius_px: 90.0,
        path: vec![ImagePoint { x: 20.0, y: 16.0 }],
    };
    session
        .open_scan_mut()
        .unwrap()
        .edit(OBJECT, 5, vec![erase])
        .unwrap();
    session
        .begin_propagation(OBJECT, 2, &[Direction::Up], None, no_limits())
        .unwrap();
    let steps = run(&mut session);
    assert_eq!(propagated(&steps), [3, 4]);
    assert_eq!(ends(&steps), [Stop::Marked]);
}

#[test]
fn a_propagation_ends_at_its_range_and_leaves_what_is_beyond() {
    let scan = scan();
    let mut session = session(model(), &scan, &[3]);
    session
        .begin_propagation(OBJECT, 3, &BOTH, None, no_limits())
        .unwrap();
    run(&mut session);
    let before = mask(&session, 7);
    session
        .begin_propagation_within(&[OBJECT], 3, &BOTH, None, no_limits(), 2)
        .unwrap();
    let steps = run(&mut session);
    assert_eq!(propagated(&steps), [4, 5, 2, 1]);
    assert_eq!(ends(&steps), [Stop::Range, Stop::Range]);
    assert_eq!(mask(&session, 7), before);
}

#[test]
fn a_model_that_does_not_see_the_object_ends_the_propagation() {
    let scan = scan();
    let compute = compute();
    let mut absent = sam2(&compute);
    let head = absent
        .sam_mask_decoder
        .pred_obj_score_head
        .layers
        .last_mut()
        .unwrap();
    head.bias = head
        .bias
        .take()
        .map(|bias| bias.map(|b| b.full_like(-50.0)));
    let mut session = session(Model::of_sam2(absent, &compute), &scan, &[3]);
    session
        .begin_propagation(OBJECT, 3, &BOTH, None, no_limits())
        .unwrap();
    let steps = run(&mut session);
    assert_eq!(propagated(&steps), [0; 0]);
    assert_eq!(ends(&steps), [Stop::Empty, Stop::Empty]);
}

#[test]
fn slices_that_others_encode_are_tracked_alike() {
    let scan = scan();
    let model = model();
    let mut alone = session(model.clone(), &scan, &[3]);
    alone
        .begin_propagation(OBJECT, 3, &BOTH, None, no_limits())
        .unwrap();
    let steps = run(&mut alone);
    let mut together = session(model.clone(), &scan, &[3]);
    together
        .begin_propagation(OBJECT, 3, &BOTH, None, no_limits())
        .unwrap();
    let (mut found, mut waited) = (Vec::new(), 0);
    let mut lent: Vec<Lent> = Vec::new();
    loop {
        lent.extend(std::iter::from_fn(|| together.lend(2)));
        match pollster::block_on(together.propagation_step()).unwrap() {
            PropagationStep::Encoding { .. } => {}
            PropagationStep::Waiting { .. } => {
                waited += 1;
                let Lent { ticket, input } = lent.remove(0);
                let encoding = Encoding::new(model.encoder(), input).unwrap();
                let values = pollster::block_on(encoding.finish()).unwrap();
                together.take_encoded(ticket, values).unwrap();
            }
            PropagationStep::Finished => break,
            step => found.push(step),
        }
    }
    assert!(waited >= 5, "{waited}");
    assert_eq!(found, steps);
    let voxels = |session: &Session| {
        let scan = session.open_scan().unwrap();
        scan.object_mask(OBJECT).unwrap().sha256()
    };
    assert_eq!(voxels(&together), voxels(&alone));
}

/// A model that finds the object on every pixel, so that no limit ends a propagation.
fn everywhere() -> Model {
    let compute = compute();
    let mut sam2 = sam2(&compute);
    let decoder = &mut sam2.sam_mask_decoder;
    let last = &mut decoder.output_upscaling.conv2;
    last.bias = last.bias.take().map(|bias| bias.map(|b| b.full_like(30.0)));
    for mlp in &mut decoder.output_hypernetworks_mlps {
        let last = mlp.layers.last_mut().unwrap();
        last.bias = last.bias.take().map(|bias| bias.map(|b| b.full_like(20.0)));
    }
    Model::of_sam2(sam2, &compute)
}

#[test]
fn a_replay_tracks_as_the_session_did() {
    let scan = scan();
    let mut first = session(everywhere(), &scan, &[3]);
    // The first mask must be everywhere too, or its area would differ too much.
    let all = disc(20.0, 16.0, 90.0);
    first.open_scan_mut().unwrap().edit(OBJECT, 3, all).unwrap();
    let limits = PropagationLimits::default();
    first
        .begin_propagation_within(&[OBJECT], 3, &BOTH, None, limits, 2)
        .unwrap();
    let steps = run(&mut first);
    let object = first.open_scan().unwrap().object_mask(OBJECT).unwrap();
    let window = serde_json::to_string(&scan.default_window()).unwrap();
    let text = format!(
        r#"{{ "format": "boxel-session", "version": 2, "scan": {{ "sha256": "" }},
        "model": {{ "name": "", "recipe": "medsam2", "sha256": "" }},
        "view": {{ "plane": "stored", "slice": 1, "window": {window} }},
        "objects": [{{ "number": 4, "name": "", "colour": 0, "plane": "stored", "steps": [
          {{ "do": "prompt", "slice": 3, "window": {window}, "prompts": [{{ "box": [8, 6, 26, 24] }}] }},
          {{ "do": "edit", "slice": 3, "strokes": [
            {{ "kind": "paint", "radius_px": 90, "path": [[20, 16]] }}] }},
          {{ "do": "propagate", "from": 3, "window": {window}, "directions": ["up", "down"], "range": 2, "rule": 3 }}],
          "result": {{ "voxels": 0, "sha256": "{}" }} }}] }}"#,
        object.sha256()
    );
    let file = SessionFile::read(text.as_bytes()).unwrap();
    let written = serde_json::to_string(&file).unwrap();
    assert!(written.contains("\"range\":2"), "{written}");
    pollster::block_on(first.replay(&file.objects[0])).unwrap();
    let replayed = first.open_scan().unwrap().object_mask(4).unwrap();
    assert_eq!(propagated(&steps), [4, 5, 2, 1], "{steps:?}");
    assert_eq!(replayed.sha256(), file.objects[0].result.sha256);
}

#[test]
fn prompts_are_decoded_in_a_batch_as_alone_and_refined() {
    let scan = scan();
    let mut session = session(model(), &scan, &[3]);
    let boxed = |x: f32| {
        Prompt::from_box(ImageBox {
            x0: x,
            y0: 4.0,
            x1: x + 14.0,
            y1: 20.0,
        })
    };
    let both = pollster::block_on(session.segment(&[boxed(3.0), boxed(18.0)])).unwrap();
    let alone = pollster::block_on(session.segment(&[boxed(18.0)])).unwrap();
    let ids = [both[1], alone[0]];
    let [a, b] = ids.map(|id| session.open_scan().unwrap().prediction(id).unwrap());
    assert_eq!(a.candidate_ious().count(), 1);
    let dice = a.mask.dice(&b.mask).unwrap();
    assert!(dice > 0.999, "{dice}");
    let point = PromptPoint {
        point: ImagePoint { x: 20.0, y: 15.0 },
        label: PointLabel::Foreground,
    };
    let refined = Prompt {
        points: vec![point],
        refine: Some(both[0]),
        multimask: true,
        ..Prompt::default()
    };
    let refined = pollster::block_on(session.segment(&[refined])).unwrap();
    let refined = session.open_scan().unwrap().prediction(refined[0]).unwrap();
    assert_eq!(refined.candidate_ious().count(), 3);
}

use burn::module::Module;
use burn::tensor::{Device, Distribution, Tensor};

use super::*;
use crate::sam2::{HieraConfig, Sam2Config};

const SLICES: usize = 24;

/// A small model for slices of 64² pixels, and the features of noise.
struct Noise {
    sam2: Sam2,
    features: Vec<ImageFeatures>,
    mask: Tensor<4>,
}

impl Noise {
    fn new() -> Self {
        let device = Device::flex();
        let trunk = HieraConfig::new(8, 1, [1, 1, 1, 1], vec![2]);
        let mut sam2 = Sam2Config::sized(trunk, 64, 32, 8).init(&device);
        let head = &mut sam2.sam_mask_decoder.pred_obj_score_head;
        let last = head.layers.last_mut().unwrap();
        // The object is on every slice.
        last.bias = last.bias.take().map(|bias| bias.map(|b| b.full_like(50.0)));
        let features = (0..SLICES).map(|_| {
            let noise = Distribution::Normal(0.0, 1.0);
            sam2.encode(Tensor::random([1, 3, 64, 64], noise, &device))
        });
        Self {
            features: features.collect(),
            mask: Tensor::ones([1, 1, 64, 64], &device),
            sam2,
        }
    }

    fn tracker(&self, prompted: usize) -> Tracker {
        let (format, corrected_as) = (MemoryFormat::default(), CorrectedAs::default());
        let mut tracker = Tracker::new(&self.sam2, SLICES, format, corrected_as);
        let prompt = SlicePrompt::Mask(&self.mask);
        tracker.prompt(&self.sam2, &self.features[prompted], prompted, prompt);
        tracker
    }

    fn track(&self, tracker: &mut Tracker, slice: usize, direction: Direction) -> Vec<f32> {
        let answer = tracker.track(&self.sam2, &self.features[slice], slice, direction);
        answer.decoded.logits.into_data().try_to_vec().unwrap()
    }
}

#[test]
fn forgetting_what_no_slice_attends_to_changes_nothing() {
    let noise = Noise::new();
    let (mut all, mut few) = (noise.tracker(0), noise.tracker(0));
    for slice in 1..SLICES {
        let expected = noise.track(&mut all, slice, Direction::Forward);
        let found = noise.track(&mut few, slice, Direction::Forward);
        assert!(found == expected, "slice {slice}");
        assert_eq!(few.selection(), all.selection());
        few.forget_passed(slice, Direction::Forward);
        assert!(few.slices().count() <= MAX_POINTERS, "slice {slice}");
    }
    assert_eq!(all.slices().count(), SLICES);
}

#[test]
fn a_turn_is_a_reset_and_the_same_prompt_again() {
    let noise = Noise::new();
    let (mut turned, mut again) = (noise.tracker(12), noise.tracker(12));
    for slice in 13..20 {
        noise.track(&mut turned, slice, Direction::Forward);
    }
    turned.turn();
    assert!(turned.slices().eq([12]));
    for slice in (6..12).rev() {
        let expected = noise.track(&mut again, slice, Direction::Backward);
        let found = noise.track(&mut turned, slice, Direction::Backward);
        assert!(found == expected, "slice {slice}");
    }
}

#[test]
fn a_tracker_that_recalls_slices_goes_on_as_the_one_that_tracked_them() {
    let noise = Noise::new();
    let (mut first, mut next) = (noise.tracker(12), noise.tracker(12));
    for slice in 13..16 {
        noise.track(&mut first, slice, Direction::Forward);
    }
    next.recall(&first, 12..16);
    assert!(next.slices().eq(12..16));
    let expected = noise.track(&mut first, 16, Direction::Forward);
    assert!(noise.track(&mut next, 16, Direction::Forward) == expected);
}

/// What the tracker itself does with a point on a slice that was tracked, where no mask is given with it.
#[test]
fn a_correction_attends_to_what_its_slice_was_tracked_by() {
    let noise = Noise::new();
    let mut tracker = noise.tracker(12);
    for slice in 13..16 {
        noise.track(&mut tracker, slice, Direction::Forward);
    }
    let tracked = tracker.selection().cloned();
    let (sam2, features) = (&noise.sam2, &noise.features[15]);
    assert!(tracker.begin_correction(sam2, features, 12).is_none());
    assert!(tracker.begin_correction(sam2, features, 20).is_none());
    let mut tracking = tracker.begin_correction(sam2, features, 15).unwrap();
    assert_eq!(tracker.selection().cloned(), tracked);
    while tracking.step(sam2) {}
    let device = Device::flex();
    let points = [([20.0, 30.0], 1), ([50.0, 10.0], 0)];
    let earlier = tracker.logits(15).unwrap();
    let prompts = crate::Prompts {
        points: Some(point_tensors(&points, &device)),
        boxes: None,
        masks: Some(earlier),
    };
    let found = sam2.predict_on(
        tracking.conditioned(sam2, features),
        features,
        sam2.sam_prompt_encoder.dense_pe(&device),
        &prompts,
        false,
    );
    let expected = tracker.prompt(sam2, features, 15, SlicePrompt::Points(&points));
    let score = expected.object_score.clone().into_data();
    let score = score.try_to_vec::<f32>().unwrap();
    assert!(score[0] > 0.0, "else its logits say nothing");
    assert_eq!(
        found.low_res_logits.into_data(),
        expected.logits.into_data()
    );
}

#[test]
fn a_slice_of_the_published_size_takes_less_than_300_kb() {
    let noise = Noise::new();
    let mut tracker = noise.tracker(12);
    noise.track(&mut tracker, 13, Direction::Forward);
    let kept = &tracker.kept[&13];
    assert_eq!(kept.memory.dtype(), DType::BF16, "on the CPU");
    let values = kept.pointer.dims().iter().product::<usize>()
        + kept.logits.dims().iter().product::<usize>();
    let memory = kept.memory.dims().iter().product::<usize>();
    let bytes = (2 * memory + 4 * values) as u64;
    let format = MemoryFormat::default();
    assert_eq!(Tracker::bytes_of_slice(&noise.sam2, format), bytes);
    let trunk = HieraConfig::new(8, 1, [1, 1, 1, 1], vec![2]);
    let published = Sam2Config::sized(trunk, 512, 256, 64).init(&Device::flex());
    assert_eq!(Tracker::bytes_of_slice(&published, format), 197_632);
}

#[test]
fn an_image_encoder_alone_encodes_the_same() {
    let noise = Noise::new();
    let image = || Tensor::<4>::ones([1, 3, 64, 64], &Device::flex());
    let whole = noise.sam2.encode(image());
    let alone = noise.sam2.clone().into_image_encoder();
    let found = alone.encode(image());
    for (found, whole) in [
        (found.embedding, whole.embedding),
        (found.s1, whole.s1),
        (found.s0, whole.s0),
    ] {
        assert_eq!(found.into_data(), whole.into_data());
    }
    assert!(alone.num_params() < noise.sam2.num_params());
}

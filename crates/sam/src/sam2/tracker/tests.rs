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
        let sam2 = Sam2Config::sized(trunk, 64, 32, 8).init(&device);
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

use serde::{Deserialize, Serialize};

use crate::mask::Mask;
use crate::scan::RgbImage8;
use crate::space::ImagePoint;

/// Why a user should review a propagated mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "Doubt"))]
#[serde(rename_all = "snake_case")]
pub enum ReviewReason {
    /// The model predicts a low IoU.
    LowIou,
    /// The area differs much from that of the neighbouring slice's mask.
    AreaJump,
    /// The centre lies far from the neighbour's.
    Drift,
    /// Propagating it back gives a different mask on the neighbouring slice.
    Disagreement,
    /// Much of the area just outside the mask has the grey levels of the inside: part of the object may be missing.
    LikeOutside,
}

/// Signals about a propagated mask besides the predicted IoU; `None` where one was not computed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Signals {
    /// Dice coefficient, in `[0, 1]`, of the neighbour's mask and the mask that the model predicts on the neighbour
    /// from this mask's box.
    pub agreement: Option<f64>,
    /// See [`likeness_outside`](super::likeness_outside).
    pub likeness: Option<f64>,
}

/// Why a propagation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// It reached the last slice.
    End,
    /// It reached the last slice of its range.
    Range,
    /// The next slice has a mask that the user drew or corrected.
    Marked,
    /// The next slice is uniform: it shows nothing.
    Uniform,
    /// The mask is empty, or too small for the model to see.
    Empty,
    /// The model predicts so low an IoU that the mask means nothing.
    LowIou,
    /// The area is a multiple of the neighbour's, or a fraction.
    AreaJump,
    /// The mask does not touch the neighbour's, or its centre has left it.
    Drift,
}

/// The decision about the mask of the next slice.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// Accept the mask, to be reviewed if there are reasons.
    Take(Vec<ReviewReason>),
    /// Reject the mask and end the propagation.
    Stop(Stop),
}

/// The limits that decide whether a propagated mask is accepted, accepted for review, or ends the propagation. Two
/// reasons for review among IoU, area and centre also end it.
///
/// How the limits were found: LiteMedSAM was propagated from the box of each label on its largest slice, with labels
/// of 500 voxels and 8 slices or more, through three volumes of TotalSegmentator's tests (Apache-2.0) with its
/// reference labels: `example_ct_sm` (3 mm; 21 labels), `mr_body` (3 mm; 16) and `ct_aorta` (1.5 mm; the aorta). A
/// slice is bad if its Dice with the label is below 0.8. Of 762 propagated slices 527 were bad; of 526 from a first
/// mask with a Dice of 0.8 or more 302 were. How well each reason finds bad slices among these 526:
///
/// | reason | flagged | precision | recall |
/// |---|---|---|---|
/// | predicted IoU below 0.75, area, centre (the only ones before) | 37 | 0.84 | 0.10 |
/// | predicted IoU below 0.82 | 113 | 0.88 | 0.33 |
/// | agreement with the neighbour below 0.88 | 60 | 0.87 | 0.17 |
/// | likeness outside above 0.3 | 142 | 0.82 | 0.39 |
/// | any of these | 218 | 0.81 | 0.59 |
/// | Dice with the neighbour below 0.85 (not used: it adds nothing) | 85 | 0.81 | 0.23 |
///
/// By volume, any of these: precision 0.69 and recall 0.70 (`example_ct_sm`), 0.92 and 0.66 (`mr_body`), 0.96 and
/// 0.33 (`ct_aorta`). The three were chosen for the largest recall at a precision of 0.8, on the same data. On the
/// liver of `example_ct_sm`, whose left lobe is lost on nine slices, they flag 10 of 29 slices, these nine among
/// them. The limits that end a propagation were chosen by hand earlier: in these runs they ended it 27 times, 6 times
/// where the label ended too.
///
/// Differs from the reference, which goes on to the last slice and invents a mask on each: LiteMedSAM
/// was trained on boxes that hold something, and finds something in any box.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PropagationLimits {
    /// The propagation ends below this predicted IoU.
    pub stop_iou: f32,
    /// The mask needs review below this predicted IoU.
    pub doubt_iou: f32,
    /// The propagation ends if one of two neighbouring masks has more than this multiple of the other's area.
    pub stop_area: f64,
    /// The mask needs review above this multiple.
    pub doubt_area: f64,
    /// The propagation ends if the centre moves by more than this fraction of the neighbour's diameter: that of a disc
    /// of the same area.
    pub stop_drift: f64,
    /// The mask needs review above this fraction.
    pub doubt_drift: f64,
    /// The mask needs review below this predicted IoU; it does not count towards the two reasons that end a
    /// propagation.
    pub review_iou: f32,
    /// The mask needs review below this agreement with the neighbour ([`Signals::agreement`]).
    pub review_agreement: f64,
    /// The mask needs review above this likeness of its surroundings ([`Signals::likeness`]).
    pub review_likeness: f64,
}

impl Default for PropagationLimits {
    fn default() -> Self {
        PropagationLimits {
            stop_iou: 0.6,
            doubt_iou: 0.75,
            stop_area: 2.5,
            doubt_area: 1.5,
            stop_drift: 0.6,
            doubt_drift: 0.3,
            review_iou: 0.82,
            review_agreement: 0.88,
            review_likeness: 0.3,
        }
    }
}

/// Masks smaller than this, in pixels, are not judged by area: a few more pixels double it. Chosen by hand.
const SMALL_PX: u64 = 30;

impl PropagationLimits {
    /// Whether a slice shows nothing at all, so that it need not be encoded: its grey levels differ by 2 at most, which
    /// is noise (chosen by hand).
    pub fn is_uniform(image: &RgbImage8) -> bool {
        let values = image.pixels();
        let (min, max) = (values.iter().min(), values.iter().max());
        max.zip(min).is_none_or(|(max, min)| max - min <= 2)
    }

    /// Decides about a mask, given the mask of the neighbouring slice and the IoU that the model predicts.
    pub fn judge(&self, neighbour: &Mask, mask: &Mask, iou: f32) -> Judgement {
        let (before, now) = (neighbour.area_px(), mask.area_px());
        let (Some(from), Some(to)) = (centre(neighbour), centre(mask)) else {
            return Judgement::Stop(Stop::Empty);
        };
        if iou < self.stop_iou {
            return Judgement::Stop(Stop::LowIou);
        }
        let larger = (before.max(now) as f64) / (before.min(now) as f64);
        let is_small = before.max(now) < SMALL_PX;
        if larger > self.stop_area && !is_small {
            return Judgement::Stop(Stop::AreaJump);
        }
        let diameter = 2.0 * (before as f64 / std::f64::consts::PI).sqrt();
        let drift = f64::from((from.x - to.x).hypot(from.y - to.y)) / diameter.max(2.0);
        let touches = neighbour.iou(mask).is_ok_and(|iou| iou > 0.0);
        if drift > self.stop_drift || !touches {
            return Judgement::Stop(Stop::Drift);
        }
        let doubts = [
            (iou < self.doubt_iou, ReviewReason::LowIou, Stop::LowIou),
            (
                larger > self.doubt_area && !is_small,
                ReviewReason::AreaJump,
                Stop::AreaJump,
            ),
            (drift > self.doubt_drift, ReviewReason::Drift, Stop::Drift),
        ];
        let mut doubts = doubts.into_iter().filter(|(is_so, ..)| *is_so);
        match (doubts.next(), doubts.next()) {
            (Some((.., stop)), Some(_)) => Judgement::Stop(stop),
            (first, _) => Judgement::Take(first.map(|(_, doubt, _)| doubt).into_iter().collect()),
        }
    }

    /// Further reasons to review an accepted mask, besides those of [`PropagationLimits::judge`]: signs that a
    /// propagation goes wrong before it ends.
    pub fn review(&self, iou: f32, signals: Signals) -> Vec<ReviewReason> {
        let Signals {
            agreement,
            likeness,
        } = signals;
        let reasons = [
            (iou < self.review_iou, ReviewReason::LowIou),
            (
                agreement.is_some_and(|dice| dice < self.review_agreement),
                ReviewReason::Disagreement,
            ),
            (
                likeness.is_some_and(|part| part > self.review_likeness),
                ReviewReason::LikeOutside,
            ),
        ];
        reasons.into_iter().filter(|r| r.0).map(|r| r.1).collect()
    }
}

/// The mean of the centres of a mask's pixels; `None` for an empty one.
fn centre(mask: &Mask) -> Option<ImagePoint> {
    let width = mask.width() as usize;
    let (mut x, mut y, mut count) = (0.0, 0.0, 0u64);
    for (index, _) in mask.values().iter().enumerate().filter(|(_, v)| **v != 0) {
        x += (index % width) as f64 + 0.5;
        y += (index / width) as f64 + 0.5;
        count += 1;
    }
    (count > 0).then(|| ImagePoint {
        x: (x / count as f64) as f32,
        y: (y / count as f64) as f32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(left: u32, top: u32, side: u32) -> Mask {
        let inside = |at: u32| {
            let (x, y) = (at % 100, at / 100);
            let within = |value: u32, from: u32| (from..from + side).contains(&value);
            u8::from(within(x, left) && within(y, top))
        };
        Mask::new(100, 100, (0..10_000).map(inside).collect()).unwrap()
    }

    #[test]
    fn a_mask_like_its_neighbour_is_accepted() {
        let limits = PropagationLimits::default();
        let judged = limits.judge(&square(20, 20, 20), &square(21, 20, 21), 0.95);
        assert_eq!(judged, Judgement::Take(vec![]));
    }

    #[test]
    fn each_bound_doubts_and_then_stops() {
        let limits = PropagationLimits::default();
        let before = square(20, 20, 20);
        let judge = |mask: &Mask, iou| limits.judge(&before, mask, iou);
        assert_eq!(
            judge(&before, 0.7),
            Judgement::Take(vec![ReviewReason::LowIou])
        );
        assert_eq!(judge(&before, 0.5), Judgement::Stop(Stop::LowIou));
        assert_eq!(
            judge(&square(18, 18, 26), 0.9),
            Judgement::Take(vec![ReviewReason::AreaJump])
        );
        assert_eq!(
            judge(&square(10, 10, 40), 0.9),
            Judgement::Stop(Stop::AreaJump)
        );
        assert_eq!(
            judge(&square(25, 25, 10), 0.9),
            Judgement::Stop(Stop::AreaJump)
        );
        assert_eq!(
            judge(&square(28, 20, 20), 0.9),
            Judgement::Take(vec![ReviewReason::Drift])
        );
        assert_eq!(
            judge(&square(38, 20, 20), 0.9),
            Judgement::Stop(Stop::Drift)
        );
        assert_eq!(
            judge(&square(60, 60, 20), 0.9),
            Judgement::Stop(Stop::Drift)
        );
        assert_eq!(judge(&square(0, 0, 0), 0.9), Judgement::Stop(Stop::Empty));
        assert_eq!(
            judge(&square(18, 18, 26), 0.7),
            Judgement::Stop(Stop::LowIou)
        );
    }

    #[test]
    fn each_signal_flags_for_review_and_none_ends_a_propagation() {
        let limits = PropagationLimits::default();
        let signals = |agreement, likeness| Signals {
            agreement: Some(agreement),
            likeness: Some(likeness),
        };
        assert_eq!(limits.review(0.9, Signals::default()), []);
        assert_eq!(limits.review(0.82, signals(0.88, 0.3)), []);
        assert_eq!(
            limits.review(0.81, signals(0.9, 0.1)),
            [ReviewReason::LowIou]
        );
        assert_eq!(
            limits.review(0.9, signals(0.87, 0.1)),
            [ReviewReason::Disagreement]
        );
        let all = [
            ReviewReason::LowIou,
            ReviewReason::Disagreement,
            ReviewReason::LikeOutside,
        ];
        assert_eq!(limits.review(0.7, signals(0.5, 0.31)), all);
    }

    #[test]
    fn noise_counts_as_uniform() {
        let image = |values: [u8; 3]| RgbImage8::new(1, 1, values.to_vec()).unwrap();
        assert!(PropagationLimits::is_uniform(&image([7, 7, 9])));
        assert!(!PropagationLimits::is_uniform(&image([7, 7, 30])));
    }
}

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
    /// The grey levels speak against most of the model's mask: the object has ended.
    GreyLevels,
}

/// The decision about the mask of the next slice.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// Accept the mask, to be reviewed if there are reasons.
    Take(Vec<ReviewReason>),
    /// Reject the mask and end the propagation.
    Stop(Stop),
}

/// How a slice's mask comes from its neighbour's. Session files hold its number, so that a replay gives the same masks
/// with every later program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum PropagationRule {
    /// The model's mask in the neighbour's box, as LiteMedSAM's authors do. Sessions without a number have it.
    NextBox = 1,
    /// The same, and the grey levels of the neighbour count against it ([`GreyLevels`](super::GreyLevels)); the user's
    /// box is kept on the first slices ([`Recipe::first_box`](crate::Recipe::first_box)).
    GreyLevels = 2,
    /// The same, except that a model with a memory gets a lone box as a prompt instead of its mask, keeps the memories of
    /// slices before for a propagation that goes on from a correction, and attends to them for the correction.
    #[default]
    Memories = 3,
}

impl TryFrom<u32> for PropagationRule {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        match number {
            1 => Ok(Self::NextBox),
            2 => Ok(Self::GreyLevels),
            3 => Ok(Self::Memories),
            _ => Err(format!(
                "the propagation has rule {number}, and this program knows 1 to 3; open it with a later program"
            )),
        }
    }
}

impl From<PropagationRule> for u32 {
    fn from(rule: PropagationRule) -> Self {
        rule as u32
    }
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
/// where the label ended too. All of this was measured by the first rule; `docs/accuracy.md` has the second.
///
/// Differs from the reference, which goes on to the last slice and invents a mask on each: LiteMedSAM
/// was trained on boxes that hold something, and finds something in any box.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PropagationLimits {
    /// How masks are found.
    pub rule: PropagationRule,
    /// The propagation ends if the grey levels leave less than this fraction of the model's mask.
    pub stop_kept: f64,
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
            rule: PropagationRule::default(),
            stop_kept: 0.5,
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
    /// The default limits with another rule.
    pub fn with_rule(rule: PropagationRule) -> Self {
        Self {
            rule,
            ..Self::default()
        }
    }

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

    /// Decides about a mask next to one that does not fill the user's box, and is therefore no measure for its area and
    /// centre: they are reasons for review only.
    pub fn judge_after_partial(&self, neighbour: &Mask, mask: &Mask, iou: f32) -> Judgement {
        if neighbour.area_px() == 0 {
            return self.judge(mask, mask, iou);
        }
        match self.judge(neighbour, mask, iou) {
            Judgement::Stop(Stop::AreaJump) => Judgement::Take(vec![ReviewReason::AreaJump]),
            Judgement::Stop(Stop::Drift) => Judgement::Take(vec![ReviewReason::Drift]),
            judged => judged,
        }
    }

    /// Decides about what the grey levels left of the model's mask. Each of `whole` and `left` is the neighbour's mask
    /// and this slice's.
    pub fn judge_left(&self, whole: [&Mask; 2], left: [&Mask; 2], iou: f32) -> Judgement {
        let [area, area_left] = [whole[1], left[1]].map(|mask| mask.area_px() as f64);
        if area_left < self.stop_kept * area {
            return Judgement::Stop(Stop::GreyLevels);
        }
        match self.judge(whole[0], whole[1], iou) {
            Judgement::Take(_) => self.judge(left[0], left[1], iou),
            stop @ Judgement::Stop(_) => stop,
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
    fn after_a_mask_that_leaves_its_box_empty_area_and_centre_only_doubt() {
        let limits = PropagationLimits::default();
        let part = square(20, 20, 8);
        let judge = |mask: &Mask, iou| limits.judge_after_partial(&part, mask, iou);
        let jump = Judgement::Take(vec![ReviewReason::AreaJump]);
        assert_eq!(judge(&square(20, 20, 30), 0.9), jump);
        let drift = Judgement::Take(vec![ReviewReason::Drift]);
        assert_eq!(judge(&square(30, 30, 8), 0.9), drift);
        assert_eq!(judge(&part, 0.5), Judgement::Stop(Stop::LowIou));
        assert_eq!(judge(&square(0, 0, 0), 0.9), Judgement::Stop(Stop::Empty));
        let none = square(0, 0, 0);
        let first = limits.judge_after_partial(&none, &part, 0.9);
        assert_eq!(first, Judgement::Take(vec![]));
    }

    #[test]
    fn a_mask_of_which_the_grey_levels_leave_little_ends_a_propagation() {
        let limits = PropagationLimits::default();
        let before = square(20, 20, 20);
        let judge =
            |whole: &Mask, mask: &Mask| limits.judge_left([&before, whole], [&before, mask], 0.9);
        assert_eq!(judge(&before, &square(20, 20, 18)), Judgement::Take(vec![]));
        let ended = Judgement::Stop(Stop::GreyLevels);
        assert_eq!(judge(&before, &square(20, 20, 14)), ended);
        assert_eq!(judge(&before, &square(0, 0, 0)), ended);
        // The model's own mask is judged as well.
        let jump = Judgement::Stop(Stop::AreaJump);
        assert_eq!(judge(&square(10, 10, 40), &square(15, 15, 30)), jump);
        // But not next to what was left of the neighbour's.
        let (small, large) = (square(20, 20, 13), square(20, 20, 21));
        let judged = limits.judge_left([&before, &large], [&small, &square(20, 20, 15)], 0.9);
        assert_eq!(judged, Judgement::Take(vec![]));
        let none = square(0, 0, 0);
        assert_eq!(judge(&none, &none), Judgement::Stop(Stop::Empty));
    }

    #[test]
    fn a_rule_is_its_number() {
        let read = |text: &str| serde_json::from_str::<PropagationRule>(text);
        assert_eq!(read("1").unwrap(), PropagationRule::NextBox);
        assert_eq!(read("2").unwrap(), PropagationRule::GreyLevels);
        assert_eq!(read("3").unwrap(), PropagationRule::Memories);
        assert_eq!(
            serde_json::to_string(&PropagationRule::default()).unwrap(),
            "3"
        );
        assert!(read("4").unwrap_err().to_string().contains("rule 4"));
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

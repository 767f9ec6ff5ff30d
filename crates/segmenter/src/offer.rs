use boxel_imaging::{ImagePoint, Mask};
use serde::Serialize;

use crate::point_label::PointLabel;
use crate::prompt::Prompt;

/// The largest fraction of its mask that a refinement may lose and still be taken without asking. Chosen by hand: a point
/// that corrects a border moves less, and a model that lost the object leaves less than half, mostly nothing.
const MAX_LOST: f64 = 0.5;

/// Why a refinement is offered instead of taken.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Offer {
    /// The fraction of the object's current mask that it loses, 0 to 1.
    pub lost_fraction: f64,
    /// Whether a point on the object is outside the refined mask.
    pub point_outside: bool,
    /// Whether a point next to the object is inside the refined mask.
    pub point_inside: bool,
}

impl Offer {
    /// The reasons not to take a refinement of `before`; `None` if it can be taken.
    pub(crate) fn against(prompt: &Prompt, before: &Mask, after: &Mask) -> Option<Self> {
        let values = before.values().iter().zip(after.values());
        let (mut present, mut lost) = (0u64, 0u64);
        for (before, after) in values.filter(|(before, _)| **before != 0) {
            present += u64::from(*before);
            lost += u64::from(*after == 0);
        }
        let missed = |of: PointLabel, inside: bool| {
            let points = prompt.points.iter().filter(|point| point.label == of);
            points
                .into_iter()
                .any(|point| is_inside(after, point.point) != inside)
        };
        let offer = Self {
            lost_fraction: if present == 0 {
                0.0
            } else {
                lost as f64 / present as f64
            },
            point_outside: missed(PointLabel::Foreground, true),
            point_inside: missed(PointLabel::Background, false),
        };
        let is_faulty = offer.lost_fraction > MAX_LOST || offer.point_outside || offer.point_inside;
        is_faulty.then_some(offer)
    }
}

/// Whether the pixel under a point is in the mask. A point on the right or lower edge belongs to the last pixel.
fn is_inside(mask: &Mask, point: ImagePoint) -> bool {
    let pixel = |value: f32, count: u32| (value.max(0.0) as u32).min(count.saturating_sub(1));
    let (x, y) = (pixel(point.x, mask.width()), pixel(point.y, mask.height()));
    let at = y as usize * mask.width() as usize + x as usize;
    mask.values().get(at).is_some_and(|value| *value != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::PromptPoint;

    fn mask(values: [u8; 8]) -> Mask {
        Mask::new(4, 2, values.to_vec()).unwrap()
    }

    fn prompt(points: &[(f32, f32, PointLabel)]) -> Prompt {
        let points = points.iter().map(|&(x, y, label)| PromptPoint {
            point: ImagePoint { x, y },
            label,
        });
        Prompt {
            points: points.collect(),
            ..Prompt::default()
        }
    }

    #[test]
    fn a_refinement_that_loses_more_than_half_or_misses_a_point_is_offered() {
        use PointLabel::{Background, Foreground};
        let before = mask([1, 1, 0, 0, 1, 1, 0, 0]);
        let on = prompt(&[(0.5, 0.5, Foreground)]);
        assert_eq!(Offer::against(&on, &before, &before), None);
        // A refinement may lose half and add any number of pixels.
        let half = mask([1, 1, 1, 1, 0, 0, 1, 1]);
        assert_eq!(Offer::against(&on, &before, &half), None);
        let less = mask([1, 0, 1, 1, 0, 0, 0, 0]);
        let offer = Offer {
            lost_fraction: 0.75,
            point_outside: false,
            point_inside: false,
        };
        assert_eq!(Offer::against(&on, &before, &less), Some(offer));
        let missed = prompt(&[(0.5, 0.5, Foreground), (4.0, 2.0, Foreground)]);
        let offer = Offer {
            lost_fraction: 0.0,
            point_outside: true,
            point_inside: false,
        };
        assert_eq!(Offer::against(&missed, &before, &before), Some(offer));
        let beside = prompt(&[(1.99, 0.0, Background), (2.0, 0.0, Background)]);
        let offer = Offer {
            point_outside: false,
            point_inside: true,
            ..offer
        };
        assert_eq!(Offer::against(&beside, &before, &before), Some(offer));
        // An empty mask loses nothing.
        assert_eq!(Offer::against(&prompt(&[]), &mask([0; 8]), &before), None);
    }
}

//! Propagation from slice to slice: the prompt for the next slice, and the limits that end it.

mod border;
mod grey_levels;
mod limits;

pub use border::likeness_outside;
pub use grey_levels::GreyLevels;
pub use limits::{Judgement, PropagationLimits, PropagationRule, ReviewReason, Signals, Stop};

use crate::mask::Mask;
use crate::prepare::{Recipe, resize_area};
use crate::scan::RgbImage8;
use crate::space::{ImageBox, ImagePoint, ModelBox, Placement};

/// Margin of the next box around the last mask, in pixels of LiteMedSAM's input square (`bbox_shift`).
const REACH: f32 = 3.0;
/// A mask fills the user's box if its bounds and the box have at least this IoU.
const FILLS: f32 = 0.6;
/// Side of the input square that [`REACH`] is meant for.
const REACH_SIDE: f32 = 256.0;

impl Recipe {
    /// The box for the slice next to one with this mask, in model space; `None` if the mask vanishes at the model's
    /// size.
    ///
    /// It spans the smallest to the largest index of the mask's pixels, in the recipe's size of the image, ± 3 pixels
    /// of 256, as LiteMedSAM propagates through a volume
    /// (`CVPR24_LiteMedSAM_infer.py`: `MedSAM_infer_npz_3D`, `get_bbox256`). The models of 1024 pixels
    /// have no reference for volumes, and get the same box at their scale.
    pub fn next_box(self, mask: &Mask) -> Option<ModelBox> {
        let placement = self.placement(mask.size());
        let grey = mask.values().iter().flat_map(|&inside| [inside; 3]);
        let image = RgbImage8::from_parts(mask.size(), grey.collect());
        let resized = resize_area(&image, placement.resized);
        let inside = resized.pixels().iter().step_by(3).copied().collect();
        let bounds = Mask::from_parts(placement.resized, inside).bounds()?;
        let (side, reach) = (placement.side as f32, reach(&placement));
        // Differs from our bounds, which end after the last pixel: the reference's box ends on it.
        let last = |end: u32| end as f32 - 1.0;
        Some(ModelBox {
            x0: (bounds.x0 as f32 - reach).max(0.0),
            y0: (bounds.y0 as f32 - reach).max(0.0),
            x1: (last(bounds.x1) + reach).min(side),
            y1: (last(bounds.y1) + reach).min(side),
        })
    }

    /// The box for the slices next to the one that the user prompted: it holds the box of [`Recipe::next_box`] and the
    /// user's, which says more than a mask that missed a part of the object.
    pub fn first_box(self, mask: &Mask, drawn: ImageBox) -> ModelBox {
        let drawn = self.placement(mask.size()).model_from_image(drawn);
        match self.next_box(mask) {
            None => drawn,
            Some(found) => ModelBox {
                x0: found.x0.min(drawn.x0),
                y0: found.y0.min(drawn.y0),
                x1: found.x1.max(drawn.x1),
                y1: found.y1.max(drawn.y1),
            },
        }
    }

    /// The box for refining this mask: that of [`Recipe::next_box`], extended to hold these points of the object with
    /// the same margin.
    pub fn refining_box(self, mask: &Mask, points: &[ImagePoint]) -> Option<ModelBox> {
        let found = self.next_box(mask)?;
        let placement = self.placement(mask.size());
        let (side, reach) = (placement.side as f32, reach(&placement));
        let points = points.iter();
        let points = points.map(|point| placement.model_from_image_point(*point));
        Some(points.fold(found, |found, point| ModelBox {
            x0: found.x0.min(point.x - reach).max(0.0),
            y0: found.y0.min(point.y - reach).max(0.0),
            x1: found.x1.max(point.x + reach).min(side),
            y1: found.y1.max(point.y + reach).min(side),
        }))
    }
}

impl Mask {
    /// Whether the mask reaches the sides of a box that the user drew around the object, about.
    pub fn fills(&self, drawn: ImageBox) -> bool {
        let Some(bounds) = self.bounds() else {
            return false;
        };
        let [x0, y0, x1, y1] = [bounds.x0, bounds.y0, bounds.x1, bounds.y1].map(|side| side as f32);
        let width = (x1.min(drawn.x1) - x0.max(drawn.x0)).max(0.0);
        let height = (y1.min(drawn.y1) - y0.max(drawn.y0)).max(0.0);
        let drawn = (drawn.x1 - drawn.x0) * (drawn.y1 - drawn.y0);
        let both = width * height;
        both >= FILLS * ((x1 - x0) * (y1 - y0) + drawn - both)
    }
}

fn reach(placement: &Placement) -> f32 {
    REACH * placement.side as f32 / REACH_SIDE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked by hand after `get_bbox256`: 512 pixels become 256, so columns 100 to 199 become 50 to
    /// 99, and the box is 47 to 102.
    #[test]
    fn the_box_is_the_references() {
        let drawn = Mask::from_fn(512, 512, |x, y| {
            (100..200).contains(&x) && (20..30).contains(&y)
        });
        let found = Recipe::LiteMedSam.next_box(&drawn).unwrap();
        assert_eq!(
            [found.x0, found.y0, found.x1, found.y1],
            [47.0, 7.0, 102.0, 17.0]
        );
        let at_1024 = Recipe::Sam.next_box(&drawn).unwrap();
        assert_eq!([at_1024.x0, at_1024.x1], [188.0, 411.0]);
    }

    #[test]
    fn a_refinements_box_holds_its_points() {
        let drawn = Mask::from_fn(512, 512, |x, y| {
            (100..200).contains(&x) && (20..30).contains(&y)
        });
        let boxed = |points: &[[f32; 2]]| {
            let points: Vec<ImagePoint> = points.iter().map(|&point| point.into()).collect();
            let found = Recipe::LiteMedSam.refining_box(&drawn, &points).unwrap();
            [found.x0, found.y0, found.x1, found.y1]
        };
        assert_eq!(boxed(&[]), [47.0, 7.0, 102.0, 17.0]);
        assert_eq!(boxed(&[[150.0, 25.0]]), [47.0, 7.0, 102.0, 17.0]);
        assert_eq!(
            boxed(&[[2.0, 200.0], [510.0, 20.0]]),
            [0.0, 7.0, 256.0, 103.0]
        );
    }

    #[test]
    fn the_first_box_holds_the_users() {
        let drawn = Mask::from_fn(512, 512, |x, y| {
            (100..200).contains(&x) && (20..30).contains(&y)
        });
        let first = |mask: &Mask, corners: [f32; 4]| {
            let found = Recipe::LiteMedSam.first_box(mask, corners.into());
            [found.x0, found.y0, found.x1, found.y1]
        };
        let around = [90.0, 40.0, 150.0, 300.0];
        assert_eq!(first(&drawn, around), [45.0, 7.0, 102.0, 150.0]);
        let none = Mask::from_fn(512, 512, |_, _| false);
        assert_eq!(first(&none, around), [45.0, 20.0, 75.0, 150.0]);
    }

    #[test]
    fn a_mask_fills_a_box_that_it_nearly_reaches() {
        let mask = Mask::from_fn(64, 64, |x, y| {
            (10..20).contains(&x) && (10..20).contains(&y)
        });
        assert!(mask.fills([10.0, 10.0, 20.0, 20.0].into()));
        assert!(mask.fills([9.0, 9.0, 21.0, 21.0].into()));
        assert!(!mask.fills([7.0, 7.0, 21.0, 21.0].into()));
        assert!(!mask.fills([30.0, 30.0, 40.0, 40.0].into()));
        assert!(!Mask::from_fn(64, 64, |_, _| false).fills([0.0, 0.0, 9.0, 9.0].into()));
    }

    #[test]
    fn the_box_stays_in_the_square() {
        let all = Mask::from_fn(256, 128, |_, _| true);
        let found = Recipe::LiteMedSam.next_box(&all).unwrap();
        assert_eq!(
            [found.x0, found.y0, found.x1, found.y1],
            [0.0, 0.0, 256.0, 130.0]
        );
    }

    #[test]
    fn a_mask_that_vanishes_has_no_box() {
        assert_eq!(
            Recipe::LiteMedSam.next_box(&Mask::from_fn(9, 9, |_, _| false)),
            None
        );
        let dot = Mask::from_fn(2048, 2048, |x, y| x == 5 && y == 5);
        assert_eq!(Recipe::LiteMedSam.next_box(&dot), None);
    }
}

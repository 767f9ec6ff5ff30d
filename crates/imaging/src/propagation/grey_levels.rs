//! What the grey levels of an object's last slice say against a mask on the next one.

use super::border::grown;
use crate::mask::Mask;
use crate::prepare::resize_area;
use crate::scan::RgbImage8;
use crate::space::{Placement, Size};

/// Side of the grid of logits.
const SIDE: usize = 256;
/// Number of classes of grey levels.
const CLASSES: usize = 32;
/// Cells next to the border, on both of its sides, that are neither inside nor outside: the border runs through them.
const SKIPPED: usize = 2;
/// Width of the surroundings, in cells of logit space.
const SURROUNDINGS: usize = 8;
/// With fewer cells inside, those next to the border count as well.
const MIN_INSIDE: u64 = 20;
/// Part of the cells that any class has at least, over all classes: a grey level never seen is unlikely, not impossible.
const NEVER_SEEN: f64 = 0.02;
/// Natural logarithms of the smallest and largest ratio that count. Little counts for a mask: other objects have the same
/// grey levels, and only the model knows which of them is meant.
const MIN_RATIO: f64 = -3.0;
const MAX_RATIO: f64 = 0.2;
/// Factor of the evidence, in logits of the model.
const WEIGHT: f64 = 4.0;

/// How frequent the grey levels are inside a mask and around it.
///
/// The model answers to a box on one slice, and takes for the object whatever fills the box. It does not know how the
/// object looked on the slice before; these do. `docs/accuracy.md` says how the constants were found.
#[derive(Debug, Clone, PartialEq)]
pub struct GreyLevels {
    inside: [f64; CLASSES],
    outside: [f64; CLASSES],
}

impl GreyLevels {
    /// Counts the grey levels of a mask on its slice, on the grid of logits. `None` if the mask vanishes there, or has
    /// nothing around it.
    pub fn count(image: &RgbImage8, mask: &Mask, placement: &Placement) -> Option<Self> {
        if image.size() != placement.image {
            return None;
        }
        let classes = classes(image, placement);
        let mask = on_grid(mask, placement)?;
        let core = shrunk(&mask, SKIPPED);
        let inside = if core.area_px() < MIN_INSIDE {
            &mask
        } else {
            &core
        };
        let near = grown(&mask, SKIPPED);
        let far = grown(&near, SURROUNDINGS);
        let mut found = Self {
            inside: [0.0; CLASSES],
            outside: [0.0; CLASSES],
        };
        for (at, class) in classes.iter().enumerate() {
            let is_in = |mask: &Mask| mask.values().get(at).is_some_and(|value| *value != 0);
            if is_in(inside) {
                add_one(&mut found.inside, *class);
            } else if is_in(&far) && !is_in(&near) {
                add_one(&mut found.outside, *class);
            }
        }
        let is_counted = |counts: &[f64]| counts.iter().sum::<f64>() > 0.0;
        (is_counted(&found.inside) && is_counted(&found.outside)).then_some(found)
    }

    /// What to add to the model's logits of a slice, `[256, 256]`: from −12, where the grey levels are rare inside and
    /// frequent around, to 0.8, where it is the other way round. The padding gets 0.
    pub fn evidence(&self, image: &RgbImage8, placement: &Placement) -> Vec<f32> {
        let (inside, outside) = (frequencies(&self.inside), frequencies(&self.outside));
        let mut ratios = [0.0; CLASSES];
        for (ratio, (inside, outside)) in ratios.iter_mut().zip(inside.iter().zip(outside)) {
            *ratio = (inside / outside).ln().clamp(MIN_RATIO, MAX_RATIO);
        }
        let size = grid_size(placement);
        let (width, height) = (size.width as usize, size.height as usize);
        let classes = classes(image, placement);
        let ratio = |class: &usize| ratios.get(*class).copied().unwrap_or(0.0);
        let values: Vec<f64> = classes.iter().map(ratio).collect();
        let along_rows = blurred(&values, width, height, (1, width));
        let both = blurred(&along_rows, height, width, (width, 1));
        let mut evidence = vec![0.0; SIDE * SIDE];
        let rows = both.chunks_exact(width);
        for (row, line) in rows.zip(evidence.chunks_exact_mut(SIDE)) {
            for (value, place) in row.iter().zip(line) {
                *place = (WEIGHT * value) as f32;
            }
        }
        evidence
    }
}

/// The size of the image in logit space.
fn grid_size(placement: &Placement) -> Size {
    let cells = |pixels: u32| {
        let cells = f64::from(pixels) * SIDE as f64 / f64::from(placement.side);
        (cells.round() as u32).max(1)
    };
    Size {
        width: cells(placement.resized.width),
        height: cells(placement.resized.height),
    }
}

/// The class of each cell's grey level.
fn classes(image: &RgbImage8, placement: &Placement) -> Vec<usize> {
    let resized = resize_area(image, grid_size(placement));
    let class = |pixel: &[u8; 3]| {
        let sum: usize = pixel.iter().map(|&value| usize::from(value)).sum();
        sum / 3 * CLASSES / 256
    };
    resized
        .pixels()
        .as_chunks::<3>()
        .0
        .iter()
        .map(class)
        .collect()
}

/// The cells that lie more than half inside; `None` without any.
fn on_grid(mask: &Mask, placement: &Placement) -> Option<Mask> {
    if mask.size() != placement.image {
        return None;
    }
    let white = |&inside: &u8| [255 * u8::from(inside != 0); 3];
    let image = RgbImage8::from_parts(mask.size(), mask.values().iter().flat_map(white).collect());
    let resized = resize_area(&image, grid_size(placement));
    let cells = resized.pixels().iter().step_by(3);
    let inside = cells.map(|&value| u8::from(value > 127)).collect();
    let found = Mask::from_parts(resized.size(), inside);
    (found.area_px() > 0).then_some(found)
}

fn shrunk(mask: &Mask, by: usize) -> Mask {
    let outside = |mask: &Mask| {
        let values = mask.values().iter().map(|value| u8::from(*value == 0));
        Mask::from_parts(mask.size(), values.collect())
    };
    outside(&grown(&outside(mask), by))
}

fn add_one(counts: &mut [f64], class: usize) {
    if let Some(count) = counts.get_mut(class) {
        *count += 1.0;
    }
}

/// The part of each class, smoothed by a deviation of about 1.4 classes, with a minimum for each.
fn frequencies(counts: &[f64; CLASSES]) -> Vec<f64> {
    let once = blurred(counts, CLASSES, 1, (1, CLASSES));
    let twice = blurred(&once, CLASSES, 1, (1, CLASSES));
    let all: f64 = twice.iter().sum();
    let part = |count: &f64| count / all.max(1.0) + NEVER_SEEN / CLASSES as f64;
    twice.iter().map(part).collect()
}

/// Blurs lines of `length` values by the binomial kernel of 5, whose deviation is 1. `steps` are the distances from a
/// value to the next in its line and from a line to the next. Beyond its ends a line has its last values.
fn blurred(values: &[f64], length: usize, lines: usize, steps: (usize, usize)) -> Vec<f64> {
    const KERNEL: [f64; 5] = [1.0, 4.0, 6.0, 4.0, 1.0];
    let mut out = vec![0.0; values.len()];
    for line in 0..lines {
        for place in 0..length {
            let near = |(tap, weight): (usize, &f64)| {
                let place = (place + tap).saturating_sub(2).min(length - 1);
                let at = line * steps.1 + place * steps.0;
                weight / 16.0 * values.get(at).copied().unwrap_or(0.0)
            };
            let sum = KERNEL.iter().enumerate().map(near).sum();
            if let Some(value) = out.get_mut(line * steps.1 + place * steps.0) {
                *value = sum;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::Recipe;

    const SIZE: Size = Size {
        width: 128,
        height: 64,
    };

    /// Bright from column 40 to `to`, and from row 20 to 44, on grey.
    fn image(to: u32) -> RgbImage8 {
        let level = |at: u32| if bar(to)(at % 128, at / 128) { 200 } else { 90 };
        let pixels = (0..128 * 64).flat_map(|at| [level(at); 3]);
        RgbImage8::new(128, 64, pixels.collect()).unwrap()
    }

    fn bar(to: u32) -> impl Fn(u32, u32) -> bool {
        move |x, y| (40..to).contains(&x) && (20..44).contains(&y)
    }

    fn at(evidence: &[f32], x: u32, y: u32) -> f32 {
        evidence[(2 * y * 256 + 2 * x) as usize]
    }

    #[test]
    fn what_only_the_surroundings_had_counts_against_a_mask() {
        let placement = Recipe::LiteMedSam.placement(SIZE);
        let mask = Mask::from_fn(128, 64, bar(80));
        let levels = GreyLevels::count(&image(80), &mask, &placement).unwrap();
        // The object is shorter on the next slice.
        let evidence = levels.evidence(&image(60), &placement);
        assert_eq!(at(&evidence, 50, 32), 0.8);
        assert_eq!(at(&evidence, 70, 32), -12.0);
        assert_eq!(at(&evidence, 10, 10), -12.0);
        assert_eq!(evidence.len(), 256 * 256);
        assert_eq!(evidence[200 * 256], 0.0, "the padding");
    }

    #[test]
    fn grey_levels_that_are_on_both_sides_say_nothing() {
        let placement = Recipe::LiteMedSam.placement(SIZE);
        let flat = image(40);
        let mask = Mask::from_fn(128, 64, bar(80));
        let levels = GreyLevels::count(&flat, &mask, &placement).unwrap();
        let evidence = levels.evidence(&flat, &placement);
        assert!(evidence.iter().all(|value| *value == 0.0));
    }

    #[test]
    fn a_mask_that_vanishes_or_fills_the_image_has_no_grey_levels() {
        let placement = Recipe::LiteMedSam.placement(SIZE);
        let count = |mask: &Mask| GreyLevels::count(&image(80), mask, &placement);
        assert_eq!(count(&Mask::empty(SIZE)), None);
        assert_eq!(count(&Mask::from_fn(128, 64, |_, _| true)), None);
        assert_eq!(
            count(&Mask::from_fn(9, 9, |_, _| true)),
            None,
            "another size"
        );
    }

    #[test]
    fn each_recipe_has_its_image_at_its_place() {
        let mask = Mask::from_fn(128, 64, bar(80));
        for recipe in [Recipe::Sam, Recipe::MedSam, Recipe::LiteMedSam] {
            let placement = recipe.placement(SIZE);
            let levels = GreyLevels::count(&image(80), &mask, &placement).unwrap();
            let evidence = levels.evidence(&image(60), &placement);
            let rows = if recipe == Recipe::MedSam { 4 } else { 2 };
            let at = |x: usize, y: usize| evidence[rows * y * 256 + 2 * x];
            assert_eq!([at(50, 32), at(70, 32)], [0.8, -12.0], "{recipe}");
        }
    }
}

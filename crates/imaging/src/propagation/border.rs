//! Compares the grey levels just outside a mask with those inside.

use crate::mask::Mask;
use crate::scan::RgbImage8;

/// Width of the band around a mask, as a fraction of the diameter of a disc of the mask's area.
const REACH: f64 = 0.1;
/// Pixels next to the mask that the band skips, because the border itself runs through them.
const SKIPPED_PX: usize = 1;
/// Minimum width of the band, in pixels.
const MIN_BAND_PX: usize = 2;
/// A grey level counts as like the inside within this many standard deviations of the median, estimated by quartiles.
const LIKE: f64 = 1.5;
/// Distance between the quartiles of a normal distribution, in standard deviations.
const QUARTILES: f64 = 1.349;
/// Minimum standard deviation, in grey levels: even a flat region has noise.
const MIN_SPREAD: f64 = 4.0;

/// The fraction of the band around a mask, in `[0, 1]`, whose grey levels are like those inside. It is high where the
/// mask misses a part of its object. `None` for an empty mask, or one that fills the image.
///
/// `image` is the one the model gets, in the mask's size.
pub fn likeness_outside(image: &RgbImage8, mask: &Mask) -> Option<f64> {
    if image.size() != mask.size() {
        return None;
    }
    let grey = |at: usize| {
        let pixel = image.pixels().get(3 * at..3 * at + 3).unwrap_or(&[0; 3]);
        pixel.iter().map(|&value| u32::from(value)).sum::<u32>() / 3
    };
    let mut counts = [0_u64; 256];
    for (at, _) in mask.values().iter().enumerate().filter(|(_, v)| **v != 0) {
        if let Some(count) = counts.get_mut(grey(at) as usize) {
            *count += 1;
        }
    }
    let [low, median, high] = [0.25, 0.5, 0.75].map(|part| quantile(&counts, part));
    let (low, median, high) = (low?, median?, high?);
    let spread = ((high - low) / QUARTILES).max(MIN_SPREAD);
    let diameter = 2.0 * (mask.area_px() as f64 / std::f64::consts::PI).sqrt();
    let width = ((REACH * diameter).round() as usize).max(MIN_BAND_PX);
    let near = grown(mask, SKIPPED_PX);
    let far = grown(&near, width);
    let (mut like, mut all) = (0_u64, 0_u64);
    let band = near.values().iter().zip(far.values()).enumerate();
    for (at, _) in band.filter(|(_, (near, far))| **near == 0 && **far != 0) {
        all += 1;
        like += u64::from((f64::from(grey(at)) - median).abs() <= LIKE * spread);
    }
    (all > 0).then(|| like as f64 / all as f64)
}

/// The grey level below which a fraction of the counted levels lies.
fn quantile(counts: &[u64; 256], part: f64) -> Option<f64> {
    let all: u64 = counts.iter().sum();
    let wanted = part * all as f64;
    let mut seen = 0;
    counts.iter().enumerate().find_map(|(level, count)| {
        seen += count;
        (*count > 0 && seen as f64 >= wanted).then_some(level as f64)
    })
}

/// The mask grown by `by` columns and rows on each side.
pub(super) fn grown(mask: &Mask, by: usize) -> Mask {
    let (width, height) = (mask.width() as usize, mask.height() as usize);
    let along_rows = spread(mask.values(), width, height, by, (1, width));
    let both = spread(&along_rows, height, width, by, (width, 1));
    Mask::from_parts(mask.size(), both)
}

/// Sets each value within `by` of a set one, along lines of `length` values. `steps` are the distances from a value
/// to the next in its line and from a line to the next.
fn spread(values: &[u8], length: usize, lines: usize, by: usize, steps: (usize, usize)) -> Vec<u8> {
    let mut out = values.to_vec();
    for line in 0..lines {
        let at = |place: usize| line * steps.1 + place * steps.0;
        let mut last: Option<usize> = None;
        for place in 0..length {
            if values.get(at(place)).is_some_and(|v| *v != 0) {
                let first = place.saturating_sub(by);
                for back in first..place {
                    if let Some(value) = out.get_mut(at(back)) {
                        *value = 1;
                    }
                }
                last = Some(place);
            } else if last.is_some_and(|last| place - last <= by)
                && let Some(value) = out.get_mut(at(place))
            {
                *value = 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Size;

    /// 40 by 40 pixels, black but for a bright square from 10 to 30.
    fn image() -> RgbImage8 {
        let inside = |at: usize| (10..30).contains(&(at % 40)) && (10..30).contains(&(at / 40));
        let pixels = (0..1600).flat_map(|at| [if inside(at) { 200 } else { 0 }; 3]);
        RgbImage8::new(40, 40, pixels.collect()).unwrap()
    }

    fn columns(from: usize, to: usize) -> Mask {
        let inside = |at: usize| (from..to).contains(&(at % 40)) && (10..30).contains(&(at / 40));
        Mask::new(40, 40, (0..1600).map(|at| u8::from(inside(at))).collect()).unwrap()
    }

    #[test]
    fn a_complete_mask_has_no_like_tissue_around_it() {
        assert_eq!(likeness_outside(&image(), &columns(10, 30)), Some(0.0));
    }

    /// The right half is left out: a disc of 200 pixels has a diameter of 16, so the band is 2 pixels wide after the
    /// one next to the mask; of its (16 x 26 − 12 x 22) = 152 pixels 2 x 20 are bright.
    #[test]
    fn a_part_that_is_left_out_is_like_the_rest() {
        let like = likeness_outside(&image(), &columns(10, 20)).unwrap();
        assert!((like - 40.0 / 152.0).abs() < 1e-9, "{like}");
    }

    #[test]
    fn empty_and_full_masks_have_no_likeness() {
        let size = Size {
            width: 40,
            height: 40,
        };
        assert_eq!(likeness_outside(&image(), &Mask::empty(size)), None);
        let all = Mask::new(40, 40, vec![1; 1600]).unwrap();
        assert_eq!(likeness_outside(&image(), &all), None);
    }
}

//! Divides frames if positions have different numbers of them, or if each frame has its own position: because of
//! missing images, overlapping ranges, a localizer among slices, or volumes that were moved.

use super::frame_properties::Role;
use super::series;
use super::split::{Part, by_value, counts};
use super::stack::Placed;

/// Minimum fraction of the positions that must have the maximum number of frames before lower numbers count as missing
/// images. Chosen by hand: one lost image in each of five volumes of a short series.
const NEARLY_ALL: f64 = 0.8;

/// Minimum fraction of the positions that each part must cover, if parts are volumes over different ranges.
const HALF: f64 = 0.5;

/// Divides frames that all have their own position, and are not equally spaced, into parts that are equally spaced and
/// overlap: volumes that were moved a little, such as those that follow the head's motion.
pub(super) fn interleaved<'i>(
    frames: &[Placed<'i>],
    names: &[(&'static str, Role)],
) -> Option<Vec<Part<'i>>> {
    let is_even = |frames: &[Placed<'_>]| {
        let steps = frames
            .windows(2)
            .map(|pair| pair[1].distance - pair[0].distance);
        series::is_even(&steps.collect::<Vec<_>>())
    };
    if is_even(frames) {
        return None;
    }
    let range = |part: &Part<'_>| {
        let ends = part.1.first().zip(part.1.last());
        ends.map_or((0, 0), |(first, last)| (first.slot, last.slot))
    };
    let parts = names.iter().map(|(name, _)| by_value(frames, name));
    parts
        .filter(|parts| parts.len() > 1 && parts.iter().all(|part| is_even(&part.1)))
        .find(|parts| {
            let from = parts.iter().map(|part| range(part).0).max().unwrap_or(0);
            let to = parts.iter().map(|part| range(part).1).min().unwrap_or(0);
            let widest = parts.iter().map(|part| range(part).1 - range(part).0).max();
            // Their common range is at least half of the widest.
            2 * to.saturating_sub(from) >= widest.unwrap_or(0)
        })
}

/// Divides frames by the first property for which nearly all parts cover half of the positions, or one part covers
/// nearly all (slices and their localizer). Otherwise, if most positions have the same number of frames, images are
/// missing and the result is `None`. Otherwise divides by a property whose parts have no gaps, such as acquisitions
/// that overlap.
pub(super) fn irregular<'i>(
    frames: &[Placed<'i>],
    names: &[(&'static str, Role)],
    at_each: &[usize],
) -> Option<Vec<Part<'i>>> {
    let positions = at_each.len();
    let parts: Vec<Vec<Part<'i>>> = names
        .iter()
        .map(|(name, _)| by_value(frames, name))
        .collect();
    // In a part with several frames per position, one may be missing.
    let is_sound = |part: &Part<'_>| {
        let counts = counts(&part.1);
        let range = counts.iter().min().zip(counts.iter().max());
        range.is_some_and(|(min, max)| max - min <= 1)
    };
    let is_nearly_regular = is_nearly_regular(at_each);
    // Half of a volume that lacks an image must not count as a part.
    let min = if is_nearly_regular { NEARLY_ALL } else { HALF };
    let covers = |part: &Part<'_>, min: f64| counts(&part.1).len() as f64 >= min * positions as f64;
    let by_cover = parts.iter().find(|parts| {
        let less = parts.iter().filter(|part| !covers(part, min)).count();
        parts.len() > 1 && less <= usize::from(parts.len() > 2) && parts.iter().all(is_sound)
    });
    let by_main = || {
        let has_main = |parts: &[Part<'_>]| parts.iter().any(|part| covers(part, NEARLY_ALL));
        parts
            .iter()
            .find(|parts| parts.len() > 1 && parts.iter().all(is_sound) && has_main(parts))
    };
    let found = by_cover.or_else(by_main);
    if found.is_some() || is_nearly_regular {
        return found.cloned();
    }
    let is_whole = |part: &Part<'_>| {
        let slots = part.1.first().zip(part.1.last());
        let extent = slots.map_or(0, |(first, last)| last.slot - first.slot + 1);
        let count = counts(&part.1).len();
        count >= MIN_PART && count == extent
    };
    let by_run = parts
        .iter()
        .find(|parts| parts.len() > 1 && parts.iter().all(|part| is_sound(part) && is_whole(part)));
    by_run.cloned()
}

/// Minimum number of slices in a part.
const MIN_PART: usize = 3;

/// Whether nearly all positions have the maximum number of frames, or all lack at most one of three or more.
fn is_nearly_regular(at_each: &[usize]) -> bool {
    let max = at_each.iter().copied().max().unwrap_or(0);
    let full = at_each.iter().filter(|count| **count == max).count();
    let is_short = at_each.iter().any(|count| count + 1 < max);
    full as f64 >= NEARLY_ALL * at_each.len() as f64 || max > 2 && !is_short
}

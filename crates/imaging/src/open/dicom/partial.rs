//! Parts of frames where positions have different numbers of them, or none has another's positions: images that are
//! missing, ranges that overlap, a localizer among slices, volumes that were moved.

use super::kinds::Role;
use super::series;
use super::split::{Part, by_value, counts};
use super::stack::Placed;

/// Of the positions so many (a part of all) must have as many frames as any, so that missing images are taken
/// for missing. Chosen by hand: a lost image in each of five volumes of a short series.
const NEARLY_ALL: f64 = 0.8;

/// Parts of volumes that were taken in different ranges overlap by so much.
const HALF: f64 = 0.5;

/// Frames at positions of their own that are not equally far apart, as parts that are, each with positions between those
/// of the others: volumes that were moved a little, such as those that follow a head.
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
            // They share at least half of what the widest has.
            2 * to.saturating_sub(from) >= widest.unwrap_or(0)
        })
}

/// Where positions have different numbers of frames, parts by the first value of which nearly all cover half of the
/// positions, or one covers nearly all, such as slices and their localizer. Else, if most positions have equally many
/// frames, none: images are missing. Else parts without holes, such as acquisitions that overlap.
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
    // An image may be missing in a part that has several at each position.
    let is_sound = |part: &Part<'_>| {
        let counts = counts(&part.1);
        let range = counts.iter().min().zip(counts.iter().max());
        range.is_some_and(|(least, most)| most - least <= 1)
    };
    let is_nearly_regular = is_nearly_regular(at_each);
    // Halves of volumes that lack an image must not pass for parts.
    let least = if is_nearly_regular { NEARLY_ALL } else { HALF };
    let covers =
        |part: &Part<'_>, least: f64| counts(&part.1).len() as f64 >= least * positions as f64;
    let by_cover = parts.iter().find(|parts| {
        let less = parts.iter().filter(|part| !covers(part, least)).count();
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

/// Slices that are enough for a part of its own.
const MIN_PART: usize = 3;

/// Whether most positions have as many frames as any; or, of three and more, all but one.
fn is_nearly_regular(at_each: &[usize]) -> bool {
    let most = at_each.iter().copied().max().unwrap_or(0);
    let full = at_each.iter().filter(|count| **count == most).count();
    let is_short = at_each.iter().any(|count| count + 1 < most);
    full as f64 >= NEARLY_ALL * at_each.len() as f64 || most > 2 && !is_short
}

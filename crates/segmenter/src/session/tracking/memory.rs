//! The memory that a propagation needs, before it starts.

use burn_sam::sam2::{MemoryFormat, Sam2, Tracker};

use super::MAX_PROMPTED;
use crate::error::Error;
use crate::session::propagation::{Direction, Wanted};

/// The most memory that the memories of one propagation may take: what a tab of 4 GiB can spare next to a large scan, the
/// weights, and the embeddings of slices.
pub(super) const MAX_MEMORY_BYTES: u64 = 1 << 30;

/// Slices that a propagation can reach.
fn reach(wanted: &Wanted<'_>, range: u32, slices: u32) -> u64 {
    let of = |direction: &Direction| match direction {
        Direction::Up => slices.saturating_sub(wanted.from + 1),
        Direction::Down => wanted.from,
    };
    let reached = wanted
        .directions
        .iter()
        .map(|direction| of(direction).min(range));
    reached.map(u64::from).sum()
}

/// Bytes for each slice in reach, for the marked ones, and for each object.
fn needed_bytes(bytes_of_slice: u64, wanted: &Wanted<'_>, range: u32, slices: u32) -> u64 {
    let slices = reach(wanted, range, slices) + MAX_PROMPTED as u64;
    (wanted.objects.len() as u64)
        .saturating_mul(slices)
        .saturating_mul(bytes_of_slice)
}

/// Refuses a propagation whose memories would take too much.
///
/// # Errors
///
/// [`Error::TooLarge`], with the range that would fit.
pub(super) fn check(sam2: &Sam2, wanted: &Wanted<'_>, slices: u32) -> Result<(), Error> {
    let bytes_of_slice = Tracker::bytes_of_slice(sam2, MemoryFormat::Bf16);
    check_within(bytes_of_slice, wanted, slices, MAX_MEMORY_BYTES)
}

fn check_within(
    bytes_of_slice: u64,
    wanted: &Wanted<'_>,
    slices: u32,
    limit_bytes: u64,
) -> Result<(), Error> {
    let needed = |range| needed_bytes(bytes_of_slice, wanted, range, slices);
    let needed_bytes = needed(wanted.range);
    if needed_bytes <= limit_bytes {
        return Ok(());
    }
    let (mut fits, mut too_many) = (0, wanted.range.min(slices));
    while fits + 1 < too_many {
        let middle = fits.midpoint(too_many);
        match needed(middle) <= limit_bytes {
            true => fits = middle,
            false => too_many = middle,
        }
    }
    Err(Error::TooLarge {
        objects: wanted.objects.len(),
        range: wanted.range,
        needed_bytes,
        limit_bytes,
        fits,
    })
}

#[cfg(test)]
mod tests {
    use boxel_imaging::PropagationLimits;

    use super::*;

    const SLICE_BYTES: u64 = 1000;

    fn wanted(objects: &[u32], range: u32) -> Wanted<'_> {
        Wanted {
            objects,
            from: 100,
            directions: &[Direction::Up, Direction::Down],
            window: None,
            limits: PropagationLimits::default(),
            range,
        }
    }

    fn fits(objects: &[u32], range: u32, limit_bytes: u64) -> Option<u32> {
        match check_within(SLICE_BYTES, &wanted(objects, range), 300, limit_bytes) {
            Ok(()) => None,
            Err(Error::TooLarge { fits, .. }) => Some(fits),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_range_that_does_not_fit_is_refused_with_the_one_that_does() {
        let of_slices = |slices: u64| SLICE_BYTES * (slices + MAX_PROMPTED as u64);
        assert_eq!(fits(&[1], 32, of_slices(64)), None);
        assert_eq!(fits(&[1], 33, of_slices(64)), Some(32));
        assert_eq!(fits(&[1, 2], 33, 2 * of_slices(20)), Some(10));
        // The scan ends after 100 slices downwards, and after 199 upwards.
        assert_eq!(fits(&[1], u32::MAX, of_slices(299)), None);
        assert_eq!(fits(&[1], u32::MAX, of_slices(298)), Some(198));
        assert_eq!(fits(&[1], 5, SLICE_BYTES), Some(0));
        let error = check_within(SLICE_BYTES, &wanted(&[1, 2], 33), 300, 2 * of_slices(20));
        let message = error.unwrap_err().to_string();
        assert!(
            message.contains("2 objects over 33 slices each way"),
            "{message}"
        );
        assert!(message.contains("10 slices"), "{message}");
    }
}

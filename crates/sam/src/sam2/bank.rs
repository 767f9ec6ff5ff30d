//! Which memories a slice attends to, and in which order.

/// The direction in which a propagation passes the slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Towards higher slice numbers.
    Forward,
    /// Towards lower slice numbers.
    Backward,
}

impl Direction {
    /// The slice `distance` slices before `slice` on the way, if the volume of `slices` slices has it.
    pub fn before(self, slice: usize, distance: usize, slices: usize) -> Option<usize> {
        match self {
            Self::Forward => slice.checked_sub(distance),
            Self::Backward => Some(slice + distance).filter(|&slice| slice < slices),
        }
    }

    /// How far `slice` is on the way after `earlier`; negative if it comes before.
    pub fn distance(self, slice: usize, earlier: usize) -> isize {
        let forward = slice as isize - earlier as isize;
        match self {
            Self::Forward => forward,
            Self::Backward => -forward,
        }
    }
}

/// Why a memory is in a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The user prompted its slice.
    Prompted,
    /// Its slice was tracked, and is near.
    Tracked,
}

/// What a slice attends to, in the order in which the reference concatenates it.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// Memories: source, slice, and row of [`maskmem_tpos_enc`](super::Sam2::maskmem_tpos_enc).
    pub memories: Vec<(Source, usize, usize)>,
    /// Object pointers: slice, and its distance on the way.
    pub pointers: Vec<(usize, isize)>,
    /// The distances are divided by this; 0 where there can be no pointer but the slice's own.
    pub divisor: usize,
}

/// The most object pointers that a slice attends to, apart from those of prompted slices.
pub(super) const MAX_POINTERS: usize = 16;

/// Selects for `slice`, on a way through a volume of `slices` slices.
///
/// First come all prompted slices, then those before on the way, from the farthest to the nearest; a missing one is left
/// out, and the rows of the others stay. Pointers are of prompted slices that the way has passed, then of slices from the
/// nearest to the farthest.
///
/// Source: `sam2_base.py`, `_prepare_memory_conditioned_features`.
pub(super) fn select(
    slice: usize,
    slices: usize,
    direction: Direction,
    prompted: &[usize],
    is_tracked: impl Fn(usize) -> bool,
) -> Selection {
    let last_row = super::MEMORIES - 1;
    let before = |distance| {
        let earlier = direction.before(slice, distance, slices)?;
        is_tracked(earlier).then_some(earlier)
    };
    let of_prompted = prompted.iter().map(|&at| (Source::Prompted, at, last_row));
    let of_tracked = (1..=last_row).rev().filter_map(|distance| {
        let earlier = before(distance)?;
        Some((Source::Tracked, earlier, distance - 1))
    });
    let past = prompted.iter().filter_map(|&at| {
        let distance = direction.distance(slice, at);
        (distance >= 0).then_some((at, distance))
    });
    let most = slices.min(MAX_POINTERS);
    let near = (1..most).filter_map(|distance| Some((before(distance)?, distance as isize)));
    Selection {
        memories: of_prompted.chain(of_tracked).collect(),
        pointers: past.chain(near).collect(),
        divisor: most.saturating_sub(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Source::{Prompted, Tracked};

    #[test]
    fn a_missing_slice_leaves_its_row_free() {
        let tracked = |slice: usize| [3, 4, 5, 7].contains(&slice);
        let found = select(8, 12, Direction::Forward, &[2, 6], tracked);
        let memories = [
            (Prompted, 2, 6),
            (Prompted, 6, 6),
            (Tracked, 3, 4),
            (Tracked, 4, 3),
            (Tracked, 5, 2),
            (Tracked, 7, 0),
        ];
        assert_eq!(found.memories, memories);
        let pointers = [(2, 6), (6, 2), (7, 1), (5, 3), (4, 4), (3, 5)];
        assert_eq!(found.pointers, pointers);
        assert_eq!(found.divisor, 11);
    }

    #[test]
    fn pointers_of_slices_that_are_still_to_come_are_left_out() {
        let found = select(3, 12, Direction::Forward, &[2, 6], |_| false);
        assert_eq!(found.memories, [(Prompted, 2, 6), (Prompted, 6, 6)]);
        assert_eq!(found.pointers, [(2, 1)]);
    }

    #[test]
    fn backward_the_past_is_above() {
        let found = select(7, 12, Direction::Backward, &[9], |slice| slice == 8);
        assert_eq!(found.memories, [(Prompted, 9, 6), (Tracked, 8, 0)]);
        assert_eq!(found.pointers, [(9, 2), (8, 1)]);
    }

    #[test]
    fn a_long_volume_has_fifteen_pointers_of_tracked_slices() {
        let found = select(40, 300, Direction::Forward, &[2], |slice| slice > 2);
        assert_eq!((found.memories.len(), found.pointers.len()), (7, 16));
        assert_eq!((found.pointers[0], found.divisor), ((2, 38), 15));
    }

    #[test]
    fn a_volume_of_one_slice_is_no_division_by_zero() {
        let found = select(0, 1, Direction::Forward, &[0], |_| false);
        assert_eq!((found.pointers.len(), found.divisor), (1, 0));
    }
}

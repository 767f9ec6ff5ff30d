//! Runs of bits, so that edits of a whole volume read and write many voxels at once.

use std::ops::Range;

use super::VolumeMask;
use crate::error::Error;

/// A box of voxels: half-open ranges of columns, rows and slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VoxelBox {
    /// First column, row and slice.
    pub from: [u32; 3],
    /// One past the last.
    pub to: [u32; 3],
}

impl VoxelBox {
    /// The whole of a grid of some size.
    pub(crate) fn whole(size: [u32; 3]) -> VoxelBox {
        VoxelBox {
            from: [0; 3],
            to: size,
        }
    }

    /// Number of columns, rows and slices.
    pub(crate) fn size(&self) -> [usize; 3] {
        [0, 1, 2].map(|axis| self.to[axis].saturating_sub(self.from[axis]) as usize)
    }

    /// Number of voxels.
    pub(crate) fn voxels(&self) -> u64 {
        let sides = self.size().map(|side| side as u64);
        sides.into_iter().fold(1, u64::saturating_mul)
    }

    /// The box with a margin of voxels on each side, within a grid of some size.
    pub(crate) fn widened(&self, by: [u32; 3], size: [u32; 3]) -> VoxelBox {
        VoxelBox {
            from: [0, 1, 2].map(|axis| self.from[axis].saturating_sub(by[axis])),
            to: [0, 1, 2].map(|axis| self.to[axis].saturating_add(by[axis]).min(size[axis])),
        }
    }
}

impl VolumeMask {
    /// The smallest box around the mask; `None` if it is empty.
    pub(crate) fn bounds(&self) -> Option<VoxelBox> {
        let [columns, rows, slices] = self.size;
        let mut bounds: Option<VoxelBox> = None;
        let mut at = 0;
        let count = self.start(0, slices);
        loop {
            at = self.next(at..count, true);
            if at == count {
                return bounds;
            }
            let row = at / columns as usize;
            let (j, k) = ((row % rows as usize) as u32, (row / rows as usize) as u32);
            let start = row * columns as usize;
            let (mut first, mut end) = (columns, 0);
            self.runs(start..start + columns as usize, true, |run| {
                first = first.min((run.start - start) as u32);
                end = (run.end - start) as u32;
            });
            let so_far = bounds.unwrap_or(VoxelBox {
                from: [first, j, k],
                to: [end, j + 1, k + 1],
            });
            let [from, to] = [so_far.from, so_far.to];
            bounds = Some(VoxelBox {
                from: [from[0].min(first), from[1].min(j), from[2]],
                to: [to[0].max(end), to[1].max(j + 1), k + 1],
            });
            at = start + columns as usize;
        }
    }

    /// Index of the first voxel of a row.
    pub(crate) fn start(&self, row: u32, slice: u32) -> usize {
        self.index([0, row, slice])
    }

    /// The first index of a range whose voxel is inside, or outside; its end if there is none.
    pub(super) fn next(&self, range: Range<usize>, inside: bool) -> usize {
        let mut at = range.start;
        while at < range.end {
            let word = self.words.get(at / 64).copied().unwrap_or(0);
            let word = if inside { word } else { !word };
            let rest = word >> (at % 64);
            if rest != 0 {
                return (at + rest.trailing_zeros() as usize).min(range.end);
            }
            at = (at / 64 + 1) * 64;
        }
        range.end
    }

    /// Calls with each run of voxels of a range of indices that are inside, or outside.
    pub(crate) fn runs(
        &self,
        range: Range<usize>,
        inside: bool,
        mut each: impl FnMut(Range<usize>),
    ) {
        let mut at = self.next(range.clone(), inside);
        while at < range.end {
            let end = self.next(at..range.end, !inside);
            each(at..end);
            at = self.next(end..range.end, inside);
        }
    }

    /// Adds or removes a range of indices.
    pub(crate) fn fill(&mut self, range: Range<usize>, inside: bool) {
        let mut at = range.start;
        while at < range.end {
            let end = range.end.min((at / 64 + 1) * 64);
            let bits = (u64::MAX >> (64 - (end - at))) << (at % 64);
            if let Some(word) = self.words.get_mut(at / 64) {
                *word = if inside { *word | bits } else { *word & !bits };
            }
            at = end;
        }
    }

    /// Replaces the voxels from an index on.
    pub(crate) fn replace(&mut self, from: usize, values: impl IntoIterator<Item = bool>) {
        let (mut at, mut bits, mut known) = (from, 0u64, 0u64);
        for value in values {
            bits |= u64::from(value) << (at % 64);
            known |= 1 << (at % 64);
            at += 1;
            if at.is_multiple_of(64) {
                self.replace_word(at / 64 - 1, bits, known);
                (bits, known) = (0, 0);
            }
        }
        self.replace_word(at / 64, bits, known);
    }

    fn replace_word(&mut self, at: usize, bits: u64, known: u64) {
        if let Some(word) = self.words.get_mut(at) {
            *word = *word & !known | bits;
        }
    }

    /// Whether the voxel at an index is inside.
    pub(crate) fn has(&self, index: usize) -> bool {
        self.bit(index)
    }

    /// Adds or removes the voxel at an index of the grid.
    pub(crate) fn set(&mut self, index: usize, inside: bool) {
        self.put(index, inside);
    }

    /// The voxels inside either mask.
    ///
    /// # Errors
    ///
    /// [`Error::GridsDiffer`] for masks of two grids.
    pub fn union(&self, other: &VolumeMask) -> Result<VolumeMask, Error> {
        self.combined(other, |a, b| a | b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Grid, Stacking};

    fn grid() -> Grid {
        Grid {
            slices: 3,
            stacking: Stacking::Slices,
            ..Grid::image(50, 3)
        }
    }

    fn random(seed: u32, one_in: u32) -> VolumeMask {
        let mut state = seed;
        let values = (0..grid().voxels()).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u8::from((state >> 16).is_multiple_of(one_in))
        });
        VolumeMask::from_values(&grid(), &values.collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn runs_cover_what_is_inside_and_what_is_outside() {
        for (seed, one_in) in [(1, 2), (2, 9), (3, 200), (4, 1)] {
            let mask = random(seed, one_in);
            for range in [0..450, 7..7, 63..65, 64..128, 13..449] {
                for inside in [true, false] {
                    let mut covered = vec![false; 450];
                    mask.runs(range.clone(), inside, |run| {
                        assert!(run.start < run.end && run.end <= range.end);
                        covered[run].fill(true);
                    });
                    for (at, covered) in covered.into_iter().enumerate() {
                        assert_eq!(covered, range.contains(&at) && mask.has(at) == inside);
                    }
                }
            }
        }
    }

    #[test]
    fn filled_and_replaced_ranges_leave_the_rest() {
        for range in [0..450, 5..6, 60..70, 64..128, 100..100, 1..449] {
            for inside in [true, false] {
                let before = random(7, 3);
                let mut filled = before.clone();
                filled.fill(range.clone(), inside);
                let mut replaced = before.clone();
                replaced.replace(range.start, range.clone().map(|_| inside));
                assert_eq!(filled, replaced);
                for (at, value) in filled.values().enumerate() {
                    let expected = match range.contains(&at) {
                        true => inside,
                        false => before.has(at),
                    };
                    assert_eq!(value, expected);
                }
            }
        }
    }

    #[test]
    fn bounds_are_those_of_all_voxels() {
        assert_eq!(VolumeMask::empty(&grid()).bounds(), None);
        for (seed, one_in) in [(1, 2), (5, 60), (6, 90), (9, 120)] {
            let mask = random(seed, one_in);
            let ends = |axis: usize| {
                let along = || mask.voxels().map(|voxel| voxel[axis]);
                (along().min().unwrap(), along().max().unwrap() + 1)
            };
            let bounds = mask.bounds().unwrap();
            for axis in 0..3 {
                assert_eq!((bounds.from[axis], bounds.to[axis]), ends(axis));
            }
        }
    }
}

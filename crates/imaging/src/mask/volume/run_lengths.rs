//! A mask as the lengths of its runs, as files hold it.

use super::VolumeMask;
use crate::error::Error;
use crate::scan::Grid;

impl VolumeMask {
    /// Alternating lengths of runs of voxels outside and inside, starting outside, in the order of the grid.
    pub fn run_lengths(&self) -> Vec<u32> {
        let count = self.start(0, self.size[2]);
        let (mut lengths, mut at, mut inside) = (Vec::new(), 0, false);
        while at < count {
            // A run that does not fit is followed by one of 0.
            let most = count.min(at.saturating_add(u32::MAX as usize));
            let end = self.next(at..most, !inside);
            lengths.push((end - at) as u32);
            (at, inside) = (end, !inside);
        }
        lengths
    }

    /// The mask with these [`VolumeMask::run_lengths`].
    ///
    /// # Errors
    ///
    /// [`Error::Length`] unless they add up to the grid's voxels.
    pub fn from_run_lengths(grid: &Grid, lengths: &[u32]) -> Result<VolumeMask, Error> {
        let got: u64 = lengths.iter().map(|&length| u64::from(length)).sum();
        if got != grid.voxels() {
            return Err(Error::Length {
                what: "the mask",
                expected: grid.voxels(),
                got,
            });
        }
        let (mut mask, mut at) = (VolumeMask::empty(grid), 0);
        for (&length, inside) in lengths.iter().zip([false, true].into_iter().cycle()) {
            let end = at + length as usize;
            mask.fill(at..end, inside);
            at = end;
        }
        Ok(mask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Stacking;

    #[test]
    fn run_lengths_lead_back_to_the_mask() {
        let grid = Grid {
            slices: 3,
            stacking: Stacking::Slices,
            ..Grid::image(50, 3)
        };
        for step in [1, 2, 3, 64, 100, 449, 1000] {
            let values = (0..450).map(|at| u8::from(at % step == step - 1));
            let mask = VolumeMask::from_values(&grid, &values.collect::<Vec<_>>()).unwrap();
            let lengths = mask.run_lengths();
            let runs = lengths.iter().zip([false, true].into_iter().cycle());
            let values = runs.flat_map(|(&length, inside)| vec![inside; length as usize]);
            assert!(mask.values().eq(values), "{step}");
            let again = VolumeMask::from_run_lengths(&grid, &lengths);
            assert_eq!(again.unwrap(), mask, "{step}");
        }
        for wrong in [&[][..], &[449], &[450, 1], &[u32::MAX; 9]] {
            let refused = VolumeMask::from_run_lengths(&grid, wrong);
            assert_eq!(refused.unwrap_err().code(), "internal", "{wrong:?}");
        }
    }
}

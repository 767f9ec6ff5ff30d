//! Connected parts of a mask, by its runs of voxels along the rows.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::MAX_EDIT_RUNS;
use super::job::Job;
use crate::error::Error;
use crate::mask::{VolumeMask, VoxelBox};

/// Which voxels are connected: those that share a face, also those that share an edge, or also those that share a corner.
/// `scipy.ndimage.generate_binary_structure(3, 1)`, `2` and `3`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Connectivity {
    /// 6 neighbours.
    Faces,
    /// 18 neighbours.
    Edges,
    /// 26 neighbours.
    #[default]
    Corners,
}

impl Connectivity {
    /// For the four rows before a row that may touch it, as differences of row and slice: how many columns two runs may lie
    /// apart along the row, if they are connected at all. Below 1 they have to overlap.
    fn neighbours(self) -> &'static [(i64, i64, u32)] {
        match self {
            Connectivity::Faces => &[(-1, 0, 0), (0, -1, 0)],
            Connectivity::Edges => &[(-1, 0, 1), (0, -1, 1), (-1, -1, 0), (1, -1, 0)],
            Connectivity::Corners => &[(-1, 0, 1), (0, -1, 1), (-1, -1, 1), (1, -1, 1)],
        }
    }
}

/// A run of voxels of a row: half-open indices of the grid.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: u32,
    end: u32,
}

/// The runs of a box, of which the connected ones are joined.
pub(super) struct Runs {
    within: VoxelBox,
    runs: Vec<Run>,
    /// For each row of the box, the number of the first of its runs; at the end the number of runs.
    rows: Vec<u32>,
    /// Union-find (R. E. Tarjan, J ACM 22(2), 1975, 215–225): for each run an earlier one of its part, or itself.
    earlier: Vec<u32>,
}

impl Runs {
    /// The runs of voxels inside a mask, or outside, within a box.
    pub(super) fn of(
        mask: &VolumeMask,
        within: VoxelBox,
        inside: bool,
        job: &Job<'_>,
    ) -> Result<Runs, Error> {
        job.check_voxels(mask.size().iter().map(|&side| u64::from(side)).product())?;
        let (mut runs, mut rows) = (Vec::new(), vec![0]);
        for k in within.from[2]..within.to[2] {
            for j in within.from[1]..within.to[1] {
                let start = mask.start(j, k);
                let row = start + within.from[0] as usize..start + within.to[0] as usize;
                // A grid has fewer voxels than fit in 32 bits, as checked above.
                mask.runs(row, inside, |run| {
                    runs.push(Run {
                        start: run.start as u32,
                        end: run.end as u32,
                    });
                });
                rows.push(runs.len() as u32);
            }
            job.at_most("separate runs of voxels", runs.len() as u64, MAX_EDIT_RUNS)?;
        }
        Ok(Runs {
            within,
            earlier: (0..runs.len() as u32).collect(),
            runs,
            rows,
        })
    }

    /// Joins the runs that are connected.
    pub(super) fn connect(
        &mut self,
        mask: &VolumeMask,
        connectivity: Connectivity,
        job: &Job<'_>,
    ) -> Result<(), Error> {
        let [_, rows, slices] = self.within.size();
        for k in 0..slices {
            job.done(k, slices)?;
            for j in 0..rows {
                for &(dj, dk, apart) in connectivity.neighbours() {
                    let (Some(other_j), Some(other_k)) = (
                        j.checked_add_signed(dj as isize),
                        k.checked_add_signed(dk as isize),
                    ) else {
                        continue;
                    };
                    if other_j < rows {
                        let [row, other] = [k * rows + j, other_k * rows + other_j];
                        // How far apart the two rows begin in the grid.
                        let columns = i64::from(mask.size()[0]);
                        let offset = -(dk * i64::from(mask.size()[1]) + dj) * columns;
                        self.join_rows(row, other, offset as u32, apart);
                    }
                }
            }
        }
        Ok(())
    }

    /// Joins the runs of a row with those of another one, whose indices are smaller by an offset, that are at most `apart`
    /// columns away.
    fn join_rows(&mut self, row: usize, other: usize, offset: u32, apart: u32) {
        let (mine, theirs) = (self.runs_of(row), self.runs_of(other));
        let (mut a, mut b) = (mine.start, theirs.start);
        while a < mine.end && b < theirs.end {
            let (p, q) = (self.runs[a], self.runs[b]);
            let (start, end) = (q.start + offset, q.end + offset);
            if p.start < end + apart && start < p.end + apart {
                self.join(a as u32, b as u32);
            }
            match p.end < end {
                true => a += 1,
                false => b += 1,
            }
        }
    }

    fn runs_of(&self, row: usize) -> Range<usize> {
        self.rows[row] as usize..self.rows[row + 1] as usize
    }

    /// The first run of a run's part.
    fn first_of(&mut self, mut at: u32) -> u32 {
        loop {
            let earlier = self.earlier[at as usize];
            if earlier == at {
                return at;
            }
            let before = self.earlier[earlier as usize];
            self.earlier[at as usize] = before;
            at = before;
        }
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.first_of(a), self.first_of(b));
        self.earlier[a.max(b) as usize] = a.min(b);
    }

    /// For each run, the first run of its part.
    pub(super) fn firsts(&mut self) -> Vec<u32> {
        let all = 0..self.runs.len() as u32;
        all.map(|at| self.first_of(at)).collect()
    }

    /// The number of the run with a voxel of the grid.
    pub(super) fn run_with(&self, index: usize) -> Option<usize> {
        let at = self.runs.partition_point(|run| run.end as usize <= index);
        let run = self.runs.get(at)?;
        (run.start as usize <= index).then_some(at)
    }

    /// The runs in the order of the grid, with their slices, as indices of the grid.
    pub(super) fn each(&self) -> impl Iterator<Item = (u32, Range<usize>)> + '_ {
        let [_, rows, _] = self.within.size();
        let slices = self.within.from[2]..self.within.to[2];
        slices.enumerate().flat_map(move |(at, k)| {
            let (first, last) = (self.rows[at * rows], self.rows[(at + 1) * rows]);
            let runs = self.runs.get(first as usize..last as usize);
            let runs = runs.unwrap_or_default().iter();
            runs.map(move |run| (k, run.start as usize..run.end as usize))
        })
    }
}

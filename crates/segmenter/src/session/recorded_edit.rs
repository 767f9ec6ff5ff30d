//! An edit of an object in the whole volume as a session file records it, so that its step can be repeated alone.

use boxel_imaging::edit::MAX_EDIT_POINTS;
use boxel_imaging::{EditStep, Error as ImagingError, Grid, VolumeMask};
use serde::{Deserialize, Serialize};

use super::file_limits::{MAX_MASK_SLICES, MAX_RUNS, within};
use crate::error::Error;

/// An edit, and what it needs of other objects.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RecordedEdit {
    /// The edit with its numbers.
    pub edit: EditStep,
    /// The mask that the edit combines with the object's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub other: Option<RecordedMask>,
}

/// A mask in the whole volume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RecordedMask {
    /// Columns, rows and slices of the scan's grid.
    pub size: [u32; 3],
    /// Alternating lengths of runs of voxels outside and inside, starting outside, in the order of the scan's grid:
    /// columns fastest, then rows, then slices. The sum is the number of voxels.
    pub runs: Vec<u32>,
}

impl RecordedEdit {
    /// The number of points, if it keeps the limits of a session file; else the reason why it is refused.
    pub(super) fn check(&self) -> Result<usize, String> {
        let points = self.edit.points();
        within(points, MAX_EDIT_POINTS, "points of an edit")?;
        if let EditStep::Interpolate { slices, .. } = &self.edit {
            within(slices.len(), MAX_MASK_SLICES, "slices of an edit")?;
        }
        let runs = self.other.as_ref().map_or(0, |other| other.runs.len());
        within(runs, MAX_RUNS, "runs of a mask")?;
        Ok(points)
    }
}

impl RecordedMask {
    /// Another object's mask for an edit.
    ///
    /// # Errors
    ///
    /// [`ImagingError::EditTooLarge`] for more runs than a session file may have.
    pub(super) fn of(mask: &VolumeMask, edit: &EditStep) -> Result<Self, ImagingError> {
        let runs = mask.run_lengths();
        if runs.len() > MAX_RUNS {
            return Err(ImagingError::EditTooLarge {
                edit: edit.name(),
                what: "runs of voxels in the other mask",
                count: runs.len() as u64,
                max: MAX_RUNS as u64,
            });
        }
        let size = mask.size();
        Ok(Self { size, runs })
    }

    /// Its voxels.
    ///
    /// # Errors
    ///
    /// [`Error::SessionFile`] unless the size and the runs fit the grid.
    pub(super) fn voxels(&self, grid: &Grid) -> Result<VolumeMask, Error> {
        let runs = self.runs.iter().map(|&run| u64::from(run)).sum::<u64>();
        if self.size != grid.size() || runs != grid.voxels() {
            return Err(Error::SessionFile {
                reason: format!(
                    "an edit has a mask of {:?} voxels with runs of {runs} in all, but the scan has {:?}",
                    self.size,
                    grid.size()
                ),
            });
        }
        Ok(VolumeMask::from_run_lengths(grid, &self.runs)?)
    }
}

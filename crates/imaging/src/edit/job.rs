//! A running edit: its name for errors, and the caller that may cancel it.

use super::{MAX_EDIT_MM, MAX_EDIT_POINTS, MAX_EDIT_VOXELS};
use crate::error::Error;

/// A running edit.
pub(super) struct Job<'a> {
    /// Name of the edit in errors, such as `margin`.
    pub name: &'static str,
    /// Gets the part that is done, 0 to 1, and returns false to cancel.
    pub progress: &'a dyn Fn(f64) -> bool,
}

impl Job<'_> {
    /// Reports that `done` of `all` parts are done.
    pub(super) fn done(&self, done: usize, all: usize) -> Result<(), Error> {
        self.report(done as f64 / all.max(1) as f64)
    }

    /// Reports the part that is done, 0 to 1.
    pub(super) fn report(&self, part: f64) -> Result<(), Error> {
        match (self.progress)(part) {
            true => Ok(()),
            false => Err(Error::EditCancelled { edit: self.name }),
        }
    }

    pub(super) fn invalid(&self, reason: impl Into<String>) -> Error {
        Error::EditInvalid {
            edit: self.name,
            reason: reason.into(),
        }
    }

    /// Refuses more than `max` of something.
    pub(super) fn at_most(&self, what: &'static str, count: u64, max: u64) -> Result<(), Error> {
        match count <= max {
            true => Ok(()),
            false => Err(Error::EditTooLarge {
                edit: self.name,
                what,
                count,
                max,
            }),
        }
    }

    pub(super) fn check_voxels(&self, voxels: u64) -> Result<(), Error> {
        self.at_most("voxels to work on", voxels, MAX_EDIT_VOXELS)
    }

    pub(super) fn check_points(&self, points: usize) -> Result<(), Error> {
        self.at_most("points", points as u64, MAX_EDIT_POINTS as u64)
    }

    /// Refuses a length that is negative, NaN or too large.
    pub(super) fn check_mm(&self, what: &str, mm: f64) -> Result<(), Error> {
        match (0.0..=MAX_EDIT_MM).contains(&mm) {
            true => Ok(()),
            false => Err(self.invalid(format!(
                "{what} is {mm} mm, and 0 to {MAX_EDIT_MM} mm are possible"
            ))),
        }
    }
}

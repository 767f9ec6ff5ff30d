//! Thresholds of the scan's values.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::job::Job;
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::scan::{Rescale, Scan, Voxels};

/// A range of values in the scan's unit, such as HU; both ends belong to it, and a missing end is open. NaN lies in no range.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ValueRange {
    /// The smallest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub low: Option<f64>,
    /// The largest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub high: Option<f64>,
}

impl ValueRange {
    /// Whether a value lies in the range.
    pub fn contains(&self, value: f64) -> bool {
        let [low, high] = self.ends();
        low <= value && value <= high
    }

    fn ends(&self) -> [f64; 2] {
        [
            self.low.unwrap_or(f64::NEG_INFINITY),
            self.high.unwrap_or(f64::INFINITY),
        ]
    }

    pub(super) fn check(&self, job: &Job<'_>) -> Result<(), Error> {
        let [low, high] = self.ends();
        // JSON holds no infinity: what lies beyond all values would come back as an open end.
        match low <= high && low < f64::INFINITY && high > f64::NEG_INFINITY {
            true => Ok(()),
            false => Err(job.invalid(format!(
                "no value lies in the range from {low} to {high}; give the lower end first"
            ))),
        }
    }
}

/// The voxels of a mask, or of the whole scan, in a range.
pub(super) fn threshold(
    mask: Option<&VolumeMask>,
    scan: &Scan,
    range: &ValueRange,
    job: &Job<'_>,
) -> Result<VolumeMask, Error> {
    let values = Values::of(scan, range, job)?;
    let mut result = VolumeMask::empty(scan.grid());
    for k in 0..scan.grid().slices {
        job.done(k as usize, scan.grid().slices as usize)?;
        let slice = result.start(0, k)..result.start(0, k + 1);
        match mask {
            Some(mask) => mask.runs(slice, true, |run| values.select(k, run, &mut result)),
            None => values.select(k, slice, &mut result),
        }
    }
    Ok(result)
}

/// The values of a scan in grey, and the range that counts.
pub(super) struct Values<'a> {
    scan: &'a Scan,
    range: ValueRange,
}

impl<'a> Values<'a> {
    pub(super) fn of(scan: &'a Scan, range: &ValueRange, job: &Job<'_>) -> Result<Self, Error> {
        range.check(job)?;
        match scan.is_colour() {
            true => Err(job.invalid("it needs grey values, and the scan is in colour")),
            false => Ok(Values {
                scan,
                range: *range,
            }),
        }
    }

    /// Replaces indices of a slice by whether their values lie in the range.
    pub(super) fn select(&self, slice: u32, indices: Range<usize>, result: &mut VolumeMask) {
        fn of<T: Copy + Into<f64>>(
            stored: &[T],
            (rescale, range): (Rescale, ValueRange),
            indices: Range<usize>,
            result: &mut VolumeMask,
        ) {
            let [low, high] = range.ends();
            let stored = stored.get(indices.clone()).unwrap_or_default();
            let inside = |stored: &T| {
                let value = rescale.value((*stored).into());
                low <= value && value <= high
            };
            result.replace(indices.start, stored.iter().map(inside));
        }
        let how = (self.scan.rescale(slice), self.range);
        match self.scan.voxels() {
            Voxels::U8(stored) => of(stored, how, indices, result),
            Voxels::I8(stored) => of(stored, how, indices, result),
            Voxels::U16(stored) => of(stored, how, indices, result),
            Voxels::I16(stored) => of(stored, how, indices, result),
            Voxels::U32(stored) => of(stored, how, indices, result),
            Voxels::I32(stored) => of(stored, how, indices, result),
            Voxels::F32(stored) => of(stored, how, indices, result),
            Voxels::F64(stored) => of(stored, how, indices, result),
            Voxels::Rgb8(_) | Voxels::Rgb16(_) => {}
        }
    }
}

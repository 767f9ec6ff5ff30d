//! Values → 8-bit grey levels, the formulas only. [`render`](crate::Scan::render) applies them to a scan.

mod lut;
mod percentiles;
mod presets;

use serde::{Deserialize, Serialize};

pub use lut::Lut;
pub(crate) use percentiles::between_percentiles;
pub use presets::{PRESETS, Preset};

/// How values become grey levels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Window {
    /// As stored, before the modality transform: for 8-bit samples without a sign and colours.
    Stored,
    /// `y = ⌊255 · (clip(x, lower, upper) − lower) / (upper − lower)⌋` between
    /// `level − width / 2` and `level + width / 2`, as MedSAM windows CT (`utils/pre_CT_MR.py`);
    /// DICOM's `LINEAR_EXACT` (PS3.3 C.11.2.1.3.2). In units of the values.
    Linear {
        /// The middle.
        level: f64,
        /// From black to white; of one that isn't above 0, or no number, all above the middle is white.
        width: f64,
    },
    /// `y = ⌊255 / (1 + exp(−4 (x − level) / width))⌋` (DICOM PS3.3 C.11.2.1.3.1).
    Sigmoid {
        /// The middle.
        level: f64,
        /// Four over the steepness, above 0.
        width: f64,
    },
    /// Between the 0.5 and 99.5 percentiles of all values of the scan that are not 0, as MedSAM
    /// windows "MR and others" (`utils/pre_CT_MR.py`). 0 stays black, unless values are below it.
    Percentiles,
    /// A table of the file, counted from 0 ([`About::luts`](crate::About::luts)).
    Lut {
        /// Which.
        index: usize,
    },
}

/// The grey level of a value in [`Window::Linear`].
pub(crate) fn linear(level: f64, width: f64) -> impl Fn(f64) -> u8 {
    let (lower, upper) = (level - width / 2.0, level + width / 2.0);
    // Files and users may give any numbers, and `clamp` takes them only in order.
    let is_step = !(lower < upper && (upper - lower).is_finite());
    move |x| match is_step {
        true => 255 * u8::from(x > level),
        false => ((x.clamp(lower, upper) - lower) / (upper - lower) * 255.0) as u8,
    }
}

/// The grey level of a value in [`Window::Sigmoid`].
pub(crate) fn sigmoid(level: f64, width: f64) -> impl Fn(f64) -> u8 {
    move |x| (255.0 / (1.0 + (-4.0 * (x - level) / width).exp())) as u8
}

//! Guesses whether values are Hounsfield units if the file doesn't name the modality.
//!
//! # The rule
//!
//! NIfTI and TIFF don't name the modality. Only CT has a peak of air far below 0 and a peak of soft tissue near 0, with
//! few values between or beyond them. The limits were found on these data (fractions of all values):
//!
//! | values | below −200 | of these below −500 | −200 to 300 | 300 to 3100 | beyond |
//! |---|---|---|---|---|---|
//! | TotalSegmentator's CT of an aorta | 0.37 | 0.93 | 0.52 | 0.12 | 0.0001 |
//! | pydicom's `CT_small`, `J2K_pixelrep_mismatch` | 0.23, 0.42 | 0.94, 0.93 | 0.71, 0.47 | 0.06, 0.11 | 0 |
//! | TotalSegmentator's MR of a body | 0 | – | 0.67 | 0.33 | 0 |
//! | nibabel's eight volumes, of MR and labels | 0.0002 and less | 0.25 | 0.002 to 1 | 0 to 0.97 | 0 to 0.98 |
//! | that MR standardised, times 1000 | 0.56 | 0.83 | 0.06 | 0.38 | 0.0001 |
//! | a phase of ±4096, ±3142, ±1000, evenly spread | 0.16, 0.21, 0.40 | 0.77, 0.77, 0.62 | 0.06, 0.08, 0.25 | 0.34, 0.45, 0.35 | 0.44, 0.27, 0 |
//! | normal noise of a deviation of 200, 800 | 0.16, 0.37 | 0.04, 0.63 | 0.78, 0.24 | 0.07, 0.36 | 0, 0.03 |
//! | the difference of neighbouring slices of that CT | 0.04 | 0.21 | 0.93 | 0.02 | 0.0004 |
//!
//! Padding is excluded: the smallest value is ignored if it is out of range, and may not be the only air (real air has
//! noise and edges) unless CT is usually padded with it. So a file with −999 for missing values is not taken for a CT.
//!
//! These limits recognise every axial and sagittal slice of that CT, and all but three of its 36 blocks of
//! 40 × 42 × 41 voxels, which contain hardly any air. A CT that isn't recognised only gets another window.

use super::{Scan, Voxels};

/// Fat and all denser tissue is above; air and lung are below.
const BELOW_TISSUE: f64 = -200.0;
/// Most of air and lung is below, and little else.
const AIR: f64 = -500.0;
/// The noise of air is above; below are only errors, and padding around a round field of view.
const BELOW_AIR: f64 = -1500.0;
/// Soft tissue, also with contrast medium, is below.
const ABOVE_TISSUE: f64 = 300.0;
/// A 12-bit scanner's values end at 3071; metal may be beyond.
const ABOVE_BONE: f64 = 3100.0;

/// Values that CT is clamped to and padded with: air, and the smallest 12-bit value.
const PADDING: [f64; 2] = [-1000.0, -1024.0];

/// Limits of the fractions in the table above.
const MIN_BELOW_TISSUE: f64 = 0.001;
const MIN_AIR: f64 = 0.7;
const MIN_TISSUE: f64 = 0.01;
const MIN_TISSUE_TO_BONE: f64 = 1.0 / 3.0;
const MAX_BEYOND: f64 = 0.01;

/// Maximum number of values that are sampled: a second's work in a browser, and far more than shares need.
const MAX_VALUES: usize = 1 << 25;

/// Number of values in each range.
#[derive(Default)]
struct Counts {
    below_tissue: u64,
    air: u64,
    tissue: u64,
    bone: u64,
    beyond: u64,
    /// The smallest value, which may be padding, and its count.
    smallest: (f64, u64),
}

/// Whether the values of a scan look like Hounsfield units.
pub(crate) fn is_likely(scan: &Scan) -> bool {
    if scan.is_colour() || has_none_below(scan) {
        return false;
    }
    let mut counts = Counts::default();
    let slice = (scan.grid().slice_size().pixels() as usize).max(1);
    // An odd step doesn't stay in one column.
    let step = scan.voxels().len().div_ceil(MAX_VALUES) | 1;
    for index in (0..scan.voxels().len()).step_by(step) {
        let rescale = scan.rescale((index / slice) as u32);
        if let Some(stored) = scan.voxels().grey(index) {
            counts.add(rescale.value(stored));
        }
    }
    counts.are_likely()
}

/// Whether no stored sample can have a value below soft tissue.
fn has_none_below(scan: &Scan) -> bool {
    let smallest = match scan.voxels() {
        Voxels::U8(_) | Voxels::U16(_) | Voxels::U32(_) => 0.0,
        Voxels::I8(_) => -128.0,
        _ => return false,
    };
    let mut rescales = scan.rescales().iter();
    rescales.all(|rescale| rescale.slope >= 0.0 && rescale.value(smallest) >= BELOW_TISSUE)
}

impl Counts {
    fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        match self.smallest {
            (smallest, count) if count > 0 && value > smallest => {}
            (smallest, count) if count > 0 && value == smallest => self.smallest.1 += 1,
            _ => self.smallest = (value, 1),
        }
        let count = match value {
            _ if value < BELOW_AIR => &mut self.beyond,
            _ if value < AIR => {
                self.air += 1;
                &mut self.below_tissue
            }
            _ if value < BELOW_TISSUE => &mut self.below_tissue,
            _ if value <= ABOVE_TISSUE => &mut self.tissue,
            _ if value <= ABOVE_BONE => &mut self.bone,
            _ => &mut self.beyond,
        };
        *count += 1;
    }

    fn are_likely(&self) -> bool {
        let (smallest, count) = self.smallest;
        let padding = if smallest < BELOW_AIR { count } else { 0 };
        let beyond = self.beyond - padding;
        let all = self.below_tissue + self.tissue + self.bone + beyond;
        // Air has noise and edges; a single value is padding.
        let is_filled =
            (BELOW_AIR..BELOW_TISSUE).contains(&smallest) && !PADDING.contains(&smallest);
        let filled = if is_filled { count } else { 0 };
        let is_part = |part: u64, of: u64, min: f64| part as f64 >= min * of as f64;
        all > 0
            && is_part(self.below_tissue - filled, all, MIN_BELOW_TISSUE)
            && is_part(self.air, self.below_tissue, MIN_AIR)
            && is_part(self.tissue, all, MIN_TISSUE)
            && is_part(self.tissue, self.bone, MIN_TISSUE_TO_BONE)
            && beyond as f64 <= MAX_BEYOND * all as f64
    }
}

//! Formulas from values to 8-bit grey levels. [`Scan::render`](crate::Scan::render) applies them to a scan.

mod linear;
mod lut;
mod percentiles;
mod presets;
mod sigmoid;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

pub(crate) use linear::{linear, linear_of_pixels};
pub use lut::Lut;
pub(crate) use percentiles::between_percentiles;
pub use presets::{PRESETS, Preset};
pub(crate) use sigmoid::sigmoid;

/// How values become grey levels. Level and width are in the unit of the values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Window {
    /// Stored samples without the modality transform: for unsigned 8-bit samples and colours.
    Stored,
    /// `y = ⌊255 · (clip(x, lower, upper) − lower) / (upper − lower)⌋` between `level − width / 2` and `level + width
    /// / 2`, as MedSAM windows CT (`utils/pre_CT_MR.py`): DICOM's `LINEAR_EXACT` (PS3.3 C.11.2.1.3.2). Used for all
    /// presets, and for windows that a user sets.
    Linear {
        /// Centre of the window.
        level: f64,
        /// Distance from black to white. If it is not above 0, or NaN, values above the centre are white and all
        /// others black.
        width: f64,
    },
    /// DICOM's `LINEAR` (PS3.3 C.11.2.1.2.1), the default for a file's windows: `y = ⌊255 · ((x − (level − ½)) /
    /// (width − 1) + ½)⌋`, clipped to `[0, 255]`. It is defined for integers: of `width` integers the first is black
    /// and the last is white.
    DicomLinear {
        /// DICOM's Window Center, half a unit above the centre of the ramp.
        level: f64,
        /// DICOM's Window Width, at least 1; one unit more than the distance from black to white.
        width: f64,
    },
    /// `y = ⌊255 / (1 + exp(−4 (x − level) / width))⌋` (DICOM PS3.3 C.11.2.1.3.1).
    Sigmoid {
        /// Centre of the window.
        level: f64,
        /// Width, above 0: the steepness is `4 / width`.
        width: f64,
    },
    /// Between the 0.5 and 99.5 percentiles of all values of the scan that are not 0, as MedSAM windows "MR and others"
    /// (`utils/pre_CT_MR.py`). 0 stays black, unless there are values below it.
    Percentiles,
    /// One of the file's lookup tables.
    Lut {
        /// Index into [`About::luts`](crate::About::luts), counted from 0.
        index: usize,
    },
}

/// The fields of all windows. Serde's own reader of tagged enums holds every field in memory before it knows the tag, also
/// unknown ones of any length.
#[derive(Deserialize)]
struct Fields {
    kind: Kind,
    level: Option<f64>,
    width: Option<f64>,
    index: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Stored,
    Linear,
    DicomLinear,
    Sigmoid,
    Percentiles,
    Lut,
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Fields::deserialize(deserializer)?;
        let level = || fields.level.ok_or_else(|| D::Error::missing_field("level"));
        let width = || fields.width.ok_or_else(|| D::Error::missing_field("width"));
        let index = || fields.index.ok_or_else(|| D::Error::missing_field("index"));
        Ok(match fields.kind {
            Kind::Stored => Window::Stored,
            Kind::Linear => Window::Linear {
                level: level()?,
                width: width()?,
            },
            Kind::DicomLinear => Window::DicomLinear {
                level: level()?,
                width: width()?,
            },
            Kind::Sigmoid => Window::Sigmoid {
                level: level()?,
                width: width()?,
            },
            Kind::Percentiles => Window::Percentiles,
            Kind::Lut => Window::Lut { index: index()? },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_is_read_as_it_is_written() {
        let (level, width) = (40.5, 400.0);
        for window in [
            Window::Stored,
            Window::Linear { level, width },
            Window::DicomLinear { level, width },
            Window::Sigmoid { level, width },
            Window::Percentiles,
            Window::Lut { index: 2 },
        ] {
            let text = serde_json::to_string(&window).unwrap();
            assert_eq!(serde_json::from_str::<Window>(&text).unwrap(), window);
        }
    }

    #[test]
    fn a_field_that_a_window_lacks_is_named() {
        let read = |text| {
            serde_json::from_str::<Window>(text)
                .unwrap_err()
                .to_string()
        };
        assert!(read(r#"{"kind":"linear","level":40}"#).contains("missing field `width`"));
        assert!(read(r#"{"kind":"lut"}"#).contains("missing field `index`"));
        assert!(read(r#"{"kind":"cubic"}"#).contains("unknown variant `cubic`"));
    }
}

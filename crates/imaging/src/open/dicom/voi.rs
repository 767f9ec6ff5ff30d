//! The windows that a file defines for its values (DICOM PS3.3 C.11.2, and C.7.6.16.2.10 for frames).

use super::attribute::*;
use super::data_set::DataSet;
use super::lut;
use super::problem::Problem;
use crate::scan::NamedWindow;
use crate::window::Lut;
use crate::window::Window;

/// Maximum number of windows and tables that are kept; real files have up to five.
const MAX: usize = 32;

/// The tables of a VOI LUT Sequence.
pub(super) fn tables(data: &DataSet<'_>) -> Result<Vec<Lut>, Problem> {
    let items = data.items(VOI_LUT_SEQUENCE, MAX)?;
    // A damaged table doesn't prevent showing the image.
    let tables = items.iter().filter_map(|item| lut::read(item).ok());
    Ok(tables.collect())
}

/// The windows of a frame, the default one first and the tables last. All apply after the modality transform.
pub(super) fn windows(frame: &DataSet<'_>, tables: &[Lut]) -> Vec<NamedWindow> {
    let of_tables = tables.iter().enumerate().map(|(index, lut)| NamedWindow {
        name: lut.name.clone(),
        window: Window::Lut { index },
    });
    of_levels(frame).into_iter().chain(of_tables).collect()
}

/// Windows given by level and width, each with the function that the file names (C.11.2.1.2, C.11.2.1.3), by default
/// `LINEAR`. Since that needs a width of at least 1, smaller widths, as in some PET files, are read as `LINEAR_EXACT`.
fn of_levels(data: &DataSet<'_>) -> Vec<NamedWindow> {
    let function = data.text(VOI_LUT_FUNCTION);
    let names = data.texts(WINDOW_EXPLANATION);
    let centers = data.numbers(WINDOW_CENTER);
    let widths = data.numbers(WINDOW_WIDTH);
    let pairs = centers.into_iter().zip(widths).enumerate().take(MAX);
    let sound =
        pairs.filter(|(_, (level, width))| level.is_finite() && width.is_finite() && *width > 0.0);
    sound
        .map(|(at, (level, width))| NamedWindow {
            name: names.get(at).cloned().unwrap_or_default(),
            window: match function.as_str() {
                "SIGMOID" => Window::Sigmoid { level, width },
                "LINEAR_EXACT" => Window::Linear { level, width },
                _ if width < 1.0 => Window::Linear { level, width },
                _ => Window::DicomLinear { level, width },
            },
        })
        .collect()
}

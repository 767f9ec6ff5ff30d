//! How a file wants its values to be shown (DICOM PS3.3 C.11.2, and C.7.6.16.2.10 for frames).

use super::attribute::*;
use super::data_set::DataSet;
use super::lut;
use super::problem::Problem;
use crate::scan::NamedWindow;
use crate::window::Lut;
use crate::window::Window;

/// Windows and tables that are kept; real files have up to five.
const MAX: usize = 32;

/// The tables of a VOI LUT Sequence.
pub(super) fn tables(data: &DataSet<'_>) -> Result<Vec<Lut>, Problem> {
    let items = data.items(VOI_LUT_SEQUENCE)?;
    // A table that can't be read is no reason not to show the image.
    let tables = items
        .iter()
        .take(MAX)
        .filter_map(|item| lut::read(item).ok());
    Ok(tables.collect())
}

/// Windows, the one to begin with first; the tables are the last. Both are for values after the modality transform.
pub(super) fn windows(frame: &DataSet<'_>, tables: &[Lut]) -> Vec<NamedWindow> {
    let of_tables = tables.iter().enumerate().map(|(index, lut)| NamedWindow {
        name: lut.name.clone(),
        window: Window::Lut { index },
    });
    linear(frame).into_iter().chain(of_tables).collect()
}

/// Differs from C.11.2.1.2.1: a `LINEAR` window is taken as `LINEAR_EXACT`, with the numbers that the
/// file and every viewer name. They differ by half a value in the level and one in the width.
fn linear(data: &DataSet<'_>) -> Vec<NamedWindow> {
    let is_sigmoid = data.text(VOI_LUT_FUNCTION) == "SIGMOID";
    let names = data.texts(WINDOW_EXPLANATION);
    let centers = data.numbers(WINDOW_CENTER);
    let widths = data.numbers(WINDOW_WIDTH);
    let pairs = centers.into_iter().zip(widths).enumerate().take(MAX);
    let sound =
        pairs.filter(|(_, (level, width))| level.is_finite() && width.is_finite() && *width > 0.0);
    sound
        .map(|(at, (level, width))| NamedWindow {
            name: names.get(at).cloned().unwrap_or_default(),
            window: match is_sigmoid {
                true => Window::Sigmoid { level, width },
                false => Window::Linear { level, width },
            },
        })
        .collect()
}

//! Names of SOP classes without images (DICOM PS3.6 annex A).

use super::attribute::*;
use super::data_set::DataSet;
use super::problem::Problem;

const NAMES: [(&str, &str); 31] = [
    ("1.2.840.10008.1.3.10", "a DICOMDIR"),
    ("1.2.840.10008.5.1.4.1.1.9.1.1", "a 12-lead ECG"),
    ("1.2.840.10008.5.1.4.1.1.9.1.2", "an ECG"),
    ("1.2.840.10008.5.1.4.1.1.9.1.3", "an ambulatory ECG"),
    ("1.2.840.10008.5.1.4.1.1.11.1", "a presentation state"),
    ("1.2.840.10008.5.1.4.1.1.11.2", "a presentation state"),
    ("1.2.840.10008.5.1.4.1.1.11.3", "a presentation state"),
    ("1.2.840.10008.5.1.4.1.1.66", "raw data"),
    ("1.2.840.10008.5.1.4.1.1.66.1", "a spatial registration"),
    (
        "1.2.840.10008.5.1.4.1.1.66.3",
        "a deformable spatial registration",
    ),
    ("1.2.840.10008.5.1.4.1.1.66.5", "a surface segmentation"),
    ("1.2.840.10008.5.1.4.1.1.88.11", "a structured report"),
    ("1.2.840.10008.5.1.4.1.1.88.22", "a structured report"),
    ("1.2.840.10008.5.1.4.1.1.88.33", "a structured report"),
    ("1.2.840.10008.5.1.4.1.1.88.34", "a structured report"),
    ("1.2.840.10008.5.1.4.1.1.88.35", "a structured report"),
    ("1.2.840.10008.5.1.4.1.1.88.40", "a procedure log"),
    (
        "1.2.840.10008.5.1.4.1.1.88.50",
        "a CAD report of a mammogram",
    ),
    ("1.2.840.10008.5.1.4.1.1.88.59", "a key object selection"),
    ("1.2.840.10008.5.1.4.1.1.88.65", "a CAD report of a chest"),
    ("1.2.840.10008.5.1.4.1.1.88.67", "a radiation dose report"),
    ("1.2.840.10008.5.1.4.1.1.104.1", "a PDF document"),
    ("1.2.840.10008.5.1.4.1.1.104.2", "a CDA document"),
    ("1.2.840.10008.5.1.4.1.1.4.2", "MR spectroscopy"),
    ("1.2.840.10008.5.1.4.1.1.481.3", "an RT structure set"),
    (
        "1.2.840.10008.5.1.4.1.1.481.4",
        "an RT beams treatment record",
    ),
    ("1.2.840.10008.5.1.4.1.1.481.5", "an RT plan"),
    ("1.2.840.10008.5.1.4.1.1.481.8", "an RT ion plan"),
    ("1.2.840.10008.5.1.4.39.1", "a colour palette"),
    ("1.2.840.10008.5.1.4.1.1.67", "a real-world value mapping"),
    (
        "1.2.840.10008.5.1.4.1.1.88.71",
        "an acquisition context report",
    ),
];

/// Describes an object without pixel data: its name or UID.
pub(super) fn describe(uid: &str) -> String {
    match NAMES.iter().find(|(known, _)| *known == uid) {
        Some((_, name)) => format!("{name} ({uid})"),
        None if uid.is_empty() => "an object without pixel data".to_owned(),
        None => format!("an object without pixel data ({uid})"),
    }
}

/// VL Whole Slide Microscopy Image Storage.
const WHOLE_SLIDE: &str = "1.2.840.10008.5.1.4.1.1.77.1.6";

/// Rejects images whose frames are tiles of a plane, such as slides: stacked as slices they would be meaningless. A
/// slide with a single tile is an ordinary image (PS3.3 C.8.12.14, C.7.6.17).
pub(super) fn refuse_tiles(data: &DataSet<'_>) -> Result<(), Problem> {
    let size = |attribute| data.whole(attribute).unwrap_or(0);
    let whole = [TOTAL_PIXEL_MATRIX_COLUMNS, TOTAL_PIXEL_MATRIX_ROWS].map(size);
    let tile = [COLUMNS, ROWS].map(size);
    let organization = data.text(DIMENSION_ORGANIZATION_TYPE);
    let tiles = data.whole(NUMBER_OF_FRAMES).unwrap_or(1);
    let is_larger = whole[0] > tile[0] || whole[1] > tile[1];
    let is_slide = data.text(SOP_CLASS_UID) == WHOLE_SLIDE || organization.starts_with("TILED");
    if !is_larger && (tiles < 2 || !is_slide) {
        return Ok(());
    }
    let [columns, rows] = whole;
    Err(Problem::Unsupported(format!(
        "a whole-slide image ({columns}×{rows} pixels in {tiles} tiles of {}×{}), which is no stack of slices,",
        tile[0], tile[1]
    )))
}

//! The regions of an ultrasound image, each with or without its own scale (DICOM PS3.3 C.8.5.5).

use super::attribute::*;
use super::data_set::DataSet;
use super::problem::Problem;
use super::spacing::{PixelSize, note};
use crate::scan::{PixelSpacing, Region, SpacingSource};

/// Spatial format 1 is two-dimensional; unit 3 (below) is the centimetre (C.8.5.5.1.1, C.8.5.5.1.15).
const TWO_DIMENSIONAL: u32 = 1;
const CENTIMETRES: u32 = 3;

/// Maximum number of regions of an image; real images have up to ten.
const MAX_REGIONS: usize = 64;

/// Reads all regions with bounds. Those whose axes are time, velocity or a spectrum have no pixel size.
pub(super) fn read(root: &DataSet<'_>) -> Result<Vec<Region>, Problem> {
    let items = root.items(ULTRASOUND_REGIONS, MAX_REGIONS)?;
    Ok(items.iter().filter_map(region).collect())
}

fn region(item: &DataSet<'_>) -> Option<Region> {
    // The last column and row are included.
    let side = |first, last| {
        let [first, last] = [item.whole(first)?, item.whole(last)?];
        (first <= last).then_some([first, last.saturating_add(1)])
    };
    Some(Region {
        columns: side(REGION_MIN_X0, REGION_MAX_X1)?,
        rows: side(REGION_MIN_Y0, REGION_MAX_Y1)?,
        spacing_mm: scale(item),
    })
}

/// Width and height of a pixel in mm.
fn scale(item: &DataSet<'_>) -> Option<[f64; 2]> {
    let is_spatial = item.whole(REGION_SPATIAL_FORMAT) == Some(TWO_DIMENSIONAL)
        && item.whole(PHYSICAL_UNITS_X) == Some(CENTIMETRES)
        && item.whole(PHYSICAL_UNITS_Y) == Some(CENTIMETRES);
    let [x, y] = [PHYSICAL_DELTA_X, PHYSICAL_DELTA_Y].map(|delta| item.finite(delta));
    let ([x], [y]) = (x?, y?);
    let mm = [x, y].map(|cm: f64| 10.0 * cm.abs());
    (is_spatial && mm.iter().all(|mm| *mm > 0.0)).then_some(mm)
}

/// The pixel size, if all regions that have one agree, with a note on where it applies.
pub(super) fn size(regions: &[Region], root: &DataSet<'_>) -> PixelSize {
    let scales: Vec<[f64; 2]> = regions
        .iter()
        .filter_map(|region| region.spacing_mm)
        .collect();
    let first = scales.first().copied();
    let common = first.filter(|first| scales.iter().all(|scale| scale == first));
    let spacing = common.map(|[x_mm, y_mm]| PixelSpacing {
        x_mm,
        y_mm,
        source: SpacingSource::UltrasoundRegion,
    });
    let whole = [root.whole(COLUMNS), root.whole(ROWS)];
    let is_whole = |region: &Region| {
        let sides = [region.columns, region.rows].into_iter().zip(whole);
        sides
            .into_iter()
            .all(|([first, end], side)| first == 0 && side.is_some_and(|s| s <= end))
    };
    let text = match (common, regions) {
        (Some(_), [only]) if is_whole(only) => None,
        (Some(_), _) if scales.len() == 1 => Some(
            "Sizes in mm hold inside the ultrasound region: a measure that leaves it is in pixels.",
        ),
        (Some(_), _) => Some(
            "Sizes in mm hold inside each ultrasound region: a measure that leaves one is in pixels.",
        ),
        (None, _) => Some(
            "The ultrasound regions have different scales: a measure inside one of them is in mm, any other \
             in pixels.",
        ),
    };
    PixelSize {
        spacing,
        note: text.map(note),
    }
}

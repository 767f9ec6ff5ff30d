//! Size of a pixel, from whichever attribute has it.

use super::attribute::*;
use super::data_set::DataSet;
use super::problem::Problem;
use crate::scan::{Note, NoteCode, PixelSpacing, SpacingSource};

/// Spatial format 1 is two-dimensional, units 3 are centimetres (DICOM PS3.3 C.8.5.5.1).
const TWO_DIMENSIONAL: u32 = 1;
const CENTIMETRES: u32 = 3;

/// `measures` is the functional group of a frame, or the data set.
pub(super) fn read(
    measures: &DataSet<'_>,
    root: &DataSet<'_>,
) -> Result<Option<PixelSpacing>, Problem> {
    let sources = [
        (measures, PIXEL_SPACING, SpacingSource::PixelSpacing),
        (
            root,
            IMAGER_PIXEL_SPACING,
            SpacingSource::ImagerPixelSpacing,
        ),
        (
            root,
            NOMINAL_SCANNED_PIXEL_SPACING,
            SpacingSource::NominalScannedPixelSpacing,
        ),
    ];
    for (data, attribute, source) in sources {
        // The first number is from row to row (PS3.3 10.7.1.3).
        if let Some([y_mm, x_mm]) = data.finite(attribute)
            && x_mm > 0.0
            && y_mm > 0.0
        {
            return Ok(Some(PixelSpacing { x_mm, y_mm, source }));
        }
    }
    ultrasound(root)
}

/// The spacing of the two-dimensional regions, if they have the same.
fn ultrasound(root: &DataSet<'_>) -> Result<Option<PixelSpacing>, Problem> {
    let mut common: Option<PixelSpacing> = None;
    for region in root.items(ULTRASOUND_REGIONS)? {
        let is_spatial = region.whole(REGION_SPATIAL_FORMAT) == Some(TWO_DIMENSIONAL)
            && region.whole(PHYSICAL_UNITS_X) == Some(CENTIMETRES)
            && region.whole(PHYSICAL_UNITS_Y) == Some(CENTIMETRES);
        let deltas = (
            region.finite(PHYSICAL_DELTA_X),
            region.finite(PHYSICAL_DELTA_Y),
        );
        let (true, (Some([x]), Some([y]))) = (is_spatial, deltas) else {
            continue;
        };
        let spacing = PixelSpacing {
            x_mm: 10.0 * x.abs(),
            y_mm: 10.0 * y.abs(),
            source: SpacingSource::UltrasoundRegion,
        };
        if spacing.x_mm == 0.0 || spacing.y_mm == 0.0 || common.is_some_and(|c| c != spacing) {
            return Ok(None);
        }
        common = Some(spacing);
    }
    Ok(common)
}

/// What the user should know of a size, if it isn't that in the patient.
pub(super) fn note(spacing: Option<&PixelSpacing>) -> Option<Note> {
    let text = match spacing.map(|spacing| spacing.source) {
        Some(SpacingSource::PixelSpacing | SpacingSource::UltrasoundRegion) => return None,
        None => "The file doesn't say how large a pixel is.",
        Some(SpacingSource::ImagerPixelSpacing) => {
            "Sizes are those at the detector, which are larger than in the patient."
        }
        Some(_) => "Sizes are those on the scanned film, and not in the patient.",
    };
    Some(Note {
        code: NoteCode::Spacing,
        text: text.to_owned(),
    })
}

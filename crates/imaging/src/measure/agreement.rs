//! Agreement of a mask and a reference: Dice and normalised surface Dice.

use super::surface::{normalised_surface_dice, normalised_surface_dice_2d};
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::scan::{Grid, Plane, SlicePlane};

/// Agreement of a mask and a reference.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Agreement {
    /// Dice coefficient, 0 to 1.
    pub dice: f64,
    /// Normalised surface Dice at [`Agreement::TOLERANCE_MM`], 0 to 1; `None` if the size of a
    /// voxel is unknown, or slices are unevenly spaced.
    pub nsd: Option<f64>,
}

impl Agreement {
    /// Tolerance of the MedSAM on Laptop challenge, in mm.
    pub const TOLERANCE_MM: f64 = 2.0;

    /// Compares two masks on a grid.
    ///
    /// # Errors
    ///
    /// [`Error::GridsDiffer`] for masks of two grids.
    pub fn of(mask: &VolumeMask, reference: &VolumeMask, grid: &Grid) -> Result<Agreement, Error> {
        let tolerance = Self::TOLERANCE_MM;
        let spacing = grid.spacing_mm().filter(|_| grid.is_even());
        let nsd = match (grid.is_volume(), spacing, grid.pixel_spacing) {
            (true, Some(spacing), _) => Some(normalised_surface_dice(
                mask, reference, spacing, tolerance,
            )?),
            (false, _, Some(pixel)) => {
                // For frames without a volume: the first frame with a mask.
                let plane = SlicePlane::new(grid, Plane::Stored);
                let slice = mask.slices(&plane).first().copied().unwrap_or(0);
                let (a, b) = (mask.slice(&plane, slice), reference.slice(&plane, slice));
                let spacing = [pixel.x_mm, pixel.y_mm];
                Some(normalised_surface_dice_2d(&a, &b, spacing, tolerance)?)
            }
            _ => None,
        };
        Ok(Agreement {
            dice: mask.dice(reference)?,
            nsd,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Stacking;

    #[test]
    fn programs_get_null_for_an_unknown_surface_dice() {
        let agreement = Agreement {
            dice: 0.5,
            nsd: None,
        };
        let json = serde_json::to_string(&agreement).unwrap();
        assert_eq!(json, r#"{"dice":0.5,"nsd":null}"#);
    }

    #[test]
    fn without_a_spacing_only_dice_is_known() {
        let grid = Grid {
            slices: 2,
            stacking: Stacking::Slices,
            ..Grid::image(3, 2)
        };
        let mask = VolumeMask::from_values(&grid, &[0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0]).unwrap();
        let agreement = Agreement::of(&mask, &mask, &grid).unwrap();
        assert_eq!((agreement.dice, agreement.nsd), (1.0, None));
    }
}

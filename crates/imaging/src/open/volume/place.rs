//! Where a header's voxels lie.

use super::header::reading;
use crate::scan::{
    Affine, Grid, Note, NoteCode, PixelSpacing, SpacingSource, Stacking, cross, length,
};

/// Size and place of voxels, as far as the header gives them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// In the patient, in mm (LPS).
    Patient(Affine),
    /// As if it were in the patient: the header doesn't say how its axes lie there. The text says what is assumed.
    Assumed(Affine, &'static str),
    /// Only the size of a pixel, in mm.
    Size([f64; 2]),
    Unknown,
}

/// What ITK assumes.
pub(super) const AS_ITK: &str =
    "columns from right to left, rows from front to back, and slices from feet to head";

impl Place {
    /// From the steps along the axes of the grid, of which the last may be missing, and the centre of the first voxel.
    pub fn of_axes(axes: &[[f64; 3]], origin: [f64; 3]) -> Option<Affine> {
        let (x, y) = (*axes.first()?, *axes.get(1)?);
        let normal = || {
            let normal = cross(x, y);
            let size = length(normal);
            normal.map(|value| value / size)
        };
        let z = axes.get(2).copied().unwrap_or_else(normal);
        Some(Affine(
            [0, 1, 2].map(|row| [x[row], y[row], z[row], origin[row]]),
        ))
    }

    /// The grid of a volume of this size.
    pub fn grid(self, [columns, rows, slices]: [u32; 3], notes: &mut Vec<Note>) -> Grid {
        let mut grid = Grid {
            slices,
            stacking: Stacking::Slices,
            ..Grid::image(columns, rows)
        };
        let sized = |x_mm, y_mm| PixelSpacing {
            x_mm,
            y_mm,
            source: SpacingSource::VolumeHeader,
        };
        match self {
            Place::Patient(affine) | Place::Assumed(affine, _) if affine.inverse().is_some() => {
                let [x_mm, y_mm, slice_mm] = Grid::spacing_of(&affine);
                grid.pixel_spacing = Some(sized(x_mm, y_mm));
                grid.slice_spacing_mm = Some(slice_mm);
                grid.patient_from_voxel = Some(affine);
                if let Place::Assumed(_, how) = self {
                    notes.push(reading(format!(
                        "the orientation is not given by the file; it is taken as {how}"
                    )));
                }
            }
            Place::Size([x_mm, y_mm]) => grid.pixel_spacing = Some(sized(x_mm, y_mm)),
            _ => notes.push(Note {
                code: NoteCode::Spacing,
                text: "the file gives no usable size and place of its voxels".to_owned(),
            }),
        }
        grid
    }
}

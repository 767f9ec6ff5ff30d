//! Edits of masks: compared with other libraries, with slow searches, and with bad input.

mod bad_input;
mod goldens;
mod grids;
mod properties;
mod steps;

use boxel_imaging::edit::EditScene;
use boxel_imaging::{
    About, Affine, EditStep, Error, Format, Grid, PixelSpacing, Rescale, Scan, Source,
    SpacingSource, Stacking, VolumeMask, Voxels,
};

/// A volume along the patient's axes.
fn volume([columns, rows, slices]: [u32; 3], [x_mm, y_mm, z_mm]: [f64; 3]) -> Grid {
    Grid {
        slices,
        stacking: Stacking::Slices,
        pixel_spacing: Some(PixelSpacing {
            x_mm,
            y_mm,
            source: SpacingSource::PixelSpacing,
        }),
        slice_spacing_mm: Some(z_mm),
        patient_from_voxel: Some(Affine([
            [x_mm, 0.0, 0.0, 0.0],
            [0.0, y_mm, 0.0, 0.0],
            [0.0, 0.0, z_mm, 0.0],
        ])),
        ..Grid::image(columns, rows)
    }
}

/// A scan whose values are 2 · stored - 100.
fn scan(grid: Grid, stored: Vec<u8>) -> Scan {
    let rescale = Rescale {
        slope: 2.0,
        intercept: -100.0,
    };
    let about = About::new(Format::Nifti1, 8);
    Scan::new(
        grid,
        Voxels::U8(stored),
        vec![rescale],
        about,
        Source::Raster,
    )
    .unwrap()
}

/// A scan whose stored values are all 0.
fn dark(grid: Grid) -> Scan {
    let voxels = grid.voxels() as usize;
    scan(grid, vec![0; voxels])
}

/// An edit as a session file records it.
fn step(json: &str) -> EditStep {
    serde_json::from_str(json).unwrap()
}

fn edited(mask: &VolumeMask, scan: &Scan, json: &str) -> Result<VolumeMask, Error> {
    step(json).apply(mask, &EditScene::new(scan))
}

//! Objects on a small volume, for exports.

use boxel_imaging::export::Labelled;
use boxel_imaging::{
    About, Affine, Format, Grid, PixelSpacing, Rescale, Scan, Source, SpacingSource, Stacking,
    VolumeMask, Voxels,
};

/// 7 columns, 5 rows, 4 slices; columns to the right and rows to the front, so that anatomical planes are rotated.
pub fn volume_grid() -> Grid {
    Grid {
        slices: 4,
        stacking: Stacking::Slices,
        pixel_spacing: Some(PixelSpacing {
            x_mm: 0.5,
            y_mm: 0.75,
            source: SpacingSource::PixelSpacing,
        }),
        slice_spacing_mm: Some(3.0),
        patient_from_voxel: Some(Affine([
            [-0.5, 0.0, 0.0, 0.0],
            [0.0, -0.75, 0.0, 0.0],
            [0.0, 0.0, 3.0, 0.0],
        ])),
        ..Grid::image(7, 5)
    }
}

/// A CT on that grid; values grow by 3 HU from voxel to voxel.
pub fn scan() -> Scan {
    let grid = volume_grid();
    let stored = (0..grid.voxels() as i16).map(|x| 3 * x - 200).collect();
    let mut about = About::new(Format::Dicom, 16);
    about.modality = "CT".to_owned();
    about.unit = "HU".to_owned();
    let rescales = vec![Rescale::IDENTITY];
    Scan::new(grid, Voxels::I16(stored), rescales, about, Source::Raster).unwrap()
}

/// A mask of the voxels for which `inside` is true.
pub fn mask(grid: &Grid, inside: impl Fn([u32; 3]) -> bool) -> VolumeMask {
    let mut values = Vec::new();
    for k in 0..grid.slices {
        for j in 0..grid.rows {
            values.extend((0..grid.columns).map(|i| u8::from(inside([i, j, k]))));
        }
    }
    VolumeMask::from_values(grid, &values).unwrap()
}

/// A mask of the voxels for whose indices, as numbers for geometry, `inside` is true.
pub fn voxels(grid: &Grid, inside: impl Fn([f64; 3]) -> bool) -> VolumeMask {
    mask(grid, |voxel| inside(voxel.map(f64::from)))
}

/// A ring in slices 1 and 2, a diagonal through all slices, all of slice 3, and an empty mask.
pub fn masks(grid: &Grid) -> [VolumeMask; 4] {
    let ring = |[i, j, k]: [u32; 3]| {
        let border = i == 1 || i == 5 || j == 0 || j == 4;
        (1..3).contains(&k) && (1..6).contains(&i) && border
    };
    [
        mask(grid, ring),
        mask(grid, |[i, j, _]| i == j),
        mask(grid, |[_, _, k]| k == 3),
        mask(grid, |_| false),
    ]
}

/// Names of the objects; the first and the third have the same.
pub const NAMES: [&str; 4] = ["=Tumor, \"left\"", "Ödem <&>", "=Tumor, \"left\"", "none"];

/// The masks with names and colours.
pub fn labelled(masks: &[VolumeMask; 4]) -> [Labelled<'_>; 4] {
    [0, 1, 2, 3].map(|at| Labelled {
        name: NAMES[at],
        colour: [250, 16 * at as u8, 3],
        mask: &masks[at],
    })
}

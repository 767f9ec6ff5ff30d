//! Area and Dice over the slices of a plane.

use boxel_imaging::measure::{measure_slice, slice_areas, slice_dice};
use boxel_imaging::{
    About, Affine, Error, Format, Grid, PixelSpacing, Plane, Rescale, Scan, SlicePlane, Source,
    SpacingSource, Stacking, VolumeMask, Voxels,
};

/// 4 × 3 × 5 voxels of 0.5 × 2 × 3 mm, or of unknown size.
fn grid(is_known: bool) -> Grid {
    Grid {
        slices: 5,
        stacking: Stacking::Slices,
        pixel_spacing: is_known.then_some(PixelSpacing {
            x_mm: 0.5,
            y_mm: 2.0,
            source: SpacingSource::PixelSpacing,
        }),
        slice_spacing_mm: is_known.then_some(3.0),
        patient_from_voxel: is_known.then_some(Affine([
            [0.5, 0.0, 0.0, 0.0],
            [0.0, 2.0, 0.0, 0.0],
            [0.0, 0.0, 3.0, 0.0],
        ])),
        ..Grid::image(4, 3)
    }
}

fn mask(grid: &Grid, inside: impl Fn(usize) -> bool) -> VolumeMask {
    let values: Vec<u8> = (0..60).map(|at| u8::from(inside(at))).collect();
    VolumeMask::from_values(grid, &values).unwrap()
}

#[test]
fn areas_are_those_of_each_slice_in_every_plane() {
    let grid = grid(true);
    let (about, voxels) = (About::new(Format::Dicom, 16), Voxels::I16(vec![0; 60]));
    let rescale = vec![Rescale::IDENTITY];
    let scan = Scan::new(grid.clone(), voxels, rescale, about, Source::Raster).unwrap();
    let some = mask(&grid, |at| at % 7 < 3 && !(24..36).contains(&at));
    for plane in [Plane::Axial, Plane::Coronal, Plane::Sagittal] {
        let plane = SlicePlane::new(&grid, plane);
        let found = slice_areas(&grid, &plane, &some);
        let each = (0..plane.slices()).map(|slice| {
            let on_slice = some.slice(&plane, slice);
            let measures = measure_slice(&scan, &plane, slice, &on_slice).unwrap();
            measures.area_mm2.unwrap()
        });
        assert_eq!((found.areas, found.in_mm2), (each.collect(), true));
    }
    let axial = SlicePlane::new(&grid, Plane::Axial);
    assert_eq!(slice_areas(&grid, &axial, &some).areas[2], 0.0);
}

#[test]
fn areas_are_in_pixels_where_their_size_is_unknown() {
    let grid = grid(false);
    let plane = SlicePlane::new(&grid, Plane::Stored);
    let found = slice_areas(&grid, &plane, &mask(&grid, |at| at < 17));
    assert_eq!(
        (found.areas.as_slice(), found.in_mm2),
        (&[12.0, 5.0, 0.0, 0.0, 0.0][..], false)
    );
}

#[test]
fn slices_without_any_mask_have_no_dice() {
    let grid = grid(true);
    let (mask, reference) = (
        mask(&grid, |at| at < 18),
        mask(&grid, |at| (15..30).contains(&at)),
    );
    let axial = SlicePlane::new(&grid, Plane::Axial);
    let found = slice_dice(&axial, &mask, &reference).unwrap();
    // 3 common voxels of 6 and 9 on the second slice.
    assert_eq!(found, [Some(0.0), Some(0.4), Some(0.0), None, None]);
    assert_eq!(mask.dice(&reference).unwrap(), 6.0 / 33.0);
    let coronal = SlicePlane::new(&grid, Plane::Coronal);
    assert_eq!(slice_dice(&coronal, &mask, &mask).unwrap(), [Some(1.0); 3]);
    let other = VolumeMask::empty(&Grid::image(4, 3));
    let refused = slice_dice(&axial, &mask, &other);
    assert!(matches!(refused, Err(Error::GridsDiffer { .. })));
}

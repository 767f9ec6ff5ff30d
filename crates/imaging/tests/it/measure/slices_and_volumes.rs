//! Shapes with known measures.

use crate::support::objects::voxels;
use boxel_imaging::measure::{Axis, measure_slice, measure_volume};
use boxel_imaging::{
    About, Affine, Error, Format, Grid, Mask, PixelSpacing, Plane, Rescale, Scan, SlicePlane,
    Source, SpacingSource, Stacking, VolumeMask, Voxels,
};

const SIDE: u32 = 64;

/// A grid of `SIDE` × `SIDE` pixels and `slices` slices, with this spacing.
fn grid(slices: u32, spacing: Option<[f64; 3]>) -> Grid {
    Grid {
        slices,
        stacking: Stacking::Slices,
        pixel_spacing: spacing.map(|[x_mm, y_mm, _]| PixelSpacing {
            x_mm,
            y_mm,
            source: SpacingSource::ImagerPixelSpacing,
        }),
        slice_spacing_mm: spacing.map(|[_, _, z]| z),
        ..Grid::image(SIDE, SIDE)
    }
}

/// A scan in which voxel `[i, j, k]` has the value `2 (i + j + k) − 1000`.
fn scan(grid: Grid) -> Scan {
    let mut stored = Vec::new();
    for k in 0..grid.slices {
        for j in 0..grid.rows {
            stored.extend((0..grid.columns).map(|i| (i + j + k) as u16));
        }
    }
    let rescale = Rescale {
        slope: 2.0,
        intercept: -1000.0,
    };
    let about = About::new(Format::Dicom, 16);
    Scan::new(
        grid,
        Voxels::U16(stored),
        vec![rescale],
        about,
        Source::Raster,
    )
    .unwrap()
}

/// A mask of the pixels whose centres are inside, in an image of `SIDE`.
fn mask(inside: impl Fn(f64, f64) -> bool) -> Mask {
    let pixel = |at: u32| f64::from(at) + 0.5;
    let values = (0..SIDE * SIDE).map(|at| inside(pixel(at % SIDE), pixel(at / SIDE)).into());
    Mask::new(SIDE, SIDE, values.collect()).unwrap()
}

/// Long and short axis of a mask with pixels of `x × y` mm.
fn axes(spacing: [f64; 2], mask: &Mask) -> [Axis; 2] {
    let scan = scan(grid(1, Some([spacing[0], spacing[1], 1.0])));
    let plane = SlicePlane::first(scan.grid());
    let measures = measure_slice(&scan, &plane, 0, mask).unwrap();
    [measures.long_axis.unwrap(), measures.short_axis.unwrap()]
}

fn lengths_mm(spacing: [f64; 2], mask: &Mask) -> [f64; 2] {
    axes(spacing, mask).map(|axis| axis.length_mm.unwrap())
}

#[track_caller]
fn assert_near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} for {expected}");
}

#[test]
fn a_pixel_is_a_pixel_long() {
    let pixel = mask(|x, y| x.floor() == 5.0 && y.floor() == 7.0);
    assert_eq!(lengths_mm([1.0, 1.0], &pixel), [1.0, 1.0]);
    let [long, short] = lengths_mm([0.5, 2.0], &pixel);
    assert_near(long, 2.0, 1e-12);
    assert_near(short, 0.5, 1e-12);
    let [axis, _] = axes([0.5, 2.0], &pixel);
    let ends = axis.ends.map(|end| (end.x, end.y));
    assert_eq!(ends, [(5.5, 7.0), (5.5, 8.0)]);
    // In pixel widths.
    assert_near(axis.length_px, 4.0, 1e-12);
    assert_eq!(axis.patient_mm, None);
}

#[test]
fn a_row_is_as_long_as_its_pixels() {
    let row = mask(|x, y| (10.0..31.0).contains(&x) && y.floor() == 7.0);
    assert_eq!(lengths_mm([1.0, 1.0], &row), [21.0, 1.0]);
    let [long, short] = lengths_mm([0.5, 2.0], &row);
    assert_near(long, 10.5, 1e-12);
    assert_near(short, 2.0, 1e-12);
    let column = mask(|x, y| (10.0..31.0).contains(&y) && x.floor() == 7.0);
    assert_near(lengths_mm([0.5, 2.0], &column)[0], 42.0, 1e-12);
}

/// 40 by 20 pixels: the outline's corners are the middles of the corner pixels' edges.
#[test]
fn a_rectangle() {
    let rectangle = mask(|x, y| (10.0..50.0).contains(&x) && (20.0..40.0).contains(&y));
    let [long, short] = axes([1.0, 1.0], &rectangle);
    assert_near(long.length_px, 40f64.hypot(19.0), 1e-9);
    // Perpendicular to the diagonal, from one long side to the other.
    assert_near(short.length_px, 20.0 * 40f64.hypot(19.0) / 40.0, 0.02);
    let [along, across] = [long, short].map(|axis| {
        (
            axis.ends[1].x - axis.ends[0].x,
            axis.ends[1].y - axis.ends[0].y,
        )
    });
    assert!((along.0 * across.0 + along.1 * across.1).abs() < 1e-3);
    let measures = |spacing| {
        let scan = scan(grid(1, spacing));
        measure_slice(&scan, &SlicePlane::first(scan.grid()), 0, &rectangle).unwrap()
    };
    let known = measures(Some([0.5, 2.0, 1.0]));
    assert_eq!((known.area_px, known.area_mm2), (800, Some(800.0)));
    assert_eq!(known.spacing, Some(SpacingSource::ImagerPixelSpacing));
    // 20 mm wide and 40 mm high: from the middle of one corner pixel's top to the middle of the opposite one's bottom.
    assert_near(
        known.long_axis.unwrap().length_mm.unwrap(),
        40f64.hypot(19.5),
        1e-9,
    );
    let unknown = measures(None);
    assert_eq!((unknown.area_mm2, unknown.spacing), (None, None));
    assert_eq!(unknown.long_axis.unwrap().length_mm, None);
    assert_near(
        unknown.long_axis.unwrap().length_px,
        40f64.hypot(19.0),
        1e-9,
    );
}

/// An ellipse with semi-axes of 20 and 8 mm, rotated by 30°, with pixels of several shapes.
#[test]
fn a_turned_ellipse_on_any_pixels() {
    for [x_mm, y_mm] in [[1.0, 1.0], [0.75, 1.5], [1.4, 0.8]] {
        let (sine, cosine) = 30f64.to_radians().sin_cos();
        let ellipse = mask(|x, y| {
            let (x, y) = ((x - 32.0) * x_mm, (y - 32.0) * y_mm);
            let (along, across) = (x * cosine + y * sine, y * cosine - x * sine);
            (along / 20.0).powi(2) + (across / 8.0).powi(2) <= 1.0
        });
        let [long, short] = lengths_mm([x_mm, y_mm], &ellipse);
        assert_near(long, 40.0, 1.0);
        assert_near(short, 16.0, 1.4);
        let [axis, _] = axes([x_mm, y_mm], &ellipse);
        let [from, to] = axis.ends;
        let (across, down) = (
            f64::from(to.x - from.x) * x_mm,
            f64::from(to.y - from.y) * y_mm,
        );
        assert_near((down / across).atan().to_degrees(), 30.0, 4.0);
        assert_near(across.hypot(down), long, 1e-4);
    }
}

/// The largest distance within scikit-image's `find_contours(mask, 0.5)`, for a disc and an ellipse, with pixels of
/// 1 × 1 and 1.4 × 0.8 mm.
#[test]
fn the_outline_is_scikit_images_contour() {
    let disc = mask(|x, y| (x - 32.5).hypot(y - 32.5) <= 15.0);
    let (sine, cosine) = 30f64.to_radians().sin_cos();
    let ellipse = mask(|x, y| {
        let (x, y) = (x - 32.0, y - 32.0);
        let (along, across) = (x * cosine + y * sine, y * cosine - x * sine);
        (along / 20.0).powi(2) + (across / 8.0).powi(2) <= 1.0
    });
    let long = |spacing, mask| lengths_mm(spacing, mask)[0];
    assert_near(long([1.0, 1.0], &disc), 31.0, 1e-9);
    assert_near(long([1.4, 0.8], &disc), 43.4, 1e-9);
    assert_near(long([1.0, 1.0], &ellipse), 40.706_264_874_095_24, 1e-9);
    assert_near(long([1.4, 0.8], &ellipse), 52.642_188_404_358_72, 1e-9);
}

#[test]
fn the_largest_part_is_measured() {
    let parts = mask(|x, y| {
        let small = y < 1.0 && x < 30.0;
        small || ((20.0..28.0).contains(&x) && (20.0..28.0).contains(&y))
    });
    let [long, _] = lengths_mm([1.0, 1.0], &parts);
    assert_near(long, 8f64.hypot(7.0), 1e-9);
    let scan = scan(grid(1, None));
    let plane = SlicePlane::first(scan.grid());
    let all = measure_slice(&scan, &plane, 0, &parts).unwrap();
    assert_eq!(all.area_px, 30 + 64);
}

#[test]
fn values_are_those_after_the_modality_transform() {
    let scan = scan(grid(1, None));
    let plane = SlicePlane::first(scan.grid());
    let two = mask(|x, y| y < 1.0 && (x < 1.0 || (4.0..5.0).contains(&x)));
    let values = measure_slice(&scan, &plane, 0, &two)
        .unwrap()
        .values
        .unwrap();
    assert_eq!(
        (values.min, values.max, values.mean),
        (-1000.0, -992.0, -996.0)
    );
    assert_near(values.sd, 32f64.sqrt(), 1e-9);
    assert_eq!(values.count, 2);
    let none = measure_slice(&scan, &plane, 0, &mask(|_, _| false)).unwrap();
    assert_eq!((none.area_px, none.values, none.long_axis), (0, None, None));
    let about = About::new(Format::Png, 8);
    let colour = Scan::from_image(1, 1, Voxels::Rgb8(vec![1, 2, 3]), about).unwrap();
    let pixel = Mask::new(1, 1, vec![1]).unwrap();
    let plane = SlicePlane::first(colour.grid());
    let of_colour = measure_slice(&colour, &plane, 0, &pixel).unwrap();
    assert_eq!((of_colour.area_px, of_colour.values), (1, None));
    assert!(measure_slice(&colour, &plane, 0, &two).is_err());
}

/// A ball of radius 10 mm in voxels of 0.8 × 0.8 × 2.5 mm: 4.19 ml.
#[test]
fn a_ball_in_a_volume() {
    let spacing = [0.8, 0.8, 2.5];
    let mut ball_grid = grid(20, Some(spacing));
    ball_grid.patient_from_voxel = Some(Affine([
        [0.8, 0.0, 0.0, 0.0],
        [0.0, 0.8, 0.0, 0.0],
        [0.0, 0.0, 2.5, 0.0],
    ]));
    let scan = scan(ball_grid);
    let ball = voxels(scan.grid(), |p| {
        let centre = [32.0 * 0.8, 32.0 * 0.8, 9.0 * 2.5];
        let squared: f64 = (0..3)
            .map(|axis| (p[axis] * spacing[axis] - centre[axis]).powi(2))
            .sum();
        squared <= 100.0
    });
    let axial = SlicePlane::new(scan.grid(), Plane::Axial);
    let measures = measure_volume(&scan, &axial, &ball).unwrap();
    assert_eq!(measures.voxels, ball.count());
    assert_near(
        measures.volume_ml.unwrap(),
        4.0 / 3.0 * std::f64::consts::PI,
        0.06,
    );
    assert_eq!(measures.slices, (5..=13).collect::<Vec<u32>>());
    let (slice, longest) = measures.longest.unwrap();
    assert_eq!(slice, 9);
    assert_near(longest.long_axis.unwrap().length_mm.unwrap(), 20.8, 0.4);
    assert_near(
        measures.values.unwrap().mean,
        2.0 * (32.0 + 32.0 + 9.0) - 1000.0,
        1e-9,
    );
    // In the coronal plane a pixel is 0.8 mm wide and 2.5 mm high.
    let coronal = SlicePlane::new(scan.grid(), Plane::Coronal);
    let (slice, longest) = measure_volume(&scan, &coronal, &ball)
        .unwrap()
        .longest
        .unwrap();
    assert_near(f64::from(slice), 32.0, 3.0);
    assert_near(longest.long_axis.unwrap().length_mm.unwrap(), 22.0, 1.5);
    assert_near(longest.area_mm2.unwrap(), 314.0, 15.0);
    let other = VolumeMask::empty(&grid(19, None));
    let refused = measure_volume(&scan, &axial, &other);
    assert!(matches!(refused, Err(Error::GridsDiffer { .. })));
}

/// Slices 1 mm apart, each shifted by 1 mm: in the sagittal plane a column leans by 45°.
#[test]
fn a_tilted_gantry_is_measured_as_it_was() {
    let mut tilted = grid(20, Some([1.0, 1.0, 2f64.sqrt()]));
    tilted.patient_from_voxel = Some(Affine([
        [1.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 1.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
    ]));
    let scan = scan(tilted);
    let column = voxels(scan.grid(), |p| p[0] == 3.0 && p[1] == 30.0);
    let sagittal = SlicePlane::new(scan.grid(), Plane::Sagittal);
    let (_, longest) = measure_volume(&scan, &sagittal, &column)
        .unwrap()
        .longest
        .unwrap();
    assert_eq!(longest.area_mm2, Some(20.0));
    assert_near(
        longest.long_axis.unwrap().length_mm.unwrap(),
        20.0 * 2f64.sqrt(),
        1e-9,
    );
    // Perpendicular to the lean.
    assert_near(
        longest.short_axis.unwrap().length_mm.unwrap(),
        0.5f64.sqrt(),
        1e-9,
    );
}

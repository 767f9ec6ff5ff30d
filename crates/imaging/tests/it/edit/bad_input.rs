//! Edits that are not possible: each names the value, and none panics.

use boxel_imaging::edit::{Connectivity, EditScene, MinSize, ValueRange};
use boxel_imaging::{
    About, EditStep, Error, Format, Grid, ImagePoint, Plane, Rescale, Scan, Source, Stacking,
    StrokeKind, VolumeMask, Voxels,
};

use super::{dark, edited, volume};
use crate::support::random::Random;

#[track_caller]
fn refused(scan: &Scan, json: &str, said: &str) {
    let full = VolumeMask::from_values(scan.grid(), &vec![1; scan.grid().voxels() as usize]);
    let error = edited(&full.unwrap(), scan, json).unwrap_err();
    assert_eq!(error.code(), "edit_invalid", "{error}");
    let text = error.to_string();
    assert!(text.contains(said), "{said:?} is not in {text:?}");
}

#[test]
fn impossible_numbers_are_named() {
    let scan = dark(volume([6, 5, 4], [0.5, 0.5, 2.0]));
    for (json, said) in [
        (r#"{"margin_v1":{"mm":1e300}}"#, "0 to 1000 mm"),
        (r#"{"margin_v1":{"mm":-1001}}"#, "1001 mm"),
        (r#"{"smooth_v1":{"radius_mm":-1}}"#, "-1 mm"),
        (r#"{"smooth_v1":{"radius_mm":900}}"#, "1800 voxels"),
        (
            r#"{"sphere_v1":{"kind":"paint","radius_mm":-2,"path":[[0,0,0]]}}"#,
            "-2 mm",
        ),
        (
            r#"{"sphere_v1":{"kind":"paint","radius_mm":2,"path":[]}}"#,
            "a path of points",
        ),
        (
            r#"{"grow_v1":{"voxel":[6,0,0],"range":{}}}"#,
            "[6, 0, 0] lies outside",
        ),
        (
            r#"{"grow_v1":{"voxel":[0,0,4294967295],"range":{}}}"#,
            "lies outside",
        ),
        (
            r#"{"grow_v1":{"voxel":[1,1,1],"range":{"low":0}}}"#,
            "value -100 at the start",
        ),
        (
            r#"{"grow_v1":{"voxel":[1,1,1],"range":{},"max_mm":-0.1}}"#,
            "-0.1 mm",
        ),
        (
            r#"{"threshold_v1":{"range":{"low":5,"high":4}}}"#,
            "from 5 to 4",
        ),
        (
            r#"{"threshold_within_v1":{"range":{"low":5,"high":4}}}"#,
            "from 5 to 4",
        ),
        (r#"{"remove_islands_v1":{"min":{"mm3":-1}}}"#, "-1 mm³"),
        (
            r#"{"interpolate_v1":{"plane":"axial","slices":[1,4]}}"#,
            "slice 4 does not exist",
        ),
        (
            r#"{"interpolate_v1":{"plane":"axial","slices":[1,1]}}"#,
            "there are 1",
        ),
        (
            r#"{"copy_slice_v1":{"plane":"coronal","from":0,"to":5}}"#,
            "slice 5",
        ),
        (
            r#"{"copy_slice_v1":{"plane":"coronal","from":9,"to":1}}"#,
            "slice 9",
        ),
        (
            r#"{"lasso_v1":{"plane":"axial","slice":4,"kind":"paint","polygon":[[0,0],[1,0],[1,1]]}}"#,
            "slice 4",
        ),
        (
            r#"{"lasso_v1":{"plane":"axial","slice":0,"kind":"paint","polygon":[[0,0],[1,0]]}}"#,
            "three points",
        ),
        (r#"{"union_v1":{"object":7}}"#, "object 7"),
        (r#"{"subtract_v1":{"object":7}}"#, "object 7"),
        (r#"{"intersect_v1":{"object":7}}"#, "object 7"),
    ] {
        refused(&scan, json, said);
    }
}

/// No JSON holds them, but a program may.
#[test]
fn numbers_that_are_not_finite_are_refused() {
    let scan = dark(volume([6, 5, 4], [0.5, 0.5, 2.0]));
    let mask = VolumeMask::empty(scan.grid());
    let scene = EditScene::new(&scan);
    for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let range = ValueRange {
            low: Some(wrong),
            high: Some(1.0),
        };
        let steps = [
            EditStep::Margin { mm: wrong },
            EditStep::Smooth { radius_mm: wrong },
            EditStep::RemoveIslands {
                min: MinSize::Mm3(wrong),
                connectivity: Default::default(),
            },
            EditStep::Sphere {
                kind: StrokeKind::Paint,
                radius_mm: 1.0,
                path: vec![[0.0, wrong, 0.0]],
                range: None,
            },
            EditStep::Grow {
                voxel: [0; 3],
                range: Default::default(),
                max_mm: Some(wrong),
            },
        ];
        for step in steps {
            let error = step.apply(&mask, &scene).unwrap_err();
            assert_eq!(error.code(), "edit_invalid", "{step:?}: {error}");
        }
        // An infinite end is an open one; on the other side it would come back from JSON as an open one.
        let found = EditStep::Threshold { range }.apply(&mask, &scene);
        assert_eq!(found.is_ok(), wrong == f64::NEG_INFINITY);
        let range = ValueRange {
            low: (wrong > 0.0).then_some(wrong),
            high: (wrong < 0.0).then_some(wrong),
        };
        let found = EditStep::Threshold { range }.apply(&mask, &scene);
        assert_eq!(found.is_ok(), wrong.is_nan(), "{range:?}");
    }
}

#[test]
fn a_scan_without_lengths_is_named() {
    let bare = dark(Grid::image(6, 5));
    for json in [
        r#"{"margin_v1":{"mm":1}}"#,
        r#"{"smooth_v1":{"radius_mm":1}}"#,
        r#"{"sphere_v1":{"kind":"paint","radius_mm":2,"path":[[0,0,0]]}}"#,
        r#"{"grow_v1":{"voxel":[0,0,0],"range":{},"max_mm":1}}"#,
    ] {
        refused(&bare, json, "the size of its pixels");
    }
    refused(
        &bare,
        r#"{"remove_islands_v1":{"min":{"mm3":1}}}"#,
        "give the size in voxels",
    );
    refused(
        &bare,
        r#"{"fill_holes_v1":{"plane":"coronal"}}"#,
        "no coronal plane",
    );
    let frames = Grid {
        stacking: Stacking::Frames,
        slice_spacing_mm: None,
        ..volume([4, 4, 3], [1.0; 3])
    };
    refused(
        &dark(frames),
        r#"{"margin_v1":{"mm":1}}"#,
        "the distance between its slices",
    );
    let flat = volume([4, 4, 3], [1.0, 0.0, 1.0]);
    refused(
        &dark(flat),
        r#"{"margin_v1":{"mm":1}}"#,
        "distances above 0",
    );
}

#[test]
fn colours_have_no_values_to_compare() {
    let about = About::new(Format::Png, 8);
    let rescales = vec![Rescale::IDENTITY];
    let voxels = Voxels::Rgb8(vec![9; 60]);
    let scan = Scan::new(Grid::image(5, 4), voxels, rescales, about, Source::Raster).unwrap();
    for json in [
        r#"{"threshold_v1":{"range":{"low":1}}}"#,
        r#"{"threshold_within_v1":{"range":{"low":1}}}"#,
        r#"{"grow_v1":{"voxel":[0,0,0],"range":{}}}"#,
    ] {
        refused(&scan, json, "in colour");
    }
}

#[test]
fn a_mask_of_another_grid_and_too_much_work_are_refused() {
    let scan = dark(volume([6, 5, 4], [1.0; 3]));
    let other = VolumeMask::empty(&Grid::image(6, 5));
    let error = edited(&other, &scan, r#"{"largest_v1":{}}"#).unwrap_err();
    assert!(matches!(error, Error::GridsDiffer { .. }));
    let mask = VolumeMask::empty(scan.grid());
    let scene = EditScene::new(&scan);
    let path = vec![[1.0, 1.0, 1.0]; 100_001];
    let sphere = EditStep::Sphere {
        kind: StrokeKind::Paint,
        radius_mm: 1.0,
        path,
        range: None,
    };
    let error = sphere.apply(&mask, &scene).unwrap_err();
    assert_eq!(error.code(), "edit_too_large");
    assert!(error.to_string().contains("100001 points"), "{error}");
}

/// Empty masks, and masks of all voxels, go through every edit.
#[test]
fn empty_and_full_masks_are_edited_too() {
    for size in [[1, 1, 1], [7, 1, 1], [1, 1, 5], [64, 3, 2], [5, 6, 1]] {
        let scan = dark(volume(size, [1.0; 3]));
        let count = scan.grid().voxels() as usize;
        for full in [false, true] {
            let mask = VolumeMask::from_values(scan.grid(), &vec![u8::from(full); count]).unwrap();
            for json in [
                r#"{"margin_v1":{"mm":3}}"#,
                r#"{"margin_v1":{"mm":-3}}"#,
                r#"{"smooth_v1":{"radius_mm":3}}"#,
                r#"{"largest_v1":{}}"#,
                r#"{"remove_islands_v1":{"min":{"mm3":1}}}"#,
                r#"{"fill_holes_v1":{}}"#,
                r#"{"fill_holes_v1":{"plane":"stored"}}"#,
            ] {
                assert_eq!(edited(&mask, &scan, json).unwrap(), mask, "{size:?} {json}");
            }
            let slices = size[2];
            if slices > 2 {
                let json = format!(
                    r#"{{"interpolate_v1":{{"plane":"axial","slices":[0,{}]}}}}"#,
                    slices - 1
                );
                assert_eq!(edited(&mask, &scan, &json).unwrap(), mask, "{size:?}");
            }
        }
    }
}

/// Numbers that a damaged file may hold.
const WILD: [f64; 14] = [
    0.0,
    -0.0,
    0.4,
    1.0,
    2.5,
    -3.0,
    999.0,
    1e-300,
    -1e300,
    1e300,
    f64::MAX,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

fn wild(random: &mut Random) -> f64 {
    WILD[(random.unit() * WILD.len() as f64) as usize]
}

fn wild_index(random: &mut Random) -> u32 {
    [0, 1, 2, 3, 7, 1 << 16, u32::MAX - 1, u32::MAX][(random.unit() * 8.0) as usize]
}

fn wild_step(random: &mut Random) -> EditStep {
    let planes = [Plane::Stored, Plane::Axial, Plane::Coronal, Plane::Sagittal];
    let plane = planes[(random.unit() * 4.0) as usize];
    let kind = [StrokeKind::Paint, StrokeKind::Erase][(random.unit() * 2.0) as usize];
    let connectivity = [
        Connectivity::Faces,
        Connectivity::Edges,
        Connectivity::Corners,
    ][(random.unit() * 3.0) as usize];
    let range = ValueRange {
        low: (random.unit() < 0.5).then(|| wild(random)),
        high: (random.unit() < 0.5).then(|| wild(random)),
    };
    let count = (random.unit() * 5.0) as usize;
    match (random.unit() * 12.0) as u32 {
        0 => EditStep::Interpolate {
            plane,
            slices: (0..count).map(|_| wild_index(random)).collect(),
        },
        1 => EditStep::Largest { connectivity },
        2 => EditStep::RemoveIslands {
            min: MinSize::Mm3(wild(random)),
            connectivity,
        },
        3 => EditStep::RemoveIslands {
            min: MinSize::Voxels(u64::MAX),
            connectivity,
        },
        4 => EditStep::FillHoles { plane: Some(plane) },
        5 => EditStep::Smooth {
            radius_mm: wild(random),
        },
        6 => EditStep::Margin { mm: wild(random) },
        7 => EditStep::ThresholdWithin { range },
        8 => EditStep::Grow {
            voxel: [0; 3].map(|_| wild_index(random)),
            range,
            max_mm: Some(wild(random)),
        },
        9 => EditStep::Sphere {
            kind,
            radius_mm: wild(random),
            path: (0..count).map(|_| [0; 3].map(|_| wild(random))).collect(),
            range: Some(range),
        },
        10 => EditStep::Lasso {
            plane,
            slice: wild_index(random),
            kind,
            polygon: (0..count)
                .map(|_| ImagePoint {
                    x: wild(random) as f32,
                    y: wild(random) as f32,
                })
                .collect(),
        },
        _ => EditStep::CopySlice {
            plane,
            from: wild_index(random),
            to: wild_index(random),
        },
    }
}

/// On small grids with usual and with absurd lengths: a mask or an error, and never a panic.
#[test]
fn wild_numbers_never_panic() {
    let mut random = Random(41);
    for number in 0..4000 {
        let spacing = match number % 4 {
            0 => [wild(&mut random), wild(&mut random), wild(&mut random)],
            _ => [0.7, 1.3, 2.0],
        };
        let mut grid = volume([1 + number % 9, 1 + number % 5, 1 + number % 4], spacing);
        if number % 3 == 0 {
            let places = (0..grid.slices).map(|k| f64::from(k * k));
            grid.slice_positions_mm = Some(places.collect());
        }
        let scan = dark(grid);
        let voxels = scan.grid().voxels() as usize;
        let values: Vec<u8> = (0..voxels).map(|_| u8::from(random.unit() < 0.6)).collect();
        let mut mask = VolumeMask::from_values(scan.grid(), &values).unwrap();
        for _ in 0..3 {
            let step = wild_step(&mut random);
            match step.apply(&mask, &EditScene::new(&scan)) {
                Ok(edited) => {
                    assert_eq!(edited.count(), edited.voxels().count() as u64, "{step:?}");
                    mask = edited;
                }
                Err(error) => assert!(
                    matches!(error.code(), "edit_invalid" | "edit_too_large"),
                    "{step:?}: {error}"
                ),
            }
        }
    }
}

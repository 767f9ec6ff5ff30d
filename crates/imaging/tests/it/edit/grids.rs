//! Edits on grids that are mirrored, unevenly spaced, or no volume.

use boxel_imaging::{Affine, Grid, Plane, SlicePlane, Stacking, VolumeMask};

use super::{dark, edited, volume};

fn voxels(mask: &VolumeMask) -> Vec<[u32; 3]> {
    mask.voxels().collect()
}

fn mask_of(grid: &Grid, inside: &[[u32; 3]]) -> VolumeMask {
    let mut values = vec![0; grid.voxels() as usize];
    for voxel in inside {
        values[grid.index(*voxel).unwrap()] = 1;
    }
    VolumeMask::from_values(grid, &values).unwrap()
}

/// Columns to the right, rows to the front, slices to the feet: every plane is mirrored.
fn mirrored() -> Grid {
    Grid {
        patient_from_voxel: Some(Affine([
            [-1.0, 0.0, 0.0, 0.0],
            [0.0, -1.0, 0.0, 0.0],
            [0.0, 0.0, -1.0, 0.0],
        ])),
        ..volume([8, 9, 10], [1.0; 3])
    }
}

#[test]
fn slices_of_a_mirrored_scan_are_those_that_are_shown() {
    let scan = dark(mirrored());
    for (plane, name) in [
        (Plane::Axial, "axial"),
        (Plane::Coronal, "coronal"),
        (Plane::Sagittal, "sagittal"),
        (Plane::Stored, "stored"),
    ] {
        let slices = SlicePlane::new(scan.grid(), plane);
        let empty = VolumeMask::empty(scan.grid());
        let json = |slice: u32| {
            format!(
                r#"{{"lasso_v1":{{"plane":"{name}","slice":{slice},"kind":"paint","polygon":[[1,2],[4,2],[4,5],[1,5]]}}}}"#
            )
        };
        let drawn = edited(&empty, &scan, &json(2)).unwrap();
        let shown = drawn.slice(&slices, 2).bounds().unwrap();
        assert_eq!([shown.x0, shown.y0, shown.x1, shown.y1], [1, 2, 4, 5]);
        assert_eq!((drawn.slices(&slices), drawn.count()), (vec![2], 9));
        let copy = format!(r#"{{"copy_slice_v1":{{"plane":"{name}","from":2,"to":5}}}}"#);
        let both = edited(&drawn, &scan, &copy).unwrap();
        assert_eq!(both.slices(&slices), [2, 5]);
        assert_eq!(both.slice(&slices, 5), drawn.slice(&slices, 2));
        // A slice that is given and empty ends what lies between.
        let json = format!(r#"{{"interpolate_v1":{{"plane":"{name}"}}}}"#);
        let filled = edited(&both, &scan, &json).unwrap();
        assert_eq!(filled.slices(&slices), [2, 3, 4, 5]);
        assert_eq!(filled.count(), 36);
        let json = format!(r#"{{"interpolate_v1":{{"plane":"{name}","slices":[2,4,5]}}}}"#);
        assert_eq!(edited(&both, &scan, &json).unwrap(), both);
    }
}

/// Slices at 0, 1, 4 and 5 mm.
fn uneven() -> Grid {
    Grid {
        slice_positions_mm: Some(vec![0.0, 1.0, 4.0, 5.0]),
        ..volume([9, 9, 4], [1.0; 3])
    }
}

#[test]
fn unevenly_spaced_slices_count_by_their_places() {
    let scan = dark(uneven());
    let centre = mask_of(scan.grid(), &[[4, 4, 1]]);
    let grown = edited(&centre, &scan, r#"{"margin_v1":{"mm":2}}"#).unwrap();
    let slices = SlicePlane::new(scan.grid(), Plane::Stored);
    assert_eq!(grown.slices(&slices), [0, 1]);
    let grown = edited(&centre, &scan, r#"{"margin_v1":{"mm":3}}"#).unwrap();
    assert_eq!(grown.slices(&slices), [0, 1, 2]);
    assert_eq!(grown.slice(&slices, 2).area_px(), 1);
    let empty = VolumeMask::empty(scan.grid());
    let between = r#"{"sphere_v1":{"kind":"paint","radius_mm":1.5,"path":[[4,4,1.5]]}}"#;
    // Half way from 1 mm to 4 mm, 1.5 mm from either.
    let ball = edited(&empty, &scan, between).unwrap();
    assert_eq!(voxels(&ball), [[4, 4, 1], [4, 4, 2]]);
    let grown = edited(
        &empty,
        &scan,
        r#"{"grow_v1":{"voxel":[4,4,1],"range":{},"max_mm":1}}"#,
    );
    assert_eq!(grown.unwrap().count(), 6);
    // A third of the way: the smaller square of slice 3 counts for a third. On slice 2 it is at 3/4.
    let large = r#"{"lasso_v1":{"plane":"stored","slice":0,"kind":"paint","polygon":[[0,0],[9,0],[9,9],[0,9]]}}"#;
    let both = edited(&centre, &scan, large).unwrap();
    let both = edited(
        &both,
        &scan,
        r#"{"copy_slice_v1":{"plane":"stored","from":1,"to":3}}"#,
    )
    .unwrap();
    let filled = r#"{"interpolate_v1":{"plane":"stored","slices":[1,3]}}"#;
    assert_eq!(
        edited(&both, &scan, filled)
            .unwrap()
            .slice(&slices, 2)
            .area_px(),
        1
    );
    let error = edited(&both, &scan, r#"{"interpolate_v1":{"plane":"coronal"}}"#).unwrap_err();
    assert!(error.to_string().contains("unevenly spaced"), "{error}");
    let mm3 = r#"{"remove_islands_v1":{"min":{"mm3":2},"connectivity":"faces"}}"#;
    // Slice 1 reaches from 0.5 to 2.5 mm: a voxel there is 2 mm³; one of slice 0 is 1 mm³.
    let two = mask_of(scan.grid(), &[[0, 0, 0], [4, 4, 1]]);
    assert_eq!(voxels(&edited(&two, &scan, mm3).unwrap()), [[4, 4, 1]]);
}

#[test]
fn an_image_is_edited_as_an_image() {
    let image = Grid {
        slice_spacing_mm: None,
        patient_from_voxel: None,
        ..volume([9, 9, 1], [0.5, 0.5, 1.0])
    };
    let scan = dark(image);
    let ring: Vec<[u32; 3]> = (0..81)
        .map(|at: u32| [at % 9, at / 9, 0])
        .filter(|[x, y, _]| x.abs_diff(4).max(y.abs_diff(4)) == 2)
        .collect();
    let ring = mask_of(scan.grid(), &ring);
    let filled = edited(&ring, &scan, r#"{"fill_holes_v1":{}}"#).unwrap();
    assert_eq!(filled.count(), 25);
    assert_eq!(
        edited(&ring, &scan, r#"{"fill_holes_v1":{"plane":"stored"}}"#).unwrap(),
        filled
    );
    let grown = edited(&filled, &scan, r#"{"margin_v1":{"mm":0.5}}"#).unwrap();
    assert_eq!(grown.count(), 45);
    assert_eq!(
        edited(&grown, &scan, r#"{"margin_v1":{"mm":-0.5}}"#).unwrap(),
        filled
    );
}

#[test]
fn frames_in_time_have_parts_but_no_lengths_between_them() {
    let frames = Grid {
        stacking: Stacking::Frames,
        slice_spacing_mm: None,
        patient_from_voxel: None,
        ..volume([4, 1, 3], [1.0; 3])
    };
    let scan = dark(frames);
    let mask = mask_of(scan.grid(), &[[0, 0, 0], [0, 0, 2], [1, 0, 2]]);
    let filled = edited(&mask, &scan, r#"{"interpolate_v1":{"plane":"stored"}}"#).unwrap();
    // Half way, the second column is on the outline.
    let on_slice_1 = filled.voxels().filter(|voxel| voxel[2] == 1);
    assert_eq!(on_slice_1.collect::<Vec<_>>(), [[0, 0, 1], [1, 0, 1]]);
    assert_eq!(
        edited(&filled, &scan, r#"{"largest_v1":{}}"#).unwrap(),
        filled
    );
    assert!(edited(&mask, &scan, r#"{"remove_islands_v1":{"min":{"mm3":1}}}"#).is_err());
}

//! Stored masks are restored, and masks that do not fit are rejected.

use std::collections::BTreeMap;

use boxel_imaging::{Affine, ImagePoint, Stacking, Stroke, StrokeKind};

use super::super::ObjectMask;
use super::*;

/// 4 columns, 3 rows, 5 slices, seen from the feet: the left of the axial plane is the patient's right.
fn grid() -> Grid {
    Grid {
        slices: 5,
        stacking: Stacking::Slices,
        patient_from_voxel: Some(Affine([
            [-1.0, 0.0, 0.0, 0.0],
            [0.0, -1.0, 0.0, 0.0],
            [0.0, 0.0, 2.0, 0.0],
        ])),
        ..Grid::image(4, 3)
    }
}

fn about(origin: Origin) -> ObjectSlice {
    ObjectSlice {
        origin,
        iou: Some(0.75),
        doubts: vec![ReviewReason::AreaJump],
        is_of_box_alone: false,
        image_box: Some(ImageBox {
            x0: 0.0,
            y0: 1.0,
            x1: 2.0,
            y1: 3.0,
        }),
    }
}

/// An object of a plane with strokes over the propagated mask of slice 1, and a prompt on slice 2 that refines the
/// propagated mask.
fn object(plane: Plane) -> ObjectMask {
    let grid = grid();
    let slice_plane = SlicePlane::new(&grid, plane);
    let (width, height) = (slice_plane.size().width, slice_plane.size().height);
    let drawn = |step: u32| {
        let values = (0..width * height).map(|at| u8::from(at % step == 0));
        Mask::new(width, height, values.collect()).unwrap()
    };
    let mut object = ObjectMask::new(&grid, plane);
    object
        .put(&slice_plane, 0, &drawn(2), about(Origin::Marked), false)
        .unwrap();
    object
        .propagate(&slice_plane, 1, &drawn(3), about(Origin::Propagated))
        .unwrap();
    object
        .propagate(&slice_plane, 2, &drawn(5), about(Origin::Propagated))
        .unwrap();
    object
        .put(&slice_plane, 2, &drawn(4), about(Origin::Marked), true)
        .unwrap();
    let stroke = Stroke {
        kind: StrokeKind::Paint,
        radius_px: 0.6,
        path: vec![ImagePoint { x: 1.5, y: 0.5 }],
    };
    object.edit(&slice_plane, 1, vec![stroke]).unwrap();
    object
}

fn strokes(of: &ObjectMask) -> BTreeMap<u32, Vec<Stroke>> {
    BTreeMap::from([(1, of.strokes(1).to_vec())])
}

#[test]
fn an_object_is_restored_voxel_for_voxel_with_all_its_slices_say() {
    for plane in [Plane::Axial, Plane::Coronal, Plane::Sagittal] {
        let (grid, before) = (grid(), object(plane));
        let text = before.stored(&grid).unwrap().to_json();
        let masks = StoredMasks::from_json(&text).unwrap();
        assert_eq!(masks, before.stored(&grid).unwrap());
        assert_eq!(masks.voxels(&grid, plane).unwrap(), *before.voxels());
        let mut after = ObjectMask::restored(&grid, plane, &masks, strokes(&before)).unwrap();
        assert_eq!(after.sha256(), before.sha256());
        assert!(after.slices().eq(before.slices()));
        // The layer below the strokes is restored too.
        let (slice_plane, mut before) = (SlicePlane::new(&grid, plane), before);
        for object in [&mut before, &mut after] {
            object.edit(&slice_plane, 1, Vec::new()).unwrap();
        }
        assert_eq!(after.sha256(), before.sha256());
        assert_eq!(after.slice(1), Some(&about(Origin::Propagated)));
        // So is the layer below the refining prompt, until the prompt is removed.
        for object in [&mut before, &mut after] {
            object.discard_propagation(&slice_plane).unwrap();
            object.unmark(&slice_plane, 2).unwrap();
        }
        assert_eq!(after.sha256(), before.sha256());
        assert_eq!(after.slice(2), Some(&about(Origin::Propagated)));
        assert_eq!(after.slice(1), None);
    }
}

/// The axial plane flips this grid: column 3 of the grid is on the left.
#[test]
fn runs_are_in_the_order_of_the_grid() {
    let grid = grid();
    let slice_plane = SlicePlane::new(&grid, Plane::Axial);
    let mut object = ObjectMask::new(&grid, Plane::Axial);
    let values: Vec<u8> = (0..60)
        .map(|at| u8::from([13, 14, 20].contains(&at)))
        .collect();
    let voxels = VolumeMask::from_values(&grid, &values).unwrap();
    object
        .put(
            &slice_plane,
            1,
            &voxels.slice(&slice_plane, 1),
            about(Origin::Marked),
            false,
        )
        .unwrap();
    let stored = object.stored(&grid).unwrap();
    // Slice 1 has voxels 12 to 23: 1 outside, 2 inside, 5 outside, 1 inside, 3 outside.
    assert_eq!(stored.slices[0].mask.runs, [1, 2, 5, 1, 3]);
}

#[test]
fn masks_that_do_not_fit_are_rejected_with_the_number() {
    let (grid, object) = (grid(), object(Plane::Axial));
    let rejected = |change: &dyn Fn(&mut StoredMasks)| {
        let mut masks = object.stored(&grid).unwrap();
        change(&mut masks);
        let restored = ObjectMask::restored(&grid, Plane::Axial, &masks, strokes(&object));
        restored.unwrap_err().to_string()
    };
    assert!(rejected(&|m| m.size = [4, 3, 6]).contains("4 × 3 × 6"));
    assert!(rejected(&|m| m.slices[2].slice = 5).contains("slice 5"));
    assert!(rejected(&|m| m.slices[2].slice = 1).contains("order at slice 1"));
    let huge = vec![u32::MAX; 1000];
    let sum = (1000 * u64::from(u32::MAX)).to_string();
    assert!(rejected(&|m| m.slices[0].mask.runs = huge.clone()).contains(&sum));
    assert!(rejected(&|m| m.slices[0].mask.runs = vec![3]).contains("add up to 3"));
    let under = |m: &mut StoredMasks| m.slices[1].propagated.as_mut().unwrap().runs = vec![13];
    assert!(rejected(&under).contains("add up to 13"));
    let without = |m: &mut StoredMasks| drop(m.slices.remove(1));
    assert!(rejected(&without).contains("strokes on slice 1"));
    let unknown = Grid {
        patient_from_voxel: None,
        ..grid
    };
    let masks = object.stored(&unknown).unwrap();
    let elsewhere = masks
        .voxels(&unknown, Plane::Axial)
        .unwrap_err()
        .to_string();
    assert!(elsewhere.contains("no axial slices"), "{elsewhere}");
    for text in [
        "",
        "[]",
        r#"{"size":[1,1],"slices":[]}"#,
        r#"{"size":[1,1,1],"slices":[{"slice":0,"origin":"marked","runs":[-1]}]}"#,
    ] {
        assert!(StoredMasks::from_json(text).is_err(), "{text}");
    }
    // A review reason of a later version is ignored.
    let later = r#"{"size":[1,1,1],"slices":[{"slice":0,"origin":"propagated","review":["later","drift"],"runs":[0,1]}]}"#;
    let later = StoredMasks::from_json(later).unwrap();
    assert_eq!(
        later.slices[0].mask.about(Origin::Propagated).doubts,
        [ReviewReason::Drift]
    );
}

/// A segment on every slice, as a propagation's mask on slice 1 is tried over it.
#[test]
fn a_loaded_mask_stays_under_strokes_prompts_and_propagations() {
    let grid = grid();
    let slice_plane = SlicePlane::new(&grid, Plane::Axial);
    let values: Vec<u8> = (0..60).map(|at| u8::from(at % 3 == 0)).collect();
    let segment = VolumeMask::from_values(&grid, &values).unwrap();
    let stored = StoredMasks::of_segment(&grid, Plane::Axial, &segment);
    let mut object = ObjectMask::restored(&grid, Plane::Axial, &stored, BTreeMap::new()).unwrap();
    assert_eq!(object.voxels(), &segment);
    assert_eq!(object.stored(&grid).unwrap(), stored);
    assert_eq!(
        object.slice(1),
        Some(&ObjectSlice::unpredicted(Origin::Loaded))
    );
    assert!(object.is_touched(1), "a propagation ends there");

    let all = Mask::new(4, 3, vec![1; 12]).unwrap();
    let tried = object.propagate(&slice_plane, 1, &all, about(Origin::Propagated));
    assert!(!tried.unwrap());
    object.discard_propagation(&slice_plane).unwrap();
    object.leave_model(&slice_plane).unwrap();
    assert_eq!(object.voxels(), &segment);

    let dab = Stroke {
        kind: StrokeKind::Paint,
        radius_px: 0.6,
        path: vec![ImagePoint { x: 2.5, y: 1.5 }],
    };
    object.edit(&slice_plane, 1, vec![dab.clone()]).unwrap();
    object
        .put(&slice_plane, 2, &all, about(Origin::Marked), false)
        .unwrap();
    object.discard_propagation(&slice_plane).unwrap();
    object.leave_model(&slice_plane).unwrap();
    assert_eq!(object.slice(1).unwrap().origin, Origin::Marked);
    let text = object.stored(&grid).unwrap().to_json();
    let kept = StoredMasks::from_json(&text).unwrap();
    assert_eq!(kept.only_loaded(), stored);
    let strokes = BTreeMap::from([(1, vec![dab])]);
    let mut after = ObjectMask::restored(&grid, Plane::Axial, &kept, strokes).unwrap();
    for object in [&mut object, &mut after] {
        assert_eq!(object.voxels().slice(&slice_plane, 2), all);
        object.unmark(&slice_plane, 2).unwrap();
        object.edit(&slice_plane, 1, Vec::new()).unwrap();
        assert_eq!(object.voxels(), &segment);
        assert_eq!(
            object.slice(2),
            Some(&ObjectSlice::unpredicted(Origin::Loaded))
        );
    }
}

#[test]
fn an_edited_mask_stays_under_strokes_and_prompts_with_what_it_replaced() {
    let grid = grid();
    let slice_plane = SlicePlane::new(&grid, Plane::Axial);
    let values: Vec<u8> = (0..60).map(|at| u8::from(at % 3 == 0)).collect();
    let segment = VolumeMask::from_values(&grid, &values).unwrap();
    let loaded = StoredMasks::of_segment(&grid, Plane::Axial, &segment);
    let mut object = ObjectMask::restored(&grid, Plane::Axial, &loaded, BTreeMap::new()).unwrap();
    let all = Mask::new(4, 3, vec![1; 12]).unwrap();
    let empty = Mask::empty(slice_plane.size());
    for (slice, mask) in [(0, &empty), (1, &all), (2, &all), (3, &all), (3, &empty)] {
        object.replace(&slice_plane, slice, mask).unwrap();
    }
    let stroke = Stroke {
        kind: StrokeKind::Erase,
        radius_px: 0.6,
        path: vec![ImagePoint { x: 1.5, y: 0.5 }],
    };
    object.edit(&slice_plane, 1, vec![stroke]).unwrap();
    object
        .put(&slice_plane, 2, &empty, about(Origin::Marked), true)
        .unwrap();
    let text = object.stored(&grid).unwrap().to_json();
    let stored = StoredMasks::from_json(&text).unwrap();
    assert_eq!(stored, object.stored(&grid).unwrap());
    assert_eq!(stored.only_loaded(), loaded);
    let strokes = strokes(&object);
    let mut after = ObjectMask::restored(&grid, Plane::Axial, &stored, strokes).unwrap();
    assert_eq!(after.stored(&grid).unwrap(), stored);
    assert!(after.slices().eq(object.slices()));
    for object in [&mut object, &mut after] {
        object.leave_model(&slice_plane).unwrap();
        object.edit(&slice_plane, 1, Vec::new()).unwrap();
        object.unmark(&slice_plane, 2).unwrap();
        let origins: Vec<Origin> = object.slices().map(|(_, about)| about.origin).collect();
        assert_eq!(origins[..4], [Origin::Edited; 4]);
        assert_eq!(origins[4], Origin::Loaded);
        for (slice, mask) in [(0, &empty), (1, &all), (2, &all), (3, &empty)] {
            assert_eq!(object.voxels().slice(&slice_plane, slice), *mask);
        }
        assert_eq!(object.stored(&grid).unwrap().only_loaded(), loaded);
    }
}

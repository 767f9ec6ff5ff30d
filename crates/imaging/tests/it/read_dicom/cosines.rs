//! Orientations that are rounded, or that differ between slices.

use crate::support::dicom_files::{Files, assert_near, place};
use crate::support::dicom_writer::{Data, nth};

const POSITION: u32 = 0x0020_0032;
const ORIENTATION: u32 = 0x0020_0037;

/// Slices of an oblique stack, 3 mm apart; `cosines` writes the text of the true ones.
fn oblique(count: u32, cosines: impl Fn(u32, [f64; 6]) -> String) -> Vec<Data> {
    let (a, b) = (0.3_f64, 0.2_f64);
    let row = [a.cos(), a.sin(), 0.0];
    let column = [-a.sin() * b.cos(), a.cos() * b.cos(), b.sin()];
    let normal = [a.sin() * b.sin(), -a.cos() * b.sin(), b.cos()];
    let data = (0..count).map(|k| {
        let at = [-120.0, -110.0, 80.0];
        let at = [0, 1, 2].map(|axis| at[axis] + 3.0 * f64::from(k) * normal[axis]);
        let true_ones = [row[0], row[1], row[2], column[0], column[1], column[2]];
        nth(k + 1, 0.0, k as u16)
            .text(
                POSITION,
                "DS",
                &format!("{:.3}\\{:.3}\\{:.3}", at[0], at[1], at[2]),
            )
            .text(ORIENTATION, "DS", &cosines(k, true_ones))
    });
    data.collect()
}

fn joined(cosines: [f64; 6], digits: usize) -> String {
    let each = cosines.map(|cosine| format!("{cosine:.digits$}"));
    each.join("\\")
}

/// Pseudo-random, between −1 and 1.
fn noise(k: u32, axis: usize) -> f64 {
    f64::from((k * 7919 + axis as u32 * 104_729) % 201) / 100.0 - 1.0
}

#[test]
fn cosines_of_two_digits_are_one_volume() {
    let files = Files::of(&oblique(20, |_, true_ones| joined(true_ones, 2)));
    assert_eq!(files.choices().len(), 1);
    let scan = files.scan(0);
    assert_eq!(scan.grid().slices, 20);
    // The axes are perpendicular, although the cosines in the file are not.
    let affine = scan.grid().patient_from_voxel.unwrap();
    let (row, column) = (affine.column(0), affine.column(1));
    let dot: f64 = (0..3).map(|axis| row[axis] * column[axis]).sum();
    assert!(dot.abs() < 1e-12, "{dot}");
    // Rounding to two digits rotates the planes by at most 0.3°.
    let step = affine.column(2);
    let distance = step.iter().map(|x| x * x).sum::<f64>().sqrt();
    assert!((distance - 3.0).abs() < 0.01, "{distance}");
}

#[test]
fn cosines_that_jitter_are_one_volume() {
    let jittering = |k, true_ones: [f64; 6]| {
        let axes = [0, 1, 2, 3, 4, 5].map(|axis| true_ones[axis] + 0.0015 * noise(k, axis));
        joined(axes, 6)
    };
    let files = Files::of(&oblique(40, jittering));
    let expected: Vec<f64> = (0..40).map(f64::from).collect();
    assert_eq!(files.all_firsts(), [expected]);
    let scan = files.scan(0);
    let first = place(&scan, [0.0, 0.0, 0.0]);
    let last = place(&scan, [0.0, 0.0, 39.0]);
    assert_near(first, [-120.0, -110.0, 80.0]);
    let height = |point: [f64; 3]| point[2] - 80.0;
    assert!(
        (height(last) - 39.0 * 3.0 * 0.2_f64.cos()).abs() < 0.05,
        "{last:?}"
    );

    // Jitter around the boundary between two rounded numbers.
    let files = Files::of(&oblique(30, |k, true_ones| {
        let axes = true_ones.map(|cosine| cosine + 0.002 * noise(k, 0));
        joined(axes, 2)
    }));
    assert_eq!(files.scan(0).grid().slices, 30);
    assert_eq!(files.choices().len(), 1);
}

#[test]
fn stacks_of_slightly_other_orientation_stay_apart() {
    // The second stack is rotated by 0.5°, as after another localizer, and lies between the planes of the first.
    let turned = |k: u32| {
        let sine = 0.5_f64.to_radians().sin();
        let cosines = [1.0, 0.0, 0.0, 0.0, (1.0 - sine * sine).sqrt(), sine];
        nth(100 + k, 3.0 * f64::from(k) + 1.0, 100 + k as u16).text(
            ORIENTATION,
            "DS",
            &joined(cosines, 6),
        )
    };
    let data: Vec<Data> = (0..6)
        .map(|k| nth(k + 1, 3.0 * f64::from(k), k as u16))
        .chain((0..6).map(turned))
        .collect();
    let files = Files::of(&data);
    let expected =
        [0.0, 100.0].map(|first| (0..6).map(|k| first + f64::from(k)).collect::<Vec<_>>());
    assert_eq!(files.all_firsts(), expected);
}

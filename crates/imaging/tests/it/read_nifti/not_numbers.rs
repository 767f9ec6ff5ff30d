//! Values and places that are NaN or infinite.

use boxel_imaging::{Error, Limits, NoteCode, Scan, Source, open};

/// A NIfTI-1 file of 2 × 2 × 2 numbers in single precision, with a slope and the first row of an affine.
fn file(values: [f32; 8], slope: f32, row: [f32; 4]) -> Vec<u8> {
    let mut bytes = vec![0; 352];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    let numbers = |values: &[f32]| -> Vec<u8> {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect()
    };
    put(0, &348i32.to_le_bytes());
    put(
        40,
        &[3i16, 2, 2, 2, 1, 1, 1, 1].map(i16::to_le_bytes).concat(),
    );
    put(70, &[16i16, 32].map(i16::to_le_bytes).concat());
    put(76, &numbers(&[1.0, 1.0, 1.0, 1.0]));
    put(108, &numbers(&[352.0, slope, 0.0]));
    put(254, &1i16.to_le_bytes());
    put(280, &numbers(&row));
    put(296, &numbers(&[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]));
    put(344, b"n+1\0");
    bytes.extend(numbers(&values));
    bytes
}

const SOUND: [f32; 4] = [1.0, 0.0, 0.0, 0.0];

fn notes(scan: &Scan, code: NoteCode) -> Vec<&str> {
    let notes = scan.about.notes.iter();
    let notes = notes.filter(|note| note.code == code);
    notes.map(|note| note.text.as_str()).collect()
}

#[test]
fn values_without_a_single_number_are_refused() {
    for nothing in [f32::NAN, f32::INFINITY] {
        let refused = open(&file([nothing; 8], 1.0, SOUND), &Limits::default());
        assert!(matches!(
            refused,
            Err(Error::NoFiniteValue { count: 8, .. })
        ));
    }
}

#[test]
fn values_that_are_no_numbers_are_told() {
    let mut values = [1.0; 8];
    values[2] = f32::NAN;
    values[5] = f32::NEG_INFINITY;
    let scan = open(&file(values, 1.0, SOUND), &Limits::default()).unwrap();
    let told = notes(&scan, NoteCode::Reading);
    assert!(
        told.iter()
            .any(|text| text.starts_with("2 of 8 values are NaN or infinite")),
        "{told:?}"
    );
    let sound = open(&file([1.0; 8], 1.0, SOUND), &Limits::default()).unwrap();
    assert!(
        notes(&sound, NoteCode::Reading)
            .iter()
            .all(|text| !text.contains("NaN"))
    );
}

/// In JSON, in which a scan is handed over, there is no infinity.
#[test]
fn a_place_beyond_all_numbers_is_left_out() {
    for row in [
        [3e38, 3e38, 3e38, 0.0],
        [1.0, 0.0, 0.0, 3e38],
        [1e-30, 0.0, 0.0, 0.0],
    ] {
        let scan = open(&file([1.0; 8], 1.0, row), &Limits::default()).unwrap();
        let grid = scan.grid();
        assert_eq!(
            (grid.pixel_spacing, grid.patient_from_voxel),
            (None, None),
            "{row:?}"
        );
        assert_eq!(notes(&scan, NoteCode::Spacing).len(), 1);
        assert!(matches!(scan.source, Source::Nifti(_)));
        let bytes = [&scan.head_bytes().unwrap(), scan.sample_bytes()].concat();
        assert!(Scan::from_bytes(&bytes).is_ok());
    }
}

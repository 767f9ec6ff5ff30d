//! Opens a file as a scan or an error, and reads values and notes of a scan.

use boxel_imaging::{
    Affine, Error, Grid, Limits, NamedFile, NoteCode, Scan, Stacking, open, open_choice, survey,
};

pub fn opened(bytes: &[u8]) -> Scan {
    open(bytes, &Limits::default()).unwrap()
}

pub fn refused(bytes: &[u8]) -> Error {
    open(bytes, &Limits::default()).unwrap_err()
}

/// Values of all voxels.
pub fn values(scan: &Scan) -> Vec<f64> {
    let [columns, rows, slices] = scan.grid().size();
    let voxels = (0..slices).flat_map(|k| (0..rows).map(move |j| (j, k)));
    let voxels = voxels.flat_map(|(j, k)| (0..columns).map(move |i| [i, j, k]));
    voxels.map(|voxel| scan.value(voxel).unwrap()).collect()
}

/// Values of [`slice`](super::dicom_writer::slice).
pub fn hounsfield() -> Vec<f64> {
    (-6..6).map(|stored| f64::from(2 * stored - 10)).collect()
}

pub fn codes(scan: &Scan) -> Vec<NoteCode> {
    scan.about.notes.iter().map(|note| note.code).collect()
}

pub fn texts(scan: &Scan) -> Vec<&str> {
    let notes = scan.about.notes.iter();
    notes.map(|note| note.text.as_str()).collect()
}

/// Labels and scans of all choices of a file.
pub fn choices(bytes: &[u8]) -> Vec<(String, Scan)> {
    let files = [NamedFile { name: "", bytes }];
    let choices = survey(&files, &Limits::default()).unwrap();
    let open = |choice| open_choice(&files, choice, &Limits::default()).unwrap();
    let scans = choices
        .iter()
        .map(|choice| (choice.label.clone(), open(choice)));
    scans.collect()
}

/// A volume of `size` voxels with a place in the patient.
pub fn placed([columns, rows, slices]: [u32; 3], affine: [[f64; 4]; 3]) -> Grid {
    let affine = Affine(affine);
    Grid {
        slices,
        stacking: Stacking::Slices,
        slice_spacing_mm: Some(Grid::spacing_of(&affine)[2]),
        patient_from_voxel: Some(affine),
        ..Grid::image(columns, rows)
    }
}

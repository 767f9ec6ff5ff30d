//! A file → its scan or its error, and what a scan holds.

use boxel_imaging::{Error, Limits, NoteCode, Scan, open};

pub fn opened(bytes: &[u8]) -> Scan {
    open(bytes, &Limits::default()).unwrap()
}

pub fn refused(bytes: &[u8]) -> Error {
    open(bytes, &Limits::default()).unwrap_err()
}

/// The values of all voxels.
pub fn values(scan: &Scan) -> Vec<f64> {
    let [columns, rows, slices] = scan.grid().size();
    let voxels = (0..slices).flat_map(|k| (0..rows).map(move |j| (j, k)));
    let voxels = voxels.flat_map(|(j, k)| (0..columns).map(move |i| [i, j, k]));
    voxels.map(|voxel| scan.value(voxel).unwrap()).collect()
}

/// The values of [`slice`](super::dicom_writer::slice).
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

//! Targets that open scans, and one that edits masks.

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../crates/imaging/tests/within_limits/bombs/archives.rs"]
mod archives;
mod dicom;
mod dicom_pixels;
mod edits;
mod files;
mod nifti;
mod part10;
mod reference;
mod structures;
mod tiff;
mod volumes;

use boxel_imaging::{Choice, Error, Limits, NamedFile, Scan, SlicePlane, open_choice, survey};

use crate::peak;

pub use dicom::dicom;
pub use dicom_pixels::dicom_pixels;
pub use edits::edits;
pub use files::files;
pub use nifti::nifti;
pub use reference::reference;
pub use structures::structures;
pub use tiff::tiff;
pub use volumes::{metaimage, mgh, nrrd};

/// A target's name, and what it does with its input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets that read such files.
pub const TARGETS: [Target; 12] = [
    ("dicom", dicom),
    ("dicom_pixels", dicom_pixels),
    ("edits", edits),
    ("files", files),
    ("image", image),
    ("metaimage", metaimage),
    ("mgh", mgh),
    ("nifti", nifti),
    ("nrrd", nrrd),
    ("reference", reference),
    ("structures", structures),
    ("tiff", tiff),
];

/// Small, so that a file that keeps to them is opened quickly, and one that does not is noticed.
const LIMITS: Limits = Limits {
    max_side: 2048,
    max_pixels: 1 << 18,
    max_bytes: 4 << 20,
    max_held: 64 << 20,
    max_steps: 1 << 25,
};
/// What the budget doesn't count, such as the elements of a header (`Limits::default`).
const NOT_COUNTED: u64 = 12 << 20;
/// Scans of an input that are opened.
const OPENED: usize = 4;

/// The input is one file, of any format.
pub fn image(bytes: &[u8]) {
    open(&[NamedFile { name: "a", bytes }]);
}

/// Opens the first scans in the files, and checks what comes of it.
fn open(files: &[NamedFile<'_>]) {
    let Some(choices) = listed(files) else { return };
    for choice in choices.iter().take(OPENED) {
        let opened = within_memory(|| open_choice(files, choice, &LIMITS));
        if let Some(scan) = not_our_fault(opened) {
            check(&scan);
        }
    }
}

/// The scans in the files; `None` if there is none.
fn listed(files: &[NamedFile<'_>]) -> Option<Vec<Choice>> {
    not_our_fault(within_memory(|| survey(files, &LIMITS)))
}

fn not_our_fault<T>(result: Result<T, Error>) -> Option<T> {
    let stopped = |error: &Error| matches!(error, Error::ReaderStopped { .. });
    match result {
        Err(error) if error.code() == "internal" || stopped(&error) => panic!("{error}"),
        result => result.ok(),
    }
}

/// Panics if the call holds more memory than the limits allow.
fn within_memory<T>(call: impl FnOnce() -> T) -> T {
    peak::start();
    let result = call();
    let bytes = peak::since_start() as u64;
    assert!(bytes <= LIMITS.max_held + NOT_COUNTED, "{bytes} bytes");
    result
}

/// The scan keeps the limits, and can be shown in every plane.
fn check(scan: &Scan) {
    let grid = scan.grid();
    let bytes = scan.voxels().len() as u64 * u64::from(scan.voxels().bits() / 8);
    assert!(bytes <= LIMITS.max_bytes, "{bytes} bytes");
    assert!(grid.slice_size().longest_side() <= LIMITS.max_side);
    for plane in SlicePlane::planes(grid) {
        let slice_plane = SlicePlane::new(grid, plane);
        scan.render(
            &slice_plane,
            slice_plane.slices() / 2,
            scan.default_window(),
        );
    }
}

/// Splits bytes off that choose something; zeros beyond the input's end.
fn take<const N: usize>(input: &mut &[u8]) -> [u8; N] {
    let (taken, rest) = input.split_at(N.min(input.len()));
    *input = rest;
    let mut bytes = [0; N];
    bytes[..taken.len()].copy_from_slice(taken);
    bytes
}

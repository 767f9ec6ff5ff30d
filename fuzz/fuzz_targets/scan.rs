//! What every target of opening asks of files.

use boxel_imaging::{Limits, NamedFile, Scan, SlicePlane, open_choice, survey};

/// Small, so that what is allowed can't pass for what is not.
const LIMITS: Limits = Limits {
    max_side: 2048,
    max_pixels: 1 << 20,
    max_bytes: 16 << 20,
    max_held: 256 << 20,
    max_steps: 1 << 28,
};

/// Opens the first scans in the files, and checks what comes of it.
pub fn open(files: &[NamedFile<'_>]) {
    let choices = match survey(files, &LIMITS) {
        Ok(choices) => choices,
        Err(error) => {
            assert_ne!(error.code(), "internal", "{error}");
            return;
        }
    };
    for choice in choices.iter().take(4) {
        match open_choice(files, choice, &LIMITS) {
            Ok(scan) => check(&scan),
            Err(error) => assert_ne!(error.code(), "internal", "{error}"),
        }
    }
}

/// The scan keeps the limits, and can be shown in every plane.
fn check(scan: &Scan) {
    let grid = scan.grid();
    let bytes = scan.voxels().len() as u64 * u64::from(scan.voxels().bits() / 8);
    assert!(bytes <= LIMITS.max_bytes, "{bytes} bytes");
    assert!(grid.slice_size().longest_side() <= LIMITS.max_side);
    for plane in SlicePlane::planes(grid) {
        let slice_plane = SlicePlane::new(grid, plane);
        scan.render(&slice_plane, slice_plane.slices() / 2, scan.default_window());
    }
}

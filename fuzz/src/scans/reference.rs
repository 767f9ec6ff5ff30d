use std::sync::LazyLock;

use boxel_imaging::{Agreement, NamedFile, Scan, labels, mask_of_label, open_reference};

use super::archives::nifti;
use super::files::split;
use super::{LIMITS, check, listed, not_our_fault, within_memory};

/// What the reference is compared with: 4 × 3 × 2 voxels of 1 mm.
static SCAN: LazyLock<Scan> = LazyLock::new(|| {
    let bytes = nifti([3, 4, 3, 2, 1, 1, 1, 1], 2, 8);
    boxel_imaging::open(&bytes, &LIMITS).expect("a sound file")
});
/// Labels that are compared.
const COMPARED: usize = 4;

/// The input is a reference of one or several files: a DICOM Segmentation, or a label map.
pub fn reference(input: &[u8]) {
    let files: Vec<_> = split(input)
        .map(|bytes| NamedFile { name: "a", bytes })
        .collect();
    let Some(choices) = listed(&files) else {
        return;
    };
    let opened = within_memory(|| open_reference(&files, &choices, &LIMITS));
    let Some(map) = not_our_fault(opened) else {
        return;
    };
    check(&map);
    let Some(labels) = not_our_fault(labels(&map)) else {
        return;
    };
    // With its own grid too, so that a grid of any size is compared.
    for label in labels.into_iter().take(COMPARED) {
        for grid in [SCAN.grid(), map.grid()] {
            if let Some(mask) = not_our_fault(mask_of_label(grid, &map, label)) {
                not_our_fault(Agreement::of(&mask, &mask, grid));
            }
        }
    }
}

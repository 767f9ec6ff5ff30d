//! Siemens mosaics of nibabel's test data, opened here and by nibabel (`tests/interop/mosaic_reference.py`): samples
//! and places are equal.

use crate::support::tools;
use std::path::{Path, PathBuf};

use boxel_imaging::{Limits, open};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    name: String,
    path: PathBuf,
    /// Patient space from row, column and slice.
    affine: [[f64; 4]; 4],
    /// Number of rows, columns and slices.
    shape: [u32; 3],
    data: PathBuf,
}

#[test]
fn mosaics_lie_where_nibabel_has_them() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mosaics");
    let Some(lines) = tools::python("mosaic_reference.py", &[&out]) else {
        return;
    };
    let mut count = 0;
    for line in lines.lines() {
        let reference: Reference = serde_json::from_str(line).unwrap();
        let name = &reference.name;
        let bytes = std::fs::read(&reference.path).unwrap();
        let scan = open(&bytes, &Limits::default()).unwrap();
        let [rows, columns, slices] = reference.shape;
        assert_eq!(scan.grid().size(), [columns, rows, slices], "{name}");
        let affine = scan.grid().patient_from_voxel.unwrap();
        for [i, j, k] in [[0, 0, 0], [columns, 0, 0], [0, rows, 0], [0, 0, slices]] {
            let [i, j, k] = [i, j, k].map(f64::from);
            let ours = affine.apply([i, j, k]);
            let theirs = reference
                .affine
                .map(|[a, b, c, d]| a * j + b * i + c * k + d);
            let far = (0..3).any(|axis| (ours[axis] - theirs[axis]).abs() > 1e-3);
            assert!(!far, "{name}: {ours:?}, and nibabel has {theirs:?}");
        }
        let data = std::fs::read(&reference.data).unwrap();
        let theirs = data
            .as_chunks::<8>()
            .0
            .iter()
            .map(|&b| f64::from_le_bytes(b));
        let ours = (0..scan.voxels().len()).map(|at| scan.voxels().grey(at).unwrap());
        assert!(ours.eq(theirs), "{name}: other samples");
        count += 1;
    }
    assert_eq!(count, 2);
}

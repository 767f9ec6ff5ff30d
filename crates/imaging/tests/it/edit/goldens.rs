//! Edits compared with SciPy, scikit-image and SimpleITK on the same mask (`tests/goldens/make_edits.py`).

use std::path::Path;

use boxel_imaging::edit::EditScene;
use boxel_imaging::{EditStep, Grid, VolumeMask};
use safetensors::SafeTensors;
use serde_json::Value;

use super::{scan, volume};

fn unpacked(grid: &Grid, bits: &[u8]) -> VolumeMask {
    let voxels = 0..grid.voxels() as usize;
    let values: Vec<u8> = voxels.map(|at| bits[at / 8] >> (at % 8) & 1).collect();
    VolumeMask::from_values(grid, &values).unwrap()
}

#[test]
fn each_edit_equals_its_reference_in_all_voxels() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/edits");
    let report = std::fs::read(folder.join("edits.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let bytes = std::fs::read(folder.join("edits.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let spacing = serde_json::from_value(report["spacing_mm"].clone()).unwrap();
    let scan = scan(
        volume([26, 22, 13], spacing),
        tensors.tensor("values").unwrap().data().to_vec(),
    );
    let mask = |name: &str| unpacked(scan.grid(), tensors.tensor(name).unwrap().data());
    let (before, other) = (mask("mask"), mask("other"));
    let scene = EditScene {
        other: &|object| (object == 1).then_some(&other),
        ..EditScene::new(&scan)
    };
    let mut names = std::collections::BTreeSet::new();
    for case in report["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let step: EditStep = serde_json::from_value(case["step"].clone()).unwrap();
        // What is recorded comes back as it was.
        let again = serde_json::to_value(&step).unwrap();
        assert_eq!(serde_json::from_value::<EditStep>(again).unwrap(), step);
        names.extend(case["step"].as_object().unwrap().keys().cloned());
        let after = step.apply(&before, &scene).unwrap();
        let differing = after.differing(&mask(name)).unwrap();
        assert_eq!(
            differing, 0,
            "{name}: voxels that differ from {}",
            case["reference"]
        );
        // Rows of 26 voxels don't fill whole words: no bit may be set after the last voxel.
        assert_eq!(after.count(), after.voxels().count() as u64, "{name}");
    }
    assert_eq!(
        names.len(),
        15,
        "every kind of edit has a golden: {names:?}"
    );
}

//! highdicom, pydicom and dciodvfy read the objects.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boxel_imaging::export::Identity;
use boxel_imaging::{DicomValue, Scan, Source};
use serde_json::json;

use super::cases::{Arrangement, COLORS, LABELS, masks, scan, written};
use super::with_source;
use crate::support::tools;

/// Every arrangement of slices, with each identity that it supports.
fn all() -> impl Iterator<Item = (Arrangement, Identity)> {
    let both = |arrangement: Arrangement| {
        [
            (arrangement, Identity::Linked),
            (arrangement, Identity::DeIdentified),
        ]
    };
    let possible = |(arrangement, identity): &(Arrangement, Identity)| {
        arrangement.has_place() || *identity == Identity::Linked
    };
    Arrangement::ALL.into_iter().flat_map(both).filter(possible)
}

/// A folder with the object, and its expected content for `check_seg.py`; `series` is that of the scan's files.
pub fn folder(name: &str, scan: &Scan, identity: Identity, series: Option<&Path>) -> PathBuf {
    let masks = masks(scan);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let bytes = written(scan, &masks, identity).unwrap();
    fs::write(folder.join("seg.dcm"), bytes).unwrap();
    for (number, mask) in (1..).zip(&masks) {
        let values: Vec<u8> = mask.values().map(u8::from).collect();
        fs::write(folder.join(format!("{number}.mask")), values).unwrap();
    }
    let Source::Dicom(source) = &scan.source else {
        panic!("not DICOM");
    };
    let frames = source.frames.iter();
    let case = json!({
        "size": scan.grid().size(),
        "labels": LABELS,
        "colors": COLORS,
        "linked": identity == Identity::Linked,
        "patient_from_voxel": scan.grid().patient_from_voxel,
        "sources": frames.map(|frame| (&frame.sop_instance_uid, frame.frame)).collect::<Vec<_>>(),
        "series": series,
        "tolerance_mm": if series.is_some() { 0.6 } else { 1e-6 },
    });
    fs::write(folder.join("case.json"), case.to_string()).unwrap();
    folder
}

#[test]
fn highdicom_reads_the_masks_where_they_were_drawn() {
    let (mut folders, mut expected) = (Vec::new(), String::new());
    for (arrangement, identity) in all() {
        let scan = scan(arrangement);
        let name = format!("highdicom_{arrangement:?}_{identity:?}");
        folders.push(folder(&name, &scan, identity, None));
        let linked = u8::from(identity == Identity::Linked);
        // highdicom can't make a volume of tilted slices.
        let volume = u8::from(arrangement.has_place() && arrangement != Arrangement::Tilted);
        expected +=
            &format!("pixels 1, segments 2, by source {linked}, volume {volume}, by file 0\n");
    }
    let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
    if let Some(said) = tools::python("check_seg.py", &folders) {
        assert_eq!(said, expected);
    }
}

/// dciodvfy's `Error` lines about the folder's object; `None` if it is missing.
pub fn dciodvfy_errors(folder: &Path) -> Option<Vec<String>> {
    let program = tools::tools().map(|tools| tools.join("dicom3tools/usr/bin/dciodvfy"));
    let Some(program) = program.filter(|program| program.exists()) else {
        println!("SKIPPED: no dciodvfy, run `cargo xtask setup`");
        return None;
    };
    let mut command = Command::new(&program);
    let output = command.arg(folder.join("seg.dcm")).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    println!("{}\n{said}", folder.display());
    // dciodvfy prints the object's type if it knows it.
    assert!(said.lines().any(|line| line == "Segmentation"), "{said}");
    let errors = said.lines().filter(|line| line.starts_with("Error"));
    Some(errors.map(str::to_owned).collect())
}

#[test]
fn dciodvfy_finds_no_error() {
    let no_error = |name: &str, scan: &Scan, identity| {
        let folder = folder(&format!("dciodvfy_{name}"), scan, identity, None);
        assert_eq!(
            dciodvfy_errors(&folder).unwrap_or_default(),
            [""; 0],
            "{name}"
        );
    };
    for (arrangement, identity) in all() {
        no_error(
            &format!("{arrangement:?}_{identity:?}"),
            &scan(arrangement),
            identity,
        );
    }
    let animal = with_source(&scan(Arrangement::Oblique), |source| {
        let (tag, vr) = ((0x0010, 0x2201), *b"LO");
        let value = b"Canis lupus familiaris".to_vec();
        source.attributes.push(DicomValue { tag, vr, value });
    });
    no_error("animal", &animal, Identity::Linked);
}

//! Which readers support which form: tests the table in `docs/exports.md`.

use crate::support::tools;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boxel_imaging::export::{Identity, SegForm, Segment, dicom_seg};
use boxel_imaging::{Source, VolumeMask};
use serde_json::json;

use super::cases::{Arrangement, INSTANCE, scan_of};
use super::forms::{apart, at};
use super::readers::dciodvfy_errors;

/// Segments of a scan with 5 rows and 6 slices, or of one with a single slice.
struct Case {
    name: &'static str,
    arrangement: Arrangement,
    columns: u32,
    form: SegForm,
    /// Maximum number of slices of the first segment.
    slices: usize,
    /// Whether the second segment is part of the first.
    is_one: bool,
}

/// Two segments with six frames in total.
const fn two(name: &'static str, columns: u32, form: SegForm) -> Case {
    Case {
        name,
        arrangement: Arrangement::Oblique,
        columns,
        form,
        slices: 6,
        is_one: false,
    }
}

/// Two frames of a single slice.
const fn single(name: &'static str, columns: u32, form: SegForm) -> Case {
    let arrangement = Arrangement::Single;
    Case {
        arrangement,
        ..two(name, columns, form)
    }
}

/// One segment of five frames.
const fn one(name: &'static str, columns: u32, form: SegForm) -> Case {
    Case {
        is_one: true,
        ..two(name, columns, form)
    }
}

/// Two segments with five frames in total.
const fn five(name: &'static str, columns: u32, form: SegForm) -> Case {
    Case {
        slices: 4,
        ..two(name, columns, form)
    }
}

const CASES: [Case; 11] = [
    two("bits_80", 16, SegForm::Binary),
    two("bits_40", 8, SegForm::Binary),
    // 25 bytes and a padding byte.
    five("bits_40_five", 8, SegForm::Binary),
    two("bits_35", 7, SegForm::Binary),
    five("bits_35_five", 7, SegForm::Binary),
    single("bits_35_single", 7, SegForm::Binary),
    one("bits_35_one", 7, SegForm::Binary),
    two("bytes_35", 7, SegForm::WholeBytes),
    single("bytes_35_single", 7, SegForm::WholeBytes),
    one("bytes_35_one", 7, SegForm::WholeBytes),
    two("label_map_35", 7, SegForm::LabelMap),
];

/// A reader's result for each case, in order. `check_seg_forms.py` defines the words.
type Verdicts = [&'static str; CASES.len()];
const RIGHT: &str = "right";
const WRONG: &str = "wrong";
const REFUSED: &str = "refused";
const MERGED: &str = "merged";

#[rustfmt::skip]
const PYTHON: [(&str, Verdicts); 5] = [
    ("pydicom", [RIGHT; CASES.len()]),
    ("highdicom", [RIGHT; CASES.len()]),
    ("SimpleITK", [
        RIGHT, RIGHT, RIGHT,
        "right but the last 2", "right but the last 7", REFUSED, "right but the last 7",
        RIGHT, REFUSED, RIGHT,
        REFUSED,
    ]),
    ("dcmqi", [RIGHT; CASES.len()]),
    ("dcmqi --mergeSegments", [
        RIGHT, RIGHT, RIGHT,
        RIGHT, RIGHT, RIGHT, RIGHT,
        MERGED, MERGED, RIGHT,
        RIGHT,
    ]),
];

#[rustfmt::skip]
const JAVASCRIPT: [(&str, Verdicts); 2] = [
    ("@cornerstonejs/adapters", [
        RIGHT, RIGHT, REFUSED,
        REFUSED, RIGHT, WRONG, RIGHT,
        RIGHT, RIGHT, RIGHT,
        RIGHT,
    ]),
    ("@itk-wasm/dicom", [
        RIGHT, RIGHT, RIGHT,
        REFUSED, REFUSED, RIGHT, WRONG,
        MERGED, MERGED, RIGHT,
        REFUSED,
    ]),
];

/// A folder with the object, and with what the scripts need to read and check it.
fn folder(of: &str, case: &Case) -> PathBuf {
    let scan = scan_of(case.arrangement, case.columns);
    let [mut first, mut second] = apart(&scan).map(|mask| at(&mask));
    let kept = case.slices * scan.grid().slice_size().pixels() as usize;
    first.iter_mut().skip(kept).for_each(|value| *value = 0);
    if case.is_one {
        // Its first and last slices are the scan's, so that a reader's volume has the scan's size.
        for (value, more) in first.iter_mut().zip(&mut second) {
            *value += std::mem::take(more);
        }
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(of);
    let folder = folder.join(case.name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("1.mask"), &first).unwrap();
    fs::write(folder.join("2.mask"), &second).unwrap();
    let masks = [first, second].map(|mask| VolumeMask::from_values(scan.grid(), &mask).unwrap());
    let segments = masks
        .iter()
        .map(|mask| Segment::new("part", [200; 3], mask));
    let segments: Vec<_> = segments.take(if case.is_one { 1 } else { 2 }).collect();
    let bytes = dicom_seg(&scan, &segments, Identity::Linked, case.form, &INSTANCE).unwrap();
    fs::write(folder.join("seg.dcm"), bytes).unwrap();
    let Source::Dicom(source) = &scan.source else {
        panic!("not DICOM");
    };
    let frames = source.frames.iter();
    let given = json!({
        "size": scan.grid().size(),
        "patient_from_voxel": scan.grid().patient_from_voxel,
        "sources": frames.map(|frame| &frame.sop_instance_uid).collect::<Vec<_>>(),
    });
    fs::write(folder.join("case.json"), given.to_string()).unwrap();
    folder
}

/// The expected output lines of a script.
fn lines(readers: &[(&str, Verdicts)]) -> String {
    let of_case = |(number, case): (usize, &Case)| -> String {
        let name = case.name;
        let lines = readers.iter().map(|(reader, verdicts)| {
            let verdict = verdicts[number];
            format!("{name}: {reader}: {verdict}\n")
        });
        lines.collect()
    };
    CASES.iter().enumerate().map(of_case).collect()
}

/// The output of `check_seg_forms.mjs`; `None`, after printing that it is skipped, if packages or Node.js are missing.
fn javascript(folders: &[&Path]) -> Option<String> {
    let modules = tools::tools().map(|tools| tools.join("javascript/node_modules"));
    let modules = modules.filter(|modules| modules.exists());
    let script = "../../tests/interop/check_seg_forms.mjs";
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let run = |modules| {
        let mut node = Command::new("node");
        node.arg(script).arg(modules).args(folders).output().ok()
    };
    let Some(output) = modules.and_then(run) else {
        println!("SKIPPED: check_seg_forms.mjs: no packages or no `node`, run `cargo xtask setup`");
        return None;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn each_reader_reads_the_forms_that_the_table_says() {
    let folders: Vec<PathBuf> = CASES
        .iter()
        .map(|case| folder("form_readers", case))
        .collect();
    let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
    if let Some(said) = tools::python("check_seg_forms.py", &folders) {
        assert_eq!(said, lines(&PYTHON));
    }
    if let Some(said) = javascript(&folders) {
        assert_eq!(said, lines(&JAVASCRIPT));
    }
}

#[test]
fn dciodvfy_finds_no_error_in_each_form() {
    // It doesn't know label map objects yet.
    let known = CASES.iter().filter(|case| case.form != SegForm::LabelMap);
    for case in known {
        let errors = dciodvfy_errors(&folder("form_errors", case)).unwrap_or_default();
        assert_eq!(errors, [""; 0], "{}", case.name);
    }
}

//! Which reader reads which form: the table in `docs/exports.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boxel_imaging::export::{Identity, SegForm};
use boxel_imaging::{Source, VolumeMask};
use serde_json::json;

use super::cases::{Lie, scan_of, written_as};
use super::forms::{apart, at};
use super::readers::{dciodvfy_errors, interop};

/// Two segments of a scan with 5 rows; six frames of bits or whole bytes, or two of a single slice.
struct Case {
    name: &'static str,
    lie: Lie,
    columns: u32,
    form: SegForm,
    /// The first segment lacks its last slice, which leaves five frames.
    odd: bool,
}

const fn case(name: &'static str, columns: u32, form: SegForm) -> Case {
    let (lie, odd) = (Lie::Oblique, false);
    Case {
        name,
        lie,
        columns,
        form,
        odd,
    }
}

const CASES: [Case; 9] = [
    case("bits_80", 16, SegForm::Binary),
    case("bits_40", 8, SegForm::Binary),
    // 25 bytes of bits, and one that pads them.
    Case {
        odd: true,
        ..case("bits_40_odd", 8, SegForm::Binary)
    },
    // 26.25 bytes of bits.
    case("bits_35", 7, SegForm::Binary),
    Case {
        odd: true,
        ..case("bits_35_odd", 7, SegForm::Binary)
    },
    Case {
        lie: Lie::Single,
        ..case("bits_35_single", 7, SegForm::Binary)
    },
    case("bytes_35", 7, SegForm::WholeBytes),
    Case {
        lie: Lie::Single,
        ..case("bytes_35_single", 7, SegForm::WholeBytes)
    },
    case("label_map_35", 7, SegForm::LabelMap),
];

/// What a reader makes of each case, in their order; the words are those of `check_seg_forms.py`.
type Verdicts = [&'static str; 9];

const PYTHON: [(&str, Verdicts); 5] = [
    ("pydicom", ["right"; 9]),
    ("highdicom", ["right"; 9]),
    (
        "SimpleITK",
        [
            "right",
            "right",
            "right",
            "but the last 2",
            "but the last 7",
            "refused",
            "right",
            "refused",
            "refused",
        ],
    ),
    ("dcmqi", ["right"; 9]),
    (
        "dcmqi --mergeSegments",
        [
            "right",
            "right",
            "right",
            "right",
            "right",
            "right",
            "one segment",
            "one segment",
            "right",
        ],
    ),
];

const JAVASCRIPT: [(&str, Verdicts); 2] = [
    (
        "@cornerstonejs/adapters",
        [
            "right", "right", "refused", "refused", "right", "wrong", "right", "right", "right",
        ],
    ),
    (
        "@itk-wasm/dicom",
        [
            "right",
            "right",
            "right",
            "refused",
            "refused",
            "right",
            "one segment",
            "one segment",
            "refused",
        ],
    ),
];

/// A folder with the object, and with what the scripts need to read and to judge it.
fn folder(of: &str, case: &Case) -> PathBuf {
    let scan = scan_of(case.lie, case.columns);
    let mut masks = apart(&scan);
    if case.odd {
        let mut values = at(&masks[0]);
        let slice = values.len() / 6;
        values[4 * slice..].fill(0);
        masks[0] = VolumeMask::from_values(scan.grid(), &values).unwrap();
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(of);
    let folder = folder.join(case.name);
    fs::create_dir_all(&folder).unwrap();
    for (number, mask) in (1..).zip(&masks) {
        fs::write(folder.join(format!("{number}.mask")), at(mask)).unwrap();
    }
    let bytes = written_as(&scan, &masks, Identity::Linked, case.form).unwrap();
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

/// The lines that a script is to print.
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

/// What `check_seg_forms.mjs` prints; `None`, with a line that says so, where the packages or Node.js are missing.
fn javascript(folders: &[&Path]) -> Option<String> {
    let modules = interop::tools().map(|tools| tools.join("javascript/node_modules"));
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
    if let Some(said) = interop::python("check_seg_forms.py", &folders) {
        assert_eq!(said, lines(&PYTHON));
    }
    if let Some(said) = javascript(&folders) {
        assert_eq!(said, lines(&JAVASCRIPT));
    }
}

#[test]
fn dciodvfy_finds_no_error_in_each_form() {
    // It does not know the object of label maps yet.
    let known = CASES.iter().filter(|case| case.form != SegForm::LabelMap);
    for case in known {
        let errors = dciodvfy_errors(&folder("form_errors", case)).unwrap_or_default();
        assert_eq!(errors, [""; 0], "{}", case.name);
    }
}

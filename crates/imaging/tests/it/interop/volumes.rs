//! NRRD, MetaImage and MGH files that SimpleITK and nibabel write, many that are written by hand, and nibabel's own test
//! file, opened here and by them (`tests/interop/volumes_reference.py`): values and places are equal.

use crate::support::tools;
use std::path::PathBuf;

use boxel_imaging::{Limits, NamedFile, Scan, Voxels, open_choice, survey};
use serde::Deserialize;

/// What the other program reads in a file.
#[derive(Deserialize)]
struct Reference {
    name: String,
    files: Vec<PathBuf>,
    /// First axis first, without channels.
    shape: Vec<u32>,
    channels: usize,
    affine: Option<[[f64; 4]; 3]>,
    data: PathBuf,
}

/// All scans in the files.
fn opened(reference: &Reference) -> Vec<Scan> {
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read(path).unwrap())
    };
    let files: Vec<_> = reference.files.iter().map(named).collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| NamedFile { name, bytes })
        .collect();
    let limits = Limits::default();
    let fault = |error| panic!("{}: {error}", reference.name);
    let choices = survey(&files, &limits).unwrap_or_else(fault);
    choices
        .iter()
        .map(|choice| {
            open_choice(&files, choice, &limits)
                .unwrap_or_else(|error| panic!("{}: {error}", reference.name))
        })
        .collect()
}

/// The values of a scan, or its colour samples.
fn values(scan: &Scan) -> Vec<f64> {
    match scan.voxels() {
        Voxels::Rgb8(colours) => colours.iter().map(|&value| value.into()).collect(),
        Voxels::Rgb16(colours) => colours.iter().map(|&value| value.into()).collect(),
        grey => (0..grey.len())
            .map(|index| scan.rescale(0).value(grey.grey(index).unwrap()))
            .collect(),
    }
}

/// The values of a scan that the other program has read: one of the channels, or of a colour the first three.
fn expected(reference: &Reference, all: &[f64], at: usize, scan: &Scan) -> Vec<f64> {
    let channels = reference.channels;
    let voxels = scan.grid().voxels() as usize;
    if scan.is_colour() {
        let colours = all[at * voxels * channels..].chunks(channels).take(voxels);
        return colours.flat_map(|colour| &colour[..3]).copied().collect();
    }
    let (volume, channel) = (at / channels, at % channels);
    let voxels = all[volume * voxels * channels..]
        .chunks(channels)
        .take(voxels);
    voxels.map(|voxel| voxel[channel]).collect()
}

fn compare(reference: &Reference) {
    let name = &reference.name;
    let bytes = std::fs::read(&reference.data).unwrap();
    let numbers = bytes.as_chunks().0.iter();
    let all: Vec<f64> = numbers.map(|bytes| f64::from_le_bytes(*bytes)).collect();
    let scans = opened(reference);
    let side = |axis: usize| reference.shape.get(axis).copied().unwrap_or(1);
    let volumes: usize = (3..reference.shape.len())
        .map(|axis| side(axis) as usize)
        .product();
    let parts = if scans[0].is_colour() {
        1
    } else {
        reference.channels
    };
    assert_eq!(scans.len(), volumes * parts, "{name}: volumes");
    for (at, scan) in scans.iter().enumerate() {
        assert_eq!(scan.grid().size(), [side(0), side(1), side(2)], "{name}");
        let (ours, theirs) = (values(scan), expected(reference, &all, at, scan));
        let differ = ours.iter().zip(&theirs).position(|(a, b)| a != b);
        assert_eq!(differ, None, "{name}, scan {at}: a voxel differs");
        assert_eq!(ours.len(), theirs.len(), "{name}");
        let affine = scan.grid().patient_from_voxel;
        assert_eq!(affine.is_some(), reference.affine.is_some(), "{name}");
        let (ours, theirs) = (affine.map(|affine| affine.0), reference.affine);
        let pairs = ours.iter().flatten().flatten();
        for (ours, theirs) in pairs.zip(theirs.iter().flatten().flatten()) {
            // MGH stores f32.
            let limit = 1e-6 * theirs.abs().max(1.0);
            assert!(
                (ours - theirs).abs() <= limit,
                "{name}: {ours} and {theirs}"
            );
        }
    }
}

#[test]
fn every_volume_has_the_content_that_other_programs_read() {
    let folder = std::env::temp_dir().join(format!("boxel-volumes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let Some(lines) = tools::python("volumes_reference.py", &[&folder]) else {
        return;
    };
    let mut compared = 0;
    for line in lines.lines() {
        compare(&serde_json::from_str(line).unwrap());
        compared += 1;
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(compared, 171);
}

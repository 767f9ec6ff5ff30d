//! Saved label maps, opened by nibabel (`tests/interop/nibabel_labels.py`): they have the source's grid and the drawn
//! voxels.

use crate::support::tools;
use std::path::{Path, PathBuf};

use boxel_imaging::{
    About, Affine, Error, Format, Grid, Limits, PixelSpacing, Rescale, Scan, Source, SpacingSource,
    Stacking, VolumeMask, Voxels, export, open,
};
use serde_json::Value;

/// A temporary folder for a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("boxel-labels-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// What nibabel reads in the files.
    fn described(&self, files: &[PathBuf]) -> Option<Vec<Value>> {
        let files = files.iter().map(PathBuf::as_path);
        let args: Vec<&Path> = [self.0.as_path()].into_iter().chain(files).collect();
        let lines = tools::python("nibabel_labels.py", &args)?;
        Some(
            lines
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect(),
        )
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// `count` overlapping masks without mirror symmetry, and the labels that they make.
fn drawn(grid: &Grid, count: usize) -> (Vec<VolumeMask>, Vec<u16>) {
    let voxels = grid.voxels() as usize;
    let mut labels = vec![0; voxels];
    let masks = (1..=count).map(|label| {
        let is_inside = |index: &usize| (index * index + 7 * label) % (5 + label) < 2;
        let values: Vec<u8> = (0..voxels).map(|index| is_inside(&index).into()).collect();
        for (number, _) in labels
            .iter_mut()
            .zip(&values)
            .filter(|(_, value)| **value == 1)
        {
            *number = label as u16;
        }
        VolumeMask::from_values(grid, &values).unwrap()
    });
    let masks = masks.collect();
    (masks, labels)
}

fn saved(scan: &Scan, masks: &[VolumeMask], gzip: bool) -> Vec<u8> {
    let masks: Vec<&VolumeMask> = masks.iter().collect();
    export::nifti(scan, &masks, gzip).unwrap()
}

/// Checks the voxels, and that the file contains no text.
fn check_labels(found: &Value, labels: &[u16], dtype: &str) {
    let bytes = std::fs::read(found["labels"].as_str().unwrap()).unwrap();
    let numbers = bytes.as_chunks().0.iter();
    let numbers: Vec<u16> = numbers.map(|&bytes| u16::from_le_bytes(bytes)).collect();
    assert!(numbers == labels, "the labels differ");
    assert_eq!(found["dtype"], dtype);
    assert_eq!(
        (&found["texts"], &found["extensions"]),
        (&"".into(), &0.into())
    );
}

/// nibabel's own test files with voxels.
fn sources() -> Option<Vec<PathBuf>> {
    let packages = tools::tools()?.join("python/lib");
    let versions = std::fs::read_dir(packages).ok()?;
    let data = "site-packages/nibabel/tests/data";
    let mut folders = versions.map(|version| version.unwrap().path().join(data));
    let folder = folders.find(|folder| folder.exists())?;
    let names = [
        "anatomical.nii",
        "example4d.nii.gz",
        "example_nifti2.nii.gz",
        "functional.nii",
        "reoriented_anat_moved.nii",
        "resampled_anat_moved.nii",
        "standard.nii.gz",
    ];
    Some(names.map(|name| folder.join(name)).to_vec())
}

#[test]
fn masks_of_nibabels_files_lie_where_their_sources_do() {
    let Some(sources) = sources() else {
        println!("SKIPPED: no tools, run `cargo xtask setup`");
        return;
    };
    let folder = Folder::new("sources");
    let mut files = Vec::new();
    let mut expected = Vec::new();
    for (count, source) in sources.iter().enumerate() {
        let scan = open(&std::fs::read(source).unwrap(), &Limits::default()).unwrap();
        let (masks, labels) = drawn(scan.grid(), 3);
        let gzip = count % 2 == 1;
        let name = format!("{count}.nii{}", if gzip { ".gz" } else { "" });
        files.extend([
            source.clone(),
            folder.write(&name, &saved(&scan, &masks, gzip)),
        ]);
        expected.push(labels);
    }
    let Some(found) = folder.described(&files) else {
        return;
    };
    for (pair, labels) in found.chunks(2).zip(&expected) {
        let [source, ours] = pair else { panic!() };
        for field in [
            "kind", "shape", "affine", "qform", "sform", "codes", "pixdim", "units",
        ] {
            assert_eq!(source[field], ours[field], "{field}");
        }
        check_labels(ours, labels, "uint8");
    }
    assert_eq!(found.len(), 14);
}

fn scan(grid: Grid) -> Scan {
    let voxels = Voxels::U8(vec![0; grid.voxels() as usize]);
    let about = About::new(Format::Dicom, 8);
    Scan::new(grid, voxels, vec![Rescale::IDENTITY], about, Source::Raster).unwrap()
}

fn grid(affine: Option<[[f64; 4]; 3]>) -> Grid {
    Grid {
        slices: 4,
        stacking: Stacking::Slices,
        pixel_spacing: Some(PixelSpacing {
            x_mm: 0.75,
            y_mm: 0.5,
            source: SpacingSource::PixelSpacing,
        }),
        slice_spacing_mm: Some(2.5),
        patient_from_voxel: affine.map(Affine),
        ..Grid::image(7, 5)
    }
}

fn matrix(value: &Value) -> Vec<f64> {
    let rows = value.as_array().unwrap().iter();
    rows.flat_map(|row| row.as_array().unwrap())
        .map(|value| value.as_f64().unwrap())
        .collect()
}

/// Compares a nibabel affine with one in LPS.
fn check_affine(found: &Value, affine: &[[f64; 4]; 3]) {
    let theirs = matrix(found);
    for (index, value) in affine.as_flattened().iter().enumerate() {
        let ras = if index < 8 { -value } else { *value };
        assert!(
            (theirs[index] - ras).abs() < 2e-5,
            "{theirs:?} and {affine:?}"
        );
    }
}

#[test]
fn masks_of_other_scans_lie_in_the_scanners_space() {
    let (s, c) = (0.3f64.sin(), 0.3f64.cos());
    let straight = [
        [0.75 * c, -0.5 * s, 0.0, -120.5],
        [0.75 * s, 0.5 * c, 0.0, 33.25],
        [0.0, 0.0, 2.5, 801.0],
    ];
    let backwards = straight.map(|[a, b, c, d]| [a, b, -c, d]);
    let sheared = [
        [0.75, 0.0, 0.3, 1.0],
        [0.0, 0.5, 0.0, 2.0],
        [0.0, 0.0, 2.5, 3.0],
    ];
    let folder = Folder::new("others");
    let places = [Some(straight), Some(backwards), Some(sheared), None];
    let mut files = Vec::new();
    let (masks, labels) = drawn(&grid(None), 2);
    for (count, place) in places.iter().enumerate() {
        let bytes = saved(&scan(grid(*place)), &masks, true);
        files.push(folder.write(&format!("{count}.nii.gz"), &bytes));
    }
    let Some(found) = folder.described(&files) else {
        return;
    };
    let codes = [[1, 1], [1, 1], [0, 1], [0, 0]];
    for ((found, place), codes) in found.iter().zip(places).zip(codes) {
        assert_eq!(found["kind"], "Nifti1Image");
        assert_eq!(found["codes"], serde_json::json!(codes));
        assert_eq!(found["shape"], serde_json::json!([7, 5, 4]));
        assert_eq!(found["units"], 2);
        if let Some(place) = place {
            check_affine(&found["sform"], &place);
            check_affine(&found["affine"], &place);
        }
        if let (Some(place), 1) = (place, codes[0]) {
            check_affine(&found["qform"], &place);
        }
        check_labels(found, &labels, "uint8");
    }
    assert_eq!(found[3]["pixdim"], serde_json::json!([1.0, 0.75, 0.5, 2.5]));
}

#[test]
fn many_labels_take_16_bits() {
    let folder = Folder::new("many");
    let grid = grid(None);
    let (masks, labels) = drawn(&grid, 300);
    assert!(labels.iter().any(|&label| label > 255));
    let file = folder.write("many.nii", &saved(&scan(grid), &masks, false));
    if let Some(found) = folder.described(&[file]) {
        check_labels(&found[0], &labels, "uint16");
    }
}

#[test]
fn saved_files_open_here_in_the_same_place() {
    let s = 0.6;
    let c = 0.8;
    let place = [
        [0.75 * c, -0.5 * s, 0.0, -1.0],
        [0.75 * s, 0.5 * c, 0.0, 2.0],
        [0.0, 0.0, 2.5, 3.0],
    ];
    let grid = grid(Some(place));
    let (masks, labels) = drawn(&grid, 2);
    let first = saved(&scan(grid.clone()), &masks, true);
    assert_eq!(
        first,
        saved(&scan(grid.clone()), &masks, true),
        "the same each time"
    );
    let opened = open(&first, &Limits::default()).unwrap();
    assert_eq!(opened.grid().size(), grid.size());
    let Voxels::U8(numbers) = opened.voxels() else {
        panic!("{:?}", opened.voxels());
    };
    assert!(numbers.iter().map(|&number| u16::from(number)).eq(labels));
    let affine = opened.grid().patient_from_voxel.unwrap();
    for (ours, theirs) in affine.0.as_flattened().iter().zip(place.as_flattened()) {
        assert!((ours - theirs).abs() < 1e-6);
    }
    assert_eq!(saved(&opened, &masks, true), first, "and again");
}

#[test]
fn a_mask_of_another_grid_is_refused() {
    let grid = grid(None);
    let mask = VolumeMask::empty(&Grid::image(7, 5));
    let error = export::nifti(&scan(grid), &[&mask], false).unwrap_err();
    assert!(matches!(error, Error::GridsDiffer { .. }));
}

/// `pixdim` of columns and rows, and `xyzt_units`, for an image without a place.
fn spacing_and_unit(change: impl FnOnce(&mut Grid)) -> ([f32; 2], u8) {
    let mut grid = Grid::image(3, 2);
    change(&mut grid);
    let about = About::new(Format::Dicom, 8);
    let voxels = Voxels::U8(vec![0; 6]);
    let scan = Scan::new(grid, voxels, vec![Rescale::IDENTITY], about, Source::Raster).unwrap();
    let file = export::nifti(&scan, &[], false).unwrap();
    let float = |at: usize| f32::from_le_bytes(file[at..at + 4].try_into().unwrap());
    ([float(80), float(84)], file[123])
}

#[test]
fn a_size_that_is_not_that_of_every_pixel_is_not_written() {
    let sized = |source| {
        move |grid: &mut Grid| {
            let (x_mm, y_mm) = (0.5, 0.25);
            grid.pixel_spacing = Some(PixelSpacing { x_mm, y_mm, source });
        }
    };
    let of_pixel = spacing_and_unit(sized(SpacingSource::PixelSpacing));
    assert_eq!(of_pixel, ([0.5, 0.25], 2));
    let of_region = spacing_and_unit(sized(SpacingSource::UltrasoundRegion));
    assert_eq!(of_region, ([1.0, 1.0], 0));
    let of_shape = spacing_and_unit(|grid| grid.pixel_aspect = Some(1.5));
    assert_eq!(of_shape, ([1.0, 1.5], 0));
}

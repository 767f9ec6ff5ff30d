//! Saved NIfTI label maps, opened by SimpleITK (`tests/interop/simpleitk_labels.py`) as in 3D Slicer, ITK-SNAP and
//! ANTs: they lie where the scan does, or are rejected after a warning.

use crate::support::tools;
use std::path::{Path, PathBuf};

use crate::support::dicom_writer::{Data, Syntax, nth};
use crate::support::scans::placed;
use boxel_imaging::{
    About, Format, Grid, Limits, NamedFile, NiftiSource, PixelSpacing, Rescale, Scan, Source,
    SpacingSource, VolumeMask, Voxels, export, open, open_choice, survey,
};
use serde_json::Value;

fn at(affine: [[f64; 4]; 3], size: [u32; 3]) -> Scan {
    scan(placed(size, affine), Source::Raster)
}

fn scan(grid: Grid, source: Source) -> Scan {
    let voxels = Voxels::U8(vec![0; grid.voxels() as usize]);
    let about = About::new(Format::Dicom, 8);
    Scan::new(grid, voxels, vec![Rescale::IDENTITY], about, source).unwrap()
}

/// An affine from the steps along a row, down a column and to the next slice.
fn affine(row: [f64; 3], column: [f64; 3], step: [f64; 3]) -> [[f64; 4]; 3] {
    let origin = [-120.5, 33.25, 801.0];
    [0, 1, 2].map(|axis| [row[axis], column[axis], step[axis], origin[axis]])
}

/// A DICOM series with slices at these positions, which are given as text.
fn series(positions: &[String]) -> Scan {
    let data = (1..).zip(positions);
    let files: Vec<Vec<u8>> = data
        .map(|(n, position)| {
            let data: Data = nth(n, 0.0, 1).text(0x0020_0032, "DS", position);
            data.file(Syntax::Explicit)
        })
        .collect();
    let named: Vec<NamedFile<'_>> = files
        .iter()
        .map(|bytes| NamedFile { name: "x", bytes })
        .collect();
    let choices = survey(&named, &Limits::default()).unwrap();
    assert_eq!(choices.len(), 1);
    open_choice(&named, &choices[0], &Limits::default()).unwrap()
}

/// A mask without mirror symmetry, and its labels.
fn drawn(grid: &Grid) -> (VolumeMask, Vec<u8>) {
    let values: Vec<u8> = (0..grid.voxels())
        .map(|index| u8::from((index * index + 7) % 5 < 2))
        .collect();
    (VolumeMask::from_values(grid, &values).unwrap(), values)
}

/// What SimpleITK reads in the files; `None` without the tools.
fn read(name: &str, files: &[Vec<u8>]) -> Option<Vec<Value>> {
    let folder = std::env::temp_dir().join(format!("boxel-itk-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let paths: Vec<PathBuf> = (0..files.len())
        .map(|count| folder.join(format!("{count}.nii.gz")))
        .collect();
    for (path, bytes) in paths.iter().zip(files) {
        std::fs::write(path, bytes).unwrap();
    }
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let lines = tools::python("simpleitk_labels.py", &paths);
    std::fs::remove_dir_all(&folder).unwrap();
    let lines = lines?;
    Some(
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

/// Largest distance between a corner in the file and in the grid, in mm.
fn displacement(found: &Value, grid: &Grid) -> f64 {
    let far = grid.size().map(|side| side - 1);
    let corners = found["corners"].as_array().unwrap();
    assert_eq!(corners.len(), 8, "{found}");
    let displacements = corners.iter().enumerate().map(|(bits, corner)| {
        let at = [0, 1, 2].map(|axis| if bits >> axis & 1 == 1 { far[axis] } else { 0 });
        let ours = grid.patient_position(at).unwrap();
        let theirs = corner.as_array().unwrap();
        let square = |axis: usize| (theirs[axis].as_f64().unwrap() - ours[axis]).powi(2);
        (square(0) + square(1) + square(2)).sqrt()
    });
    displacements.fold(0.0, f64::max)
}

#[test]
fn every_plane_opens_where_the_scan_is() {
    let (s, c) = (0.3f64.sin(), 0.3f64.cos());
    let scans = [
        // Axial, coronal and sagittal slices, as scanners write them.
        at(
            affine([0.7, 0.0, 0.0], [0.0, 0.8, 0.0], [0.0, 0.0, 2.5]),
            [7, 5, 4],
        ),
        at(
            affine([0.7, 0.0, 0.0], [0.0, 0.0, -0.8], [0.0, 2.5, 0.0]),
            [7, 5, 4],
        ),
        at(
            affine([0.0, 0.7, 0.0], [0.0, 0.0, -0.8], [-2.5, 0.0, 0.0]),
            [7, 5, 4],
        ),
        // Left-handed, oblique, a single slice.
        at(
            affine([0.7, 0.0, 0.0], [0.0, 0.8, 0.0], [0.0, 0.0, -2.5]),
            [7, 5, 4],
        ),
        at(
            affine(
                [0.7 * c, 0.7 * s, 0.0],
                [-0.8 * s, 0.8 * c, 0.0],
                [0.0, 0.0, 2.5],
            ),
            [7, 5, 4],
        ),
        at(
            affine([0.7, 0.0, 0.0], [0.0, 0.8, 0.0], [0.0, 0.0, 5.0]),
            [7, 5, 1],
        ),
        series(&[0, 1, 2, 3].map(|k| format!("-10\\-20\\{}", 2 * k))),
    ];
    let labels = scans.each_ref().map(|scan| drawn(scan.grid()));
    let files: Vec<Vec<u8>> = scans
        .iter()
        .zip(&labels)
        .map(|(scan, (mask, _))| {
            assert_eq!(export::nifti_warning(scan), None);
            export::nifti(scan, &[mask], true).unwrap()
        })
        .collect();
    let Some(found) = read("planes", &files) else {
        return;
    };
    for (count, ((found, scan), (_, values))) in found.iter().zip(&scans).zip(&labels).enumerate() {
        assert_eq!(
            found["size"],
            serde_json::json!(scan.grid().size()),
            "{count}"
        );
        assert_eq!(found["labels"], serde_json::json!(values), "{count}");
        assert!(displacement(found, scan.grid()) < 1e-4, "{count}: {found}");
    }
    assert_eq!(found.len(), scans.len());
}

#[test]
fn images_and_frames_without_a_place_open() {
    for slices in [1, 3] {
        let grid = Grid {
            slices,
            pixel_spacing: Some(PixelSpacing {
                x_mm: 0.7,
                y_mm: 0.8,
                source: SpacingSource::PixelSpacing,
            }),
            ..Grid::image(7, 5)
        };
        let (mask, values) = drawn(&grid);
        let scan = scan(grid, Source::Raster);
        assert_eq!(export::nifti_warning(&scan), None);
        let error = export::nifti_resampled(&scan, &[&mask], true).unwrap_err();
        assert!(error.to_string().contains("nothing says where they lie"));
        let file = export::nifti(&scan, &[&mask], true).unwrap();
        if let Some(found) = read("image", &[file]) {
            assert_eq!(found[0]["size"], serde_json::json!([7, 5, slices]));
            assert_eq!(found[0]["labels"], serde_json::json!(values));
            let far = &found[0]["corners"][3];
            assert!(
                (far[0].as_f64().unwrap().abs() - 6.0 * 0.7).abs() < 1e-5,
                "{far}"
            );
        }
    }
}

/// Rounded positions and cosines, and a small drift: axes are not perpendicular enough for ITK, although nothing is
/// visibly displaced.
#[test]
fn rounded_geometry_opens_where_the_scan_is() {
    let rounded = |k: u32| {
        let k = f64::from(k);
        // An oblique step of 2.5 mm, rounded to two decimals.
        format!(
            "{:.2}\\{:.2}\\{:.2}",
            -10.0 + 0.003 * k,
            -20.0 - 0.002 * k,
            2.5 * k
        )
    };
    let cosines = |row: [f64; 3], column: [f64; 3]| {
        let unit = |v: [f64; 3]| {
            let length = v.iter().map(|x| x * x).sum::<f64>().sqrt();
            v.map(|x| 0.8 * x / length)
        };
        affine(unit(row), unit(column), [0.0, 0.0, 2.5])
    };
    let scans = [
        series(&[0, 1, 2, 3].map(rounded)),
        // cos 17.3° to three digits: row and column are at 89.98°.
        at(
            cosines([0.955, 0.297, 0.0], [-0.298, 0.955, 0.0]),
            [256, 256, 3],
        ),
        // A drift of 0.001 mm a slice over 200 slices.
        at(
            affine([0.8, 0.0, 0.0], [0.0, 0.8, 0.0], [0.001, 0.0, 2.5]),
            [64, 64, 200],
        ),
    ];
    let files: Vec<Vec<u8>> = scans
        .iter()
        .map(|scan| export::nifti(scan, &[&drawn(scan.grid()).0], true).unwrap())
        .collect();
    let Some(found) = read("rounded", &files) else {
        return;
    };
    for (found, scan) in found.iter().zip(&scans) {
        let lean = displacement(found, scan.grid());
        assert!(lean < 0.2, "{lean} mm: {}", found["error"]);
        assert_eq!(found["labels"], serde_json::json!(drawn(scan.grid()).1));
    }
    // The matrix stays exact, for readers that use it.
    for (file, scan) in files.iter().zip(&scans) {
        let again = open(file, &Limits::default()).unwrap();
        let far = scan.grid().size().map(|side| side - 1);
        let (a, b) = (
            again.grid().patient_position(far),
            scan.grid().patient_position(far),
        );
        for (a, b) in a.unwrap().into_iter().zip(b.unwrap()) {
            assert!((a - b).abs() < 1e-3, "{a} and {b}");
        }
    }
}

/// A gantry tilted by 10°.
#[test]
fn a_tilted_stack_is_rejected_by_itk_and_opens_resampled() {
    let tilted = at(
        affine(
            [0.8, 0.0, 0.0],
            [0.0, 0.8, 0.0],
            [0.0, 2.5 * 10f64.to_radians().tan(), 2.5],
        ),
        [7, 5, 12],
    );
    let (mask, _) = drawn(tilted.grid());
    let warning = export::nifti_warning(&tilted).unwrap();
    assert!(
        warning.contains("10.0°") && warning.contains("resampled"),
        "{warning}"
    );
    let as_it_is = export::nifti(&tilted, &[&mask], true).unwrap();
    let one = VolumeMask::from_values(
        tilted.grid(),
        &(0..tilted.grid().voxels())
            .map(|index| u8::from(index == 3 + 7 * (2 + 5 * 8)))
            .collect::<Vec<_>>(),
    );
    let resampled = export::nifti_resampled(&tilted, &[&mask, &one.unwrap()], true).unwrap();
    let Some(found) = read("tilted", &[as_it_is, resampled]) else {
        return;
    };
    let error = found[0]["error"].as_str().unwrap();
    assert!(error.contains("orthonormal direction cosines"), "{error}");
    // The slices shift by 12 · 0.441 mm, which is 6.06 rows.
    assert_eq!(found[1]["size"], serde_json::json!([7, 12, 12]));
    let labels = found[1]["labels"].as_array().unwrap();
    let at = labels.iter().position(|label| *label == 2).unwrap();
    let (i, j, k) = (at % 7, at / 7 % 12, at / 84);
    assert_eq!(labels.iter().filter(|label| **label == 2).count(), 1);
    // Voxel (3, 2, 8) of the scan is 8 · 0.4408 / 0.8 = 4.41 rows further down.
    assert_eq!((i, j, k), (3, 6, 8));
    assert_eq!(
        found[1]["corners"][0],
        serde_json::json!([-120.5, 33.25, 801.0])
    );
}

/// A source that ITK rejects is written unchanged, unless a quaternion describes the same place.
#[test]
fn masks_of_a_sheared_nifti_are_warned_of() {
    for (shear, is_refused) in [(0.0005, false), (0.6, true)] {
        let grid = at(
            affine([-0.8, 0.0, 0.0], [0.0, -0.8, 0.0], [shear, 0.0, 2.5]),
            [7, 5, 4],
        );
        let (mask, values) = drawn(grid.grid());
        let mut file = export::nifti(&grid, &[&mask], false).unwrap();
        // Clears qform_code.
        file[252] = 0;
        let source = open(&file, &Limits::default()).unwrap();
        assert!(matches!(
            source.source,
            Source::Nifti(NiftiSource { version: 1, .. })
        ));
        assert_eq!(export::nifti_warning(&source).is_some(), is_refused);
        let ours = export::nifti(&source, &[&mask], true).unwrap();
        let Some(found) = read("sheared", &[file, ours]) else {
            return;
        };
        assert!(found[0]["error"].is_string(), "{}", found[0]);
        match is_refused {
            true => assert!(found[1]["error"].is_string(), "{}", found[1]),
            false => {
                assert!(displacement(&found[1], source.grid()) < 0.01);
                assert_eq!(found[1]["labels"], serde_json::json!(values));
            }
        }
    }
}

/// A file whose quaternion rotates the grid by some degrees about the third axis, but whose matrix doesn't.
fn turned(degrees: f64, codes: [u8; 2]) -> Vec<u8> {
    let scan = at(
        affine([-0.8, 0.0, 0.0], [0.0, -0.8, 0.0], [0.0, 0.0, 2.5]),
        [64, 64, 12],
    );
    let mut file = export::nifti(&scan, &[&drawn(scan.grid()).0], false).unwrap();
    let [qform, sform] = codes;
    (file[252], file[254]) = (qform, sform);
    let d = (degrees.to_radians() / 2.0).sin() as f32;
    file[264..268].copy_from_slice(&d.to_le_bytes());
    file
}

/// The millimetres in a scan's note about its place, and the note.
fn told(scan: &Scan) -> Option<(f64, &str)> {
    let texts = scan.about.notes.iter().map(|note| note.text.as_str());
    let text = texts.into_iter().find(|text| text.contains("(sform)"))?;
    let words: Vec<&str> = text.split(' ').collect();
    let mm = words.iter().position(|word| *word == "mm").unwrap();
    Some((words[mm - 1].parse().unwrap(), text))
}

#[test]
fn two_places_in_a_file_give_a_note() {
    // A corner at 63 · 0.8 · √2 mm, rotated by 5°, moves by 6.2 mm.
    let cases = [
        ([1, 2], Some("which 3D Slicer, ITK-SNAP"), 6.2),
        ([2, 2], Some("which 3D Slicer, ITK-SNAP"), 6.2),
        ([1, 4], Some("which 3D Slicer, ITK-SNAP"), 6.2),
        ([1, 1], Some("other software may"), 0.0),
        ([2, 1], Some("other software may"), 0.0),
        ([0, 2], None, 0.0),
        ([1, 0], None, 0.0),
    ];
    let files = cases.map(|(codes, ..)| turned(5.0, codes));
    let scans = files
        .each_ref()
        .map(|file| open(file, &Limits::default()).unwrap());
    for ((codes, words, _), scan) in cases.iter().zip(&scans) {
        match (told(scan), words) {
            (Some((mm, text)), Some(words)) => {
                assert!(
                    text.contains(words) && text.contains("qform"),
                    "{codes:?}: {text}"
                );
                assert!((mm - 6.2).abs() < 0.06, "{codes:?}: {text}");
            }
            (found, words) => assert!(found.is_none() && words.is_none(), "{codes:?}: {found:?}"),
        }
    }
    // 0.05° moves it by 0.06 mm, which is not visible.
    let near = open(&turned(0.05, [1, 2]), &Limits::default()).unwrap();
    assert_eq!(told(&near), None);
    let Some(found) = read("turned", &files) else {
        return;
    };
    for (((codes, _, mm), scan), found) in cases.iter().zip(&scans).zip(&found) {
        let away = displacement(found, scan.grid());
        assert!((away - mm).abs() < 0.06, "{codes:?}: {away} mm");
    }
}

#[test]
fn a_sheared_file_gives_a_note() {
    // A shift of 0.25 mm per slice of 2.5 mm is a lean of 5.71°, half of which each axis gets.
    let scan = at(
        affine([-0.8, 0.0, 0.0], [0.0, -0.8, 0.0], [0.25, 0.0, 2.5]),
        [64, 64, 12],
    );
    let file = export::nifti(&scan, &[&drawn(scan.grid()).0], false).unwrap();
    let scan = open(&file, &Limits::default()).unwrap();
    let (mm, text) = told(&scan).unwrap();
    assert!(text.contains("5.71°") && text.contains("refuse"), "{text}");
    // 63 · 0.8 mm rotated by 2.86° is 2.5 mm; 11 · 2.51 mm is 1.4 mm, perpendicular to it.
    assert!((mm - 2.9).abs() < 0.15, "{text}");
    if let Some(found) = read("told", &[file]) {
        assert!(found[0]["error"].is_string());
    }

    // pixdim differs from the matrix: ITK's voxels are twice as long.
    let mut file = turned(0.0, [0, 1]);
    file[80..84].copy_from_slice(&1.6f32.to_le_bytes());
    let scan = open(&file, &Limits::default()).unwrap();
    let (mm, text) = told(&scan).unwrap();
    assert!(
        (mm - 63.0 * 0.8).abs() < 0.06 && text.contains("pixdim"),
        "{text}"
    );
    if let Some(found) = read("pixdim", &[file]) {
        let away = displacement(&found[0], scan.grid());
        assert!((away - mm).abs() < 0.06, "{away}");
    }
}

#[test]
fn a_nifti_2_is_warned_of_and_opens_resampled() {
    let scan = at(
        affine([0.7, 0.0, 0.0], [0.0, 0.8, 0.0], [0.0, 0.0, 2.5]),
        [7, 5, 4],
    );
    let (mask, values) = drawn(scan.grid());
    let first = export::nifti(&scan, &[&mask], false).unwrap();
    let again = open(&as_nifti_2(&first), &Limits::default()).unwrap();
    assert_eq!(again.about.format, Format::Nifti2);
    let warning = export::nifti_warning(&again).unwrap();
    assert!(warning.contains("NIfTI-2"), "{warning}");
    let kept = export::nifti(&again, &[&mask], true).unwrap();
    let resampled = export::nifti_resampled(&again, &[&mask], true).unwrap();
    let Some(found) = read("version", &[kept, resampled]) else {
        return;
    };
    assert!(found[0]["error"].is_string(), "{}", found[0]);
    assert_eq!(found[1]["labels"], serde_json::json!(values));
    assert!(displacement(&found[1], scan.grid()) < 1e-4);
}

/// The same file with a NIfTI-2 header, for its spatial fields.
fn as_nifti_2(file: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 544];
    bytes[..4].copy_from_slice(&540i32.to_le_bytes());
    bytes[4..12].copy_from_slice(b"n+2\0\r\n\x1a\n");
    bytes[12..16].copy_from_slice(&file[70..74]);
    for axis in 0..8 {
        let dim = i16::from_le_bytes([file[40 + 2 * axis], file[41 + 2 * axis]]);
        bytes[16 + 8 * axis..24 + 8 * axis].copy_from_slice(&i64::from(dim).to_le_bytes());
    }
    let number = |at: usize| f64::from(f32::from_le_bytes(*file[at..].first_chunk().unwrap()));
    let mut put = |at: usize, value: f64| bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
    (0..8).for_each(|axis| put(104 + 8 * axis, number(76 + 4 * axis)));
    (0..6).for_each(|index| put(352 + 8 * index, number(256 + 4 * index)));
    (0..12).for_each(|index| put(400 + 8 * index, number(280 + 4 * index)));
    put(176, 1.0);
    bytes[168..176].copy_from_slice(&544i64.to_le_bytes());
    for code in [344, 348] {
        bytes[code..code + 4].copy_from_slice(&1i32.to_le_bytes());
    }
    bytes[500..504].copy_from_slice(&2i32.to_le_bytes());
    bytes.extend(&file[352..]);
    bytes
}

//! Other programs read our surfaces, structure sets and segmentations of 3D Slicer, and we read theirs.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::objects::{masks, scan as small, voxels};
use crate::support::series::{self, Folder, INSTANCE, segment, segments_on};
use crate::support::tools;
use boxel_imaging::export::{Identity, Labelled, MeshFormat, rt_structures, seg_nrrd, surfaces};
use boxel_imaging::{Scan, VolumeMask};

/// What a script prints; `None` without the tools.
fn said(script: &str, args: &[&Path]) -> Option<Value> {
    Some(serde_json::from_str(&tools::python(script, args)?).unwrap())
}

/// A ball with a cavity and a ring with a hole through it, both with islands.
fn drawn(scan: &Scan) -> [VolumeMask; 2] {
    let middle = f64::from(scan.grid().slices - 1) / 2.0;
    let from = |[x, y, z]: [f64; 3], across: f64| {
        ((x - 30.0).powi(2) + (y - 22.0).powi(2))
            .sqrt()
            .hypot(across * (z - middle))
    };
    [
        voxels(scan.grid(), |at| {
            (from(at, 3.0) < 15.0 && from(at, 3.0) > 6.0) || at == [55.0, 5.0, 1.0]
        }),
        voxels(scan.grid(), |at| {
            (from(at, 0.0) < 20.0 && from(at, 0.0) > 12.0) || (at[0] < 4.0 && at[1] > 40.0)
        }),
    ]
}

#[test]
fn trimesh_reads_closed_surfaces_of_the_voxels_volume() {
    for turned in [false, true] {
        let scan = series::scan(&series::files(&series::even(9), turned));
        let folder = Folder::new(&format!("surfaces-{turned}"));
        for (at, mask) in drawn(&scan).iter().enumerate() {
            let object = Labelled {
                name: "Leber ß",
                colour: [10, 200, 30],
                mask,
            };
            let formats = [
                (MeshFormat::Stl, "stl"),
                (MeshFormat::Ply, "ply"),
                (MeshFormat::Obj, "obj"),
            ];
            let files = formats.map(|(format, extension)| {
                let bytes = surfaces(&scan, &[object], format).unwrap();
                folder.write(&format!("{at}.{extension}"), &bytes)
            });
            let Some(found) = said(
                "check_surfaces.py",
                &files.each_ref().map(|path| path.as_path()),
            ) else {
                return;
            };
            let volume = mask.count() as f64 * scan.grid().voxel_mm3(0).unwrap();
            for found in found.as_array().unwrap() {
                assert_eq!(
                    (&found["closed"], &found["outwards"]),
                    (&json!(true), &json!(true))
                );
                let off = found["volume"].as_f64().unwrap() / volume - 1.0;
                assert!(off.abs() < 0.01, "{off}");
                // The ball's cavity is a body of its own to trimesh.
                assert_eq!(found["bodies"], if at == 0 { 3 } else { 2 }, "{found}");
            }
            assert_eq!(found[1]["colours"], json!([[10, 200, 30]]));
        }
    }
}

#[test]
fn pynrrd_and_simpleitk_read_the_segments_of_a_seg_nrrd() {
    let scan = small();
    let masks = masks(scan.grid());
    let names = ["Right kidney", "Ödem <&>", "a", "none"];
    let segments = [0, 1, 2, 3].map(|at| segment(names[at], [255, 0, 51], &masks[at]));
    let folder = Folder::new("seg-nrrd");
    for (layers, chosen) in [(2, &segments[..]), (1, &[segments[0], segments[2]])] {
        let path = folder.write("a.seg.nrrd", &seg_nrrd(&scan, chosen).unwrap());
        let Some(found) = said("check_seg_nrrd.py", &[&path]) else {
            return;
        };
        assert_eq!(found["layers"], layers);
        for (at, (found, segment)) in found["segments"]
            .as_array()
            .unwrap()
            .iter()
            .zip(chosen)
            .enumerate()
        {
            let inside = segment
                .mask
                .values()
                .enumerate()
                .filter(|(_, inside)| *inside);
            let inside: Vec<usize> = inside.map(|(index, _)| index).collect();
            assert_eq!(found["voxels"], json!(inside));
            // pynrrd drops what isn't ASCII.
            assert_eq!(found["Name"], segment.label.replace('Ö', ""));
            assert_eq!(found["ID"], format!("Segment_{}", at + 1));
            assert_eq!(found["Color"], "1.000000 0.000000 0.200000");
        }
        let tags = found["segments"][0]["Tags"].as_str().unwrap();
        let kidney = "~SCT^91723000^Anatomical Structure~SCT^64033007^Kidney~SCT^24028007^Right~";
        assert!(tags.contains(kidney) && tags.contains("~^^~^^|"), "{tags}");
        assert!(
            tags.ends_with("|DICOM.SegmentAlgorithmType:MANUAL|"),
            "{tags}"
        );
        assert_eq!(found["segments"][0]["Extent"], "1 5 0 4 1 2");
        assert_eq!(found["space"], "left-posterior-superior");
        assert_eq!(found["size"], json!([7, 5, 4]));
        assert_eq!(found["spacing"], json!([0.5, 0.75, 3.0]));
        assert_eq!(
            found["axes"],
            json!([-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0])
        );
        if layers == 1 {
            let numbers = chosen[0].mask.values().zip(chosen[1].mask.values());
            let numbers: Vec<u8> = numbers
                .map(|(first, second)| u8::from(first) + 2 * u8::from(second))
                .collect();
            assert_eq!(found["values"], json!(numbers));
        }
    }
}

/// dciodvfy, which checks DICOM files against the standard.
#[test]
fn dciodvfy_finds_no_error_in_structures() {
    let program = tools::tools().map(|tools| tools.join("dicom3tools/usr/bin/dciodvfy"));
    let Some(program) = program.filter(|program| program.exists()) else {
        println!("SKIPPED: no dciodvfy, run `cargo xtask setup`");
        return;
    };
    let scan = series::scan(&series::files(&series::even(9), true));
    let masks = drawn(&scan);
    let segments = [0, 1].map(|at| segment("Ödem", [9, 8, at as u8], &masks[at]));
    let folder = Folder::new("structures-dciodvfy");
    for identity in [Identity::Linked, Identity::DeIdentified] {
        let file = rt_structures(&scan, &segments, identity, &INSTANCE).unwrap();
        let path = folder.write("a.dcm", &file);
        let output = Command::new(&program).arg(&path).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(said.lines().any(|line| line == "RTStructureSet"), "{said}");
        let errors: Vec<_> = said
            .lines()
            .filter(|line| line.starts_with("Error"))
            .collect();
        assert_eq!(errors, [""; 0], "{identity:?}");
    }
}

#[test]
fn rt_utils_reads_our_structures_and_we_read_its_own() {
    for turned in [false, true] {
        let files = series::files(&series::even(9), turned);
        let scan = series::scan(&files);
        let folder = Folder::new(&format!("structures-{turned}"));
        for (at, bytes) in files.iter().enumerate() {
            folder.write(&format!("series/{at}.dcm"), bytes);
        }
        let masks = drawn(&scan);
        let names = ["Liver", "Ring"];
        let segments = [0, 1].map(|at| segment(names[at], [9, 8, at as u8], &masks[at]));
        let ours = rt_structures(&scan, &segments, Identity::Linked, &INSTANCE).unwrap();
        folder.write("ours.dcm", &ours);
        let Some(found) = said("check_structures.py", &[folder.path()]) else {
            return;
        };
        assert_eq!(
            found,
            json!([
                { "name": "Liver", "colour": [9, 8, 0] },
                { "name": "Ring", "colour": [9, 8, 1] },
            ])
        );
        let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        let back = segments_on(&scan, &read("theirs.dcm")).unwrap();
        for (at, mask) in masks.iter().enumerate() {
            let read = VolumeMask::from_values(scan.grid(), &read(&format!("{at}.mask"))).unwrap();
            assert_eq!(mask.dice(&read), Ok(1.0), "{} by rt-utils", names[at]);
            assert_eq!(
                mask.dice(&back[at].mask),
                Ok(1.0),
                "{} of rt-utils",
                names[at]
            );
            assert_eq!(back[at].named.name, format!("Theirs {at}"));
            assert_eq!(back[at].named.color, Some([1, 2, 3]));
        }
    }
}

//! Other programs read our files with the intended content.

use crate::support::tools;
use std::path::Path;

use crate::support::objects::{NAMES, labelled, mask, masks, scan, volume_grid};
use boxel_imaging::export::{Labelled, case_npz, coco_json, measures_csv, segs_npz};
use boxel_imaging::{About, Format, Grid, Plane, Scan, SlicePlane, VolumeMask, Voxels, Window};
use serde_json::{Value, json};

/// What a script reads in a file; `None` without the tools.
fn checked(script: &str, name: &str, bytes: &[u8]) -> Option<Value> {
    let file = std::env::temp_dir().join(format!("boxel-{}-{name}", std::process::id()));
    std::fs::write(&file, bytes).unwrap();
    let said = tools::python(script, &[Path::new(&file)]);
    std::fs::remove_file(&file).unwrap();
    Some(serde_json::from_str(&said?).unwrap())
}

#[test]
fn pycocotools_reads_the_same_masks() {
    let grid = volume_grid();
    let masks = masks(&grid);
    for plane in SlicePlane::planes(&grid) {
        let slice_plane = SlicePlane::new(&grid, plane);
        let file = coco_json(&grid, &slice_plane, &labelled(&masks)).unwrap();
        let Some(found) = checked("check_coco.py", "coco.json", file.as_bytes()) else {
            return;
        };
        let mut expected = Vec::new();
        for (name, volume) in NAMES.iter().zip(&masks) {
            for slice in volume.slices(&slice_plane) {
                let mask = volume.slice(&slice_plane, slice);
                let bounds = mask.bounds().unwrap();
                let (width, height) = (bounds.x1 - bounds.x0, bounds.y1 - bounds.y0);
                let bbox = [bounds.x0, bounds.y0, width, height];
                expected.push(json!({
                    "image": slice + 1,
                    "file": format!("slice-{:04}.png", slice + 1),
                    "category": name,
                    "area": [mask.area_px(), mask.area_px()],
                    "bbox": [bbox, bbox],
                    "mask": mask.values(),
                }));
            }
        }
        assert_eq!(found, Value::from(expected), "{plane:?}");
    }
}

/// Runs of all lengths and differences, as in large masks.
#[test]
fn pycocotools_reads_long_runs() {
    let grid = Grid::image(300, 700);
    let slice_plane = SlicePlane::first(&grid);
    let noisy = mask(&grid, |[i, j, _]| (i * i + 7 * j * j / (1 + i)) % 97 < 40);
    let blocks = mask(&grid, |[i, j, _]| i / 90 % 2 == 1 || (i == 3 && j > 5));
    let objects = [&noisy, &blocks].map(|mask| Labelled {
        name: "a",
        colour: [0; 3],
        mask,
    });
    let file = coco_json(&grid, &slice_plane, &objects).unwrap();
    let parsed: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(parsed["categories"].as_array().unwrap().len(), 1);
    let Some(found) = checked("check_coco.py", "runs.json", file.as_bytes()) else {
        return;
    };
    for (found, mask) in found.as_array().unwrap().iter().zip([&noisy, &blocks]) {
        assert_eq!(found["mask"], json!(mask.slice(&slice_plane, 0).values()));
    }
}

#[test]
fn numpy_reads_the_segmentation() {
    let grid = volume_grid();
    let masks = masks(&grid);
    let [ring, diagonal, plane, _] = &masks;
    let expected: Vec<u8> = ring
        .values()
        .zip(diagonal.values().zip(plane.values()))
        .map(|(ring, (diagonal, plane))| match (ring, diagonal, plane) {
            (_, _, true) => 3,
            (_, true, _) => 2,
            (true, _, _) => 1,
            _ => 0,
        })
        .collect();
    let file = segs_npz(&grid, &labelled(&masks)).unwrap();
    let Some(found) = checked("check_npz.py", "segs.npz", &file) else {
        return;
    };
    let segs = json!({ "dtype": "|u1", "shape": [4, 5, 7], "values": expected });
    assert_eq!(found, json!({ "segs": segs }));

    // More labels than fit a byte.
    let image = Grid::image(20, 15);
    let pixels: Vec<VolumeMask> = (0..300)
        .map(|at| mask(&image, |[i, j, _]| j * 20 + i == at))
        .collect();
    let objects: Vec<Labelled<'_>> = pixels
        .iter()
        .map(|mask| Labelled {
            name: "",
            colour: [0; 3],
            mask,
        })
        .collect();
    let file = segs_npz(&image, &objects).unwrap();
    let found = checked("check_npz.py", "wide.npz", &file).unwrap();
    let labels: Vec<u32> = (1..=300).collect();
    let segs = json!({ "dtype": "<u2", "shape": [15, 20], "values": labels });
    assert_eq!(found, json!({ "segs": segs }));
}

#[test]
fn numpy_reads_a_case_of_the_challenge() {
    let scan = scan();
    let masks = masks(scan.grid());
    let window = Window::Linear {
        level: 0.0,
        width: 400.0,
    };
    let file = case_npz(&scan, window, &labelled(&masks)).unwrap();
    let Some(found) = checked("check_npz.py", "case.npz", &file) else {
        return;
    };
    let stored = SlicePlane::new(scan.grid(), Plane::Stored);
    let greys: Vec<u8> = (0..4)
        .flat_map(|slice| scan.render(&stored, slice, window).pixels().to_vec())
        .step_by(3)
        .collect();
    let imgs = json!({ "dtype": "|u1", "shape": [4, 5, 7], "values": greys });
    assert_eq!(found["imgs"], imgs);
    assert_eq!(found["gts"]["shape"], json!([4, 5, 7]));
    assert_eq!(found["spacing"]["values"], json!([0.5, 0.75, 3.0]));
    let boxes = [[1, 0, 1, 6, 5, 3], [0, 0, 0, 5, 5, 4], [0, 0, 3, 7, 5, 4]];
    let boxes = json!({ "dtype": "<i8", "shape": [3, 6], "values": boxes.as_flattened() });
    assert_eq!(found["boxes"], boxes);

    let about = About::new(Format::Png, 8);
    let pixels: Vec<u8> = (0..18).collect();
    let image = Scan::from_image(3, 2, Voxels::Rgb8(pixels.clone()), about).unwrap();
    let corner = mask(image.grid(), |[i, j, _]| i == 2 && j == 1);
    let object = Labelled {
        name: "a",
        colour: [0; 3],
        mask: &corner,
    };
    let file = case_npz(&image, Window::Stored, &[object]).unwrap();
    let found = checked("check_npz.py", "image.npz", &file).unwrap();
    let expected = json!({
        "imgs": { "dtype": "|u1", "shape": [2, 3, 3], "values": pixels },
        "gts": { "dtype": "|u1", "shape": [2, 3], "values": [0, 0, 0, 0, 0, 1] },
        "boxes": { "dtype": "<i8", "shape": [1, 4], "values": [2, 1, 3, 2] },
    });
    assert_eq!(found, expected);
}

#[test]
fn a_table_is_read_back() {
    let scan = scan();
    let masks = masks(scan.grid());
    let slice_plane = SlicePlane::first(scan.grid());
    let table = measures_csv(&scan, &slice_plane, &labelled(&masks)).unwrap();
    let Some(rows) = checked("check_csv.py", "table.csv", table.as_bytes()) else {
        return;
    };
    let rows: Vec<Vec<String>> = serde_json::from_value(rows).unwrap();
    // 2 + 4 + 1 slices, 4 volumes, and the header.
    assert_eq!(rows.len(), 12);
    let cell = |row: usize, name: &str| {
        let column = rows[0].iter().position(|cell| cell == name).unwrap();
        rows[row][column].as_str()
    };
    assert!(rows.iter().all(|row| row.len() == rows[0].len()));
    assert_eq!(cell(1, "label"), "'=Tumor, \"left\"", "a formula is text");
    assert_eq!(cell(4, "label"), "Ödem <&>");
    assert_eq!((cell(1, "extent"), cell(1, "slice")), ("slice", "2"));
    assert_eq!((cell(1, "area_px"), cell(1, "area_mm2")), ("16", "6"));
    assert_eq!((cell(1, "voxels"), cell(1, "volume_ml")), ("", ""));
    assert_eq!(
        (cell(1, "unit"), cell(1, "spacing_source")),
        ("HU", "pixel_spacing")
    );
    assert_eq!((cell(1, "plane"), cell(3, "extent")), ("axial", "volume"));
    // 32 voxels of 0.5 × 0.75 × 3 mm³.
    assert_eq!((cell(3, "voxels"), cell(3, "volume_ml")), ("32", "0.036"));
    assert_eq!((cell(3, "slice"), cell(3, "area_px")), ("", ""));
    assert_eq!(cell(3, "long_axis_mm"), cell(1, "long_axis_mm"));
    assert_eq!((cell(1, "size_of"), cell(1, "axes_slice")), ("object", "2"));
    assert_eq!(cell(3, "axes_slice"), cell(1, "axes_slice"));
    let number = |row: usize, name: &str| cell(row, name).parse::<f64>().unwrap();
    for axis in ["long_axis", "short_axis"] {
        let point = |end: u32, space: &str| {
            let names = ["x", "y", "z"].map(|along| format!("{axis}_{along}{end}_{space}"));
            let known = if space == "mm" { 3 } else { 2 };
            names[..known]
                .iter()
                .map(|name| number(1, name))
                .collect::<Vec<_>>()
        };
        let apart: f64 = point(0, "mm")
            .iter()
            .zip(point(1, "mm"))
            .map(|(a, b)| (b - a).powi(2))
            .sum();
        assert!((apart.sqrt() - number(1, &format!("{axis}_mm"))).abs() < 1e-3);
        let (from, to) = (point(0, "px"), point(1, "px"));
        let [across, down] = [(to[0] - from[0]) * 0.5, (to[1] - from[1]) * 0.75];
        assert!((across.hypot(down) - number(1, &format!("{axis}_mm"))).abs() < 1e-3);
    }
    assert_eq!(cell(11, "voxels"), "0");
    assert_eq!(
        [cell(11, "axes_slice"), cell(11, "long_axis_x0_px")],
        ["", ""]
    );
    assert_eq!([cell(11, "mean"), cell(11, "long_axis_px")], ["", ""]);
    let first = 3 * (3 * 35) - 200;
    assert_eq!(
        (cell(10, "min"), cell(10, "max")),
        ("115", &*(first + 34 * 3).to_string())
    );
    assert_eq!(cell(10, "mean"), "166");
    // 35 equidistant values: 3 √(35 · 36 / 12).
    assert!((cell(10, "sd").parse::<f64>().unwrap() - 30.740_852_3).abs() < 1e-6);
}

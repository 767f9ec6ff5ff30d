//! Mosaics of Siemens and United Imaging: slices next to each other in one image.

use crate::support::dicom_files::{Files, assert_near, firsts, place};
use crate::support::dicom_writer::{Data, Value, nth};
use crate::support::scans::{codes, texts};
use boxel_imaging::{NoteCode, Stacking};

const ORIENTATION: u32 = 0x0020_0037;

/// A mosaic of `down` rows and `across` columns of slices of 4×3 pixels; every pixel has its slice's number.
fn mosaic(across: u16, down: u16, word: &str) -> Data {
    let row = |row: u16| (0..across * 4).map(move |column| row / 3 * across + column / 4);
    nth(1, 30.0, 0)
        .text(0x0008_0060, "CS", "MR")
        .text(
            0x0008_0008,
            "CS",
            &format!("ORIGINAL\\PRIMARY\\M\\ND\\{word}"),
        )
        .text(0x0018_0088, "DS", "3.5")
        .u16(0x0028_0010, 3 * down)
        .u16(0x0028_0011, 4 * across)
        .words((0..down * 3).flat_map(row).collect())
}

/// A CSA header of the second version with the given elements.
fn csa(elements: &[(&str, &[&str])]) -> Value {
    let mut out = b"SV10\x04\x03\x02\x01".to_vec();
    let put = |out: &mut Vec<u8>, numbers: &[u32]| {
        out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    };
    put(&mut out, &[elements.len() as u32, 77]);
    for (name, values) in elements {
        let mut named = name.as_bytes().to_vec();
        named.resize(64, 0);
        out.extend(named);
        put(
            &mut out,
            &[values.len() as u32, 0x4446, 4, values.len() as u32, 77],
        );
        for value in *values {
            let length = value.len() as u32 + 1;
            put(&mut out, &[length, length, 77, length]);
            out.extend(value.as_bytes());
            out.push(0);
            out.resize(out.len().next_multiple_of(4), 0);
        }
    }
    Value::Bytes(out)
}

fn siemens(normal: &[&str]) -> Data {
    let header = csa(&[
        ("EchoLinePosition", &["32"]),
        ("NumberOfImagesInMosaic", &["7"]),
        ("SliceNormalVector", normal),
    ]);
    mosaic(3, 3, "MOSAIC")
        .text(0x0029_0011, "LO", "SIEMENS CSA HEADER")
        .set(0x0029_1110, "OB", header)
}

#[test]
fn slices_of_siemens_lie_as_nibabel_says() {
    let files = Files::of(&[siemens(&["0.0", "0.0", "1.0"])]);
    assert_eq!(files.labels(), ["MR, series 3, 7 slices of 4×3, axial"]);
    let scan = files.scan(0);
    assert_eq!(firsts(&scan), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    // All pixels of a slice come from it.
    let all: Vec<f64> = (0..12 * 7)
        .map(|at| scan.voxels().grey(at).unwrap())
        .collect();
    let expected: Vec<f64> = (0..12 * 7).map(|at| f64::from(at / 12)).collect();
    assert_eq!(all, expected);
    // −10 + (12 − 4) / 2 · 0.5 and −20 + (9 − 3) / 2 · 0.75.
    assert_near(place(&scan, [0.0, 0.0, 0.0]), [-8.0, -17.75, 30.0]);
    assert_near(place(&scan, [1.0, 1.0, 6.0]), [-7.5, -17.0, 51.0]);
    assert_eq!(codes(&scan), []);
}

#[test]
fn slices_of_siemens_may_be_stacked_against_the_normal() {
    // Sagittal: rows to the back, columns to the feet; the normal points to the right.
    let data = siemens(&["1.0", "0.0", "0.0"]).text(ORIENTATION, "DS", "0\\1\\0\\0\\0\\-1");
    let scan = Files::of(&[data]).scan(0);
    assert_eq!(scan.grid().stacking, Stacking::Slices);
    // The mosaic's first slice is the rightmost, so it comes last along the normal.
    assert_eq!(firsts(&scan), [6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0]);
    assert_near(place(&scan, [0.0, 0.0, 6.0]), [-10.0, -18.0, 27.75]);
    assert_near(place(&scan, [0.0, 0.0, 0.0]), [11.0, -18.0, 27.75]);
}

#[test]
fn volumes_of_a_time_series_are_choices() {
    let at = |number: u32| {
        siemens(&["0.0", "0.0", "1.0"])
            .text(0x0008_0018, "UI", &format!("2.25.{number}"))
            .text(0x0020_0013, "IS", &number.to_string())
    };
    let files = Files::of(&[at(1), at(2), at(3)]);
    assert_eq!(files.all_firsts().len(), 3);
    assert_eq!(
        files.labels()[2],
        "MR, series 3, 7 slices of 4×3, axial (3 of 3)"
    );
}

#[test]
fn without_a_direction_slices_have_no_place() {
    // What remains after the CSA header is removed.
    let counted = |count: u16| {
        mosaic(3, 3, "MOSAIC")
            .text(0x0019_0010, "LO", "SIEMENS MR HEADER")
            .u16(0x0019_100a, count)
    };
    let scan = Files::of(&[counted(8)]).scan(0);
    assert_eq!(scan.grid().size(), [4, 3, 8]);
    assert_eq!(scan.grid().stacking, Stacking::Slices);
    assert_eq!(scan.grid().patient_from_voxel, None);
    assert_eq!(firsts(&scan)[7], 7.0);
    assert_eq!(codes(&scan), [NoteCode::NoPositions]);
    assert!(texts(&scan)[0].contains("in which direction"));

    // The number of slice times gives the number of slices.
    let times = (0..7).flat_map(|k| f64::from(k).to_le_bytes()).collect();
    let timed = mosaic(3, 3, "MOSAIC")
        .text(0x0019_0010, "LO", "SIEMENS MR HEADER")
        .set(0x0019_1029, "FD", Value::Bytes(times));
    assert_eq!(Files::of(&[timed]).scan(0).grid().slices, 7);

    // A normal that doesn't belong to the orientation.
    let scan = Files::of(&[siemens(&["0.0", "1.0", "0.0"])]).scan(0);
    assert_eq!(scan.grid().patient_from_voxel, None);

    // A slice that another program extracted from a mosaic.
    let acquired = Value::U16(vec![9, 0, 0, 12]);
    let scan = Files::of(&[mosaic(3, 3, "MOSAIC").set(0x0018_1310, "US", acquired)]).scan(0);
    assert_near(place(&scan, [0.0, 0.0, 0.0]), [-10.0, -20.0, 30.0]);
    assert_eq!(codes(&scan), []);

    // Without a number of slices, and with one that doesn't fit.
    for data in [mosaic(3, 3, "MOSAIC"), counted(30)] {
        let scan = Files::of(&[data]).scan(0);
        assert_eq!(scan.grid().size(), [12, 9, 1]);
        assert_eq!(scan.grid().patient_from_voxel, None);
        assert_eq!(codes(&scan), [NoteCode::NoPositions]);
    }

    // Several such images are not a volume either.
    let at = |n: &str| mosaic(3, 3, "MOSAIC").text(0x0020_0013, "IS", n);
    let scan = Files::of(&[at("1"), at("2"), at("3")]).scan(0);
    assert_eq!(scan.grid().stacking, Stacking::Frames);
    assert_eq!(scan.grid().slices, 3);
}

#[test]
fn slices_of_united_imaging_lie_where_their_items_say() {
    // Five slices in two rows of three.
    let item = |k: u32| {
        let position = format!("-10\\-20\\{}", 30.0 - 3.5 * f64::from(k));
        Data::default().text(0x0020_0032, "DS", &position)
    };
    let grid = mosaic(3, 2, "VFRAME")
        .text(0x0065_0010, "LO", "Image Private Header")
        .text(0x0065_1050, "DS", "5");
    let whole = grid.clone().items(0x0065_1051, (0..5).map(item).collect());
    let scan = Files::of(&[whole]).scan(0);
    assert_eq!(scan.grid().size(), [4, 3, 5]);
    assert_eq!(firsts(&scan), [4.0, 3.0, 2.0, 1.0, 0.0]);
    assert_near(place(&scan, [0.0, 0.0, 4.0]), [-10.0, -20.0, 30.0]);
    assert_near(place(&scan, [0.0, 0.0, 0.0]), [-10.0, -20.0, 16.0]);
    assert_eq!(codes(&scan), []);

    let scan = Files::of(&[grid]).scan(0);
    assert_eq!(scan.grid().size(), [4, 3, 5]);
    assert_eq!(scan.grid().patient_from_voxel, None);
    assert_eq!(codes(&scan), [NoteCode::NoPositions]);
}

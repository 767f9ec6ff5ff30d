//! Copies, series, and images that share a UID; and how samples are stored.

use crate::support::dicom_files::{Files, firsts};
use crate::support::dicom_writer::{Data, Syntax, Value, nth, slice};
use crate::support::scans::{codes, texts};
use boxel_imaging::{NoteCode, Voxels};

const SOP_INSTANCE: u32 = 0x0008_0018;
const SERIES: u32 = 0x0020_000e;

fn volume(count: u32) -> Vec<Data> {
    (1..=count)
        .map(|n| nth(n, f64::from(n) * 2.5, n as u16))
        .collect()
}

fn one_uid(data: Data) -> Data {
    data.text(SOP_INSTANCE, "UI", "2.25.7")
}

#[test]
fn slices_with_one_uid_are_a_volume() {
    let data: Vec<Data> = volume(12).into_iter().map(one_uid).collect();
    let files = Files::of(&data);
    assert_eq!(files.labels(), ["CT, series 3, 12 slices of 4×3, axial"]);
    let scan = files.scan(0);
    let expected: Vec<f64> = (1..=12).map(f64::from).collect();
    assert_eq!(firsts(&scan), expected);
    assert_eq!(texts(&scan), [""; 0]);
}

#[test]
fn one_uid_in_two_series_hides_neither() {
    let other = |data: Data| one_uid(data).text(SERIES, "UI", "2.25.9");
    let mut data: Vec<Data> = volume(3).into_iter().map(one_uid).collect();
    data.extend(volume(3).into_iter().map(other));
    let files = Files::of(&data);
    assert_eq!(files.all_firsts(), [[1.0, 2.0, 3.0]; 2]);
    for choice in 0..2 {
        assert_eq!(texts(&files.scan(choice)), [""; 0]);
    }
}

#[test]
fn a_copy_counts_once_however_it_is_encoded() {
    let data = volume(4);
    for syntax in [
        Syntax::Explicit,
        Syntax::Implicit,
        Syntax::Big,
        Syntax::Deflated,
    ] {
        let mut files = Files::of(&data);
        files.0.push(data[1].file(syntax));
        files.0.insert(0, data[3].file(syntax));
        assert_eq!(files.all_firsts(), [[1.0, 2.0, 3.0, 4.0]], "{syntax:?}");
        let scan = files.scan(0);
        assert_eq!(codes(&scan), [NoteCode::DuplicateSlice]);
        assert_eq!(
            texts(&scan),
            ["2 files are copies of others and were left out."]
        );
    }
}

#[test]
fn equal_uids_at_one_place_with_other_pixels_give_a_note() {
    let mut data: Vec<Data> = volume(4).into_iter().map(one_uid).collect();
    data.push(one_uid(nth(2, 5.0, 99)));
    let scan = Files::of(&data).scan(0);
    assert_eq!(firsts(&scan), [1.0, 2.0, 3.0, 4.0]);
    let text = "1 slice lies where another one does and was left out.";
    assert_eq!(texts(&scan), [text]);
}

#[test]
fn black_slices_of_two_phases_are_not_copies() {
    // All have one UID, and the outer slices of both phases are black.
    let phase = |first: u32, value: u16| {
        (0..4).map(move |k| {
            let stored = if k == 0 || k == 3 { 0 } else { value };
            one_uid(nth(first + k, f64::from(k) * 2.5, stored))
        })
    };
    let data: Vec<Data> = phase(1, 10).chain(phase(5, 20)).collect();
    let files = Files::of(&data);
    let expected = [[0.0, 10.0, 10.0, 0.0], [0.0, 20.0, 20.0, 0.0]];
    assert_eq!(files.all_firsts(), expected);
}

#[test]
fn a_copy_of_a_multi_frame_image_gives_a_note() {
    let cine = slice()
        .text(0x0008_0060, "CS", "US")
        .text(0x0028_0008, "IS", "3")
        .without(0x0020_0032)
        .words((0..3u16).flat_map(|n| vec![n; 12]).collect());
    let files = Files::of(&[cine.clone(), cine]);
    assert_eq!(files.all_firsts(), [[0.0, 1.0, 2.0]]);
    assert_eq!(
        texts(&files.scan(0))[0],
        "1 file is there twice and counts once."
    );
}

#[test]
fn how_samples_are_stored_does_not_divide_a_series() {
    let bits = |data: Data, stored: u16| data.u16(0x0028_0101, stored).u16(0x0028_0102, stored - 1);
    // Signed 12-bit samples are −2048 to 2047; the other slices differ in bits, sign, high bit and cell size.
    let unsigned_8 = nth(4, 15.0, 0)
        .u16(0x0028_0100, 8)
        .u16(0x0028_0101, 8)
        .u16(0x0028_0102, 7)
        .u16(0x0028_0103, 0)
        .set(0x7fe0_0010, "OB", Value::Bytes(vec![200; 12]));
    let unsigned_16 = bits(nth(5, 20.0, 60_000), 16).u16(0x0028_0103, 0);
    let shifted = nth(6, 25.0, 0x7d00).u16(0x0028_0102, 15);
    let files = Files::of(&[
        nth(1, 0.0, 0x0fff),
        bits(nth(2, 5.0, 0x07ff), 11),
        bits(nth(3, 10.0, 0x03ff), 11),
        unsigned_8,
        unsigned_16,
        shifted,
    ]);
    assert_eq!(files.labels(), ["CT, series 3, 6 slices of 4×3, axial"]);
    let scan = files.scan(0);
    // No 16-bit type holds both 60,000 and −1.
    assert!(matches!(scan.voxels(), Voxels::I32(_)));
    assert_eq!(firsts(&scan), [-1.0, -1.0, 1023.0, 200.0, 60_000.0, 2000.0]);
    assert_eq!(scan.value([0, 0, 4]), Some(2.0 * 60_000.0 - 10.0));
}

#[test]
fn other_transfer_syntaxes_are_one_series() {
    let syntaxes = [
        Syntax::Explicit,
        Syntax::Big,
        Syntax::Implicit,
        Syntax::Deflated,
    ];
    let files = volume(4).into_iter().zip(syntaxes);
    let files = Files(files.map(|(data, syntax)| data.file(syntax)).collect());
    assert_eq!(files.all_firsts(), [[1.0, 2.0, 3.0, 4.0]]);
}

#[test]
fn colours_are_one_series_and_grey_another() {
    let colour = |n: u32, name: &str, planar: u16, pixels: Vec<u8>| {
        nth(n, f64::from(n) * 5.0, 0)
            .u16(0x0028_0002, 3)
            .text(0x0028_0004, "CS", name)
            .u16(0x0028_0006, planar)
            .u16(0x0028_0100, 8)
            .u16(0x0028_0101, 8)
            .u16(0x0028_0102, 7)
            .u16(0x0028_0103, 0)
            .set(0x7fe0_0010, "OB", Value::Bytes(pixels))
    };
    let planes = [10, 20, 30].map(|value| [value; 12]).concat();
    let files = Files::of(&[
        colour(1, "RGB", 0, [10, 20, 30].repeat(12)),
        colour(2, "RGB", 1, planes),
        // Y is 16, without colour.
        colour(3, "YBR_FULL", 0, [16, 128, 128].repeat(12)),
        nth(4, 20.0, 4),
    ]);
    let labels = files.labels();
    assert_eq!(labels.len(), 2, "{labels:?}");
    let Voxels::Rgb8(values) = files.scan(0).voxels().clone() else {
        panic!("another type");
    };
    let firsts: Vec<&[u8]> = values.chunks(36).map(|slice| &slice[..3]).collect();
    assert_eq!(firsts, [[10, 20, 30], [10, 20, 30], [16, 16, 16]]);
    assert_eq!(firsts_of_grey(&files), [4.0]);
}

fn firsts_of_grey(files: &Files) -> Vec<f64> {
    firsts(&files.scan(1))
}

#[test]
fn an_image_that_cannot_be_opened_is_noted_in_its_series() {
    let mut data = volume(4);
    data.push(nth(5, 12.5, 5).without(0x0028_0010));
    let other = |n| nth(n, f64::from(n), n as u16).text(SERIES, "UI", "2.25.9");
    data.extend([other(1), other(2)]);
    let files = Files::of(&data);
    let scan = files.scan(0);
    assert_eq!(firsts(&scan), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(codes(&scan), [NoteCode::Reading]);
    let text = texts(&scan)[0];
    assert!(
        text.starts_with("1 image is left out: ") && text.contains("Rows"),
        "{text}"
    );
    assert_eq!(codes(&files.scan(1)), []);
}

//! Damaged JPEG data are rejected, or opened with a note; missing pixels never become grey silently. As files and as
//! DICOM fragments.

use crate::support::dicom_writer::{Syntax, Value, slice};
use crate::support::fixtures;
use crate::support::jpeg_writer;
use crate::support::jpeg_writer::{data_begin, grey, lossless};
use crate::support::scans::texts;
use boxel_imaging::{Error, Limits, Scan, Voxels, open};

const BASELINE: Syntax = Syntax::Other("1.2.840.10008.1.2.4.50");
const LOSSLESS: Syntax = Syntax::Other("1.2.840.10008.1.2.4.70");

fn level(column: u32, row: u32) -> i32 {
    (40 + 8 * column + 16 * row) as i32
}

/// A sound image of 64 by 48 pixels.
fn sound() -> Vec<u8> {
    grey(64, 48, level).file()
}

/// The same JPEG in a DICOM file.
fn fragment(jpeg: &[u8]) -> Vec<u8> {
    let data = slice()
        .u16(0x0028_0010, 48)
        .u16(0x0028_0011, 64)
        .u16(0x0028_0100, 8)
        .u16(0x0028_0101, 8)
        .u16(0x0028_0102, 7)
        .u16(0x0028_0103, 0)
        .without(0x0028_1052)
        .without(0x0028_1053);
    let mut jpeg = jpeg.to_vec();
    jpeg.resize(jpeg.len().next_multiple_of(2), 0);
    let fragments = Value::Fragments(vec![Vec::new(), jpeg]);
    data.set(0x7fe0_0010, "OB", fragments).file(BASELINE)
}

fn opened(bytes: &[u8]) -> Result<Scan, Error> {
    open(bytes, &Limits::default())
}

/// Opens the JPEG as a file and as a fragment.
fn both(jpeg: &[u8]) -> [Result<Scan, Error>; 2] {
    [opened(jpeg), opened(&fragment(jpeg))]
}

fn all_refuse(jpeg: &[u8], word: &str) {
    for found in both(jpeg) {
        let error = found.unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

fn all_note(jpeg: &[u8], word: &str) {
    for found in both(jpeg) {
        let scan = found.unwrap();
        let notes = texts(&scan);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains(word), "{notes:?}");
    }
}

#[test]
fn a_valid_image_has_its_levels_and_no_note() {
    for found in both(&sound()) {
        let scan = found.unwrap();
        assert!(texts(&scan).is_empty(), "{:?}", texts(&scan));
        for (x, y) in [(0, 0), (9, 0), (0, 9), (63, 47), (30, 30)] {
            let expected = f64::from(level(x / 8, y / 8));
            assert_eq!(scan.value([x, y, 0]), Some(expected), "{x}, {y}");
        }
    }
    for name in [
        "grey.jpg",
        "progressive.jpg",
        "restarts.jpg",
        "orientation_6.jpg",
    ] {
        let scan = opened(&fixtures::file(name)).unwrap();
        assert!(texts(&scan).is_empty(), "{name}: {:?}", texts(&scan));
    }
}

/// 12 of the 16 possible 4-bit codes are in the table.
#[test]
fn a_code_that_is_in_no_table_is_refused() {
    let mut jpeg = sound();
    let at = data_begin(&jpeg) + 20;
    jpeg[at..at + 2].copy_from_slice(&[0xfe, 0xfe]);
    all_refuse(&jpeg, "damaged");
}

#[test]
fn data_that_end_before_the_image_are_refused() {
    let mut jpeg = sound();
    let end = jpeg.len() - 2;
    jpeg.drain(end - 8..end);
    all_refuse(&jpeg, "its JPEG data end before the image does");
    // The decoder shows grey from here on.
    let mut jpeg = sound();
    jpeg.drain(data_begin(&jpeg) + 10..);
    all_refuse(&jpeg, "ends too early");
}

#[test]
fn surplus_data_are_noted() {
    let mut jpeg = sound();
    let end = jpeg.len() - 2;
    jpeg.splice(end..end, [0x12, 0x34, 0x56]);
    all_note(&jpeg, "3 of their bytes belong to no pixel");
}

/// Each row of blocks is a restart interval.
#[test]
fn restart_markers_are_counted() {
    let image = jpeg_writer::Jpeg {
        restart_interval: 8,
        ..grey(64, 48, level)
    };
    let jpeg = image.file();
    for found in both(&jpeg) {
        let scan = found.unwrap();
        assert!(texts(&scan).is_empty());
        assert_eq!(scan.value([60, 40, 0]), Some(f64::from(level(7, 5))));
    }
    let marker = |code: u8| {
        jpeg.windows(2)
            .position(|pair| pair == [0xff, code])
            .unwrap()
    };
    // The second row is lost, so that all following ones are one row too high.
    let mut lost = jpeg.clone();
    lost.drain(marker(0xd0)..marker(0xd1));
    all_refuse(&lost, "restart marker out of order");
    let mut longer = jpeg.clone();
    longer.splice(marker(0xd2)..marker(0xd2), [0; 5]);
    all_note(&longer, "5 of their bytes belong to no pixel");
}

/// A wrong DC difference shifts all following blocks, here beyond 8 bits.
#[test]
fn impossible_values_are_noted() {
    let jpeg = grey(
        64,
        48,
        |column, row| if row > 3 { 700 } else { level(column, row) },
    )
    .file();
    all_note(&jpeg, "16 of their parts have values that no image has");
}

#[test]
fn a_progressive_image_without_its_last_scan_is_noted() {
    let whole = fixtures::file("progressive.jpg");
    let scans: Vec<usize> = (0..whole.len() - 1)
        .filter(|&at| whole[at..at + 2] == [0xff, 0xda])
        .collect();
    let mut cut = whole[..*scans.last().unwrap()].to_vec();
    cut.extend([0xff, 0xd9]);
    let scan = opened(&cut).unwrap();
    assert!(
        texts(&scan)[0].contains("less detail"),
        "{:?}",
        texts(&scan)
    );
    // Also tries wrong codes inside each scan but the last, and data that end too early.
    for (&scan, &next) in scans.iter().zip(&scans[1..]) {
        let begin = scan + 2 + usize::from(whole[scan + 3]);
        let mut cut = whole.clone();
        cut.drain(begin..next);
        let error = opened(&cut).unwrap_err();
        assert!(error.to_string().contains("damaged"), "{error}");
    }
}

/// A 12-bit ramp that restarts in each row, 12 by 6 pixels.
fn ramp() -> Vec<u16> {
    (0..72).map(|at| 1000 + 90 * (at % 12)).collect()
}

fn lossless_fragment(jpeg: Vec<u8>) -> Vec<u8> {
    let mut jpeg = jpeg;
    jpeg.resize(jpeg.len().next_multiple_of(2), 0);
    slice()
        .u16(0x0028_0010, 6)
        .u16(0x0028_0011, 12)
        .u16(0x0028_0103, 0)
        .without(0x0028_1052)
        .without(0x0028_1053)
        .set(0x7fe0_0010, "OB", Value::Fragments(vec![Vec::new(), jpeg]))
        .file(LOSSLESS)
}

#[test]
fn lossless_data_are_read_to_their_end_too() {
    let sound = lossless(12, 6, 12, &ramp());
    let scan = opened(&lossless_fragment(sound.clone())).unwrap();
    assert_eq!(scan.voxels(), &Voxels::U16(ramp()));
    assert!(texts(&scan).is_empty());

    let end = sound.len() - 2;
    let mut longer = sound.clone();
    longer.splice(end..end, [1, 2, 3, 4]);
    let scan = opened(&lossless_fragment(longer)).unwrap();
    assert!(texts(&scan)[0].contains("4 of their bytes belong to no pixel"));

    let mut shorter = sound.clone();
    shorter.drain(end - 5..end);
    let error = opened(&lossless_fragment(shorter)).unwrap_err();
    assert!(
        error.to_string().contains("end before the image does"),
        "{error}"
    );

    let mut beyond = ramp();
    beyond[40] = 5000;
    let scan = opened(&lossless_fragment(lossless(12, 6, 12, &beyond))).unwrap();
    assert!(texts(&scan)[0].contains("1 of their parts have values that no image has"));
}

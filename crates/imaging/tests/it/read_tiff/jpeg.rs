//! JPEG in TIFF (Adobe's technical note 2): shared tables or not, strips and tiles.

use crate::support::fixtures::file;
use crate::support::scans::opened;
use crate::support::tiff_writer::{Page, little};
use boxel_imaging::{Limits, Scan, Voxels, open};

/// Splits a JPEG into its quantization (0xdb) and Huffman (0xc4) tables, and the rest.
fn parted(jpeg: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut tables, mut image) = (vec![0xff, 0xd8], vec![0xff, 0xd8]);
    let mut at = 2;
    while jpeg[at + 1] != 0xda {
        let length = 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        let is_table = matches!(jpeg[at + 1], 0xdb | 0xc4);
        if is_table { &mut tables } else { &mut image }.extend(&jpeg[at..at + length]);
        at += length;
    }
    tables.extend([0xff, 0xd9]);
    image.extend(&jpeg[at..]);
    (tables, image)
}

fn page(scan: &Scan, samples: u16, colours: u16) -> Page {
    let size = [scan.grid().columns, scan.grid().rows];
    let page = Page::grey(size, 8).short(259, 7);
    if samples == 1 {
        page
    } else {
        page.samples(samples, colours)
    }
}

#[test]
fn grey_equals_that_of_the_jpeg_alone() {
    let jpeg = file("grey.jpg");
    let expected = opened(&jpeg);
    let whole = page(&expected, 1, 1).strip(jpeg.clone());
    assert_eq!(
        opened(&little(std::slice::from_ref(&whole))).voxels(),
        expected.voxels()
    );
    let (tables, image) = parted(&jpeg);
    let apart = page(&expected, 1, 1)
        .bytes(347, &tables)
        .strip(image.clone());
    assert_eq!(opened(&little(&[apart])).voxels(), expected.voxels());
    // The bits of JPEG data are never reversed (as in libtiff), and a predictor is ignored.
    let named = whole.short(266, 2).short(317, 2);
    assert_eq!(opened(&little(&[named])).voxels(), expected.voxels());
    let error = open(
        &little(&[page(&expected, 1, 1).strip(image)]),
        &Limits::default(),
    );
    assert_eq!(error.unwrap_err().code(), "image_format");
}

/// The tags say what components mean: YCbCr becomes RGB, and RGB stays.
#[test]
fn colours_follow_the_tag() {
    let jpeg = file("orientation_1.jpg");
    let expected = opened(&jpeg);
    let Voxels::Rgb8(theirs) = expected.voxels() else {
        panic!("not in colour");
    };
    let scan = opened(&little(&[page(&expected, 3, 6).strip(jpeg.clone())]));
    let Voxels::Rgb8(ours) = scan.voxels() else {
        panic!("not in colour");
    };
    // Rounding differs: once here, and in integers there.
    let largest = ours.iter().zip(theirs).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(largest <= Some(1), "{largest:?}");
    let stored = opened(&little(&[page(&expected, 3, 2).strip(jpeg)]));
    assert_ne!(stored.voxels(), expected.voxels());
}

#[test]
fn a_jpeg_of_another_size_is_refused() {
    let jpeg = file("grey.jpg");
    let expected = opened(&jpeg);
    let [columns, rows] = [expected.grid().columns, expected.grid().rows];
    let larger = Page::grey([columns + 1, rows], 8).short(259, 7).strip(jpeg);
    let error = open(&little(&[larger]), &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "image_format");
    let words = format!(
        "{columns}x{rows} pixels of 1 samples, and not {}x{rows} of 1",
        columns + 1
    );
    assert!(error.to_string().contains(&words), "{error}");
}

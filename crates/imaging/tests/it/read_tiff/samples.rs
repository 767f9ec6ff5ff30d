//! TIFF files of several pages and of every number type, made byte by byte.

use crate::support::scans::{choices, opened};
use boxel_imaging::{
    Error, Format, Limits, NamedFile, Scan, Stacking, Voxels, open, open_choice, survey,
};

/// An uncompressed page.
#[derive(Clone)]
struct Page {
    size: [u32; 2],
    bits: u16,
    /// Tag 339: 1 unsigned, 2 signed, 3 floating point.
    format: u16,
    /// Tag 262: 0 for white as 0, 1 for black as 0, 2 for RGB.
    colours: u16,
    samples: u16,
    orientation: u16,
    /// Tag 284: 2 if red, green and blue are separate planes.
    planar: u16,
    bytes: Vec<u8>,
}

fn grey(size: [u32; 2], bits: u16, format: u16, bytes: Vec<u8>) -> Page {
    Page {
        size,
        bits,
        format,
        colours: 1,
        samples: 1,
        orientation: 1,
        planar: 1,
        bytes,
    }
}

/// A page's tags with their values; all are LONG, except lists of three.
fn tags(page: &Page, at: u64) -> Vec<(u16, u64)> {
    let [width, height] = page.size.map(u64::from);
    vec![
        (256, width),
        (257, height),
        (258, page.bits.into()),
        (259, 1),
        (262, page.colours.into()),
        (273, at),
        (274, page.orientation.into()),
        (277, page.samples.into()),
        (278, height),
        (279, page.bytes.len() as u64),
        (284, page.planar.into()),
        (339, page.format.into()),
    ]
}

/// A little-endian file with a strip after each directory.
fn tiff(pages: &[Page]) -> Vec<u8> {
    let mut file = b"II\x2a\0\x08\0\0\0".to_vec();
    for (index, page) in pages.iter().enumerate() {
        // The planes of a planar page are separate strips; their two lists follow the entries.
        let lists = if page.planar == 2 { 24 } else { 0 };
        let strip = file.len() + 2 + 12 * 12 + 4 + lists;
        let mut lists_at = file.len() + 2 + 12 * 12 + 4;
        file.extend(12u16.to_le_bytes());
        for (tag, value) in tags(page, strip as u64) {
            let is_list = page.planar == 2 && (tag == 273 || tag == 279);
            file.extend(tag.to_le_bytes());
            file.extend(4u16.to_le_bytes());
            file.extend(if is_list { 3u32 } else { 1 }.to_le_bytes());
            file.extend(
                if is_list {
                    lists_at as u32
                } else {
                    value as u32
                }
                .to_le_bytes(),
            );
            lists_at += if is_list { 12 } else { 0 };
        }
        let end = strip + page.bytes.len();
        let next = if index + 1 < pages.len() {
            end as u32
        } else {
            0
        };
        file.extend(next.to_le_bytes());
        if page.planar == 2 {
            let plane = page.bytes.len() as u32 / 3;
            file.extend((0..3).flat_map(|k| (strip as u32 + k * plane).to_le_bytes()));
            file.extend((0..3).flat_map(|_| plane.to_le_bytes()));
        }
        file.extend(&page.bytes);
    }
    file
}

/// A big-endian BigTIFF with one 8-bit page.
fn big_tiff(page: &Page) -> Vec<u8> {
    let mut file = b"MM\0\x2b\0\x08\0\0".to_vec();
    file.extend(16u64.to_be_bytes());
    file.extend(12u64.to_be_bytes());
    let strip = 16 + 8 + 12 * 20 + 8;
    for (tag, value) in tags(page, strip) {
        file.extend(tag.to_be_bytes());
        file.extend(16u16.to_be_bytes());
        file.extend(1u64.to_be_bytes());
        file.extend(value.to_be_bytes());
    }
    file.extend(0u64.to_be_bytes());
    file.extend(&page.bytes);
    file
}

/// Labels and scans of all choices of a file.
fn all(bytes: &[u8]) -> (Vec<String>, Vec<Scan>) {
    choices(bytes).into_iter().unzip()
}

#[test]
fn every_number_type_is_read() {
    macro_rules! check {
        ($format:expr, $kind:ident, $values:expr) => {{
            let values = $values;
            let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
            let bits = bytes.len() as u16 / 6 * 8;
            let scan = opened(&tiff(&[grey([3, 2], bits, $format, bytes)]));
            assert_eq!(scan.grid().size(), [3, 2, 1]);
            assert_eq!(scan.voxels(), &Voxels::$kind(values.to_vec()));
            assert_eq!(scan.about.bits, u32::from(bits));
        }};
    }
    check!(1, U8, [0u8, 1, 127, 128, 254, 255]);
    check!(2, I8, [0i8, 1, 127, -128, -2, -1]);
    check!(1, U16, [0u16, 1, 255, 256, 40_000, 65_535]);
    check!(2, I16, [0i16, 1, -1000, 1000, -32_768, 32_767]);
    check!(1, U32, [0u32, 1, 65_536, 7, 3_000_000_000, u32::MAX]);
    check!(2, I32, [0i32, -1, 65_536, 7, i32::MIN, i32::MAX]);
    check!(3, F32, [0f32, -1.5, 1e30, 0.1, f32::MIN, f32::INFINITY]);
    check!(3, F64, [0f64, -1.5, 1e300, 0.1, f64::MIN, f64::INFINITY]);
    let whole: Vec<u8> = (0..6i64).flat_map(|x| (x - 3).to_le_bytes()).collect();
    let scan = opened(&tiff(&[grey([3, 2], 64, 2, whole)]));
    assert_eq!(
        scan.voxels(),
        &Voxels::F64((0..6).map(|x| f64::from(x - 3)).collect())
    );
    // 1, −2 and 0.5 in 16 bits (IEEE 754 binary16).
    let half = [0x3c00u16, 0xc000, 0x3800]
        .into_iter()
        .flat_map(u16::to_le_bytes);
    let scan = opened(&tiff(&[grey([3, 1], 16, 3, half.collect())]));
    assert_eq!(scan.voxels(), &Voxels::F32(vec![1.0, -2.0, 0.5]));
}

#[test]
fn equal_pages_are_a_stack() {
    let page = |k: u8| grey([3, 2], 8, 1, (0..6).map(|x| 10 * k + x).collect());
    let (labels, scans) = all(&tiff(&[page(0), page(1), page(2), page(3)]));
    assert_eq!(labels, ["TIFF, 4 pages of 3×2"]);
    let grid = scans[0].grid();
    assert_eq!((grid.size(), grid.stacking), ([3, 2, 4], Stacking::Frames));
    assert_eq!(grid.spacing_mm(), None);
    assert_eq!(scans[0].value([1, 1, 2]), Some(24.0));
    assert_eq!(scans[0].about.format, Format::Tiff);
}

#[test]
fn unequal_pages_are_choices() {
    let small = grey([2, 1], 8, 1, vec![1, 2]);
    let large = grey([3, 1], 8, 1, vec![3, 4, 5]);
    let deep = grey([3, 1], 16, 1, vec![6, 0, 7, 0, 8, 0]);
    let pages = [small.clone(), large.clone(), large.clone(), deep, small];
    let (labels, scans) = all(&tiff(&pages));
    let expected = [
        "TIFF, page 1 of 5, 2×1",
        "TIFF, pages 2 to 3 of 5, 3×1",
        "TIFF, page 4 of 5, 3×1",
        "TIFF, page 5 of 5, 2×1",
    ];
    assert_eq!(labels, expected);
    assert_eq!(scans[0].voxels(), &Voxels::U8(vec![1, 2]));
    assert_eq!(scans[1].voxels(), &Voxels::U8(vec![3, 4, 5, 3, 4, 5]));
    assert_eq!(scans[2].voxels(), &Voxels::U16(vec![6, 7, 8]));
    assert_eq!(scans[3].voxels(), &Voxels::U8(vec![1, 2]));
}

#[test]
fn pages_of_few_bits_and_of_colours() {
    let bits = grey([10, 1], 1, 1, vec![0b1010_0000, 0b0100_0000]);
    let (_, scans) = all(&tiff(&[bits.clone(), bits]));
    let row = [255, 0, 255, 0, 0, 0, 0, 0, 0, 255];
    assert_eq!(scans[0].voxels(), &Voxels::U8([row, row].concat()));
    let nibbles = grey([3, 1], 4, 1, vec![0x1f, 0x70]);
    assert_eq!(
        opened(&tiff(&[nibbles])).voxels(),
        &Voxels::U8(vec![17, 255, 119])
    );

    let colours = Page {
        colours: 2,
        samples: 3,
        ..grey([2, 1], 8, 1, vec![1, 2, 3, 4, 5, 6])
    };
    let planes = Page {
        planar: 2,
        bytes: vec![1, 4, 2, 5, 3, 6],
        ..colours.clone()
    };
    let with_alpha = Page {
        samples: 4,
        bytes: vec![1, 2, 3, 0, 4, 5, 6, 0],
        ..colours.clone()
    };
    for page in [colours, planes, with_alpha] {
        let scan = opened(&tiff(&[page.clone(), page]));
        let both = [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6];
        assert_eq!(scan.voxels(), &Voxels::Rgb8(both.to_vec()));
    }
}

#[test]
fn pages_are_upright() {
    let turned = Page {
        orientation: 6,
        ..grey([3, 2], 8, 1, vec![1, 2, 3, 4, 5, 6])
    };
    let one = opened(&tiff(std::slice::from_ref(&turned)));
    assert_eq!(one.voxels(), &Voxels::U8(vec![4, 1, 5, 2, 6, 3]));
    let two = opened(&tiff(&[turned.clone(), turned]));
    assert_eq!(two.grid().size(), [2, 3, 2]);
    let slice = [4, 1, 5, 2, 6, 3];
    assert_eq!(two.voxels(), &Voxels::U8([slice, slice].concat()));
}

#[test]
fn a_big_tiff_is_read() {
    let page = grey([3, 2], 8, 1, vec![1, 2, 3, 4, 5, 6]);
    let scan = opened(&big_tiff(&page));
    assert_eq!(scan.voxels(), &Voxels::U8(page.bytes));
}

#[test]
fn pages_before_a_broken_page_are_read() {
    let page = grey([3, 2], 8, 1, vec![1, 2, 3, 4, 5, 6]);
    let bytes = tiff(&[page.clone(), page.clone(), page]);
    let cut = &bytes[..bytes.len() - 150];
    let (labels, scans) = all(cut);
    assert_eq!(labels, ["TIFF, 2 pages of 3×2"]);
    assert_eq!(scans[0].grid().slices, 2);
    let cut = &bytes[..bytes.len() - 1];
    let error = open(cut, &Limits::default()).unwrap_err();
    assert!(matches!(error, Error::Truncated { .. }), "{error}");
}

#[test]
fn a_stack_beyond_the_limit_is_refused() {
    let page = grey([3, 2], 8, 1, vec![0; 6]);
    let bytes = tiff(&vec![page; 5]);
    let limits = |max_bytes| Limits {
        max_bytes,
        ..Limits::default()
    };
    assert!(open(&bytes, &limits(30)).is_ok());
    let error = open(&bytes, &limits(29)).unwrap_err();
    assert!(matches!(error, Error::TooMuchMemory { max_bytes: 29, .. }));
}

#[test]
fn every_bent_byte_gives_an_error_or_a_scan() {
    let limits = Limits {
        max_side: 2048,
        max_pixels: 1 << 20,
        max_bytes: 16 << 20,
        ..Limits::default()
    };
    let page = |k: u8| grey([3, 2], 16, 2, vec![k; 12]);
    let planes = Page {
        planar: 2,
        colours: 2,
        samples: 3,
        ..grey([2, 1], 8, 1, vec![1, 4, 2, 5, 3, 6])
    };
    let many = tiff(&[page(0), page(1), planes.clone(), planes]);
    for bytes in [many, big_tiff(&grey([3, 2], 8, 1, vec![7; 6]))] {
        for position in 0..bytes.len() {
            let others = (0..8).map(|bit| vec![bytes[position] ^ (1 << bit)]);
            for value in others.chain([vec![0xff; 4], vec![0; 4], vec![0xff, 0xff, 0xff, 0x7f]]) {
                let mut bent = bytes.clone();
                let end = bent.len().min(position + value.len());
                bent[position..end].copy_from_slice(&value[..end - position]);
                let files = [NamedFile {
                    name: "",
                    bytes: &bent,
                }];
                for choice in survey(&files, &limits).unwrap_or_default() {
                    if let Err(error) = open_choice(&files, &choice, &limits) {
                        assert_ne!(error.code(), "internal", "{error}");
                    }
                }
            }
        }
    }
}

//! Strips and tiles with every compression and predictor: all values are restored, also if the image is not a
//! multiple of the tile.

use crate::support::scans::{opened, refused};
use std::io::Write;

use crate::support::tiff_writer::{Page, big, cut, little};
use boxel_imaging::{NoteCode, Voxels};
use flate2::write::ZlibEncoder;

const WIDTH: usize = 19;
const HEIGHT: usize = 13;

/// Values with repetitions and jumps.
fn values() -> impl Iterator<Item = u64> {
    (0..(WIDTH * HEIGHT) as u64).map(|at| at * at % 251 * 257 + at / 40 * 3)
}

/// Compresses bytes; `compression` is the value of the tag.
fn compressed(bytes: &[u8], compression: u16) -> Vec<u8> {
    match compression {
        1 => bytes.to_vec(),
        5 => weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8)
            .encode(bytes)
            .unwrap(),
        8 | 32946 => {
            let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        // PackBits: runs and literals.
        _ => {
            let mut packed = vec![0x80];
            for run in bytes.chunk_by(|a, b| a == b) {
                for run in run.chunks(128) {
                    match run {
                        [one] => packed.extend([0, *one]),
                        run => packed.extend([(257 - run.len()) as u8, run[0]]),
                    }
                }
            }
            packed
        }
    }
}

/// Replaces numbers by the differences to their predecessors (TIFF 6.0, section 14).
fn differences(rows: &mut [u8], row_bytes: usize, size: usize, is_big: bool) {
    let number = |bytes: &[u8]| {
        let push = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        match is_big {
            true => bytes.iter().fold(0, push),
            false => bytes.iter().rev().fold(0, push),
        }
    };
    for row in rows.chunks_exact_mut(row_bytes) {
        let before: Vec<u64> = row.chunks_exact(size).map(number).collect();
        for (index, into) in row.chunks_exact_mut(size).enumerate().skip(1) {
            let difference = before[index].wrapping_sub(before[index - 1]);
            match is_big {
                true => into.copy_from_slice(&difference.to_be_bytes()[8 - size..]),
                false => into.copy_from_slice(&difference.to_le_bytes()[..size]),
            }
        }
    }
}

/// The file of an image in strips of 4 rows or in tiles of 16×16.
fn file(
    image: &[u8],
    size: usize,
    compression: u16,
    predictor: u16,
    is_tiled: bool,
    is_big: bool,
) -> Vec<u8> {
    let chunk = if is_tiled { [16, 16] } else { [WIDTH, 4] };
    let mut chunks = cut(image, [WIDTH, HEIGHT], size, chunk, is_tiled);
    for chunk_bytes in &mut chunks {
        if predictor == 2 {
            differences(chunk_bytes, chunk[0] * size, size, is_big);
        }
        *chunk_bytes = compressed(chunk_bytes, compression);
    }
    let page = Page::grey([WIDTH as u32, HEIGHT as u32], 8 * size as u16)
        .short(259, compression)
        .short(317, predictor);
    let page = match is_tiled {
        true => page.tiles([16, 16], chunks),
        false => page.strips(4, chunks),
    };
    if is_big {
        big(&[page])
    } else {
        little(&[page])
    }
}

#[test]
fn every_compression_gives_every_value() {
    let expected: Vec<u16> = values().map(|value| value as u16).collect();
    for (compression, predictor) in [
        (1, 1),
        (5, 1),
        (5, 2),
        (8, 1),
        (8, 2),
        (32946, 1),
        (32773, 1),
    ] {
        for (is_tiled, is_big) in [(true, false), (true, true), (false, false), (false, true)] {
            let bytes = expected.iter().flat_map(|value| match is_big {
                true => value.to_be_bytes(),
                false => value.to_le_bytes(),
            });
            let bytes: Vec<u8> = bytes.collect();
            let scan = opened(&file(&bytes, 2, compression, predictor, is_tiled, is_big));
            let case = format!("{compression}, {predictor}, tiled {is_tiled}, big {is_big}");
            assert_eq!(scan.voxels(), &Voxels::U16(expected.clone()), "{case}");
            assert_eq!(scan.about.notes, [], "{case}");
        }
    }
}

#[test]
fn differences_are_undone_in_every_width() {
    for size in [1usize, 2, 4, 8] {
        let bytes: Vec<u8> = values()
            .flat_map(|value| value.to_le_bytes()[..size].to_vec())
            .collect();
        let scan = opened(&file(&bytes, size, 5, 2, true, false));
        let expected: Vec<f64> = match size {
            1 => values().map(|value| f64::from(value as u8)).collect(),
            2 => values().map(|value| f64::from(value as u16)).collect(),
            _ => values().map(|value| value as f64).collect(),
        };
        let found: Vec<f64> = (0..expected.len())
            .map(|at| scan.voxels().grey(at).unwrap())
            .collect();
        assert_eq!(found, expected, "{size} bytes");
    }
}

/// Bytes of a row's numbers, highest bytes first, as differences (Adobe's technical note 3).
#[test]
fn differences_of_floating_point_numbers_are_undone() {
    let expected: Vec<f32> = values().map(|value| value as f32 * 0.37 - 1000.0).collect();
    let image: Vec<u8> = expected
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect();
    let mut chunks = cut(&image, [WIDTH, HEIGHT], 4, [16, 16], true);
    for chunk in &mut chunks {
        for row in chunk.chunks_exact_mut(16 * 4) {
            let stored = row.to_vec();
            for (at, byte) in row.iter_mut().enumerate() {
                *byte = stored[at % 16 * 4 + at / 16];
            }
            for at in (1..row.len()).rev() {
                row[at] = row[at].wrapping_sub(row[at - 1]);
            }
        }
        *chunk = compressed(chunk, 8);
    }
    let page = Page::grey([WIDTH as u32, HEIGHT as u32], 32)
        .short(259, 8)
        .short(317, 3)
        .short(339, 3)
        .tiles([16, 16], chunks);
    for bytes in [
        little(std::slice::from_ref(&page)),
        big(std::slice::from_ref(&page)),
    ] {
        assert_eq!(opened(&bytes).voxels(), &Voxels::F32(expected.clone()));
    }
}

/// FillOrder (266) 2: the lowest bit of each byte comes first.
#[test]
fn bits_that_begin_with_the_lowest_are_turned() {
    let expected: Vec<u8> = values().map(|value| value as u8).collect();
    for compression in [1, 5, 8, 32773] {
        let turned = compressed(&expected, compression);
        let turned = turned.iter().map(|byte| byte.reverse_bits()).collect();
        let page = Page::grey([WIDTH as u32, HEIGHT as u32], 8)
            .short(259, compression)
            .short(266, 2)
            .strip(turned);
        assert_eq!(
            opened(&little(&[page])).voxels(),
            &Voxels::U8(expected.clone())
        );
    }
    let bits = Page::grey([10, 1], 1)
        .short(266, 2)
        .strip(vec![0b0000_0101, 0b10]);
    let expected = [255, 0, 255, 0, 0, 0, 0, 0, 0, 255];
    assert_eq!(
        opened(&little(&[bits])).voxels(),
        &Voxels::U8(expected.to_vec())
    );
}

/// In whole bytes or not, the highest bit comes first, and each row begins at a byte boundary.
#[test]
fn samples_of_12_bits_keep_their_values() {
    let expected = [0xabc, 0x123, 0xfff, 0x001, 0x800, 0x0f0];
    // Rows have five bytes; the last four bits are unused.
    let page = Page::grey([3, 2], 12).strip(vec![
        0xab, 0xc1, 0x23, 0xff, 0xf0, 0x00, 0x18, 0x00, 0x0f, 0x00,
    ]);
    assert_eq!(
        opened(&little(&[page])).voxels(),
        &Voxels::U16(expected.to_vec())
    );
}

#[test]
fn an_omitted_tile_is_0_and_noted() {
    let image: Vec<u8> = vec![9; WIDTH * HEIGHT];
    let mut chunks = cut(&image, [WIDTH, HEIGHT], 1, [16, 16], true);
    chunks[1] = Vec::new();
    let page = Page::grey([WIDTH as u32, HEIGHT as u32], 8).tiles([16, 16], chunks);
    let scan = opened(&little(&[page]));
    assert_eq!(scan.value([15, 0, 0]), Some(9.0));
    assert_eq!(scan.value([16, 0, 0]), Some(0.0));
    let [note] = scan.about.notes.as_slice() else {
        panic!("{:?}", scan.about.notes);
    };
    assert_eq!(note.code, NoteCode::Reading);
    assert!(
        note.text.starts_with("1 tiles or strips are left out"),
        "{}",
        note.text
    );
}

#[test]
fn broken_or_short_data_are_an_error() {
    let bytes: Vec<u8> = values().map(|value| value as u8).collect();
    let short = compressed(&bytes[..100], 5);
    let page = Page::grey([WIDTH as u32, HEIGHT as u32], 8)
        .short(259, 5)
        .strip(short);
    let error = refused(&little(&[page]));
    assert_eq!(error.code(), "image_format");
    assert!(
        error.to_string().contains("ends in its row 5 of 13"),
        "{error}"
    );

    let page = |compression| {
        let page = Page::grey([WIDTH as u32, HEIGHT as u32], 8).short(259, compression);
        little(&[page.strip(bytes.clone())])
    };
    for (compression, name) in [
        (50_000, "Zstandard"),
        (34_712, "JPEG 2000"),
        (6, "JPEG as in TIFF 6.0"),
    ] {
        let error = refused(&page(compression));
        assert_eq!(error.code(), "image_unsupported");
        assert!(
            error
                .to_string()
                .contains(&format!("{name} ({compression})")),
            "{error}"
        );
    }
}

/// Tiles far larger than the image would take too much time and memory.
#[test]
fn tiles_out_of_proportion_are_refused() {
    let page = Page::grey([1, 16_000], 8).tiles([16_000, 1], vec![vec![0; 16]; 16_000]);
    let error = refused(&little(&[page]));
    assert!(error.to_string().contains("out of proportion"), "{error}");
}

//! Truncated, altered and made-up files: each gives an error or an image, and never a panic. In wasm a panic would
//! lose the open image and its masks.

use crate::support::fixtures::file;
use boxel_imaging::{Limits, open};

const NAMES: [&str; 22] = [
    "rgb.png",
    "rgba.png",
    "palette.png",
    "palette_transparent.png",
    "one_bit.png",
    "grey16.png",
    "colour16.png",
    "turned.png",
    "orientation_6.jpg",
    "progressive.jpg",
    "grey.jpg",
    "restarts.jpg",
    "rgb.bmp",
    "palette.bmp",
    "rgb.tif",
    "rgba_lzw.tif",
    "grey_deflate.tif",
    "grey16.tif",
    "turned.tif",
    "palette.tif",
    "float32.tif",
    "int32.tif",
];

/// Small limits, so that altered headers can't slow the test down.
const LIMITS: Limits = Limits {
    max_side: 2048,
    max_pixels: 1 << 20,
    max_bytes: 16 << 20,
    max_held: 256 << 20,
    max_steps: 1 << 28,
};

/// Opens a file, and checks that the result keeps the limits and that errors have a text.
fn try_open(bytes: &[u8]) {
    match open(bytes, &LIMITS) {
        Ok(scan) => {
            assert!(scan.grid().slice_size().longest_side() <= LIMITS.max_side);
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert_ne!(error.code(), "internal", "{error}");
        }
    }
}

#[test]
fn every_truncation() {
    for name in NAMES {
        let bytes = file(name);
        assert!(
            name == "palette.tif" || open(&bytes, &LIMITS).is_ok(),
            "{name}"
        );
        for length in 0..bytes.len() {
            try_open(&bytes[..length]);
        }
    }
}

#[test]
fn every_flipped_bit() {
    for name in NAMES {
        let mut bytes = file(name);
        for position in 0..bytes.len() * 8 {
            let bit = 1 << (position % 8);
            bytes[position / 8] ^= bit;
            try_open(&bytes);
            bytes[position / 8] ^= bit;
        }
    }
}

#[test]
fn extreme_bytes_anywhere() {
    for name in NAMES {
        let bytes = file(name);
        for position in 0..bytes.len() {
            for value in [
                [0x00; 4],
                [0xff; 4],
                [0x7f, 0xff, 0xff, 0xff],
                [0xff, 0xff, 0xff, 0x7f],
            ] {
                let mut bent = bytes.clone();
                let end = bent.len().min(position + 4);
                bent[position..end].copy_from_slice(&value[..end - position]);
                try_open(&bent);
            }
        }
    }
}

#[test]
fn twelve_bytes() {
    let starts: [&[u8]; 6] = [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"BM",
        b"II\x2a\0",
        b"MM\0\x2a",
        b"",
    ];
    // A linear congruential generator (Knuth, MMIX): the same bytes in every run.
    let mut state = 1u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    for start in starts {
        for _ in 0..2000 {
            let mut bytes = start.to_vec();
            bytes.resize_with(12, &mut next);
            try_open(&bytes);
        }
    }
}

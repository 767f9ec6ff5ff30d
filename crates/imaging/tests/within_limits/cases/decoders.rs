//! Compressed images: a decoder's buffer and ours at once.

use super::{Case, Opens, Refused};
use crate::bombs::alone;
use crate::bombs::codestreams::{
    HALVED, WHOLE, jpeg, jpeg_2000, jpeg_apart, jpeg_ls, jpeg_refined, lossless, rle,
};
use crate::bombs::dicom::*;
use crate::bombs::images::png;

pub const CASES: &[Case] = &[
    ("dicom-loop-of-jpegs", Opens, || alone(loop_of_jpegs())),
    ("png-of-16-bit-colours", Opens, || {
        alone(png([8_000, 8_000], 16, 2, false))
    }),
    ("png-of-16-bit-colours-with-alpha", Opens, || {
        alone(png([8_000, 8_000], 16, 6, false))
    }),
    ("png-interlaced", Opens, || {
        alone(png([8_000, 8_000], 16, 2, true))
    }),
    ("jpeg-sequential", Opens, || {
        alone(jpeg(0xc0, [8_000, 8_000], WHOLE))
    }),
    ("jpeg-progressive", Refused, || {
        alone(jpeg(0xc2, [8_000, 8_000], WHOLE))
    }),
    ("jpeg-progressive-of-55-megapixels", Opens, || {
        alone(jpeg(0xc2, [8_000, 6_800], WHOLE))
    }),
    ("jpeg-progressive-of-halved-colours", Opens, || {
        alone(jpeg(0xc2, [8_000, 8_000], HALVED))
    }),
    // Coefficients of all components are held until the last has come.
    ("jpeg-in-three-scans", Refused, || {
        alone(jpeg_apart([8_000, 8_000]))
    }),
    ("jpeg-refined", Refused, || {
        alone(jpeg_refined([8_000, 8_000], HALVED, 98))
    }),
    ("dicom-of-jpeg-refined", Refused, || {
        let frame = jpeg_refined([8_000, 8_000], HALVED, 98);
        alone(compressed(JPEG, [8_000, 8_000], 3, 8, frame))
    }),
    ("dicom-of-jpeg-in-three-scans", Refused, || {
        let frame = jpeg_apart([8_000, 8_000]);
        alone(compressed(JPEG, [8_000, 8_000], 3, 8, frame))
    }),
    ("dicom-of-jpeg-of-halved-colours", Opens, || {
        let frame = jpeg(0xc0, [8_000, 8_000], HALVED);
        alone(compressed(JPEG, [8_000, 8_000], 3, 8, frame))
    }),
    ("dicom-of-progressive-jpeg-of-halved-colours", Opens, || {
        let frame = jpeg(0xc2, [8_000, 8_000], HALVED);
        alone(compressed(JPEG, [8_000, 8_000], 3, 8, frame))
    }),
    ("dicom-loop-of-halved-colours", Opens, || {
        let frame = jpeg(0xc0, [1024, 768], HALVED);
        alone(loop_of(JPEG, [1024, 768], 8, vec![frame; 200]))
    }),
    ("dicom-loop-of-rle", Opens, || {
        let frame = rle(1024 * 768, 3);
        let image = Image {
            size: [1024, 768],
            channels: 3,
            pixels: Some(fragments(&vec![frame; 200])),
            ..Image::new(200)
        };
        alone(file(RLE, &image.data_set_of("YBR_FULL")))
    }),
    ("dicom-loop-of-lossless-jpeg", Opens, || {
        let frame = lossless([512, 512], 1);
        alone(loop_of(LOSSLESS, [512, 512], 16, vec![frame; 480]))
    }),
    ("dicom-loop-of-jpeg-ls", Opens, || {
        let frame = jpeg_ls([512, 512], 1);
        alone(loop_of(JPEG_LS, [512, 512], 16, vec![frame; 960]))
    }),
    ("dicom-loop-of-jpeg-2000", Opens, || {
        let frame = jpeg_2000([512, 512], 1, 4);
        alone(loop_of(JPEG_2000, [512, 512], 16, vec![frame; 960]))
    }),
    ("dicom-of-a-mammogram", Opens, || {
        let frame = jpeg_2000([4_900, 5_900], 1, 4);
        alone(compressed(JPEG_2000, [4_900, 5_900], 1, 16, frame))
    }),
    ("dicom-of-jpeg-2000-in-colour", Opens, || {
        let frame = jpeg_2000([4_200, 4_200], 3, 4);
        alone(compressed(JPEG_2000, [4_200, 4_200], 3, 16, frame))
    }),
    ("dicom-of-jpeg", Opens, || {
        alone(compressed(
            JPEG,
            [8_000, 8_000],
            3,
            8,
            jpeg(0xc0, [8_000, 8_000], WHOLE),
        ))
    }),
    ("dicom-of-progressive-jpeg", Refused, || {
        alone(compressed(
            JPEG,
            [8_000, 8_000],
            3,
            8,
            jpeg(0xc2, [8_000, 8_000], WHOLE),
        ))
    }),
    ("dicom-of-lossless-jpeg", Refused, || {
        alone(compressed(
            LOSSLESS,
            [7_000, 7_000],
            3,
            16,
            lossless([7_000, 7_000], 3),
        ))
    }),
    ("dicom-of-jpeg-ls", Refused, || {
        alone(compressed(
            JPEG_LS,
            [8_000, 8_000],
            3,
            16,
            jpeg_ls([8_000, 8_000], 3),
        ))
    }),
    ("dicom-of-jpeg-2000", Refused, || {
        alone(compressed(
            JPEG_2000,
            [8_000, 8_000],
            1,
            16,
            jpeg_2000([8_000, 8_000], 1, 4),
        ))
    }),
    ("dicom-of-jpeg-2000-in-parts", Refused, || {
        alone(compressed(
            JPEG_2000,
            [7_000, 7_000],
            1,
            16,
            jpeg_2000([7_000, 7_000], 1, 1),
        ))
    }),
    ("dicom-of-rle", Refused, || {
        alone(compressed(RLE, [8_000, 8_000], 3, 16, rle(64_000_000, 6)))
    }),
    ("dicom-deflated", Opens, || {
        let image = Image {
            size: [512, 512],
            allocated: 16,
            ..Image::new(480)
        };
        alone(file(DEFLATED, &image.data_set()))
    }),
    ("dicom-of-fragments-by-the-million", Refused, || {
        let image = Image {
            pixels: Some(fragments(&vec![Vec::new(); 900_000])),
            ..Image::new(1)
        };
        alone(file(RLE, &image.data_set()))
    }),
];

const JPEG: &str = "1.2.840.10008.1.2.4.50";
const LOSSLESS: &str = "1.2.840.10008.1.2.4.70";
const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
const JPEG_2000: &str = "1.2.840.10008.1.2.4.90";
const RLE: &str = "1.2.840.10008.1.2.5";

fn compressed(
    syntax: &str,
    size: [u16; 2],
    channels: u16,
    allocated: u16,
    frame: Vec<u8>,
) -> Vec<u8> {
    let image = Image {
        size,
        channels,
        allocated,
        pixels: Some(fragments(&[frame])),
        ..Image::new(1)
    };
    file(syntax, &image.data_set())
}

/// Frames of a compressed image, grey or, of 8 bits, in colour.
fn loop_of(syntax: &str, size: [u16; 2], allocated: u16, frames: Vec<Vec<u8>>) -> Vec<u8> {
    let image = Image {
        size,
        channels: if allocated == 8 { 3 } else { 1 },
        allocated,
        pixels: Some(fragments(&frames)),
        ..Image::new(frames.len() as u32)
    };
    file(syntax, &image.data_set())
}

/// An ultrasound loop: its pixels take most of the memory there is, and its fragments must not take the rest.
fn loop_of_jpegs() -> Vec<u8> {
    const FRAMES: u32 = 300;
    let size = [800, 600];
    let mut frame = jpeg(0xc0, size, WHOLE);
    let comment = [&[0xff, 0xfe, 0x60, 0x00][..], &[b' '; 0x5ffe]].concat();
    frame.splice(2..2, comment);
    let image = Image {
        size,
        channels: 3,
        pixels: Some(fragments(&vec![frame; FRAMES as usize])),
        ..Image::new(FRAMES)
    };
    file(JPEG, &image.data_set())
}

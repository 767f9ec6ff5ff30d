//! Label maps as images, one for each slice.

use boxel_imaging::{Limits, Link, NamedFile, Scan, ScanPlace, SlicePlane, are_segmentations};
use png::{BitDepth, ColorType, Encoder};

use super::{masks, opened, scan};

/// A PNG of samples with so many bits.
pub fn png(
    [width, height]: [u32; 2],
    bits: BitDepth,
    palette: Option<&[u8]>,
    sample: impl Fn(u32, u32) -> u16,
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_depth(bits);
    encoder.set_color(ColorType::Grayscale);
    if let Some(palette) = palette {
        encoder.set_color(ColorType::Indexed);
        encoder.set_palette(palette.to_vec());
    }
    let size = bits as u32;
    let mut bytes = Vec::new();
    for y in 0..height {
        let mut row = vec![0u8; (width * size).div_ceil(8) as usize];
        for x in 0..width {
            let (value, at) = (sample(x, y), (x * size / 8) as usize);
            match size {
                16 => row[at..at + 2].copy_from_slice(&value.to_be_bytes()),
                _ => row[at] |= (value as u8) << (8 - size - x * size % 8),
            }
        }
        bytes.extend(row);
    }
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&bytes)
        .unwrap();
    file
}

/// The label of a pixel of a slice as it is shown: 3, 9 or 0.
fn label(scan: &Scan, slice: u32) -> impl Fn(u32, u32) -> u16 + use<> {
    let plane = SlicePlane::first(scan.grid());
    let [a, b] = masks(scan).map(|mask| mask.slice(&plane, slice));
    move |x, y| {
        let at = (y * a.width() + x) as usize;
        u16::from(a.values()[at]) * 3 + u16::from(b.values()[at]) * 9
    }
}

#[test]
fn images_for_all_slices_are_ordered_by_the_numbers_in_their_names() {
    let scan = scan();
    let drawn = masks(&scan);
    let palette: Vec<u8> = (0..16).flat_map(|at| [at * 3, 0, 200]).collect();
    for (bits, palette) in [
        (BitDepth::Four, None),
        (BitDepth::Eight, None),
        (BitDepth::Sixteen, None),
        (BitDepth::Four, Some(palette.as_slice())),
        (BitDepth::Eight, Some(palette.as_slice())),
    ] {
        let slices: Vec<_> = (0..4)
            .map(|slice| png([64, 64], bits, palette, label(&scan, slice)))
            .collect();
        let files = [
            ("seg-10.png", slices[3].as_slice()),
            ("seg-2.png", slices[1].as_slice()),
            ("seg-1.png", slices[0].as_slice()),
            ("seg-9.png", slices[2].as_slice()),
        ];
        let found = opened(&ScanPlace::of(&scan), &files).unwrap();
        assert_eq!(found.len(), 2);
        for ((segment, mask), number) in found.iter().zip(&drawn).zip([3, 9]) {
            assert_eq!((&segment.mask, segment.named.label), (mask, number));
            assert_eq!(segment.link, Link::Order);
            let color = palette.map(|_| [number as u8 * 3, 0, 200]);
            assert_eq!(segment.named.color, color);
        }
    }
}

#[test]
fn images_that_do_not_fit_are_refused_by_what_differs() {
    let scan = scan();
    let of = |size| png(size, BitDepth::Eight, None, |x, _| u16::from(x > 2));
    let (own, small) = (of([64, 64]), of([64, 63]));
    let mut colour = Vec::new();
    let mut encoder = Encoder::new(&mut colour, 64, 64);
    encoder.set_color(ColorType::Rgb);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&[7; 3 * 64 * 64])
        .unwrap();
    for (files, words) in [
        (
            vec![&own; 3],
            "3 images were given, and the scan has 4 slices",
        ),
        (
            vec![&own, &own, &small, &own],
            "image 3 has 64 × 63 pixels, and the slices have 64 × 64",
        ),
        (vec![&own, &own, &own, &colour], "its pixels are colours"),
    ] {
        let files: Vec<_> = files.iter().map(|file| ("a", file.as_slice())).collect();
        let error = opened(&ScanPlace::of(&scan), &files).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn slices_without_labels_belong_to_those_with_some_and_photographs_are_none() {
    let looks = |files: &[&Vec<u8>]| {
        let files = files.iter().map(|bytes| NamedFile { name: "", bytes });
        are_segmentations(&files.collect::<Vec<_>>(), &Limits::default())
    };
    let labels = png([64, 64], BitDepth::Eight, None, |x, y| {
        u16::from(x > 9 && y > 9) * 4
    });
    let blank = png([64, 64], BitDepth::Eight, None, |_, _| 0);
    let photograph = png([64, 64], BitDepth::Eight, None, |x, y| {
        ((x * 37 + y * 91 + x * y) % 251) as u16
    });
    assert_eq!(looks(&[&blank, &labels]), [true, true]);
    assert_eq!(looks(&[&blank]), [false]);
    assert_eq!(looks(&[&photograph, &labels, &blank]), [false, true, false]);
    let many = vec![&photograph; 40];
    assert_eq!(looks(&many), [false; 40]);
}

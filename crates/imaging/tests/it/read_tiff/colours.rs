//! Interpretation of TIFF samples: palettes, YCbCr, CMYK, transparency, and grey with white as 0.

use crate::support::scans::choices;
use crate::support::tiff_writer::{Page, Value, little};
use boxel_imaging::{Limits, Scan, Voxels, open};

fn opened(page: Page) -> Scan {
    open(&little(&[page]), &Limits::default()).unwrap()
}

/// Labels and scans of all choices of a file.
fn all(page: Page) -> Vec<(String, Scan)> {
    choices(&little(&[page]))
}

/// Values are the stored ones for every number type; only the display is inverted.
#[test]
fn where_0_is_white_the_values_stay() {
    let white = |bits, format, bytes: Vec<u8>| {
        let page = Page::grey([2, 1], bits).short(262, 0).short(339, format);
        opened(page.strip(bytes))
    };
    let cases = [
        (white(8, 1, vec![0, 255]), Voxels::U8(vec![0, 255])),
        (
            white(16, 1, vec![1, 0, 0xff, 0xff]),
            Voxels::U16(vec![1, 65_535]),
        ),
        (
            white(16, 2, vec![0xff, 0xff, 7, 0]),
            Voxels::I16(vec![-1, 7]),
        ),
        (
            white(32, 3, [1.5f32, -2.0].map(f32::to_le_bytes).concat()),
            Voxels::F32(vec![1.5, -2.0]),
        ),
        (
            white(64, 1, [5u64, 9].map(u64::to_le_bytes).concat()),
            Voxels::F64(vec![5.0, 9.0]),
        ),
    ];
    for (scan, voxels) in cases {
        assert_eq!(scan.voxels(), &voxels);
        assert!(scan.about.inverted);
    }
    let image = white(8, 1, vec![0, 255]).first_image();
    assert_eq!(image.pixels(), [255, 255, 255, 0, 0, 0]);
    let black = opened(Page::grey([2, 1], 8).strip(vec![0, 255]));
    assert!(!black.about.inverted);
    // A fax with two pixels, of which the first is black.
    let bits = opened(Page::grey([2, 1], 1).short(262, 0).strip(vec![0b1000_0000]));
    assert_eq!(bits.voxels(), &Voxels::U8(vec![255, 0]));
    assert!(bits.about.inverted);
}

#[test]
fn a_palette_gives_the_upper_bytes_of_its_colours() {
    let mut map = vec![0u16; 3 * 16];
    for (channel, level) in [0x1234u16, 0xabcd, 0xffff].into_iter().enumerate() {
        map[channel * 16 + 3] = level;
    }
    let page = |map: Vec<u16>| {
        let page = Page::grey([2, 1], 4)
            .short(262, 3)
            .with(320, Value::Short(map));
        page.strip(vec![0x30])
    };
    let colours = Voxels::Rgb8(vec![0x12, 0xab, 0xff, 0, 0, 0]);
    assert_eq!(opened(page(map.clone())).voxels(), &colours);
    // Some programs write 8-bit levels.
    let narrow: Vec<u16> = map.iter().map(|level| level >> 8).collect();
    assert_eq!(opened(page(narrow)).voxels(), &colours);
    let error = open(&little(&[page(map[..47].to_vec())]), &Limits::default()).unwrap_err();
    assert!(
        error.to_string().contains("47 values, and not 48"),
        "{error}"
    );
}

/// Blocks of 2×2 pixels share chroma samples (TIFF 6.0, section 21); the image ends within blocks.
#[test]
fn colours_of_less_resolution_are_spread() {
    let grey = |light: [u8; 4]| [&light[..], &[128, 128]].concat();
    let mut bytes = grey([10, 20, 40, 50]);
    bytes.extend([30, 0, 60, 0, 128, 228]);
    bytes.extend(grey([70, 80, 0, 0]));
    bytes.extend([90, 0, 0, 0, 28, 128]);
    let page = |subsampling: Vec<u16>| {
        let page = Page::grey([3, 3], 8).samples(3, 6);
        page.with(530, Value::Short(subsampling))
            .strip(bytes.clone())
    };
    let scan = opened(page(vec![2, 2]));
    // Cr 100 means 1.402 · 100 more red and 0.714136 · 100 less green; Cb −100 means 0.344136 · 100 more green and
    // 1.772 · 100 less blue; clamped at 0 and 255.
    let rows: [[[u8; 3]; 3]; 3] = [
        [[10; 3], [20; 3], [170, 0, 30]],
        [[40; 3], [50; 3], [200, 0, 60]],
        [[70; 3], [80; 3], [90, 124, 0]],
    ];
    assert_eq!(scan.voxels(), &Voxels::Rgb8(rows.as_flattened().concat()));
    let error = open(&little(&[page(vec![3, 1])]), &Limits::default()).unwrap_err();
    assert!(
        error.to_string().contains("YCbCrSubSampling is [3, 1]"),
        "{error}"
    );
}

#[test]
fn the_files_own_luminance_counts() {
    // Coefficients with green 0 would divide by 0; these are of ITU-R BT.709.
    let coefficients = vec![[2126, 10_000], [7152, 10_000], [722, 10_000]];
    let reference = [16, 235, 128, 240, 128, 240].map(|level| [level, 1]);
    let page = Page::grey([1, 1], 8)
        .samples(3, 6)
        .with(530, Value::Short(vec![1, 1]))
        .with(529, Value::Fractions(coefficients))
        .with(532, Value::Fractions(reference.to_vec()))
        .strip(vec![125, 128, 178]);
    // Y 109 · 255/219 = 126.918; Cr 50 · 127/112 = 56.696: R = 126.918 + 56.696 · 1.5748 = 216.2;
    // G = (126.918 − 0.2126 · 216.203 − 0.0722 · 126.918) / 0.7152 = 100.4.
    assert_eq!(opened(page).voxels(), &Voxels::Rgb8(vec![216, 100, 127]));
}

#[test]
fn inks_become_light() {
    let page = Page::grey([2, 1], 8).samples(4, 5);
    let inks = vec![0, 255, 100, 0, 10, 20, 30, 128];
    let scan = opened(page.clone().strip(inks.clone()));
    // 255 − ink, times the light that black leaves (127/255), rounded.
    assert_eq!(
        scan.voxels(),
        &Voxels::Rgb8(vec![255, 0, 155, 122, 117, 112])
    );
    let error = open(
        &little(&[page.short(332, 2).strip(inks)]),
        &Limits::default(),
    )
    .unwrap_err();
    assert!(error.to_string().contains("InkSet 2"), "{error}");
}

/// Transparency is dropped; samples without a meaning are channels of their own.
#[test]
fn further_samples_are_transparency_or_channels() {
    let page = Page::grey([2, 1], 8)
        .samples(2, 1)
        .strip(vec![1, 200, 2, 100]);
    for kind in [1, 2] {
        let scans = all(page.clone().short(338, kind));
        assert_eq!(scans.len(), 1);
        assert_eq!(scans[0].1.voxels(), &Voxels::U8(vec![1, 2]));
    }
    let planes = page
        .clone()
        .short(284, 2)
        .strips(1, vec![vec![1, 2], vec![200, 100]]);
    for page in [page.clone(), page.short(338, 0), planes] {
        let scans = all(page);
        let labels: Vec<&str> = scans.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(
            labels,
            ["TIFF, channel 1 of 2, 2×1", "TIFF, channel 2 of 2, 2×1"]
        );
        assert_eq!(scans[0].1.voxels(), &Voxels::U8(vec![1, 2]));
        assert_eq!(scans[1].1.voxels(), &Voxels::U8(vec![200, 100]));
    }
}

#[test]
fn colours_that_are_not_read_are_named() {
    for (colours, name) in [
        (8, "L*a*b* (8)"),
        (4, "a transparency mask (4)"),
        (32_803, "(32803)"),
    ] {
        let page = Page::grey([1, 1], 8)
            .samples(3, colours)
            .strip(vec![1, 2, 3]);
        let error = open(&little(&[page]), &Limits::default()).unwrap_err();
        assert_eq!(error.code(), "image_unsupported");
        assert!(error.to_string().contains(name), "{error}");
    }
}

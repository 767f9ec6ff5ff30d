//! Pixels of single DICOM files: bits, colours, tables, run lengths.

use crate::support::dicom_writer::{Data, Syntax, Value, slice};
use crate::support::scans::{hounsfield, opened, refused, values};
use boxel_imaging::{Voxels, Window};

#[test]
fn bits_stand_where_the_high_bit_says() {
    let pixels = (-6i16..6)
        .map(|v| (v & 0x0fff) as u16)
        .map(|v| v << 3 | 0x8005);
    let data = slice().u16(0x0028_0102, 14).words(pixels.collect());
    assert_eq!(values(&opened(&data.file(Syntax::Explicit))), hounsfield());
}

/// Frames of 3 pixels: 2 frames of 5 bits would not end at a byte boundary.
#[test]
fn frames_of_single_bits_follow_each_other_without_a_gap() {
    let bits = slice()
        .u16(0x0028_0100, 1)
        .u16(0x0028_0101, 1)
        .u16(0x0028_0102, 0)
        .u16(0x0028_0103, 0)
        .u16(0x0028_0010, 1)
        .u16(0x0028_0011, 5)
        .text(0x0028_0008, "IS", "2")
        .without(0x0028_1052)
        .without(0x0028_1053)
        .set(0x7fe0_0010, "OB", Value::Bytes(vec![0b1010_0101, 0b01]));
    let expected = [1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0];
    assert_eq!(values(&opened(&bits.file(Syntax::Explicit))), expected);
}

#[test]
fn floating_point_pixels() {
    let numbers: Vec<f64> = (0..12).map(|x| f64::from(x) * 0.25 - 1.0).collect();
    let base = slice()
        .without(0x7fe0_0010)
        .without(0x0028_1053)
        .without(0x0028_1052);
    let single = numbers
        .iter()
        .flat_map(|&x| (x as f32).to_le_bytes())
        .collect();
    let single = base.clone().set(0x7fe0_0008, "OF", Value::Bytes(single));
    let double = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
    let double = base.set(0x7fe0_0009, "OD", Value::Bytes(double));
    for data in [single, double] {
        assert_eq!(values(&opened(&data.file(Syntax::Explicit))), numbers);
    }
}

/// An 8-bit image with three samples per pixel.
fn colour(photometric: &str, planar: u16, bytes: Vec<u8>) -> Data {
    slice()
        .u16(0x0028_0002, 3)
        .text(0x0028_0004, "CS", photometric)
        .u16(0x0028_0006, planar)
        .u16(0x0028_0010, 1)
        .u16(0x0028_0011, 2)
        .u16(0x0028_0100, 8)
        .u16(0x0028_0101, 8)
        .u16(0x0028_0102, 7)
        .u16(0x0028_0103, 0)
        .set(0x7fe0_0010, "OB", Value::Bytes(bytes))
}

#[test]
fn colours_of_every_interpretation() {
    let rgb = |data: Data| match opened(&data.file(Syntax::Explicit)).voxels() {
        Voxels::Rgb8(values) => values.clone(),
        other => panic!("{} bits", other.bits()),
    };
    assert_eq!(
        rgb(colour("RGB", 0, vec![1, 2, 3, 4, 5, 6])),
        [1, 2, 3, 4, 5, 6]
    );
    assert_eq!(
        rgb(colour("RGB", 1, vec![1, 4, 2, 5, 3, 6])),
        [1, 2, 3, 4, 5, 6]
    );
    // In YBR_FULL, red is (76.2, 85.0, 255.5) and grey has 128 twice.
    let red_and_grey = [254, 0, 0, 50, 50, 50];
    assert_eq!(
        rgb(colour("YBR_FULL", 0, vec![76, 85, 255, 50, 128, 128])),
        red_and_grey
    );
    assert_eq!(
        rgb(colour("YBR_FULL", 1, vec![76, 50, 85, 128, 255, 128])),
        red_and_grey
    );
    let both_red = rgb(colour("YBR_FULL_422", 0, vec![76, 76, 85, 255]));
    assert_eq!(both_red, [254, 0, 0, 254, 0, 0]);
    // 16 is black, and 235 is white.
    let partial = rgb(colour("YBR_PARTIAL_422", 0, vec![16, 235, 128, 128]));
    assert_eq!(partial, [0, 0, 0, 255, 255, 255]);
}

/// Two pixels with the indices 9 and 12; each colour has 3 entries from index 10 on.
fn palette(bits: u16, tables: [Value; 3]) -> Data {
    let mut data = colour("PALETTE COLOR", 0, vec![9, 12])
        .u16(0x0028_0002, 1)
        .without(0x0028_0006);
    for (at, table) in (0..).zip(tables) {
        data = data
            .set(0x0028_1101 + at, "US", Value::U16(vec![3, 10, bits]))
            .set(0x0028_1201 + at, "OW", table);
    }
    data
}

#[test]
fn palettes_of_8_and_16_bits_and_in_segments() {
    let words = |values: [u16; 3]| Value::U16(values.to_vec());
    let deep = palette(
        16,
        [words([256, 0, 512]), words([1, 2, 3]), words([7, 8, 9])],
    );
    let Voxels::Rgb16(values) = opened(&deep.file(Syntax::Explicit)).voxels().clone() else {
        panic!("not 16 bits");
    };
    assert_eq!(values, [256, 1, 7, 512, 3, 9]);
    let bytes = |values: [u8; 3]| Value::Bytes(values.to_vec());
    let flat = palette(
        8,
        [
            bytes([10, 20, 30]),
            bytes([40, 50, 60]),
            bytes([70, 80, 90]),
        ],
    );
    let Voxels::Rgb8(values) = opened(&flat.file(Syntax::Explicit)).voxels().clone() else {
        panic!("not 8 bits");
    };
    assert_eq!(values, [10, 40, 70, 30, 60, 90]);
    // A discrete segment of one entry, then a linear segment of two up to 300.
    let mut segmented = palette(16, [words([0; 3]), words([0; 3]), words([0; 3])]);
    for at in 0..3 {
        segmented = segmented
            .without(0x0028_1201 + at)
            .set(
                0x0028_1221 + at,
                "OW",
                Value::U16(vec![0, 1, 100, 1, 2, 300]),
            )
            .set(0x7fe0_0010, "OB", Value::Bytes(vec![11, 12]));
    }
    let Voxels::Rgb16(values) = opened(&segmented.file(Syntax::Explicit)).voxels().clone() else {
        panic!("not 16 bits");
    };
    assert_eq!(values, [200, 200, 200, 300, 300, 300]);
}

#[test]
fn tables_of_the_modality_and_of_the_display() {
    let modality = Data::default()
        .set(0x0028_3002, "SS", Value::U16(vec![4, (-2i16) as u16, 16]))
        .text(0x0028_3004, "LO", "OD")
        .set(
            0x0028_3006,
            "US",
            Value::U16(vec![1000, 2000, 3000, 60_000]),
        );
    let display = Data::default()
        .set(0x0028_3002, "US", Value::U16(vec![2, 1000, 8]))
        .text(0x0028_3003, "LO", "DENSE")
        .set(0x0028_3006, "US", Value::U16(vec![7, 255]));
    let data = slice()
        .items(0x0028_3000, vec![modality])
        .items(0x0028_3010, vec![display])
        .without(0x0028_1050)
        .without(0x0028_1051)
        .without(0x0028_1052)
        .without(0x0028_1053);
    let scan = opened(&data.file(Syntax::Explicit));
    let mut expected = vec![1000.0; 5];
    expected.extend([2000.0, 3000.0]);
    expected.extend([60_000.0; 5]);
    assert_eq!(values(&scan), expected);
    assert_eq!(scan.about.unit, "OD");
    assert_eq!(scan.about.windows[0].window, Window::Lut { index: 0 });
    let lut = &scan.about.luts[0];
    assert_eq!((lut.name.as_str(), lut.first, lut.bits), ("DENSE", 1000, 8));
    assert_eq!(lut.entries, [7, 255]);
}

#[test]
fn run_lengths_in_several_fragments() {
    // Two segments: high bytes as a run of 12, low bytes as 12 literals.
    let mut coded = vec![2, 0, 0, 0, 64, 0, 0, 0, 66, 0, 0, 0];
    coded.resize(64, 0);
    coded.extend([(1i8 - 12) as u8, 0x01, 11]);
    coded.extend(0..12u8);
    coded.push(128);
    let (first, second) = coded.split_at(40);
    let fragments = vec![Vec::new(), first.to_vec(), second.to_vec()];
    let data = slice().set(0x7fe0_0010, "OB", Value::Fragments(fragments));
    let scan = opened(&data.file(Syntax::Rle));
    let expected: Vec<f64> = (0..12).map(|low| f64::from(2 * (256 + low) - 10)).collect();
    assert_eq!(values(&scan), expected);
    for broken in [coded[..60].to_vec(), coded[..70].to_vec(), vec![0xff; 64]] {
        let data = slice().set(
            0x7fe0_0010,
            "OB",
            Value::Fragments(vec![Vec::new(), broken]),
        );
        let code = refused(&data.file(Syntax::Rle)).code();
        assert!(
            ["image_truncated", "image_format"].contains(&code),
            "{code}"
        );
    }
}

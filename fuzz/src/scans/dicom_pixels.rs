use boxel_imaging::NamedFile;

use super::part10::{self, element};
use super::{open, take};

/// JPEG baseline, extended, lossless; JPEG-LS; JPEG 2000; RLE (PS3.6 annex A).
const SYNTAXES: [&str; 6] = [
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.5",
];

/// The input is the number of a transfer syntax, flags and a compressed frame, in a sound data set of 16 × 16 pixels.
pub fn dicom_pixels(mut frame: &[u8]) {
    let [choice, flags] = take(&mut frame);
    let syntax = SYNTAXES[usize::from(choice) % SYNTAXES.len()];
    let mut data_set = data_set(
        if flags & 1 == 1 { 16 } else { 8 },
        flags & 2 == 2,
        u16::from(flags >> 2 & 1),
    );
    data_set.extend(b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff");
    for fragment in [&[][..], frame] {
        data_set.extend(b"\xfe\xff\0\xe0");
        data_set.extend((fragment.len() as u32).to_le_bytes());
        data_set.extend(fragment);
    }
    data_set.extend(b"\xfe\xff\xdd\xe0\0\0\0\0");
    open(&[NamedFile {
        name: "a.dcm",
        bytes: &part10::file(syntax, &data_set),
    }]);
}

/// What stands before the pixels.
fn data_set(bits: u16, is_colour: bool, is_signed: u16) -> Vec<u8> {
    let (samples, photometric): (u16, &[u8]) = match is_colour {
        true => (3, b"RGB "),
        false => (1, b"MONOCHROME2 "),
    };
    let number = |tag, value: u16| element(tag, b"US", &value.to_le_bytes());
    [
        element(0x0008_0016, b"UI", b"1.2.840.10008.5.1.4.1.1.7\0"),
        element(0x0008_0018, b"UI", b"2.25.1"),
        element(0x0020_000d, b"UI", b"2.25.2"),
        element(0x0020_000e, b"UI", b"2.25.3"),
        number(0x0028_0002, samples),
        element(0x0028_0004, b"CS", photometric),
        number(0x0028_0006, 0),
        number(0x0028_0010, 16),
        number(0x0028_0011, 16),
        number(0x0028_0100, bits),
        number(0x0028_0101, bits),
        number(0x0028_0102, bits - 1),
        number(0x0028_0103, is_signed),
    ]
    .concat()
}

//! DICOM files of few bytes with many frames, long texts and large groups.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// An element in Explicit VR Little Endian.
pub fn element((group, number): (u16, u16), vr: &str, value: &[u8]) -> Vec<u8> {
    let mut out = [group.to_le_bytes(), number.to_le_bytes()].concat();
    out.extend(vr.as_bytes());
    let padded = value.len().next_multiple_of(2);
    match vr {
        "OB" | "OW" | "SQ" | "UN" | "UT" => {
            out.extend([0, 0]);
            out.extend((padded as u32).to_le_bytes());
        }
        _ => out.extend((padded as u16).to_le_bytes()),
    }
    out.extend(value);
    out.resize(
        out.len() + padded - value.len(),
        if vr == "UI" { 0 } else { b' ' },
    );
    out
}

pub fn text(tag: (u16, u16), vr: &str, value: &str) -> Vec<u8> {
    element(tag, vr, value.as_bytes())
}

pub fn short(tag: (u16, u16), value: u16) -> Vec<u8> {
    element(tag, "US", &value.to_le_bytes())
}

/// A sequence with its items.
pub fn sequence(tag: (u16, u16), items: &[Vec<u8>]) -> Vec<u8> {
    let mut value = Vec::new();
    for item in items {
        value.extend([0xfe, 0xff, 0x00, 0xe0]);
        value.extend((item.len() as u32).to_le_bytes());
        value.extend(item);
    }
    element(tag, "SQ", &value)
}

pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub const DEFLATED: &str = "1.2.840.10008.1.2.1.99";

/// A file of a data set.
pub fn file(syntax: &str, data: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 128];
    out.extend(b"DICM");
    out.extend(text((2, 0x10), "UI", syntax));
    if syntax == DEFLATED {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(data).unwrap();
        out.extend(encoder.finish().unwrap());
    } else {
        out.extend(data);
    }
    out
}

/// An image of so many frames; elements are sorted by their tags.
pub struct Image {
    pub frames: u32,
    pub size: [u16; 2],
    pub allocated: u16,
    pub channels: u16,
    pub elements: Vec<Vec<u8>>,
    pub pixels: Option<Vec<u8>>,
}

impl Image {
    pub fn new(frames: u32) -> Image {
        Image {
            frames,
            size: [1, 1],
            allocated: 8,
            channels: 1,
            elements: Vec::new(),
            pixels: None,
        }
    }

    pub fn with(mut self, element: Vec<u8>) -> Image {
        self.elements.push(element);
        self
    }

    /// The same with an Instance Number.
    pub fn with_number(&self, number: usize) -> Image {
        Image {
            elements: vec![text((0x20, 0x13), "IS", &number.to_string())],
            pixels: self.pixels.clone(),
            ..*self
        }
    }

    pub fn data_set(&self) -> Vec<u8> {
        self.data_set_of(match self.channels {
            3 => "RGB",
            _ => "MONOCHROME2",
        })
    }

    /// With a Photometric Interpretation.
    pub fn data_set_of(&self, colour: &str) -> Vec<u8> {
        let [columns, rows] = self.size;
        let mut elements = vec![
            short((0x28, 2), self.channels),
            text((0x28, 4), "CS", colour),
            text((0x28, 8), "IS", &self.frames.to_string()),
            short((0x28, 0x10), rows),
            short((0x28, 0x11), columns),
            short((0x28, 0x100), self.allocated),
            short((0x28, 0x101), self.allocated),
            short((0x28, 0x102), self.allocated - 1),
            short((0x28, 0x103), 0),
        ];
        let bits = usize::from(columns)
            * usize::from(rows)
            * usize::from(self.channels)
            * self.frames as usize
            * usize::from(self.allocated);
        let pixels = self.pixels.clone().unwrap_or_else(|| {
            let zeros = vec![0; bits.div_ceil(8)];
            element(
                (0x7fe0, 0x10),
                if self.allocated == 16 { "OW" } else { "OB" },
                &zeros,
            )
        });
        elements.push(pixels);
        elements.extend(self.elements.iter().cloned());
        let tag = |element: &Vec<u8>| {
            let half = |at: usize| u16::from_le_bytes([element[at], element[at + 1]]);
            (half(0), half(2))
        };
        elements.sort_by_key(tag);
        elements.dedup_by_key(|element| tag(element));
        elements.concat()
    }

    pub fn file(&self) -> Vec<u8> {
        file(EXPLICIT, &self.data_set())
    }
}

/// Pixel data in fragments, without an offset table.
pub fn fragments(fragments: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![
        0xe0, 0x7f, 0x10, 0x00, b'O', b'B', 0, 0, 0xff, 0xff, 0xff, 0xff,
    ];
    for fragment in [Vec::new()].iter().chain(fragments) {
        out.extend([0xfe, 0xff, 0x00, 0xe0]);
        out.extend((fragment.len() as u32).to_le_bytes());
        out.extend(fragment);
    }
    out.extend([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
    out
}

/// A text of so many characters that differs from file to file.
pub fn long(characters: usize, seed: usize) -> String {
    let start = format!("{seed}");
    start.clone() + &"7".repeat(characters.saturating_sub(start.len()))
}

/// The root of an image whose every text is as long as is read.
pub fn wordy(frames: u32, seed: usize) -> Image {
    Image::new(frames)
        .with(text((8, 8), "CS", &long(1000, seed)))
        .with(text((8, 0x16), "UI", &long(1000, seed)))
        .with(text((8, 0x18), "UI", &long(1000, seed)))
        .with(text((8, 0x60), "CS", "MR"))
        .with(text((0x18, 0x1210), "SH", &long(1000, seed)))
        .with(text((0x20, 0x0d), "UI", &long(1000, seed)))
        .with(text((0x20, 0x0e), "UI", &long(1000, seed)))
}

/// A position, as a functional group.
pub fn position(z: f64) -> Vec<u8> {
    let value = format!("0\\0\\{z}");
    sequence((0x20, 0x9113), &[text((0x20, 0x32), "DS", &value)])
}

pub fn orientation(cosines: &str) -> Vec<u8> {
    sequence((0x20, 0x9116), &[text((0x20, 0x37), "DS", cosines)])
}

pub const AXIAL: &str = "1\\0\\0\\0\\1\\0";

/// Frames with positions of their own and shared groups.
pub fn enhanced(frames: u32, shared: Vec<u8>, each: impl Fn(u32) -> Vec<u8>) -> Image {
    let own: Vec<Vec<u8>> = (0..frames).map(each).collect();
    Image::new(frames)
        .with(text((8, 0x60), "CS", "MR"))
        .with(sequence((0x5200, 0x9229), &[shared]))
        .with(sequence((0x5200, 0x9230), &own))
}

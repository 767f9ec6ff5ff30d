//! Writes small DICOM files, valid and invalid ones (DICOM PS3.5 section 7).

use std::io::Write;

/// Transfer syntax of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    Implicit,
    Explicit,
    Big,
    Deflated,
    Rle,
    /// Another transfer syntax UID; encoded as explicit VR.
    Other(&'static str),
}

impl Syntax {
    fn uid(self) -> &'static str {
        match self {
            Syntax::Implicit => "1.2.840.10008.1.2",
            Syntax::Explicit => "1.2.840.10008.1.2.1",
            Syntax::Big => "1.2.840.10008.1.2.2",
            Syntax::Deflated => "1.2.840.10008.1.2.1.99",
            Syntax::Rle => "1.2.840.10008.1.2.5",
            Syntax::Other(uid) => uid,
        }
    }
}

/// A value, in any byte order.
#[derive(Debug, Clone)]
pub enum Value {
    Text(String),
    U16(Vec<u16>),
    F64(f64),
    Bytes(Vec<u8>),
    /// Items; the sequence and its items have undefined length.
    Items(Vec<Data>),
    /// Fragments; the first one is the offset table.
    Fragments(Vec<Vec<u8>>),
}

/// A data set: tag, VR and value.
#[derive(Debug, Clone, Default)]
pub struct Data(pub Vec<(u32, &'static str, Value)>);

impl Data {
    /// Sets or replaces an attribute.
    pub fn set(mut self, tag: u32, vr: &'static str, value: Value) -> Data {
        self.0.retain(|(other, ..)| *other != tag);
        self.0.push((tag, vr, value));
        self.0.sort_by_key(|(tag, ..)| *tag);
        self
    }

    pub fn text(self, tag: u32, vr: &'static str, text: &str) -> Data {
        self.set(tag, vr, Value::Text(text.to_owned()))
    }

    pub fn u16(self, tag: u32, number: u16) -> Data {
        self.set(tag, "US", Value::U16(vec![number]))
    }

    pub fn items(self, tag: u32, items: Vec<Data>) -> Data {
        self.set(tag, "SQ", Value::Items(items))
    }

    pub fn without(mut self, tag: u32) -> Data {
        self.0.retain(|(other, ..)| *other != tag);
        self
    }

    /// Sets 16-bit pixels, as words.
    pub fn words(self, pixels: Vec<u16>) -> Data {
        self.set(0x7fe0_0010, "OW", Value::U16(pixels))
    }

    /// Changes the VR of all attributes except sequences and pixels to `UN`.
    pub fn unknown(mut self) -> Data {
        for (tag, vr, value) in &mut self.0 {
            if *tag < 0x7fe0_0000 && !matches!(value, Value::Items(_)) {
                *vr = "UN";
            }
        }
        self
    }

    fn bytes(&self, syntax: Syntax) -> Vec<u8> {
        let mut out = Vec::new();
        for (tag, vr, value) in &self.0 {
            let big = syntax == Syntax::Big;
            let value = value_bytes(value, syntax, vr);
            let undefined = matches!(
                self_value(self, *tag),
                Value::Items(_) | Value::Fragments(_)
            );
            let length = if undefined {
                u32::MAX
            } else {
                value.len() as u32
            };
            header(&mut out, *tag, vr, length, syntax, big);
            out.extend(value);
        }
        out
    }

    /// The data set without a file header.
    pub fn bare(&self, syntax: Syntax) -> Vec<u8> {
        self.bytes(syntax)
    }

    /// A complete file.
    pub fn file(&self, syntax: Syntax) -> Vec<u8> {
        let mut out = vec![0; 128];
        out.extend(b"DICM");
        let meta = Data::default()
            .text(0x0002_0002, "UI", "1.2.840.10008.5.1.4.1.1.2")
            .text(0x0002_0010, "UI", syntax.uid())
            .bytes(Syntax::Explicit);
        let length = (meta.len() as u32).to_le_bytes();
        let length = Value::Bytes(length.to_vec());
        out.extend(
            Data::default()
                .set(0x0002_0000, "UL", length)
                .bytes(Syntax::Explicit),
        );
        out.extend(meta);
        let data = self.bytes(syntax);
        match syntax {
            Syntax::Deflated => out.extend(deflated(&data)),
            _ => out.extend(data),
        }
        out
    }
}

fn self_value(data: &Data, tag: u32) -> &Value {
    let found = data.0.iter().find(|(other, ..)| *other == tag);
    &found.unwrap().2
}

fn header(out: &mut Vec<u8>, tag: u32, vr: &str, length: u32, syntax: Syntax, big: bool) {
    let half = |number: u16| {
        if big {
            number.to_be_bytes()
        } else {
            number.to_le_bytes()
        }
    };
    let whole = |number: u32| {
        if big {
            number.to_be_bytes()
        } else {
            number.to_le_bytes()
        }
    };
    out.extend(half((tag >> 16) as u16));
    out.extend(half(tag as u16));
    let is_delimiter = tag >> 16 == 0xfffe;
    if is_delimiter || syntax == Syntax::Implicit {
        out.extend(whole(length));
        return;
    }
    out.extend(vr.as_bytes());
    if ["OB", "OW", "OF", "OD", "SQ", "UN", "UT"].contains(&vr) {
        out.extend([0, 0]);
        out.extend(whole(length));
    } else {
        out.extend(half(length as u16));
    }
}

fn value_bytes(value: &Value, syntax: Syntax, vr: &str) -> Vec<u8> {
    let big = syntax == Syntax::Big;
    let mut out = Vec::new();
    match value {
        Value::Text(text) => {
            out.extend(text.as_bytes());
            if out.len() % 2 == 1 {
                out.push(if vr == "UI" { 0 } else { b' ' });
            }
        }
        Value::U16(numbers) => {
            for number in numbers {
                out.extend(if big {
                    number.to_be_bytes()
                } else {
                    number.to_le_bytes()
                });
            }
        }
        Value::F64(number) => out.extend(if big {
            number.to_be_bytes()
        } else {
            number.to_le_bytes()
        }),
        Value::Bytes(bytes) => {
            out.extend(bytes);
            out.resize(out.len().next_multiple_of(2), 0);
        }
        Value::Items(items) => {
            for item in items {
                header(&mut out, 0xfffe_e000, "", u32::MAX, syntax, big);
                out.extend(item.bytes(syntax));
                header(&mut out, 0xfffe_e00d, "", 0, syntax, big);
            }
            header(&mut out, 0xfffe_e0dd, "", 0, syntax, big);
        }
        Value::Fragments(fragments) => {
            for fragment in fragments {
                header(
                    &mut out,
                    0xfffe_e000,
                    "",
                    fragment.len() as u32,
                    syntax,
                    big,
                );
                out.extend(fragment);
            }
            header(&mut out, 0xfffe_e0dd, "", 0, syntax, big);
        }
    }
    out
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A CT slice of 4×3 pixels, signed 12 bits in 16, with all attributes of a real one. HU are `2 · stored − 10`;
/// pixels count from −6 up.
pub fn slice() -> Data {
    let pixels = (-6i16..6).map(|value| (value & 0x0fff) as u16).collect();
    Data::default()
        .text(0x0008_0005, "CS", "ISO_IR 100")
        .text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.2")
        .text(0x0008_0018, "UI", "2.25.100")
        .text(0x0008_0060, "CS", "CT")
        .text(0x0010_0010, "PN", "Doe^Jane")
        .text(0x0010_0020, "LO", "secret-7")
        .text(0x0018_0050, "DS", "5")
        .text(0x0020_000d, "UI", "2.25.1")
        .text(0x0020_000e, "UI", "2.25.2")
        .text(0x0020_0011, "IS", "3")
        .text(0x0020_0013, "IS", "1")
        .text(0x0020_0032, "DS", "-10\\-20\\30")
        .text(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0")
        .text(0x0020_0052, "UI", "2.25.3")
        .u16(0x0028_0002, 1)
        .text(0x0028_0004, "CS", "MONOCHROME2")
        .u16(0x0028_0010, 3)
        .u16(0x0028_0011, 4)
        .text(0x0028_0030, "DS", "0.75\\0.5")
        .u16(0x0028_0100, 16)
        .u16(0x0028_0101, 12)
        .u16(0x0028_0102, 11)
        .u16(0x0028_0103, 1)
        .text(0x0028_1050, "DS", "40\\-600")
        .text(0x0028_1051, "DS", "400\\1500")
        .text(0x0028_1052, "DS", "-10")
        .text(0x0028_1053, "DS", "2")
        .text(0x0028_1055, "LO", "SOFT\\LUNG")
        .words(pixels)
}

/// A slice of a series: its number, its height in mm, and the value of all its pixels.
pub fn nth(number: u32, z: f64, stored: u16) -> Data {
    slice()
        .text(0x0008_0018, "UI", &format!("2.25.100{number}"))
        .text(0x0020_0013, "IS", &number.to_string())
        .text(0x0020_0032, "DS", &format!("-10\\-20\\{z}"))
        .words(vec![stored; 12])
}

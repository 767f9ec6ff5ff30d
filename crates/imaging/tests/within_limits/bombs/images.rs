//! TIFF and PNG.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Compressed zeros.
pub fn zeros(bytes: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let portion = vec![0; 1 << 20];
    let mut left = bytes;
    while left > 0 {
        let count = left.min(portion.len());
        encoder.write_all(&portion[..count]).unwrap();
        left -= count;
    }
    encoder.finish().unwrap()
}

/// A tag's number, type and values.
pub type Tag = (u16, u16, Vec<u8>);

pub fn shorts(tag: u16, values: &[u16]) -> Tag {
    (
        tag,
        3,
        values.iter().flat_map(|v| v.to_le_bytes()).collect(),
    )
}

pub fn longs(tag: u16, values: &[u32]) -> Tag {
    (
        tag,
        4,
        values.iter().flat_map(|v| v.to_le_bytes()).collect(),
    )
}

pub fn bytes(tag: u16, kind: u16, values: Vec<u8>) -> Tag {
    (tag, kind, values)
}

/// Where the shared data of [`tiff`] begin.
pub const DATA: u32 = 8;

/// A TIFF file: data at [`DATA`], then so many directories of the same tags, whose values are stored once.
pub fn tiff(data: &[u8], tags: &[Tag], pages: usize) -> Vec<u8> {
    let mut out = b"II\x2a\0\0\0\0\0".to_vec();
    out.extend(data);
    let mut tags = tags.to_vec();
    tags.sort_by_key(|tag| tag.0);
    let mut directory = (tags.len() as u16).to_le_bytes().to_vec();
    for (tag, kind, values) in &tags {
        let width = match kind {
            3 => 2,
            4 => 4,
            5 => 8,
            _ => 1,
        };
        directory.extend(tag.to_le_bytes());
        directory.extend(kind.to_le_bytes());
        directory.extend((values.len() as u32 / width).to_le_bytes());
        if values.len() <= 4 {
            directory.extend(values);
            directory.resize(directory.len() + 4 - values.len(), 0);
        } else {
            directory.extend((out.len() as u32).to_le_bytes());
            out.extend(values);
        }
    }
    let mut pointer = 4;
    for _ in 0..pages {
        let at = out.len() as u32;
        out[pointer..pointer + 4].copy_from_slice(&at.to_le_bytes());
        out.extend(&directory);
        pointer = out.len();
        out.extend([0; 4]);
    }
    out
}

/// A page in one strip of deflated zeros.
pub fn page([width, height]: [u32; 2], bits: &[u16], colour: u16, stored: usize) -> Vec<Tag> {
    vec![
        longs(256, &[width]),
        longs(257, &[height]),
        shorts(258, bits),
        shorts(259, &[8]),
        shorts(262, &[colour]),
        longs(273, &[DATA]),
        shorts(277, &[bits.len() as u16]),
        longs(278, &[height]),
        longs(279, &[stored as u32]),
    ]
}

/// One page of zeros.
pub fn single(size: [u32; 2], bits: &[u16], colour: u16, more: &[Tag]) -> Vec<u8> {
    let row: usize = bits.iter().map(|&bits| usize::from(bits)).sum();
    let stored = zeros((size[0] as usize * row).div_ceil(8) * size[1] as usize);
    let mut tags = page(size, bits, colour, stored.len());
    tags.retain(|tag| more.iter().all(|other| other.0 != tag.0));
    tags.extend(more.iter().cloned());
    tiff(&stored, &tags, 1)
}

/// A PNG of zeros.
pub fn png([width, height]: [u32; 2], depth: u8, colour: u8, interlaced: bool) -> Vec<u8> {
    let channels = [1, 0, 3, 1, 2, 0, 4][usize::from(colour)];
    let row = |width: usize| (width * channels * usize::from(depth)).div_ceil(8) + 1;
    let mut raw = row(width as usize) * height as usize;
    if interlaced {
        raw += raw / 4;
    }
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([depth, colour, 0, 0, u8::from(interlaced)]);
    for (name, data) in [
        (b"IHDR", header),
        (b"IDAT", zeros(raw)),
        (b"IEND", Vec::new()),
    ] {
        out.extend((data.len() as u32).to_be_bytes());
        let whole = [&name[..], &data].concat();
        out.extend(&whole);
        out.extend(rawzip::crc32(&whole).to_be_bytes());
    }
    out
}

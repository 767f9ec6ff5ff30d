//! Gzip, ZIP and NIfTI.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A ZIP archive of deflated files.
pub fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        let stored = encoder.finish().unwrap();
        let at = out.len() as u32;
        let mut common = [20u16, 0, 8, 0, 0].map(u16::to_le_bytes).concat();
        common.extend(rawzip::crc32(bytes).to_le_bytes());
        common.extend((stored.len() as u32).to_le_bytes());
        common.extend((bytes.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        out.extend([b"PK\x03\x04", &common[..], name.as_bytes(), &stored].concat());
        directory.extend([b"PK\x01\x02\x14\0", &common[..], &[0; 10]].concat());
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (at, count, length) = (out.len() as u32, files.len() as u16, directory.len() as u32);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].map(u16::to_le_bytes).concat());
    out.extend([length, at].map(u32::to_le_bytes).concat());
    out.extend([0, 0]);
    out
}

/// A NIfTI-1 header, of a single file.
pub fn nifti_header(dimensions: [i16; 8], datatype: i16, bits: i16) -> Vec<u8> {
    let mut bytes = vec![0; 352];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, &348i32.to_le_bytes());
    put(40, &dimensions.map(i16::to_le_bytes).concat());
    put(70, &[datatype, bits].map(i16::to_le_bytes).concat());
    put(76, &[1f32; 8].map(f32::to_le_bytes).concat());
    put(108, &352f32.to_le_bytes());
    put(344, b"n+1\0");
    bytes
}

/// A NIfTI-1 file of zeros.
pub fn nifti(dimensions: [i16; 8], datatype: i16, bits: i16) -> Vec<u8> {
    let mut bytes = nifti_header(dimensions, datatype, bits);
    let count = dimensions[0] as usize;
    let voxels: usize = dimensions[1..=count]
        .iter()
        .map(|&side| side as usize)
        .product();
    bytes.resize(bytes.len() + voxels * bits as usize / 8, 0);
    bytes
}

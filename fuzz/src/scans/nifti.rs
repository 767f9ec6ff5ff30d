use boxel_imaging::NamedFile;

use super::{open, take};

/// The input is a version, and a header with what follows it: with its magic numbers put right, as one file, gzipped, or as
/// a pair of files.
pub fn nifti(mut input: &[u8]) {
    let [flags] = take(&mut input);
    let mut bytes = input.to_vec();
    // The length of the header, and the magic number of one file and of a pair, at its place.
    let (length, at, single, pair) = match flags & 1 {
        0 => (348, 344, &b"n+1\0"[..], &b"ni1\0"[..]),
        _ => (540, 4, &b"n+2\0\r\n\x1a\n"[..], &b"ni2\0\r\n\x1a\n"[..]),
    };
    if bytes.len() < length {
        return;
    }
    bytes[..4].copy_from_slice(&(length as u32).to_le_bytes());
    let magic = if flags & 6 == 4 { pair } else { single };
    bytes[at..at + magic.len()].copy_from_slice(magic);
    let named = |name, bytes| NamedFile { name, bytes };
    match flags & 6 {
        2 => open(&[named("a.nii.gz", &gzipped(&bytes))]),
        4 => {
            let (header, voxels) = bytes.split_at(length);
            open(&[named("a.hdr", header), named("a.img", voxels)]);
        }
        _ => open(&[named("a.nii", &bytes)]),
    }
}

/// As a gzip file without the right checksum, like a damaged one.
pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    file.extend(super::dicom::deflated(bytes));
    file.extend([0; 4]);
    file.extend((bytes.len() as u32).to_le_bytes());
    file
}

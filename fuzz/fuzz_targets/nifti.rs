//! The input is a header and what follows it: with the magic numbers that it must have, as one file, gzipped, and as a
//! pair of files.
#![no_main]

mod scan;

use boxel_imaging::NamedFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (bool, &[u8])| {
    let (is_second, content) = input;
    let mut bytes = content.to_vec();
    // The length of the header, and the magic number of one file and of a pair, at its place.
    let (length, at, single, pair) = match is_second {
        false => (348, 344, &b"n+1\0"[..], &b"ni1\0"[..]),
        true => (540, 4, &b"n+2\0\r\n\x1a\n"[..], &b"ni2\0\r\n\x1a\n"[..]),
    };
    if bytes.len() < length {
        return;
    }
    bytes[..4].copy_from_slice(&(length as u32).to_le_bytes());
    bytes[at..at + single.len()].copy_from_slice(single);
    let one = |name, bytes| scan::open(&[NamedFile { name, bytes }]);
    one("a.nii", &bytes);
    one("a.nii.gz", &gzipped(&bytes));

    bytes[at..at + pair.len()].copy_from_slice(pair);
    let (header, voxels) = bytes.split_at(length);
    let named = |name, bytes| NamedFile { name, bytes };
    scan::open(&[named("a.hdr", header), named("a.img", voxels)]);
});

/// As a gzip file without the right checksum, like a damaged one.
fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    file.extend(miniz_oxide::deflate::compress_to_vec(bytes, 1));
    file.extend([0; 4]);
    file.extend((bytes.len() as u32).to_le_bytes());
    file
}

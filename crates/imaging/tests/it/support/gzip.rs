//! Gzipped files.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Bytes, gzipped at the best compression.
pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

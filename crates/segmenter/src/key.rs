use boxel_imaging::VolumeMask;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::rendering::Rendering;

/// The SHA-256 of bytes, as 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Identifies the voxels of a mask: the SHA-256 of one byte for each voxel of its grid, 0 or 1, columns fastest, then rows,
/// then slices, as 64 lower-case hexadecimal digits.
pub(crate) fn mask_sha256(mask: &VolumeMask) -> String {
    let mut sha256 = Sha256::new();
    let mut portion = Vec::with_capacity(4096);
    for inside in mask.values() {
        portion.push(u8::from(inside));
        if portion.len() == portion.capacity() {
            sha256.update(&portion);
            portion.clear();
        }
    }
    sha256.update(&portion);
    hex(&sha256.finalize())
}

/// Identifies a scan by its content: the SHA-256 of a single file, or of the sorted SHA-256s of several files; followed by
/// the scan's index in the files unless it is the first.
pub fn scan_key<'a>(files: impl Iterator<Item = &'a [u8]>, choice: usize) -> String {
    let mut digests: Vec<String> = files.map(sha256_hex).collect();
    digests.sort();
    let of_files = match digests.as_slice() {
        [one] => one.clone(),
        several => sha256_hex(several.concat().as_bytes()),
    };
    match choice {
        0 => of_files,
        other => format!("{of_files}.{other}"),
    }
}

/// Identifies an image as shown: the scan by its content, the slice, the window.
///
/// Answers contain it, so that a late answer can be told from one for the current image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageKey(String);

impl ImageKey {
    /// The key of a scan's slice in a window.
    pub fn of(scan_key: &str, rendering: &Rendering) -> Self {
        // Writing numbers and strings does not fail.
        let rendering = serde_json::to_string(rendering).unwrap_or_default();
        Self(format!("{scan_key} {rendering}"))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    #[test]
    fn a_digest_equals_the_standards_example() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(b"abc"), expected);
    }

    #[test]
    fn a_scan_is_identified_by_its_files_and_not_by_their_order() {
        let key = |files: &[&'static [u8]], choice| scan_key(files.iter().copied(), choice);
        assert_eq!(key(&[b"abc"], 0), sha256_hex(b"abc"));
        assert_eq!(key(&[b"abc", b"d"], 0), key(&[b"d", b"abc"], 0));
        assert_ne!(key(&[b"abc", b"d"], 0), key(&[b"abc"], 0));
        assert_eq!(key(&[b"abc"], 2), format!("{}.2", sha256_hex(b"abc")));
    }
}

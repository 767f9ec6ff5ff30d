//! Files of `tests/fixtures`, which its `make.py` made.

use std::path::Path;

/// The bytes of a fixture.
pub fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

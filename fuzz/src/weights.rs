//! Targets that read files of weights.

use tensor_file::{Limits, TensorFile};

use crate::zip::{self, Entry};

/// A target's name, and what it does with its input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets that read such files.
pub const TARGETS: [Target; 3] = [
    ("archive", archive),
    ("pickle", pickle),
    ("safetensors", safetensors),
];

/// The input is a whole file.
pub fn archive(file: &[u8]) {
    read(file);
}

/// The input is `data.pkl`, in a sound archive.
pub fn pickle(pickle: &[u8]) {
    read(&zip::archive(&[
        Entry::stored("a/data.pkl", pickle),
        Entry::stored("a/data/0", &[7; 16]),
        Entry::deflated("a/data/1", &[7; 8]),
    ]));
}

/// The input is the header, in front of a small buffer.
pub fn safetensors(header: &[u8]) {
    let length = (header.len() as u64).to_le_bytes();
    read(&[&length, header, &[7; 32]].concat());
}

fn read(bytes: &[u8]) {
    let limits = Limits {
        owned_bytes: 16 << 20,
        ..Limits::default()
    };
    match TensorFile::read(bytes, &limits) {
        Ok(file) => {
            for (name, tensor) in &file {
                let elements: usize = tensor.shape.iter().product();
                let needed = elements * tensor.dtype.size_bytes();
                assert_eq!(tensor.bytes.len(), needed, "{name}");
            }
        }
        Err(error) => drop(error.to_string()),
    }
}

//! What every target asks of a file.

use tensor_file::{Limits, TensorFile};

/// Reads a file, and checks what comes of it.
pub fn read(bytes: &[u8]) {
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

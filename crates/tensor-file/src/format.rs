//! The formats of files, and their detection by the first bytes.

use std::fmt;

use crate::Error;

/// A file format of checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// The zip archive that `torch.save` writes since PyTorch 1.6.
    PyTorch,
    /// The safetensors format: a JSON header and a buffer.
    Safetensors,
}

impl Format {
    /// Detects the format of a file by its first bytes.
    ///
    /// Sources: PyTorch's `torch/serialization.py` (`_is_zipfile`, `MAGIC_NUMBER`), POSIX `ustar`,
    /// and the format section of safetensors' README ("must begin with a `{` character").
    pub(crate) fn of(bytes: &[u8]) -> Result<Self, Error> {
        // Checked before safetensors: read as a header's length, these four bytes would be at least 64 MiB.
        if bytes.starts_with(b"PK\x03\x04") {
            return Ok(Self::PyTorch);
        }
        // Checked before pickles: a header of 640 bytes starts like a pickle.
        if bytes.get(8) == Some(&b'{') {
            return Ok(Self::Safetensors);
        }
        let is_pickle = matches!(bytes, [0x80, 1..=5, ..]);
        let is_tar = bytes.get(257..262) == Some(b"ustar");
        if is_pickle || is_tar {
            return Err(Error::Legacy);
        }
        let first = &bytes[..bytes.len().min(8)];
        Err(Error::UnknownFormat {
            first: first.to_vec(),
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::PyTorch => "PyTorch",
            Self::Safetensors => "safetensors",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Format;
    use crate::Error;

    #[test]
    fn first_bytes_decide() {
        assert!(matches!(Format::of(b"PK\x03\x04"), Ok(Format::PyTorch)));
        let header = *b"\x80\x02\0\0\0\0\0\0{";
        assert!(matches!(Format::of(&header), Ok(Format::Safetensors)));
        // The start of a file by `torch.save` of PyTorch 1.5: a pickle of its magic number.
        let legacy = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";
        assert!(matches!(Format::of(legacy), Err(Error::Legacy)));
        let mut tar = [b'0'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert!(matches!(Format::of(&tar), Err(Error::Legacy)));
    }

    #[test]
    fn anything_else_is_named_by_its_first_bytes() {
        let error = Format::of(b"\x89PNG\r\n\x1a\nrest")
            .unwrap_err()
            .to_string();
        assert!(error.contains("89 50 4e 47"), "{error}");
        let error = Format::of(b"").unwrap_err().to_string();
        assert!(error.contains("empty"), "{error}");
    }
}

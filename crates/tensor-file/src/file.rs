//! The tensors of a file, whatever its format.

use std::collections::{BTreeMap, btree_map};

use crate::limits::{self, Limits};
use crate::{Error, Format, Tensor, pytorch, safetensors};

/// The named tensors of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorFile<'a> {
    format: Format,
    tensors: BTreeMap<String, Tensor<'a>>,
    metadata: BTreeMap<String, String>,
    buffer: Option<&'a [u8]>,
}

impl<'a> TensorFile<'a> {
    /// Reads a PyTorch checkpoint or a safetensors file. The first bytes decide which.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFormat`] and [`Error::Legacy`] for other formats, [`Error::Limit`] for a file that exceeds `limits`,
    /// [`Error::Empty`] for a file without tensors, and the other kinds for malformed files.
    pub fn read(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        limits::check("bytes", bytes.len() as u64, limits.file_bytes)?;
        let limits = &limits.of_file(bytes.len());
        let format = Format::of(bytes)?;
        let (tensors, metadata, buffer) = match format {
            Format::PyTorch => (pytorch::read(bytes, limits)?, BTreeMap::new(), None),
            Format::Safetensors => {
                let read = safetensors::read(bytes, limits)?;
                (read.tensors, read.metadata, Some(read.buffer))
            }
        };
        if tensors.is_empty() {
            return Err(Error::Empty);
        }
        limit_shared(&tensors, bytes.len(), limits)?;
        Ok(Self {
            format,
            tensors,
            metadata,
            buffer,
        })
    }

    /// The format of the file that was read.
    pub fn format(&self) -> Format {
        self.format
    }

    /// A text of a safetensors file's `__metadata__`, by its key.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// All bytes after the header of a safetensors file: those of its tensors, in the file's order. `None` for PyTorch.
    pub fn buffer(&self) -> Option<&'a [u8]> {
        self.buffer
    }

    /// The number of tensors, at least 1.
    pub fn len(&self) -> usize {
        self.tensors.len()
    }

    /// Always `false`: a file without tensors is an error.
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }

    /// The tensor with this name.
    pub fn get(&self, name: &str) -> Option<&Tensor<'a>> {
        self.tensors.get(name)
    }

    /// The tensors with their names, sorted by name.
    pub fn iter(&self) -> Iter<'_, 'a> {
        Iter(self.tensors.iter())
    }
}

/// The tensors of a [`TensorFile`] with their names, sorted by name.
#[derive(Debug, Clone)]
pub struct Iter<'f, 'a>(btree_map::Iter<'f, String, Tensor<'a>>);

impl<'f, 'a> Iterator for Iter<'f, 'a> {
    type Item = (&'f str, &'f Tensor<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, tensor)| (name.as_str(), tensor))
    }
}

impl<'f, 'a> IntoIterator for &'f TensorFile<'a> {
    type Item = (&'f str, &'f Tensor<'a>);
    type IntoIter = Iter<'f, 'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for TensorFile<'a> {
    type Item = (String, Tensor<'a>);
    type IntoIter = btree_map::IntoIter<String, Tensor<'a>>;

    /// The tensors with their names, sorted by name.
    fn into_iter(self) -> Self::IntoIter {
        self.tensors.into_iter()
    }
}

/// Limits the tensors that share bytes of the file. Sharing costs nothing here, but callers make a copy for each name.
/// Published files have a few such names; a hostile one could ask for terabytes.
fn limit_shared(
    tensors: &BTreeMap<String, Tensor<'_>>,
    file_bytes: usize,
    limits: &Limits,
) -> Result<(), Error> {
    let all = tensors.values().map(|tensor| tensor.bytes.len() as u64);
    let limit = 2 * file_bytes as u64 + limits.owned_bytes;
    limits::check("bytes of tensors", all.sum(), limit)
}

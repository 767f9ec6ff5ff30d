//! One tensor of a file, in whichever format it was.

use std::borrow::Cow;

use crate::Dtype;

/// One tensor of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor<'a> {
    /// Type of the elements.
    pub dtype: Dtype,
    /// Length of each axis, outermost first; empty for a scalar.
    pub shape: Vec<usize>,
    /// The elements: little-endian, contiguous, row-major, unaligned. The number of bytes is the product of `shape` times
    /// [`Dtype::size_bytes`].
    ///
    /// Borrowed from the file, unless they had to be inflated or reordered.
    pub bytes: Cow<'a, [u8]>,
}

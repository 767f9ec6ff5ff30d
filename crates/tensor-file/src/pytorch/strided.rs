//! A tensor's place in its storage, and its copy in row-major order.

use std::ops::Range;

use crate::limits::Budget;
use crate::{Error, TensorFault};

/// A tensor's place in its storage, checked.
pub struct Layout<'t> {
    shape: &'t [usize],
    /// Step along each axis, in bytes.
    strides: Vec<usize>,
    element_bytes: usize,
    /// The tensor's bytes in the storage, from its first to its last.
    range: Range<usize>,
    storage_bytes: usize,
    /// Size of all elements.
    bytes: u64,
}

impl<'t> Layout<'t> {
    /// Checks that every element is within the storage. `offset` and `strides` count elements.
    pub fn new(
        shape: &'t [usize],
        strides: &[u64],
        offset: u64,
        element_bytes: usize,
        storage_bytes: u64,
        bytes: u64,
    ) -> Result<Self, TensorFault> {
        if shape.len() != strides.len() {
            return Err(TensorFault::Strides {
                lengths: shape.len(),
                strides: strides.len(),
            });
        }
        let elements = storage_bytes / element_bytes as u64;
        let outside = |end| TensorFault::Outside { end, elements };
        // Saturating is enough: a saturated offset or stride is beyond every storage.
        let end = if bytes == 0 {
            offset
        } else {
            let reach = shape
                .iter()
                .zip(strides)
                .map(|(&length, stride)| (length as u64 - 1).saturating_mul(*stride));
            reach.fold(offset.saturating_add(1), u64::saturating_add)
        };
        if end > elements {
            return Err(outside(end));
        }
        // From here on everything is within the storage, which fits a slice.
        let in_bytes = |elements: u64| {
            let bytes = elements.saturating_mul(element_bytes as u64);
            usize::try_from(bytes).map_err(|_| outside(elements))
        };
        let strides = shape.iter().zip(strides);
        // The stride of an axis of length 1 is never used, and may have any value.
        let strides = strides.map(|(&length, stride)| match length {
            0 | 1 => Ok(0),
            _ if bytes == 0 => Ok(0),
            _ => in_bytes(*stride),
        });
        Ok(Self {
            shape,
            strides: strides.collect::<Result<_, _>>()?,
            element_bytes,
            range: in_bytes(offset)?..in_bytes(end)?,
            storage_bytes: usize::try_from(storage_bytes).map_err(|_| outside(end))?,
            bytes,
        })
    }

    /// Whether the tensor is its whole storage, in order.
    pub fn is_whole(&self) -> bool {
        self.is_contiguous() && self.range == (0..self.storage_bytes)
    }

    fn is_contiguous(&self) -> bool {
        let mut expected = self.element_bytes;
        self.bytes == 0
            || self
                .shape
                .iter()
                .zip(&self.strides)
                .rev()
                .all(|(&length, &stride)| {
                    let follows = length == 1 || stride == expected;
                    expected = expected.saturating_mul(length);
                    follows
                })
    }

    /// The tensor's bytes as a slice of the storage, if it is contiguous.
    pub fn slice<'s>(&self, storage: &'s [u8]) -> Option<&'s [u8]> {
        self.is_contiguous()
            .then(|| storage.get(self.range.clone()))?
    }

    /// A copy of the tensor's bytes in row-major order.
    pub fn copy(&self, storage: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Error> {
        let mut copy = budget.zeros(self.bytes)?;
        if let Some(slice) = self.slice(storage) {
            copy.copy_from_slice(slice);
            return Ok(copy);
        }
        let mut index = vec![0; self.shape.len()];
        let mut from = self.range.start;
        for element in copy.chunks_exact_mut(self.element_bytes) {
            element.copy_from_slice(&storage[from..from + self.element_bytes]);
            from = self.advance(&mut index, from);
        }
        Ok(copy)
    }

    /// The offset of the next element in row-major order; after the last, that of the first.
    fn advance(&self, index: &mut [usize], mut from: usize) -> usize {
        for axis in (0..index.len()).rev() {
            index[axis] += 1;
            from += self.strides[axis];
            if index[axis] < self.shape[axis] {
                break;
            }
            from -= self.strides[axis] * index[axis];
            index[axis] = 0;
        }
        from
    }
}

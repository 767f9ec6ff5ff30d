//! How much a file may ask for.

use crate::Error;

/// How much a file may ask for. Each is compared with what the file declares before anything is
/// allocated for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the whole file.
    pub file_bytes: u64,
    /// Most bytes of the part that lists the tensors: `data.pkl` of a PyTorch checkpoint, the JSON
    /// header of a safetensors file.
    pub header_bytes: u64,
    /// Most entries of a PyTorch checkpoint's zip archive: one for each tensor, the optimizer's
    /// included, and a few more.
    pub records: u64,
    /// Most opcodes of a pickle. An opcode makes at most one value, one stack entry and one memo
    /// entry, so this bounds them all, and nothing that is nested is followed deeper than a
    /// tensor's arguments.
    pub opcodes: u64,
    /// Most tensors.
    pub tensors: u64,
    /// Most bytes of a tensor's name, in UTF-8.
    pub name_bytes: u64,
    /// Most dimensions of a tensor.
    pub rank: u64,
    /// Most bytes that are copied or inflated in one file, because they don't lie in it in the form
    /// of a contiguous tensor: records that are compressed, and tensors with other strides. All
    /// tensors together, those that share bytes counted each, have at most as many and twice the
    /// file's.
    pub owned_bytes: u64,
}

impl Default for Limits {
    /// Room for SAM's largest checkpoints (ViT-H: 2.5 GB, about 600 tensors) with an optimizer:
    /// 4 GiB less a byte, a header of 16 MiB, 50,000 records, a million opcodes, 10,000 tensors
    /// with names of 512 bytes and 8 dimensions, 1 GiB of copies.
    fn default() -> Self {
        Self {
            file_bytes: u32::MAX as u64,
            header_bytes: 16 << 20,
            records: 50_000,
            opcodes: 1_000_000,
            tensors: 10_000,
            name_bytes: 512,
            rank: 8,
            owned_bytes: 1 << 30,
        }
    }
}

/// [`Error::Limit`] if `found` is more than `limit`; `what` follows the number in the message.
pub(crate) fn check(what: &'static str, found: u64, limit: u64) -> Result<(), Error> {
    if found > limit {
        return Err(Error::Limit { what, found, limit });
    }
    Ok(())
}

/// What is left of [`Limits::owned_bytes`].
pub(crate) struct Budget {
    limit: u64,
    spent: u64,
}

impl Budget {
    pub fn new(limits: &Limits) -> Self {
        Self {
            limit: limits.owned_bytes,
            spent: 0,
        }
    }

    /// A vector of zeros, paid for.
    pub fn zeros(&mut self, bytes: u64) -> Result<Vec<u8>, Error> {
        self.spent = self.spent.saturating_add(bytes);
        let what = "bytes of compressed or strided tensors";
        check(what, self.spent, self.limit)?;
        let length = usize::try_from(bytes).map_err(|_| Error::Memory { bytes })?;
        let mut zeros = Vec::new();
        // An allocation that fails is an error, not an abort: 1 GiB is much for 32 bits.
        zeros
            .try_reserve_exact(length)
            .map_err(|_| Error::Memory { bytes })?;
        zeros.resize(length, 0);
        Ok(zeros)
    }
}

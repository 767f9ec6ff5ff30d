//! Limits of what a file may contain.

use crate::Error;

/// Limits of what a file may contain. Each is compared with what the file declares before memory is allocated for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole file.
    pub file_bytes: u64,
    /// Bytes of the part that lists the tensors: `data.pkl` of a PyTorch checkpoint, the JSON
    /// header of a safetensors file.
    pub header_bytes: u64,
    /// Records in the zip archive of a PyTorch checkpoint: one for each tensor, including the optimizer's, and a few more.
    pub records: u64,
    /// Opcodes of a pickle. An opcode makes at most one value, one stack entry and one memo entry, so this bounds all of
    /// them. Nested values are not followed deeper than the arguments of a tensor.
    pub opcodes: u64,
    /// Number of tensors in the state dict or header.
    pub tensors: u64,
    /// Bytes of a tensor's name, in UTF-8.
    pub name_bytes: u64,
    /// Number of a tensor's dimensions.
    pub rank: u64,
    /// Bytes that are copied or inflated for one file: compressed records, and tensors that are not contiguous. All
    /// tensors together, counting shared bytes once for each tensor, may have this many bytes plus twice the file's. For a
    /// short file it is less: 16 MiB and four times its length, since `torch.save` compresses nothing, and few tensors have
    /// more elements than their storage (expanded ones have).
    pub owned_bytes: u64,
}

impl Default for Limits {
    /// Enough for SAM's largest checkpoints (ViT-H: 2.5 GB, about 600 tensors) with an optimizer: files below 4 GiB, a
    /// header of 16 MiB, 50,000 records, a million opcodes, 10,000 tensors with names of 512 bytes and 8 dimensions, 1 GiB
    /// of copies.
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

impl Limits {
    /// The limits for a file of this length.
    pub(crate) fn of_file(&self, bytes: usize) -> Limits {
        const MIN_OWNED: u64 = 16 << 20;
        const OWNED_PER_BYTE: u64 = 4;
        let most = MIN_OWNED + OWNED_PER_BYTE * bytes as u64;
        Limits {
            owned_bytes: self.owned_bytes.min(most),
            ..*self
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

/// Counts allocations against [`Limits::owned_bytes`].
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

    /// Allocates zeros, and counts them.
    pub fn zeros(&mut self, bytes: u64) -> Result<Vec<u8>, Error> {
        self.spent = self.spent.saturating_add(bytes);
        let what = "bytes of compressed or strided tensors";
        check(what, self.spent, self.limit)?;
        let length = usize::try_from(bytes).map_err(|_| Error::Memory { bytes })?;
        let mut zeros = Vec::new();
        // A failed allocation must be an error, not an abort: in 32 bits 1 GiB may fail.
        zeros
            .try_reserve_exact(length)
            .map_err(|_| Error::Memory { bytes })?;
        zeros.resize(length, 0);
        Ok(zeros)
    }
}

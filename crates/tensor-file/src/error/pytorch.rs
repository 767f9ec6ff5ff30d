//! What can be wrong with a PyTorch checkpoint.

use thiserror::Error;

/// What can be wrong with the zip archive of a PyTorch checkpoint.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArchiveFault {
    /// The archive's own structures are damaged, or the file stops too early.
    #[error("{0} (is the file complete?)")]
    Zip(String),
    /// Bytes follow the archive.
    #[error("it ends at byte {end}, and the file at byte {file}")]
    Trailing {
        /// Where the archive ends.
        end: u64,
        /// The length of the file.
        file: u64,
    },
    /// The directory has another number of records than it says.
    #[error("it declares {declared} records and has {found}")]
    Count {
        /// The number at the end of the archive.
        declared: u64,
        /// How many there are.
        found: u64,
    },
    /// A record's name is not UTF-8.
    #[error("the name of a record is not UTF-8: {0:?}")]
    Name(String),
    /// Two records have one name.
    #[error("it has two records `{0}`")]
    Duplicate(String),
    /// Two records share bytes.
    #[error("the records `{first}` and `{second}` overlap")]
    Overlap {
        /// The record that begins first.
        first: String,
        /// The other.
        second: String,
    },
    /// A record's local header says something else than the directory.
    #[error("record `{record}` is described in two ways, which differ in their {what}")]
    LocalHeader {
        /// The record's name in the directory.
        record: String,
        /// What differs: `name`, `method` or `size`.
        what: &'static str,
    },
    /// A record lies outside the file.
    #[error("record `{0}` lies outside the file")]
    Outside(String),
    /// A record is encrypted.
    #[error("record `{0}` is encrypted")]
    Encrypted(String),
    /// A record is compressed by another method than deflate.
    #[error(
        "record `{record}` is compressed by method {method}; known are 0 (stored) and 8 (deflate)"
    )]
    Method {
        /// The record's name.
        record: String,
        /// The number of the method.
        method: u16,
    },
    /// A record declares a size that its compressed bytes can't have.
    #[error("record `{record}` can't become {declared} bytes from {compressed}")]
    Ratio {
        /// The record's name.
        record: String,
        /// The inflated size that the directory declares, in bytes.
        declared: u64,
        /// The compressed size, in bytes.
        compressed: u64,
    },
    /// A record's compressed bytes are no deflate stream of the declared size.
    #[error("record `{0}` does not inflate to the size it declares")]
    Inflate(String),
    /// A record has another checksum than the directory says.
    #[error(
        "record `{record}` has CRC-32 {found:08x} instead of {declared:08x}: it is damaged, or was \
         saved after `torch.serialization.set_crc32_options(False)`"
    )]
    Checksum {
        /// The record's name.
        record: String,
        /// The checksum in the directory.
        declared: u32,
        /// The checksum of the bytes.
        found: u32,
    },
    /// There is no `data.pkl`: a zip archive, but not PyTorch's.
    #[error("it has no `<folder>/data.pkl`, so it is no PyTorch checkpoint")]
    NoPickle,
    /// There are two checkpoints in one archive.
    #[error("it has both `{first}` and `{second}`")]
    TwoPickles {
        /// The first by name.
        first: String,
        /// The second by name.
        second: String,
    },
    /// The checkpoint was written by a big-endian machine.
    #[error("its byte order is {0:?}; only \"little\" is read")]
    ByteOrder(String),
    /// The record `version` is no version of PyTorch's format that is known.
    #[error("its format has version {0:?}; known are 1 to 10")]
    Version(String),
}

/// What can be wrong in `data.pkl`.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PickleFault {
    /// It stops inside an opcode or before `STOP`.
    #[error("it stops too early")]
    End,
    /// Bytes follow the end.
    #[error("{0} bytes follow the end of the pickle")]
    Trailing(usize),
    /// An opcode that `torch.save` does not write.
    #[error("opcode {0:#04x} is none that `torch.save` writes")]
    Opcode(u8),
    /// A protocol that `torch.save` does not write.
    #[error("pickle protocol {0} is not known; known are 2 to 5")]
    Protocol(u8),
    /// An opcode takes a value or a mark that is not on the stack.
    #[error("the stack has no value for {0}")]
    Stack(&'static str),
    /// The stack holds more than the result at the end.
    #[error("{0} values are left on the stack at the end")]
    Left(usize),
    /// A memo entry that was never written.
    #[error("memo entry {0} is read before it is written")]
    Memo(u32),
    /// Text that is not UTF-8.
    #[error("a text is not UTF-8")]
    Text,
    /// An opcode is applied to a value of a wrong kind.
    #[error("{opcode} is applied to {found}")]
    Kind {
        /// The opcode's name.
        opcode: &'static str,
        /// What the value is.
        found: String,
    },
}

/// Why a PyTorch checkpoint has no state dict.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateDictFault {
    /// The checkpoint is something else than a dict.
    #[error(
        "the checkpoint holds {found} and not a dict of tensors; save the model's `state_dict()`"
    )]
    Root {
        /// What it is; a call is named by the function that would be called.
        found: String,
    },
    /// Both places of a training checkpoint have tensors.
    #[error("the checkpoint has tensors in both `model` and `state_dict`; keep one of them")]
    Ambiguous,
    /// A key is not a text.
    #[error("the state dict has {found} as a key")]
    Key {
        /// What the key is.
        found: String,
    },
    /// A key stands twice in the state dict or in the dict around it.
    #[error("the checkpoint has the key `{0}` twice in one dict")]
    Duplicate(String),
}

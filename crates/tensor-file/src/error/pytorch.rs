//! What can be wrong with a PyTorch checkpoint.

use thiserror::Error;

/// What can be wrong with the zip archive of a PyTorch checkpoint.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArchiveFault {
    /// The archive's structures are damaged, or the file is truncated.
    #[error("{0} (is the file complete?)")]
    Zip(String),
    /// Bytes follow the archive.
    #[error("it ends at byte {end}, and the file at byte {file}")]
    Trailing {
        /// End of the archive, in bytes from the start of the file.
        end: u64,
        /// Length of the file, in bytes.
        file: u64,
    },
    /// The directory declares a different number of records than it has.
    #[error("it declares {declared} records and has {found}")]
    Count {
        /// The number that the end of the archive declares.
        declared: u64,
        /// The number of records in the directory.
        found: u64,
    },
    /// A record's name is not UTF-8.
    #[error("the name of a record is not UTF-8: {0:?}")]
    Name(String),
    /// Two records have the same name.
    #[error("it has two records `{0}`")]
    Duplicate(String),
    /// Two records share bytes.
    #[error("the records `{first}` and `{second}` overlap")]
    Overlap {
        /// Name of the record that starts first.
        first: String,
        /// Name of the record that starts inside it.
        second: String,
    },
    /// A record's local header differs from the directory.
    #[error("the local header of record `{record}` and the directory differ in their {what}")]
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
    /// A record is compressed by a method other than deflate.
    #[error(
        "record `{record}` is compressed by method {method}; supported are 0 (stored) and 8 (deflate)"
    )]
    Method {
        /// The record's name in the directory.
        record: String,
        /// The method's number in the zip format.
        method: u16,
    },
    /// A record declares a size that deflate cannot reach from its compressed bytes.
    #[error(
        "record `{record}` declares {declared} bytes, more than {compressed} compressed bytes can hold"
    )]
    Ratio {
        /// The record's name in the directory.
        record: String,
        /// The inflated size that the directory declares, in bytes.
        declared: u64,
        /// The compressed size, in bytes.
        compressed: u64,
    },
    /// A record's compressed bytes are not a deflate stream of the declared size.
    #[error("record `{0}` does not inflate to the size it declares")]
    Inflate(String),
    /// A record's checksum differs from the directory's.
    #[error(
        "record `{record}` has CRC-32 {found:08x} instead of {declared:08x}: it is damaged, or was \
         saved after `torch.serialization.set_crc32_options(False)`"
    )]
    Checksum {
        /// The record's name in the directory.
        record: String,
        /// The checksum in the directory.
        declared: u32,
        /// The checksum of the bytes.
        found: u32,
    },
    /// There is no `data.pkl`: this is a zip archive, but not PyTorch's.
    #[error("it has no `<folder>/data.pkl`, so it is not a PyTorch checkpoint")]
    NoPickle,
    /// There are two checkpoints in one archive.
    #[error("it has both `{first}` and `{second}`")]
    TwoPickles {
        /// Path of the first `data.pkl`, by name.
        first: String,
        /// Path of the second `data.pkl`, by name.
        second: String,
    },
    /// The checkpoint was written by a big-endian machine.
    #[error("its byte order is {0:?}; only \"little\" is supported")]
    ByteOrder(String),
    /// The record `version` is not a supported version of PyTorch's format.
    #[error("its format has version {0:?}; supported are 1 to 10")]
    Version(String),
}

/// What can be wrong in `data.pkl`.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PickleFault {
    /// The pickle ends inside an opcode or before `STOP`.
    #[error("it ends too early")]
    End,
    /// Bytes follow the opcode `STOP`.
    #[error("{0} bytes follow the end of the pickle")]
    Trailing(usize),
    /// An opcode that `torch.save` does not write.
    #[error("`torch.save` does not write opcode {0:#04x}")]
    Opcode(u8),
    /// A protocol that `torch.save` does not write.
    #[error("pickle protocol {0} is not supported; supported are 2 to 5")]
    Protocol(u8),
    /// An opcode needs a value or a mark that is not on the stack.
    #[error("the stack has no value for {0}")]
    Stack(&'static str),
    /// The stack holds more than the result at the end.
    #[error("{0} values are left on the stack at the end")]
    Left(usize),
    /// A memo entry is read that was never written.
    #[error("memo entry {0} is read before it is written")]
    Memo(u32),
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    Text,
    /// An opcode is applied to a value of the wrong kind.
    #[error("{opcode} is applied to {found}")]
    Kind {
        /// The opcode's name in `pickletools`.
        opcode: &'static str,
        /// A description of the value.
        found: String,
    },
}

/// Why a PyTorch checkpoint has no state dict.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateDictFault {
    /// The checkpoint is not a dict.
    #[error(
        "the checkpoint holds {found} instead of a dict of tensors; save the model's `state_dict()`"
    )]
    Root {
        /// A description of the value; a call is described by its function.
        found: String,
    },
    /// Both `model` and `state_dict` of a training checkpoint have tensors.
    #[error("the checkpoint has tensors in both `model` and `state_dict`; keep one of them")]
    Ambiguous,
    /// A key is not a text.
    #[error("the state dict has {found} as a key")]
    Key {
        /// A description of the key.
        found: String,
    },
    /// A key occurs twice in the state dict or in the dict around it.
    #[error("the checkpoint has the key `{0}` twice in one dict")]
    Duplicate(String),
}

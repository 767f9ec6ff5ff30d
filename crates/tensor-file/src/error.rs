//! What can be wrong with a file, worded for the person whose file it is.

use std::fmt::Write;

use thiserror::Error;

/// Everything that this crate refuses.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The first bytes belong to no format that is known here.
    #[error("this is no PyTorch checkpoint and no safetensors file: {}", beginning(.first))]
    UnknownFormat {
        /// The first bytes of the file, eight at most.
        first: Vec<u8>,
    },
    /// A checkpoint of PyTorch before 1.6: a bare pickle or a tar archive.
    #[error(
        "this is a bare pickle or a tar archive, as PyTorch wrote before version 1.6; save it again \
         with a present one: `torch.save(torch.load(\"old.pth\", weights_only=True), \"new.pth\")`"
    )]
    Legacy,
    /// The file asks for more than [`Limits`](crate::Limits).
    #[error("the file has {found} {what}; the limit is {limit}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much of it the file has or declares; where counting stopped, one more than the limit.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// There is not enough memory for bytes that have to be copied or inflated.
    #[error("there is no memory for {bytes} bytes of tensors")]
    Memory {
        /// How many bytes were asked for.
        bytes: u64,
    },
    /// The zip archive of a PyTorch checkpoint is not as it should be.
    #[error("the zip archive of the checkpoint is unreadable: {0}")]
    Archive(#[from] ArchiveFault),
    /// `data.pkl` of a PyTorch checkpoint is not as it should be.
    #[error("`data.pkl` of the checkpoint is unreadable at byte {offset}: {fault}")]
    Pickle {
        /// Where the opcode begins, in bytes from the start of `data.pkl`.
        offset: usize,
        /// What is wrong there.
        fault: PickleFault,
    },
    /// There is no state dict in a PyTorch checkpoint, or there are two.
    #[error("{0}")]
    StateDict(#[from] StateDictFault),
    /// The header of a safetensors file is not as it should be.
    #[error("the header of the safetensors file is unreadable: {0}")]
    Header(#[from] HeaderFault),
    /// One tensor is not as it should be.
    #[error("tensor `{name}`: {fault}")]
    Tensor {
        /// The tensor's name.
        name: String,
        /// What is wrong with it.
        fault: TensorFault,
    },
}

fn beginning(first: &[u8]) -> String {
    if first.is_empty() {
        return "it is empty".to_owned();
    }
    let mut text = "it begins with".to_owned();
    for byte in first {
        // Writing to a string can't fail.
        let _ = write!(text, " {byte:02x}");
    }
    text
}

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
    /// The state dict is empty.
    #[error("the checkpoint has no tensors")]
    Empty,
}

/// What can be wrong with the header of a safetensors file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HeaderFault {
    /// The header is longer than the file.
    #[error("it declares {declared} bytes, and the file has {left} after its first 8")]
    Length {
        /// The length at the start of the file, in bytes.
        declared: u64,
        /// How many bytes are left for it.
        left: u64,
    },
    /// It is no JSON of the form that the format asks for, or has a key twice.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// Bytes of the buffer belong to no tensor.
    #[error("bytes {start} to {end} of the buffer belong to no tensor")]
    Gap {
        /// The first such byte, from the start of the buffer.
        start: u64,
        /// The one after the last.
        end: u64,
    },
}

/// What can be wrong with one tensor.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TensorFault {
    /// The entry of the state dict is no tensor.
    #[error("it is {found} and not a tensor")]
    Kind {
        /// What it is; a call is named by the function that would be called.
        found: String,
    },
    /// The function that rebuilds the tensor gets other arguments than PyTorch's.
    #[error("`{function}` gets {found} as its {argument}")]
    Argument {
        /// The function's name.
        function: String,
        /// The argument's name.
        argument: &'static str,
        /// What it is.
        found: String,
    },
    /// Elements of a type that is not read here.
    #[error("elements of type `{0}` are not supported")]
    Dtype(String),
    /// More dimensions than the limit.
    #[error("it has {rank} dimensions; the limit is {limit}")]
    Rank {
        /// How many it has.
        rank: usize,
        /// [`Limits::rank`](crate::Limits::rank).
        limit: u64,
    },
    /// The lengths multiply to more than can be counted.
    #[error("shape {shape:?} has more bytes than can be counted")]
    Overflow {
        /// The lengths.
        shape: Vec<usize>,
    },
    /// There are as many strides as there are lengths in every tensor but this.
    #[error("it has {lengths} lengths and {strides} strides")]
    Strides {
        /// How many lengths there are.
        lengths: usize,
        /// How many strides.
        strides: usize,
    },
    /// The tensor reaches beyond its storage.
    #[error("its elements end at {end}, and its storage has {elements}")]
    Outside {
        /// The element after the tensor's last, counted from the start of the storage.
        end: u64,
        /// How many elements the storage has.
        elements: u64,
    },
    /// The archive has no record for the tensor's storage.
    #[error("its storage `{0}` is not in the file")]
    NoStorage(String),
    /// The record of a storage has another size than the pickle says.
    #[error("its storage `{storage}` has {found} bytes instead of {declared}")]
    StorageSize {
        /// The name of the record.
        storage: String,
        /// The size by the pickle, in bytes.
        declared: u64,
        /// The size of the record, in bytes.
        found: u64,
    },
    /// The bytes of a tensor in a safetensors file are not as many as its shape needs.
    #[error(
        "its {dtype} elements of shape {shape:?} need {needed} bytes, and it has bytes {start} to {end}"
    )]
    Size {
        /// The type of its elements.
        dtype: crate::Dtype,
        /// Its lengths.
        shape: Vec<usize>,
        /// What they need, in bytes.
        needed: u64,
        /// Its first byte, from the start of the buffer.
        start: u64,
        /// The one after its last.
        end: u64,
    },
    /// The tensor's bytes overlap another tensor's.
    #[error("its bytes begin at {start}, inside `{other}`")]
    Overlap {
        /// Its first byte, from the start of the buffer.
        start: u64,
        /// The other tensor.
        other: String,
    },
    /// The tensor's bytes reach beyond the file.
    #[error("its bytes end at {end}, and the buffer has {buffer}")]
    Truncated {
        /// The byte after its last, from the start of the buffer.
        end: u64,
        /// The length of the buffer, in bytes.
        buffer: u64,
    },
}

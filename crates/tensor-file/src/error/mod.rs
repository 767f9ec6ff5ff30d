//! What can be wrong with a file, worded for the file's owner.

mod pytorch;

pub use pytorch::{ArchiveFault, PickleFault, StateDictFault};

use std::fmt::Write;

use thiserror::Error;

/// Why a file was refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The first bytes belong to no known format.
    #[error("this is neither a PyTorch checkpoint nor a safetensors file: {}", beginning(.first))]
    UnknownFormat {
        /// The first bytes of the file, eight at most.
        first: Vec<u8>,
    },
    /// A checkpoint of PyTorch before 1.6: a bare pickle or a tar archive.
    #[error(
        "this is a bare pickle or a tar archive, as PyTorch wrote before version 1.6; save it again \
         with a current version: `torch.save(torch.load(\"old.pth\", weights_only=True), \"new.pth\")`"
    )]
    Legacy,
    /// The file has no tensors.
    #[error("the file has no tensors")]
    Empty,
    /// The file asks for more than [`Limits`](crate::Limits).
    #[error("the file has {found} {what}; the limit is {limit}")]
    Limit {
        /// What exceeds the limit, as a plural noun.
        what: &'static str,
        /// How many the file has or declares; one more than the limit if counting stopped there.
        found: u64,
        /// The limit that was exceeded.
        limit: u64,
    },
    /// Memory for bytes that must be copied or inflated could not be allocated.
    #[error("{bytes} bytes of memory for tensors could not be allocated")]
    Memory {
        /// How many bytes were asked for.
        bytes: u64,
    },
    /// The zip archive of a PyTorch checkpoint is malformed.
    #[error("the zip archive of the checkpoint is unreadable: {0}")]
    Archive(#[from] ArchiveFault),
    /// `data.pkl` of a PyTorch checkpoint is malformed.
    #[error("`data.pkl` of the checkpoint is unreadable at byte {offset}: {fault}")]
    Pickle {
        /// Start of the opcode, in bytes from the start of `data.pkl`.
        offset: usize,
        /// What is wrong with the opcode.
        fault: PickleFault,
    },
    /// A PyTorch checkpoint has no state dict, or two.
    #[error("{0}")]
    StateDict(#[from] StateDictFault),
    /// The header of a safetensors file is malformed.
    #[error("the header of the safetensors file is unreadable: {0}")]
    Header(#[from] HeaderFault),
    /// One tensor is malformed.
    #[error("tensor `{name}`: {fault}")]
    Tensor {
        /// The tensor's name in the file.
        name: String,
        /// What is wrong with it.
        fault: TensorFault,
    },
}

fn beginning(first: &[u8]) -> String {
    if first.is_empty() {
        return "the file is empty".to_owned();
    }
    let mut text = "the file starts with".to_owned();
    for byte in first {
        // Writing to a string can't fail.
        let _ = write!(text, " {byte:02x}");
    }
    text
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
        /// Bytes in the file after the first eight.
        left: u64,
    },
    /// It is not JSON in the form that the format requires, or has a key twice.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// Bytes of the buffer belong to no tensor.
    #[error("bytes {start} to {end} of the buffer belong to no tensor")]
    Gap {
        /// Offset of the first such byte in the buffer.
        start: u64,
        /// Offset after the last such byte.
        end: u64,
    },
}

/// What can be wrong with one tensor.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TensorFault {
    /// The entry of the state dict is not a tensor.
    #[error("it is {found}, not a tensor")]
    Kind {
        /// A description of the entry; a call is described by its function.
        found: String,
    },
    /// The call that rebuilds the tensor has other arguments than PyTorch writes.
    #[error("`{function}` has {found} as its argument `{argument}`")]
    Argument {
        /// The function's name, with its module.
        function: String,
        /// The argument's name in PyTorch.
        argument: &'static str,
        /// A description of the argument's value.
        found: String,
    },
    /// The elements have an unsupported type.
    #[error("elements of type `{0:.80}` are not supported")]
    Dtype(String),
    /// The tensor has more dimensions than the limit.
    #[error("it has {rank} dimensions; the limit is {limit}")]
    Rank {
        /// The tensor's number of dimensions.
        rank: usize,
        /// [`Limits::rank`](crate::Limits::rank).
        limit: u64,
    },
    /// The size in bytes overflows a `u64`.
    #[error("the size of shape {shape:?} overflows 64 bits")]
    Overflow {
        /// The tensor's shape in the file.
        shape: Vec<usize>,
    },
    /// The numbers of lengths and strides differ.
    #[error("it has {lengths} lengths and {strides} strides")]
    Strides {
        /// Number of lengths in the shape.
        lengths: usize,
        /// Number of strides in the pickle.
        strides: usize,
    },
    /// The tensor reaches beyond its storage.
    #[error("its elements end at {end}, and its storage has {elements}")]
    Outside {
        /// Index in the storage after the tensor's last element.
        end: u64,
        /// Number of elements of the storage.
        elements: u64,
    },
    /// The archive has no record for the tensor's storage.
    #[error("its storage `{0:.80}` is not in the file")]
    NoStorage(String),
    /// The record of a storage has a different size than the pickle declares.
    #[error("its storage `{storage:.80}` has {found} bytes instead of {declared}")]
    StorageSize {
        /// The name of the record.
        storage: String,
        /// The size that the pickle declares, in bytes.
        declared: u64,
        /// The size of the record, in bytes.
        found: u64,
    },
    /// A tensor of a safetensors file has more or fewer bytes than its shape needs.
    #[error(
        "its {dtype} elements of shape {shape:?} need {needed} bytes, and it has bytes {start} to {end}"
    )]
    Size {
        /// The type of the tensor's elements.
        dtype: crate::Dtype,
        /// The tensor's shape in the file.
        shape: Vec<usize>,
        /// The size that the shape needs, in bytes.
        needed: u64,
        /// Offset of its first byte in the buffer.
        start: u64,
        /// Offset after its last byte.
        end: u64,
    },
    /// The tensor's bytes overlap another tensor's.
    #[error("its bytes start at {start}, inside `{other}`")]
    Overlap {
        /// Offset of its first byte in the buffer.
        start: u64,
        /// Name of the other tensor.
        other: String,
    },
    /// The tensor's bytes reach beyond the file.
    #[error("its bytes end at {end}, and the buffer has {buffer}")]
    Truncated {
        /// Offset in the buffer after its last byte.
        end: u64,
        /// The length of the buffer, in bytes.
        buffer: u64,
    },
}

//! What can be wrong with a file, worded for the person whose file it is.

mod pytorch;

pub use pytorch::{ArchiveFault, PickleFault, StateDictFault};

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
    /// There is no tensor.
    #[error("the file has no tensors")]
    Empty,
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
    #[error("elements of type `{0:.80}` are not supported")]
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
    #[error("its storage `{0:.80}` is not in the file")]
    NoStorage(String),
    /// The record of a storage has another size than the pickle says.
    #[error("its storage `{storage:.80}` has {found} bytes instead of {declared}")]
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

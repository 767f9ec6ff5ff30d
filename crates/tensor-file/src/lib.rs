//! Reads the named tensors of PyTorch checkpoints and safetensors files, from bytes, without
//! executing anything.
//!
//! A PyTorch checkpoint is a pickle, and a pickle is a program: `torch.load` of a hostile file runs what the file says.
//! This crate turns a pickle into inert values and reads only the tensors of the state dict. Names of functions are
//! compared with a short list and never called.
//!
//! | format | starts with | how it is read |
//! |---|---|---|
//! | PyTorch, `torch.save` of 1.6 and later | `PK\x03\x04` | a zip archive with a pickle and one record per storage |
//! | PyTorch before 1.6 | magic of a pickle or a tar archive | refused, with instructions for saving it again |
//! | safetensors | length of the header, then `{` | a JSON header and one buffer |
//!
//! Tensors are not copied where the file has their bytes in one piece: they are slices of the file for every tensor of a
//! safetensors file and for every contiguous tensor in an uncompressed record of a PyTorch checkpoint (`torch.save`
//! compresses none).
//!
//! # Which dict is read
//!
//! The state dict is the outermost dict of the checkpoint. Training checkpoints have it below `model` or `state_dict`: if
//! one of these is a dict, the tensors are read from it, and everything next to it (optimizer, epoch, arguments) is
//! ignored, whatever functions it names. Inside the state dict anything but a tensor is an error.
//!
//! # Hostile files
//!
//! Every size in a file is compared with the file's length and with [`Limits`] before memory is allocated for it. Neither
//! reading nor dropping recurses to a depth that the file chooses.
//!
//! # Example
//!
//! ```
//! use tensor_file::{Dtype, Format, Limits, TensorFile};
//!
//! # fn main() -> Result<(), tensor_file::Error> {
//! let header = br#"{"bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
//! let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
//! bytes.extend(header);
//! bytes.extend([1.0f32.to_le_bytes(), 2.0f32.to_le_bytes()].concat());
//!
//! let file = TensorFile::read(&bytes, &Limits::default())?;
//! assert_eq!(file.format(), Format::Safetensors);
//! for (name, tensor) in &file {
//!     assert_eq!((name, tensor.dtype, &tensor.shape[..]), ("bias", Dtype::F32, &[2][..]));
//! }
//! # Ok(())
//! # }
//! ```
#![warn(missing_docs)]

mod dtype;
mod error;
mod file;
mod format;
mod limits;
mod pytorch;
mod safetensors;
mod tensor;

pub use dtype::Dtype;
pub use error::{ArchiveFault, Error, HeaderFault, PickleFault, StateDictFault, TensorFault};
pub use file::TensorFile;
pub use format::Format;
pub use limits::Limits;
pub use tensor::Tensor;

//! Reads the named tensors of PyTorch checkpoints and safetensors files, from bytes, without
//! executing anything.
//!
//! A PyTorch checkpoint is a pickle, and a pickle is a program: `torch.load` of a hostile file runs
//! what the file says. Here a pickle becomes inert values, of which only a state dict's tensors are
//! looked at; names of functions are compared with a short list and never called.
//!
//! | format | begins with | read |
//! |---|---|---|
//! | PyTorch, `torch.save` of 1.6 and later | `PK\x03\x04` | a zip archive with a pickle and one record per storage |
//! | PyTorch before 1.6 | a pickle's or a tar archive's magic | refused, with the way to save it again |
//! | safetensors | length of the header, then `{` | a JSON header and one buffer |
//!
//! The file stays where it is: a tensor's bytes are a slice of it wherever they lie there in one
//! piece, which is every tensor of a safetensors file and, in a PyTorch checkpoint, every contiguous
//! tensor of an uncompressed record (`torch.save` compresses none).
//!
//! # Which dict is read
//!
//! The state dict is the outermost dict of the checkpoint. Training checkpoints have it below
//! `model` or `state_dict`: where one of these is a dict, the tensors are taken from there and
//! everything beside it (optimizer, epoch, arguments) is ignored, whatever functions it names. Inside the state dict
//! anything that is not a tensor is an error.
//!
//! # Hostile files
//!
//! Every size in a file is compared with the file's own length and with [`Limits`] before anything
//! is allocated for it. Nothing here recurses as deep as a file says, neither while reading nor
//! while dropping.
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

pub use dtype::Dtype;
pub use error::{ArchiveFault, Error, HeaderFault, PickleFault, StateDictFault, TensorFault};
pub use file::{Tensor, TensorFile};
pub use format::Format;
pub use limits::Limits;

//! A segmentation session: where pixels and tensors meet.
//!
//! ```text
//! Scan → show a slice → prepare → embed, once per image → prompt → decode → restore → Segment
//!                                         neighbour's mask → next box → decode → judge → Structure
//! ```
//!
//! The crate knows neither browser nor network: weights come as bytes, scans as values on a grid, masks leave as
//! pixels. A checkpoint is bound to the recipe that its images are prepared by
//! ([`CheckpointKind`]), so that the two can't be mixed up.
//!
//! Everything that may wait for a GPU is `async`; on the CPU it is done when it returns.

mod checkpoint;
mod device;
mod embed;
mod error;
mod key;
mod offer;
mod overlap;
mod palette;
pub mod parity;
mod prompt;
mod save;
mod segment;
mod session;
mod session_file;
mod tensors;
mod weights_file;

pub use boxel_imaging as imaging;
pub use burn_sam as sam;

pub use checkpoint::{CheckpointKind, Model};
pub use device::{Compute, ComputeKind};
pub use embed::{EmbedProgress, Embedder, Embedding};
pub use error::Error;
pub use key::{ImageKey, scan_key, sha256_hex};
pub use offer::Offer;
pub use overlap::{Overlap, Winner};
pub use palette::{PALETTE, colour};
pub use prompt::{PointLabel, Prompt, PromptPoint};
pub use save::{SaveFormat, SaveOptions, SavedObject};
pub use segment::Segment;
pub use session::{
    Direction, EmbeddingMemory, MIN_REPLAY_DICE, ObjectMasks, Origin, Rendering, ReplayCheck,
    Session, Step, StoredMask, StoredOrigin, StoredSlice, Structure, StructureSlice,
};
pub use session_file::{
    Named, RecordedObject, RecordedPrompt, RecordedResult, RecordedStep, SessionFile, Weights,
};
pub use weights_file::{WeightsFile, inspect};

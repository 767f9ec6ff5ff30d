//! A segmentation session: the crate that connects pixels and tensors.
//!
//! ```text
//! Scan → show a slice → prepare → embed, once per image → prompt → decode → restore → Prediction
//!                                         neighbour's mask → next box → decode → judge → ObjectMask
//! ```
//!
//! The crate knows neither browser nor network: weights come as bytes, scans as values on a grid, and masks leave as
//! pixels. [`CheckpointKind`] binds a checkpoint to the recipe that prepares its images, so the two can't be mixed up.
//!
//! Functions that may wait for a GPU are `async`; on the CPU they are complete when they return.

mod checkpoint;
mod checkpoint_kind;
mod device;
mod embed;
mod encoder;
mod error;
mod key;
mod network;
mod offer;
mod overlap;
mod palette;
pub mod parity;
mod point_label;
mod prediction;
mod prompt;
mod rendering;
mod save;
mod segment_facts;
mod segments;
mod session;
mod tensors;
mod weights_file;

pub use boxel_imaging as imaging;
pub use burn_sam as sam;

pub use checkpoint::Model;
pub use checkpoint_kind::{CheckpointKind, ModelConfig};
pub use device::{Compute, ComputeKind};
pub use embed::{Embedder, Embedding};
pub use encoder::{EmbedProgress, Encoder, Encoding, Halfway};
pub use error::Error;
pub use key::{ImageKey, scan_key, sha256_hex};
pub use offer::Offer;
pub use overlap::{Overlap, Winner};
pub use palette::{OWN_COLOURS, PALETTE, colour, own_colour};
pub use point_label::PointLabel;
pub use prediction::{MAX_BATCH, Prediction};
pub use prompt::{MAX_POLYGON_POINTS, Prompt, PromptPoint};
pub use rendering::Rendering;
pub use save::{SaveFormat, SaveOptions, SavedObject};
pub use segment_facts::SegmentFacts;
pub use segments::{LoadedSegment, SegmentList, SegmentReader};
pub use session::{
    DEFAULT_EMBEDDING_BUDGET_BYTES, DEFAULT_PROPAGATION_RANGE, Direction, EmbeddingMemory, Lent,
    MIN_REPLAY_DICE, Named, ObjectMask, ObjectSlice, OpenScan, Origin, PropagationStep,
    RecordedEdit, RecordedMask, RecordedObject, RecordedPrompt, RecordedResult, RecordedStep,
    ReplayCheck, Session, SessionFile, StoredMask, StoredMasks, StoredOrigin, StoredSlice,
    VolumeEdit, Weights,
};
pub use weights_file::{NOT_PUBLISHED, WeightsFile, inspect, inspect_checked};

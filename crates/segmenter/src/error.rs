use boxel_imaging::{Error as ImagingError, Recipe};
use burn_sam::WeightsError;
use thiserror::Error;

use crate::checkpoint_kind::CheckpointKind;

/// An error of a session.
#[derive(Debug, Error)]
pub enum Error {
    /// A fault of the scan or the prompt.
    #[error(transparent)]
    Imaging(#[from] ImagingError),
    /// A fault of the weights.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The weights may belong to several families, and none was selected.
    #[error(
        "weights of {architecture} may be {}, which prepare images differently: select one",
        kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" or ")
    )]
    RecipeUnknown {
        /// The model's architecture.
        architecture: &'static str,
        /// The possible families.
        kinds: Vec<CheckpointKind>,
    },
    /// The weights need another recipe.
    #[error("weights of {architecture} can't be used with the recipe of {recipe}")]
    RecipeMismatch {
        /// The model's architecture, or the name of the published file.
        architecture: &'static str,
        /// The requested recipe.
        recipe: Recipe,
    },
    /// The prompt has neither a box nor a point.
    #[error("a prompt needs a box, a polygon or a point")]
    PromptEmpty,
    /// A polygon has too few or too many points.
    #[error("a polygon has 3 to {limit} points, not {points}: draw another one")]
    PolygonPoints {
        /// The most points.
        limit: usize,
        /// The number of points.
        points: usize,
    },
    /// A polygon encloses no pixel of the image.
    #[error(
        "the polygon encloses no pixel of the image: it lies within {bounds:?}; draw another one"
    )]
    PolygonEmpty {
        /// x0, y0, x1, y1 of its points, in image space.
        bounds: [f32; 4],
    },
    /// The prediction has no such candidate.
    #[error(
        "candidate {candidate} does not exist: the prediction has {count} masks, counted from 0"
    )]
    NoSuchCandidate {
        /// The requested index.
        candidate: usize,
        /// The number of candidates.
        count: usize,
    },
    /// A call before the one that it depends on.
    #[error("{needs} first")]
    Order {
        /// The missing step, as an instruction.
        needs: &'static str,
    },
    /// The prediction does not exist.
    #[error("prediction {id} does not exist")]
    NoSuchPrediction {
        /// The requested id.
        id: u32,
    },
    /// The object does not exist, or has no mask on the slice.
    #[error("object {object} has no mask there")]
    NoSuchObject {
        /// The object's number.
        object: u32,
    },
    /// The plane has no such slice.
    #[error("slice {slice} does not exist: there are {count} slices, counted from 0")]
    NoSuchSlice {
        /// The requested slice.
        slice: u32,
        /// The number of slices.
        count: u32,
    },
    /// A propagation's memories would not fit.
    #[error(
        "propagating {objects} object{} over {range} slices each way needs {} MiB for its memories, and the limit is {} MiB; \
         propagate over {fits} slices each way",
        if *objects == 1 { "" } else { "s" },
        needed_bytes >> 20,
        limit_bytes >> 20
    )]
    TooLarge {
        /// How many objects are propagated together.
        objects: usize,
        /// Slices in each direction.
        range: u32,
        /// The memory that the slices in range need.
        needed_bytes: u64,
        /// The most that they may take.
        limit_bytes: u64,
        /// The largest range that fits.
        fits: u32,
    },
    /// A file is not a readable session, or does not fit the scan.
    #[error("the session can't be used: {reason}")]
    SessionFile {
        /// The fault.
        reason: String,
    },
    /// A segmentation goes beyond a limit.
    #[error("the segmentation can't be loaded: {reason}; save a part of it as a file of its own")]
    SegmentLimit {
        /// The limit, and what the file has.
        reason: String,
    },
    /// The device is not available.
    #[error("the {kind} can't be used: {reason}")]
    DeviceUnavailable {
        /// `GPU` or `CPU`.
        kind: &'static str,
        /// The runtime's message.
        reason: String,
    },
    /// The device failed.
    #[error("the device failed in the {stage}: {reason}")]
    DeviceFailed {
        /// The stage that it computed.
        stage: String,
        /// The runtime's message.
        reason: String,
    },
    /// An encoder elsewhere got or returned the wrong number of values.
    #[error("an encoding needs {needed} values, not {found}")]
    Values {
        /// The number that the model needs.
        needed: usize,
        /// The number that came.
        found: usize,
    },
    /// The device returned NaN or infinity.
    #[error("the device returned {count} NaN or infinite values; choose another device")]
    NotFinite {
        /// How many values were not finite.
        count: usize,
    },
    /// A golden case is not usable.
    #[error("the golden case `{case}` can't be used: {reason}")]
    Golden {
        /// The case's name.
        case: String,
        /// The fault.
        reason: String,
    },
}

impl Error {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Imaging(error) => error.code(),
            Self::Weights(WeightsError::File(_) | WeightsError::Unknown { .. }) => "weights_format",
            Self::Weights(WeightsError::Checksum { .. }) => "weights_checksum",
            Self::Weights(
                WeightsError::NotFinite { .. }
                | WeightsError::Zero { .. }
                | WeightsError::Range { .. },
            ) => "weights_values",
            Self::Weights(_) => "weights_key",
            Self::RecipeMismatch { .. } | Self::RecipeUnknown { .. } => "weights_recipe",
            Self::PromptEmpty => "prompt_empty",
            Self::PolygonPoints { .. } | Self::PolygonEmpty { .. } => "polygon_invalid",
            Self::Order { .. }
            | Self::NoSuchPrediction { .. }
            | Self::NoSuchObject { .. }
            | Self::NoSuchSlice { .. }
            | Self::NoSuchCandidate { .. } => "session_order",
            Self::SessionFile { .. } => "session_file",
            Self::SegmentLimit { .. } => "segments_limit",
            Self::TooLarge { .. } => "propagation_too_large",
            Self::DeviceUnavailable { .. } => "device_unavailable",
            Self::Values { .. } => "internal",
            Self::DeviceFailed { .. } | Self::NotFinite { .. } => "device_failed",
            Self::Golden { .. } => "golden",
        }
    }
}

use boxel_imaging::{Error as ImagingError, Recipe};
use burn_sam::WeightsError;
use thiserror::Error;

use crate::checkpoint::CheckpointKind;

/// What can go wrong in a session.
#[derive(Debug, Error)]
pub enum Error {
    /// The scan or the box is at fault.
    #[error(transparent)]
    Imaging(#[from] ImagingError),
    /// The weights are at fault.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// These weights may be of several families, and nobody has said which.
    #[error(
        "weights of {architecture} may be {}, which prepare images differently: say which they are",
        kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" or ")
    )]
    RecipeUnknown {
        /// The weights' model.
        architecture: &'static str,
        /// The families.
        kinds: Vec<CheckpointKind>,
    },
    /// These weights go with another recipe.
    #[error("weights of {architecture} do not go with the recipe of {recipe}")]
    RecipeMismatch {
        /// The weights' model, or the published file that they are.
        architecture: &'static str,
        /// The recipe that was asked for.
        recipe: Recipe,
    },
    /// The prompt holds neither a box nor a point.
    #[error("a prompt needs a box or a point")]
    PromptEmpty,
    /// A segment has no mask of this number to choose.
    #[error("there are {count} masks to choose from, counted from 0, and no number {candidate}")]
    NoSuchCandidate {
        /// The number that was asked for.
        candidate: usize,
        /// How many there are.
        count: usize,
    },
    /// A step was asked for before the one that it needs.
    #[error("{needs} first")]
    Order {
        /// What has to be done before, as an instruction.
        needs: &'static str,
    },
    /// There is no segment of this number.
    #[error("there is no mask number {id}")]
    NoSuchSegment {
        /// The number that was asked for.
        id: u32,
    },
    /// There is no object of this number, or it has no mask there.
    #[error("object {object} has no mask there")]
    NoSuchObject {
        /// The number that was asked for.
        object: u32,
    },
    /// The view has no slice of this number.
    #[error("there are {count} slices, counted from 0, and no number {slice}")]
    NoSuchSlice {
        /// The number that was asked for.
        slice: u32,
        /// How many there are.
        count: u32,
    },
    /// A file is not a session that can be read, or does not fit the scan.
    #[error("the session can't be used: {reason}")]
    SessionFile {
        /// What is wrong with it.
        reason: String,
    },
    /// The device can't be had.
    #[error("the {kind} can't be used: {reason}")]
    DeviceUnavailable {
        /// `GPU` or `CPU`.
        kind: &'static str,
        /// What the runtime says.
        reason: String,
    },
    /// The device failed at its work.
    #[error("the device failed while it worked on the {stage}: {reason}")]
    DeviceFailed {
        /// What it worked on.
        stage: String,
        /// What the runtime says.
        reason: String,
    },
    /// The device returned NaN or infinity.
    #[error("the device returned {count} NaN or infinite values; choose another device")]
    NotFinite {
        /// How many values were not finite.
        count: usize,
    },
    /// A golden case is not as it should be.
    #[error("the golden case `{case}` can't be used: {reason}")]
    Golden {
        /// Its name.
        case: String,
        /// What is wrong.
        reason: String,
    },
}

impl Error {
    /// A stable name of the fault, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Imaging(error) => error.code(),
            Self::Weights(WeightsError::File(_) | WeightsError::Unknown { .. }) => "weights_format",
            Self::Weights(_) => "weights_key",
            Self::RecipeMismatch { .. } | Self::RecipeUnknown { .. } => "weights_recipe",
            Self::PromptEmpty => "prompt_empty",
            Self::Order { .. }
            | Self::NoSuchSegment { .. }
            | Self::NoSuchObject { .. }
            | Self::NoSuchSlice { .. }
            | Self::NoSuchCandidate { .. } => "session_order",
            Self::SessionFile { .. } => "session_file",
            Self::DeviceUnavailable { .. } => "device_unavailable",
            Self::DeviceFailed { .. } | Self::NotFinite { .. } => "device_failed",
            Self::Golden { .. } => "golden",
        }
    }
}

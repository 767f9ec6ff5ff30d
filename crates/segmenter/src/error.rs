use boxel_imaging::{Error as ImagingError, ImageBox};
use burn_sam::WeightsError;
use thiserror::Error;

/// What can go wrong in a session.
#[derive(Debug, Error)]
pub enum Error {
    /// The scan or the box is at fault.
    #[error(transparent)]
    Imaging(#[from] ImagingError),
    /// The weights are at fault.
    #[error(transparent)]
    Weights(#[from] WeightsError),
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
    /// The device returned numbers that no working device returns.
    #[error(
        "the device returned {count} values that are no numbers for the box \
         {},{},{},{}; choose another device", image_box.x0, image_box.y0, image_box.x1, image_box.y1
    )]
    NotFinite {
        /// How many.
        count: usize,
        /// The box that was decoded, in image space.
        image_box: ImageBox,
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
            Self::Weights(WeightsError::Format { .. }) => "weights_format",
            Self::Weights(_) => "weights_key",
            Self::Order { .. } | Self::NoSuchSegment { .. } => "session_order",
            Self::DeviceUnavailable { .. } => "device_unavailable",
            Self::DeviceFailed { .. } | Self::NotFinite { .. } => "device_failed",
            Self::Golden { .. } => "golden",
        }
    }
}

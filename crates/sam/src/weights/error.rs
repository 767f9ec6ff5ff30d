use thiserror::Error;

/// What can be wrong with a checkpoint.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The bytes are no file of weights.
    #[error("the weights can't be read: {0}")]
    File(#[from] tensor_file::Error),
    /// The weights can't be written.
    #[error("the weights can't be written: {reason}")]
    Write {
        /// What the writer says.
        reason: String,
    },
    /// The weights of a model that this crate doesn't know.
    #[error("these are not the weights of a known SAM: {reason}")]
    Unknown {
        /// What tells them apart.
        reason: String,
    },
    /// Two names in a file stand for one tensor of the model.
    #[error("`{key}` and another key of the file are one tensor of the model, and they differ")]
    Twice {
        /// The second of the two, as the file names it.
        key: String,
    },
    /// A tensor that the model needs is not in the file.
    #[error("the weights lack `{key}` ({missing} of {expected} tensors are missing)")]
    Missing {
        /// The first missing key, as the file would name it.
        key: String,
        /// How many keys are missing.
        missing: usize,
        /// How many the model has.
        expected: usize,
    },
    /// A tensor in the file belongs to no part of the model.
    #[error("the weights have `{key}`, which this model has no place for ({unused} such tensors)")]
    Unused {
        /// The first such key.
        key: String,
        /// How many there are.
        unused: usize,
    },
    /// A tensor has another shape than the model's.
    #[error("`{key}` has shape {found:?}; this model needs {expected:?}")]
    Shape {
        /// The key, as the file names it.
        key: String,
        /// The model's shape.
        expected: Vec<usize>,
        /// The file's.
        found: Vec<usize>,
    },
    /// A tensor does not hold floating-point numbers.
    #[error("`{key}` holds {found} values; weights are floating-point")]
    Kind {
        /// The key, as the file names it.
        key: String,
        /// The file's data type.
        found: String,
    },
    /// A tensor could not be given to the model.
    #[error("`{key}` could not be loaded: {reason}")]
    Load {
        /// The key.
        key: String,
        /// What Burn says.
        reason: String,
    },
}

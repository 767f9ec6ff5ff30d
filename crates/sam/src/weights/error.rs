use thiserror::Error;

/// Why a checkpoint could not be read, loaded or written.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The bytes are not a readable weight file.
    #[error("the weights can't be read: {0}")]
    File(#[from] tensor_file::Error),
    /// The weights could not be written.
    #[error("the weights can't be written: {reason}")]
    Write {
        /// The message of the safetensors writer.
        reason: String,
    },
    /// The weights belong to an unknown model.
    #[error("these are not the weights of a known SAM: {reason}")]
    Unknown {
        /// The difference from the known models.
        reason: String,
    },
    /// Two keys in the file stand for the same tensor, with different values.
    #[error(
        "`{key}` and another key of the file stand for the same tensor of the model, but their values differ"
    )]
    Twice {
        /// The second of the two keys, by its name in the file.
        key: String,
    },
    /// A tensor that the model needs is not in the file.
    #[error("the weights lack `{key}` ({missing} of {expected} tensors are missing)")]
    Missing {
        /// The first missing key, by its name in such a file.
        key: String,
        /// Number of missing keys.
        missing: usize,
        /// Number of the model's keys.
        expected: usize,
    },
    /// The file has a tensor that the model does not.
    #[error("the weights have `{key}`, which this model does not have ({unused} such tensors)")]
    Unused {
        /// The first such key, by its name in the file.
        key: String,
        /// Number of such keys.
        unused: usize,
    },
    /// A tensor's shape differs from the model's.
    #[error("`{key}` has shape {found:?}; this model needs {expected:?}")]
    Shape {
        /// The key, by its name in the file.
        key: String,
        /// The shape in the model.
        expected: Vec<usize>,
        /// The shape in the file.
        found: Vec<usize>,
    },
    /// A tensor is not floating-point.
    #[error("`{key}` holds {found} values; weights must be floating-point")]
    Kind {
        /// The key, by its name in the file.
        key: String,
        /// The data type in the file.
        found: String,
    },
    /// The tensors' bytes differ from the checksum that the file records.
    #[error(
        "the file is damaged: its tensors have the SHA-256 {found:.12}…, and when it was converted they had \
         {recorded:.12}…; copy it again from where it came from, or convert the original again"
    )]
    Checksum {
        /// The checksum in the file's metadata.
        recorded: String,
        /// The SHA-256 of the bytes.
        found: String,
    },
    /// A tensor has NaN or infinite values.
    #[error(
        "`{key}` has {nan} NaN and {infinite} infinite values among {values}: the file is damaged, or its training \
         failed; get it again from its authors"
    )]
    NotFinite {
        /// The key, by its name in the file.
        key: String,
        /// Number of NaN values.
        nan: usize,
        /// Number of infinite values.
        infinite: usize,
        /// Number of all values.
        values: usize,
    },
    /// All values of a matrix or a convolution's kernel are zero.
    #[error(
        "all {values} values of `{key}` are zero, so the model can't work: the file is damaged or incomplete; get it \
         again from its authors"
    )]
    Zero {
        /// The key, by its name in the file.
        key: String,
        /// Number of values.
        values: usize,
    },
    /// Values exceed the range of the number format that they are converted to.
    #[error("{count} values of `{key}` are too large for {dtype}; use bf16 or f32")]
    Range {
        /// The key, by its name in the file.
        key: String,
        /// Number of such values.
        count: usize,
        /// The number format.
        dtype: &'static str,
    },
    /// A tensor could not be loaded into the model.
    #[error("`{key}` could not be loaded: {reason}")]
    Load {
        /// The key, or the part of the model.
        key: String,
        /// The message of Burn's loader.
        reason: String,
    },
}

//! Reads and writes checkpoint files.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use burn::tensor::{DType, Shape, TensorData};
use safetensors::tensor::TensorView;
use tensor_file::{Dtype, Limits, TensorFile};

use super::{Checkpoint, WeightsError, checksum, values};

/// The data type of the tensors in a written file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloatFormat {
    /// 32-bit, IEEE single precision.
    F32,
    /// 16-bit, IEEE half precision.
    F16,
    /// 16-bit with the exponent range of `F32` (bfloat16).
    BF16,
}

impl Checkpoint {
    /// Reads a safetensors file or PyTorch's own format (`.pth`, `.pt`, `.bin`), with the original names or Hugging Face's,
    /// without executing anything in it. If the file has Boxel's checksum, the bytes of its tensors are compared with it.
    ///
    /// # Errors
    ///
    /// [`WeightsError::File`] for other files, [`WeightsError::Checksum`] for a damaged one, [`WeightsError::NotFinite`]
    /// for a BatchNorm with NaN or infinity, [`WeightsError::Kind`] for tensors that are not floating-point.
    pub fn read(bytes: &[u8]) -> Result<Self, WeightsError> {
        let file = TensorFile::read(bytes, &Limits::default())?;
        let has_checksum = checksum::verify(&file)?;
        Self::from_file(file, has_checksum)
    }

    /// As [`Checkpoint::read`], for bytes whose SHA-256 the caller has compared already, so that the file's own
    /// checksum is not computed again.
    ///
    /// # Errors
    ///
    /// Those of [`Checkpoint::read`], except [`WeightsError::Checksum`].
    pub fn read_checked(bytes: &[u8]) -> Result<Self, WeightsError> {
        let file = TensorFile::read(bytes, &Limits::default())?;
        let has_checksum = checksum::is_in(&file);
        Self::from_file(file, has_checksum)
    }

    fn from_file(file: TensorFile<'_>, has_checksum: bool) -> Result<Self, WeightsError> {
        let format = file.format();
        let mut tensors = BTreeMap::new();
        for (key, tensor) in file {
            let data = data_from_tensor(&key, tensor)?;
            tensors.insert(key, data);
        }
        Self::new(format, has_checksum, tensors)
    }

    /// Writes a safetensors file with the original names. The same tensors give the same bytes.
    ///
    /// # Errors
    ///
    /// [`WeightsError::Write`] if the writer fails, [`WeightsError::Range`] for values that the format can't hold.
    pub fn to_safetensors(&self, format: FloatFormat) -> Result<Vec<u8>, WeightsError> {
        let (burn_dtype, dtype) = match format {
            FloatFormat::F32 => (DType::F32, safetensors::Dtype::F32),
            FloatFormat::F16 => (DType::F16, safetensors::Dtype::F16),
            FloatFormat::BF16 => (DType::BF16, safetensors::Dtype::BF16),
        };
        let converted: BTreeMap<&str, Cow<'_, TensorData>> = self
            .tensors
            .iter()
            .map(|(key, data)| {
                let data = converted(data, burn_dtype);
                values::check_in_range(&self.names.file_from_original(key), &data)?;
                Ok((key.as_str(), data))
            })
            .collect::<Result<_, WeightsError>>()?;
        let views = converted
            .iter()
            .map(|(key, data)| {
                let view = TensorView::new(dtype, data.shape().to_vec(), data.as_bytes());
                Ok((*key, view.map_err(write_error)?))
            })
            .collect::<Result<Vec<_>, WeightsError>>()?;
        // One entry only: the writer does not order several, and files must be reproducible.
        let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        safetensors::serialize(views, Some(metadata)).map_err(write_error)
    }

    /// As [`Checkpoint::to_safetensors`], with a checksum of the tensors' bytes in the metadata, which
    /// [`Checkpoint::read`] compares.
    ///
    /// # Errors
    ///
    /// Those of [`Checkpoint::to_safetensors`].
    pub fn to_checked_safetensors(&self, format: FloatFormat) -> Result<Vec<u8>, WeightsError> {
        checksum::added(&self.to_safetensors(format)?)
    }
}

fn converted(data: &TensorData, dtype: DType) -> Cow<'_, TensorData> {
    if data.dtype() == dtype {
        Cow::Borrowed(data)
    } else {
        Cow::Owned(data.clone().convert_dtype(dtype))
    }
}

fn write_error(error: impl ToString) -> WeightsError {
    WeightsError::Write {
        reason: error.to_string(),
    }
}

fn data_from_tensor(
    key: &str,
    tensor: tensor_file::Tensor<'_>,
) -> Result<TensorData, WeightsError> {
    let dtype = match tensor.dtype {
        Dtype::F64 => DType::F64,
        Dtype::F32 => DType::F32,
        Dtype::F16 => DType::F16,
        Dtype::BF16 => DType::BF16,
        // BatchNorm's step counter and TinyViT's table of distances; both are dropped.
        Dtype::I64 => DType::I64,
        other => {
            return Err(WeightsError::Kind {
                key: key.to_owned(),
                found: other.to_string(),
            });
        }
    };
    let shape = Shape::from(tensor.shape);
    Ok(TensorData::from_bytes_vec(
        tensor.bytes.into_owned(),
        shape,
        dtype,
    ))
}

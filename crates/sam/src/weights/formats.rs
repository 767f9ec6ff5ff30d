//! File formats of checkpoints.

use std::collections::{BTreeMap, HashMap};

use burn::tensor::{DType, Shape, TensorData};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use super::{Checkpoint, WeightsError};

/// How the numbers of a written file are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloatFormat {
    /// 32 bit.
    F32,
    /// 16 bit, IEEE half precision.
    F16,
}

impl Checkpoint {
    /// Reads a safetensors file.
    ///
    /// # Errors
    ///
    /// [`WeightsError::Format`] for anything that is no safetensors file,
    /// [`WeightsError::Kind`] for tensors that are not floating-point.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, WeightsError> {
        let file = SafeTensors::deserialize(bytes).map_err(format_error)?;
        let mut tensors = BTreeMap::new();
        for (key, view) in file.iter() {
            tensors.insert(key.to_owned(), data_from_view(key, &view)?);
        }
        Self::new(tensors)
    }

    /// Writes a safetensors file: the same bytes for the same tensors.
    ///
    /// # Errors
    ///
    /// [`WeightsError::Format`] if the writer fails.
    pub fn to_safetensors(&self, format: FloatFormat) -> Result<Vec<u8>, WeightsError> {
        let (burn_dtype, dtype) = match format {
            FloatFormat::F32 => (DType::F32, Dtype::F32),
            FloatFormat::F16 => (DType::F16, Dtype::F16),
        };
        let converted: BTreeMap<&str, TensorData> = self
            .tensors
            .iter()
            .map(|(key, data)| (key.as_str(), data.clone().convert_dtype(burn_dtype)))
            .collect();
        let views = converted
            .iter()
            .map(|(key, data)| {
                let view = TensorView::new(dtype, data.shape().to_vec(), data.as_bytes());
                Ok((*key, view.map_err(format_error)?))
            })
            .collect::<Result<Vec<_>, WeightsError>>()?;
        // One entry only: the writer keeps no order among several, and files must be reproducible.
        let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        safetensors::serialize(views, Some(metadata)).map_err(format_error)
    }

    /// Reads a checkpoint in PyTorch's own format (`.pth`), without executing anything in it.
    ///
    /// # Errors
    ///
    /// [`WeightsError::Format`] for anything that is no PyTorch checkpoint,
    /// [`WeightsError::Kind`] for tensors that are not floating-point.
    #[cfg(feature = "pytorch")]
    pub fn from_pth(path: impl AsRef<std::path::Path>) -> Result<Self, WeightsError> {
        use burn::store::{bridge, pytorch_reader::PytorchReader};

        let error = |reason: String| WeightsError::Format {
            format: "PyTorch",
            reason,
        };
        let reader = PytorchReader::new(path).map_err(|e| error(e.to_string()))?;
        let mut tensors = BTreeMap::new();
        for (key, tensor) in reader.into_tensors() {
            let data = bridge::into_data(bridge::from_pytorch(tensor));
            let data = data.map_err(|e| error(format!("`{key}`: {e}")))?;
            tensors.insert(key, data);
        }
        Self::new(tensors)
    }
}

fn format_error(error: impl ToString) -> WeightsError {
    WeightsError::Format {
        format: "safetensors",
        reason: error.to_string(),
    }
}

fn data_from_view(key: &str, view: &TensorView<'_>) -> Result<TensorData, WeightsError> {
    let dtype = match view.dtype() {
        Dtype::F64 => DType::F64,
        Dtype::F32 => DType::F32,
        Dtype::F16 => DType::F16,
        Dtype::BF16 => DType::BF16,
        // BatchNorm's count of steps, dropped when it is folded.
        Dtype::I64 => DType::I64,
        other => {
            return Err(WeightsError::Kind {
                key: key.to_owned(),
                found: format!("{other:?}"),
            });
        }
    };
    let shape = Shape::from(view.shape().to_vec());
    Ok(TensorData::from_bytes_vec(
        view.data().to_vec(),
        shape,
        dtype,
    ))
}

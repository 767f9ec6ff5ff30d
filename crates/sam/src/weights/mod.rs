//! A checkpoint's bytes become a model, with every key accounted for.

mod batch_norm;
mod formats;
mod keys;

pub use formats::FloatFormat;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::store::{BurnToPyTorchAdapter, ModuleSnapshot, PyTorchToBurnAdapter, bridge};
use burn::tensor::{DType, Device, TensorData};
use thiserror::Error;

use crate::config::SamConfig;
use crate::sam::Sam;

/// What can be wrong with a checkpoint.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The bytes are not a file of the expected format.
    #[error("the weights are not a readable {format} file: {reason}")]
    Format {
        /// `safetensors` or `PyTorch`.
        format: &'static str,
        /// What the reader says.
        reason: String,
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

/// The named tensors of a checkpoint, in the layout and under the names of the original PyTorch
/// code, with BatchNorms folded into their convolutions.
///
/// Folding happens when a file is read, where it has not been done before; the folded convolution
/// `….c` then has a `bias`, and the keys of `….bn` are gone.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    tensors: BTreeMap<String, TensorData>,
}

impl Checkpoint {
    /// Folds BatchNorms and checks that what is left are floating-point numbers.
    fn new(tensors: BTreeMap<String, TensorData>) -> Result<Self, WeightsError> {
        let tensors = batch_norm::fold(tensors)?;
        for (key, data) in &tensors {
            if !data.dtype().is_float() {
                return Err(WeightsError::Kind {
                    key: key.clone(),
                    found: data.dtype().name().to_owned(),
                });
            }
        }
        Ok(Self { tensors })
    }

    /// The names of the tensors, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The whole model, in f32.
    ///
    /// # Errors
    ///
    /// The first key that is missing, unused or misshapen, by its name in the file.
    pub fn into_sam(self, config: &SamConfig, device: &Device) -> Result<Sam, WeightsError> {
        let parts = ["image_encoder.", "prompt_encoder.", "mask_decoder."];
        let mut unused = self
            .keys()
            .filter(|key| !parts.iter().any(|part| key.starts_with(part)));
        if let Some(key) = unused.next() {
            return Err(WeightsError::Unused {
                key: key.to_owned(),
                unused: 1 + unused.count(),
            });
        }
        let Sam {
            image_encoder,
            prompt_encoder,
            mask_decoder,
        } = config.init(device);
        Ok(Sam {
            image_encoder: self.load_module("image_encoder", image_encoder)?,
            prompt_encoder: self.load_module("prompt_encoder", prompt_encoder)?,
            mask_decoder: self.load_module("mask_decoder", mask_decoder)?,
        })
    }

    /// Fills one part of a model from the keys below `prefix`, in f32.
    ///
    /// # Errors
    ///
    /// The first key below `prefix` that is missing, unused or misshapen.
    pub fn load_module<M: Module>(&self, prefix: &str, mut module: M) -> Result<M, WeightsError> {
        let below = format!("{prefix}.");
        self.check(&below, &module)?;
        let tensors = self
            .tensors
            .iter()
            .filter(|(key, _)| key.starts_with(&below));
        let tensors = tensors.map(|(key, data)| {
            let name = keys::module_from_file(key)[below.len()..].to_owned();
            bridge::from_data(data.clone().convert_dtype(DType::F32), name, None)
        });
        let adapter = Box::new(PyTorchToBurnAdapter);
        let result = module.apply(tensors.collect(), None, Some(adapter), true);
        match result.errors.first() {
            None => Ok(module),
            Some(error) => Err(WeightsError::Load {
                key: below,
                reason: error.to_string(),
            }),
        }
    }

    /// Compares the keys and shapes below a prefix with those of a module.
    fn check<M: Module>(&self, below: &str, module: &M) -> Result<(), WeightsError> {
        let mut unused: BTreeMap<&str, &TensorData> = self
            .tensors
            .iter()
            .filter(|(key, _)| key.starts_with(below))
            .map(|(key, data)| (key.as_str(), data))
            .collect();
        let adapter = Box::new(BurnToPyTorchAdapter);
        let expected = module.collect(None, Some(adapter), true);
        let mut missing = Vec::new();
        for tensor in &expected {
            let key = keys::file_from_module(&format!("{below}{}", tensor.name));
            match unused.remove(key.as_str()) {
                None => missing.push(key),
                Some(data) if data.shape() != &tensor.shape => {
                    return Err(WeightsError::Shape {
                        key,
                        expected: tensor.shape.to_vec(),
                        found: data.shape().to_vec(),
                    });
                }
                Some(_) => {}
            }
        }
        missing.sort();
        if let Some(key) = missing.first() {
            return Err(WeightsError::Missing {
                key: key.clone(),
                missing: missing.len(),
                expected: expected.len(),
            });
        }
        match unused.keys().next() {
            None => Ok(()),
            Some(key) => Err(WeightsError::Unused {
                key: (*key).to_owned(),
                unused: unused.len(),
            }),
        }
    }
}

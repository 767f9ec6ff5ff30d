//! Loads a checkpoint into a model, and accounts for every key.

mod architecture;
mod batch_norm;
mod checksum;
mod error;
mod expected;
mod formats;
mod keys;
mod precision;
mod sam2;
mod sam2_keys;
mod values;

pub use architecture::Architecture;
pub use error::WeightsError;
pub use formats::FloatFormat;
pub use keys::Naming;
pub use precision::Precision;
pub use sam2::Sam2Size;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::store::{ModuleSnapshot, PyTorchToBurnAdapter, bridge};
use burn::tensor::{DType, Device, TensorData};

use crate::image_encoder::ImageEncoder;
use crate::sam::{Sam, SamConfig};
use keys::Names;

/// The named tensors of a checkpoint, in the layout and under the names of the original PyTorch code, with BatchNorms
/// folded into their convolutions.
///
/// Reading a file renames and folds where necessary: a folded convolution `….c` has a `bias`, and the keys of `….bn` are
/// removed. Errors use the file's own names.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    format: tensor_file::Format,
    names: Names,
    has_checksum: bool,
    tensors: BTreeMap<String, TensorData>,
}

/// Keys that published files have in addition to the model: the classifier head with which MobileSAM's TinyViT was trained.
/// `tiny_vit_sam.py` builds it and never runs it.
const IGNORED_KEYS: [&str; 2] = ["image_encoder.norm_head.", "image_encoder.head."];

impl Checkpoint {
    /// Renames keys, folds BatchNorms, and checks that all remaining tensors are floating-point.
    fn new(
        format: tensor_file::Format,
        has_checksum: bool,
        file: BTreeMap<String, TensorData>,
    ) -> Result<Self, WeightsError> {
        let names = Names::of(|| file.keys().map(String::as_str));
        let mut tensors = BTreeMap::new();
        for (key, data) in names.split(file)? {
            let original = names.original_from_file(&key);
            if IGNORED_KEYS.iter().any(|part| original.starts_with(part)) {
                continue;
            }
            match tensors.get(&original) {
                Some(same) if *same != data => return Err(WeightsError::Twice { key }),
                _ => tensors.insert(original, data),
            };
        }
        let tensors = batch_norm::fold(tensors)?;
        for (key, data) in &tensors {
            if !data.dtype().is_float() {
                return Err(WeightsError::Kind {
                    key: names.file_from_original(key),
                    found: data.dtype().name().to_owned(),
                });
            }
        }
        Ok(Self {
            format,
            names,
            has_checksum,
            tensors,
        })
    }

    /// The format of the file that was read.
    pub fn format(&self) -> tensor_file::Format {
        self.format
    }

    /// The naming scheme of the file.
    pub fn naming(&self) -> Naming {
        self.names.naming
    }

    /// Whether the file has Boxel's checksum of its tensors, as [`Checkpoint::to_checked_safetensors`] writes it.
    pub fn has_checksum(&self) -> bool {
        self.has_checksum
    }

    /// The original names of the tensors, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The number of values in all tensors.
    pub fn parameters(&self) -> usize {
        self.tensors.values().map(TensorData::num_elements).sum()
    }

    /// The data type of all tensors; `None` if they differ.
    pub fn dtype(&self) -> Option<DType> {
        let mut dtypes = self.tensors.values().map(TensorData::dtype);
        let first = dtypes.next()?;
        dtypes.all(|dtype| dtype == first).then_some(first)
    }

    /// Compares all keys and shapes with those of a model, and looks for values that no working model has, without
    /// loading weights.
    ///
    /// # Errors
    ///
    /// The first key that is missing, unused or has the wrong shape, by its name in the file; [`WeightsError::NotFinite`]
    /// and [`WeightsError::Zero`].
    pub fn check(&self, config: &SamConfig, device: &Device) -> Result<(), WeightsError> {
        let sam = config.init(device);
        self.check_parts()?;
        self.check_module("image_encoder.", &sam.image_encoder)?;
        self.check_module("prompt_encoder.", &sam.prompt_encoder)?;
        self.check_module("mask_decoder.", &sam.mask_decoder)?;
        self.tensors.iter().try_for_each(|(key, data)| {
            values::check(key, &self.names.file_from_original(key), data)
        })
    }

    /// Loads the whole model, in f32.
    ///
    /// # Errors
    ///
    /// Those of [`Checkpoint::check`].
    pub fn into_sam(self, config: &SamConfig, device: &Device) -> Result<Sam, WeightsError> {
        self.into_sam_with(config, device, Precision::F32)
    }

    /// Loads the whole model in a precision that the device must support.
    ///
    /// # Errors
    ///
    /// Those of [`Checkpoint::check`], and [`WeightsError::Range`] for values that the precision can't hold.
    pub fn into_sam_with(
        mut self,
        config: &SamConfig,
        device: &Device,
        precision: Precision,
    ) -> Result<Sam, WeightsError> {
        self.check(config, device)?;
        let Sam {
            image_encoder,
            prompt_encoder,
            mask_decoder,
        } = config.init(device);
        Ok(Sam {
            image_encoder: self.load_module("image_encoder.", image_encoder, precision)?,
            prompt_encoder: self.load_module("prompt_encoder.", prompt_encoder, precision)?,
            mask_decoder: self.load_module("mask_decoder.", mask_decoder, precision)?,
        })
    }

    /// Loads the image encoder alone and drops the other tensors, for what only embeds images. Refuses the same
    /// checkpoints as [`Checkpoint::into_sam_with`].
    ///
    /// # Errors
    ///
    /// Those of [`Checkpoint::into_sam_with`].
    pub fn into_image_encoder_with(
        mut self,
        config: &SamConfig,
        device: &Device,
        precision: Precision,
    ) -> Result<ImageEncoder, WeightsError> {
        const BELOW: &str = "image_encoder.";
        self.check(config, device)?;
        self.tensors.retain(|key, _| key.starts_with(BELOW));
        self.load_module(BELOW, config.image_encoder.init(device), precision)
    }

    /// Loads one part of a model from the keys below a prefix, and removes them from the checkpoint, so that a large one is
    /// not in memory twice.
    fn load_module<M: Module>(
        &mut self,
        below: &str,
        mut module: M,
        precision: Precision,
    ) -> Result<M, WeightsError> {
        let keys: Vec<String> = self
            .keys()
            .filter(|key| key.starts_with(below))
            .map(str::to_owned)
            .collect();
        let mut tensors = Vec::with_capacity(keys.len());
        for key in keys {
            if let Some(data) = self.tensors.remove(&key) {
                let name = keys::module_from_original(&key)[below.len()..].to_owned();
                let data = data.convert_dtype(precision.dtype_of(&key));
                if precision == Precision::F16 {
                    values::check_in_range(&self.names.file_from_original(&key), &data)?;
                }
                tensors.push(bridge::from_data(data, name, None));
            }
        }
        let adapter = Box::new(PyTorchToBurnAdapter);
        let result = module.apply(tensors, None, Some(adapter), true);
        match result.errors.first() {
            None => Ok(module),
            Some(error) => Err(WeightsError::Load {
                key: below.to_owned(),
                reason: error.to_string(),
            }),
        }
    }

    fn check_parts(&self) -> Result<(), WeightsError> {
        let parts = ["image_encoder.", "prompt_encoder.", "mask_decoder."];
        let is_of_none = |key: &&str| !parts.iter().any(|part| key.starts_with(part));
        let mut unused = self.keys().filter(is_of_none);
        match unused.next() {
            None => Ok(()),
            Some(key) => Err(WeightsError::Unused {
                key: self.names.file_from_original(key),
                unused: 1 + unused.count(),
            }),
        }
    }

    /// Compares the keys and shapes below a prefix with those of a module.
    fn check_module<M: Module>(&self, below: &str, module: &M) -> Result<(), WeightsError> {
        let mut unused: BTreeMap<&str, &TensorData> = self
            .tensors
            .iter()
            .filter(|(key, _)| key.starts_with(below))
            .map(|(key, data)| (key.as_str(), data))
            .collect();
        let expected = expected::shapes(module);
        let mut missing = Vec::new();
        for (name, shape) in &expected {
            let key = keys::original_from_module(&format!("{below}{name}"));
            match unused.remove(key.as_str()) {
                None => missing.push(key),
                Some(data) if data.shape().as_slice() != shape.as_slice() => {
                    return Err(WeightsError::Shape {
                        key: self.names.file_from_original(&key),
                        expected: shape.clone(),
                        found: data.shape().to_vec(),
                    });
                }
                Some(_) => {}
            }
        }
        missing.sort();
        if let Some(key) = missing.first() {
            return Err(WeightsError::Missing {
                key: self.names.file_from_original(key),
                missing: missing.len(),
                expected: expected.len(),
            });
        }
        match unused.keys().next() {
            None => Ok(()),
            Some(key) => Err(WeightsError::Unused {
                key: self.names.file_from_original(key),
                unused: unused.len(),
            }),
        }
    }
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests;

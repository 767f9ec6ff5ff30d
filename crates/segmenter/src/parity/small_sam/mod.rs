//! A small SAM, and the original code's outputs for every kind of prompt.

mod prompts;
mod sizes;

pub(super) use sizes::config;

use std::collections::BTreeMap;

use burn::tensor::{Device, Int, Tensor, TensorData};
use burn_sam::{Checkpoint, Precision, Prompts, Sam, SamConfig};
use safetensors::SafeTensors;

use super::values::read;
use super::{Difference, largest_difference};
use crate::error::Error;
use prompts::Prompt;

/// A golden folder of a small SAM.
#[derive(Debug)]
pub struct SmallSam {
    name: String,
    config: SamConfig,
    outputs: BTreeMap<String, TensorData>,
    prompts: Vec<Prompt>,
}

impl SmallSam {
    /// Reads a folder's files; `name` is its name in errors.
    ///
    /// # Errors
    ///
    /// [`Error::Golden`] with the fault.
    pub fn new(name: &str, config: SamConfig, case: &[u8], outputs: &[u8]) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Golden {
            case: name.to_owned(),
            reason,
        };
        let file =
            SafeTensors::deserialize(outputs).map_err(|error| unusable(error.to_string()))?;
        let floats = file
            .iter()
            .filter(|(_, view)| view.dtype() == safetensors::Dtype::F32);
        let outputs = floats.map(|(key, view)| {
            let (words, _) = view.data().as_chunks::<4>();
            let values: Vec<f32> = words.iter().map(|w| f32::from_le_bytes(*w)).collect();
            (
                key.to_owned(),
                TensorData::new(values, view.shape().to_vec()),
            )
        });
        Ok(Self {
            name: name.to_owned(),
            config,
            outputs: outputs.collect(),
            prompts: prompts::prompts(case).map_err(unusable)?,
        })
    }

    /// Loads the model.
    ///
    /// # Errors
    ///
    /// Faulty weights.
    pub fn model(
        &self,
        weights: &[u8],
        device: &Device,
        precision: Precision,
    ) -> Result<Sam, Error> {
        let checkpoint = Checkpoint::read(weights)?;
        Ok(checkpoint.into_sam_with(&self.config, device, precision)?)
    }

    /// The number of prompts.
    pub fn prompt_count(&self) -> usize {
        self.prompts.len()
    }

    /// Compares the embedding and each prompt's logits and predicted IoU, with one mask and with several; `allowed` is a
    /// fraction of the largest absolute value.
    ///
    /// # Errors
    ///
    /// A missing tensor, a device that fails.
    pub async fn compare(
        &self,
        sam: &Sam,
        device: &Device,
        allowed: f64,
    ) -> Result<Vec<Difference>, Error> {
        let input = match self.outputs.contains_key("input") {
            true => "input",
            false => "pixel_values",
        };
        let embedding = sam.image_encoder.forward(self.tensor(input, device)?);
        let mut found = vec![self.difference("embedding", embedding, allowed).await?];
        for prompt in &self.prompts {
            for (suffix, multimask_output) in [("", false), ("_multi", true)] {
                let name = format!("{}{suffix}", prompt.name);
                if !self.outputs.contains_key(&format!("{name}.low")) {
                    continue;
                }
                // On the reference's embedding, so that each part is tested alone.
                let embedding = self.tensor("embedding", device)?;
                let prompts = self.prompts(prompt, device)?;
                let image_pe = sam.prompt_encoder.dense_pe(device);
                let answer = sam.decode(embedding, image_pe, &prompts, multimask_output);
                let low = format!("{name}.low");
                found.push(
                    self.difference(&low, answer.low_res_logits, allowed)
                        .await?,
                );
                found.push(
                    self.difference(&format!("{name}.iou"), answer.iou, allowed)
                        .await?,
                );
            }
        }
        Ok(found)
    }

    fn prompts(&self, prompt: &Prompt, device: &Device) -> Result<Prompts, Error> {
        let boxes = prompt.model_boxes.as_ref().or(prompt.boxes.as_ref());
        let points = prompt.model_points.as_ref().or(prompt.points.as_ref());
        let boxes = boxes.map(|boxes| {
            let data = TensorData::new(boxes.concat(), [boxes.len(), 4]);
            Tensor::from_data(data, device)
        });
        let points = points.zip(prompt.labels.as_ref()).map(|(points, labels)| {
            let shape = [points.len(), points.first().map_or(0, Vec::len)];
            let points = TensorData::new(points.concat().concat(), [shape[0], shape[1], 2]);
            let labels = TensorData::new(labels.concat(), shape);
            (
                Tensor::from_data(points, device),
                Tensor::<2, Int>::from_data(labels, device),
            )
        });
        let masks = prompt.mask.as_ref().map(|name| self.tensor(name, device));
        Ok(Prompts {
            boxes,
            points,
            masks: masks.transpose()?,
        })
    }

    fn output(&self, name: &str) -> Result<&TensorData, Error> {
        self.outputs.get(name).ok_or_else(|| Error::Golden {
            case: self.name.clone(),
            reason: format!("it has no floats `{name}`"),
        })
    }

    fn tensor(&self, name: &str, device: &Device) -> Result<Tensor<4>, Error> {
        Ok(Tensor::from_data(self.output(name)?.clone(), device))
    }

    async fn difference<const D: usize>(
        &self,
        name: &str,
        found: Tensor<D>,
        allowed: f64,
    ) -> Result<Difference, Error> {
        let expected = self.output(name)?;
        let is_same_shape = expected.shape().to_vec() == found.dims();
        let found = read(found.into_data_async().await, name)?;
        let expected = read(Ok::<_, String>(expected.clone()), name)?;
        let absmax = expected.iter().fold(0.0, |m, x| f64::from(x.abs()).max(m));
        let measured = match is_same_shape {
            true => largest_difference(&found, &expected) / absmax,
            false => f64::INFINITY,
        };
        Ok(Difference {
            what: format!("{name}, of its absmax"),
            measured,
            allowed,
        })
    }
}

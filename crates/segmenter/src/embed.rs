use boxel_imaging::{Placement, RgbImage8, prepare};
use burn::tensor::Tensor;
use serde::Serialize;

use crate::checkpoint::Model;
use crate::error::Error;
use crate::tensors::{image_tensor, wait_for};

/// The image encoder's output. It stays on the device.
#[derive(Debug, Clone)]
pub struct Embedding {
    pub(crate) tensor: Tensor<4>,
    pub(crate) placement: Placement,
}

impl Embedding {
    /// The size on the device in f32.
    pub fn bytes(&self) -> u64 {
        self.tensor.dims().iter().product::<usize>() as u64 * 4
    }

    /// The embedding itself, `[1, C, G, G]`.
    pub fn tensor(&self) -> Tensor<4> {
        self.tensor.clone()
    }
}

/// The progress of an encoding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EmbedProgress {
    /// The stage that just ran, as the reference names it.
    pub stage: String,
    /// The number of completed steps.
    pub done: usize,
    /// The number of all steps.
    pub total: usize,
}

/// Embeds an image step by step, so that the caller can show progress, do other work between the steps, or cancel.
#[derive(Debug)]
pub struct Embedder {
    x: Tensor<4>,
    placement: Placement,
    stages: Vec<String>,
    done: usize,
}

impl Embedder {
    /// Prepares an image by the model's recipe.
    pub fn new(model: &Model, image: &RgbImage8) -> Self {
        let prepared = prepare(model.kind().recipe(), image);
        Self {
            x: image_tensor(&prepared, model.device()),
            placement: prepared.placement,
            stages: model.sam().image_encoder.steps(),
            done: 0,
        }
    }

    /// The number of all steps.
    pub fn total(&self) -> usize {
        self.stages.len()
    }

    /// Whether all steps are done.
    pub fn is_done(&self) -> bool {
        self.done == self.stages.len()
    }

    /// The output of the last step: the model's input before the first step, the embedding after the last.
    pub fn value(&self) -> &Tensor<4> {
        &self.x
    }

    /// Runs one step, and waits for it on a GPU. Does nothing after the last step.
    ///
    /// # Errors
    ///
    /// [`Error::DeviceFailed`], with the stage.
    pub async fn step(&mut self, model: &Model) -> Result<EmbedProgress, Error> {
        if let Some(stage) = self.stages.get(self.done) {
            self.x = model.sam().image_encoder.step(self.done, self.x.clone());
            if model.runs_on_gpu() {
                wait_for(&self.x, stage).await?;
            }
            self.done += 1;
        }
        let last = self.done.saturating_sub(1);
        Ok(EmbedProgress {
            stage: self.stages.get(last).cloned().unwrap_or_default(),
            done: self.done,
            total: self.stages.len(),
        })
    }

    /// The embedding, after the last step.
    pub fn embedding(&self) -> Option<Embedding> {
        self.is_done().then(|| Embedding {
            tensor: self.x.clone(),
            placement: self.placement,
        })
    }
}

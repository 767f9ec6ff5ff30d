use boxel_imaging::{Placement, RgbImage8, prepare};
use burn::tensor::Tensor;

use crate::checkpoint::Model;
use crate::error::Error;
use crate::tensors::{image_tensor, wait_for};

/// An image as the mask decoder sees it. It stays on the device.
#[derive(Debug, Clone)]
pub struct Embedding {
    pub(crate) tensor: Tensor<4>,
    pub(crate) placement: Placement,
}

impl Embedding {
    /// What it takes on the device, in f32.
    pub fn bytes(&self) -> u64 {
        self.tensor.dims().iter().product::<usize>() as u64 * 4
    }

    /// The embedding itself, `[1, C, G, G]`.
    pub fn tensor(&self) -> Tensor<4> {
        self.tensor.clone()
    }
}

/// How far an embedding is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbedProgress {
    /// The stage that was just worked on, by the reference's name of it.
    pub stage: String,
    /// Steps that are done.
    pub done: usize,
    /// All steps.
    pub total: usize,
}

/// Embeds an image step by step, so that the caller can show progress, do other things between the
/// steps, or stop.
#[derive(Debug)]
pub struct Embedder {
    x: Tensor<4>,
    placement: Placement,
    stages: Vec<String>,
    done: usize,
}

impl Embedder {
    /// Prepares an image by the recipe of the model.
    pub fn new(model: &Model, image: &RgbImage8) -> Self {
        let prepared = prepare(model.kind().recipe(), image);
        Self {
            x: image_tensor(&prepared, model.device()),
            placement: prepared.placement,
            stages: model.sam().image_encoder.steps(),
            done: 0,
        }
    }

    /// All steps.
    pub fn total(&self) -> usize {
        self.stages.len()
    }

    /// Whether no step is left.
    pub fn is_done(&self) -> bool {
        self.done == self.stages.len()
    }

    /// What the last step returned: the model's input at first, the embedding at last.
    pub fn value(&self) -> &Tensor<4> {
        &self.x
    }

    /// Does one step, and on a GPU waits for it. Does nothing when no step is left.
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

    /// The embedding, once no step is left.
    pub fn embedding(&self) -> Option<Embedding> {
        self.is_done().then(|| Embedding {
            tensor: self.x.clone(),
            placement: self.placement,
        })
    }
}

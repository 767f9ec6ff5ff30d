use burn::tensor::{Device, Tensor};
use burn_sam::{Checkpoint, ImageEncoder};
use serde::Serialize;

use crate::checkpoint_kind::CheckpointKind;
use crate::device::{Compute, ComputeKind};
use crate::error::Error;
use crate::tensors::{embedding_values, image_tensor, map_tensor, map_values, wait_for};

/// An image encoder with its weights on a device: all that embedding needs of a model. A clone shares the weights.
#[derive(Debug, Clone)]
pub struct Encoder {
    kind: CheckpointKind,
    image_encoder: ImageEncoder,
    compute: Compute,
}

impl Encoder {
    /// Loads the image encoder of a checkpoint and nothing else.
    ///
    /// # Errors
    ///
    /// Those of [`Model::new`](crate::Model::new).
    pub fn new(
        kind: CheckpointKind,
        checkpoint: Checkpoint,
        compute: &Compute,
    ) -> Result<Self, Error> {
        let (config, precision) = (kind.config(), compute.precision());
        let image_encoder =
            checkpoint.into_image_encoder_with(&config, compute.device(), precision)?;
        Ok(Self {
            kind,
            image_encoder,
            compute: compute.clone(),
        })
    }

    pub(crate) fn of(kind: CheckpointKind, encoder: &ImageEncoder, compute: &Compute) -> Self {
        Self {
            kind,
            image_encoder: encoder.clone(),
            compute: compute.clone(),
        }
    }

    fn device(&self) -> &Device {
        self.compute.device()
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

/// What another instance of the encoder needs to go on with an encoding.
#[derive(Debug, Clone, PartialEq)]
pub struct Halfway {
    /// The number of completed steps.
    pub done: usize,
    /// The shape of the last step's output, or of the model's input.
    pub shape: [usize; 4],
    /// Its values.
    pub values: Vec<f32>,
}

/// An image on its way through the encoder, step by step, so that the caller can show progress, do other work between
/// the steps, or cancel.
#[derive(Debug)]
pub struct Encoding {
    encoder: Encoder,
    x: Tensor<4>,
    stages: Vec<String>,
    done: usize,
}

impl Encoding {
    /// Starts with the model's input, `[3, S, S]`.
    ///
    /// # Errors
    ///
    /// [`Error::Values`] if it has another length.
    pub fn new(encoder: Encoder, input: Vec<f32>) -> Result<Self, Error> {
        let side = encoder.kind.config().image_size();
        let (needed, found) = (3 * side * side, input.len());
        if found != needed {
            return Err(Error::Values { needed, found });
        }
        Ok(Self {
            x: image_tensor(input, side, encoder.device()),
            stages: encoder.image_encoder.steps(),
            done: 0,
            encoder,
        })
    }

    /// Goes on where another instance of the encoder is.
    ///
    /// # Errors
    ///
    /// [`Error::Values`] if the values do not fill the shape.
    pub fn resume(encoder: Encoder, halfway: Halfway) -> Result<Self, Error> {
        let (needed, found) = (halfway.shape.iter().product(), halfway.values.len());
        if found != needed {
            return Err(Error::Values { needed, found });
        }
        Ok(Self {
            x: map_tensor(halfway.values, halfway.shape, encoder.device()),
            stages: encoder.image_encoder.steps(),
            done: halfway.done,
            encoder,
        })
    }

    /// Where the encoding is, for [`Encoding::resume`]. On a CPU only; `None` elsewhere.
    pub fn halfway(&self) -> Option<Halfway> {
        let is_on_cpu = self.encoder.compute.kind() == ComputeKind::Cpu;
        is_on_cpu.then(|| Halfway {
            done: self.done,
            shape: self.x.dims(),
            values: map_values(self.x.clone()),
        })
    }

    /// The number of values of the largest map that the members of a team share.
    pub fn largest_shared_map(&self) -> usize {
        let config = self.encoder.kind.config();
        config.image_encoder.largest_shared_map()
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
    pub async fn step(&mut self) -> Result<EmbedProgress, Error> {
        if let Some(stage) = self.stages.get(self.done) {
            let x = self.x.clone();
            self.x = self.encoder.image_encoder.step(self.done, x);
            if self.encoder.compute.kind() == ComputeKind::Gpu {
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

    /// Runs all steps and returns the embedding, `[1, C, G, G]`, for [`Session::take_encoded`](crate::Session).
    ///
    /// # Errors
    ///
    /// Those of [`Encoding::step`].
    pub async fn finish(mut self) -> Result<Vec<f32>, Error> {
        while !self.is_done() {
            self.step().await?;
        }
        embedding_values(self.x).await
    }
}

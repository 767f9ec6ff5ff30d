use burn::tensor::{Device, Tensor};
use burn_sam::{Checkpoint, sam2};
use serde::Serialize;

use crate::checkpoint_kind::{CheckpointKind, ModelConfig};
use crate::device::{Compute, ComputeKind};
use crate::error::Error;
use crate::network::{Features, ImageNetwork};
use crate::tensors::{feature_values, image_tensor, map_tensor, map_values, wait_for};

/// An image encoder with its weights on a device: all that embedding needs of a model. A clone shares the weights.
#[derive(Debug, Clone)]
pub struct Encoder {
    kind: CheckpointKind,
    network: ImageNetwork,
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
        let (device, precision) = (compute.device(), compute.precision());
        let network = ImageNetwork::load(kind, checkpoint, device, precision)?;
        Ok(Self::of(kind, network, compute))
    }

    pub(crate) fn of(kind: CheckpointKind, network: ImageNetwork, compute: &Compute) -> Self {
        Self {
            kind,
            network,
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
    work: Work,
    stages: Vec<String>,
    done: usize,
}

/// What the steps have made of the image so far.
#[derive(Debug)]
enum Work {
    Sam(Tensor<4>),
    Sam2(sam2::Encoding, Option<Box<sam2::ImageFeatures>>),
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
        let image = image_tensor(input, side, encoder.device());
        Ok(Self {
            work: match encoder.network {
                ImageNetwork::Sam(_) => Work::Sam(image),
                ImageNetwork::Sam2(_) => Work::Sam2(sam2::Encoding::new(image), None),
            },
            stages: encoder.network.steps(),
            done: 0,
            encoder,
        })
    }

    /// Goes on where another instance of the encoder is.
    ///
    /// # Errors
    ///
    /// [`Error::Values`] if the values do not fill the shape, and all of them for an encoder that has no
    /// [`halfway`](Self::halfway).
    pub fn resume(encoder: Encoder, halfway: Halfway) -> Result<Self, Error> {
        let needed = match encoder.network {
            ImageNetwork::Sam(_) => halfway.shape.iter().product(),
            ImageNetwork::Sam2(_) => 0,
        };
        let found = halfway.values.len();
        if found != needed {
            return Err(Error::Values { needed, found });
        }
        let x = map_tensor(halfway.values, halfway.shape, encoder.device());
        Ok(Self {
            work: Work::Sam(x),
            stages: encoder.network.steps(),
            done: halfway.done,
            encoder,
        })
    }

    /// Where the encoding is, for [`Encoding::resume`]. `None` on a GPU, and for SAM 2, whose maps are not shared.
    pub fn halfway(&self) -> Option<Halfway> {
        let Work::Sam(x) = &self.work else {
            return None;
        };
        let is_on_cpu = self.encoder.compute.kind() == ComputeKind::Cpu;
        is_on_cpu.then(|| Halfway {
            done: self.done,
            shape: x.dims(),
            values: map_values(x.clone()),
        })
    }

    /// The number of values of the largest map that the members of a team share.
    pub fn largest_shared_map(&self) -> usize {
        match self.encoder.kind.config() {
            ModelConfig::Sam(config) => config.image_encoder.largest_shared_map(),
            ModelConfig::Sam2(_) => 0,
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

    /// The names of all steps, as the reference names the stages. Consecutive steps may belong to one stage.
    pub fn stages(&self) -> &[String] {
        &self.stages
    }

    /// The output of the last step: the model's input before the first step, the embedding after the last.
    pub fn value(&self) -> &Tensor<4> {
        match &self.work {
            Work::Sam(x) => x,
            Work::Sam2(_, Some(features)) => &features.embedding,
            Work::Sam2(encoding, None) => encoding.value(),
        }
    }

    /// What prompts are decoded on, after the last step.
    pub(crate) fn features(&self) -> Option<Features> {
        match &self.work {
            Work::Sam(x) => self.is_done().then(|| Features::Sam(Box::new(x.clone()))),
            Work::Sam2(_, features) => features.clone().map(Features::Sam2),
        }
    }

    /// Runs one step, and waits for it on a GPU. Does nothing after the last step.
    ///
    /// # Errors
    ///
    /// [`Error::DeviceFailed`], with the stage.
    pub async fn step(&mut self) -> Result<EmbedProgress, Error> {
        if let Some(stage) = self.stages.get(self.done) {
            match (&mut self.work, &self.encoder.network) {
                (Work::Sam(x), ImageNetwork::Sam(encoder)) => {
                    *x = encoder.step(self.done, x.clone());
                }
                (Work::Sam2(encoding, features), ImageNetwork::Sam2(sam2)) => {
                    *features = sam2.encode_step(encoding).map(Box::new);
                }
                // `Encoding::new` chooses the work by the network.
                _ => {}
            }
            if self.encoder.compute.kind() == ComputeKind::Gpu {
                wait_for(self.value(), stage).await?;
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

    /// Runs all steps and returns the values of the embedding, `[1, C, G, G]`, and of SAM 2's finer maps, for
    /// [`Session::take_encoded`](crate::Session).
    ///
    /// # Errors
    ///
    /// Those of [`Encoding::step`].
    pub async fn finish(mut self) -> Result<Vec<f32>, Error> {
        while !self.is_done() {
            self.step().await?;
        }
        match self.features() {
            Some(features) => feature_values(features.tensors()).await,
            None => Ok(Vec::new()),
        }
    }
}

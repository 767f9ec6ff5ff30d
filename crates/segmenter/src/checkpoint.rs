use burn::tensor::{Device, Tensor};
use burn_sam::{Checkpoint, MaskPrediction, Prompts, Sam};

use crate::checkpoint_kind::CheckpointKind;
use crate::device::{Compute, ComputeKind};
use crate::error::Error;

/// A model with its weights on a device.
#[derive(Debug)]
pub struct Model {
    kind: CheckpointKind,
    sam: Sam,
    /// The dense positional encoding, which is the same for every image and prompt.
    image_pe: Tensor<4>,
    compute: Compute,
}

impl Model {
    /// Loads a checkpoint onto a device in [`Compute::precision`].
    ///
    /// # Errors
    ///
    /// The first key that is missing, unused or has a wrong shape.
    pub fn new(
        kind: CheckpointKind,
        checkpoint: Checkpoint,
        compute: &Compute,
    ) -> Result<Self, Error> {
        let (config, device) = (kind.config(), compute.device());
        let sam = checkpoint.into_sam_with(&config, device, compute.precision())?;
        Ok(Self {
            kind,
            image_pe: sam.prompt_encoder.dense_pe(device),
            sam,
            compute: compute.clone(),
        })
    }

    /// The family of its checkpoint.
    pub fn kind(&self) -> CheckpointKind {
        self.kind
    }

    /// Burn's modules of the model.
    pub fn sam(&self) -> &Sam {
        &self.sam
    }

    /// Decodes prompts on an embedding `[1, C, G, G]`, as [`Sam::decode`] does.
    pub(crate) fn decode(
        &self,
        embedding: Tensor<4>,
        prompts: &Prompts,
        multimask_output: bool,
    ) -> MaskPrediction {
        let image_pe = self.image_pe.clone();
        self.sam
            .decode(embedding, image_pe, prompts, multimask_output)
    }

    pub(crate) fn device(&self) -> &Device {
        self.compute.device()
    }

    pub(crate) fn runs_on_gpu(&self) -> bool {
        self.compute.kind() == ComputeKind::Gpu
    }
}

use burn::tensor::{Device, Tensor};
use burn_sam::{Checkpoint, MaskPrediction, Prompts, Sam};

use crate::checkpoint_kind::CheckpointKind;
use crate::device::Compute;
use crate::encoder::Encoder;
use crate::error::Error;
use crate::weights_file::NOT_PUBLISHED;

/// A model with its weights on a device. A clone shares the weights.
#[derive(Debug, Clone)]
pub struct Model {
    kind: CheckpointKind,
    is_published: bool,
    sam: Sam,
    /// The dense positional encoding, which is the same for every image and prompt.
    image_pe: Tensor<4>,
    compute: Compute,
}

impl Model {
    /// Loads a checkpoint onto a device in [`Compute::precision`]. It counts as not published until
    /// [`Model::with_published`] says otherwise.
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
            is_published: false,
            image_pe: sam.prompt_encoder.dense_pe(device),
            sam,
            compute: compute.clone(),
        })
    }

    /// The family of its checkpoint.
    pub fn kind(&self) -> CheckpointKind {
        self.kind
    }

    /// Says whether the file's SHA-256 is in a list of published files.
    #[must_use]
    pub fn with_published(self, is_published: bool) -> Self {
        Self {
            is_published,
            ..self
        }
    }

    /// Whether the file's SHA-256 is in a list of published files.
    pub fn is_published(&self) -> bool {
        self.is_published
    }

    /// The family's name for people; in parentheses, if so, that the file is not a published one.
    pub fn label(&self) -> String {
        let name = self.kind.name();
        match self.is_published {
            true => name.to_owned(),
            false => format!("{name} ({NOT_PUBLISHED})"),
        }
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

    /// Its image encoder, for another thread or as part of an [`Embedder`](crate::Embedder).
    pub fn encoder(&self) -> Encoder {
        Encoder::of(self.kind, &self.sam.image_encoder, &self.compute)
    }

    pub(crate) fn device(&self) -> &Device {
        self.compute.device()
    }
}

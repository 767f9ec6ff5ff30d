use burn::tensor::{Device, Tensor};
use burn_sam::sam2::Sam2;
use burn_sam::{Checkpoint, MaskPrediction, Prompts};

use crate::checkpoint_kind::CheckpointKind;
use crate::device::Compute;
use crate::encoder::Encoder;
use crate::error::Error;
use crate::network::{Features, Network};
use crate::weights_file::NOT_PUBLISHED;

/// A model with its weights on a device. A clone shares the weights.
#[derive(Debug, Clone)]
pub struct Model {
    kind: CheckpointKind,
    is_published: bool,
    network: Network,
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
        let (device, precision) = (compute.device(), compute.precision());
        let network = Network::load(kind, checkpoint, device, precision)?;
        Ok(Self::of_network(kind, network, compute))
    }

    /// A MedSAM2 of other sizes, for slices of 512² pixels, with weights that are on the device already.
    pub fn of_sam2(sam2: Sam2, compute: &Compute) -> Self {
        let network = Network::Sam2(Box::new(sam2));
        Self::of_network(CheckpointKind::MedSam2, network, compute)
    }

    fn of_network(kind: CheckpointKind, network: Network, compute: &Compute) -> Self {
        Self {
            kind,
            is_published: false,
            image_pe: network.image_pe(compute.device()),
            network,
            compute: compute.clone(),
        }
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

    /// Burn's modules of a model with a memory.
    pub fn sam2(&self) -> Option<&Sam2> {
        match &self.network {
            Network::Sam(_) => None,
            Network::Sam2(sam2) => Some(sam2),
        }
    }

    /// Decodes prompts on a slice's features. `conditioned` is its embedding after attention to memories, if it has any.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] for those of another model.
    pub(crate) fn decode(
        &self,
        features: &Features,
        conditioned: Option<Tensor<4>>,
        prompts: &Prompts,
        multimask_output: bool,
    ) -> Result<MaskPrediction, Error> {
        let image_pe = self.image_pe.clone();
        self.network
            .decode(features, conditioned, image_pe, prompts, multimask_output)
    }

    /// Its image encoder, for another thread or as part of an [`Embedder`](crate::Embedder).
    pub fn encoder(&self) -> Encoder {
        Encoder::of(self.kind, self.network.encoder(), &self.compute)
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    pub(crate) fn compute(&self) -> &Compute {
        &self.compute
    }

    pub(crate) fn device(&self) -> &Device {
        self.compute.device()
    }
}

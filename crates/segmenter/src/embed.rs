use boxel_imaging::{Placement, RgbImage8, prepare};
use burn::tensor::Tensor;
use burn_sam::sam2::ImageFeatures;

use crate::checkpoint::Model;
use crate::encoder::{EmbedProgress, Encoding};
use crate::error::Error;
use crate::network::Features;
use crate::tensors::feature_tensors;

/// The image encoder's output. It stays on the device.
#[derive(Debug, Clone)]
pub struct Embedding {
    pub(crate) features: Features,
    pub(crate) placement: Placement,
}

impl Embedding {
    /// An embedding that another instance of the model's encoder computed, as [`Encoding::finish`] returns it.
    pub(crate) fn of_values(
        model: &Model,
        values: Vec<f32>,
        placement: Placement,
    ) -> Result<Self, Error> {
        let shapes = model.network().feature_shapes();
        let tensors = feature_tensors(&values, &shapes, model.device())?;
        let (needed, found) = (shapes.len(), tensors.len());
        Ok(Self {
            features: Features::of_tensors(tensors).ok_or(Error::Values { needed, found })?,
            placement,
        })
    }

    /// The size on the device in f32.
    pub fn bytes(&self) -> u64 {
        let values = |tensor: &Tensor<4>| tensor.dims().iter().product::<usize>() as u64;
        let tensors = self.features.tensors();
        4 * tensors.iter().map(values).sum::<u64>()
    }

    /// The features of a model with a memory.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] for the embedding of another model.
    pub(crate) fn sam2(&self) -> Result<&ImageFeatures, Error> {
        match &self.features {
            Features::Sam2(features) => Ok(features),
            Features::Sam(_) => Err(Error::Order {
                needs: "embed the image with this model",
            }),
        }
    }

    /// The embedding itself, `[1, C, G, G]`; of a model with a memory without it.
    pub fn tensor(&self) -> Tensor<4> {
        self.features.embedding()
    }
}

/// Prepares an image and encodes it step by step.
#[derive(Debug)]
pub struct Embedder {
    encoding: Encoding,
    placement: Placement,
}

impl Embedder {
    /// Prepares an image by the model's recipe.
    ///
    /// # Errors
    ///
    /// [`Error::Values`] if the recipe's input does not fit the model: never with a model's own recipe.
    pub fn new(model: &Model, image: &RgbImage8) -> Result<Self, Error> {
        let prepared = prepare(model.kind().recipe(), image);
        Ok(Self {
            encoding: Encoding::new(model.encoder(), prepared.input)?,
            placement: prepared.placement,
        })
    }

    /// The number of all steps.
    pub fn total(&self) -> usize {
        self.encoding.total()
    }

    /// The encoding itself.
    pub fn encoding(&self) -> &Encoding {
        &self.encoding
    }

    /// The names of all steps, see [`Encoding::stages`].
    pub fn stages(&self) -> &[String] {
        self.encoding.stages()
    }

    /// The output of the last step: the model's input before the first step, the embedding after the last.
    pub fn value(&self) -> &Tensor<4> {
        self.encoding.value()
    }

    /// Runs one step, and waits for it on a GPU. Does nothing after the last step.
    ///
    /// # Errors
    ///
    /// [`Error::DeviceFailed`], with the stage.
    pub async fn step(&mut self) -> Result<EmbedProgress, Error> {
        self.encoding.step().await
    }

    /// The embedding, after the last step.
    pub fn embedding(&self) -> Option<Embedding> {
        let features = self.encoding.features()?;
        Some(Embedding {
            features,
            placement: self.placement,
        })
    }
}

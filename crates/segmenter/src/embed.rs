use boxel_imaging::{Placement, RgbImage8, prepare};
use burn::tensor::Tensor;

use crate::checkpoint::Model;
use crate::encoder::{EmbedProgress, Encoding};
use crate::error::Error;
use crate::tensors::map_tensor;

/// The image encoder's output. It stays on the device.
#[derive(Debug, Clone)]
pub struct Embedding {
    pub(crate) tensor: Tensor<4>,
    pub(crate) placement: Placement,
}

impl Embedding {
    /// An embedding that another instance of the model's encoder computed, `[1, C, G, G]`.
    pub(crate) fn of_values(
        model: &Model,
        values: Vec<f32>,
        placement: Placement,
    ) -> Result<Self, Error> {
        let sizes = model.kind().config().prompt_encoder;
        let shape = [1, sizes.embed_dim, sizes.grid_size, sizes.grid_size];
        let (needed, found) = (shape.iter().product(), values.len());
        if found != needed {
            return Err(Error::Values { needed, found });
        }
        Ok(Self {
            tensor: map_tensor(values, shape, model.device()),
            placement,
        })
    }

    /// The size on the device in f32.
    pub fn bytes(&self) -> u64 {
        self.tensor.dims().iter().product::<usize>() as u64 * 4
    }

    /// The embedding itself, `[1, C, G, G]`.
    pub fn tensor(&self) -> Tensor<4> {
        self.tensor.clone()
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
        self.encoding.is_done().then(|| Embedding {
            tensor: self.encoding.value().clone(),
            placement: self.placement,
        })
    }
}

//! Reads tensors back, cropped like the goldens.

use burn::tensor::Tensor;

use crate::error::Error;

/// The first values of a stage in the reference's layout: channels first for feature maps, tokens first in the layers.
pub(super) async fn beginning(x: &Tensor<4>, stage: &str, count: usize) -> Result<Vec<f32>, Error> {
    let x = match stage {
        "patch_embed" => x.clone().permute([0, 3, 1, 2]),
        _ => x.clone(),
    };
    let [b, c, h, w] = x.dims();
    let flat = x.reshape([b * c * h * w]).narrow(0, 0, count);
    read(flat.into_data_async().await, stage)
}

/// `embedding[:, ::4, ::4, ::4]`.
pub(super) async fn every_fourth(embedding: Tensor<4>) -> Result<Vec<f32>, Error> {
    let [_, c, h, w] = embedding.dims();
    let values = read(embedding.into_data_async().await, "neck")?;
    let index = (0..c).step_by(4).flat_map(|c| {
        (0..h)
            .step_by(4)
            .flat_map(move |y| (0..w).step_by(4).map(move |x| (c * h + y) * w + x))
    });
    Ok(index.map(|i| values[i]).collect())
}

pub(super) fn read<E: ToString>(
    data: Result<burn::tensor::TensorData, E>,
    stage: &str,
) -> Result<Vec<f32>, Error> {
    let failed = |reason: String| Error::DeviceFailed {
        stage: stage.to_owned(),
        reason,
    };
    let data = data.map_err(|error| failed(error.to_string()))?;
    data.try_to_vec()
        .map_err(|error| failed(format!("{error:?}")))
}

//! Converts between vectors and tensors. No other module does.

use burn::tensor::{Device, Int, Tensor, TensorData};
use burn_sam::MaskPrediction;

use boxel_imaging::{ModelBox, ModelPoint};

use crate::error::Error;
use crate::point_label::PointLabel;

/// The model's input as `[1, 3, S, S]`.
pub(crate) fn image_tensor(input: Vec<f32>, side: usize, device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(input, [1, 3, side, side]), device)
}

/// The values of an embedding `[1, C, G, G]`, read back from the device.
pub(crate) async fn embedding_values(embedding: Tensor<4>) -> Result<Vec<f32>, Error> {
    let failed = |reason: String| Error::DeviceFailed {
        stage: "neck".to_owned(),
        reason,
    };
    let read = embedding.into_data_async().await;
    let data = read.map_err(|error| failed(error.to_string()))?;
    data.try_to_vec::<f32>()
        .map_err(|error| failed(format!("{error:?}")))
}

/// A map from its values, of the encoder or its embedding `[1, C, G, G]`.
pub(crate) fn map_tensor(values: Vec<f32>, shape: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// The values of a map on a CPU.
pub(crate) fn map_values(map: Tensor<4>) -> Vec<f32> {
    let values = map.into_data().try_to_vec();
    values.unwrap_or_else(|error| unreachable!("maps are f32: {error:?}"))
}

/// Boxes in model space as `[B, 4]`: x0, y0, x1, y1.
pub(crate) fn boxes_tensor(boxes: &[ModelBox], device: &Device) -> Tensor<2> {
    let corners = |b: &ModelBox| [b.x0, b.y0, b.x1, b.y1];
    let values: Vec<f32> = boxes.iter().flat_map(corners).collect();
    Tensor::from_data(TensorData::new(values, [boxes.len(), 4]), device)
}

/// Points in model space as `[B, N, 2]`, and their labels as `[B, N]`: 1 for foreground, 0 for background. `None` without
/// points. All prompts must have the same number of points.
pub(crate) fn points_tensors(
    points: &[Vec<(ModelPoint, PointLabel)>],
    device: &Device,
) -> Option<(Tensor<3>, Tensor<2, Int>)> {
    let (batch, count) = (points.len(), points.first()?.len());
    if count == 0 {
        return None;
    }
    let all = || points.iter().flatten();
    let coordinates: Vec<f32> = all().flat_map(|(point, _)| [point.x, point.y]).collect();
    let labels = all().map(|(_, label)| match label {
        PointLabel::Foreground => 1,
        PointLabel::Background => 0,
    });
    let labels: Vec<i32> = labels.collect();
    let coordinates = TensorData::new(coordinates, [batch, count, 2]);
    let labels = TensorData::new(labels, [batch, count]);
    Some((
        Tensor::from_data(coordinates, device),
        Tensor::from_data(labels, device),
    ))
}

/// Square maps of logits as `[B, 1, L, L]`.
pub(crate) fn masks_tensor(masks: &[&[f32]], device: &Device) -> Tensor<4> {
    let side = masks.first().map_or(0, |mask| mask.len().isqrt());
    let data = TensorData::new(masks.concat(), [masks.len(), 1, side, side]);
    Tensor::from_data(data, device)
}

/// One candidate mask of the decoder.
#[derive(Debug, Clone)]
pub(crate) struct Decoded {
    /// Low-resolution logits, row-major.
    pub logits: Vec<f32>,
    /// The predicted IoU, about 0 to 1.
    pub iou: f32,
}

/// Reads the candidates of each prompt back from the device in one readback.
pub(crate) async fn read_masks(prediction: MaskPrediction) -> Result<Vec<Vec<Decoded>>, Error> {
    let [batch, masks, height, width] = prediction.low_res_logits.dims();
    let failed = |reason: String| Error::DeviceFailed {
        stage: "mask decoder".to_owned(),
        reason,
    };
    let logits = prediction
        .low_res_logits
        .reshape([batch, masks * height * width]);
    // One tensor needs one readback, two would need two.
    let both = Tensor::cat(vec![logits, prediction.iou], 1);
    let read = both.into_data_async().await;
    let values = read
        .map_err(|error| failed(error.to_string()))?
        .try_to_vec::<f32>()
        .map_err(|error| failed(format!("{error:?}")))?;
    let decoded = |(logits, iou): (&[f32], &f32)| Decoded {
        logits: logits.to_vec(),
        iou: *iou,
    };
    let of_prompt = |values: &[f32]| {
        let (logits, iou) = values.split_at(masks * height * width);
        logits
            .chunks_exact(height * width)
            .zip(iou)
            .map(decoded)
            .collect()
    };
    let prompts = values.chunks_exact(masks * (height * width + 1));
    Ok(prompts.map(of_prompt).collect())
}

/// Waits until the device has computed a tensor, by reading back one of its values.
pub(crate) async fn wait_for(x: &Tensor<4>, stage: &str) -> Result<(), Error> {
    let first = x.clone().slice([0..1, 0..1, 0..1, 0..1]);
    match first.into_data_async().await {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::DeviceFailed {
            stage: stage.to_owned(),
            reason: error.to_string(),
        }),
    }
}

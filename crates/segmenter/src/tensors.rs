//! Converts between vectors and tensors. No other module does.

use burn::tensor::{Device, Int, Tensor, TensorData};
use burn_sam::MaskPrediction;
use burn_sam::sam2::Answer;

use boxel_imaging::{Mask, ModelBox, ModelPoint};

use crate::error::Error;
use crate::point_label::PointLabel;

/// The model's input as `[1, 3, S, S]`.
pub(crate) fn image_tensor(input: Vec<f32>, side: usize, device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(input, [1, 3, side, side]), device)
}

/// The values of a slice's features, one tensor after the other, in one readback from the device.
pub(crate) async fn feature_values(features: Vec<Tensor<4>>) -> Result<Vec<f32>, Error> {
    let flat = features.into_iter().map(|map| map.flatten::<1>(0, 3));
    read(Tensor::cat(flat.collect(), 0), "neck").await
}

/// The features of a slice from their values.
///
/// # Errors
///
/// [`Error::Values`] unless there are as many as the shapes need.
pub(crate) fn feature_tensors(
    values: &[f32],
    shapes: &[[usize; 4]],
    device: &Device,
) -> Result<Vec<Tensor<4>>, Error> {
    let length = |shape: &[usize; 4]| shape.iter().product::<usize>();
    let (needed, found) = (shapes.iter().map(length).sum(), values.len());
    if found != needed {
        return Err(Error::Values { needed, found });
    }
    let mut rest = values;
    let tensor = |shape: &[usize; 4]| {
        let (own, after) = rest.split_at(length(shape));
        rest = after;
        Tensor::from_data(TensorData::new(own.to_vec(), *shape), device)
    };
    Ok(shapes.iter().map(tensor).collect())
}

/// A tensor's values, read back from the device.
async fn read<const D: usize>(x: Tensor<D>, stage: &str) -> Result<Vec<f32>, Error> {
    let failed = |reason: String| Error::DeviceFailed {
        stage: stage.to_owned(),
        reason,
    };
    let data = x.into_data_async().await;
    let data = data.map_err(|error| failed(error.to_string()))?;
    data.try_to_vec::<f32>()
        .map_err(|error| failed(format!("{error:?}")))
}

/// A map's values, read back from the device.
pub(crate) async fn read_map(map: Tensor<4>) -> Result<Vec<f32>, Error> {
    read(map, "mask decoder").await
}

/// A map of the encoder from its values.
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
    let logits = prediction
        .low_res_logits
        .reshape([batch, masks * height * width]);
    // One tensor needs one readback, two would need two.
    let both = Tensor::cat(vec![logits, prediction.iou], 1);
    let values = read(both, "mask decoder").await?;
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

/// The mask of a tracked slice, in one readback from the device: its predicted IoU is the highest of those that it was
/// chosen from. The logits are −1024 where the object is not on the slice.
pub(crate) async fn read_tracked(answer: &Answer) -> Result<Decoded, Error> {
    let iou = answer.iou.clone().max_dim(1).flatten::<1>(0, 1);
    let logits = answer.logits.clone().flatten::<1>(0, 3);
    let mut logits = read(Tensor::cat(vec![iou, logits], 0), "mask decoder").await?;
    let iou = logits.remove(0);
    Ok(Decoded { logits, iou })
}

/// A mask of a slice as `[1, 1, H, W]`, 1 inside and 0 outside.
pub(crate) fn mask_tensor(mask: &Mask, device: &Device) -> Tensor<4> {
    let values: Vec<f32> = mask
        .values()
        .iter()
        .map(|&inside| f32::from(inside))
        .collect();
    let shape = [1, 1, mask.height() as usize, mask.width() as usize];
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Waits until the device has computed a tensor, by reading back one of its values.
pub(crate) async fn wait_for<const D: usize>(x: &Tensor<D>, stage: &str) -> Result<(), Error> {
    let first = x.clone().slice(core::array::from_fn::<_, D, _>(|_| 0..1));
    read(first, stage).await.map(|_| ())
}

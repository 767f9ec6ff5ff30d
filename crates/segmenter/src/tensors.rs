//! The only crossing between vectors and tensors.

use burn::tensor::{Device, Tensor, TensorData, Transaction};
use burn_sam::MaskPrediction;

use boxel_imaging::{ModelBox, Prepared};

use crate::error::Error;

/// The model's input, `[1, 3, S, S]`.
pub(crate) fn image_tensor(prepared: &Prepared, device: &Device) -> Tensor<4> {
    let side = prepared.placement.side as usize;
    let data = TensorData::new(prepared.input.clone(), [1, 3, side, side]);
    Tensor::from_data(data, device)
}

/// Boxes in model space, `[B, 4]`: x0, y0, x1, y1.
pub(crate) fn boxes_tensor(boxes: &[ModelBox], device: &Device) -> Tensor<2> {
    let corners = |b: &ModelBox| [b.x0, b.y0, b.x1, b.y1];
    let values: Vec<f32> = boxes.iter().flat_map(corners).collect();
    Tensor::from_data(TensorData::new(values, [boxes.len(), 4]), device)
}

/// Logits and predicted IoU of a decoded prompt.
#[derive(Debug, Clone)]
pub(crate) struct Decoded {
    /// Logit space, row-major.
    pub logits: Vec<f32>,
    /// About 0 to 1.
    pub iou: f32,
}

/// Brings the first mask of each prompt back from the device, all in one readback.
pub(crate) async fn read_masks(prediction: MaskPrediction) -> Result<Vec<Decoded>, Error> {
    let [batch, masks, height, width] = prediction.low_res_logits.dims();
    let failed = |reason: String| Error::DeviceFailed {
        stage: "mask decoder".to_owned(),
        reason,
    };
    let read = Transaction::default()
        .register(prediction.low_res_logits)
        .register(prediction.iou)
        .execute_async()
        .await
        .map_err(|error| failed(error.to_string()))?;
    let values = |data: &TensorData| {
        data.try_to_vec::<f32>()
            .map_err(|error| failed(format!("{error:?}")))
    };
    let [logits, iou] = read.as_slice() else {
        return Err(failed(format!("{} tensors came back, not 2", read.len())));
    };
    let (logits, iou) = (values(logits)?, values(iou)?);
    let decoded = |prompt: usize| Decoded {
        logits: logits[prompt * masks * height * width..][..height * width].to_vec(),
        iou: iou[prompt * masks],
    };
    Ok((0..batch).map(decoded).collect())
}

/// Waits until the device has computed a tensor, by reading one value of it back.
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

//! Prompts other than a box: points, masks, batches, and several masks for one prompt.

use boxel_imaging::ModelBox;
use burn::tensor::{Device, Int, Tensor, TensorData};
use burn_sam::Prompts;

use super::golden::{Golden, GoldenPrompt};
use super::values::read;
use super::{Difference, Tolerance, largest_difference};
use crate::checkpoint::Model;
use crate::embed::Embedding;
use crate::error::Error;
use crate::tensors::{boxes_tensor, masks_tensor};

/// Decodes each such prompt of a case and compares logits and predicted IoU.
pub(super) async fn compare(
    model: &Model,
    golden: &Golden,
    tolerance: &Tolerance,
    embedding: &Embedding,
    differences: &mut Vec<Difference>,
) -> Result<(), Error> {
    for prompt in golden.prompts() {
        let name = &prompt.name;
        let prompts = prompts(golden, prompt, model.device())?;
        let found = model.decode(&embedding.features, None, &prompts, prompt.multimask_output)?;
        let logits = every_fourth_pixel(found.low_res_logits).await?;
        let iou = read(found.iou.into_data_async().await, "mask decoder")?;
        let expected_logits = golden.floats(&format!("variant.{name}.low_res_sub"))?;
        let expected_iou = golden.floats(&format!("variant.{name}.iou"))?;
        differences.push(Difference {
            what: format!("{name}: logits"),
            measured: largest_difference(&logits, expected_logits),
            allowed: tolerance.logits,
        });
        differences.push(Difference {
            what: format!("{name}: predicted IoU"),
            measured: largest_difference(&iou, expected_iou),
            allowed: tolerance.iou,
        });
    }
    Ok(())
}

fn prompts(golden: &Golden, prompt: &GoldenPrompt, device: &Device) -> Result<Prompts, Error> {
    let points = match (&prompt.points, &prompt.labels) {
        (Some(points), Some(labels)) => Some(points_tensors(points, labels, device)),
        _ => None,
    };
    let boxes = prompt.boxes.as_ref().map(|boxes| {
        let model_box = |&[x0, y0, x1, y1]: &[f32; 4]| ModelBox { x0, y0, x1, y1 };
        boxes_tensor(&boxes.iter().map(model_box).collect::<Vec<_>>(), device)
    });
    let masks = match &prompt.mask {
        Some(key) => Some(masks_tensor(&[golden.floats(key)?], device)),
        None => None,
    };
    Ok(Prompts {
        points,
        boxes,
        masks,
    })
}

fn points_tensors(
    points: &[Vec<[f32; 2]>],
    labels: &[Vec<f32>],
    device: &Device,
) -> (Tensor<3>, Tensor<2, Int>) {
    let shape = [points.len(), points.first().map_or(0, Vec::len)];
    let points = TensorData::new(points.concat().concat(), [shape[0], shape[1], 2]);
    let labels: Vec<i32> = labels
        .concat()
        .into_iter()
        .map(|label| label as i32)
        .collect();
    (
        Tensor::from_data(points, device),
        Tensor::from_data(TensorData::new(labels, shape), device),
    )
}

/// `logits[:, :, ::4, ::4]`.
async fn every_fourth_pixel(logits: Tensor<4>) -> Result<Vec<f32>, Error> {
    let [_, _, _, width] = logits.dims();
    let values = read(logits.into_data_async().await, "mask decoder")?;
    let rows = values.chunks_exact(width).step_by(4);
    Ok(rows
        .flat_map(|row| row.iter().step_by(4).copied())
        .collect())
}

use boxel_imaging::{ImageBox, Mask, Probability, restore};
use burn_sam::Prompts;

use crate::checkpoint::Model;
use crate::embed::Embedding;
use crate::error::Error;
use crate::tensors::{Decoded, boxes_tensor, read_masks};

/// What the model found in a box.
#[derive(Debug, Clone)]
pub struct Segment {
    /// The box that was decoded, in image space, within the image.
    pub image_box: ImageBox,
    /// The IoU with the truth that the model predicts: about 0 to 1, not clamped.
    pub iou: f32,
    /// Of each pixel of the image, before the threshold.
    pub probability: Probability,
    /// The pixels above the threshold.
    pub mask: Mask,
}

/// Decodes boxes in one batch. The result has their order.
///
/// # Errors
///
/// A box that has no area or lies outside the image; a device that fails.
pub(crate) async fn segment_boxes(
    model: &Model,
    embedding: &Embedding,
    boxes: &[ImageBox],
) -> Result<Vec<Segment>, Error> {
    let found = segment_boxes_with_logits(model, embedding, boxes).await?;
    Ok(found.into_iter().map(|(segment, _)| segment).collect())
}

/// [`segment_boxes`], with what came from the device.
pub(crate) async fn segment_boxes_with_logits(
    model: &Model,
    embedding: &Embedding,
    boxes: &[ImageBox],
) -> Result<Vec<(Segment, Decoded)>, Error> {
    let size = embedding.placement.image;
    let boxes = boxes
        .iter()
        .map(|image_box| Ok(image_box.checked(size.width, size.height)?))
        .collect::<Result<Vec<ImageBox>, Error>>()?;
    let model_from_image = |b: &ImageBox| embedding.placement.model_from_image(*b);
    let model_boxes: Vec<_> = boxes.iter().map(model_from_image).collect();
    if model_boxes.is_empty() {
        return Ok(Vec::new());
    }
    let prompts = Prompts::boxes(boxes_tensor(&model_boxes, model.device()));
    let prediction = model.sam().decode(embedding.tensor(), &prompts, false);
    let decoded = read_masks(prediction).await?;
    boxes
        .into_iter()
        .zip(decoded)
        .map(|(image_box, decoded)| Ok((restored(model, embedding, image_box, &decoded)?, decoded)))
        .collect()
}

fn restored(
    model: &Model,
    embedding: &Embedding,
    image_box: ImageBox,
    decoded: &Decoded,
) -> Result<Segment, Error> {
    let count = decoded.logits.iter().filter(|x| !x.is_finite()).count();
    if count > 0 || !decoded.iou.is_finite() {
        return Err(Error::NotFinite { count, image_box });
    }
    let probability = restore(model.kind().recipe(), &decoded.logits, &embedding.placement)?;
    Ok(Segment {
        image_box,
        iou: decoded.iou,
        mask: probability.mask(Probability::THRESHOLD),
        probability,
    })
}

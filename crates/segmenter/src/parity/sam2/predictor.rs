//! SAM 2.1's recipe for images, and its answers to prompts without the object's score.

use boxel_imaging::{RgbImage8, prepare_sam2_at};
use burn::tensor::{Device, Tensor, TensorData};
use burn_sam::Prompts;
use burn_sam::sam2::{Filter, ImageFeatures, Sam2, resize};

use super::case::Case;
use super::image::{image_tensor, point_tensors, stride_of, subsampled, values};
use super::{Differences, FEATURES, LOGITS, MASKS};
use crate::error::Error;

/// The predictor returns logits within this.
const MAX_LOGIT: f64 = 32.0;

pub(super) async fn compare(
    sam2: &Sam2,
    case: &Case,
    device: &Device,
    found: &mut Differences<'_>,
) -> Result<(), Error> {
    let Some(slice) = case.cases.predictor_slice() else {
        return Ok(());
    };
    let image = slice_of(slice, found)?;
    let size = [image.height() as usize, image.width() as usize];
    let input = prepare_sam2_at(sam2.image_size() as u32, &image).input;
    found.features("predictor.input", &input, FEATURES)?;
    let features = sam2.encode(image_tensor(input, sam2.image_size(), device));
    let embedding = values(sam2.unconditioned(&features), "neck").await?;
    found.features("predictor.embedding", &embedding, FEATURES)?;
    let mut predictor = Predictor {
        sam2,
        features,
        size,
        device,
    };
    let in_model = |x: f32, y: f32| {
        let side = sam2.image_size() as f32;
        [x / size[1] as f32 * side, y / size[0] as f32 * side]
    };
    let &[x0, y0, x1, y1] = found.expected("predictor.box_prompt")? else {
        return Err(found.unusable("`predictor.box_prompt` is not a box".to_owned()));
    };
    let corners = [in_model(x0, y0), in_model(x1, y1)].concat();
    let corners = TensorData::new(corners, [1, 4]);
    let boxed = Prompts {
        boxes: Some(Tensor::from_data(corners, device)),
        ..Prompts::default()
    };
    let low = predictor.compare("box", &boxed, false, found).await?;
    let &[x, y] = found.expected("predictor.point_prompt")? else {
        return Err(found.unusable("`predictor.point_prompt` is not a point".to_owned()));
    };
    let point = Prompts {
        points: Some(point_tensors(&[in_model(x, y)], &[1], device)),
        ..Prompts::default()
    };
    predictor.compare("point", &point, true, found).await?;
    let mask = Prompts {
        masks: Some(low),
        ..Prompts::default()
    };
    predictor.compare("mask_only", &mask, false, found).await?;
    Ok(())
}

fn slice_of(slice: usize, found: &Differences<'_>) -> Result<RgbImage8, Error> {
    let missing = || found.unusable("it has no slice for the predictor".to_owned());
    let shape = found.outputs().shape("volume.u8");
    let voxels = found.outputs().bytes("volume.u8");
    let (Some(&[_, height, width]), Some(voxels)) = (shape, voxels) else {
        return Err(missing());
    };
    let grey = voxels.chunks_exact(height * width).nth(slice);
    let rgb = grey
        .ok_or_else(missing)?
        .iter()
        .flat_map(|&level| [level; 3]);
    Ok(RgbImage8::new(width as u32, height as u32, rgb.collect())?)
}

struct Predictor<'a> {
    sam2: &'a Sam2,
    features: ImageFeatures,
    /// Height and width of the slice.
    size: [usize; 2],
    device: &'a Device,
}

impl Predictor<'_> {
    /// Compares the answer to a prompt, and returns its logits for the next prompt.
    async fn compare(
        &mut self,
        name: &str,
        prompts: &Prompts,
        multimask_output: bool,
        found: &mut Differences<'_>,
    ) -> Result<Tensor<4>, Error> {
        let name = |part: &str| format!("predictor.{name}.{part}");
        let image_pe = self.sam2.sam_prompt_encoder.dense_pe(self.device);
        let answer = self
            .sam2
            .predict(&self.features, image_pe, prompts, multimask_output);
        let iou = values(answer.iou, "mask decoder").await?;
        found.values(&name("iou"), &iou, LOGITS)?;
        let logits = resize(answer.low_res_logits.clone(), self.size, Filter::Bilinear);
        let stride = stride_of(&logits, &name("logits"), found)?;
        let every = subsampled(logits.clone(), stride).await?;
        found.values(&name("logits"), &every, LOGITS)?;
        let mask = values(logits, "mask decoder").await?;
        let expected = found.outputs().bytes(&name("mask")).unwrap_or_default();
        let pairs = || mask.iter().map(|logit| *logit > 0.0).zip(expected);
        let both = pairs().filter(|&(a, &b)| a && b != 0).count();
        let any = pairs().filter(|&(a, &b)| a || b != 0).count();
        let is_complete = expected.len() == mask.len();
        let iou = if is_complete {
            both as f64 / any.max(1) as f64
        } else {
            0.0
        };
        found.push(format!("{}, 1 - IoU", name("mask")), 1.0 - iou, MASKS);
        let low = answer.low_res_logits.clamp(-MAX_LOGIT, MAX_LOGIT);
        let stride = stride_of(&low, &name("low"), found)?;
        let every = subsampled(low.clone(), stride).await?;
        found.values(&name("low"), &every, LOGITS)?;
        Ok(low.narrow(1, 0, 1))
    }
}

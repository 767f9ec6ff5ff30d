//! The encoder, and every kind of prompt on one image.

use boxel_imaging::{Recipe, RgbImage8, prepare};
use burn::module::Param;
use burn::tensor::{Device, Int, Tensor, TensorData};
use burn_sam::Prompts;
use burn_sam::sam2::{Answer, Encoding, ImageFeatures, Question, Sam2};

use super::case::{Case, ImageCase};
use super::{Differences, FEATURES, LOGITS};
use crate::error::Error;
use crate::parity::values::read;

pub(super) async fn compare(
    sam2: &Sam2,
    case: &Case,
    device: &Device,
    found: &mut Differences<'_>,
) -> Result<(), Error> {
    let features = compare_encoder(sam2, device, found).await?;
    let absent = without_object(sam2);
    for (name, prompt) in &case.cases.image {
        let model = match name.starts_with("absent") {
            true => &absent,
            false => sam2,
        };
        compare_prompt(model, &features, name, prompt, device, found).await?;
    }
    Ok(())
}

async fn compare_encoder(
    sam2: &Sam2,
    device: &Device,
    found: &mut Differences<'_>,
) -> Result<ImageFeatures, Error> {
    let pixels = found.outputs().bytes("image.u8").map(<[u8]>::to_vec);
    let pixels = pixels.ok_or_else(|| found.unusable("it has no bytes `image.u8`".to_owned()))?;
    let side = sam2.image_size() as u32;
    let input = prepare(Recipe::MedSam2, &RgbImage8::new(side, side, pixels)?).input;
    found.features("image.input", &input, FEATURES)?;
    let mut encoding = Encoding::new(image_tensor(input, sam2.image_size(), device));
    let trunk = &sam2.image_encoder.trunk;
    let patches = trunk.patch_embed.proj.forward(encoding.value().clone());
    let patches = values(patches.permute([0, 2, 3, 1]), "patch_embed").await?;
    found.features("image.trunk.patch_embed", &patches, FEATURES)?;
    for step in 0.. {
        let features = sam2.encode_step(&mut encoding);
        if let Some(features) = features {
            compare_features(sam2, &features, device, found).await?;
            return Ok(features);
        }
        if step > 0 {
            let name = format!("image.trunk.block{:02}", step - 1);
            let block = values(encoding.value().clone(), &name).await?;
            found.features(&name, &block, FEATURES)?;
        }
    }
    Err(found.unusable("the encoder has no end".to_owned()))
}

async fn compare_features(
    sam2: &Sam2,
    features: &ImageFeatures,
    device: &Device,
    found: &mut Differences<'_>,
) -> Result<(), Error> {
    let first = |map: &Tensor<4>| map.clone().permute([0, 3, 1, 2]);
    for (name, map) in [
        ("image.fpn2", first(&features.embedding)),
        ("image.s1", first(&features.s1)),
        ("image.s0", first(&features.s0)),
        ("image.embedding", sam2.unconditioned(features)),
        ("image.dense_pe", sam2.sam_prompt_encoder.dense_pe(device)),
    ] {
        let map = values(map, name).await?;
        found.features(name, &map, FEATURES)?;
    }
    Ok(())
}

async fn compare_prompt(
    sam2: &Sam2,
    features: &ImageFeatures,
    name: &str,
    prompt: &ImageCase,
    device: &Device,
    found: &mut Differences<'_>,
) -> Result<(), Error> {
    let name = format!("image.{name}");
    let mask = mask_of(sam2, prompt, &name, device, found)?;
    let image_pe = sam2.sam_prompt_encoder.dense_pe(device);
    let answer = match (name.ends_with("_as_output"), mask) {
        (true, Some(mask)) => sam2.answer_with_mask(features, image_pe, mask),
        (_, mask) => {
            let points = prompt.points.as_ref().zip(prompt.labels.as_ref());
            let points = points.map(|(points, labels)| point_tensors(points, labels, device));
            compare_sparse(sam2, &name, points.clone(), device, found).await?;
            let question = Question { points, mask };
            let embedding = sam2.unconditioned(features);
            sam2.answer(embedding, features, image_pe, &question, prompt.multimask)
        }
    };
    compare_answer(&name, &answer, found).await
}

/// The mask prompt, which the case names by its shape: the earlier logits, or a mask of the whole slice.
fn mask_of(
    sam2: &Sam2,
    prompt: &ImageCase,
    name: &str,
    device: &Device,
    found: &Differences<'_>,
) -> Result<Option<Tensor<4>>, Error> {
    let side = sam2.image_size();
    let Some(shape) = &prompt.mask else {
        return Ok(None);
    };
    if shape.last() != Some(&side) {
        let earlier = found.expected("image.box.low")?;
        let clamped: Vec<f32> = earlier
            .iter()
            .map(|logit| logit.clamp(-32.0, 32.0))
            .collect();
        return Ok(Some(square(clamped, device)));
    }
    if name.contains("empty") {
        return Ok(Some(Tensor::zeros([1, 1, side, side], device)));
    }
    let mask = found.outputs().bytes("image.mask_prompt");
    let mask =
        mask.ok_or_else(|| found.unusable("it has no bytes `image.mask_prompt`".to_owned()))?;
    // Each pixel twice in both directions.
    let half = side / 2;
    let at = |i: usize| f32::from(mask[i / side / 2 * half + i % side / 2]);
    Ok(Some(square((0..side * side).map(at).collect(), device)))
}

async fn compare_sparse(
    sam2: &Sam2,
    name: &str,
    points: Option<(Tensor<3>, Tensor<2, Int>)>,
    device: &Device,
    found: &mut Differences<'_>,
) -> Result<(), Error> {
    let Some(points) = points else { return Ok(()) };
    let prompts = Prompts {
        points: Some(points),
        ..Prompts::default()
    };
    let (sparse, _) = sam2.sam_prompt_encoder.forward(&prompts, device);
    let name = format!("{name}.sparse");
    let sparse = values(sparse, &name).await?;
    found.features(&name, &sparse, FEATURES)
}

async fn compare_answer(
    name: &str,
    answer: &Answer,
    found: &mut Differences<'_>,
) -> Result<(), Error> {
    let of = |part: &str| format!("{name}.{part}");
    let decoded = &answer.decoded;
    let raw_low = subsampled(decoded.logits.clone(), 8).await?;
    found.values(&of("raw_low"), &raw_low, LOGITS)?;
    let stride = stride_of(&answer.logits, &of("low"), found)?;
    let low = subsampled(answer.logits.clone(), stride).await?;
    found.values(&of("low"), &low, LOGITS)?;
    let tokens = values(decoded.tokens.clone(), name).await?;
    found.features(&of("tokens"), &tokens, FEATURES)?;
    for (part, value) in [
        ("raw_iou", &decoded.iou),
        ("iou", &answer.iou),
        ("raw_score", &decoded.object_score),
        ("score", &answer.object_score),
    ] {
        let value = values(value.clone(), name).await?;
        found.values(&of(part), &value, LOGITS)?;
    }
    let pointer = values(answer.pointer.clone(), name).await?;
    found.features(&of("ptr"), &pointer, FEATURES)
}

/// Every how many pixels of a mask are stored.
pub(super) fn stride_of(
    logits: &Tensor<4>,
    name: &str,
    found: &Differences<'_>,
) -> Result<usize, Error> {
    let [_, _, _, width] = logits.dims();
    let stored = found.outputs().shape(name).and_then(<[usize]>::last);
    match stored {
        Some(&stored) if stored > 0 => Ok(width.div_ceil(stored)),
        _ => Err(found.unusable(format!("it has no floats `{name}`"))),
    }
}

/// The model with the object score so low that no object is there.
fn without_object(sam2: &Sam2) -> Sam2 {
    let mut sam2 = sam2.clone();
    if let Some(last) = sam2.sam_mask_decoder.pred_obj_score_head.layers.last_mut() {
        let bias = last.bias.take();
        last.bias = bias.map(|bias| Param::from_tensor(bias.val().sub_scalar(50.0)));
    }
    sam2
}

/// `[1, 3, S, S]` from planes.
pub(super) fn image_tensor(input: Vec<f32>, side: usize, device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(input, [1, 3, side, side]), device)
}

/// `[1, 1, H, H]`.
fn square(values: Vec<f32>, device: &Device) -> Tensor<4> {
    let side = values.len().isqrt();
    Tensor::from_data(TensorData::new(values, [1, 1, side, side]), device)
}

pub(super) fn point_tensors(
    points: &[[f32; 2]],
    labels: &[i32],
    device: &Device,
) -> (Tensor<3>, Tensor<2, Int>) {
    let count = points.len();
    (
        Tensor::from_data(TensorData::new(points.concat(), [1, count, 2]), device),
        Tensor::from_data(TensorData::new(labels.to_vec(), [1, count]), device),
    )
}

pub(super) async fn values<const D: usize>(x: Tensor<D>, stage: &str) -> Result<Vec<f32>, Error> {
    read(x.into_data_async().await, stage)
}

/// Every `stride`-th pixel in both directions.
pub(super) async fn subsampled(logits: Tensor<4>, stride: usize) -> Result<Vec<f32>, Error> {
    let [_, _, height, width] = logits.dims();
    let values = values(logits, "mask decoder").await?;
    let maps = values.chunks_exact(height * width);
    let rows = maps.flat_map(|map| map.chunks_exact(width).step_by(stride));
    Ok(rows
        .flat_map(|row| row.iter().step_by(stride).copied())
        .collect())
}

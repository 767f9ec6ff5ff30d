use boxel_imaging::{Mask, ModelBox, Placement, Probability, Recipe, restore};
use burn_sam::Prompts;

use crate::checkpoint::Model;
use crate::embed::Embedding;
use crate::error::Error;
use crate::offer::Offer;
use crate::prompt::{Prompt, Resolved, model_prompts};
use crate::rendering::Rendering;
use crate::tensors::{Decoded, boxes_tensor, read_masks};

/// The model's answer to one prompt.
#[derive(Debug, Clone)]
pub struct Prediction {
    /// The prompt as it was decoded, clipped to the image.
    pub prompt: Prompt,
    /// The probability of each pixel, before the threshold.
    pub probability: Probability,
    /// The pixels above the threshold.
    pub mask: Mask,
    candidates: Vec<Decoded>,
    chosen: usize,
    recipe: Recipe,
    placement: Placement,
    rendering: Rendering,
    /// The mask that the prompt refines.
    before: Option<Mask>,
    offer: Option<Offer>,
}

impl Prediction {
    /// Why the mask is only offered: its object keeps the mask that it had until
    /// [`OpenScan::accept`](crate::OpenScan::accept). `None` if the mask is taken.
    pub fn offer(&self) -> Option<Offer> {
        self.offer
    }

    /// Takes a mask that was only offered.
    pub(crate) fn accept(&mut self) {
        self.prompt.take = true;
        self.offer = None;
    }

    /// Compares a refinement of an object's mask with the mask that it starts from.
    fn compare(&mut self) {
        let prompt = &self.prompt;
        let is_refinement = prompt.object.is_some() && !prompt.points.is_empty();
        self.offer = match &self.before {
            Some(before) if is_refinement && !prompt.take => {
                Offer::against(prompt, before, &self.mask)
            }
            _ => None,
        };
    }

    /// The image that the prompt was decoded on.
    pub fn rendering(&self) -> Rendering {
        self.rendering
    }

    /// Chooses the candidate with the highest predicted IoU. `before` is the mask that the prompt refines.
    fn new(
        model: &Model,
        embedding: &Embedding,
        rendering: Rendering,
        prompt: Prompt,
        before: Option<Mask>,
        candidates: Vec<Decoded>,
    ) -> Result<Self, Error> {
        if candidates.is_empty() {
            return Err(Error::DeviceFailed {
                stage: "mask decoder".to_owned(),
                reason: "it returned no mask".to_owned(),
            });
        }
        let is_not_finite = |x: &&f32| !x.is_finite();
        let not_finite = |d: &Decoded| {
            d.logits
                .iter()
                .chain([&d.iou])
                .filter(is_not_finite)
                .count()
        };
        let count: usize = candidates.iter().map(not_finite).sum();
        if count > 0 {
            return Err(Error::NotFinite { count });
        }
        let better = |a: &usize, b: &usize| candidates[*a].iou.total_cmp(&candidates[*b].iou);
        let chosen = (0..candidates.len()).max_by(better).unwrap_or(0);
        let (recipe, placement) = (model.kind().recipe(), embedding.placement);
        let probability = restore(recipe, &candidates[chosen].logits, &placement)?;
        let mut prediction = Self {
            prompt,
            mask: probability.mask(Probability::THRESHOLD),
            probability,
            candidates,
            chosen,
            recipe,
            placement,
            rendering,
            before,
            offer: None,
        };
        prediction.compare();
        Ok(prediction)
    }

    /// The IoU that the model predicts for the mask: about 0 to 1, not clamped.
    pub fn iou(&self) -> f32 {
        self.candidates[self.chosen].iou
    }

    /// The predicted IoU of each candidate: one, or three of a multi-mask prompt.
    pub fn candidate_ious(&self) -> impl Iterator<Item = f32> {
        self.candidates.iter().map(|candidate| candidate.iou)
    }

    /// The index of the candidate that the mask comes from.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// Takes the mask from another candidate. Nothing is decoded.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchCandidate`].
    pub fn choose(&mut self, candidate: usize) -> Result<(), Error> {
        let Some(decoded) = self.candidates.get(candidate) else {
            return Err(Error::NoSuchCandidate {
                candidate,
                count: self.candidates.len(),
            });
        };
        self.probability = restore(self.recipe, &decoded.logits, &self.placement)?;
        self.mask = self.probability.mask(Probability::THRESHOLD);
        self.chosen = candidate;
        self.compare();
        Ok(())
    }

    /// The mask after evidence, `[256, 256]`, is added to the logits.
    pub(crate) fn weighed(&self, evidence: &[f32]) -> Result<Mask, Error> {
        let logits = self.logits().iter().zip(evidence);
        let logits: Vec<f32> = logits.map(|(logit, evidence)| logit + evidence).collect();
        let probability = restore(self.recipe, &logits, &self.placement)?;
        Ok(probability.mask(Probability::THRESHOLD))
    }

    /// The mask's low-resolution logits, row-major.
    pub(crate) fn logits(&self) -> &[f32] {
        &self.candidates[self.chosen].logits
    }
}

/// The largest number of prompts in one decoder batch. The decoder's widest tensor takes 8 MiB for each prompt, and
/// WebGPU guarantees bindings of 128 MiB.
pub const MAX_BATCH: usize = 8;

/// Decodes prompts on one image; prompts of the same form share a batch. The predictions are in the prompts' order.
///
/// # Errors
///
/// [`Error::DeviceFailed`], [`Error::NotFinite`].
pub(crate) async fn predict(
    model: &Model,
    embedding: &Embedding,
    rendering: Rendering,
    prompts: Vec<Resolved>,
) -> Result<Vec<Prediction>, Error> {
    let mut decoded: Vec<Option<Vec<Decoded>>> = vec![None; prompts.len()];
    for batch in batches(&prompts) {
        let resolved: Vec<&Resolved> = batch.iter().map(|&index| &prompts[index]).collect();
        let multimask = resolved.iter().any(|resolved| resolved.prompt.multimask);
        let inputs = model_prompts(&resolved, &embedding.placement, model.device());
        let conditioned = resolved[0].conditioned.clone();
        let output = model.decode(&embedding.features, conditioned, &inputs, multimask)?;
        for (&index, candidates) in batch.iter().zip(read_masks(output).await?) {
            decoded[index] = Some(candidates);
        }
    }
    prompts
        .into_iter()
        .zip(decoded)
        .map(|(Resolved { prompt, start, .. }, candidates)| {
            let before = start.filter(|_| prompt.is_refinement());
            let before = before.map(|start| start.mask);
            let candidates = candidates.unwrap_or_default();
            Prediction::new(model, embedding, rendering, prompt, before, candidates)
        })
        .collect()
}

/// Decodes one box in model space.
///
/// # Errors
///
/// [`Error::DeviceFailed`], [`Error::NotFinite`].
pub(crate) async fn predict_box(
    model: &Model,
    embedding: &Embedding,
    rendering: Rendering,
    model_box: ModelBox,
) -> Result<Prediction, Error> {
    let inputs = Prompts {
        boxes: Some(boxes_tensor(&[model_box], model.device())),
        points: None,
        masks: None,
    };
    let output = model.decode(&embedding.features, None, &inputs, false)?;
    let candidates = read_masks(output).await?.pop().unwrap_or_default();
    let prompt = Prompt::from_box(embedding.placement.image_from_model(model_box));
    Prediction::new(model, embedding, rendering, prompt, None, candidates)
}

/// The indices of prompts in batches of the same form, on the same embedding.
fn batches(prompts: &[Resolved]) -> Vec<Vec<usize>> {
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for (index, prompt) in prompts.iter().enumerate() {
        let has_room = |batch: &&mut Vec<usize>| {
            let first = &prompts[batch[0]];
            let is_shared = first.conditioned.is_none() && prompt.conditioned.is_none();
            batch.len() < MAX_BATCH && is_shared && first.form() == prompt.form()
        };
        match batches.iter_mut().find(has_room) {
            Some(batch) => batch.push(index),
            None => batches.push(vec![index]),
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_of_one_form_are_decoded_together() {
        let resolved = |multimask| Resolved {
            prompt: Prompt {
                multimask,
                ..Prompt::default()
            },
            start: None,
            conditioned: None,
        };
        let mut prompts = vec![resolved(false), resolved(true), resolved(false)];
        assert_eq!(batches(&prompts), [vec![0, 2], vec![1]]);
        prompts.extend((0..MAX_BATCH).map(|_| resolved(true)));
        let sizes: Vec<usize> = batches(&prompts).iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, MAX_BATCH, 1]);
    }
}

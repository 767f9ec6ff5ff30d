use boxel_imaging::{Mask, ModelBox, Placement, Probability, Recipe, restore};
use burn_sam::Prompts;

use crate::checkpoint::Model;
use crate::embed::Embedding;
use crate::error::Error;
use crate::offer::Offer;
use crate::prompt::{Prompt, Resolved, model_prompts};
use crate::session::Rendering;
use crate::tensors::{Decoded, boxes_tensor, read_masks};

/// What the model found for a prompt.
#[derive(Debug, Clone)]
pub struct Segment {
    /// The prompt that was decoded, within the image.
    pub prompt: Prompt,
    /// Of each pixel of the image, before the threshold.
    pub probability: Probability,
    /// The pixels above the threshold.
    pub mask: Mask,
    candidates: Vec<Decoded>,
    chosen: usize,
    recipe: Recipe,
    placement: Placement,
    rendering: Option<Rendering>,
    /// The mask that it refines.
    before: Option<Mask>,
    offer: Option<Offer>,
}

impl Segment {
    /// Why it is only offered: its object keeps the mask that it had until
    /// [`Session::accept`](crate::Session::accept). Nothing if it is taken.
    pub fn offer(&self) -> Option<Offer> {
        self.offer
    }

    /// The user takes it.
    pub(crate) fn accept(&mut self) {
        self.prompt.take = true;
        self.offer = None;
    }

    /// Compares a refinement for an object with the mask that it starts from.
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

    /// The same, found on this image.
    pub(crate) fn at(mut self, rendering: Rendering) -> Self {
        self.rendering = Some(rendering);
        self
    }

    /// The image that it was found on.
    pub fn rendering(&self) -> Option<Rendering> {
        self.rendering
    }

    /// The best of the candidates, by the IoU that the model predicts.
    fn new(
        model: &Model,
        embedding: &Embedding,
        prompt: Prompt,
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
        Ok(Self {
            prompt,
            mask: probability.mask(Probability::THRESHOLD),
            probability,
            candidates,
            chosen,
            recipe,
            placement,
            rendering: None,
            before: None,
            offer: None,
        })
    }

    /// The IoU with the truth that the model predicts for the mask: about 0 to 1, not clamped.
    pub fn iou(&self) -> f32 {
        self.candidates[self.chosen].iou
    }

    /// The predicted IoU of each mask that the model offers: of one, or of three.
    pub fn candidate_ious(&self) -> impl Iterator<Item = f32> {
        self.candidates.iter().map(|candidate| candidate.iou)
    }

    /// Which of them the mask is, counted from 0.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// Takes another of the masks that the model offers.
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

    /// The mask's low-resolution logits, in logit space, row by row.
    pub(crate) fn logits(&self) -> &[f32] {
        &self.candidates[self.chosen].logits
    }
}

/// The most prompts that are decoded at once. The decoder's widest tensor takes 8 MiB for each, and
/// WebGPU promises bindings of 128 MiB.
const MAX_BATCH: usize = 8;

/// Decodes prompts, those of one form together. The result has their order.
///
/// # Errors
///
/// A device that fails.
pub(crate) async fn segment_prompts(
    model: &Model,
    embedding: &Embedding,
    prompts: Vec<Resolved>,
) -> Result<Vec<Segment>, Error> {
    let mut found: Vec<Option<Vec<Decoded>>> = vec![None; prompts.len()];
    for batch in batches(&prompts) {
        let resolved: Vec<&Resolved> = batch.iter().map(|&index| &prompts[index]).collect();
        let multimask = resolved.iter().any(|resolved| resolved.prompt.multimask);
        let inputs = model_prompts(&resolved, &embedding.placement, model.device());
        let prediction = model.decode(embedding.tensor(), &inputs, multimask);
        for (&index, decoded) in batch.iter().zip(read_masks(prediction).await?) {
            found[index] = Some(decoded);
        }
    }
    prompts
        .into_iter()
        .zip(found)
        .map(|(resolved, found)| {
            let Resolved { prompt, start } = resolved;
            let mut segment = Segment::new(model, embedding, prompt, found.unwrap_or_default())?;
            segment.before = start.map(|start| start.mask);
            segment.compare();
            Ok(segment)
        })
        .collect()
}

/// Decodes a box that is in model space already.
///
/// # Errors
///
/// A device that fails.
pub(crate) async fn segment_box(
    model: &Model,
    embedding: &Embedding,
    model_box: ModelBox,
) -> Result<Segment, Error> {
    let inputs = Prompts {
        boxes: Some(boxes_tensor(&[model_box], model.device())),
        points: None,
        masks: None,
    };
    let prediction = model.decode(embedding.tensor(), &inputs, false);
    let decoded = read_masks(prediction).await?.pop().unwrap_or_default();
    let prompt = Prompt::from_box(embedding.placement.image_from_model(model_box));
    Segment::new(model, embedding, prompt, decoded)
}

/// The indices of prompts of one form, in portions.
fn batches(prompts: &[Resolved]) -> Vec<Vec<usize>> {
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for (index, prompt) in prompts.iter().enumerate() {
        let has_room = |batch: &&mut Vec<usize>| {
            batch.len() < MAX_BATCH && prompts[batch[0]].form() == prompt.form()
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
        };
        let mut prompts = vec![resolved(false), resolved(true), resolved(false)];
        assert_eq!(batches(&prompts), [vec![0, 2], vec![1]]);
        prompts.extend((0..MAX_BATCH).map(|_| resolved(true)));
        let sizes: Vec<usize> = batches(&prompts).iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, MAX_BATCH, 1]);
    }
}

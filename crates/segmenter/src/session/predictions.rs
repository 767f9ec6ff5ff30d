//! Predictions of the current model, and how their masks become slices of objects.

use std::collections::BTreeMap;

use boxel_imaging::{Mask, Placement, Probability, Scan};
use burn_sam::sam2::Sam2;

use super::NEEDS_EMBEDDING;
use super::object_mask::{ObjectMask, ObjectSlice, Origin};
use super::open_scan::OpenScan;
use crate::checkpoint::Model;
use crate::checkpoint_kind::CheckpointKind;
use crate::embed::Embedding;
use crate::error::Error;
use crate::point_label::PointLabel;
use crate::prediction::{Prediction, predict};
use crate::prompt::{Prompt, Resolved, Start};

impl OpenScan {
    pub(super) async fn predict(
        &mut self,
        model: &Model,
        prompts: &[Prompt],
    ) -> Result<Vec<Prediction>, Error> {
        let seen = self.model_rendering();
        let embedding = self.inference.embeddings.get(&seen);
        let embedding = embedding.ok_or(NEEDS_EMBEDDING)?;
        let prompts = prompts.iter().map(|prompt| {
            let prompt = prompt.clone().checked(self.image.size())?;
            let start = self.start_of(&prompt, model.kind(), &embedding.placement)?;
            let conditioned = None;
            Ok(Resolved {
                prompt,
                start,
                conditioned,
            })
        });
        let mut prompts = prompts.collect::<Result<Vec<Resolved>, Error>>()?;
        if let Some(sam2) = model.sam2() {
            for resolved in &mut prompts {
                self.remind(model, sam2, resolved, &embedding).await?;
            }
        }
        predict(model, &embedding, seen, prompts).await
    }

    /// Lets a prompt that corrects a tracked slice attend to the object's memories, and start from the logits that were
    /// found there.
    async fn remind(
        &mut self,
        model: &Model,
        sam2: &Sam2,
        resolved: &mut Resolved,
        embedding: &Embedding,
    ) -> Result<(), Error> {
        let Prompt {
            object,
            refine,
            refine_propagated,
            ..
        } = resolved.prompt;
        let (Some(object), Some(start)) =
            (object.filter(|_| refine_propagated), &mut resolved.start)
        else {
            return Ok(());
        };
        if let Some(correction) = self.correction(model, sam2, object, embedding).await? {
            if refine.is_none() {
                start.logits = correction.logits;
            }
            resolved.conditioned = Some(correction.conditioned);
        }
        Ok(())
    }

    /// Keeps a prediction, and makes its mask a slice of its object unless it is only offered.
    pub(super) fn keep(&mut self, id: u32, prediction: Prediction) -> Result<(), Error> {
        if prediction.offer().is_none() {
            place(&mut self.objects, &self.scan, &prediction)?;
        }
        self.inference.predictions.insert(id, prediction);
        Ok(())
    }

    /// The mask that a prompt starts from: an earlier prediction's, its polygon's, or the propagated or loaded mask of
    /// the current slice. Logits of the latter are computed from the mask: storing them would take 256 KiB for each
    /// slice, and a session file has only the mask.
    fn start_of(
        &self,
        prompt: &Prompt,
        kind: CheckpointKind,
        placement: &Placement,
    ) -> Result<Option<Start>, Error> {
        let (mask, logits) = match prompt.refine {
            Some(id) => {
                let prediction = self.prediction(id)?;
                (prediction.mask.clone(), prediction.logits().to_vec())
            }
            None => match prompt.enclosed(kind, placement)? {
                Some(enclosed) => enclosed,
                None => match self.propagated_here(prompt)? {
                    Some(mask) => {
                        let logits = mask.logits(placement)?;
                        (mask, logits)
                    }
                    None => return Ok(None),
                },
            },
        };
        let foreground = prompt.points.iter();
        let foreground = foreground.filter(|point| point.label == PointLabel::Foreground);
        let foreground: Vec<_> = foreground.map(|point| point.point).collect();
        // SAM 2 was trained to correct masks by points alone.
        let model_box = match prompt.refine_propagated && !kind.has_memory() {
            true => kind.recipe().refining_box(&mask, &foreground),
            false => None,
        };
        Ok(Some(Start {
            mask,
            logits,
            model_box,
        }))
    }

    /// The propagated or loaded mask of the current slice, for a prompt that refines it.
    fn propagated_here(&self, prompt: &Prompt) -> Result<Option<Mask>, Error> {
        let object = prompt.object.filter(|_| prompt.refine_propagated);
        let object = object.and_then(|object| self.objects.get(&object));
        let object = object.filter(|object| object.plane() == self.shown.plane);
        let Some(object) = object else {
            return Ok(None);
        };
        let slice_plane = self.shown.slice_plane(&self.scan);
        let propagated = object.propagated(&slice_plane, self.shown.slice)?;
        Ok(propagated.filter(|mask| mask.area_px() > 0))
    }

    /// A prediction by its id.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchPrediction`].
    pub fn prediction(&self, id: u32) -> Result<&Prediction, Error> {
        let prediction = self.inference.predictions.get(&id);
        prediction.ok_or(Error::NoSuchPrediction { id })
    }

    fn prediction_mut(&mut self, id: u32) -> Result<&mut Prediction, Error> {
        let prediction = self.inference.predictions.get_mut(&id);
        prediction.ok_or(Error::NoSuchPrediction { id })
    }

    /// Takes a refinement that is only offered, see [`Prediction::offer`].
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchPrediction`].
    pub fn accept(&mut self, id: u32) -> Result<(), Error> {
        self.prediction_mut(id)?.accept();
        let prediction = &self.inference.predictions[&id];
        place(&mut self.objects, &self.scan, prediction)
    }

    /// Takes another of a prediction's candidates. Nothing is decoded.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchPrediction`], [`Error::NoSuchCandidate`].
    pub fn choose(&mut self, id: u32, candidate: usize) -> Result<(), Error> {
        self.prediction_mut(id)?.choose(candidate)?;
        let prediction = &self.inference.predictions[&id];
        match prediction.offer() {
            Some(_) => Ok(()),
            None => place(&mut self.objects, &self.scan, prediction),
        }
    }

    /// Drops a prediction. Its object keeps the mask.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchPrediction`].
    pub fn remove(&mut self, id: u32) -> Result<(), Error> {
        let removed = self.inference.predictions.remove(&id);
        removed.map(|_| ()).ok_or(Error::NoSuchPrediction { id })
    }

    /// The largest probability of each pixel over several predictions, without the user's strokes.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchPrediction`]; [`Error::Order`] without ids.
    pub fn maximum_probability(&self, ids: &[u32]) -> Result<Probability, Error> {
        let (first, rest) = ids.split_first().ok_or(Error::Order {
            needs: "choose a mask",
        })?;
        let mut maximum = self.prediction(*first)?.probability.clone();
        for id in rest {
            maximum = maximum.maximum(&self.prediction(*id)?.probability)?;
        }
        Ok(maximum)
    }
}

/// Makes a prediction's mask a slice of its object. An object in another plane starts again.
fn place(
    objects: &mut BTreeMap<u32, ObjectMask>,
    scan: &Scan,
    prediction: &Prediction,
) -> Result<(), Error> {
    let (Some(number), at) = (prediction.prompt.object, prediction.rendering()) else {
        return Ok(());
    };
    let slice_plane = at.slice_plane(scan);
    let new = || ObjectMask::new(scan.grid(), slice_plane.plane());
    let object = objects.entry(number).or_insert_with(new);
    if object.plane() != slice_plane.plane() {
        *object = new();
    }
    let about = ObjectSlice {
        origin: Origin::Marked,
        iou: Some(prediction.iou()),
        doubts: Vec::new(),
        image_box: prediction.prompt.image_box,
        is_of_box_alone: prediction.prompt.is_box_alone(),
    };
    let refines_propagated = prediction.prompt.refine_propagated;
    Ok(object.put(
        &slice_plane,
        at.slice,
        &prediction.mask,
        about,
        refines_propagated,
    )?)
}

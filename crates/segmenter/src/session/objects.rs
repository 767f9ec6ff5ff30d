//! What is found for prompts, and the objects that it belongs to.

use boxel_imaging::{Mask, Placement, Probability, Recipe, SlicePlane, Stroke};

use super::structure::{Origin, Structure, StructureSlice};
use super::{NEEDS_EMBEDDING, NEEDS_IMAGE, NEEDS_MODEL, Session};
use crate::error::Error;
use crate::prompt::{PointLabel, Prompt, Resolved, Start};
use crate::segment::{Segment, segment_prompts};

impl Session {
    /// Decodes prompts on the image that is shown, those of one form in one batch, and keeps what is
    /// found; a prompt for an object also puts its mask into the object's [`Structure`]. A refinement that
    /// loses more than half of the mask that it starts from, or misses a point, is not put there but
    /// offered: [`Session::accept`] takes it, [`Session::remove`] declines it. Returns their numbers.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] before the image is embedded; a prompt that is empty or lies outside the
    /// image, or refines a segment that there isn't; a device that fails. Then nothing is kept.
    pub async fn segment(&mut self, prompts: &[Prompt]) -> Result<Vec<u32>, Error> {
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        let model = self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let seen = self.model_rendering().ok_or(NEEDS_IMAGE)?;
        let embedding = self.embeddings.get(&seen).ok_or(NEEDS_EMBEDDING)?;
        let prompts = prompts.iter().map(|prompt| {
            let start = self.start_of(prompt, model.kind().recipe(), &embedding.placement)?;
            let prompt = prompt.clone().checked(open.image.size())?;
            Ok(Resolved { prompt, start })
        });
        let prompts = prompts.collect::<Result<Vec<Resolved>, Error>>()?;
        let segments = segment_prompts(model, &embedding, prompts).await?;
        let first = self.next_id;
        for segment in segments {
            let is_taken = segment.offer().is_none();
            self.segments.insert(self.next_id, segment.at(seen));
            if is_taken {
                self.place(self.next_id)?;
            }
            self.next_id += 1;
        }
        Ok((first..self.next_id).collect())
    }

    /// What a prompt refines: an earlier segment, or what was carried to the slice that is shown. Logits of a
    /// carried mask are made from the mask and not kept: they would take 256 KiB a slice, and whoever loads a
    /// session or replays it has only the mask.
    fn start_of(
        &self,
        prompt: &Prompt,
        recipe: Recipe,
        placement: &Placement,
    ) -> Result<Option<Start>, Error> {
        let (mask, logits) = match prompt.refine {
            Some(id) => {
                let segment = self.get(id)?;
                (segment.mask.clone(), segment.logits().to_vec())
            }
            None => match self.carried_here(prompt)? {
                Some(mask) => {
                    let logits = mask.logits(placement)?;
                    (mask, logits)
                }
                None => return Ok(None),
            },
        };
        let on_object = prompt.points.iter();
        let on_object = on_object.filter(|point| point.label == PointLabel::Foreground);
        let on_object: Vec<_> = on_object.map(|point| point.point).collect();
        let model_box = match prompt.refine_carried {
            true => recipe.refining_box(&mask, &on_object),
            false => None,
        };
        Ok(Some(Start {
            mask,
            logits,
            model_box,
        }))
    }

    /// The mask that a propagation left on the slice that is shown, for a prompt that refines it.
    fn carried_here(&self, prompt: &Prompt) -> Result<Option<Mask>, Error> {
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        let object = prompt.object.filter(|_| prompt.refine_carried);
        let structure = object.and_then(|object| self.structures.get(&object));
        let structure = structure.filter(|structure| structure.plane() == open.shown.plane);
        let Some(structure) = structure else {
            return Ok(None);
        };
        let view = open.shown.view(&open.scan);
        let carried = structure.carried(&view, open.shown.slice)?;
        Ok(carried.filter(|mask| mask.area_px() > 0))
    }

    /// Takes a refinement that is only offered, see [`Segment::offer`].
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchSegment`].
    pub fn accept(&mut self, id: u32) -> Result<(), Error> {
        let segment = self.segments.get_mut(&id);
        segment.ok_or(Error::NoSuchSegment { id })?.accept();
        self.place(id)
    }

    /// Puts a segment's mask into its object's structure. A structure in another plane is begun anew.
    fn place(&mut self, id: u32) -> Result<(), Error> {
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        let segment = self.segments.get(&id).ok_or(Error::NoSuchSegment { id })?;
        let (Some(object), Some(at)) = (segment.prompt.object, segment.rendering()) else {
            return Ok(());
        };
        let view = at.view(&open.scan);
        let new = || Structure::new(open.scan.grid(), view.plane());
        let structure = self.structures.entry(object).or_insert_with(new);
        if structure.plane() != view.plane() {
            *structure = new();
        }
        let about = StructureSlice {
            origin: Origin::Marked,
            iou: Some(segment.iou()),
            doubts: Vec::new(),
            image_box: segment.prompt.image_box,
        };
        structure.put(
            &view,
            at.slice,
            &segment.mask,
            about,
            segment.prompt.refine_carried,
        )?;
        Ok(())
    }

    /// Takes another of the masks that the model offers for a prompt.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchSegment`], [`Error::NoSuchCandidate`].
    pub fn choose(&mut self, id: u32, candidate: usize) -> Result<(), Error> {
        let segment = self.segments.get_mut(&id);
        let segment = segment.ok_or(Error::NoSuchSegment { id })?;
        segment.choose(candidate)?;
        match segment.offer() {
            Some(_) => Ok(()),
            None => self.place(id),
        }
    }

    /// What was found for a prompt, by its number.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchSegment`].
    pub fn get(&self, id: u32) -> Result<&Segment, Error> {
        self.segments.get(&id).ok_or(Error::NoSuchSegment { id })
    }

    /// Forgets what was found for a prompt. An object's structure keeps its mask.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchSegment`].
    pub fn remove(&mut self, id: u32) -> Result<(), Error> {
        let removed = self.segments.remove(&id);
        removed.map(|_| ()).ok_or(Error::NoSuchSegment { id })
    }

    /// An object through all slices.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`] unless a prompt was for it.
    pub fn structure(&self, object: u32) -> Result<&Structure, Error> {
        let none = Error::NoSuchObject { object };
        self.structures.get(&object).ok_or(none)
    }

    /// The objects that have a mask on some slice.
    pub fn structures(&self) -> impl Iterator<Item = (u32, &Structure)> {
        self.structures.iter().map(|(object, s)| (*object, s))
    }

    /// Forgets an object through all slices; what there is not is as good as forgotten.
    pub fn remove_object(&mut self, object: u32) {
        self.structures.remove(&object);
    }

    /// Draws strokes over what the model finds for an object on a slice of its plane, in the place of
    /// those before; none takes them back. The slice is the user's from then on, and later answers of
    /// the model go under the strokes.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`], [`Error::NoSuchSlice`], a stroke that can't be drawn.
    pub fn edit(&mut self, object: u32, slice: u32, strokes: Vec<Stroke>) -> Result<(), Error> {
        let strokes = strokes.into_iter().map(Stroke::checked);
        let strokes = strokes.collect::<Result<Vec<_>, _>>()?;
        let (structure, view) = self.seen(object)?;
        if slice >= view.slices() {
            let count = view.slices();
            return Err(Error::NoSuchSlice { slice, count });
        }
        Ok(structure.edit(&view, slice, strokes)?)
    }

    /// Takes away what a prompt has put on one slice of an object. Strokes stay, and what was carried to the
    /// slice before is seen again.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`].
    pub fn unmark(&mut self, object: u32, slice: u32) -> Result<(), Error> {
        let (structure, view) = self.seen(object)?;
        if slice < view.slices() {
            structure.unmark(&view, slice)?;
        }
        Ok(())
    }

    /// An object, and the view that its slices are counted in.
    fn seen(&mut self, object: u32) -> Result<(&mut Structure, SlicePlane), Error> {
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        let structure = self.structures.get_mut(&object);
        let structure = structure.ok_or(Error::NoSuchObject { object })?;
        let view = SlicePlane::new(open.scan.grid(), structure.plane());
        Ok((structure, view))
    }

    /// Takes back what was carried from slice to slice for an object. Slices that the user touched stay as they
    /// are, see [`Structure`].
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`].
    pub fn take_back(&mut self, object: u32) -> Result<(), Error> {
        let (structure, view) = self.seen(object)?;
        Ok(structure.take_all_back(&view)?)
    }

    /// Remembers what prompts and propagations have found for an object, under a number of the caller's, so that
    /// [`Session::restore_carried`] comes back to it.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`].
    pub fn keep_carried(&mut self, object: u32, version: u32) -> Result<(), Error> {
        let (structure, _) = self.seen(object)?;
        structure.keep(version);
        Ok(())
    }

    /// Puts what was found in a version that was kept in the place of what is there. Strokes stay over it. A
    /// version that was not kept changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`].
    pub fn restore_carried(&mut self, object: u32, version: u32) -> Result<(), Error> {
        let (structure, view) = self.seen(object)?;
        Ok(structure.restore(&view, version)?)
    }

    /// The largest probability of each pixel, as the model has it: strokes are none of its.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchSegment`]; [`Error::Order`] for no mask at all.
    pub fn maximum_probability(&self, ids: &[u32]) -> Result<Probability, Error> {
        let (first, rest) = ids.split_first().ok_or(Error::Order {
            needs: "choose a mask",
        })?;
        let mut maximum = self.get(*first)?.probability.clone();
        for id in rest {
            maximum = maximum.maximum(&self.get(*id)?.probability)?;
        }
        Ok(maximum)
    }
}

use boxel_imaging::{
    Mask, PropagationLimits, ReviewReason, Signals, SlicePlane, Stop, Window, likeness_outside,
};

use serde::{Deserialize, Serialize};

use super::course::{Course, Followed, Next};
use super::rendering::Rendering;
use super::structure::Structure;
use super::{NEEDS_IMAGE, NEEDS_MODEL, Session};
use crate::embed::{EmbedProgress, Embedder, Embedding};
use crate::error::Error;
use crate::segment::segment_box;

/// Which way through the slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Towards larger numbers.
    Up,
    /// Towards smaller numbers.
    Down,
}

impl Direction {
    pub(super) fn next(self, slice: u32, count: u32) -> Option<u32> {
        match self {
            Direction::Up => slice.checked_add(1).filter(|next| *next < count),
            Direction::Down => slice.checked_sub(1),
        }
    }
}

/// What happened in one step of a propagation.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A slice is being encoded.
    Encoding {
        /// Which.
        slice: u32,
        /// How far it is.
        progress: EmbedProgress,
    },
    /// A slice has its mask.
    Carried {
        /// Which.
        slice: u32,
        /// The IoU that the model predicts.
        iou: f32,
        /// Area of the mask, in pixels.
        area_px: u64,
        /// Why it should be looked at.
        doubts: Vec<ReviewReason>,
    },
    /// One direction is at its end.
    Stopped {
        /// Which way.
        direction: Direction,
        /// The slice that was not taken, or the last one.
        slice: u32,
        /// Why.
        reason: Stop,
    },
    /// Nothing is left to do.
    Finished,
}

/// One object on its way through the slices, and the encoding of the next one.
#[derive(Debug)]
pub(super) struct Propagation {
    object: u32,
    from: Rendering,
    course: Course,
    embedder: Option<(Rendering, Embedder)>,
}

impl Session {
    /// Begins to carry an object's mask from one of its slices to its neighbours: up to the end, then
    /// down, as LiteMedSAM goes through a volume (`MedSAM_infer_npz_3D`), in the window that the model sees.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`] if the object has no mask on that slice; [`Error::Order`] without
    /// weights or scan.
    pub fn begin_propagation(
        &mut self,
        object: u32,
        from: u32,
        directions: &[Direction],
        judges: PropagationLimits,
    ) -> Result<(), Error> {
        let seen = self.model_rendering().ok_or(NEEDS_IMAGE)?;
        self.begin_propagation_in(seen.window, object, from, directions, judges)
    }

    /// As [`Session::begin_propagation`], in this window.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn begin_propagation_in(
        &mut self,
        window: Window,
        object: u32,
        from: u32,
        directions: &[Direction],
        judges: PropagationLimits,
    ) -> Result<(), Error> {
        self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        let none = Error::NoSuchObject { object };
        let structure = self.structures.get(&object).ok_or(none)?;
        let from = Rendering {
            plane: structure.plane(),
            slice: from,
            window,
        };
        let view = from.view(&open.scan);
        let course = Course::begin(structure, &view, from.slice, directions, judges);
        self.propagation = Some(Propagation {
            object,
            from,
            course: course.ok_or(Error::NoSuchObject { object })?,
            embedder: None,
        });
        Ok(())
    }

    /// Gives a propagation up. What it has found stays.
    pub fn abandon_propagation(&mut self) {
        self.propagation = None;
    }

    /// Does one step: a part of the encoding of a slice, or its mask.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] where nothing has begun; a device that fails ends the propagation.
    pub async fn propagation_step(&mut self) -> Result<Step, Error> {
        let Some(mut propagation) = self.propagation.take() else {
            return Err(Error::Order {
                needs: "begin a propagation",
            });
        };
        let step = self.step_of(&mut propagation).await?;
        if step != Step::Finished {
            self.propagation = Some(propagation);
        }
        Ok(step)
    }

    async fn step_of(&mut self, propagation: &mut Propagation) -> Result<Step, Error> {
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        let view = propagation.from.view(&open.scan);
        let slice = match self.carried_structure(propagation) {
            // It was removed, or begun anew in another plane.
            None => return Ok(Step::Finished),
            Some(structure) => match propagation.course.next(structure, &view) {
                Next::Finished => return Ok(Step::Finished),
                Next::Stop(reason) => return self.stop(propagation, &view, reason),
                Next::Slice(slice) => slice,
            },
        };
        let rendering = Rendering {
            slice,
            ..propagation.from
        };
        match self.embedding_of(propagation, rendering).await? {
            Embedded::No(progress) => Ok(Step::Encoding { slice, progress }),
            Embedded::Nothing => self.stop(propagation, &view, Stop::Uniform),
            Embedded::Yes(embedding) => self.carry(propagation, &view, slice, &embedding).await,
        }
    }

    fn carried_structure(&mut self, propagation: &Propagation) -> Option<&mut Structure> {
        let structure = self.structures.get_mut(&propagation.object);
        structure.filter(|structure| structure.plane() == propagation.from.plane)
    }

    /// One step towards the embedding of a slice, or the embedding.
    async fn embedding_of(
        &mut self,
        propagation: &mut Propagation,
        rendering: Rendering,
    ) -> Result<Embedded, Error> {
        if let Some(embedding) = self.embeddings.get(&rendering) {
            return Ok(Embedded::Yes(Box::new(embedding)));
        }
        let model = self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let is_begun = propagation
            .embedder
            .as_ref()
            .is_some_and(|(of, _)| *of == rendering);
        if !is_begun {
            let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
            let image = rendering.image(&open.scan);
            if PropagationLimits::is_uniform(&image) {
                return Ok(Embedded::Nothing);
            }
            propagation.embedder = Some((rendering, Embedder::new(model, &image)));
        }
        let Some((_, embedder)) = &mut propagation.embedder else {
            return Ok(Embedded::Nothing);
        };
        let progress = embedder.step(model).await?;
        if let Some(embedding) = embedder.embedding() {
            self.embeddings.keep(rendering, embedding);
            propagation.embedder = None;
        }
        Ok(Embedded::No(progress))
    }

    /// Decodes the next slice by the last mask's box, and takes or refuses what comes.
    async fn carry(
        &mut self,
        propagation: &mut Propagation,
        view: &SlicePlane,
        slice: u32,
        embedding: &Embedding,
    ) -> Result<Step, Error> {
        let model = self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let neighbour = propagation.course.neighbour();
        let Some(model_box) = model.kind().recipe().next_box(neighbour) else {
            return self.stop(propagation, view, Stop::Empty);
        };
        let segment = segment_box(model, embedding, model_box).await?;
        let signals = self.signals(propagation, slice, &segment.mask).await?;
        let found = Followed {
            iou: segment.iou(),
            image_box: segment.prompt.image_box,
            signals,
            mask: segment.mask,
        };
        match self.carried_structure(propagation) {
            Some(structure) => Ok(propagation.course.take(structure, view, slice, found)?),
            None => Ok(Step::Finished),
        }
    }

    /// What says whether a mask is right, besides the model's own word. The neighbour is decoded once more, where its
    /// embedding is kept: some 4 % of what an encoding takes.
    async fn signals(
        &self,
        propagation: &Propagation,
        slice: u32,
        mask: &Mask,
    ) -> Result<Signals, Error> {
        let model = self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        let at = |slice| Rendering {
            slice,
            ..propagation.from
        };
        let neighbour = self.embeddings.kept(&at(propagation.course.at()));
        let agreement = match (neighbour, model.kind().recipe().next_box(mask)) {
            (Some(embedding), Some(model_box)) => {
                let back = segment_box(model, embedding, model_box).await?;
                Some(back.mask.dice(propagation.course.neighbour())?)
            }
            _ => None,
        };
        let image = at(slice).image(&open.scan);
        Ok(Signals {
            agreement,
            likeness: likeness_outside(&image, mask),
        })
    }

    fn stop(
        &mut self,
        propagation: &mut Propagation,
        view: &SlicePlane,
        reason: Stop,
    ) -> Result<Step, Error> {
        propagation.embedder = None;
        match self.carried_structure(propagation) {
            Some(structure) => Ok(propagation.course.stop(structure, view, reason)?),
            None => Ok(Step::Finished),
        }
    }
}

enum Embedded {
    Yes(Box<Embedding>),
    No(EmbedProgress),
    /// There is nothing on the slice to embed.
    Nothing,
}

//! One scan on one model, from the file to the masks of all its slices.

mod course;
mod embeddings;
mod layers;
mod objects;
mod propagation;
mod reference;
mod rendering;
mod replay;
mod restore;
#[cfg(test)]
mod sequences;
mod structure;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use boxel_imaging::{Prepared, RgbImage8, Scan, SlicePlane, Window, prepare};

pub use embeddings::EmbeddingMemory;
pub use propagation::{Direction, Step};
pub use rendering::Rendering;
pub use restore::{MIN_REPLAY_DICE, ReplayCheck};
pub use structure::{
    ObjectMasks, Origin, StoredMask, StoredOrigin, StoredSlice, Structure, StructureSlice,
};

use crate::checkpoint::Model;
use crate::embed::{EmbedProgress, Embedder};
use crate::error::Error;
use crate::key::ImageKey;
use crate::segment::Segment;
use embeddings::Embeddings;
use propagation::Propagation;

/// One scan on one model: opened, a slice of it shown, embedded, prompted, and carried through the
/// volume. A step in the wrong order is an [`Error::Order`]; a step that fails leaves what was there
/// before.
#[derive(Debug, Default)]
pub struct Session {
    model: Option<Model>,
    open: Option<Open>,
    embedder: Option<Embedder>,
    embeddings: Embeddings,
    segments: BTreeMap<u32, Segment>,
    structures: BTreeMap<u32, Structure>,
    propagation: Option<Propagation>,
    model_window: Option<Window>,
    reference: Option<Scan>,
    next_id: u32,
}

/// The scan that is open, and the slice of it that is shown.
#[derive(Debug)]
struct Open {
    key: String,
    scan: Rc<Scan>,
    shown: Rendering,
    image: RgbImage8,
}

const NEEDS_IMAGE: Error = Error::Order {
    needs: "open an image",
};
const NEEDS_MODEL: Error = Error::Order {
    needs: "load the weights",
};
const NEEDS_EMBEDDING: Error = Error::Order {
    needs: "embed the image",
};

impl Session {
    /// Uses this model from now on. A scan that is open stays, to be embedded anew. What the user has touched
    /// stays: strokes with what they lie on, and the masks of prompts until they are asked again. What
    /// another model has carried through the slices is taken back; objects that were restored before the first model
    /// stay as they are.
    pub fn set_model(&mut self, model: Model) {
        let is_first = self.model.replace(model).is_none();
        self.segments.clear();
        self.abandon_propagation();
        if let Some(open) = self.open.as_ref().filter(|_| !is_first) {
            let grid = open.scan.grid();
            self.structures.retain(|_, structure| {
                let view = SlicePlane::new(grid, structure.plane());
                // Its view is that of its masks, so it has their size.
                structure.leave_model(&view).is_ok()
            });
        }
        self.embedder = None;
        self.embeddings.clear();
    }

    /// The model, once there is one.
    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// Works on this scan from now on and forgets the one before, with all that was found in it. The
    /// middle slice of the first view is shown, in the scan's own window. `key` names the scan by its
    /// content.
    pub fn open(&mut self, scan: Rc<Scan>, key: &str) {
        let shown = Rendering::first(&scan);
        self.segments.clear();
        self.structures.clear();
        self.abandon_propagation();
        self.embedder = None;
        self.embeddings.clear();
        self.reference = None;
        self.model_window = None;
        self.open = Some(Open {
            key: key.to_owned(),
            image: shown.image(&scan),
            scan,
            shown,
        });
    }

    /// Shows another slice, or the same one in another window. What was found stays.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without a scan; [`Error::NoSuchSlice`].
    pub fn show(&mut self, rendering: Rendering) -> Result<(), Error> {
        let open = self.open.as_mut().ok_or(NEEDS_IMAGE)?;
        let view = rendering.view(&open.scan);
        if rendering.slice >= view.slices() {
            return Err(Error::NoSuchSlice {
                slice: rendering.slice,
                count: view.slices(),
            });
        }
        // A plane that the scan can't be seen in is the stored one.
        let rendering = Rendering {
            plane: view.plane(),
            ..rendering
        };
        if rendering != open.shown {
            let is_same_slice =
                (rendering.plane, rendering.slice) == (open.shown.plane, open.shown.slice);
            open.image = rendering.image(&open.scan);
            open.shown = rendering;
            if self.model_window.is_none() || !is_same_slice {
                self.embedder = None;
            }
        }
        Ok(())
    }

    /// Sets the window that the model sees from now on, whatever is shown; without one it sees what is shown.
    pub fn set_model_window(&mut self, window: Option<Window>) {
        if self.model_window != window {
            self.model_window = window;
            self.embedder = None;
        }
    }

    /// What the model sees: the slice that is shown, in its own window if there is one.
    pub fn model_rendering(&self) -> Option<Rendering> {
        let shown = self.open.as_ref()?.shown;
        Some(Rendering {
            window: self.model_window.unwrap_or(shown.window),
            ..shown
        })
    }

    /// The image that the model sees, as its recipe gets it.
    fn model_image(&self) -> Option<Cow<'_, RgbImage8>> {
        let (open, seen) = (self.open.as_ref()?, self.model_rendering()?);
        Some(match seen == open.shown {
            true => Cow::Borrowed(&open.image),
            false => Cow::Owned(seen.image(&open.scan)),
        })
    }

    /// The open scan.
    pub fn scan(&self) -> Option<&Rc<Scan>> {
        self.open.as_ref().map(|open| &open.scan)
    }

    /// The open scan's key.
    pub fn scan_key(&self) -> Option<&str> {
        self.open.as_ref().map(|open| open.key.as_str())
    }

    /// Names the image that is shown, by the scan, the slice and the window.
    pub fn key(&self) -> Option<ImageKey> {
        let open = self.open.as_ref()?;
        Some(ImageKey::of(&open.key, &open.shown))
    }

    /// What is shown.
    pub fn shown(&self) -> Option<Rendering> {
        self.open.as_ref().map(|open| open.shown)
    }

    /// What is shown, as the model's recipe gets it.
    pub fn image(&self) -> Option<&RgbImage8> {
        self.open.as_ref().map(|open| &open.image)
    }

    /// What the model is given for the slice that is shown.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without weights or image.
    pub fn model_input(&self) -> Result<Prepared, Error> {
        let model = self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let image = self.model_image().ok_or(NEEDS_IMAGE)?;
        Ok(prepare(model.kind().recipe(), &image))
    }

    /// Begins to embed the image that is shown and returns the number of steps: 0 if its embedding is
    /// kept.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without weights or image.
    pub fn begin_embedding(&mut self) -> Result<usize, Error> {
        let model = self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let seen = self.model_rendering().ok_or(NEEDS_IMAGE)?;
        if self.embeddings.has(&seen) {
            return Ok(0);
        }
        let image = self.model_image().ok_or(NEEDS_IMAGE)?;
        let embedder = Embedder::new(model, &image);
        let total = embedder.total();
        self.embedder = Some(embedder);
        Ok(total)
    }

    /// Does one step. After the last one the image is embedded.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] where nothing has begun; [`Error::DeviceFailed`], and the image is no
    /// longer being embedded.
    pub async fn embed_step(&mut self) -> Result<EmbedProgress, Error> {
        let model = self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let seen = self.model_rendering().ok_or(NEEDS_IMAGE)?;
        let mut embedder = self.embedder.take().ok_or(NEEDS_EMBEDDING)?;
        let progress = embedder.step(model).await?;
        match embedder.embedding() {
            Some(embedding) => self.embeddings.keep(seen, embedding),
            None => self.embedder = Some(embedder),
        }
        Ok(progress)
    }

    /// Embeds the image that is shown in one go.
    ///
    /// # Errors
    ///
    /// Those of [`Session::begin_embedding`] and [`Session::embed_step`].
    pub async fn embed(&mut self) -> Result<(), Error> {
        for _ in 0..self.begin_embedding()? {
            self.embed_step().await?;
        }
        Ok(())
    }

    /// Gives the embedding of the image that is shown up, whether it is finished or not.
    pub fn abandon(&mut self) {
        self.embedder = None;
        if let Some(seen) = self.model_rendering() {
            self.embeddings.forget(&seen);
        }
    }

    /// What the kept embeddings take.
    pub fn embedding_memory(&self) -> EmbeddingMemory {
        self.embeddings.memory()
    }

    /// What the kept embeddings may take; the ones that were not used for longest go first.
    pub fn set_embedding_budget(&mut self, bytes: u64) {
        self.embeddings.set_budget(bytes);
    }
}

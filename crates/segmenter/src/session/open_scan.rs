use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use boxel_imaging::{RgbImage8, Scan, SlicePlane, Window};

use super::NEEDS_EMBEDDING;
use super::ahead::Ahead;
use super::embeddings::{EmbeddingMemory, Embeddings};
use super::object_mask::ObjectMask;
use super::propagation::{Direction, Propagation};
use super::reference::Reference;
use super::tracking::{Correction, Remembered};
use super::volume_edit::PendingEdit;
use crate::checkpoint::Model;
use crate::embed::{Embedder, Embedding};
use crate::encoder::{EmbedProgress, Encoding};
use crate::error::Error;
use crate::key::ImageKey;
use crate::prediction::Prediction;
use crate::rendering::Rendering;

/// The open scan with everything that belongs to it: what is shown, its objects and a reference to compare with.
#[derive(Debug)]
pub struct OpenScan {
    pub(super) scan: Rc<Scan>,
    key: String,
    pub(super) shown: Rendering,
    /// The direction in which the user came to the slice.
    pub(super) heading: Option<Direction>,
    pub(super) image: RgbImage8,
    model_window: Option<Window>,
    pub(super) objects: BTreeMap<u32, ObjectMask>,
    pub(super) pending_edit: Option<PendingEdit>,
    pub(super) reference: Option<Reference>,
    pub(super) inference: Inference,
}

/// What one model computed on the scan. Another model starts with an empty one.
#[derive(Debug)]
pub(super) struct Inference {
    embedder: Option<Embedder>,
    pub embeddings: Embeddings,
    pub ahead: Ahead,
    pub predictions: BTreeMap<u32, Prediction>,
    pub propagation: Option<Propagation>,
    /// What propagations with a memory have left of the objects.
    pub remembered: BTreeMap<(u32, Direction), Remembered>,
    /// Corrected slices of objects.
    pub corrections: BTreeMap<(u32, u32), Correction>,
}

impl Inference {
    fn new(embedding_budget_bytes: u64) -> Self {
        Self {
            embedder: None,
            embeddings: Embeddings::new(embedding_budget_bytes),
            ahead: Ahead::default(),
            predictions: BTreeMap::new(),
            propagation: None,
            remembered: BTreeMap::new(),
            corrections: BTreeMap::new(),
        }
    }

    /// A slice's embedding from the cache. One that was encoded early enters the cache.
    pub fn embedding(&mut self, rendering: &Rendering) -> Option<Embedding> {
        self.cache_early(rendering);
        self.embeddings.get(rendering)
    }

    fn cache_early(&mut self, rendering: &Rendering) {
        if let Some(embedding) = self.ahead.take(rendering) {
            self.embeddings.keep(*rendering, embedding);
        }
    }

    /// Forgets what propagations have left of an object.
    pub fn forget_object(&mut self, number: u32) {
        self.remembered.retain(|(object, _), _| *object != number);
        self.corrections.retain(|(object, _), _| *object != number);
    }

    /// Whether the propagation encodes the slice.
    pub fn is_encoding(&self, rendering: &Rendering) -> bool {
        let propagation = self.propagation.as_ref();
        propagation.is_some_and(|propagation| propagation.is_encoding(rendering))
    }
}

impl OpenScan {
    pub(super) fn new(scan: Rc<Scan>, key: &str, embedding_budget_bytes: u64) -> Self {
        let shown = Rendering::first(&scan);
        Self {
            image: shown.image(&scan),
            scan,
            key: key.to_owned(),
            shown,
            heading: None,
            model_window: None,
            objects: BTreeMap::new(),
            pending_edit: None,
            reference: None,
            inference: Inference::new(embedding_budget_bytes),
        }
    }

    /// Drops what the former model computed. Objects that were restored before the first model stay as they are.
    pub(super) fn leave_model(&mut self, is_first: bool) {
        self.inference = Inference::new(self.embedding_memory().budget_bytes);
        if is_first {
            return;
        }
        let grid = self.scan.grid();
        self.objects.retain(|_, object| {
            let slice_plane = SlicePlane::new(grid, object.plane());
            // The plane has the size of the object's masks, so this does not fail.
            object.leave_model(&slice_plane).is_ok()
        });
    }

    /// The voxels, their grid and what the file says about them.
    pub fn scan(&self) -> &Rc<Scan> {
        &self.scan
    }

    /// Identifies the scan by its content.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Identifies the current image by the scan, the slice and the window.
    pub fn image_key(&self) -> ImageKey {
        ImageKey::of(&self.key, &self.shown)
    }

    /// The plane, slice and window that are shown.
    pub fn shown(&self) -> Rendering {
        self.shown
    }

    /// The current image, windowed to 8 bits.
    pub fn image(&self) -> &RgbImage8 {
        &self.image
    }

    /// Shows another slice, or the same slice in another window. A plane that the scan does not have becomes the
    /// stored one.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchSlice`].
    pub fn show(&mut self, rendering: Rendering) -> Result<(), Error> {
        let slice_plane = rendering.slice_plane(&self.scan);
        let (slice, count) = (rendering.slice, slice_plane.slices());
        if slice >= count {
            return Err(Error::NoSuchSlice { slice, count });
        }
        let rendering = Rendering {
            plane: slice_plane.plane(),
            ..rendering
        };
        if rendering != self.shown {
            self.heading = match rendering.slice.cmp(&self.shown.slice) {
                _ if rendering.plane != self.shown.plane => None,
                Ordering::Greater => Some(Direction::Up),
                Ordering::Less => Some(Direction::Down),
                Ordering::Equal => self.heading,
            };
            let seen = self.model_rendering();
            self.image = rendering.image(&self.scan);
            self.shown = rendering;
            if self.model_rendering() != seen {
                self.inference.embedder = None;
            }
        }
        Ok(())
    }

    /// Sets the window in which the model sees the scan; with `None` it sees the window that is shown.
    pub fn set_model_window(&mut self, window: Option<Window>) {
        if self.model_window != window {
            self.model_window = window;
            self.inference.embedder = None;
        }
    }

    /// What the model sees: the current slice, in the model's own window if it has one.
    pub fn model_rendering(&self) -> Rendering {
        Rendering {
            window: self.model_window.unwrap_or(self.shown.window),
            ..self.shown
        }
    }

    /// The image that the model sees, before its recipe prepares it.
    pub(super) fn model_image(&self) -> Cow<'_, RgbImage8> {
        let seen = self.model_rendering();
        match seen == self.shown {
            true => Cow::Borrowed(&self.image),
            false => Cow::Owned(seen.image(&self.scan)),
        }
    }

    pub(super) fn begin_embedding(&mut self, model: &Model) -> Result<usize, Error> {
        let seen = self.model_rendering();
        self.inference.cache_early(&seen);
        if self.inference.embeddings.has(&seen) {
            return Ok(0);
        }
        let embedder = match self.inference.ahead.take_own(&seen) {
            Some(embedder) => embedder,
            None => Embedder::new(model, &self.model_image())?,
        };
        let total = embedder.total();
        self.inference.embedder = Some(embedder);
        Ok(total)
    }

    pub(super) async fn embed_step(&mut self) -> Result<EmbedProgress, Error> {
        let seen = self.model_rendering();
        let mut embedder = self.inference.embedder.take().ok_or(NEEDS_EMBEDDING)?;
        let progress = embedder.step().await?;
        match embedder.embedding() {
            Some(embedding) => self.inference.embeddings.keep(seen, embedding),
            None => self.inference.embedder = Some(embedder),
        }
        Ok(progress)
    }

    /// The encoding of the current image, once it has begun and until it is complete.
    pub fn encoding(&self) -> Option<&Encoding> {
        self.inference.embedder.as_ref().map(Embedder::encoding)
    }

    /// Drops the embedding of the current image, whether it is complete or not.
    pub fn abandon_embedding(&mut self) {
        self.inference.embedder = None;
        let seen = self.model_rendering();
        self.inference.ahead.take(&seen);
        self.inference.embeddings.forget(&seen);
    }

    pub(super) fn embedding_memory(&self) -> EmbeddingMemory {
        let mut memory = self.inference.embeddings.memory();
        let (count, bytes) = self.inference.ahead.memory();
        memory.count += count;
        memory.bytes += bytes;
        memory
    }

    pub(super) fn set_embedding_budget(&mut self, bytes: u64) {
        self.inference.embeddings.set_budget(bytes);
    }
}

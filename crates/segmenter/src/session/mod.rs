//! One model and one open scan: embeddings, predictions and the objects' masks through all slices.

mod ahead;
mod box_propagation;
mod course;
mod embeddings;
mod encode;
mod evidence;
mod file;
mod file_limits;
mod file_steps;
mod layers;
mod object_mask;
mod objects;
mod open_scan;
mod predictions;
mod propagation;
mod recorded_edit;
mod reference;
mod replay;
mod restore;
#[cfg(test)]
mod sequences;
mod tracking;
mod volume_edit;

use std::rc::Rc;

use boxel_imaging::{Prepared, PropagationLimits, Scan, Window, prepare};

pub use ahead::Lent;
pub use embeddings::{DEFAULT_EMBEDDING_BUDGET_BYTES, EmbeddingMemory};
pub use file::{
    Named, RecordedObject, RecordedPrompt, RecordedResult, RecordedStep, SessionFile, Weights,
};
pub(crate) use file_limits::MAX_OBJECTS;
pub use object_mask::{
    ObjectMask, ObjectSlice, Origin, StoredMask, StoredMasks, StoredOrigin, StoredSlice,
};
pub use open_scan::OpenScan;
pub use propagation::{Direction, PropagationStep};
pub use recorded_edit::{RecordedEdit, RecordedMask};
pub use restore::{MIN_REPLAY_DICE, ReplayCheck};
pub use tracking::DEFAULT_PROPAGATION_RANGE;
pub use volume_edit::VolumeEdit;

use propagation::Wanted;

use crate::checkpoint::Model;
use crate::encoder::EmbedProgress;
use crate::error::Error;
use crate::prompt::Prompt;

/// A model and the scan that it works on. A call in the wrong order is an [`Error::Order`]; a call that fails
/// changes nothing.
///
/// `Session` has the calls that need the model. [`Session::open_scan`] and [`Session::open_scan_mut`] give access
/// to the rest.
#[derive(Debug)]
pub struct Session {
    model: Option<Model>,
    scan: Option<OpenScan>,
    embedding_budget_bytes: u64,
    /// Counts over all scans and models, so that a late answer's id is never another prediction's.
    next_id: u32,
    /// Counts over all scans and models, so that a late embedding is never another slice's.
    next_ticket: u32,
}

impl Default for Session {
    /// A session without model and scan.
    fn default() -> Self {
        Self {
            model: None,
            scan: None,
            embedding_budget_bytes: DEFAULT_EMBEDDING_BUDGET_BYTES,
            next_id: 0,
            next_ticket: 0,
        }
    }
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
    /// Replaces the model. The open scan stays and must be embedded again. The user's strokes and the masks of
    /// prompts stay; masks that another model propagated are discarded. Objects that were restored before the first
    /// model keep all their masks.
    pub fn set_model(&mut self, model: Model) {
        let is_first = self.model.replace(model).is_none();
        if let Some(scan) = &mut self.scan {
            scan.leave_model(is_first);
        }
    }

    /// The model, once one is loaded.
    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// Opens a scan and shows the middle slice of its first plane in its default window. The former scan and all of
    /// its objects are dropped. `key` identifies the scan by its content, see [`scan_key`](crate::scan_key).
    pub fn open(&mut self, scan: Rc<Scan>, key: &str) {
        self.scan = Some(OpenScan::new(scan, key, self.embedding_budget_bytes));
    }

    /// The open scan.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] before a scan is open.
    pub fn open_scan(&self) -> Result<&OpenScan, Error> {
        self.scan.as_ref().ok_or(NEEDS_IMAGE)
    }

    /// The open scan, to be changed.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] before a scan is open.
    pub fn open_scan_mut(&mut self) -> Result<&mut OpenScan, Error> {
        self.scan.as_mut().ok_or(NEEDS_IMAGE)
    }

    fn model_and_scan(&mut self) -> Result<(&Model, &mut OpenScan), Error> {
        let model = self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let scan = self.scan.as_mut().ok_or(NEEDS_IMAGE)?;
        Ok((model, scan))
    }

    /// The model's input for the current slice.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without weights or scan.
    pub fn model_input(&self) -> Result<Prepared, Error> {
        let model = self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let image = self.open_scan()?.model_image();
        Ok(prepare(model.kind().recipe(), &image))
    }

    /// Starts to embed the current image and returns the number of steps: 0 if its embedding is cached.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without weights or scan.
    pub fn begin_embedding(&mut self) -> Result<usize, Error> {
        let (model, scan) = self.model_and_scan()?;
        scan.begin_embedding(model)
    }

    /// Runs one step of the encoder. After the last step the image is embedded.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] unless an embedding has begun; [`Error::DeviceFailed`], which ends the embedding.
    pub async fn embed_step(&mut self) -> Result<EmbedProgress, Error> {
        let (_, scan) = self.model_and_scan()?;
        scan.embed_step().await
    }

    /// Embeds the current image with all steps at once.
    ///
    /// # Errors
    ///
    /// Those of [`Session::begin_embedding`] and [`Session::embed_step`].
    pub async fn embed(&mut self) -> Result<(), Error> {
        let total = self.begin_embedding()?;
        while total > 0 && self.embed_step().await?.done < total {}
        Ok(())
    }

    /// Decodes prompts on the current image; prompts of the same form share a batch. Keeps the predictions and
    /// returns their ids. The mask of a prompt for an object becomes a slice of its [`ObjectMask`]. A refinement that
    /// loses more than half of the mask that it starts from, or misses a point, is only offered:
    /// [`OpenScan::accept`] takes it, [`OpenScan::remove`] declines it.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] before the image is embedded; a prompt that is empty, lies outside the image or refines an
    /// unknown prediction; a device that fails. Then nothing is kept.
    pub async fn segment(&mut self, prompts: &[Prompt]) -> Result<Vec<u32>, Error> {
        let (model, scan) = self.model_and_scan()?;
        let predictions = scan.predict(model, prompts).await?;
        let first = self.next_id;
        let scan = self.open_scan_mut()?;
        let mut next = first;
        for prediction in predictions {
            scan.keep(next, prediction)?;
            next += 1;
        }
        self.next_id = next;
        Ok((first..next).collect())
    }

    /// Starts to propagate an object's mask from one slice to its neighbours: up to the end, then down, as LiteMedSAM
    /// goes through a volume (`MedSAM_infer_npz_3D`). `window` is what the model sees; `None` takes the window in
    /// which it sees the current slice.
    ///
    /// A model with a memory goes [`DEFAULT_PROPAGATION_RANGE`] slices in each direction.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`] if the object has no mask on that slice; [`Error::Order`] without weights or scan.
    pub fn begin_propagation(
        &mut self,
        object: u32,
        from: u32,
        directions: &[Direction],
        window: Option<Window>,
        limits: PropagationLimits,
    ) -> Result<(), Error> {
        let range = DEFAULT_PROPAGATION_RANGE;
        self.begin_propagation_within(&[object], from, directions, window, limits, range)
    }

    /// As [`Session::begin_propagation`], of several objects in one plane. A model with a memory takes them side by side,
    /// so that they share the encoding of a slice, and goes `range` slices in each direction. The other models take one
    /// object after the other, and have no range.
    ///
    /// # Errors
    ///
    /// Those of [`Session::begin_propagation`]; [`Error::TooLarge`] if the memories would not fit.
    pub fn begin_propagation_within(
        &mut self,
        objects: &[u32],
        from: u32,
        directions: &[Direction],
        window: Option<Window>,
        limits: PropagationLimits,
        range: u32,
    ) -> Result<(), Error> {
        let (model, scan) = self.model_and_scan()?;
        let wanted = Wanted {
            objects,
            from,
            directions,
            window,
            limits,
            range,
        };
        scan.begin_propagation(model, wanted)
    }

    /// Runs one step of the propagation: part of a slice's encoding, or its mask.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] unless a propagation has begun; a device that fails ends the propagation.
    pub async fn propagation_step(&mut self) -> Result<PropagationStep, Error> {
        let (model, scan) = self.model_and_scan()?;
        scan.propagation_step(model).await
    }

    /// The memory that cached embeddings take.
    pub fn embedding_memory(&self) -> EmbeddingMemory {
        match &self.scan {
            Some(scan) => scan.embedding_memory(),
            None => EmbeddingMemory {
                count: 0,
                bytes: 0,
                budget_bytes: self.embedding_budget_bytes,
            },
        }
    }

    /// Limits the memory of cached embeddings; the least recently used ones are dropped first.
    pub fn set_embedding_budget(&mut self, bytes: u64) {
        self.embedding_budget_bytes = bytes;
        if let Some(scan) = &mut self.scan {
            scan.set_embedding_budget(bytes);
        }
    }
}

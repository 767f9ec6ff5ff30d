//! Versions of an object's masks, to which the caller's undo returns.

use std::collections::BTreeSet;

use boxel_imaging::{Error, SlicePlane};

use super::super::layers::ModelLayers;
use super::ObjectMask;

impl ObjectMask {
    /// Stores the model's masks of all slices under the caller's version number.
    pub(in crate::session) fn keep(&mut self, version: u32) {
        self.versions.keep(version, &self.layers);
    }

    /// Returns to the model's masks of a stored version. Strokes stay. An unknown version changes nothing. One of a former
    /// model only undoes or repeats edits of the volume.
    pub(in crate::session) fn restore(
        &mut self,
        slice_plane: &SlicePlane,
        version: u32,
    ) -> Result<(), Error> {
        let Some(kept) = self.versions.get(version).cloned() else {
            return Ok(());
        };
        let slices = self.layers.keys().chain(kept.slices.keys());
        let slices: BTreeSet<u32> = slices.copied().collect();
        let none = ModelLayers::default();
        for slice in slices {
            let now = self
                .layers
                .get(&slice)
                .map_or(&none, |layers| &layers.model);
            let then = kept.slices.get(&slice).unwrap_or(&none);
            if kept.changes(now, then) {
                self.layers.entry(slice).or_default().model = then.clone();
                self.draw(slice_plane, slice)?;
            }
        }
        Ok(())
    }

    /// Discards the former model's propagated masks, in the stored versions too.
    pub(in crate::session) fn leave_model(
        &mut self,
        slice_plane: &SlicePlane,
    ) -> Result<(), Error> {
        self.versions.leave_model();
        self.discard_propagation(slice_plane)
    }
}

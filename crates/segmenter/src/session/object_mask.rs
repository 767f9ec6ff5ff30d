mod stored;
#[cfg(test)]
mod tests;
mod versions;

use std::collections::BTreeMap;

use boxel_imaging::{Grid, ImageBox, Mask, Plane, ReviewReason, SlicePlane, Stroke, VolumeMask};
use serde::Serialize;

pub use stored::{StoredMask, StoredMasks, StoredOrigin, StoredSlice};

use super::layers::{Layer, SliceLayers, Versions};
use crate::key::mask_sha256;

/// An object's mask in the volume.
///
/// A slice has up to three layers: the propagated mask, over it the mask of a prompt, and over both the user's
/// strokes. A mask that was loaded from a file takes the place of a propagated one, and so does what an edit of the volume
/// leaves, which replaces all layers of the slices that it changes. A slice with a prompt, strokes, a loaded or an edited mask
/// is the user's:
///
/// - **No propagation changes it**, neither its voxels nor its layers, whatever the order of prompts, strokes and
///   propagations: a propagation that reaches such a slice ends there.
/// - Discarding a propagation changes none of its voxels; nor does another model, until the prompt is decoded again.
///   A layer below strokes or a refining prompt stays as their base.
/// - Without its strokes and its prompt, the slice shows the propagated, loaded or edited mask again.
///
/// `session/sequences.rs` tests these rules with random sequences.
#[derive(Debug, Clone)]
pub struct ObjectMask {
    plane: Plane,
    pixel_aspect: f64,
    mask: VolumeMask,
    slices: BTreeMap<u32, ObjectSlice>,
    /// Of the slices that are not empty.
    fingerprints: BTreeMap<u32, u32>,
    layers: BTreeMap<u32, SliceLayers>,
    versions: Versions,
}

/// One slice of an object, without its voxels.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ObjectSlice {
    /// Where the mask comes from.
    pub origin: Origin,
    /// The IoU that the model predicts for the mask; `None` where only the user has drawn.
    pub iou: Option<f32>,
    /// Reasons to review the slice.
    pub doubts: Vec<ReviewReason>,
    /// The box that the mask was decoded from, in image space.
    #[serde(skip)]
    pub image_box: Option<ImageBox>,
    /// Whether a user's box gave the mask, without points, another mask to start from or a choice.
    #[serde(skip)]
    pub is_of_box_alone: bool,
}

impl ObjectSlice {
    /// A slice of which no model says anything.
    pub(super) fn unpredicted(origin: Origin) -> Self {
        Self {
            origin,
            iou: None,
            doubts: Vec::new(),
            image_box: None,
            is_of_box_alone: false,
        }
    }
}

/// Where a slice's mask comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The user's prompt or strokes.
    Marked,
    /// A propagation from a neighbouring slice. Its name for programs is that of the embedding API's first version.
    #[serde(rename = "carried")]
    Propagated,
    /// A segmentation that was opened on the scan.
    Loaded,
    /// An edit of the mask in the whole volume.
    Edited,
}

impl ObjectMask {
    pub(super) fn new(grid: &Grid, plane: Plane) -> Self {
        Self {
            plane,
            pixel_aspect: SlicePlane::new(grid, plane).pixel_aspect(grid),
            mask: VolumeMask::empty(grid),
            slices: BTreeMap::new(),
            fingerprints: BTreeMap::new(),
            layers: BTreeMap::new(),
            versions: Versions::default(),
        }
    }

    /// The plane that the slices are counted in.
    pub fn plane(&self) -> Plane {
        self.plane
    }

    /// The voxels of all slices.
    pub fn voxels(&self) -> &VolumeMask {
        &self.mask
    }

    /// All slices with a mask, in ascending order.
    pub fn slices(&self) -> impl Iterator<Item = (u32, &ObjectSlice)> {
        self.slices.iter().map(|(slice, about)| (*slice, about))
    }

    /// One slice, if it has a mask.
    pub fn slice(&self, slice: u32) -> Option<&ObjectSlice> {
        self.slices.get(&slice)
    }

    /// Tells a slice's voxels from others on the slice, so that a change is noticed; 0 where it is empty.
    pub fn fingerprint(&self, slice: u32) -> u32 {
        self.fingerprints.get(&slice).copied().unwrap_or(0)
    }

    /// The user's strokes on a slice.
    pub fn strokes(&self, slice: u32) -> &[Stroke] {
        let layers = self.layers.get(&slice);
        layers.map_or(&[], |layers| layers.strokes.as_slice())
    }

    /// Identifies the voxels: lower-case hexadecimal SHA-256 of the mask on the source's grid, one byte for each voxel,
    /// 0 or 1, columns fastest, then rows, then slices.
    pub fn sha256(&self) -> String {
        mask_sha256(&self.mask)
    }

    /// Whether a slice is the user's: it has a prompt or strokes, was loaded from a file, or was edited in the volume.
    pub fn is_touched(&self, slice: u32) -> bool {
        self.layers.get(&slice).is_some_and(SliceLayers::is_touched)
    }

    /// The propagated, loaded or edited mask of a slice, below prompt and strokes.
    pub(super) fn propagated(
        &self,
        slice_plane: &SlicePlane,
        slice: u32,
    ) -> Result<Option<Mask>, boxel_imaging::Error> {
        let layers = self.layers.get(&slice);
        let propagated = layers.and_then(|layers| layers.model.propagated.as_ref());
        propagated
            .map(|layer| layer.mask(slice_plane.size()))
            .transpose()
    }

    /// Sets the mask of a prompt on a slice. Strokes stay over it, the propagated mask below it.
    /// `refines_propagated`: the prompt started from the propagated mask.
    pub(super) fn put(
        &mut self,
        slice_plane: &SlicePlane,
        slice: u32,
        mask: &Mask,
        about: ObjectSlice,
        refines_propagated: bool,
    ) -> Result<(), boxel_imaging::Error> {
        let layers = self.layers.entry(slice).or_default();
        layers.model.prompted = Some(Layer::new(mask, about));
        layers.model.refines_propagated = refines_propagated;
        self.draw(slice_plane, slice)
    }

    /// Sets the propagated mask of a slice. Changes nothing and returns false if the slice is the user's.
    pub(super) fn propagate(
        &mut self,
        slice_plane: &SlicePlane,
        slice: u32,
        mask: &Mask,
        about: ObjectSlice,
    ) -> Result<bool, boxel_imaging::Error> {
        let layers = self.layers.entry(slice).or_default();
        if layers.is_touched() {
            return Ok(false);
        }
        layers.model.propagated = Some(Layer::new(mask, about));
        self.draw(slice_plane, slice)?;
        Ok(true)
    }

    /// Replaces the strokes on a slice.
    pub(super) fn edit(
        &mut self,
        slice_plane: &SlicePlane,
        slice: u32,
        strokes: Vec<Stroke>,
    ) -> Result<(), boxel_imaging::Error> {
        self.layers.entry(slice).or_default().strokes = strokes;
        self.draw(slice_plane, slice)
    }

    /// Replaces all layers of a slice by the mask that an edit of the volume leaves there, even if it is empty.
    pub(super) fn replace(
        &mut self,
        slice_plane: &SlicePlane,
        slice: u32,
        mask: &Mask,
    ) -> Result<(), boxel_imaging::Error> {
        let layers = self.layers.entry(slice).or_default();
        layers.model = layers.model.edited(mask);
        layers.strokes.clear();
        self.draw(slice_plane, slice)
    }

    /// Removes a prompt's mask from a slice. Strokes stay, and the propagated mask shows again.
    pub(super) fn unmark(
        &mut self,
        slice_plane: &SlicePlane,
        slice: u32,
    ) -> Result<(), boxel_imaging::Error> {
        if let Some(layers) = self.layers.get_mut(&slice) {
            layers.model.prompted = None;
            layers.model.refines_propagated = false;
        }
        self.draw(slice_plane, slice)
    }

    /// Discards the propagated mask of a slice. Changes nothing and returns false if there is none or the slice is
    /// the user's.
    pub(super) fn discard_slice(
        &mut self,
        slice_plane: &SlicePlane,
        slice: u32,
    ) -> Result<bool, boxel_imaging::Error> {
        let Some(layers) = self.layers.get_mut(&slice) else {
            return Ok(false);
        };
        if layers.is_touched() {
            return Ok(false);
        }
        layers.model.propagated = None;
        self.draw(slice_plane, slice)?;
        Ok(true)
    }

    /// Discards all propagated masks except those that strokes and refining prompts depend on.
    pub(super) fn discard_propagation(
        &mut self,
        slice_plane: &SlicePlane,
    ) -> Result<(), boxel_imaging::Error> {
        let slices: Vec<u32> = self.layers.keys().copied().collect();
        for slice in slices {
            self.discard_slice(slice_plane, slice)?;
            if let Some(layers) = self.layers.get_mut(&slice)
                && !layers.needs_propagated()
            {
                layers.model.propagated = None;
            }
        }
        Ok(())
    }

    /// Updates the voxels of a slice from its layers.
    fn draw(&mut self, slice_plane: &SlicePlane, slice: u32) -> Result<(), boxel_imaging::Error> {
        let layers = self.layers.get(&slice);
        let Some(layers) = layers.filter(|layers| !layers.is_empty()) else {
            self.layers.remove(&slice);
            return self.clear(slice_plane, slice);
        };
        let SliceLayers { model, strokes } = layers;
        let mask = match model.top() {
            Some(layer) => layer.mask(slice_plane.size())?,
            None => Mask::empty(slice_plane.size()),
        };
        let drawn = match strokes.is_empty() {
            true => mask,
            false => mask.with_strokes(strokes, self.pixel_aspect),
        };
        // Strokes alone have no prediction.
        let about = model.top().map(|layer| layer.about.clone());
        let about = about.unwrap_or(ObjectSlice::unpredicted(Origin::Marked));
        let origin = match layers.is_marked() {
            true => Origin::Marked,
            false => about.origin,
        };
        self.set_slice(slice_plane, slice, &drawn)?;
        self.slices.insert(slice, ObjectSlice { origin, ..about });
        Ok(())
    }

    fn clear(&mut self, slice_plane: &SlicePlane, slice: u32) -> Result<(), boxel_imaging::Error> {
        self.slices.remove(&slice);
        self.set_slice(slice_plane, slice, &Mask::empty(slice_plane.size()))
    }

    /// Replaces the voxels of a slice; nothing else changes them.
    fn set_slice(
        &mut self,
        slice_plane: &SlicePlane,
        slice: u32,
        mask: &Mask,
    ) -> Result<(), boxel_imaging::Error> {
        self.mask.set_slice(slice_plane, slice, mask)?;
        match fingerprint_of(mask) {
            0 => self.fingerprints.remove(&slice),
            other => self.fingerprints.insert(slice, other),
        };
        Ok(())
    }
}

/// A multiplicative hash of the pixels inside; 0 for an empty mask.
pub(super) fn fingerprint_of(mask: &Mask) -> u32 {
    let inside = (1u32..)
        .zip(mask.values())
        .filter(|(_, inside)| **inside != 0);
    inside.fold(0, |hash, (at, _)| {
        (hash.rotate_left(5) ^ at).wrapping_mul(0x9E37_79B9)
    })
}

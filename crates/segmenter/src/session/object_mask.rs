mod stored;

use std::collections::{BTreeMap, BTreeSet};

use boxel_imaging::{Grid, ImageBox, Mask, Plane, ReviewReason, SlicePlane, Stroke, VolumeMask};
use serde::Serialize;

pub use stored::{StoredMask, StoredMasks, StoredOrigin, StoredSlice};

use super::layers::{Layer, SliceLayers, Versions};
use crate::key::mask_sha256;

/// An object's mask in the volume.
///
/// A slice has up to three layers: the propagated mask, over it the mask of a prompt, and over both the user's
/// strokes. A mask that was loaded from a file takes the place of a propagated one. A slice with a prompt, strokes or a
/// loaded mask is the user's:
///
/// - **No propagation changes it**, neither its voxels nor its layers, whatever the order of prompts, strokes and
///   propagations: a propagation that reaches such a slice ends there.
/// - Discarding a propagation changes none of its voxels; nor does another model, until the prompt is decoded again.
///   A layer below strokes or a refining prompt stays as their base.
/// - Without its strokes and its prompt, the slice shows the propagated or loaded mask again.
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
    /// A slice that was loaded from a file, of which no model says anything.
    pub(super) fn loaded() -> Self {
        Self {
            origin: Origin::Loaded,
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

    /// Whether a slice is the user's: it has a prompt or strokes, or was loaded from a file.
    pub fn is_touched(&self, slice: u32) -> bool {
        self.layers.get(&slice).is_some_and(SliceLayers::is_touched)
    }

    /// The propagated or loaded mask of a slice, below prompt and strokes.
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

    /// Discards the former model's propagated masks and all stored versions.
    pub(super) fn leave_model(
        &mut self,
        slice_plane: &SlicePlane,
    ) -> Result<(), boxel_imaging::Error> {
        self.versions.clear();
        self.discard_propagation(slice_plane)
    }

    /// Stores the model's masks of all slices under the caller's version number.
    pub(super) fn keep(&mut self, version: u32) {
        self.versions.keep(version, &self.layers);
    }

    /// Returns to the model's masks of a stored version. Strokes stay. An unknown version changes nothing.
    pub(super) fn restore(
        &mut self,
        slice_plane: &SlicePlane,
        version: u32,
    ) -> Result<(), boxel_imaging::Error> {
        let Some(kept) = self.versions.get(version).cloned() else {
            return Ok(());
        };
        let slices: BTreeSet<u32> = self.layers.keys().chain(kept.keys()).copied().collect();
        for slice in slices {
            let model = kept.get(&slice).cloned().unwrap_or_default();
            let layers = self.layers.entry(slice).or_default();
            if layers.model != model {
                layers.model = model;
                self.draw(slice_plane, slice)?;
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
        let about = about.unwrap_or(ObjectSlice {
            origin: Origin::Marked,
            iou: None,
            doubts: Vec::new(),
            image_box: None,
            is_of_box_alone: false,
        });
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

#[cfg(test)]
mod tests {
    use boxel_imaging::{ImagePoint, StrokeKind};

    use super::*;

    fn about(origin: Origin) -> ObjectSlice {
        ObjectSlice {
            origin,
            iou: Some(0.9),
            doubts: Vec::new(),
            image_box: None,
            is_of_box_alone: false,
        }
    }

    fn dab(kind: StrokeKind, x: f32, y: f32) -> Stroke {
        Stroke {
            kind,
            radius_px: 0.6,
            path: vec![ImagePoint { x, y }],
        }
    }

    /// Three slices of 4 by 2 pixels, and an object with the left half of the middle one.
    fn begun() -> (ObjectMask, SlicePlane, Mask) {
        let grid = Grid {
            slices: 3,
            ..Grid::image(4, 2)
        };
        let slice_plane = SlicePlane::new(&grid, Plane::Stored);
        let left = Mask::new(4, 2, vec![1, 1, 0, 0, 1, 1, 0, 0]).unwrap();
        let mut object = ObjectMask::new(&grid, Plane::Stored);
        object
            .put(&slice_plane, 1, &left, about(Origin::Marked), false)
            .unwrap();
        (object, slice_plane, left)
    }

    #[test]
    fn strokes_lie_over_the_model_and_stay_over_its_next_answer() {
        let (mut object, slice_plane, left) = begun();
        let before = object.sha256();
        let strokes = vec![
            dab(StrokeKind::Paint, 3.5, 0.5),
            dab(StrokeKind::Erase, 0.5, 0.5),
        ];
        object.edit(&slice_plane, 1, strokes).unwrap();
        assert_eq!(
            object.voxels().slice(&slice_plane, 1).values(),
            [0, 1, 0, 1, 1, 1, 0, 0]
        );
        let all = Mask::new(4, 2, vec![1; 8]).unwrap();
        object
            .put(&slice_plane, 1, &all, about(Origin::Marked), false)
            .unwrap();
        assert_eq!(
            object.voxels().slice(&slice_plane, 1).values(),
            [0, 1, 1, 1, 1, 1, 1, 1]
        );
        object
            .put(&slice_plane, 1, &left, about(Origin::Marked), false)
            .unwrap();
        object.edit(&slice_plane, 1, Vec::new()).unwrap();
        assert_eq!(object.voxels().slice(&slice_plane, 1), left);
        assert_eq!(object.sha256(), before);
        assert_eq!(object.slice(1), Some(&about(Origin::Marked)));
    }

    #[test]
    fn strokes_freeze_the_propagated_mask_below_them() {
        let (mut object, slice_plane, left) = begun();
        assert!(
            object
                .propagate(&slice_plane, 2, &left, about(Origin::Propagated))
                .unwrap()
        );
        object
            .edit(&slice_plane, 2, vec![dab(StrokeKind::Paint, 3.5, 0.5)])
            .unwrap();
        assert_eq!(object.slice(2), Some(&about(Origin::Marked)));
        let before = object.sha256();
        let all = Mask::new(4, 2, vec![1; 8]).unwrap();
        assert!(
            !object
                .propagate(&slice_plane, 2, &all, about(Origin::Propagated))
                .unwrap()
        );
        assert!(!object.discard_slice(&slice_plane, 2).unwrap());
        object.discard_propagation(&slice_plane).unwrap();
        object.leave_model(&slice_plane).unwrap();
        assert_eq!(object.sha256(), before);
        assert_eq!(object.voxels().slice(&slice_plane, 2).area_px(), 5);
        object.edit(&slice_plane, 2, Vec::new()).unwrap();
        assert_eq!(object.voxels().slice(&slice_plane, 2), left);
        assert_eq!(object.slice(2), Some(&about(Origin::Propagated)));
        // Without strokes the slice can be discarded.
        object.discard_propagation(&slice_plane).unwrap();
        assert_eq!((object.voxels().count(), object.slice(2)), (4, None));
    }

    #[test]
    fn a_prompt_covers_the_propagated_mask_until_it_is_removed() {
        let (mut object, slice_plane, left) = begun();
        let right = Mask::new(4, 2, vec![0, 0, 1, 1, 0, 0, 1, 1]).unwrap();
        let (marked, propagated) = (about(Origin::Marked), about(Origin::Propagated));
        for (refines_propagated, is_left) in [(false, None), (true, Some(&propagated))] {
            object
                .propagate(&slice_plane, 0, &right, propagated.clone())
                .unwrap();
            object
                .put(&slice_plane, 0, &left, marked.clone(), refines_propagated)
                .unwrap();
            assert_eq!(object.voxels().slice(&slice_plane, 0), left);
            assert_eq!(
                object.propagated(&slice_plane, 0).unwrap().as_ref(),
                Some(&right)
            );
            object.unmark(&slice_plane, 0).unwrap();
            assert_eq!(object.voxels().slice(&slice_plane, 0), right);
            assert_eq!(object.slice(0), Some(&propagated));
            // Only a refinement needs it, to be decoded again.
            object
                .put(&slice_plane, 0, &left, marked.clone(), refines_propagated)
                .unwrap();
            object.discard_propagation(&slice_plane).unwrap();
            assert_eq!(object.voxels().slice(&slice_plane, 0), left);
            object.unmark(&slice_plane, 0).unwrap();
            assert_eq!(object.slice(0), is_left);
            object.unmark(&slice_plane, 0).unwrap();
            assert_eq!(object.slice(0), is_left, "there is no prompt to remove");
        }
    }

    #[test]
    fn a_stored_version_is_restored_as_it_was() {
        let (mut object, slice_plane, left) = begun();
        let right = Mask::new(4, 2, vec![0, 0, 1, 1, 0, 0, 1, 1]).unwrap();
        let propagated = about(Origin::Propagated);
        object
            .propagate(&slice_plane, 0, &right, propagated.clone())
            .unwrap();
        object
            .propagate(&slice_plane, 2, &left, propagated.clone())
            .unwrap();
        object
            .edit(&slice_plane, 2, vec![dab(StrokeKind::Paint, 3.5, 0.5)])
            .unwrap();
        let before = object.sha256();
        object.keep(7);
        object.discard_propagation(&slice_plane).unwrap();
        object.keep(8);
        let discarded = object.sha256();
        assert_eq!(object.voxels().count(), 4 + 5);
        object.restore(&slice_plane, 7).unwrap();
        assert_eq!(object.sha256(), before);
        assert_eq!(object.slice(0), Some(&propagated));
        object.restore(&slice_plane, 8).unwrap();
        assert_eq!(object.sha256(), discarded);
        object.restore(&slice_plane, 9).unwrap();
        assert_eq!(object.sha256(), discarded);

        // Masks of prompts are restored too, and strokes stay.
        object
            .put(&slice_plane, 1, &right, about(Origin::Marked), false)
            .unwrap();
        object
            .edit(&slice_plane, 1, vec![dab(StrokeKind::Paint, 0.5, 0.5)])
            .unwrap();
        object.restore(&slice_plane, 7).unwrap();
        assert_eq!(object.voxels().slice(&slice_plane, 1), left);
        object.edit(&slice_plane, 1, Vec::new()).unwrap();
        assert_eq!(object.sha256(), before);
        // Another model drops the versions.
        object.leave_model(&slice_plane).unwrap();
        let left_alone = object.sha256();
        object.restore(&slice_plane, 7).unwrap();
        assert_eq!(object.sha256(), left_alone);
        assert_eq!(object.slice(0), None);
    }

    #[test]
    fn a_slice_without_its_prompt_keeps_the_strokes_alone() {
        let (mut object, slice_plane, _) = begun();
        object
            .edit(&slice_plane, 1, vec![dab(StrokeKind::Paint, 3.5, 0.5)])
            .unwrap();
        object.unmark(&slice_plane, 1).unwrap();
        assert_eq!(object.voxels().count(), 1);
        object.edit(&slice_plane, 1, Vec::new()).unwrap();
        assert_eq!((object.voxels().count(), object.slice(1)), (0, None));
        let (mut object, slice_plane, _) = begun();
        object.unmark(&slice_plane, 1).unwrap();
        assert_eq!((object.voxels().count(), object.slice(1)), (0, None));
    }
}

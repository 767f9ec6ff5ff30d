mod stored;

use std::collections::{BTreeMap, BTreeSet};

use boxel_imaging::{Grid, ImageBox, Mask, Plane, ReviewReason, SlicePlane, Stroke, VolumeMask};

pub use stored::{ObjectMasks, StoredMask, StoredOrigin, StoredSlice};

use super::layers::{Layer, Part, Versions};
use crate::key::mask_sha256;

/// One object of a scan through all its slices.
///
/// A slice has up to three layers: the mask that a propagation left, over it the one that a prompt gave, and over
/// both the user's strokes. A slice with a prompt or strokes is the user's, and this holds for it:
///
/// - **No propagation changes it**, neither its voxels nor a layer that they come from, whatever the order of
///   prompts, strokes and propagations is: one that comes to such a slice ends, and takes nothing back there.
/// - Taking propagated masks back changes no voxel of it, and another model none until a prompt is asked again.
///   What strokes or a refining prompt lie on stays as their base.
/// - Without its strokes and its prompt it is again what the propagation left.
///
/// `session/sequences.rs` tests that with random sequences.
#[derive(Debug, Clone)]
pub struct Structure {
    plane: Plane,
    pixel_aspect: f64,
    mask: VolumeMask,
    slices: BTreeMap<u32, StructureSlice>,
    parts: BTreeMap<u32, Part>,
    versions: Versions,
}

/// What is known of a structure's slice.
#[derive(Debug, Clone, PartialEq)]
pub struct StructureSlice {
    /// Who is behind it.
    pub origin: Origin,
    /// The IoU that the model predicts for its mask; nothing where the user alone has drawn.
    pub iou: Option<f32>,
    /// Why it should be looked at.
    pub doubts: Vec<ReviewReason>,
    /// The box that it was decoded from, in image space.
    pub image_box: Option<ImageBox>,
}

/// Who is behind a slice's mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A prompt of the user's, or strokes.
    Marked,
    /// It was carried on from a neighbour.
    Carried,
}

impl Structure {
    pub(super) fn new(grid: &Grid, plane: Plane) -> Self {
        Self {
            plane,
            pixel_aspect: SlicePlane::new(grid, plane).pixel_aspect(grid),
            mask: VolumeMask::empty(grid),
            slices: BTreeMap::new(),
            parts: BTreeMap::new(),
            versions: Versions::default(),
        }
    }

    /// The plane that its slices are counted in.
    pub fn plane(&self) -> Plane {
        self.plane
    }

    /// Its voxels.
    pub fn mask(&self) -> &VolumeMask {
        &self.mask
    }

    /// Its slices in order.
    pub fn slices(&self) -> impl Iterator<Item = (u32, &StructureSlice)> {
        self.slices.iter().map(|(slice, about)| (*slice, about))
    }

    /// One of its slices.
    pub fn slice(&self, slice: u32) -> Option<&StructureSlice> {
        self.slices.get(&slice)
    }

    /// The user's strokes on a slice.
    pub fn strokes(&self, slice: u32) -> &[Stroke] {
        let part = self.parts.get(&slice);
        part.map_or(&[], |part| part.strokes.as_slice())
    }

    /// Names its voxels: lower-case hex of the SHA-256 of the mask on the source's grid, a byte for each
    /// voxel, 0 or 1, columns fastest, then rows, then slices.
    pub fn sha256(&self) -> String {
        mask_sha256(&self.mask)
    }

    /// Whether a slice is the user's: it has a prompt or strokes.
    pub fn is_touched(&self, slice: u32) -> bool {
        self.parts.get(&slice).is_some_and(Part::is_touched)
    }

    /// The mask that a propagation left on a slice, under prompt and strokes.
    pub(super) fn carried(
        &self,
        view: &SlicePlane,
        slice: u32,
    ) -> Result<Option<Mask>, boxel_imaging::Error> {
        let part = self.parts.get(&slice);
        let carried = part.and_then(|part| part.found.carried.as_ref());
        carried.map(|layer| layer.mask(view.size())).transpose()
    }

    /// What a prompt has found on a slice. Strokes stay over it, and what was carried under it.
    /// `refines_carried`: the prompt started from that.
    pub(super) fn put(
        &mut self,
        view: &SlicePlane,
        slice: u32,
        mask: &Mask,
        about: StructureSlice,
        refines_carried: bool,
    ) -> Result<(), boxel_imaging::Error> {
        let part = self.parts.entry(slice).or_default();
        part.found.prompted = Some(Layer::new(mask, about));
        part.found.refines_carried = refines_carried;
        self.draw(view, slice)
    }

    /// What a propagation has found on a slice; false, and nothing has changed, if the slice is the user's.
    pub(super) fn carry(
        &mut self,
        view: &SlicePlane,
        slice: u32,
        mask: &Mask,
        about: StructureSlice,
    ) -> Result<bool, boxel_imaging::Error> {
        let part = self.parts.entry(slice).or_default();
        if part.is_touched() {
            return Ok(false);
        }
        part.found.carried = Some(Layer::new(mask, about));
        self.draw(view, slice)?;
        Ok(true)
    }

    /// Puts strokes over what was found on a slice, in the place of those before.
    pub(super) fn edit(
        &mut self,
        view: &SlicePlane,
        slice: u32,
        strokes: Vec<Stroke>,
    ) -> Result<(), boxel_imaging::Error> {
        self.parts.entry(slice).or_default().strokes = strokes;
        self.draw(view, slice)
    }

    /// Takes away what a prompt has put on a slice. Strokes stay, and what was carried is seen again.
    pub(super) fn unmark(
        &mut self,
        view: &SlicePlane,
        slice: u32,
    ) -> Result<(), boxel_imaging::Error> {
        if let Some(part) = self.parts.get_mut(&slice) {
            part.found.prompted = None;
            part.found.refines_carried = false;
        }
        self.draw(view, slice)
    }

    /// Takes away what was carried to a slice; false, and nothing has changed, if there is nothing or if the
    /// slice is the user's.
    pub(super) fn take_back(
        &mut self,
        view: &SlicePlane,
        slice: u32,
    ) -> Result<bool, boxel_imaging::Error> {
        let Some(part) = self.parts.get_mut(&slice) else {
            return Ok(false);
        };
        if part.is_touched() {
            return Ok(false);
        }
        part.found.carried = None;
        self.draw(view, slice)?;
        Ok(true)
    }

    /// Takes away all that was carried, but for what strokes and refining prompts lie on.
    pub(super) fn take_all_back(&mut self, view: &SlicePlane) -> Result<(), boxel_imaging::Error> {
        let slices: Vec<u32> = self.parts.keys().copied().collect();
        for slice in slices {
            self.take_back(view, slice)?;
            if let Some(part) = self.parts.get_mut(&slice)
                && !part.needs_carried()
            {
                part.found.carried = None;
            }
        }
        Ok(())
    }

    /// Goes on with another model: what the one before has carried is taken back, and its versions are
    /// forgotten.
    pub(super) fn leave_model(&mut self, view: &SlicePlane) -> Result<(), boxel_imaging::Error> {
        self.versions.clear();
        self.take_all_back(view)
    }

    /// Remembers what was found on all slices as it is now, under a number of the caller's.
    pub(super) fn keep(&mut self, version: u32) {
        self.versions.keep(version, &self.parts);
    }

    /// Comes back to what was found in a version that was kept. The strokes that there are stay over it. A
    /// version that was not kept changes nothing.
    pub(super) fn restore(
        &mut self,
        view: &SlicePlane,
        version: u32,
    ) -> Result<(), boxel_imaging::Error> {
        let Some(kept) = self.versions.get(version).cloned() else {
            return Ok(());
        };
        let slices: BTreeSet<u32> = self.parts.keys().chain(kept.keys()).copied().collect();
        for slice in slices {
            let found = kept.get(&slice).cloned().unwrap_or_default();
            let part = self.parts.entry(slice).or_default();
            if part.found != found {
                part.found = found;
                self.draw(view, slice)?;
            }
        }
        Ok(())
    }

    /// Brings the voxels of a slice to what its layers say.
    fn draw(&mut self, view: &SlicePlane, slice: u32) -> Result<(), boxel_imaging::Error> {
        let Some(part) = self.parts.get(&slice).filter(|part| !part.is_empty()) else {
            self.parts.remove(&slice);
            return self.clear(view, slice);
        };
        let Part { found, strokes } = part;
        let mask = match found.top() {
            Some(layer) => layer.mask(view.size())?,
            None => Mask::empty(view.size()),
        };
        let drawn = match strokes.is_empty() {
            true => mask,
            false => mask.with_strokes(strokes, self.pixel_aspect),
        };
        // Where strokes alone are, no model says anything.
        let about = found.top().map(|layer| layer.about.clone());
        let about = about.unwrap_or(StructureSlice {
            origin: Origin::Marked,
            iou: None,
            doubts: Vec::new(),
            image_box: None,
        });
        let origin = match part.is_touched() {
            true => Origin::Marked,
            false => Origin::Carried,
        };
        self.mask.set_slice(view, slice, &drawn)?;
        self.slices
            .insert(slice, StructureSlice { origin, ..about });
        Ok(())
    }

    fn clear(&mut self, view: &SlicePlane, slice: u32) -> Result<(), boxel_imaging::Error> {
        self.slices.remove(&slice);
        self.mask.set_slice(view, slice, &Mask::empty(view.size()))
    }
}

#[cfg(test)]
mod tests {
    use boxel_imaging::{ImagePoint, StrokeKind};

    use super::*;

    fn about(origin: Origin) -> StructureSlice {
        StructureSlice {
            origin,
            iou: Some(0.9),
            doubts: Vec::new(),
            image_box: None,
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
    fn begun() -> (Structure, SlicePlane, Mask) {
        let grid = Grid {
            slices: 3,
            ..Grid::image(4, 2)
        };
        let view = SlicePlane::new(&grid, Plane::Stored);
        let left = Mask::new(4, 2, vec![1, 1, 0, 0, 1, 1, 0, 0]).unwrap();
        let mut structure = Structure::new(&grid, Plane::Stored);
        structure
            .put(&view, 1, &left, about(Origin::Marked), false)
            .unwrap();
        (structure, view, left)
    }

    #[test]
    fn strokes_lie_over_the_model_and_stay_over_its_next_answer() {
        let (mut structure, view, left) = begun();
        let before = structure.sha256();
        let strokes = vec![
            dab(StrokeKind::Paint, 3.5, 0.5),
            dab(StrokeKind::Erase, 0.5, 0.5),
        ];
        structure.edit(&view, 1, strokes).unwrap();
        assert_eq!(
            structure.mask().slice(&view, 1).values(),
            [0, 1, 0, 1, 1, 1, 0, 0]
        );
        let all = Mask::new(4, 2, vec![1; 8]).unwrap();
        structure
            .put(&view, 1, &all, about(Origin::Marked), false)
            .unwrap();
        assert_eq!(
            structure.mask().slice(&view, 1).values(),
            [0, 1, 1, 1, 1, 1, 1, 1]
        );
        structure
            .put(&view, 1, &left, about(Origin::Marked), false)
            .unwrap();
        structure.edit(&view, 1, Vec::new()).unwrap();
        assert_eq!(structure.mask().slice(&view, 1), left);
        assert_eq!(structure.sha256(), before);
        assert_eq!(structure.slice(1), Some(&about(Origin::Marked)));
    }

    #[test]
    fn strokes_freeze_what_was_carried_under_them() {
        let (mut structure, view, left) = begun();
        assert!(
            structure
                .carry(&view, 2, &left, about(Origin::Carried))
                .unwrap()
        );
        structure
            .edit(&view, 2, vec![dab(StrokeKind::Paint, 3.5, 0.5)])
            .unwrap();
        assert_eq!(structure.slice(2), Some(&about(Origin::Marked)));
        let before = structure.sha256();
        let all = Mask::new(4, 2, vec![1; 8]).unwrap();
        assert!(
            !structure
                .carry(&view, 2, &all, about(Origin::Carried))
                .unwrap()
        );
        assert!(!structure.take_back(&view, 2).unwrap());
        structure.take_all_back(&view).unwrap();
        structure.leave_model(&view).unwrap();
        assert_eq!(structure.sha256(), before);
        assert_eq!(structure.mask().slice(&view, 2).area_px(), 5);
        structure.edit(&view, 2, Vec::new()).unwrap();
        assert_eq!(structure.mask().slice(&view, 2), left);
        assert_eq!(structure.slice(2), Some(&about(Origin::Carried)));
        // It is nobody's again, and can be taken back.
        structure.take_all_back(&view).unwrap();
        assert_eq!((structure.mask().count(), structure.slice(2)), (4, None));
    }

    #[test]
    fn a_prompt_lies_over_what_was_carried_until_it_is_taken_away() {
        let (mut structure, view, left) = begun();
        let right = Mask::new(4, 2, vec![0, 0, 1, 1, 0, 0, 1, 1]).unwrap();
        let (marked, carried) = (about(Origin::Marked), about(Origin::Carried));
        for (refines_carried, is_left) in [(false, None), (true, Some(&carried))] {
            structure.carry(&view, 0, &right, carried.clone()).unwrap();
            structure
                .put(&view, 0, &left, marked.clone(), refines_carried)
                .unwrap();
            assert_eq!(structure.mask().slice(&view, 0), left);
            assert_eq!(structure.carried(&view, 0).unwrap().as_ref(), Some(&right));
            structure.unmark(&view, 0).unwrap();
            assert_eq!(structure.mask().slice(&view, 0), right);
            assert_eq!(structure.slice(0), Some(&carried));
            // Only a refinement needs it, to be asked again.
            structure
                .put(&view, 0, &left, marked.clone(), refines_carried)
                .unwrap();
            structure.take_all_back(&view).unwrap();
            assert_eq!(structure.mask().slice(&view, 0), left);
            structure.unmark(&view, 0).unwrap();
            assert_eq!(structure.slice(0), is_left);
            structure.unmark(&view, 0).unwrap();
            assert_eq!(
                structure.slice(0),
                is_left,
                "nothing of a prompt's is there"
            );
        }
    }

    #[test]
    fn what_was_found_comes_back_as_it_was_kept() {
        let (mut structure, view, left) = begun();
        let right = Mask::new(4, 2, vec![0, 0, 1, 1, 0, 0, 1, 1]).unwrap();
        let carried = about(Origin::Carried);
        structure.carry(&view, 0, &right, carried.clone()).unwrap();
        structure.carry(&view, 2, &left, carried.clone()).unwrap();
        structure
            .edit(&view, 2, vec![dab(StrokeKind::Paint, 3.5, 0.5)])
            .unwrap();
        let before = structure.sha256();
        structure.keep(7);
        structure.take_all_back(&view).unwrap();
        structure.keep(8);
        let taken_back = structure.sha256();
        assert_eq!(structure.mask().count(), 4 + 5);
        structure.restore(&view, 7).unwrap();
        assert_eq!(structure.sha256(), before);
        assert_eq!(structure.slice(0), Some(&carried));
        structure.restore(&view, 8).unwrap();
        assert_eq!(structure.sha256(), taken_back);
        structure.restore(&view, 9).unwrap();
        assert_eq!(structure.sha256(), taken_back);

        // So do the masks of prompts, and strokes stay over all.
        structure
            .put(&view, 1, &right, about(Origin::Marked), false)
            .unwrap();
        structure
            .edit(&view, 1, vec![dab(StrokeKind::Paint, 0.5, 0.5)])
            .unwrap();
        structure.restore(&view, 7).unwrap();
        assert_eq!(structure.mask().slice(&view, 1), left);
        structure.edit(&view, 1, Vec::new()).unwrap();
        assert_eq!(structure.sha256(), before);
        // Another model has none of it.
        structure.leave_model(&view).unwrap();
        let left_alone = structure.sha256();
        structure.restore(&view, 7).unwrap();
        assert_eq!(structure.sha256(), left_alone);
        assert_eq!(structure.slice(0), None);
    }

    #[test]
    fn a_slice_without_its_prompt_keeps_the_strokes_alone() {
        let (mut structure, view, _) = begun();
        structure
            .edit(&view, 1, vec![dab(StrokeKind::Paint, 3.5, 0.5)])
            .unwrap();
        structure.unmark(&view, 1).unwrap();
        assert_eq!(structure.mask().count(), 1);
        structure.edit(&view, 1, Vec::new()).unwrap();
        assert_eq!((structure.mask().count(), structure.slice(1)), (0, None));
        let (mut structure, view, _) = begun();
        structure.unmark(&view, 1).unwrap();
        assert_eq!((structure.mask().count(), structure.slice(1)), (0, None));
    }
}

use std::collections::BTreeMap;

use boxel_imaging::{Doubt, Grid, ImageBox, Mask, Plane, Stroke, View, VolumeMask};
use sha2::{Digest, Sha256};

use super::carried::{CarriedSlice, Versions};
use crate::key::hex;

/// One object of a scan through all its slices.
#[derive(Debug, Clone)]
pub struct Structure {
    plane: Plane,
    pixel_aspect: f64,
    mask: VolumeMask,
    slices: BTreeMap<u32, StructureSlice>,
    edits: BTreeMap<u32, Edit>,
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
    pub doubts: Vec<Doubt>,
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

/// The user's strokes on a slice, and what the model found there.
#[derive(Debug, Clone)]
struct Edit {
    strokes: Vec<Stroke>,
    found: Option<(Mask, StructureSlice)>,
}

impl Structure {
    pub(super) fn new(grid: &Grid, plane: Plane) -> Self {
        Self {
            plane,
            pixel_aspect: View::new(grid, plane).pixel_aspect(grid),
            mask: VolumeMask::empty(grid),
            slices: BTreeMap::new(),
            edits: BTreeMap::new(),
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
        let edit = self.edits.get(&slice);
        edit.map_or(&[], |edit| edit.strokes.as_slice())
    }

    /// Names its voxels: lower-case hex of the SHA-256 of the mask on the source's grid, a byte for each
    /// voxel, 0 or 1, columns fastest, then rows, then slices.
    pub fn sha256(&self) -> String {
        let mut sha256 = Sha256::new();
        let mut portion = Vec::with_capacity(4096);
        for inside in self.mask.values() {
            portion.push(u8::from(inside));
            if portion.len() == portion.capacity() {
                sha256.update(&portion);
                portion.clear();
            }
        }
        sha256.update(&portion);
        hex(&sha256.finalize())
    }

    /// What the model has found on a slice. Strokes of the user's stay over it.
    pub(super) fn put(
        &mut self,
        view: &View,
        slice: u32,
        mask: &Mask,
        about: StructureSlice,
    ) -> Result<(), boxel_imaging::Error> {
        if let Some(edit) = self.edits.get_mut(&slice) {
            edit.found = Some((mask.clone(), about));
            return self.draw(view, slice);
        }
        self.mask.set_slice(view, slice, mask)?;
        self.slices.insert(slice, about);
        Ok(())
    }

    /// Puts strokes over what the model found on a slice, in the place of those before.
    pub(super) fn edit(
        &mut self,
        view: &View,
        slice: u32,
        strokes: Vec<Stroke>,
    ) -> Result<(), boxel_imaging::Error> {
        let found = match self.edits.remove(&slice) {
            Some(edit) => edit.found,
            None => {
                let about = self.slices.get(&slice).cloned();
                about.map(|about| (self.mask.slice(view, slice), about))
            }
        };
        self.edits.insert(slice, Edit { strokes, found });
        self.draw(view, slice)
    }

    /// An edited slice as it is: what was found there, with the strokes over it.
    fn draw(&mut self, view: &View, slice: u32) -> Result<(), boxel_imaging::Error> {
        let Some(edit) = self.edits.get(&slice) else {
            return Ok(());
        };
        let (strokes, found) = (&edit.strokes, edit.found.clone());
        if strokes.is_empty() {
            self.edits.remove(&slice);
            return match found {
                Some((mask, about)) => self.put(view, slice, &mask, about),
                None => self.clear(view, slice),
            };
        }
        let (found, about) = found.unzip();
        let found = found.unwrap_or_else(|| Mask::empty(view.size()));
        let drawn = found.with_strokes(strokes, self.pixel_aspect);
        // Where strokes alone are, no model says anything.
        let about = about.unwrap_or(StructureSlice {
            origin: Origin::Marked,
            iou: None,
            doubts: Vec::new(),
            image_box: None,
        });
        self.mask.set_slice(view, slice, &drawn)?;
        let marked = StructureSlice {
            origin: Origin::Marked,
            ..about
        };
        self.slices.insert(slice, marked);
        Ok(())
    }

    /// Takes away what a prompt of the user's has put on a slice; strokes stay.
    pub(super) fn unmark(&mut self, view: &View, slice: u32) -> Result<(), boxel_imaging::Error> {
        match self.edits.get_mut(&slice) {
            Some(edit) => {
                edit.found = None;
                self.draw(view, slice)
            }
            None => self.clear(view, slice),
        }
    }

    /// Takes a slice away that was carried on, unless the user has marked it since.
    pub(super) fn take_back(
        &mut self,
        view: &View,
        slice: u32,
    ) -> Result<bool, boxel_imaging::Error> {
        let is_carried = |about: &StructureSlice| about.origin == Origin::Carried;
        if self.slice(slice).is_some_and(is_carried) {
            self.clear(view, slice)?;
            return Ok(true);
        }
        let found = self.edits.get(&slice).and_then(|edit| edit.found.as_ref());
        if found.is_some_and(|(_, about)| is_carried(about)) {
            self.unmark(view, slice)?;
        }
        Ok(false)
    }

    /// The slices that were carried on, those under strokes included.
    fn carried(&self, view: &View) -> Vec<CarriedSlice> {
        let slices = self.slices.keys();
        let found = slices.filter_map(|&slice| match self.edits.get(&slice) {
            Some(edit) => edit.found.clone().map(|(mask, about)| (slice, mask, about)),
            None => {
                let about = self.slices.get(&slice)?.clone();
                Some((slice, self.mask.slice(view, slice), about))
            }
        });
        found
            .filter(|(_, _, about)| about.origin == Origin::Carried)
            .collect()
    }

    /// Remembers the carried slices as they are now, under a number of the caller's.
    pub(super) fn keep_carried(&mut self, view: &View, version: u32) {
        let carried = self.carried(view);
        self.versions.keep(version, &carried);
    }

    /// Puts the carried slices of a version in the place of those that are there. A slice with a prompt of
    /// the user's keeps its mask, and strokes stay over what comes. A version that was not kept changes nothing.
    pub(super) fn restore_carried(
        &mut self,
        view: &View,
        version: u32,
    ) -> Result<(), boxel_imaging::Error> {
        let Some(kept) = self.versions.get(version, view.size())? else {
            return Ok(());
        };
        for (slice, _, _) in self.carried(view) {
            self.take_back(view, slice)?;
        }
        for (slice, mask, about) in kept {
            let has_prompt = match self.edits.get(&slice) {
                Some(edit) => edit.found.is_some(),
                None => self.slices.contains_key(&slice),
            };
            if !has_prompt {
                self.put(view, slice, &mask, about)?;
            }
        }
        Ok(())
    }

    fn clear(&mut self, view: &View, slice: u32) -> Result<(), boxel_imaging::Error> {
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
    fn begun() -> (Structure, View, Mask) {
        let grid = Grid {
            slices: 3,
            ..Grid::image(4, 2)
        };
        let view = View::new(&grid, Plane::Stored);
        let left = Mask::new(4, 2, vec![1, 1, 0, 0, 1, 1, 0, 0]).unwrap();
        let mut structure = Structure::new(&grid, Plane::Stored);
        structure
            .put(&view, 1, &left, about(Origin::Marked))
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
            .put(&view, 1, &all, about(Origin::Marked))
            .unwrap();
        assert_eq!(
            structure.mask().slice(&view, 1).values(),
            [0, 1, 1, 1, 1, 1, 1, 1]
        );
        structure
            .put(&view, 1, &left, about(Origin::Marked))
            .unwrap();
        structure.edit(&view, 1, Vec::new()).unwrap();
        assert_eq!(structure.mask().slice(&view, 1), left);
        assert_eq!(structure.sha256(), before);
        assert_eq!(structure.slice(1), Some(&about(Origin::Marked)));
    }

    #[test]
    fn an_edited_slice_is_the_users_until_the_strokes_are_gone() {
        let (mut structure, view, left) = begun();
        structure
            .put(&view, 2, &left, about(Origin::Carried))
            .unwrap();
        structure
            .edit(&view, 2, vec![dab(StrokeKind::Paint, 3.5, 0.5)])
            .unwrap();
        assert_eq!(structure.slice(2), Some(&about(Origin::Marked)));
        // What was carried there goes, what was drawn stays.
        assert!(!structure.take_back(&view, 2).unwrap());
        assert_eq!(structure.mask().slice(&view, 2).area_px(), 1);
        assert_eq!(structure.slice(2).map(|about| about.iou), Some(None));
        structure.edit(&view, 2, Vec::new()).unwrap();
        assert_eq!(structure.slice(2), None);
        assert_eq!(structure.mask().count(), 4);
    }

    #[test]
    fn carried_slices_come_back_as_they_were_kept() {
        let (mut structure, view, left) = begun();
        let right = Mask::new(4, 2, vec![0, 0, 1, 1, 0, 0, 1, 1]).unwrap();
        let carried = about(Origin::Carried);
        structure.put(&view, 0, &right, carried.clone()).unwrap();
        structure.put(&view, 2, &left, carried.clone()).unwrap();
        structure
            .edit(&view, 2, vec![dab(StrokeKind::Paint, 3.5, 0.5)])
            .unwrap();
        let before = structure.sha256();
        structure.keep_carried(&view, 7);
        for slice in [0, 2] {
            structure.take_back(&view, slice).unwrap();
        }
        structure.keep_carried(&view, 8);
        let taken_back = structure.sha256();
        assert_eq!(structure.mask().count(), 4 + 1);
        structure.restore_carried(&view, 7).unwrap();
        assert_eq!(structure.sha256(), before);
        assert_eq!(structure.slice(0), Some(&carried));
        structure.restore_carried(&view, 8).unwrap();
        assert_eq!(structure.sha256(), taken_back);
        structure.restore_carried(&view, 9).unwrap();
        assert_eq!(structure.sha256(), taken_back);

        // A prompt on such a slice stays, and once it is gone the slice is as it was kept.
        structure
            .put(&view, 0, &left, about(Origin::Marked))
            .unwrap();
        structure.restore_carried(&view, 7).unwrap();
        assert_eq!(structure.mask().slice(&view, 0), left);
        structure.unmark(&view, 0).unwrap();
        structure.restore_carried(&view, 7).unwrap();
        assert_eq!(structure.mask().slice(&view, 0), right);
        structure.edit(&view, 2, Vec::new()).unwrap();
        assert_eq!(structure.mask().slice(&view, 2), left);
        assert_eq!(structure.slice(2), Some(&carried));
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

//! Edits of an object in the whole volume: computed first, to be looked at, then applied or dropped.

use boxel_imaging::edit::EditScene;
use boxel_imaging::measure::volume_ml;
use boxel_imaging::{EditStep, Mask, Plane, SlicePlane, VolumeMask};
use serde::Serialize;

use super::object_mask::ObjectMask;
use super::open_scan::OpenScan;
use super::recorded_edit::{RecordedEdit, RecordedMask};
use crate::error::Error;

/// What an edit would change.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VolumeEdit {
    /// The object's number.
    pub object: u32,
    /// The voxels that it has.
    pub voxels_before: u64,
    /// The voxels that it would have.
    pub voxels: u64,
    /// The voxels that come to it.
    pub added: u64,
    /// The voxels that it loses.
    pub removed: u64,
    /// The volume that it would have; `None` if the spacing is unknown.
    pub volume_ml: Option<f64>,
    /// The slices of the object's plane that change, in ascending order.
    pub slices: Vec<u32>,
}

/// An edit that is computed and not applied. It counts as long as its object has the mask that it was computed from.
#[derive(Debug)]
pub(super) struct PendingEdit {
    object: u32,
    plane: Plane,
    before: VolumeMask,
    after: VolumeMask,
    /// Slices of the plane that change.
    slices: Vec<u32>,
    recorded: RecordedEdit,
}

impl PendingEdit {
    fn follows(&self, mask: Option<&ObjectMask>) -> bool {
        match mask {
            Some(mask) => mask.plane() == self.plane && *mask.voxels() == self.before,
            None => self.before.count() == 0,
        }
    }
}

impl OpenScan {
    /// Computes an edit of an object, and keeps the result as the pending edit instead of a former one. An object without
    /// a mask begins empty, in the current plane. `other` is the mask that the edit combines with the object's; `None`
    /// for that of the object which the edit names. `progress` gets the part that is done, 0 to 1, and returns false to
    /// cancel.
    ///
    /// # Errors
    ///
    /// Those of [`EditStep::apply`]; [`Error::SessionFile`] for a mask of another grid. Then no edit is pending.
    pub fn begin_volume_edit(
        &mut self,
        object: u32,
        edit: EditStep,
        other: Option<RecordedMask>,
        progress: &dyn Fn(f64) -> bool,
    ) -> Result<VolumeEdit, Error> {
        let recorded = RecordedEdit { edit, other };
        self.compute_edit(object, self.shown.plane, recorded, progress)
    }

    /// The mask of the pending edit on a slice of a plane; `None` if no edit is pending.
    pub fn pending_edit_mask(&self, plane: Plane, slice: u32) -> Option<Mask> {
        let pending = self.pending_edit.as_ref()?;
        let slice_plane = SlicePlane::new(self.scan.grid(), plane);
        let follows = pending.follows(self.objects.get(&pending.object));
        (follows && slice < slice_plane.slices()).then(|| pending.after.slice(&slice_plane, slice))
    }

    /// Applies the pending edit: each slice that it changes has the edit's mask alone, without prompts and strokes, and is
    /// the user's. Returns what a session records.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] unless an edit is pending; also if its object has changed since.
    pub fn apply_volume_edit(&mut self) -> Result<RecordedEdit, Error> {
        let pending = self.pending_edit.take();
        let pending = pending.filter(|edit| edit.follows(self.objects.get(&edit.object)));
        let pending = pending.ok_or(Error::Order {
            needs: "begin an edit",
        })?;
        let grid = self.scan.grid();
        let (object, slice_plane) = (pending.object, SlicePlane::new(grid, pending.plane));
        let new = || ObjectMask::new(grid, pending.plane);
        let mask = self.objects.entry(object).or_insert_with(new);
        for slice in pending.slices {
            let edited = pending.after.slice(&slice_plane, slice);
            mask.replace(&slice_plane, slice, &edited)?;
            // It started from what was there before.
            self.inference.corrections.remove(&(object, slice));
        }
        Ok(pending.recorded)
    }

    /// Drops the pending edit, if there is one.
    pub fn drop_volume_edit(&mut self) {
        self.pending_edit = None;
    }

    /// Repeats a recorded edit of an object, which begins in a plane if it has no mask.
    pub(super) fn replay_edit(
        &mut self,
        object: u32,
        plane: Plane,
        recorded: &RecordedEdit,
    ) -> Result<(), Error> {
        self.compute_edit(object, plane, recorded.clone(), &|_| true)?;
        self.apply_volume_edit().map(drop)
    }

    fn compute_edit(
        &mut self,
        object: u32,
        plane: Plane,
        mut recorded: RecordedEdit,
        progress: &dyn Fn(f64) -> bool,
    ) -> Result<VolumeEdit, Error> {
        self.pending_edit = None;
        let (grid, mask) = (self.scan.grid(), self.objects.get(&object));
        let slice_plane = SlicePlane::new(grid, mask.map_or(plane, ObjectMask::plane));
        let before = mask.map(|mask| mask.voxels().clone());
        let before = before.unwrap_or_else(|| VolumeMask::empty(grid));
        let edit = &recorded.edit;
        let combined = edit.other().and_then(|number| self.objects.get(&number));
        let other = match (edit.other(), recorded.other.take()) {
            (Some(_), Some(other)) => Some(other),
            (Some(_), None) => combined
                .map(|mask| RecordedMask::of(mask.voxels(), edit))
                .transpose()?,
            (None, _) => None,
        };
        let other_voxels = other.as_ref().map(|other| other.voxels(grid));
        let other_voxels = other_voxels.transpose()?;
        let scene = EditScene {
            scan: &self.scan,
            other: &|_| other_voxels.as_ref(),
            progress,
        };
        let after = edit.apply(&before, &scene)?;
        let (added, removed) = (after.without(&before)?, before.without(&after)?);
        let slices = added.union(&removed)?.slices(&slice_plane);
        let summary = VolumeEdit {
            object,
            voxels_before: before.count(),
            voxels: after.count(),
            added: added.count(),
            removed: removed.count(),
            volume_ml: volume_ml(grid, &after),
            slices: slices.clone(),
        };
        self.pending_edit = Some(PendingEdit {
            object,
            plane: slice_plane.plane(),
            before,
            after,
            slices,
            recorded: RecordedEdit { other, ..recorded },
        });
        Ok(summary)
    }
}

//! Objects from a session file, and how a replay's masks compare with the file's.

use std::collections::BTreeMap;

use boxel_imaging::{Plane, Stroke};
use serde::Serialize;

use super::file::{RecordedObject, RecordedResult};
use super::object_mask::{ObjectMask, StoredMasks};
use super::open_scan::OpenScan;
use crate::error::Error;
use crate::key::mask_sha256;

/// The smallest Dice coefficient at which a replay agrees with its session. Devices add in different orders: measured on
/// an object of 346,182 voxels, a browser and the command line differ by 1 voxel, a Dice of 0.9999986.
pub const MIN_REPLAY_DICE: f64 = 0.999;

/// The largest relative difference of the voxel counts, for sessions without masks. Masks with the Dice above differ in
/// their counts by at most 0.1 % of the sum of both.
const MAX_COUNT_DIFFERENCE: f64 = 0.001;

/// How an object's masks compare with those that a session recorded.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ReplayCheck {
    /// The object's number of voxels.
    pub voxels: u64,
    /// The number of voxels that the session recorded.
    pub recorded_voxels: u64,
    /// Whether all voxels are equal, by their hashes.
    pub identical: bool,
    /// The Dice coefficient of both, 0 to 1; `None` if the session holds no masks and the hashes differ.
    pub dice: Option<f64>,
    /// The number of voxels in only one of the two; `None` as above.
    pub differing: Option<u64>,
    /// Whether they agree as well as two devices can, see [`MIN_REPLAY_DICE`]. Without masks: whether the counts differ
    /// by at most 0.1 %.
    pub agrees: bool,
}

impl OpenScan {
    /// An object's masks for a session file.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`].
    pub fn stored_masks(&self, object: u32) -> Result<StoredMasks, Error> {
        self.object_mask(object)?.stored(self.scan.grid())
    }

    /// Replaces an object's masks. No model is needed. `strokes` are the user's by slice; they are already in the masks.
    /// With `sha256`, the voxels must have it as their [`ObjectMask::sha256`].
    ///
    /// # Errors
    ///
    /// [`Error::SessionFile`] for masks that do not fit the scan's grid or have another hash; a stroke that can't be
    /// drawn. Then nothing changes.
    pub fn restore_object(
        &mut self,
        object: u32,
        plane: Plane,
        masks: &StoredMasks,
        strokes: BTreeMap<u32, Vec<Stroke>>,
        sha256: Option<&str>,
    ) -> Result<(), Error> {
        for stroke in strokes.values().flatten() {
            stroke.clone().checked()?;
        }
        let mask = ObjectMask::restored(self.scan.grid(), plane, masks, strokes)?;
        if let Some(sha256) = sha256 {
            same_hash(&mask.sha256(), sha256)?;
        }
        self.objects.insert(object, mask);
        Ok(())
    }

    /// Restores the masks of an object that were loaded from a file, without what was done to them.
    ///
    /// # Errors
    ///
    /// [`Error::SessionFile`] for an object without masks, or with masks that do not fit the scan's grid.
    pub fn load_again(&mut self, object: &RecordedObject) -> Result<(), Error> {
        let masks = object.masks.as_ref().ok_or_else(|| Error::SessionFile {
            reason: format!(
                "object {} was loaded from a file, but the session has no masks of it",
                object.number
            ),
        })?;
        let loaded = masks.only_loaded();
        self.restore_object(object.number, object.plane, &loaded, BTreeMap::new(), None)
    }

    /// Compares an object with a recorded result.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`]; [`Error::SessionFile`] for masks that do not fit the scan's grid or do not have the
    /// recorded hash.
    pub fn check(
        &self,
        object: u32,
        plane: Plane,
        result: &RecordedResult,
        masks: Option<&StoredMasks>,
    ) -> Result<ReplayCheck, Error> {
        let mask = self.object_mask(object)?;
        let voxels = mask.voxels().count();
        let identical = mask.sha256() == result.sha256;
        let recorded = match masks {
            Some(masks) => {
                let recorded = masks.voxels(self.scan.grid(), plane)?;
                same_hash(&mask_sha256(&recorded), &result.sha256)?;
                Some(recorded)
            }
            None => None,
        };
        let (dice, differing) = match (&recorded, identical) {
            (_, true) => (Some(1.0), Some(0)),
            (Some(recorded), false) => (
                Some(mask.voxels().dice(recorded)?),
                Some(mask.voxels().differing(recorded)?),
            ),
            (None, false) => (None, None),
        };
        let count_differs = voxels.abs_diff(result.voxels) as f64;
        Ok(ReplayCheck {
            voxels,
            recorded_voxels: result.voxels,
            identical,
            dice,
            differing,
            agrees: match dice {
                Some(dice) => dice >= MIN_REPLAY_DICE,
                None => count_differs <= MAX_COUNT_DIFFERENCE * result.voxels as f64,
            },
        })
    }
}

fn same_hash(found: &str, said: &str) -> Result<(), Error> {
    if found == said {
        return Ok(());
    }
    Err(Error::SessionFile {
        reason: format!("its masks have the SHA-256 {found}, but it records {said}"),
    })
}

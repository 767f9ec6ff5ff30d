//! Objects that come back from a session file, and how a replay's masks compare with the file's.

use std::collections::BTreeMap;

use boxel_imaging::{Plane, Stroke};
use serde::Serialize;

use super::structure::{ObjectMasks, Structure};
use super::{NEEDS_IMAGE, Session};
use crate::error::Error;
use crate::key::mask_sha256;
use crate::session_file::RecordedResult;

/// A replay agrees with its session from this Dice on. Devices round sums in another order: measured on an object of
/// 346,182 voxels, a browser and the command line differ by 1 voxel, which is a Dice of 0.9999986.
pub const MIN_REPLAY_DICE: f64 = 0.999;

/// Without masks only the counts can be compared. Masks with the Dice above differ in their counts by at most 0.1 %
/// of the sum of both; so does this, of the count that was recorded.
const MAX_COUNT_DIFFERENCE: f64 = 0.001;

/// How an object's masks compare with those that a session recorded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplayCheck {
    /// How many voxels the object has now.
    pub voxels: u64,
    /// How many it had.
    pub recorded_voxels: u64,
    /// Whether it is the same, voxel for voxel: the hashes are equal.
    pub identical: bool,
    /// Dice coefficient of both, 0 to 1; none where the session holds no masks and the hashes differ.
    pub dice: Option<f64>,
    /// How many voxels are in one of the two alone; none as above.
    pub differing: Option<u64>,
    /// Whether they agree as far as two devices can: see [`MIN_REPLAY_DICE`]. Where only the counts are known,
    /// whether these differ by at most 0.1 %.
    pub agrees: bool,
}

impl Session {
    /// An object's masks for a session file.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without a scan; [`Error::NoSuchObject`].
    pub fn object_masks(&self, object: u32) -> Result<ObjectMasks, Error> {
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        self.structure(object)?.stored(open.scan.grid())
    }

    /// Puts an object's masks in the place of what there is of it. No model is needed. `strokes` are the user's by
    /// slices, which are in the masks already; `sha256` names the voxels, as [`Structure::sha256`] does, where that is to
    /// be checked.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without a scan; [`Error::SessionFile`] for masks that do not fit the scan's grid, or have
    /// another hash; a stroke that can't be drawn. Then nothing is changed.
    pub fn restore_object(
        &mut self,
        object: u32,
        plane: Plane,
        masks: &ObjectMasks,
        strokes: BTreeMap<u32, Vec<Stroke>>,
        sha256: Option<&str>,
    ) -> Result<(), Error> {
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        for stroke in strokes.values().flatten() {
            stroke.clone().checked()?;
        }
        let structure = Structure::restored(open.scan.grid(), plane, masks, strokes)?;
        if let Some(sha256) = sha256 {
            same_hash(&structure.sha256(), sha256)?;
        }
        self.structures.insert(object, structure);
        Ok(())
    }

    /// Compares an object with what a session recorded of it.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without a scan; [`Error::NoSuchObject`]; [`Error::SessionFile`] for masks that do not fit
    /// the scan's grid, or have another hash than the session says.
    pub fn check(
        &self,
        object: u32,
        plane: Plane,
        result: &RecordedResult,
        masks: Option<&ObjectMasks>,
    ) -> Result<ReplayCheck, Error> {
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        let structure = self.structure(object)?;
        let voxels = structure.mask().count();
        let identical = structure.sha256() == result.sha256;
        let recorded = match masks {
            Some(masks) => {
                let recorded = masks.voxels(open.scan.grid(), plane)?;
                same_hash(&mask_sha256(&recorded), &result.sha256)?;
                Some(recorded)
            }
            None => None,
        };
        let (dice, differing) = match (&recorded, identical) {
            (_, true) => (Some(1.0), Some(0)),
            (Some(recorded), false) => (
                Some(structure.mask().dice(recorded)?),
                Some(structure.mask().differing(recorded)?),
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
        reason: format!("its masks have the SHA-256 {found}, and it says that they have {said}"),
    })
}

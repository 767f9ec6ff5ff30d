//! Where a scan lies: what segments must fit to be opened on it.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::scan::{DicomSource, Grid, Plane, Scan, Source};

/// How far a place may be from the scan's, in mm, where nothing else links a file to the scan. Writers round coordinates to
/// a hundredth or finer. Chosen by hand: scans of two patients often have the same rows and columns, and their slices lie
/// within this of each other in one case of thirty, if they are 3 mm apart and begin anywhere.
pub(super) const SAME_PLACE_MM: f64 = 0.05;

/// Where a scan lies: what segments must fit to be opened on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanPlace {
    /// The scan's voxels.
    pub grid: Grid,
    pub(super) space: Space,
    /// The slice that is shown, which a single image of a slice is laid on.
    pub(super) shown: Option<(Plane, u32)>,
    /// Whether segments that do not lie on the voxels are resampled.
    pub(super) resampled: bool,
}

impl ScanPlace {
    /// The place of a scan.
    pub fn of(scan: &Scan) -> ScanPlace {
        ScanPlace {
            grid: scan.grid().clone(),
            space: Space::of(scan),
            shown: None,
            resampled: false,
        }
    }

    /// The place while a slice is shown.
    pub fn showing(self, plane: Plane, slice: u32) -> ScanPlace {
        ScanPlace {
            shown: Some((plane, slice)),
            ..self
        }
    }

    /// The place for segments that need not lie on its voxels: each voxel gets the value of their nearest one, or none
    /// outside of them.
    pub fn with_resampling(self) -> ScanPlace {
        ScanPlace {
            resampled: true,
            ..self
        }
    }

    /// The place as JSON, for [`ScanPlace::from_json`] in another worker.
    pub fn to_json(&self) -> String {
        // Writing numbers and lists does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`ScanPlace::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Transfer`] for any other text.
    pub fn from_json(text: &str) -> Result<ScanPlace, Error> {
        serde_json::from_str(text).map_err(|error| Error::Transfer {
            reason: error.to_string(),
        })
    }
}

/// The space of a file's coordinates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Space {
    /// Frame of Reference UID (0020,0052); empty if the file names none.
    pub frame_of_reference: String,
    /// Whether the file is de-identified: Patient Identity Removed (0012,0062).
    is_identity_removed: bool,
    /// Series Instance UIDs of its images.
    series: Vec<String>,
}

impl Space {
    pub fn of(scan: &Scan) -> Space {
        let text = |tag| match &scan.source {
            Source::Dicom(DicomSource { attributes, .. }) => {
                let found = attributes.iter().find(|value| value.tag == tag);
                let text = found.map_or("".into(), |found| String::from_utf8_lossy(&found.value));
                text.trim_matches(['\0', ' ']).to_owned()
            }
            _ => String::new(),
        };
        let mut series = vec![text((0x0020, 0x000e))];
        if let Source::Dicom(source) = &scan.source {
            series.extend(
                source
                    .frames
                    .iter()
                    .map(|frame| frame.series_instance_uid.clone()),
            );
        }
        series.retain(|uid| !uid.is_empty());
        series.sort();
        series.dedup();
        Space {
            series,
            ..Space::new(text((0x0020, 0x0052)), &text((0x0012, 0x0062)))
        }
    }

    /// From the values of both attributes.
    pub fn new(frame_of_reference: String, identity_removed: &str) -> Space {
        Space {
            frame_of_reference,
            is_identity_removed: identity_removed == "YES",
            series: Vec::new(),
        }
    }

    /// Whether a file names images of other series alone.
    pub fn has_none_of(&self, series: &[String]) -> bool {
        let is_here = |uid: &String| self.series.contains(uid);
        !self.series.is_empty() && !series.is_empty() && !series.iter().any(is_here)
    }

    /// Whether only geometry can link a file to this scan: both name a frame of reference, and they differ, as after a
    /// de-identification, which gives each file UIDs of its own.
    ///
    /// # Errors
    ///
    /// [`Error::OtherFrameOfReference`] if they differ, and neither is de-identified: their coordinates have no common
    /// origin.
    pub fn is_linked_by_geometry(&self, file: &Space) -> Result<bool, Error> {
        let [scan, other] = [&self.frame_of_reference, &file.frame_of_reference];
        if scan.is_empty() || other.is_empty() || scan == other {
            return Ok(false);
        }
        match self.is_identity_removed || file.is_identity_removed {
            true => Ok(true),
            false => Err(Error::OtherFrameOfReference),
        }
    }
}

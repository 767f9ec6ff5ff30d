//! Voxels that two objects share, and which object keeps them in a file with one number for each voxel.

use std::borrow::Cow;

use boxel_imaging::{Error as ImagingError, VolumeMask};

use crate::error::Error;
use crate::rendering::Rendering;
use crate::session::OpenScan;
use serde::{Deserialize, Serialize};

/// Which object keeps a voxel that several objects share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Winner {
    /// The later object, as in painting.
    #[default]
    Later,
    /// The earlier object.
    Earlier,
}

/// Two objects that share voxels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Overlap {
    /// The earlier object's number.
    pub first: u32,
    /// The later object's number.
    pub second: u32,
    /// The number of shared voxels, or of shared pixels on a slice.
    pub voxels: u64,
}

impl OpenScan {
    /// The pairs of objects that share voxels, or pixels of a slice, in the order of `objects`.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`].
    pub fn overlaps(
        &self,
        objects: &[u32],
        slice: Option<Rendering>,
    ) -> Result<Vec<Overlap>, Error> {
        let masks = objects
            .iter()
            .map(|&object| Ok((object, self.object_mask(object)?.voxels())));
        let masks = masks.collect::<Result<Vec<_>, Error>>()?;
        let mut overlaps = Vec::new();
        for (at, &(first, mask)) in masks.iter().enumerate() {
            for &(second, other) in masks.iter().skip(at + 1) {
                let mut voxels = mask.common(other)?;
                if let (Some(rendering), 1..) = (slice, voxels) {
                    let slice_plane = rendering.slice_plane(self.scan());
                    let both = mask.intersection(other)?;
                    voxels = both.slice(&slice_plane, rendering.slice).area_px();
                }
                if voxels > 0 {
                    overlaps.push(Overlap {
                        first,
                        second,
                        voxels,
                    });
                }
            }
        }
        Ok(overlaps)
    }
}

/// Masks without overlaps: each shared voxel belongs only to the winner.
pub(crate) fn resolved<'a>(
    masks: &[&'a VolumeMask],
    winner: Winner,
) -> Result<Vec<Cow<'a, VolumeMask>>, ImagingError> {
    let mut kept: Vec<Cow<'a, VolumeMask>> = Vec::with_capacity(masks.len());
    for (at, mask) in masks.iter().enumerate() {
        let stronger = match winner {
            Winner::Later => masks.get(at + 1..),
            Winner::Earlier => masks.get(..at),
        };
        let mut own = Cow::Borrowed(*mask);
        for other in stronger.unwrap_or_default() {
            if own.meets(other)? {
                own = Cow::Owned(own.without(other)?);
            }
        }
        kept.push(own);
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use boxel_imaging::Grid;

    use super::*;

    #[test]
    fn each_voxel_goes_to_one_mask() {
        let grid = Grid::image(6, 1);
        let of = |values: [u8; 6]| VolumeMask::from_values(&grid, &values).unwrap();
        let masks = [
            of([1, 1, 1, 0, 0, 1]),
            of([0, 1, 1, 1, 0, 1]),
            of([0, 0, 1, 1, 1, 0]),
        ];
        let masks: Vec<&VolumeMask> = masks.iter().collect();
        let values = |winner| {
            let kept = resolved(&masks, winner).unwrap();
            kept.iter()
                .map(|mask| mask.values().map(u8::from).collect())
                .collect::<Vec<Vec<u8>>>()
        };
        assert_eq!(
            values(Winner::Later),
            [[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 1], [0, 0, 1, 1, 1, 0]]
        );
        assert_eq!(
            values(Winner::Earlier),
            [[1, 1, 1, 0, 0, 1], [0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0]]
        );
    }
}

//! Voxels that two objects share, and who keeps them in a file that holds one number for each voxel.

use std::borrow::Cow;

use boxel_imaging::{Error as ImagingError, VolumeMask};

use crate::error::Error;
use crate::session::{Rendering, Session};

/// Who keeps a voxel that several objects have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Winner {
    /// The one that is given later, as painters have it.
    #[default]
    Later,
    /// The one that is given earlier.
    Earlier,
}

/// What two objects share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// The number of the one that is given earlier.
    pub first: u32,
    /// The number of the one that is given later.
    pub second: u32,
    /// Voxels of both; on a slice its pixels.
    pub voxels: u64,
}

impl Session {
    /// The pairs of objects that share voxels, or pixels of a slice, in the order in which they are given.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`]; [`Error::Order`] for a slice without a scan.
    pub fn overlaps(
        &self,
        objects: &[u32],
        slice: Option<Rendering>,
    ) -> Result<Vec<Overlap>, Error> {
        let masks = objects
            .iter()
            .map(|&object| Ok((object, self.structure(object)?.mask())));
        let masks = masks.collect::<Result<Vec<_>, Error>>()?;
        let mut overlaps = Vec::new();
        for (at, &(first, mask)) in masks.iter().enumerate() {
            for &(second, other) in masks.iter().skip(at + 1) {
                let mut voxels = mask.common(other)?;
                if let (Some(rendering), 1..) = (slice, voxels) {
                    let scan = self.scan().ok_or(Error::Order {
                        needs: "open an image",
                    })?;
                    let view = rendering.view(scan);
                    let both = mask.intersection(other)?;
                    voxels = both.slice(&view, rendering.slice).area_px();
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

/// The masks as they are in a file that holds one number for each voxel and lets the later one win.
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

//! An object's layers to what is stored, and back.

use std::collections::BTreeMap;

use boxel_imaging::{Grid, Plane, SlicePlane, Stroke};

use super::super::super::layers::{Found, Layer, Part};
use super::super::{Origin, Structure};
use super::{ObjectMasks, StoredMask, StoredOrigin, StoredSlice, wrong};
use crate::error::Error;

impl Structure {
    /// Its masks for a session file.
    ///
    /// # Errors
    ///
    /// [`Error::Imaging`] for a layer of another size than the view; there is none.
    pub(crate) fn stored(&self, grid: &Grid) -> Result<ObjectMasks, Error> {
        let view = SlicePlane::new(grid, self.plane);
        let slices = self
            .slices
            .iter()
            .map(|(&slice, about)| -> Result<StoredSlice, Error> {
                let part = self.parts.get(&slice);
                let found = part.map(|part| &part.found);
                let has_strokes = part.is_some_and(|part| !part.strokes.is_empty());
                let prompted = found.and_then(|found| found.prompted.as_ref());
                let carried = found.and_then(|found| found.carried.as_ref());
                let is_covered = has_strokes || prompted.is_some();
                let encode = |layer: &Layer| -> Result<StoredMask, Error> {
                    let mask = layer.mask(view.size())?;
                    Ok(StoredMask::encode(&view, slice, &mask, &layer.about))
                };
                let mask = self.mask.slice(&view, slice);
                Ok(StoredSlice {
                    slice,
                    origin: match about.origin {
                        Origin::Marked => StoredOrigin::Marked,
                        Origin::Carried => StoredOrigin::Propagated,
                    },
                    mask: StoredMask::encode(&view, slice, &mask, about),
                    propagated: carried.filter(|_| is_covered).map(encode).transpose()?,
                    prompted: prompted.filter(|_| has_strokes).map(encode).transpose()?,
                    refines_propagated: found.is_some_and(|found| found.refines_carried),
                })
            });
        Ok(ObjectMasks {
            size: grid.size(),
            slices: slices.collect::<Result<_, Error>>()?,
        })
    }

    /// An object from its masks and the user's strokes, by slices. The strokes are in the masks already.
    ///
    /// # Errors
    ///
    /// [`Error::SessionFile`] for masks that do not fit the grid, or strokes where no mask is.
    pub(crate) fn restored(
        grid: &Grid,
        plane: Plane,
        masks: &ObjectMasks,
        mut strokes: BTreeMap<u32, Vec<Stroke>>,
    ) -> Result<Self, Error> {
        let view = masks.view(grid, plane)?;
        let mut structure = Self::new(grid, plane);
        for stored in &masks.slices {
            let strokes = strokes.remove(&stored.slice).unwrap_or_default();
            structure.restore_slice(&view, stored, strokes)?;
        }
        match strokes.into_iter().find(|(_, all)| !all.is_empty()) {
            Some((slice, _)) => Err(wrong(format!(
                "it has strokes on slice {slice}, and no mask there"
            ))),
            None => Ok(structure),
        }
    }

    fn restore_slice(
        &mut self,
        view: &SlicePlane,
        stored: &StoredSlice,
        strokes: Vec<Stroke>,
    ) -> Result<(), Error> {
        let slice = stored.slice;
        let layer = |of: Option<&StoredMask>, origin| -> Result<Option<Layer>, Error> {
            let decode = |mask: &StoredMask| -> Result<Layer, Error> {
                Ok(Layer::new(&mask.decode(view, slice)?, mask.about(origin)))
            };
            of.map(decode).transpose()
        };
        let mut found = Found {
            carried: layer(stored.propagated.as_ref(), Origin::Carried)?,
            prompted: layer(stored.prompted.as_ref(), Origin::Marked)?,
            refines_carried: stored.refines_propagated,
        };
        let mask = stored.mask.decode(view, slice)?;
        let origin = match (stored.origin, strokes.is_empty()) {
            (StoredOrigin::Propagated, true) => Origin::Carried,
            _ => Origin::Marked,
        };
        let about = stored.mask.about(origin);
        // Without strokes the mask is the upper layer.
        if strokes.is_empty() {
            let upper = match origin {
                Origin::Marked => &mut found.prompted,
                Origin::Carried => &mut found.carried,
            };
            *upper = Some(Layer::new(&mask, about.clone()));
        }
        self.mask.set_slice(view, slice, &mask)?;
        self.slices.insert(slice, about);
        self.parts.insert(slice, Part { found, strokes });
        Ok(())
    }
}

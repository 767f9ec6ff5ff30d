//! Converts an object's layers to stored masks, and back.

use std::collections::BTreeMap;

use boxel_imaging::{Grid, Plane, SlicePlane, Stroke};

use super::super::super::layers::{Layer, ModelLayers, SliceLayers};
use super::super::{ObjectMask, Origin};
use super::{StoredMask, StoredMasks, StoredOrigin, StoredSlice, wrong};
use crate::error::Error;

impl ObjectMask {
    /// The masks for a session file.
    ///
    /// # Errors
    ///
    /// [`Error::Imaging`] for a layer of another size than the plane, which never happens.
    pub(crate) fn stored(&self, grid: &Grid) -> Result<StoredMasks, Error> {
        let slice_plane = SlicePlane::new(grid, self.plane);
        let slices = self
            .slices
            .iter()
            .map(|(&slice, about)| -> Result<StoredSlice, Error> {
                let layers = self.layers.get(&slice);
                let model = layers.map(|layers| &layers.model);
                let has_strokes = layers.is_some_and(|layers| !layers.strokes.is_empty());
                let prompted = model.and_then(|model| model.prompted.as_ref());
                let lowest = model.and_then(|model| model.propagated.as_ref());
                let covered = lowest.filter(|_| has_strokes || prompted.is_some());
                let covered = |origin: Origin| covered.filter(|layer| layer.about.origin == origin);
                let replaced = model.and_then(|model| model.replaced.as_ref());
                let encode = |layer: &Layer| -> Result<StoredMask, Error> {
                    let mask = layer.mask(slice_plane.size())?;
                    Ok(StoredMask::encode(&slice_plane, slice, &mask, &layer.about))
                };
                let mask = self.mask.slice(&slice_plane, slice);
                Ok(StoredSlice {
                    slice,
                    origin: match about.origin {
                        Origin::Marked => StoredOrigin::Marked,
                        Origin::Propagated => StoredOrigin::Propagated,
                        Origin::Loaded => StoredOrigin::Loaded,
                        Origin::Edited => StoredOrigin::Edited,
                    },
                    mask: StoredMask::encode(&slice_plane, slice, &mask, about),
                    propagated: covered(Origin::Propagated).map(encode).transpose()?,
                    loaded: covered(Origin::Loaded)
                        .or(replaced)
                        .map(encode)
                        .transpose()?,
                    edited: covered(Origin::Edited)
                        .map(encode)
                        .transpose()?
                        .map(Box::new),
                    prompted: prompted.filter(|_| has_strokes).map(encode).transpose()?,
                    refines_propagated: model.is_some_and(|model| model.refines_propagated),
                })
            });
        Ok(StoredMasks {
            size: grid.size(),
            slices: slices.collect::<Result<_, Error>>()?,
        })
    }

    /// Restores an object from its masks and the user's strokes by slice. The strokes are already in the masks.
    ///
    /// # Errors
    ///
    /// [`Error::SessionFile`] for masks that do not fit the grid, or strokes on a slice without a mask.
    pub(crate) fn restored(
        grid: &Grid,
        plane: Plane,
        masks: &StoredMasks,
        mut strokes: BTreeMap<u32, Vec<Stroke>>,
    ) -> Result<Self, Error> {
        let slice_plane = masks.slice_plane(grid, plane)?;
        let mut object = Self::new(grid, plane);
        for stored in &masks.slices {
            let strokes = strokes.remove(&stored.slice).unwrap_or_default();
            object.restore_slice(&slice_plane, stored, strokes)?;
        }
        match strokes.into_iter().find(|(_, all)| !all.is_empty()) {
            Some((slice, _)) => Err(wrong(format!(
                "it has strokes on slice {slice}, but no mask there"
            ))),
            None => Ok(object),
        }
    }

    fn restore_slice(
        &mut self,
        slice_plane: &SlicePlane,
        stored: &StoredSlice,
        strokes: Vec<Stroke>,
    ) -> Result<(), Error> {
        let slice = stored.slice;
        let layer = |of: Option<&StoredMask>, origin| -> Result<Option<Layer>, Error> {
            let decode = |mask: &StoredMask| -> Result<Layer, Error> {
                Ok(Layer::new(
                    &mask.decode(slice_plane, slice)?,
                    mask.about(origin),
                ))
            };
            of.map(decode).transpose()
        };
        let loaded = layer(stored.loaded.as_ref(), Origin::Loaded)?;
        let propagated = layer(stored.propagated.as_ref(), Origin::Propagated)?;
        let edited = layer(stored.edited.as_deref(), Origin::Edited)?;
        let is_edited = edited.is_some() || stored.origin == StoredOrigin::Edited;
        let (lowest, replaced) = match is_edited {
            true => (edited, loaded),
            false => (loaded.or(propagated), None),
        };
        let mut model = ModelLayers {
            propagated: lowest,
            replaced,
            prompted: layer(stored.prompted.as_ref(), Origin::Marked)?,
            refines_propagated: stored.refines_propagated,
        };
        let mask = stored.mask.decode(slice_plane, slice)?;
        let origin = match (stored.origin, strokes.is_empty()) {
            (StoredOrigin::Propagated, true) => Origin::Propagated,
            (StoredOrigin::Loaded, true) => Origin::Loaded,
            (StoredOrigin::Edited, true) => Origin::Edited,
            _ => Origin::Marked,
        };
        let about = stored.mask.about(origin);
        // Without strokes, the mask is the top layer.
        if strokes.is_empty() {
            let upper = match origin {
                Origin::Marked => &mut model.prompted,
                Origin::Propagated | Origin::Loaded | Origin::Edited => &mut model.propagated,
            };
            *upper = Some(Layer::new(&mask, about.clone()));
        }
        self.set_slice(slice_plane, slice, &mask)?;
        self.slices.insert(slice, about);
        self.layers.insert(slice, SliceLayers { model, strokes });
        Ok(())
    }
}

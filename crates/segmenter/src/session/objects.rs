//! The objects of a scan, and what the user does to their masks.

use boxel_imaging::{SlicePlane, Stroke};

use super::object_mask::ObjectMask;
use super::open_scan::OpenScan;
use crate::error::Error;

impl OpenScan {
    /// An object's mask through all slices.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`] unless the object has a mask.
    pub fn object_mask(&self, object: u32) -> Result<&ObjectMask, Error> {
        let none = Error::NoSuchObject { object };
        self.objects.get(&object).ok_or(none)
    }

    /// All objects that have a mask, by their numbers.
    pub fn object_masks(&self) -> impl Iterator<Item = (u32, &ObjectMask)> {
        self.objects.iter().map(|(object, mask)| (*object, mask))
    }

    /// Drops an object's mask. An unknown object is ignored.
    pub fn remove_object(&mut self, object: u32) {
        self.objects.remove(&object);
        self.inference.forget_object(object);
    }

    /// Replaces the user's strokes on a slice of an object's plane. They are drawn over the model's mask, now and
    /// after later predictions. An empty list removes them.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`], [`Error::NoSuchSlice`], a stroke that can't be drawn.
    pub fn edit(&mut self, object: u32, slice: u32, strokes: Vec<Stroke>) -> Result<(), Error> {
        let strokes = strokes.into_iter().map(Stroke::checked);
        let strokes = strokes.collect::<Result<Vec<_>, _>>()?;
        let (mask, slice_plane) = self.mask_and_slice_plane(object)?;
        if slice >= slice_plane.slices() {
            let count = slice_plane.slices();
            return Err(Error::NoSuchSlice { slice, count });
        }
        Ok(mask.edit(&slice_plane, slice, strokes)?)
    }

    /// Removes a prompt's mask from one slice of an object. Strokes stay, and the propagated mask below shows again.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`].
    pub fn unmark(&mut self, object: u32, slice: u32) -> Result<(), Error> {
        let (mask, slice_plane) = self.mask_and_slice_plane(object)?;
        if slice < slice_plane.slices() {
            mask.unmark(&slice_plane, slice)?;
        }
        Ok(())
    }

    /// Discards the masks that were propagated for an object. Slices with the user's prompts or strokes do not
    /// change, see [`ObjectMask`].
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`].
    pub fn discard_propagation(&mut self, object: u32) -> Result<(), Error> {
        let (mask, slice_plane) = self.mask_and_slice_plane(object)?;
        Ok(mask.discard_propagation(&slice_plane)?)
    }

    /// Stores an object's predicted and propagated masks under the caller's version number, for
    /// [`OpenScan::restore_propagation`].
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`].
    pub fn keep_propagation(&mut self, object: u32, version: u32) -> Result<(), Error> {
        self.mask_and_slice_plane(object)?.0.keep(version);
        Ok(())
    }

    /// Returns an object to the predicted and propagated masks of a stored version. Strokes stay. An unknown version
    /// changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`].
    pub fn restore_propagation(&mut self, object: u32, version: u32) -> Result<(), Error> {
        let (mask, slice_plane) = self.mask_and_slice_plane(object)?;
        Ok(mask.restore(&slice_plane, version)?)
    }

    /// An object's mask, and the mapping of its plane's slices onto the grid.
    fn mask_and_slice_plane(
        &mut self,
        object: u32,
    ) -> Result<(&mut ObjectMask, SlicePlane), Error> {
        let mask = self.objects.get_mut(&object);
        let mask = mask.ok_or(Error::NoSuchObject { object })?;
        let slice_plane = SlicePlane::new(self.scan.grid(), mask.plane());
        Ok((mask, slice_plane))
    }
}

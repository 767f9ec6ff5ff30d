use boxel_imaging::measure::{
    SliceMeasures, VolumeMeasures, measure_slice as slice_measures, measure_volume,
};
use boxel_imaging::{Agreement, Plane, Scan, SlicePlane, labels, mask_of_label};

use super::{NEEDS_IMAGE, Session};
use crate::error::Error;

impl Session {
    /// Takes a label map, opened like a scan, as what is to be found, and returns its labels. It goes
    /// with the scan that is open.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without a scan; a label map that is none, or of another grid. Then the
    /// reference before stays.
    pub fn set_reference(&mut self, reference: Scan) -> Result<Vec<f64>, Error> {
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        let labels = labels(&reference)?;
        if let Some(first) = labels.first() {
            mask_of_label(open.scan.grid(), &reference, *first)?;
        }
        self.reference = Some(reference);
        Ok(labels)
    }

    /// What an object and a label of the reference have in common.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without a reference; [`Error::NoSuchObject`].
    pub fn agreement(&self, object: u32, label: f64) -> Result<Agreement, Error> {
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        let reference = self.reference.as_ref().ok_or(Error::Order {
            needs: "open a reference",
        })?;
        let truth = mask_of_label(open.scan.grid(), reference, label)?;
        let mask = self.structure(object)?.mask();
        Ok(Agreement::of(mask, &truth, open.scan.grid())?)
    }

    /// Measures an object on a slice of a view; `None` where it has nothing there.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without a scan; [`Error::NoSuchObject`], [`Error::NoSuchSlice`].
    pub fn measure_slice(
        &self,
        object: u32,
        plane: Plane,
        slice: u32,
    ) -> Result<Option<SliceMeasures>, Error> {
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        let view = SlicePlane::new(open.scan.grid(), plane);
        let count = view.slices();
        if slice >= count {
            return Err(Error::NoSuchSlice { slice, count });
        }
        let mask = self.structure(object)?.mask().slice(&view, slice);
        let measures = slice_measures(&open.scan, &view, slice, &mask)?;
        Ok((measures.area_px > 0).then_some(measures))
    }

    /// Measures an object through all slices of a view.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without a scan; [`Error::NoSuchObject`].
    pub fn measure_volume(&self, object: u32, plane: Plane) -> Result<VolumeMeasures, Error> {
        let open = self.open.as_ref().ok_or(NEEDS_IMAGE)?;
        let view = SlicePlane::new(open.scan.grid(), plane);
        let mask = self.structure(object)?.mask();
        Ok(measure_volume(&open.scan, &view, mask)?)
    }
}

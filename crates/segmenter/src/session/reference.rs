use boxel_imaging::measure::{
    SliceMeasures, VolumeMeasures, measure_slice as slice_measures, measure_volume,
};
use boxel_imaging::{Agreement, Plane, Scan, SlicePlane, labels, mask_of_label};

use super::open_scan::OpenScan;
use crate::error::Error;

impl OpenScan {
    /// Sets a label map, opened like a scan, as the reference to compare with, and returns its labels.
    ///
    /// # Errors
    ///
    /// A scan that is not a label map, or has another grid. Then the former reference stays.
    pub fn set_reference(&mut self, reference: Scan) -> Result<Vec<f64>, Error> {
        let labels = labels(&reference)?;
        if let Some(first) = labels.first() {
            mask_of_label(self.scan.grid(), &reference, *first)?;
        }
        self.reference = Some(reference);
        Ok(labels)
    }

    /// The name that the reference's file gives a label; empty if it gives none.
    pub fn reference_name(&self, label: f64) -> &str {
        let segments = self
            .reference
            .iter()
            .flat_map(|reference| &reference.segments);
        let mut named = segments.filter(|segment| f64::from(segment.label) == label);
        named.next().map_or("", |segment| segment.name.as_str())
    }

    /// Compares an object with a label of the reference.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without a reference; [`Error::NoSuchObject`].
    pub fn agreement(&self, object: u32, label: f64) -> Result<Agreement, Error> {
        let reference = self.reference.as_ref().ok_or(Error::Order {
            needs: "open a reference",
        })?;
        let truth = mask_of_label(self.scan.grid(), reference, label)?;
        let mask = self.object_mask(object)?.voxels();
        Ok(Agreement::of(mask, &truth, self.scan.grid())?)
    }

    /// Measures an object on a slice of a plane; `None` if its mask is empty there.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`], [`Error::NoSuchSlice`].
    pub fn measure_slice(
        &self,
        object: u32,
        plane: Plane,
        slice: u32,
    ) -> Result<Option<SliceMeasures>, Error> {
        let slice_plane = SlicePlane::new(self.scan.grid(), plane);
        let count = slice_plane.slices();
        if slice >= count {
            return Err(Error::NoSuchSlice { slice, count });
        }
        let mask = self
            .object_mask(object)?
            .voxels()
            .slice(&slice_plane, slice);
        let measures = slice_measures(&self.scan, &slice_plane, slice, &mask)?;
        Ok((measures.area_px > 0).then_some(measures))
    }

    /// Measures an object through all slices of a plane.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`].
    pub fn measure_volume(&self, object: u32, plane: Plane) -> Result<VolumeMeasures, Error> {
        let slice_plane = SlicePlane::new(self.scan.grid(), plane);
        let mask = self.object_mask(object)?.voxels();
        Ok(measure_volume(&self.scan, &slice_plane, mask)?)
    }
}

use std::cell::RefCell;
use std::rc::Rc;

use boxel_imaging::measure::{
    SliceAreas, SliceMeasures, VolumeMeasures, measure_slice as slice_measures, measure_volume,
    slice_areas, slice_dice,
};
use boxel_imaging::{Agreement, Plane, Scan, SlicePlane, VolumeMask, labels, mask_of_label};

use super::open_scan::OpenScan;
use crate::error::Error;

/// A label map to compare with.
#[derive(Debug)]
pub(super) struct Reference {
    scan: Scan,
    /// The label that was asked for last: each slice that is shown asks for it.
    mask: RefCell<Option<(f64, Rc<VolumeMask>)>>,
}

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
        self.reference = Some(Reference {
            scan: reference,
            mask: RefCell::new(None),
        });
        Ok(labels)
    }

    /// The name that the reference's file gives a label; empty if it gives none.
    pub fn reference_name(&self, label: f64) -> &str {
        let segments = self
            .reference
            .iter()
            .flat_map(|reference| &reference.scan.segments);
        let mut named = segments.filter(|segment| f64::from(segment.label) == label);
        named.next().map_or("", |segment| segment.name.as_str())
    }

    /// Compares an object with a label of the reference.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without a reference; [`Error::NoSuchObject`].
    pub fn agreement(&self, object: u32, label: f64) -> Result<Agreement, Error> {
        let truth = self.mask_of_reference(label)?;
        let mask = self.object_mask(object)?.voxels();
        Ok(Agreement::of(mask, &truth, self.scan.grid())?)
    }

    /// The Dice coefficient of an object and a label of the reference on each slice of a plane; `None` where both are
    /// empty.
    ///
    /// # Errors
    ///
    /// As [`OpenScan::agreement`].
    pub fn slice_dice(
        &self,
        object: u32,
        label: f64,
        plane: Plane,
    ) -> Result<Vec<Option<f64>>, Error> {
        let truth = self.mask_of_reference(label)?;
        let slice_plane = SlicePlane::new(self.scan.grid(), plane);
        let mask = self.object_mask(object)?.voxels();
        Ok(slice_dice(&slice_plane, mask, &truth)?)
    }

    /// A label of the reference on a slice, and an object's mask with it, row by row: 1 in the reference alone, 2 in the
    /// mask alone, 3 in both, otherwise 0. Without an object, the reference alone.
    ///
    /// # Errors
    ///
    /// As [`OpenScan::agreement`]; [`Error::NoSuchSlice`].
    pub fn reference_slice(
        &self,
        label: f64,
        plane: Plane,
        slice: u32,
        object: Option<u32>,
    ) -> Result<Vec<u8>, Error> {
        let slice_plane = self.slice_plane(plane, slice)?;
        let truth = self.mask_of_reference(label)?.slice(&slice_plane, slice);
        let mut values = truth.values().to_vec();
        if let Some(object) = object {
            let mask = self.object_mask(object)?.voxels();
            let mask = mask.slice(&slice_plane, slice);
            for (value, inside) in values.iter_mut().zip(mask.values()) {
                *value |= inside << 1;
            }
        }
        Ok(values)
    }

    fn mask_of_reference(&self, label: f64) -> Result<Rc<VolumeMask>, Error> {
        let reference = self.reference.as_ref().ok_or(Error::Order {
            needs: "open a reference",
        })?;
        let mut last = reference.mask.borrow_mut();
        match last.as_ref() {
            Some((of, mask)) if *of == label => Ok(Rc::clone(mask)),
            _ => {
                let mask = Rc::new(mask_of_label(self.scan.grid(), &reference.scan, label)?);
                *last = Some((label, Rc::clone(&mask)));
                Ok(mask)
            }
        }
    }

    /// A plane, after checking that it has the slice.
    fn slice_plane(&self, plane: Plane, slice: u32) -> Result<SlicePlane, Error> {
        let slice_plane = SlicePlane::new(self.scan.grid(), plane);
        let count = slice_plane.slices();
        match slice < count {
            true => Ok(slice_plane),
            false => Err(Error::NoSuchSlice { slice, count }),
        }
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
        let slice_plane = self.slice_plane(plane, slice)?;
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

    /// The area of an object on each slice of a plane.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchObject`].
    pub fn slice_areas(&self, object: u32, plane: Plane) -> Result<SliceAreas, Error> {
        let grid = self.scan.grid();
        let mask = self.object_mask(object)?.voxels();
        Ok(slice_areas(grid, &SlicePlane::new(grid, plane), mask))
    }
}

#[cfg(test)]
mod tests {
    use boxel_imaging::{
        About, Format, Grid, PixelSpacing, Rescale, Source, SpacingSource, Voxels,
    };

    use super::super::object_mask::{ObjectMask, StoredMasks};
    use super::*;

    /// A scan of two slices of 4 × 2 pixels of 2 mm², with an object, and a label map on it.
    fn compared() -> OpenScan {
        let grid = Grid {
            slices: 2,
            pixel_spacing: Some(PixelSpacing {
                x_mm: 1.0,
                y_mm: 2.0,
                source: SpacingSource::PixelSpacing,
            }),
            ..Grid::image(4, 2)
        };
        let scan = |values: &[u16]| {
            let about = About::new(Format::Dicom, 16);
            let voxels = Voxels::U16(values.to_vec());
            let rescale = vec![Rescale::IDENTITY];
            Scan::new(grid.clone(), voxels, rescale, about, Source::Raster).unwrap()
        };
        let mask = [0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let labels = [0, 0, 7, 7, 0, 0, 7, 7, 3, 0, 0, 0, 0, 0, 0, 7];
        let mask = VolumeMask::from_values(&grid, &mask).unwrap();
        let stored = StoredMasks::of_segment(&grid, Plane::Stored, &mask);
        let object = ObjectMask::restored(&grid, Plane::Stored, &stored, [].into()).unwrap();
        let mut open = OpenScan::new(Rc::new(scan(&[0; 16])), "", 0);
        open.objects.insert(5, object);
        assert_eq!(open.set_reference(scan(&labels)).unwrap(), [3.0, 7.0]);
        open
    }

    #[test]
    fn a_slice_of_the_reference_shows_misses_and_extras() {
        let open = compared();
        let slice = |label, slice, object| {
            let values = open.reference_slice(label, Plane::Stored, slice, object);
            values.unwrap()
        };
        assert_eq!(slice(7.0, 0, None), [0, 0, 1, 1, 0, 0, 1, 1]);
        assert_eq!(slice(7.0, 0, Some(5)), [0, 2, 3, 1, 0, 2, 3, 1]);
        assert_eq!(slice(3.0, 0, Some(5)), [0, 2, 2, 0, 0, 2, 2, 0]);
        assert_eq!(slice(3.0, 1, Some(5)), [1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(slice(7.0, 1, Some(5)), [0, 0, 0, 0, 0, 0, 0, 1]);
        let refused = |slice, object| {
            let found = open.reference_slice(7.0, Plane::Stored, slice, object);
            found.unwrap_err().to_string()
        };
        assert!(refused(2, None).contains('2'), "{}", refused(2, None));
        assert!(refused(0, Some(6)).contains('6'), "{}", refused(0, Some(6)));
    }

    #[test]
    fn the_curves_agree_with_the_measures() {
        let open = compared();
        let areas = open.slice_areas(5, Plane::Stored).unwrap();
        assert_eq!(
            (areas.areas.as_slice(), areas.in_mm2),
            (&[8.0, 0.0][..], true)
        );
        let measured = open.measure_slice(5, Plane::Stored, 0).unwrap().unwrap();
        assert_eq!(measured.area_mm2, Some(8.0));
        let dice = |label| open.slice_dice(5, label, Plane::Stored).unwrap();
        assert_eq!(dice(7.0), [Some(0.5), Some(0.0)]);
        assert_eq!(dice(3.0), [Some(0.0), Some(0.0)]);
        assert_eq!(dice(1.0), [Some(0.0), None]);
        // 2 common voxels of 4 and 5.
        assert_eq!(open.agreement(5, 7.0).unwrap().dice, 4.0 / 9.0);
    }
}

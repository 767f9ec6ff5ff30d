//! Measures masks: areas, diameters, volumes, statistics of values, and the agreement of two surfaces.
//!
//! Lengths and areas are in pixels of the slice, and in mm if the file gives the pixel size; [`SliceMeasures::spacing`]
//! tells the source of that size, and so how reliable it is. Values are those of [`Scan::value`]: after the modality
//! transform, in [`About::unit`](crate::About::unit).

mod agreement;
mod axes;
mod component;
mod outline;
mod plane;
mod slices;
mod statistics;
mod surface;
mod volume;

pub use agreement::Agreement;
pub use axes::Axis;
pub use slices::{SliceAreas, slice_areas, slice_dice};
pub use statistics::Statistics;
pub use surface::{normalised_surface_dice, normalised_surface_dice_2d};
pub use volume::{VolumeMeasures, measure_volume, volume_ml};

use crate::error::Error;
use crate::mask::{Mask, same_size};
use crate::scan::{Scan, SlicePlane, SpacingSource};
use crate::space::ImagePoint;
use plane::PlaneInMm;

/// The measures of a mask on one slice.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SliceMeasures {
    /// Number of pixels inside.
    pub area_px: u64,
    /// Area in mm².
    pub area_mm2: Option<f64>,
    /// The longest diameter of the largest connected part; `None` for an empty mask.
    pub long_axis: Option<Axis>,
    /// The longest line perpendicular to the long axis inside that part.
    pub short_axis: Option<Axis>,
    /// Statistics of the values inside; `None` in colour or for an empty mask.
    pub values: Option<Statistics>,
    /// Source of the pixel size; `None` without millimetres, because the file doesn't give the size, or not for all
    /// pixels of the mask ([`Grid::regions`](crate::Grid::regions)).
    #[serde(skip)]
    pub spacing: Option<SpacingSource>,
}

/// Measures a mask on a slice of a plane. The slice must be in range.
///
/// # Errors
///
/// [`Error::SizesDiffer`] unless the mask has the size of the slice.
pub fn measure_slice(
    scan: &Scan,
    slice_plane: &SlicePlane,
    slice: u32,
    mask: &Mask,
) -> Result<SliceMeasures, Error> {
    same_size(slice_plane.size(), mask.size())?;
    let grid = scan.grid();
    let plane = PlaneInMm::of_mask(slice_plane, grid, slice, mask);
    let in_patient = |axis: Axis| {
        let patient = |end: ImagePoint| {
            slice_plane.patient_from_image(grid, slice, [end.x, end.y].map(f64::from))
        };
        let [from, to] = axis.ends.map(patient);
        let patient_mm = from.zip(to).map(|(from, to)| [from, to]);
        Axis { patient_mm, ..axis }
    };
    let axes = axes::axes(mask, &plane).map(|axes| axes.map(in_patient));
    let area_px = mask.area_px();
    let inside = slice_plane.voxels(slice).zip(mask.values());
    let inside = inside.filter(|(_, inside)| **inside != 0);
    Ok(SliceMeasures {
        area_px,
        area_mm2: plane.pixel_mm2().map(|pixel| area_px as f64 * pixel),
        long_axis: axes.map(|[long, _]| long),
        short_axis: axes.map(|[_, short]| short),
        values: Statistics::of(inside.filter_map(|(voxel, _)| scan.value(voxel))),
        spacing: plane.source(),
    })
}

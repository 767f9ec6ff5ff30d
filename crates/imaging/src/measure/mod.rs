//! Masks → numbers: areas, diameters and volumes, the values inside, and how far two surfaces agree.
//!
//! Lengths and areas are in pixels of the view and, where the file says how large a pixel is, in mm;
//! [`SliceMeasures::spacing`] says who says so, which decides what the millimetres are worth. Values
//! are those of [`Scan::value`]: after the modality transform, in [`About::unit`](crate::About::unit).

mod agreement;
mod axes;
mod component;
mod outline;
mod plane;
mod statistics;
mod surface;
mod volume;

pub use agreement::Agreement;
pub use axes::Axis;
pub use statistics::Statistics;
pub use surface::{normalised_surface_dice, normalised_surface_dice_2d};
pub use volume::{VolumeMeasures, measure_volume, volume_ml};

use crate::error::Error;
use crate::mask::{Mask, same_size};
use crate::scan::{Scan, SlicePlane, SpacingSource};
use crate::space::ImagePoint;
use plane::PlaneInMm;

/// What is measured of a mask on one slice of a view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SliceMeasures {
    /// Pixels inside.
    pub area_px: u64,
    /// Their area in mm².
    pub area_mm2: Option<f64>,
    /// The longest diameter of the largest connected part; `None` of an empty mask.
    pub long_axis: Option<Axis>,
    /// The longest line at right angles to the long axis that lies in that part.
    pub short_axis: Option<Axis>,
    /// The values inside; `None` in colour and of an empty mask.
    pub values: Option<Statistics>,
    /// Where the millimetres come from; `None` where there are none: where the file doesn't say how large a
    /// pixel is, or not for all of the mask ([`Grid::regions`](crate::Grid::regions)).
    pub spacing: Option<SpacingSource>,
}

/// Measures a mask on a slice of a view, which it must be within.
///
/// # Errors
///
/// [`Error::SizesDiffer`] unless the mask has the size of the view.
pub fn measure_slice(
    scan: &Scan,
    view: &SlicePlane,
    slice: u32,
    mask: &Mask,
) -> Result<SliceMeasures, Error> {
    same_size(view.size(), mask.size())?;
    let grid = scan.grid();
    let plane = PlaneInMm::of_mask(view, grid, slice, mask);
    let in_patient = |axis: Axis| {
        let patient =
            |end: ImagePoint| view.patient_from_image(grid, slice, [end.x, end.y].map(f64::from));
        let [from, to] = axis.ends.map(patient);
        let patient_mm = from.zip(to).map(|(from, to)| [from, to]);
        Axis { patient_mm, ..axis }
    };
    let axes = axes::axes(mask, &plane).map(|axes| axes.map(in_patient));
    let area_px = mask.area_px();
    let inside = view.voxels(slice).zip(mask.values());
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

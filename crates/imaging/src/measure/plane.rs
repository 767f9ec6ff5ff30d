//! Transforms between image space and the plane of the slice in mm.

use crate::mask::{Bounds, Mask};
use crate::scan::{Grid, Region, SlicePlane, SpacingSource, dot, length};

/// The plane of a slice, with coordinates in mm if known and otherwise in pixel widths: a step along a row is
/// `(across, 0)`, and a step down the rows `(sheared, down)`.
///
/// `sheared` is 0 unless the grid's axes are oblique to each other, as in the coronal plane of a CT with a tilted
/// gantry.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlaneInMm {
    across: f64,
    sheared: f64,
    down: f64,
    source: Option<SpacingSource>,
}

impl PlaneInMm {
    /// The plane for a mask on a slice; in mm if the size of all the mask's pixels is known.
    pub(super) fn of_mask(
        slice_plane: &SlicePlane,
        grid: &Grid,
        slice: u32,
        mask: &Mask,
    ) -> PlaneInMm {
        // Regions exist only in the stored slices' own plane.
        let regions: Vec<Region> = match slice_plane.slice_axis() {
            2 => {
                let regions = grid.regions_of(slice_plane.voxel_from_slice_plane([0, 0, slice])[2]);
                regions
                    .iter()
                    .map(|region| slice_plane.region(region))
                    .collect()
            }
            _ => Vec::new(),
        };
        let known = match regions.is_empty() {
            false => PlaneInMm::in_region(slice_plane, grid, &regions, mask),
            true => PlaneInMm::in_mm(slice_plane, grid),
        };
        let is_sound = |plane: &PlaneInMm| [plane.across, plane.down].into_iter().all(is_length);
        known.filter(is_sound).unwrap_or(PlaneInMm {
            across: 1.0,
            sheared: 0.0,
            down: slice_plane.pixel_aspect(grid),
            source: None,
        })
    }

    /// The pixel size of the smallest region that contains the whole mask, or the slice's spacing if that doesn't
    /// come from a region. `None` if the mask reaches into a region with another scale or without one, unless that
    /// region surrounds the first.
    fn in_region(
        slice_plane: &SlicePlane,
        grid: &Grid,
        regions: &[Region],
        mask: &Mask,
    ) -> Option<PlaneInMm> {
        let Bounds { x0, y0, x1, y1 } = mask.bounds()?;
        let around = regions
            .iter()
            .filter(|region| region.spacing_mm.is_some() && region.contains([x0, x1], [y0, y1]));
        let smallest = around.min_by_key(|region| region.pixels());
        let of_slice = PlaneInMm::in_mm(slice_plane, grid);
        let of_slice =
            of_slice.filter(|plane| plane.source != Some(SpacingSource::UltrasoundRegion));
        let (mm, source) = match (smallest, of_slice) {
            (Some(region), _) => (region.spacing_mm?, Some(SpacingSource::UltrasoundRegion)),
            (None, Some(plane)) => ([plane.across, plane.down], plane.source),
            (None, None) => return None,
        };
        let is_other = |region: &&Region| {
            let lies_around = smallest.is_some_and(|s| region.contains(s.columns, s.rows));
            region.spacing_mm != Some(mm) && !lies_around && holds_any_of(region, mask)
        };
        let [across, down] = mm;
        regions
            .iter()
            .find(is_other)
            .is_none()
            .then_some(PlaneInMm {
                across,
                sheared: 0.0,
                down,
                source,
            })
    }

    fn in_mm(slice_plane: &SlicePlane, grid: &Grid) -> Option<PlaneInMm> {
        // Rows of such a slice are unevenly spaced, so its pixels have no size in mm.
        if !grid.is_even() && slice_plane.slice_axis() != 2 {
            return None;
        }
        let [x, y, _] = slice_plane.spacing_mm(grid);
        let upright = PlaneInMm {
            across: x?,
            sheared: 0.0,
            down: y?,
            source: Some(grid.pixel_spacing?.source),
        };
        let Some(affine) = grid.patient_from_voxel else {
            return Some(upright);
        };
        let [row, column, _] = slice_plane.axes().map(|(axis, backwards)| {
            let sign = if backwards { -1.0 } else { 1.0 };
            affine.column(axis).map(|value| sign * value)
        });
        let across = length(row);
        let sheared = dot(row, column) / across;
        Some(PlaneInMm {
            across,
            sheared,
            down: (dot(column, column) - sheared * sheared).sqrt(),
            ..upright
        })
    }

    /// Source of the pixel size; `None` if coordinates are not in mm.
    pub(super) fn source(&self) -> Option<SpacingSource> {
        self.source
    }

    /// Width of a pixel, in units of the plane.
    pub(super) fn pixel_width(&self) -> f64 {
        self.across
    }

    /// Area of a pixel in mm², if known.
    pub(super) fn pixel_mm2(&self) -> Option<f64> {
        self.source.map(|_| self.across * self.down)
    }

    pub(super) fn plane_from_image(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.across * x + self.sheared * y, self.down * y]
    }

    pub(super) fn image_from_plane(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let down = y / self.down;
        [(x - self.sheared * down) / self.across, down]
    }
}

fn is_length(x: f64) -> bool {
    x.is_finite() && x > 0.0
}

/// Whether a region contains any pixel of a mask.
fn holds_any_of(region: &Region, mask: &Mask) -> bool {
    let [left, right] = region.columns.map(|x| x.min(mask.width()) as usize);
    let rows = mask.values().chunks_exact(mask.width() as usize);
    let [top, bottom] = region.rows.map(|y| y as usize);
    let mut rows = rows.take(bottom).skip(top);
    rows.any(|row| {
        row.get(left..right)
            .is_some_and(|row| row.iter().any(|v| *v != 0))
    })
}

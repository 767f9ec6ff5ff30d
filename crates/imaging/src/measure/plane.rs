//! Image space → the plane of the slice in mm.

use crate::scan::{Grid, SpacingSource, View, dot, length};

/// The plane of a view's slices, with coordinates in mm where they are known and else in pixels: a step
/// along a row leads to `(across, 0)`, one down the rows to `(sheared, down)`.
///
/// `sheared` is 0 but in a grid whose axes are not at right angles, such as that of a CT whose gantry
/// was tilted, seen from the front.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    across: f64,
    sheared: f64,
    down: f64,
    source: Option<SpacingSource>,
}

impl Plane {
    const PIXELS: Plane = Plane {
        across: 1.0,
        sheared: 0.0,
        down: 1.0,
        source: None,
    };

    pub(super) fn of_view(view: &View, grid: &Grid) -> Plane {
        Plane::in_mm(view, grid)
            .filter(|plane| [plane.across, plane.down].into_iter().all(is_length))
            .unwrap_or(Plane::PIXELS)
    }

    fn in_mm(view: &View, grid: &Grid) -> Option<Plane> {
        let [x, y, _] = view.spacing_mm(grid);
        let upright = Plane {
            across: x?,
            sheared: 0.0,
            down: y?,
            source: Some(grid.pixel_spacing?.source),
        };
        let Some(affine) = grid.patient_from_voxel else {
            return Some(upright);
        };
        let [row, column, _] = view.axes().map(|(axis, backwards)| {
            let sign = if backwards { -1.0 } else { 1.0 };
            affine.column(axis).map(|value| sign * value)
        });
        let across = length(row);
        let sheared = dot(row, column) / across;
        Some(Plane {
            across,
            sheared,
            down: (dot(column, column) - sheared * sheared).sqrt(),
            ..upright
        })
    }

    /// Whether its coordinates are mm, and by whose word.
    pub(super) fn source(&self) -> Option<SpacingSource> {
        self.source
    }

    /// Width of a pixel.
    pub(super) fn pixel_width(&self) -> f64 {
        self.across
    }

    /// Area of a pixel.
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

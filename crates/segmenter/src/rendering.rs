use boxel_imaging::{Plane, RgbImage8, Scan, SlicePlane, Window};
use serde::{Deserialize, Serialize};

/// An image of a scan as shown: the plane, the slice in it and the window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Rendering {
    /// The plane that the slice lies in.
    pub plane: Plane,
    /// The slice, counted from 0.
    pub slice: u32,
    /// How values become grey levels.
    pub window: Window,
}

impl Rendering {
    /// The middle slice of the scan's first plane in the scan's default window.
    pub(crate) fn first(scan: &Scan) -> Rendering {
        let slice_plane = SlicePlane::first(scan.grid());
        Rendering {
            plane: slice_plane.plane(),
            slice: slice_plane.slices() / 2,
            window: scan.default_window(),
        }
    }

    /// Maps the plane's slices onto the scan's grid.
    pub fn slice_plane(&self, scan: &Scan) -> SlicePlane {
        SlicePlane::new(scan.grid(), self.plane)
    }

    pub(crate) fn image(&self, scan: &Scan) -> RgbImage8 {
        scan.render(&self.slice_plane(scan), self.slice, self.window)
    }
}

use boxel_imaging::{Plane, RgbImage8, Scan, SlicePlane, Window};
use serde::{Deserialize, Serialize};

/// Which image of a scan it is: a slice of a view, in a window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rendering {
    /// The plane of the view.
    pub plane: Plane,
    /// The slice, counted from 0.
    pub slice: u32,
    /// How values became grey levels.
    pub window: Window,
}

impl Rendering {
    /// The slice to begin with: the middle of the first view, in the scan's own window.
    pub(super) fn first(scan: &Scan) -> Rendering {
        let view = SlicePlane::first(scan.grid());
        Rendering {
            plane: view.plane(),
            slice: view.slices() / 2,
            window: scan.default_window(),
        }
    }

    /// The view that it is a slice of.
    pub fn view(&self, scan: &Scan) -> SlicePlane {
        SlicePlane::new(scan.grid(), self.plane)
    }

    pub(super) fn image(&self, scan: &Scan) -> RgbImage8 {
        scan.render(&self.view(scan), self.slice, self.window)
    }
}

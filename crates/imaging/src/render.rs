//! A slice of a scan through a window → the 8-bit image that is shown and given to the model.

use crate::scan::{RgbImage8, Scan, SlicePlane, Voxels};
use crate::window::{PRESETS, Window, between_percentiles, linear, sigmoid};

impl Scan {
    /// The window to begin with: the file's own; for CT without one ([`Scan::is_ct`]) that for soft tissue; samples of
    /// 8 bits as they are, unless slices have rescales of their own; anything else between percentiles.
    pub fn default_window(&self) -> Window {
        if let Some(first) = self.about.windows.first() {
            return first.window;
        }
        if self.is_ct() {
            return PRESETS[0].window();
        }
        match self.voxels() {
            Voxels::U8(_) if self.rescales().len() > 1 => Window::Percentiles,
            Voxels::U8(_) | Voxels::Rgb8(_) => Window::Stored,
            _ => Window::Percentiles,
        }
    }

    /// The level and width that a window comes to on this scan, in units of its values; `None` where it
    /// has none.
    pub fn level_and_width(&self, window: Window) -> Option<(f64, f64)> {
        match self.possible(window) {
            Window::Linear { level, width } | Window::Sigmoid { level, width } => {
                Some((level, width))
            }
            Window::Percentiles => {
                let [lower, upper] = self.percentile_range();
                Some(((lower + upper) / 2.0, upper - lower))
            }
            Window::Stored if !self.is_colour() => {
                let [black, white] = [0.0, 255.0].map(|x| self.rescale(0).value(x));
                Some(((black + white) / 2.0, (white - black).abs()))
            }
            Window::Stored | Window::Lut { .. } => None,
        }
    }

    /// The window, or [`Window::Percentiles`] in the place of one that the scan can't have.
    fn possible(&self, window: Window) -> Window {
        let can_have = match window {
            Window::Stored => self.is_colour() || matches!(self.voxels(), Voxels::U8(_)),
            Window::Lut { index } => index < self.about.luts.len(),
            _ => true,
        };
        if can_have {
            window
        } else {
            Window::Percentiles
        }
    }

    /// A slice of a view in 8 bits, `[H, W, 3]`; grey is repeated to red, green and blue.
    ///
    /// A window that a scan can't have (a table that it lacks; `Stored` of more than 8 bits) is
    /// [`Window::Percentiles`].
    pub fn render(&self, view: &SlicePlane, slice: u32, window: Window) -> RgbImage8 {
        let pixels = match self.voxels() {
            Voxels::Rgb8(values) => self.colours(view, slice, |at| values[at]),
            // The reference has only grey scans of 16 bits; one window for the three channels keeps
            // their hue.
            Voxels::Rgb16(values) => {
                let table = between_percentiles(self.percentile_range());
                self.colours(view, slice, |at| table(f64::from(values[at])))
            }
            _ => self.greys(view, slice, window),
        };
        RgbImage8::from_parts(view.size(), pixels)
    }

    /// The first slice of the first view, in the window to begin with: of a single image the image.
    pub fn first_image(&self) -> RgbImage8 {
        let view = SlicePlane::first(self.grid());
        self.render(&view, 0, self.default_window())
    }

    fn colours(&self, view: &SlicePlane, slice: u32, level: impl Fn(usize) -> u8) -> Vec<u8> {
        let indices = view
            .voxels(slice)
            .filter_map(|voxel| self.grid().index(voxel));
        indices
            .flat_map(|index| [3 * index, 3 * index + 1, 3 * index + 2])
            .map(level)
            .collect()
    }

    fn greys(&self, view: &SlicePlane, slice: u32, window: Window) -> Vec<u8> {
        let inverted = |slice: u32| match self.about.is_inverted(slice) {
            true => 255,
            false => 0,
        };
        let window = self.possible(window);
        if let (Window::Stored, Voxels::U8(values)) = (window, self.voxels()) {
            let grey = |voxel: [u32; 3]| {
                let index = self.grid().index(voxel)?;
                Some(values[index] ^ inverted(voxel[2]))
            };
            let greys = view.voxels(slice).filter_map(grey);
            return greys.flat_map(|grey| [grey; 3]).collect();
        }
        let level = self.level_of(window);
        let level: &dyn Fn(f64) -> u8 = &*level;
        let grey = |voxel: [u32; 3]| self.value(voxel).map_or(0, level) ^ inverted(voxel[2]);
        view.voxels(slice)
            .flat_map(|voxel| [grey(voxel); 3])
            .collect()
    }

    /// The grey level of a value, in a window that the scan can have.
    fn level_of(&self, window: Window) -> Box<dyn Fn(f64) -> u8 + '_> {
        match window {
            Window::Linear { level, width } => Box::new(linear(level, width)),
            Window::Sigmoid { level, width } => Box::new(sigmoid(level, width)),
            Window::Lut { index } if index < self.about.luts.len() => {
                let lut = &self.about.luts[index];
                Box::new(|x| lut.level(x))
            }
            Window::Stored | Window::Lut { .. } | Window::Percentiles => {
                Box::new(between_percentiles(self.percentile_range()))
            }
        }
    }
}

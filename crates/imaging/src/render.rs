//! Renders a slice of a scan through a window: the 8-bit image that is shown and given to the model.

use crate::scan::{RgbImage8, Scan, SlicePlane, Voxels};
use crate::space::Size;
use crate::window::{PRESETS, Window, between_percentiles, linear, linear_of_pixels, sigmoid};

impl Scan {
    /// The default window: the file's first; soft tissue for CT ([`Scan::is_ct`]) without one; as stored for 8-bit
    /// samples, unless slices have different rescales; percentiles for anything else.
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

    /// Level and width of a window on this scan, in units of its values; `None` if it has none.
    pub fn level_and_width(&self, window: Window) -> Option<(f64, f64)> {
        match self.possible(window) {
            Window::Linear { level, width }
            | Window::DicomLinear { level, width }
            | Window::Sigmoid { level, width } => Some((level, width)),
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

    /// The window, or [`Window::Percentiles`] instead of one that doesn't fit the scan.
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

    /// Renders a slice of a plane to 8 bits, `[H, W, 3]`; grey is repeated to red, green and blue.
    ///
    /// Falls back to [`Window::Percentiles`] for a window that doesn't fit the scan: a table that it lacks, or
    /// `Stored` for more than 8 bits.
    pub fn render(&self, plane: &SlicePlane, slice: u32, window: Window) -> RgbImage8 {
        let pixels = match self.voxels() {
            Voxels::Rgb8(values) => self.colours(plane, slice, |at| values[at]),
            // The reference has no 16-bit colours; one window for the three channels keeps their hue.
            Voxels::Rgb16(values) => {
                let table = between_percentiles(self.percentile_range());
                self.colours(plane, slice, |at| table(f64::from(values[at])))
            }
            _ => self.greys(plane, slice, window),
        };
        RgbImage8::from_parts(plane.size(), pixels)
    }

    /// The first slice of the default plane in the default window: the image itself if there is only one.
    pub fn first_image(&self) -> RgbImage8 {
        let plane = SlicePlane::first(self.grid());
        self.render(&plane, 0, self.default_window())
    }

    fn colours(&self, plane: &SlicePlane, slice: u32, level: impl Fn(usize) -> u8) -> Vec<u8> {
        let indices = plane
            .voxels(slice)
            .filter_map(|voxel| self.grid().index(voxel));
        indices
            .flat_map(|index| [3 * index, 3 * index + 1, 3 * index + 2])
            .map(level)
            .collect()
    }

    fn greys(&self, plane: &SlicePlane, slice: u32, window: Window) -> Vec<u8> {
        let window = self.possible(window);
        if let (Window::Stored, Voxels::U8(values)) = (window, self.voxels()) {
            return self.repeated(plane, slice, |index, _| values[index]);
        }
        let level = self.level_of(window);
        let level: &dyn Fn(f64) -> u8 = &*level;
        let rescale = match (self.rescales(), plane.slice_axis()) {
            ([only], _) => Some(*only),
            (_, 2) => Some(self.rescale(plane.voxel_from_slice_plane([0, 0, slice])[2])),
            // The plane cuts through slices with different rescales.
            _ => None,
        };
        let Some(rescale) = rescale else {
            return self.evaluated(plane, slice, level);
        };
        let shade = |stored: f64| level(rescale.value(stored));
        match self.voxels() {
            Voxels::U8(values) => self.tabled(plane, slice, values, usize::from, shade),
            Voxels::U16(values) => self.tabled(plane, slice, values, usize::from, shade),
            Voxels::I8(values) => self.tabled(plane, slice, values, |x| x as u8 as usize, shade),
            Voxels::I16(values) => self.tabled(plane, slice, values, |x| x as u16 as usize, shade),
            _ => self.evaluated(plane, slice, level),
        }
    }

    /// The grey levels of a slice by lookup table. The table is filled on demand, because a slice has far fewer
    /// distinct samples than pixels, and often fewer than the table has entries.
    fn tabled<T: Copy + Into<f64>>(
        &self,
        plane: &SlicePlane,
        slice: u32,
        values: &[T],
        place: impl Fn(T) -> usize,
        shade: impl Fn(f64) -> u8,
    ) -> Vec<u8> {
        // Each entry is a level plus one, or 0 if not computed yet.
        let mut table = vec![0u16; 1 << (8 * size_of::<T>())];
        self.repeated(plane, slice, |index, _| {
            let stored = values[index];
            let known = &mut table[place(stored)];
            if *known == 0 {
                *known = u16::from(shade(stored.into())) + 1;
            }
            (*known - 1) as u8
        })
    }

    /// The grey levels of a slice, evaluating the formula for each voxel.
    fn evaluated(&self, plane: &SlicePlane, slice: u32, level: &dyn Fn(f64) -> u8) -> Vec<u8> {
        let voxels = self.voxels();
        self.repeated(plane, slice, |index, k| {
            let stored = voxels.grey(index);
            stored.map_or(0, |stored| level(self.rescale(k).value(stored)))
        })
    }

    /// The grey level of each voxel of a slice, three times, row by row. `level` gets a voxel's index and its slice
    /// of the grid; its result is inverted where small values are bright.
    fn repeated(
        &self,
        plane: &SlicePlane,
        slice: u32,
        mut level: impl FnMut(usize, u32) -> u8,
    ) -> Vec<u8> {
        let Size { width, height } = plane.size();
        let mut pixels = Vec::with_capacity(3 * plane.size().pixels() as usize);
        let (axis, backwards) = plane.axes()[0];
        let (columns, rows) = (self.grid().columns as isize, self.grid().rows as isize);
        let stride = [1, columns, columns * rows][axis];
        let step = if backwards { -stride } else { stride };
        for y in 0..height {
            let first = plane.voxel_from_slice_plane([0, y, slice]);
            let Some(start) = self.grid().index(first) else {
                continue;
            };
            for x in 0..width {
                let index = start.wrapping_add_signed(x as isize * step);
                let k = match (axis, backwards) {
                    (2, false) => first[2] + x,
                    (2, true) => first[2] - x,
                    _ => first[2],
                };
                let inverted = if self.about.is_inverted(k) { 255 } else { 0 };
                pixels.extend([level(index, k) ^ inverted; 3]);
            }
        }
        pixels
    }

    /// The formula of a window, which must fit the scan.
    fn level_of(&self, window: Window) -> Box<dyn Fn(f64) -> u8 + '_> {
        match window {
            Window::Linear { level, width } => Box::new(linear(level, width)),
            Window::DicomLinear { level, width } => Box::new(linear_of_pixels(level, width)),
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

#[cfg(test)]
mod tests;

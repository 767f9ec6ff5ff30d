//! A scan in memory: voxels on a grid, and the place of that grid in the patient. This module knows the names of file
//! formats, but reads none.

mod about;
mod affine;
mod bytes;
mod grid;
pub(crate) mod hounsfield;
mod percentile;
mod rgb;
mod segment;
mod slice_plane;
mod source;
mod voxels;

pub use about::{About, NamedWindow, Note, NoteCode};
pub use affine::Affine;
pub(crate) use affine::{cross, dot, length};
pub use grid::{Grid, PixelSpacing, Region, SizeOf, SpacingSource, Stacking};
pub use rgb::RgbImage8;
pub use segment::{Code, NamedSegment};
pub use slice_plane::{Letters, Plane, SlicePlane};
pub use source::{DicomFrame, DicomSource, DicomValue, NiftiSource, Source};
pub(crate) use voxels::for_any;
pub use voxels::{Rescale, Voxels};

use std::sync::OnceLock;

use crate::error::Error;
use crate::space::Size;

/// An opened image, stack of slices or stack of frames.
///
/// Voxel `(i, j, k)` is column `i` of row `j` of slice `k`, each counted from 0; its index is
/// `(k · rows + j) · columns + i`. Measures and windows use *values*: stored samples after
/// the modality transform (DICOM PS3.3 C.11.1; NIfTI's `scl_slope` and `scl_inter`), in
/// [`About::unit`].
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    grid: Grid,
    voxels: Voxels,
    rescales: Vec<Rescale>,
    /// Everything known besides the voxels.
    pub about: About,
    /// The parts of the original file that an export needs; may identify the patient.
    pub source: Source,
    /// The segments that its file names, if it is a label map.
    pub segments: Vec<NamedSegment>,
    percentile_range: Derived<[f64; 2]>,
}

/// A value computed from the other fields on first use.
#[derive(Debug, Clone, Default)]
struct Derived<T>(OnceLock<T>);

impl<T> PartialEq for Derived<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Scan {
    /// Builds a scan. `rescales` has one entry for all slices, or one for each.
    ///
    /// # Errors
    ///
    /// [`Error::NoPixels`] for a side of 0; [`Error::Length`] unless there is a sample (three in
    /// colour) for each voxel, one rescale for all slices or each, and one position for each slice or none.
    pub fn new(
        grid: Grid,
        voxels: Voxels,
        rescales: Vec<Rescale>,
        about: About,
        source: Source,
    ) -> Result<Self, Error> {
        let Size { width, height } = grid.slice_size();
        if grid.voxels() == 0 {
            return Err(Error::NoPixels { width, height });
        }
        let length = |what, expected, got: usize| match got as u64 == expected {
            true => Ok(()),
            false => Err(Error::Length {
                what,
                expected,
                got: got as u64,
            }),
        };
        let samples = grid.voxels().saturating_mul(voxels.channels() as u64);
        length("the scan", samples, voxels.len())?;
        if let Some(positions) = &grid.slice_positions_mm {
            let slices = u64::from(grid.slices);
            length("the list of slice positions", slices, positions.len())?;
        }
        if rescales.len() != 1 {
            length(
                "the list of rescales",
                u64::from(grid.slices),
                rescales.len(),
            )?;
        }
        Ok(Scan {
            grid,
            voxels,
            rescales,
            about,
            source,
            segments: Vec::new(),
            percentile_range: Derived::default(),
        })
    }

    /// Makes a scan of a single image whose physical size is unknown.
    ///
    /// # Errors
    ///
    /// Those of [`Scan::new`].
    pub fn from_image(
        width: u32,
        height: u32,
        voxels: Voxels,
        about: About,
    ) -> Result<Self, Error> {
        let grid = Grid::image(width, height);
        Scan::new(grid, voxels, vec![Rescale::IDENTITY], about, Source::Raster)
    }

    /// Size of the scan, and its place in the patient.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The same, to leave out what can't be used.
    pub(crate) fn grid_mut(&mut self) -> &mut Grid {
        &mut self.grid
    }

    /// The stored samples.
    pub fn voxels(&self) -> &Voxels {
        &self.voxels
    }

    /// The modality transform of a slice of the grid.
    pub fn rescale(&self, slice: u32) -> Rescale {
        let own = self.rescales.get(slice as usize).or(self.rescales.first());
        own.copied().unwrap_or(Rescale::IDENTITY)
    }

    /// One modality transform for all slices, or one for each.
    pub fn rescales(&self) -> &[Rescale] {
        &self.rescales
    }

    /// The range that [`Window::Percentiles`](crate::Window::Percentiles) maps to black and white;
    /// `[0, 0]` if all values are 0.
    pub fn percentile_range(&self) -> [f64; 2] {
        let computed = || percentile::range(self);
        *self.percentile_range.0.get_or_init(computed)
    }

    /// Whether it is a CT: the file says so, or the values look like it ([`About::looks_like_ct`]).
    pub fn is_ct(&self) -> bool {
        let is_told = self.about.modality == "CT";
        (is_told || self.about.looks_like_ct) && !self.is_colour()
    }

    /// Whether voxels are colours.
    pub fn is_colour(&self) -> bool {
        self.voxels.channels() == 3
    }

    /// The value of voxel `[i, j, k]`; `None` in colour, or outside the grid.
    pub fn value(&self, [i, j, k]: [u32; 3]) -> Option<f64> {
        let index = self.grid.index([i, j, k])?;
        let stored = self.voxels.grey(index)?;
        Some(self.rescale(k).value(stored))
    }

    /// The values of a slice, row by row; empty in colour.
    pub fn slice_values(&self, plane: &SlicePlane, slice: u32) -> Vec<f64> {
        plane
            .voxels(slice)
            .filter_map(|voxel| self.value(voxel))
            .collect()
    }
}

/// Checks that a size has pixels, and that `got` is `width × height × channels`.
pub(crate) fn checked_size(
    width: u32,
    height: u32,
    channels: u64,
    what: &'static str,
    got: usize,
) -> Result<Size, Error> {
    let size = Size { width, height };
    if size.pixels() == 0 {
        return Err(Error::NoPixels { width, height });
    }
    let expected = size.pixels().saturating_mul(channels);
    let got = got as u64;
    if got != expected {
        return Err(Error::Length {
            what,
            expected,
            got,
        });
    }
    Ok(size)
}

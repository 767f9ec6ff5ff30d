//! A box of voxels, cut into the slices of a plane.

use crate::mask::{VolumeMask, VoxelBox};
use crate::scan::SlicePlane;

/// A box of voxels as slices of a plane: row-major images in the order of the grid, not mirrored as they are shown.
pub(super) struct PlaneBox {
    /// The axes of the grid along a row, down the rows, and from slice to slice.
    pub axes: [usize; 3],
    /// Number of columns, rows and slices.
    pub size: [usize; 3],
    /// First slice, as an index along its axis of the grid.
    pub first: u32,
    start: usize,
    strides: [usize; 3],
}

impl PlaneBox {
    pub(super) fn new(plane: &SlicePlane, within: VoxelBox, mask: &VolumeMask) -> PlaneBox {
        let axes = plane.axes().map(|(axis, _)| axis);
        let [columns, rows, _] = mask.size().map(|side| side as usize);
        let strides = [1, columns, columns * rows];
        let size = within.size();
        let start = mask.start(within.from[1], within.from[2]) + within.from[0] as usize;
        PlaneBox {
            axes,
            size: axes.map(|axis| size[axis]),
            first: within.from[axes[2]],
            start,
            strides: axes.map(|axis| strides[axis]),
        }
    }

    /// Indices of the first voxel of each row of a slice.
    fn rows(&self, slice: usize) -> impl Iterator<Item = usize> + use<> {
        let start = self.start + slice * self.strides[2];
        let stride = self.strides[1];
        (0..self.size[1]).map(move |row| start + row * stride)
    }

    /// A slice of a mask, counted from the first of the box.
    pub(super) fn read(&self, mask: &VolumeMask, slice: usize, into: &mut Vec<bool>) {
        into.clear();
        for start in self.rows(slice) {
            let voxels = (0..self.size[0]).map(|x| start + x * self.strides[0]);
            into.extend(voxels.map(|index| mask.has(index)));
        }
    }

    /// Replaces a slice of a mask.
    pub(super) fn write(&self, mask: &mut VolumeMask, slice: usize, values: &[bool]) {
        let width = self.size[0].max(1);
        for (start, row) in self.rows(slice).zip(values.chunks_exact(width)) {
            if self.strides[0] == 1 {
                mask.replace(start, row.iter().copied());
                continue;
            }
            for (x, inside) in row.iter().enumerate() {
                mask.set(start + x * self.strides[0], *inside);
            }
        }
    }
}

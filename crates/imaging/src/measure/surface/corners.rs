//! Corners between voxels, with codes that tell which of the surrounding voxels are inside.

use crate::mask::{Mask, VolumeMask, distance};

/// A box of voxels, with inclusive ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Region {
    first: [u32; 3],
    last: [u32; 3],
}

impl Region {
    /// The smallest region around the voxels; `None` if there are none.
    pub(super) fn of(mut voxels: impl Iterator<Item = [u32; 3]>) -> Option<Region> {
        let one = voxels.next()?;
        let mut region = Region {
            first: one,
            last: one,
        };
        for voxel in voxels {
            for (axis, at) in voxel.into_iter().enumerate() {
                region.first[axis] = region.first[axis].min(at);
                region.last[axis] = region.last[axis].max(at);
            }
        }
        Some(region)
    }

    fn count(&self, axis: usize) -> usize {
        (self.last[axis] - self.first[axis]) as usize + 1
    }

    pub(super) fn slices(&self) -> u32 {
        self.last[2] - self.first[2] + 1
    }
}

/// The pixels inside an image's mask, as voxels of slice 0.
pub(super) fn pixels(mask: &Mask) -> impl Iterator<Item = [u32; 3]> {
    let width = mask.width();
    let values = (0u32..).zip(mask.values());
    let inside = values.filter(|(_, value)| **value != 0);
    inside.map(move |(at, _)| [at % width, at / width, 0])
}

/// A plane of corners: `columns + 1` by `rows + 1` of a region.
#[derive(Debug)]
pub(super) struct Corners {
    width: usize,
    /// One bit for each voxel around a corner that is inside. Bits 0 to 3 are the slice before the plane: upper left,
    /// upper right, lower left, lower right; bits 4 to 7 the slice after it. An image has only the first four.
    codes: Vec<u8>,
    /// The code of a corner with all voxels inside.
    full: u8,
    /// Squared distance in mm² to the nearest corner of the surface in this plane.
    squared_mm: Vec<f64>,
}

impl Corners {
    pub(super) fn of_image(mask: &Mask, region: Region) -> Corners {
        let width = mask.width() as usize;
        let inside = |[x, y, _]: [u32; 3]| mask.values()[y as usize * width + x as usize] != 0;
        Corners {
            width: region.count(0) + 1,
            codes: codes(region, 0, inside),
            full: 0b1111,
            squared_mm: Vec::new(),
        }
    }

    /// Computes the distances of all corners from the surface.
    pub(super) fn with_distances(mut self, [x_mm, y_mm, _]: [f64; 3]) -> Corners {
        let is_surface = |&code: &u8| code != 0 && code != self.full;
        let surface: Vec<bool> = self.codes.iter().map(is_surface).collect();
        self.squared_mm = distance::squared_mm(&surface, self.width, [x_mm, y_mm]);
        self
    }

    /// Indices and codes of the surface elements.
    pub(super) fn elements(&self) -> impl Iterator<Item = (usize, u8)> {
        let codes = self.codes.iter().copied().enumerate();
        codes.filter(|(_, code)| *code != 0 && *code != self.full)
    }

    pub(super) fn squared_mm(&self, at: usize) -> f64 {
        self.squared_mm[at]
    }
}

/// Four-bit codes of the corners of a slice of a region.
fn codes(region: Region, slice: u32, inside: impl Fn([u32; 3]) -> bool) -> Vec<u8> {
    let (columns, rows) = (region.count(0), region.count(1));
    let width = columns + 1;
    let mut codes = vec![0; width * (rows + 1)];
    for y in 0..rows {
        for x in 0..columns {
            let voxel = [
                region.first[0] + x as u32,
                region.first[1] + y as u32,
                slice,
            ];
            if inside(voxel) {
                // The pixel is at the lower right of the corner at its own top left.
                let at = y * width + x;
                codes[at] |= 0b1000;
                codes[at + 1] |= 0b0100;
                codes[at + width] |= 0b0010;
                codes[at + width + 1] |= 0b0001;
            }
        }
    }
    codes
}

/// Generates the planes of corners of a mask one by one.
pub(super) struct Planes<'a> {
    mask: &'a VolumeMask,
    region: Region,
    /// The slice after the next plane of corners.
    slice: u32,
    before: Vec<u8>,
}

impl<'a> Planes<'a> {
    pub(super) fn new(mask: &'a VolumeMask, region: Region) -> Self {
        Planes {
            mask,
            region,
            slice: region.first[2],
            before: vec![0; (region.count(0) + 1) * (region.count(1) + 1)],
        }
    }

    /// The plane between the previous slice and the next; outside the region all voxels are outside.
    pub(super) fn next_plane(&mut self) -> Corners {
        let after = match self.slice <= self.region.last[2] {
            true => codes(self.region, self.slice, |voxel| self.mask.get(voxel)),
            false => vec![0; self.before.len()],
        };
        self.slice += 1;
        let pairs = self.before.iter().zip(&after);
        let codes = pairs.map(|(before, after)| before | after << 4).collect();
        self.before = after;
        Corners {
            width: self.region.count(0) + 1,
            codes,
            full: 0xff,
            squared_mm: Vec::new(),
        }
    }
}

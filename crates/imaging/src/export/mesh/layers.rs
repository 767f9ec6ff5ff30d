//! The slices of a mask's bounding box, with a border of one voxel outside on every side.

use std::iter::Peekable;

use crate::mask::VolumeMask;

/// Two neighbouring slices, which move through the box. Values are 0 and 1; a row has `size[0] + 2` of them.
pub(super) struct Layers<'m> {
    mask: &'m VolumeMask,
    voxels: Peekable<Box<dyn Iterator<Item = [u32; 3]> + 'm>>,
    /// The first voxel of the box.
    pub first: [u32; 3],
    /// Voxels of the box along each axis.
    pub size: [usize; 3],
    /// The slice below the corners between both; at first that in front of the box.
    pub below: Vec<u8>,
    pub above: Vec<u8>,
    /// Layer of corners between both.
    pub at: usize,
}

impl<'m> Layers<'m> {
    /// `None` for an empty mask.
    pub fn of(mask: &'m VolumeMask) -> Option<Layers<'m>> {
        let (mut first, mut last) = (mask.voxels().next()?, [0; 3]);
        for voxel in mask.voxels() {
            for axis in 0..3 {
                first[axis] = first[axis].min(voxel[axis]);
                last[axis] = last[axis].max(voxel[axis]);
            }
        }
        let size = [0, 1, 2].map(|axis| (last[axis] - first[axis] + 1) as usize);
        let voxels: Box<dyn Iterator<Item = [u32; 3]>> = Box::new(mask.voxels());
        let slice = vec![0; (size[0] + 2) * (size[1] + 2)];
        let mut layers = Layers {
            mask,
            voxels: voxels.peekable(),
            first,
            size,
            below: slice.clone(),
            above: slice,
            at: 0,
        };
        layers.fill(0);
        Some(layers)
    }

    /// Values in a row of a slice.
    pub fn width(&self) -> usize {
        self.size[0] + 2
    }

    /// Moves to the next layer of corners; `false` behind the last one.
    pub fn advance(&mut self) -> bool {
        if self.at >= self.size[2] {
            return false;
        }
        self.at += 1;
        std::mem::swap(&mut self.below, &mut self.above);
        self.fill(self.at);
        true
    }

    /// Reads a slice of the box into the upper one; the one behind the box is empty.
    fn fill(&mut self, slice: usize) {
        self.above.fill(0);
        let [x, y, z] = self.first;
        let width = self.width();
        while let Some([i, j, _]) = self
            .voxels
            .next_if(|voxel| (voxel[2] - z) as usize == slice)
        {
            let at = ((j - y) as usize + 1) * width + (i - x) as usize + 1;
            if let Some(value) = self.above.get_mut(at) {
                *value = 1;
            }
        }
    }

    /// The voxel of the mask at a place of the box with its border, where the border begins with 0.
    fn value(&self, at: [i64; 3]) -> bool {
        let mut voxel = [0; 3];
        for axis in 0..3 {
            let Ok(index) = u32::try_from(at[axis] - 1 + i64::from(self.first[axis])) else {
                return false;
            };
            voxel[axis] = index;
        }
        self.mask.get(voxel)
    }

    /// Which of the eight voxels around a corner are inside, looked up in the mask.
    pub fn corner(&self, at: [i64; 3]) -> u8 {
        (0..8u8).fold(0, |bits, corner| {
            let voxel = [0, 1, 2].map(|axis| at[axis] + i64::from(corner >> axis & 1));
            bits | u8::from(self.value(voxel)) << corner
        })
    }
}

/// Number of faces between a voxel inside and one outside.
pub(super) fn faces(mask: &VolumeMask) -> u64 {
    let Some(mut layers) = Layers::of(mask) else {
        return 0;
    };
    let mut count = 0;
    loop {
        let (below, above) = (&layers.below, &layers.above);
        let differ = |a: &[u8], b: &[u8]| {
            let pairs = a.iter().zip(b);
            pairs.map(|(a, b)| u64::from(a ^ b)).sum::<u64>()
        };
        count += differ(below, above);
        count += differ(above, &above[1..]);
        count += differ(above, &above[layers.width()..]);
        if !layers.advance() {
            return count;
        }
    }
}

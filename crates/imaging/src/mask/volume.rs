mod bits;
mod run_lengths;

pub(crate) use bits::VoxelBox;

use crate::error::Error;
use crate::mask::Mask;
use crate::scan::{Grid, SlicePlane};
use crate::space::Size;

/// The voxels of a grid that belong to one object, one bit each. For a single image it has one slice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeMask {
    size: [u32; 3],
    words: Vec<u64>,
}

impl VolumeMask {
    /// An empty mask for a grid.
    pub fn empty(grid: &Grid) -> VolumeMask {
        let words = grid.voxels().div_ceil(64) as usize;
        VolumeMask {
            size: grid.size(),
            words: vec![0; words],
        }
    }

    /// The mask of the voxels whose value is not 0; `values` are in the order of the grid.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] unless there is a value for each voxel.
    pub fn from_values(grid: &Grid, values: &[u8]) -> Result<VolumeMask, Error> {
        if values.len() as u64 != grid.voxels() {
            return Err(Error::Length {
                what: "the mask",
                expected: grid.voxels(),
                got: values.len() as u64,
            });
        }
        let mut mask = VolumeMask::empty(grid);
        for (index, value) in values.iter().enumerate() {
            mask.put(index, *value != 0);
        }
        Ok(mask)
    }

    /// Number of columns, rows and slices of its grid.
    pub fn size(&self) -> [u32; 3] {
        self.size
    }

    fn index(&self, [i, j, k]: [u32; 3]) -> usize {
        let (columns, rows) = (self.size[0] as usize, self.size[1] as usize);
        (k as usize * rows + j as usize) * columns + i as usize
    }

    fn put(&mut self, index: usize, inside: bool) {
        let bit = 1 << (index % 64);
        if let Some(word) = self.words.get_mut(index / 64) {
            *word = if inside { *word | bit } else { *word & !bit };
        }
    }

    /// Turns a voxel over; ignored outside the grid.
    pub(crate) fn flip(&mut self, voxel: [u32; 3]) {
        let inside = self.get(voxel);
        let in_grid = voxel.iter().zip(self.size).all(|(&at, count)| at < count);
        if in_grid {
            self.put(self.index(voxel), !inside);
        }
    }

    /// Adds a voxel; ignored outside the grid.
    pub(crate) fn add(&mut self, voxel: [u32; 3]) {
        let in_grid = voxel.iter().zip(self.size).all(|(&at, count)| at < count);
        if in_grid {
            self.put(self.index(voxel), true);
        }
    }

    /// Whether a voxel is inside; `false` outside the grid.
    pub fn get(&self, voxel: [u32; 3]) -> bool {
        let in_grid = voxel.iter().zip(self.size).all(|(&at, count)| at < count);
        in_grid && self.bit(self.index(voxel))
    }

    fn bit(&self, index: usize) -> bool {
        self.words
            .get(index / 64)
            .is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// The bits in the order of the grid: columns fastest, then rows, then slices.
    pub fn values(&self) -> impl Iterator<Item = bool> + '_ {
        let count = self.size.iter().map(|&side| side as usize).product();
        (0..count).map(|index| self.bit(index))
    }

    /// Number of voxels inside.
    pub fn count(&self) -> u64 {
        self.words.iter().map(|w| u64::from(w.count_ones())).sum()
    }

    /// The voxels inside, in the order of the grid.
    pub fn voxels(&self) -> impl Iterator<Item = [u32; 3]> + '_ {
        let (columns, rows) = (self.size[0] as usize, self.size[1] as usize);
        let set = self
            .words
            .iter()
            .enumerate()
            .filter(|(_, word)| **word != 0);
        let indices = set.flat_map(|(at, word)| {
            (0..64)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| 64 * at + bit)
        });
        indices.map(move |index| {
            let row = index / columns;
            [
                (index % columns) as u32,
                (row % rows) as u32,
                (row / rows) as u32,
            ]
        })
    }

    /// The stored slices with voxels of the mask, in order.
    pub fn stored_slices(&self) -> impl Iterator<Item = u32> + '_ {
        let mut last = None;
        self.voxels().filter_map(move |[_, _, slice]| {
            let is_new = last.replace(slice) != Some(slice);
            is_new.then_some(slice)
        })
    }

    /// The mask on a slice of a plane, in image space.
    pub fn slice(&self, plane: &SlicePlane, slice: u32) -> Mask {
        let values = plane.voxels(slice).map(|voxel| u8::from(self.get(voxel)));
        Mask::from_parts(plane.size(), values.collect())
    }

    /// Replaces the mask on a slice of a plane.
    ///
    /// # Errors
    ///
    /// [`Error::SizesDiffer`] unless the mask has the size of the plane's slices.
    pub fn set_slice(&mut self, plane: &SlicePlane, slice: u32, mask: &Mask) -> Result<(), Error> {
        super::same_size(plane.size(), mask.size())?;
        for (voxel, value) in plane.voxels(slice).zip(mask.values()) {
            let index = self.index(voxel);
            self.put(index, *value != 0);
        }
        Ok(())
    }

    /// The slices of a plane with voxels of the mask.
    pub fn slices(&self, plane: &SlicePlane) -> Vec<u32> {
        let mut reached = vec![false; plane.slices() as usize];
        for voxel in self.voxels() {
            let [_, _, slice] = plane.slice_plane_from_voxel(voxel);
            if let Some(reached) = reached.get_mut(slice as usize) {
                *reached = true;
            }
        }
        (0..plane.slices())
            .zip(reached)
            .filter(|(_, reached)| *reached)
            .map(|(k, _)| k)
            .collect()
    }

    /// Dice coefficient `2 |A ∩ B| / (|A| + |B|)`; 1 if both are empty.
    ///
    /// # Errors
    ///
    /// [`Error::GridsDiffer`] for masks of two grids.
    pub fn dice(&self, other: &VolumeMask) -> Result<f64, Error> {
        let both = self.common(other)?;
        let sum = self.count() + other.count();
        Ok(if sum == 0 {
            1.0
        } else {
            2.0 * both as f64 / sum as f64
        })
    }

    /// Number of voxels inside exactly one of the two.
    ///
    /// # Errors
    ///
    /// [`Error::GridsDiffer`] for masks of two grids.
    pub fn differing(&self, other: &VolumeMask) -> Result<u64, Error> {
        self.same_grid(other)?;
        let pairs = self.words.iter().zip(&other.words);
        Ok(pairs.map(|(a, b)| u64::from((a ^ b).count_ones())).sum())
    }

    /// Whether the masks overlap.
    ///
    /// # Errors
    ///
    /// [`Error::GridsDiffer`] for masks of two grids.
    pub fn meets(&self, other: &VolumeMask) -> Result<bool, Error> {
        self.same_grid(other)?;
        let mut pairs = self.words.iter().zip(&other.words);
        Ok(pairs.any(|(a, b)| a & b != 0))
    }

    /// Number of voxels inside both.
    ///
    /// # Errors
    ///
    /// [`Error::GridsDiffer`] for masks of two grids.
    pub fn common(&self, other: &VolumeMask) -> Result<u64, Error> {
        self.same_grid(other)?;
        let pairs = self.words.iter().zip(&other.words);
        Ok(pairs.map(|(a, b)| u64::from((a & b).count_ones())).sum())
    }

    /// The voxels inside both.
    ///
    /// # Errors
    ///
    /// [`Error::GridsDiffer`] for masks of two grids.
    pub fn intersection(&self, other: &VolumeMask) -> Result<VolumeMask, Error> {
        self.combined(other, |a, b| a & b)
    }

    /// The voxels inside this mask and not in the other.
    ///
    /// # Errors
    ///
    /// [`Error::GridsDiffer`] for masks of two grids.
    pub fn without(&self, other: &VolumeMask) -> Result<VolumeMask, Error> {
        self.combined(other, |a, b| a & !b)
    }

    fn combined(
        &self,
        other: &VolumeMask,
        of_words: impl Fn(u64, u64) -> u64,
    ) -> Result<VolumeMask, Error> {
        self.same_grid(other)?;
        let pairs = self.words.iter().zip(&other.words);
        Ok(VolumeMask {
            size: self.size,
            words: pairs.map(|(a, b)| of_words(*a, *b)).collect(),
        })
    }

    /// Checks that two masks have the same grid.
    pub(crate) fn same_grid(&self, other: &VolumeMask) -> Result<(), Error> {
        if self.size == other.size {
            return Ok(());
        }
        Err(Error::GridsDiffer {
            a: self.size,
            b: other.size,
        })
    }

    /// Columns and rows of a stored slice.
    pub fn slice_size(&self) -> Size {
        Size {
            width: self.size[0],
            height: self.size[1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Affine, Plane, Stacking};

    #[test]
    fn a_slice_is_put_where_it_is_seen() {
        let grid = Grid {
            slices: 5,
            stacking: Stacking::Slices,
            patient_from_voxel: Some(Affine([
                [-1.0, 0.0, 0.0, 0.0],
                [0.0, -1.0, 0.0, 0.0],
                [0.0, 0.0, 1.0, 0.0],
            ])),
            ..Grid::image(4, 3)
        };
        let coronal = SlicePlane::new(&grid, Plane::Coronal);
        let drawn = Mask::new(4, 5, (0..20).map(|x| u8::from(x % 3 == 0)).collect()).unwrap();
        let mut volume = VolumeMask::empty(&grid);
        volume.set_slice(&coronal, 1, &drawn).unwrap();
        assert_eq!(volume.slice(&coronal, 1), drawn);
        assert_eq!((volume.count(), volume.slices(&coronal)), (7, vec![1]));
        assert!(
            volume
                .voxels()
                .all(|voxel| voxel[1] == 1 && volume.get(voxel))
        );
        let values: Vec<u8> = volume.values().map(u8::from).collect();
        assert_eq!(VolumeMask::from_values(&grid, &values).unwrap(), volume);
        let axial = SlicePlane::new(&grid, Plane::Axial);
        assert_eq!(volume.slice(&axial, 4).area_px(), 2);
        assert!(volume.set_slice(&axial, 0, &drawn).is_err());
        let mut other = volume.clone();
        other
            .set_slice(&coronal, 1, &Mask::empty(coronal.size()))
            .unwrap();
        other
            .set_slice(&axial, 0, &Mask::new(4, 3, vec![1; 12]).unwrap())
            .unwrap();
        // One of its 7 voxels is on slice 0, where the other mask has all 12.
        assert_eq!(volume.differing(&other).unwrap(), 6 + 11);
        assert!(
            volume
                .differing(&VolumeMask::empty(&Grid::image(4, 3)))
                .is_err()
        );
    }

    #[test]
    fn masks_can_be_intersected_and_subtracted() {
        let grid = Grid::image(100, 1);
        let of = |inside: fn(u8) -> bool| {
            let values: Vec<u8> = (0..100).map(|at| u8::from(inside(at))).collect();
            VolumeMask::from_values(&grid, &values).unwrap()
        };
        let (even, low) = (of(|at| at % 2 == 0), of(|at| at < 70));
        assert_eq!(
            even.intersection(&low).unwrap(),
            of(|at| at % 2 == 0 && at < 70)
        );
        assert_eq!(
            even.without(&low).unwrap(),
            of(|at| at % 2 == 0 && at >= 70)
        );
        assert_eq!(even.common(&low), Ok(35));
        assert!(
            even.without(&VolumeMask::empty(&Grid::image(99, 1)))
                .is_err()
        );
    }
}

use serde::{Deserialize, Serialize};

use super::grid::{Grid, Region, Stacking};
use crate::space::Size;

/// An anatomical plane, or the slices as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Plane {
    /// Slices as stored, without any rotation.
    Stored,
    /// Seen from the feet; towards the head from slice to slice.
    Axial,
    /// Seen from the front; towards the back from slice to slice.
    Coronal,
    /// Seen from the patient's left; towards the left from slice to slice.
    Sagittal,
}

/// Maps a plane's slices onto a grid: the grid axes that run along a row, down the rows, and from slice to slice, and
/// their directions. Nothing is resampled: an oblique grid is cut along its own axes that are nearest to the
/// patient's.
///
/// Slice plane space is image space with the slice's index as the third coordinate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlicePlane {
    plane: Plane,
    grid_size: [u32; 3],
    /// For columns, rows and slices of the plane: the axis of the grid, and whether it is reversed.
    axes: [(usize, bool); 3],
}

/// Orientation letters at the edges of a slice: `R`, `L`, `A`, `P`, `H`, `F`, or two or three of them
/// if the grid is oblique, the nearest first (DICOM PS3.3 C.7.6.1.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Letters {
    /// Letters at the left edge.
    pub left: String,
    /// Letters at the right edge.
    pub right: String,
    /// Letters at the top.
    pub top: String,
    /// Letters at the bottom.
    pub bottom: String,
}

/// For columns, rows and slices of a plane: the patient's axis (0 to the left, 1 to the back, 2 to the head), and its
/// sign.
const fn patient_axes(plane: Plane) -> [(usize, f64); 3] {
    match plane {
        Plane::Stored | Plane::Axial => [(0, 1.0), (1, 1.0), (2, 1.0)],
        Plane::Coronal => [(0, 1.0), (2, -1.0), (1, 1.0)],
        Plane::Sagittal => [(1, 1.0), (2, -1.0), (0, 1.0)],
    }
}

impl SlicePlane {
    /// The slices of a plane of a grid. If the grid's place in the patient is unknown, every plane is
    /// [`Plane::Stored`].
    pub fn new(grid: &Grid, plane: Plane) -> SlicePlane {
        let stored = SlicePlane {
            plane: Plane::Stored,
            grid_size: grid.size(),
            axes: [(0, false), (1, false), (2, false)],
        };
        let Some(nearest) = nearest_axes(grid) else {
            return stored;
        };
        if plane == Plane::Stored {
            return stored;
        }
        let axes = patient_axes(plane).map(|(patient_axis, sign)| {
            let (axis, direction) = nearest[patient_axis];
            (axis, direction * sign < 0.0)
        });
        SlicePlane {
            plane,
            axes,
            ..stored
        }
    }

    /// The default plane: the first of [`SlicePlane::planes`].
    pub fn first(grid: &Grid) -> SlicePlane {
        let plane = SlicePlane::planes(grid).first().copied();
        SlicePlane::new(grid, plane.unwrap_or(Plane::Stored))
    }

    /// The planes that a grid can be cut in; the first is that of its stored slices.
    pub fn planes(grid: &Grid) -> Vec<Plane> {
        if !grid.is_volume() {
            return vec![Plane::Stored];
        }
        let Some(nearest) = nearest_axes(grid) else {
            return vec![Plane::Stored];
        };
        let acquired = [Plane::Sagittal, Plane::Coronal, Plane::Axial]
            .into_iter()
            .zip(nearest)
            .find(|(_, (axis, _))| *axis == 2)
            .map_or(Plane::Axial, |(plane, _)| plane);
        let others = [Plane::Axial, Plane::Coronal, Plane::Sagittal];
        let others = others.into_iter().filter(|plane| *plane != acquired);
        [acquired].into_iter().chain(others).collect()
    }

    pub fn plane(&self) -> Plane {
        self.plane
    }

    /// Width and height of the plane's slices, in voxels.
    pub fn size(&self) -> Size {
        Size {
            width: self.count(0),
            height: self.count(1),
        }
    }

    /// Number of slices.
    pub fn slices(&self) -> u32 {
        self.count(2)
    }

    fn count(&self, of: usize) -> u32 {
        self.grid_size[self.axes[of].0]
    }

    /// Maps column `x`, row `y` and slice to a voxel; all three must be in range.
    pub fn voxel_from_slice_plane(&self, [x, y, slice]: [u32; 3]) -> [u32; 3] {
        let mut voxel = [0; 3];
        for (at, (axis, backwards)) in [x, y, slice].into_iter().zip(self.axes) {
            voxel[axis] = match backwards {
                true => self.grid_size[axis] - 1 - at,
                false => at,
            };
        }
        voxel
    }

    /// Maps a voxel to column, row and slice.
    pub fn slice_plane_from_voxel(&self, voxel: [u32; 3]) -> [u32; 3] {
        self.axes.map(|(axis, backwards)| match backwards {
            true => self.grid_size[axis] - 1 - voxel[axis],
            false => voxel[axis],
        })
    }

    /// The voxels of a slice, row by row.
    pub fn voxels(&self, slice: u32) -> impl Iterator<Item = [u32; 3]> + use<> {
        let slice_plane = *self;
        let Size { width, height } = slice_plane.size();
        (0..height).flat_map(move |y| {
            (0..width).map(move |x| slice_plane.voxel_from_slice_plane([x, y, slice]))
        })
    }

    /// The axis of the grid along which the plane's slices follow each other.
    pub fn slice_axis(&self) -> usize {
        self.axes[2].0
    }

    /// For columns, rows and slices: the axis of the grid, and whether it is reversed.
    pub fn axes(&self) -> [(usize, bool); 3] {
        self.axes
    }

    /// Distances between neighbouring columns, rows and slices, in mm; `None` if unknown.
    pub fn spacing_mm(&self, grid: &Grid) -> [Option<f64>; 3] {
        let known = [
            grid.pixel_spacing.map(|spacing| spacing.x_mm),
            grid.pixel_spacing.map(|spacing| spacing.y_mm),
            grid.slice_spacing_mm,
        ];
        self.axes.map(|(axis, _)| known[axis])
    }

    /// Converts a region of the grid's stored slices to columns and rows of this plane, which must show these slices.
    pub(crate) fn region(&self, region: &Region) -> Region {
        let sides = [region.columns, region.rows];
        let [columns, rows] = [0, 1].map(|of| {
            let (axis, backwards) = self.axes[of];
            let [first, end] = sides.get(axis).copied().unwrap_or_default();
            let side = self.grid_size[axis];
            match backwards {
                true => [side.saturating_sub(end), side.saturating_sub(first)],
                false => [first, end],
            }
        });
        let is_turned = self.axes[0].0 == 1;
        let turned = |[x, y]: [f64; 2]| if is_turned { [y, x] } else { [x, y] };
        Region {
            columns,
            rows,
            spacing_mm: region.spacing_mm.map(turned),
        }
    }

    /// Maps a point in image space on a slice to patient space (LPS), in mm; `None` if the grid's place is unknown.
    /// The point may be outside the slice.
    pub fn patient_from_image(
        &self,
        grid: &Grid,
        slice: u32,
        [x, y]: [f64; 2],
    ) -> Option<[f64; 3]> {
        let affine = grid.patient_from_voxel?;
        let mut voxel = [0.0; 3];
        // A voxel's index stands for its centre.
        let image = [x - 0.5, y - 0.5, f64::from(slice)];
        for (at, (axis, backwards)) in image.into_iter().zip(self.axes) {
            voxel[axis] = match backwards {
                true => f64::from(self.grid_size[axis]) - 1.0 - at,
                false => at,
            };
        }
        Some(affine.apply(voxel))
    }

    /// Height of a pixel in units of its width, 1 if either is unknown. A display stretches the rows by it.
    pub fn pixel_aspect(&self, grid: &Grid) -> f64 {
        match self.spacing_mm(grid) {
            [Some(x), Some(y), _] => y / x,
            _ => match self.axes {
                [(0, _), (1, _), _] => grid.pixel_aspect.unwrap_or(1.0),
                [(1, _), (0, _), _] => 1.0 / grid.pixel_aspect.unwrap_or(1.0),
                _ => 1.0,
            },
        }
    }

    /// Orientation letters at the edges; `None` if the grid's place is unknown.
    pub fn letters(&self, grid: &Grid) -> Option<Letters> {
        let affine = grid.patient_from_voxel?;
        let direction = |of: usize| {
            let (axis, backwards) = self.axes[of];
            let sign = if backwards { -1.0 } else { 1.0 };
            affine.column(axis).map(|value| value * sign)
        };
        let (along_row, down) = (direction(0), direction(1));
        Some(Letters {
            left: letters_of(along_row.map(|value| -value)),
            right: letters_of(along_row),
            top: letters_of(down.map(|value| -value)),
            bottom: letters_of(down),
        })
    }
}

/// For each axis of the patient, the nearest axis of the grid, and its sign: of the six ways to pair them, the one
/// with the largest product of cosines.
fn nearest_axes(grid: &Grid) -> Option<[(usize, f64); 3]> {
    if grid.stacking != Stacking::Slices {
        return None;
    }
    let affine = grid.patient_from_voxel?;
    let spacing = Grid::spacing_of(&affine);
    let cosine = |patient_axis: usize, axis: usize| affine.0[patient_axis][axis] / spacing[axis];
    const PAIRS: [[usize; 3]; 6] = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    let fit = |pairs: &[usize; 3]| -> f64 {
        let cosines = pairs.iter().enumerate().map(|(p, &axis)| cosine(p, axis));
        cosines.map(f64::abs).product()
    };
    let best = PAIRS.into_iter().max_by(|a, b| fit(a).total_cmp(&fit(b)))?;
    let mut patient_axis = 0;
    Some(best.map(|axis| {
        let direction = cosine(patient_axis, axis).signum();
        patient_axis += 1;
        (axis, direction)
    }))
}

/// Orientation letters of a direction in patient space, the largest component first; components below a tenth (6°)
/// are left out.
fn letters_of(direction: [f64; 3]) -> String {
    const NAMES: [[char; 2]; 3] = [['L', 'R'], ['P', 'A'], ['H', 'F']];
    let length = super::affine::length(direction);
    let mut parts: Vec<(f64, char)> = direction
        .into_iter()
        .zip(NAMES)
        .map(|(value, [up, down])| (value.abs() / length, if value > 0.0 { up } else { down }))
        .filter(|(part, _)| *part > 0.1)
        .collect();
    parts.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    parts.into_iter().map(|(_, letter)| letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Affine;

    fn grid(affine: [[f64; 4]; 3]) -> Grid {
        Grid {
            slices: 4,
            stacking: Stacking::Slices,
            patient_from_voxel: Some(Affine(affine)),
            ..Grid::image(2, 3)
        }
    }

    /// A stored axial CT: columns to the left, rows to the back, slices to the head.
    const AXIAL: [[f64; 4]; 3] = [
        [0.5, 0.0, 0.0, 0.0],
        [0.0, 0.5, 0.0, 0.0],
        [0.0, 0.0, 2.0, 0.0],
    ];

    #[test]
    fn an_axial_grid_is_seen_as_it_is_stored() {
        let grid = grid(AXIAL);
        let planes = [Plane::Axial, Plane::Coronal, Plane::Sagittal];
        assert_eq!(SlicePlane::planes(&grid), planes);
        let slice_plane = SlicePlane::new(&grid, Plane::Axial);
        assert_eq!(slice_plane.voxel_from_slice_plane([1, 2, 3]), [1, 2, 3]);
        let letters = slice_plane.letters(&grid).unwrap();
        assert_eq!([letters.left, letters.right], ["R", "L"]);
        assert_eq!([letters.top, letters.bottom], ["A", "P"]);
    }

    #[test]
    fn heads_are_up_in_the_other_planes() {
        let grid = grid(AXIAL);
        for (plane, sides) in [(Plane::Coronal, ["R", "L"]), (Plane::Sagittal, ["A", "P"])] {
            let slice_plane = SlicePlane::new(&grid, plane);
            let letters = slice_plane.letters(&grid).unwrap();
            assert_eq!([letters.left, letters.right], sides);
            assert_eq!([letters.top, letters.bottom], ["H", "F"]);
            assert_eq!(slice_plane.size().height, 4);
            let there = slice_plane.voxel_from_slice_plane([1, 0, 1]);
            assert_eq!(there[2], 3, "the topmost row is the last slice");
            assert_eq!(slice_plane.slice_plane_from_voxel(there), [1, 0, 1]);
        }
        let sagittal = SlicePlane::new(&grid, Plane::Sagittal);
        assert_eq!((sagittal.size().width, sagittal.slices()), (3, 2));
    }

    /// NIfTI's usual order, with columns to the right and rows to the front.
    #[test]
    fn a_grid_that_runs_backwards_is_turned() {
        let turned = grid([
            [-1.0, 0.0, 0.0, 0.0],
            [0.0, -1.0, 0.0, 0.0],
            [0.0, 0.0, 1.0, 0.0],
        ]);
        let slice_plane = SlicePlane::new(&turned, Plane::Axial);
        assert_eq!(slice_plane.voxel_from_slice_plane([0, 0, 0]), [1, 2, 0]);
        assert_eq!(slice_plane.letters(&turned).unwrap().left, "R");
        let left_top = slice_plane.patient_from_image(&turned, 3, [0.0, 0.5]);
        assert_eq!(left_top, Some([-1.5, -2.0, 3.0]));
        let stored = SlicePlane::new(&turned, Plane::Stored);
        assert_eq!(stored.letters(&turned).unwrap().left, "L");
    }

    #[test]
    fn an_oblique_grid_has_two_letters() {
        let oblique = grid([
            [0.8, 0.0, 0.0, 0.0],
            [0.6, 0.0, 1.0, 0.0],
            [0.0, -1.0, 0.0, 0.0],
        ]);
        assert_eq!(SlicePlane::planes(&oblique)[0], Plane::Coronal);
        let letters = SlicePlane::new(&oblique, Plane::Coronal).letters(&oblique);
        assert_eq!(letters.unwrap().right, "LP");
    }

    #[test]
    fn without_a_place_there_is_only_the_stored_plane() {
        let frames = Grid::image(5, 4);
        assert_eq!(SlicePlane::planes(&frames), [Plane::Stored]);
        let slice_plane = SlicePlane::new(&frames, Plane::Axial);
        assert_eq!(
            (slice_plane.plane(), slice_plane.letters(&frames)),
            (Plane::Stored, None)
        );
    }
}

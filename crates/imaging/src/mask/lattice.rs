//! Maps the voxels of a reference onto those of a scan.

use crate::error::Error;
use crate::scan::{Affine, Grid, Scan, Source, length};

/// Maximum offset between voxels of a reference and of the scan that count as the same, as a fraction of a voxel.
const SAME_VOXEL: f64 = 0.1;

/// For each axis of a reference, the scan's index for each of its indices, along the scan's axis that it follows.
/// Indices may lie outside the scan.
pub(super) struct Lattice {
    axes: [Vec<i64>; 3],
    /// For each axis of the reference, the scan's axis that it follows.
    follows: [usize; 3],
}

impl Lattice {
    /// Matches a reference with a grid: by place if both have one, otherwise voxel by voxel.
    pub fn of(grid: &Grid, reference: &Scan) -> Result<Lattice, Error> {
        let theirs = reference.grid();
        let places = (&grid.patient_from_voxel, &theirs.patient_from_voxel);
        if let (Some(to), Some(from)) = places {
            // A DICOM Segmentation may omit empty slices; other formats don't.
            let may_skip = matches!(reference.source, Source::Dicom(_));
            return Lattice::by_place(grid, to, theirs, from, may_skip)
                .map_err(|differs| Error::ReferenceElsewhere { differs });
        }
        // An image without a place, such as a PNG, gets that of the scan.
        if grid.size() != theirs.size() {
            return Err(Error::GridsDiffer {
                a: grid.size(),
                b: theirs.size(),
            });
        }
        Ok(Lattice {
            axes: grid.size().map(|side| (0..i64::from(side)).collect()),
            follows: [0, 1, 2],
        })
    }

    fn by_place(
        grid: &Grid,
        to: &Affine,
        theirs: &Grid,
        from: &Affine,
        may_skip: bool,
    ) -> Result<Lattice, String> {
        let inverse = to.inverse();
        let inverse = inverse.ok_or("the scan's own axes span no space")?;
        // Transform from steps of the reference to steps of the scan.
        let steps = inverse.after(from);
        let follows = follows(&steps, theirs.size())?;
        // Axes must be parallel: along a whole side, they may not drift sideways.
        for axis in 0..3 {
            let far = theirs.steps_to(theirs.size()[axis].saturating_sub(1));
            let far = match axis {
                2 => far.unwrap_or_default(),
                _ => f64::from(theirs.size()[axis].saturating_sub(1)),
            };
            let column = steps.column(axis);
            let across = (0..3).filter(|&other| other != follows[axis]);
            let drift = across.map(|other| (column[other] * far).abs());
            let drift = drift.fold(0.0, f64::max);
            if drift >= SAME_VOXEL {
                return Err(format!(
                    "its {} are not parallel to the scan's: they lead {drift:.1} voxels across",
                    NAMES[axis]
                ));
            }
        }
        let mut axes: [Vec<i64>; 3] = Default::default();
        for axis in 0..3 {
            axes[axis] = indices(grid, theirs, &steps, axis, follows[axis])?;
            check_steps(
                &axes[axis],
                axis,
                may_skip && axis == 2 && follows[axis] == 2,
            )?;
        }
        Ok(Lattice { axes, follows })
    }

    /// Checks that each slice of the reference has as many rows and columns as the scan, and that its corners are the
    /// scan's, up to `most_mm`.
    pub fn check_place(&self, grid: &Grid, theirs: &Grid, most_mm: f64) -> Result<(), String> {
        for (axis, name) in NAMES.iter().enumerate().take(2) {
            let (count, side) = (theirs.size()[axis], grid.size()[self.follows[axis]]);
            if count != side {
                return Err(format!("it has {count} {name} where the scan has {side}"));
            }
        }
        let [last_column, last_row] = [theirs.columns - 1, theirs.rows - 1];
        for k in 0..theirs.slices {
            for [i, j] in [[0, 0], [last_column, 0], [0, last_row]] {
                let voxel = self
                    .voxel(grid, [i, j, k])
                    .map_err(|_| format!("slice {} of it lies outside the scan", k + 1))?;
                let places = (
                    grid.patient_position(voxel),
                    theirs.patient_position([i, j, k]),
                );
                let (Some(a), Some(b)) = places else {
                    return Err("a place in the patient is unknown".to_owned());
                };
                let off = length([a[0] - b[0], a[1] - b[1], a[2] - b[2]]);
                if off.is_nan() || off > most_mm {
                    return Err(format!(
                        "slice {} of it lies {off:.2} mm away from the scan's",
                        k + 1
                    ));
                }
            }
        }
        Ok(())
    }

    /// The scan's voxel at a voxel of the reference.
    pub fn voxel(&self, grid: &Grid, at: [u32; 3]) -> Result<[u32; 3], Error> {
        let mut voxel = [i64::MAX; 3];
        for ((indices, &follows), at) in self.axes.iter().zip(&self.follows).zip(at) {
            voxel[follows] = indices.get(at as usize).copied().unwrap_or(i64::MAX);
        }
        let inside = voxel.map(|index| u32::try_from(index).unwrap_or(u32::MAX));
        match grid.index(inside) {
            Some(_) => Ok(inside),
            None => Err(Error::ReferenceElsewhere {
                differs: format!(
                    "it has labels outside the scan, at column {}, row {}, slice {} of {:?} voxels",
                    voxel[0].saturating_add(1),
                    voxel[1].saturating_add(1),
                    voxel[2].saturating_add(1),
                    grid.size()
                ),
            }),
        }
    }
}

/// Names of a reference's axes, for messages.
const NAMES: [&str; 3] = ["columns", "rows", "slices"];

/// For each axis of the reference, the nearest axis of the scan. An axis of length 1 has no direction and gets the
/// remaining one.
fn follows(steps: &Affine, size: [u32; 3]) -> Result<[usize; 3], String> {
    let mut follows = [usize::MAX; 3];
    let mut axes = [0, 1, 2];
    // Axes of length 1 come last.
    axes.sort_by_key(|&axis| size[axis] == 1);
    for axis in axes {
        let column = steps.column(axis).map(f64::abs);
        let free = (0..3).filter(|other| !follows.contains(other));
        let nearest = free.max_by(|&a, &b| column[a].total_cmp(&column[b]));
        follows[axis] = nearest.unwrap_or(axis);
        let largest = column.into_iter().fold(0.0, f64::max);
        if size[axis] > 1 && column[follows[axis]] < largest {
            return Err("its axes are turned against the scan's".to_owned());
        }
    }
    Ok(follows)
}

/// The scan's index for each index along an axis of the reference.
fn indices(
    grid: &Grid,
    theirs: &Grid,
    steps: &Affine,
    axis: usize,
    follows: usize,
) -> Result<Vec<i64>, String> {
    let (start, step) = (steps.offset()[follows], steps.column(axis)[follows]);
    let count = theirs.size()[axis];
    let index = |at: u32| {
        let along = match axis {
            2 => theirs.steps_to(at).ok_or("its slices have no place")?,
            _ => f64::from(at),
        };
        let there = start + step * along;
        let exact = match follows {
            2 => slice_at(grid, there),
            _ => there,
        };
        let off = exact - exact.round();
        if !(off.abs() < SAME_VOXEL && exact.abs() < f64::from(u32::MAX)) {
            let size = match (follows, grid.spacing_mm()) {
                (_, Some(spacing)) => format!(" ({:.2} mm)", off.abs() * spacing[follows]),
                _ => String::new(),
            };
            return Err(format!(
                "its {} lie between the scan's {}: number {} is {:.2} voxels{size} away from the \
                 nearest",
                NAMES[axis],
                NAMES[follows],
                at + 1,
                off.abs(),
            ));
        }
        Ok(exact.round() as i64)
    };
    (0..count).map(index).collect()
}

/// Index of the slice nearest to a distance from the first (in slice steps), plus the remaining offset.
fn slice_at(grid: &Grid, steps: f64) -> f64 {
    let Some(positions) = &grid.slice_positions_mm else {
        return steps;
    };
    let mm = steps * grid.slice_spacing_mm.unwrap_or(1.0);
    let above = positions.partition_point(|&position| position < mm);
    let around = above.saturating_sub(1)..=above;
    let nearest = around
        .filter_map(|slice| Some((slice, mm - positions.get(slice)?)))
        .min_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    let Some((slice, off_mm)) = nearest else {
        return steps;
    };
    let off = off_mm / grid.slice_spacing_mm.unwrap_or(1.0);
    let is_beyond = (slice == 0 && off < 0.0) || (slice + 1 == positions.len() && off > 0.0);
    // Clamped so that rounding gives the nearest slice.
    let off = if is_beyond {
        off
    } else {
        off.clamp(-0.49, 0.49)
    };
    slice as f64 + off
}

/// Checks that consecutive indices differ by one step of the scan; `may_skip` allows missing slices.
fn check_steps(indices: &[i64], axis: usize, may_skip: bool) -> Result<(), String> {
    for pair in indices.windows(2) {
        let step = pair[1] - pair[0];
        if step.abs() != 1 && !(may_skip && step != 0) {
            return Err(format!(
                "its {} are {} times as far apart as the scan's",
                NAMES[axis],
                step.abs()
            ));
        }
    }
    Ok(())
}

//! Normalised surface Dice: the part of two surfaces that lies within a tolerance of the other one.
//!
//! By the definition of S. Nikolov et al. (arXiv:1809.04430, 2018) and of their code
//! (`google-deepmind/surface-distance`, `compute_surface_dice_at_tolerance`), which scores the MedSAM on
//! Laptop challenge with a tolerance of 2 mm (`evaluation/compute_metrics.py` of MedSAM): the elements of
//! a surface stand at the corners between voxels, where not all voxels around agree; an element's area is
//! that of its marching cubes, and its distance that to the other surface's nearest corner.
//!
//! Differs from that code in two ways: two empty masks score 1 instead of NaN, since they agree; and the
//! challenge's script pairs the spacing of columns with the axis of slices, while here each axis has its own.

mod area;
mod corners;
mod distance;

use std::collections::VecDeque;

use crate::error::Error;
use crate::mask::{Mask, VolumeMask, same_size};
use corners::{Corners, Region};

/// Normalised surface Dice of two masks on a grid, in `[0, 1]`; 1 if both are empty, 0 if one is.
///
/// `spacing_mm` is from a voxel to the next along columns, rows and slices, each above 0. A single slice
/// has a surface above and below too; the challenge takes an image for one with a spacing of 1, so that
/// its tolerance is in pixels. Its outline alone is [`normalised_surface_dice_2d`]'s.
///
/// Takes 18 bytes for each corner of the box around both masks in those planes that are within the tolerance
/// of one.
///
/// # Errors
///
/// [`Error::GridsDiffer`] for masks of two grids.
pub fn normalised_surface_dice(
    a: &VolumeMask,
    b: &VolumeMask,
    spacing_mm: [f64; 3],
    tolerance_mm: f64,
) -> Result<f64, Error> {
    a.same_grid(b)?;
    let Some(region) = Region::of(a.voxels().chain(b.voxels())) else {
        return Ok(1.0);
    };
    let areas = area::areas(spacing_mm);
    let count = region.slices() as usize + 1;
    // `as` saturates, and maps NaN to 0.
    let reach = ((tolerance_mm / spacing_mm[2]) as usize).min(count);
    let mut sums = Sums::default();
    // Planes of corners, as many as are within the tolerance of the one in their middle.
    let mut near: VecDeque<(usize, [Corners; 2])> = VecDeque::new();
    let mut slices = [a, b].map(|mask| corners::Planes::new(mask, region));
    for last in 0..count + reach {
        if last < count {
            let planes = slices.each_mut().map(|slices| slices.next_plane());
            near.push_back((last, planes.map(|codes| codes.with_distances(spacing_mm))));
        }
        let Some(middle) = last.checked_sub(reach) else {
            continue;
        };
        while near.front().is_some_and(|(at, _)| at + reach < middle) {
            near.pop_front();
        }
        sums.add(&near, middle, spacing_mm[2], &areas, tolerance_mm);
    }
    Ok(sums.dice())
}

/// Normalised surface Dice of two outlines, by the length of their elements: that of the reference for
/// masks with two axes. In `[0, 1]`; 1 if both are empty, 0 if one is.
///
/// `spacing_mm` is from a pixel to the next along a row and down the rows, each above 0.
///
/// # Errors
///
/// [`Error::SizesDiffer`] if the masks have different sizes.
pub fn normalised_surface_dice_2d(
    a: &Mask,
    b: &Mask,
    spacing_mm: [f64; 2],
    tolerance_mm: f64,
) -> Result<f64, Error> {
    same_size(a.size(), b.size())?;
    let inside = [a, b].map(corners::pixels);
    let [in_a, in_b] = inside;
    let Some(region) = Region::of(in_a.chain(in_b)) else {
        return Ok(1.0);
    };
    let lengths = area::lengths(spacing_mm);
    let outlines = [a, b].map(|mask| {
        let codes = Corners::of_image(mask, region);
        codes.with_distances([spacing_mm[0], spacing_mm[1], 1.0])
    });
    let near = VecDeque::from([(0, outlines)]);
    let mut sums = Sums::default();
    sums.add(&near, 0, 1.0, &lengths, tolerance_mm);
    Ok(sums.dice())
}

/// Areas of two surfaces together.
#[derive(Debug, Default)]
struct Sums {
    within: f64,
    all: f64,
}

impl Sums {
    /// Adds the elements of one plane of corners, `near` having all planes that are within the tolerance.
    fn add(
        &mut self,
        near: &VecDeque<(usize, [Corners; 2])>,
        middle: usize,
        spacing_mm: f64,
        areas: &[f64],
        tolerance_mm: f64,
    ) {
        let Some((_, own)) = near.iter().find(|(at, _)| *at == middle) else {
            return;
        };
        for (own, other) in [(&own[0], 1), (&own[1], 0)] {
            for (at, code) in own.elements() {
                let area = areas[usize::from(code)];
                self.all += area;
                let is_near = near.iter().any(|(plane, corners)| {
                    let between = plane.abs_diff(middle) as f64 * spacing_mm;
                    (corners[other].squared_mm(at) + between * between).sqrt() <= tolerance_mm
                });
                if is_near {
                    self.within += area;
                }
            }
        }
    }

    fn dice(&self) -> f64 {
        self.within / self.all
    }
}

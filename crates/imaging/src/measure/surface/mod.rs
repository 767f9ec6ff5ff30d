//! Normalised surface Dice: the fraction of two surfaces that lies within a tolerance of the other one.
//!
//! The definition is that of S. Nikolov et al. (arXiv:1809.04430, 2018) and their code
//! (`google-deepmind/surface-distance`, `compute_surface_dice_at_tolerance`), with which the MedSAM on Laptop
//! challenge is scored at a tolerance of 2 mm (`evaluation/compute_metrics.py` of MedSAM). Surface elements lie at
//! corners between voxels that are not all inside or all outside. An element has the area of its marching cubes
//! surface; its distance is that to the nearest corner of the other surface.
//!
//! Differs from that code in two ways: two empty masks score 1 instead of NaN, since they agree; and each axis has
//! its own spacing, where the challenge's script uses the column spacing for the slice axis.

mod area;
mod corners;

use std::collections::VecDeque;

use crate::error::Error;
use crate::mask::{Mask, VolumeMask, same_size};
use corners::{Corners, Region};

/// Normalised surface Dice of two masks on a grid, in `[0, 1]`: 1 if both are empty, 0 if only one is.
///
/// `spacing_mm` is the distance between voxels along columns, rows and slices, each above 0. The surface of a single
/// slice includes its upper and lower side; the challenge scores images that way, with a spacing of 1, which makes
/// the tolerance pixels. [`normalised_surface_dice_2d`] compares only outlines.
///
/// Uses 18 bytes for each corner of the box around both masks, in as many planes as lie within the tolerance.
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
    // `as` saturates and maps NaN to 0.
    let reach = ((tolerance_mm / spacing_mm[2]) as usize).min(count);
    let mut sums = Sums::default();
    // A window of planes: all within the tolerance of the middle one.
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

/// Normalised surface Dice of two outlines by length: the reference's score for masks with two axes. In `[0, 1]`: 1
/// if both are empty, 0 if only one is.
///
/// `spacing_mm` is the distance between pixels along a row and down the rows, each above 0.
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

/// Areas of two surfaces, in total and within the tolerance.
#[derive(Debug, Default)]
struct Sums {
    within: f64,
    all: f64,
}

impl Sums {
    /// Adds the elements of a plane of corners; `near` has all planes within the tolerance.
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

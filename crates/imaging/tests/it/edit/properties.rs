//! Edits of random masks, compared with slow searches over all voxels.

use boxel_imaging::{Grid, Scan, VolumeMask};

use super::{dark, edited, volume};
use crate::support::random::Random;

/// A scan of a random size and spacing, every second one with unevenly spaced slices, and a mask of noise or of lumps.
fn case(random: &mut Random, number: usize) -> (Scan, VolumeMask) {
    let size = [0, 1, 2].map(|_| 1 + (random.unit() * 11.0) as u32);
    let spacing = [0, 1, 2].map(|_| 0.3 + 2.0 * random.unit());
    let mut grid = volume(size, spacing);
    if number % 2 == 1 {
        let mut place = -spacing[2];
        let steps = (0..size[2]).map(|_| {
            place += spacing[2] * (1.0 + (3.0 * random.unit()).floor());
            place
        });
        let places: Vec<f64> = steps.collect();
        grid.slice_positions_mm = Some(places.iter().map(|place| place - places[0]).collect());
    }
    let inside = [0.05, 0.5, 0.8, 0.97][number / 2 % 4];
    let voxels = grid.voxels() as usize;
    let values: Vec<u8> = (0..voxels)
        .map(|_| u8::from(random.unit() < inside))
        .collect();
    let mask = VolumeMask::from_values(&grid, &values).unwrap();
    (dark(grid), mask)
}

fn all(grid: &Grid) -> impl Iterator<Item = [u32; 3]> + use<> {
    let [columns, rows, slices] = grid.size();
    let rows = (0..slices).flat_map(move |k| (0..rows).map(move |j| (j, k)));
    rows.flat_map(move |(j, k)| (0..columns).map(move |i| [i, j, k]))
}

fn mask_of(grid: &Grid, inside: impl Fn([u32; 3]) -> bool) -> VolumeMask {
    let values: Vec<u8> = all(grid).map(|voxel| u8::from(inside(voxel))).collect();
    VolumeMask::from_values(grid, &values).unwrap()
}

#[test]
fn a_margin_is_the_search_over_all_voxels() {
    let mut random = Random(3);
    for number in 0..60 {
        let (scan, mask) = case(&mut random, number);
        let grid = scan.grid();
        let mm = 5.0 * random.unit();
        // The grid has no turned axes, so that places in the patient are places along them.
        let places: Vec<([u32; 3], [f64; 3])> = all(grid)
            .map(|voxel| (voxel, grid.patient_position(voxel).unwrap()))
            .collect();
        let is_near = |from: [u32; 3], inside: bool| {
            let from = grid.patient_position(from).unwrap();
            let apart = |to: [f64; 3]| (0..3).map(|at| (to[at] - from[at]).powi(2)).sum::<f64>();
            let mut counted = places
                .iter()
                .filter(|(voxel, _)| mask.get(*voxel) == inside);
            counted.any(|(_, to)| apart(*to) <= mm * mm)
        };
        let grown = edited(&mask, &scan, &format!(r#"{{"margin_v1":{{"mm":{mm}}}}}"#)).unwrap();
        assert_eq!(
            grown,
            mask_of(grid, |voxel| is_near(voxel, true)),
            "{number}"
        );
        let shrunk = edited(&mask, &scan, &format!(r#"{{"margin_v1":{{"mm":-{mm}}}}}"#)).unwrap();
        let expected = mask_of(grid, |voxel| mask.get(voxel) && !is_near(voxel, false));
        assert_eq!(shrunk, expected, "{number}");
    }
}

/// A number for each voxel for which `inside` is true: equal where they are connected.
fn parts(grid: &Grid, inside: &VolumeMask, value: bool, corners: bool) -> Vec<Option<usize>> {
    let voxels: Vec<[u32; 3]> = all(grid).collect();
    let mut numbers = vec![None; voxels.len()];
    for start in 0..voxels.len() {
        let mut next = vec![start];
        while let Some(at) = next.pop() {
            if inside.get(voxels[at]) != value || numbers[at].is_some() {
                continue;
            }
            numbers[at] = Some(start);
            let far = |to: [u32; 3]| [0, 1, 2].map(|axis| to[axis].abs_diff(voxels[at][axis]));
            let touches = |to: &usize| {
                let far = far(voxels[*to]);
                match corners {
                    true => far.into_iter().all(|far| far <= 1),
                    false => far.into_iter().sum::<u32>() == 1,
                }
            };
            next.extend((0..voxels.len()).filter(touches));
        }
    }
    numbers
}

#[test]
fn parts_and_holes_are_those_of_flooding() {
    let mut random = Random(17);
    for number in 0..24 {
        let (scan, mask) = case(&mut random, number);
        let grid = scan.grid();
        let voxels: Vec<[u32; 3]> = all(grid).collect();
        for (name, corners) in [("faces", false), ("corners", true)] {
            let numbers = parts(grid, &mask, true, corners);
            let size = |part: usize| numbers.iter().filter(|n| **n == Some(part)).count();
            let at = |voxel: [u32; 3]| numbers[grid.index(voxel).unwrap()];
            let json = format!(
                r#"{{"remove_islands_v1":{{"min":{{"voxels":4}},"connectivity":"{name}"}}}}"#
            );
            let expected = mask_of(grid, |voxel| at(voxel).is_some_and(|part| size(part) >= 4));
            assert_eq!(edited(&mask, &scan, &json).unwrap(), expected, "{number}");
            let max = (0..voxels.len()).map(size).max().unwrap();
            let best = (0..voxels.len()).find(|part| size(*part) == max);
            let json = format!(r#"{{"largest_v1":{{"connectivity":"{name}"}}}}"#);
            let expected = mask_of(grid, |voxel| at(voxel).is_some() && at(voxel) == best);
            assert_eq!(edited(&mask, &scan, &json).unwrap(), expected, "{number}");
        }
        let outside = parts(grid, &mask, false, false);
        let is_image = grid.slices == 1;
        let at_edge = |voxel: &[u32; 3]| {
            let ends = |axis: usize| voxel[axis] == 0 || voxel[axis] + 1 == grid.size()[axis];
            ends(0) || ends(1) || (ends(2) && !is_image)
        };
        let numbers = || voxels.iter().zip(&outside);
        let open: Vec<usize> = numbers()
            .filter(|(v, _)| at_edge(v))
            .filter_map(|(_, n)| *n)
            .collect();
        let expected = mask_of(grid, |voxel| {
            let part = outside[grid.index(voxel).unwrap()];
            part.is_none_or(|part| !open.contains(&part))
        });
        let filled = edited(&mask, &scan, r#"{"fill_holes_v1":{}}"#).unwrap();
        assert_eq!(filled, expected, "{number}");
        assert_eq!(
            edited(&filled, &scan, r#"{"fill_holes_v1":{}}"#).unwrap(),
            filled
        );
    }
}

#[test]
fn the_majority_is_counted_as_if_voxel_by_voxel() {
    let mut random = Random(29);
    for number in 0..24 {
        let (scan, mask) = case(&mut random, number);
        let grid = scan.grid();
        let radius = 4.0 * random.unit();
        let spacing = grid.spacing_mm().unwrap();
        let half = spacing.map(|mm| (radius / mm).round() as i64);
        let mirrored = |at: i64, side: i64| {
            let at = at.rem_euclid(2 * side);
            at.min(2 * side - 1 - at) as u32
        };
        let expected = mask_of(grid, |voxel| {
            let (mut inside, mut count) = (0, 0);
            for z in -half[2]..=half[2] {
                for y in -half[1]..=half[1] {
                    for x in -half[0]..=half[0] {
                        let by = [x, y, z];
                        let place = [0, 1, 2].map(|axis| {
                            let side = i64::from(grid.size()[axis]);
                            mirrored(i64::from(voxel[axis]) + by[axis], side)
                        });
                        inside += u32::from(mask.get(place));
                        count += 1;
                    }
                }
            }
            2 * inside > count
        });
        let json = format!(r#"{{"smooth_v1":{{"radius_mm":{radius}}}}}"#);
        assert_eq!(
            edited(&mask, &scan, &json).unwrap(),
            expected,
            "{number}: {half:?}"
        );
    }
}

/// Of a ball every fifth slice is given; what is filled differs little from the ball.
#[test]
fn a_ball_comes_back_from_some_of_its_slices() {
    let scan = dark(volume([60, 60, 61], [1.0, 1.0, 1.0]));
    let ball = mask_of(scan.grid(), |voxel| {
        let off = voxel.map(|at| f64::from(at) - 30.0);
        off.into_iter().map(|off| off * off).sum::<f64>() <= 25.0 * 25.0
    });
    let some = mask_of(scan.grid(), |voxel| voxel[2] % 5 == 0 && ball.get(voxel));
    let filled = edited(&some, &scan, r#"{"interpolate_v1":{"plane":"axial"}}"#).unwrap();
    let dice = filled.dice(&ball).unwrap();
    assert!(dice > 0.98, "{dice}");
    let coronal = mask_of(scan.grid(), |voxel| voxel[1] % 5 == 0 && ball.get(voxel));
    let turned = edited(&coronal, &scan, r#"{"interpolate_v1":{"plane":"coronal"}}"#).unwrap();
    assert_eq!(turned.count(), filled.count());
}

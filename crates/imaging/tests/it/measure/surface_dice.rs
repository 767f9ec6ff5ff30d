//! Normalised surface Dice, compared with DeepMind's package.

use crate::support::objects::voxels;
use crate::support::random::Random;
use crate::support::tools;
use boxel_imaging::measure::{normalised_surface_dice, normalised_surface_dice_2d};
use boxel_imaging::{Grid, SlicePlane, Stacking, VolumeMask};

/// A grid of 64 × 64 pixels.
fn grid(slices: u32) -> Grid {
    Grid {
        slices,
        stacking: Stacking::Slices,
        ..Grid::image(64, 64)
    }
}

#[test]
fn empty_masks_have_no_surface() {
    let grid = grid(3);
    let (none, one) = (
        VolumeMask::empty(&grid),
        voxels(&grid, |p| p == [4.0, 5.0, 1.0]),
    );
    let dice = |a, b| normalised_surface_dice(a, b, [1.0; 3], 2.0).unwrap();
    assert_eq!(dice(&none, &none), 1.0);
    assert_eq!((dice(&none, &one), dice(&one, &none)), (0.0, 0.0));
    assert_eq!(dice(&one, &one), 1.0);
    let flat = |mask: &VolumeMask| mask.slice(&SlicePlane::first(&grid), 1);
    let (flat_none, flat_one) = (flat(&none), flat(&one));
    let dice = |a, b| normalised_surface_dice_2d(a, b, [1.0; 2], 2.0).unwrap();
    assert_eq!(dice(&flat_none, &flat_none), 1.0);
    assert_eq!(dice(&flat_none, &flat_one), 0.0);
    let other = VolumeMask::empty(&Grid::image(4, 4));
    assert!(normalised_surface_dice(&one, &other, [1.0; 3], 2.0).is_err());
}

/// A cube, and the same cube moved by three slices with a spacing of 0.5 mm.
#[test]
fn the_tolerance_is_in_mm() {
    let grid = grid(30);
    let cube = |from: f64| {
        voxels(&grid, move |p| {
            (from..from + 10.0).contains(&p[2]) && p[..2].iter().all(|x| (20.0..30.0).contains(x))
        })
    };
    let dice = |tolerance| {
        normalised_surface_dice(&cube(5.0), &cube(8.0), [1.0, 1.0, 0.5], tolerance).unwrap()
    };
    assert_eq!(dice(1.5), 1.0);
    // All but the top and bottom of both, and the ends of their sides.
    assert!((0.5..0.8).contains(&dice(1.4)), "{}", dice(1.4));
    assert_eq!((dice(-1.0), dice(f64::NAN)), (0.0, 0.0));
    assert_eq!(dice(f64::INFINITY), 1.0);
}

/// Blobs of all shapes, holes and single voxels, on grids of all spacings.
#[test]
fn surface_dice_equals_deepminds() {
    let folder = std::env::temp_dir().join(format!("boxel-surface-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut random = Random(7);
    let mut ours = Vec::new();
    let mut cases = Vec::new();
    for number in 0..24 {
        let slices = if number % 3 == 0 { 1 } else { 9 + number };
        let grid = Grid {
            slices,
            stacking: Stacking::Slices,
            ..Grid::image(14 + number, 30 - number)
        };
        let [a, b] = [random.balls(&grid), random.balls(&grid)];
        let spacing = [0; 3].map(|_| 0.4 + 2.6 * random.unit());
        let tolerance = [0.0, 0.5, 1.0, 2.0, 4.0][number as usize % 5];
        for (name, mask) in [("a", &a), ("b", &b)] {
            let bytes: Vec<u8> = mask.values().map(u8::from).collect();
            std::fs::write(folder.join(format!("{number}.{name}")), bytes).unwrap();
        }
        // For a single slice, alternately the outline and the surface.
        let axes = if slices == 1 && number % 2 == 0 { 2 } else { 3 };
        ours.push(match axes {
            2 => {
                let [a, b] = [a, b].map(|mask| mask.slice(&SlicePlane::first(&grid), 0));
                normalised_surface_dice_2d(&a, &b, [spacing[0], spacing[1]], tolerance).unwrap()
            }
            _ => normalised_surface_dice(&a, &b, spacing, tolerance).unwrap(),
        });
        let (size, spacing) = (&grid.size()[..axes], &spacing[..axes]);
        cases.push(format!(
            r#"{{"size": {size:?}, "spacing": {spacing:?}, "tolerance": {tolerance}}}"#
        ));
    }
    std::fs::write(folder.join("cases.json"), format!("[{}]", cases.join(","))).unwrap();
    let theirs = tools::python("surface_dice.py", &[&folder]);
    std::fs::remove_dir_all(&folder).unwrap();
    let Some(theirs) = theirs else {
        return;
    };
    let theirs: Vec<f64> = theirs.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(theirs.len(), ours.len());
    for (number, (ours, theirs)) in ours.into_iter().zip(theirs).enumerate() {
        assert!(
            (ours - theirs).abs() < 1e-6,
            "{number}: {ours} for {theirs}"
        );
    }
}

impl Random {
    /// A mask of some balls, with single voxels inverted.
    fn balls(&mut self, grid: &Grid) -> VolumeMask {
        let balls: Vec<([f64; 3], f64)> = (0..4)
            .map(|_| {
                let centre = grid.size().map(|side| self.unit() * f64::from(side));
                (centre, 2.0 + 5.0 * self.unit())
            })
            .collect();
        let noise: Vec<bool> = (0..grid.voxels()).map(|_| self.unit() < 0.01).collect();
        voxels(grid, |p| {
            let in_ball = balls.iter().any(|(centre, radius)| {
                let squared: f64 = (0..3).map(|axis| (p[axis] - centre[axis]).powi(2)).sum();
                squared <= radius * radius
            });
            in_ball != noise[grid.index(p.map(|x| x as u32)).unwrap()]
        })
    }
}

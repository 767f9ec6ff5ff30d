use super::*;
use crate::format::Format;
use crate::scan::{About, Affine, Grid, Rescale, Source, Stacking};
use crate::window::Lut;

fn scan(voxels: Voxels, rescale: Rescale, inverted: bool) -> Scan {
    let mut about = About::new(Format::Dicom, voxels.bits());
    about.inverted = inverted;
    about.luts = vec![Lut {
        name: String::new(),
        first: -20,
        bits: 12,
        entries: (0..500).map(|x| 8 * x).collect(),
    }];
    let grid = Grid::image(256, voxels.len() as u32 / 256);
    Scan::new(grid, voxels, vec![rescale], about, Source::Raster).unwrap()
}

const WINDOWS: [Window; 7] = [
    Window::Linear {
        level: 40.0,
        width: 400.0,
    },
    Window::Linear {
        level: 40.0,
        width: 0.0,
    },
    Window::DicomLinear {
        level: 40.0,
        width: 400.0,
    },
    Window::Sigmoid {
        level: -600.0,
        width: 1500.0,
    },
    Window::Percentiles,
    Window::Lut { index: 0 },
    Window::Stored,
];

/// Every sample of every integer type of 16 bits and fewer, in every window.
#[test]
fn the_table_has_the_formulas_levels() {
    let rescales = [[1.0, 0.0], [1.0, -1024.0], [-0.37, 12.5]];
    for [slope, intercept] in rescales {
        for (inverted, window) in WINDOWS.map(|window| (slope < 0.0, window)) {
            let all = [
                Voxels::U8((0..=u8::MAX).collect()),
                Voxels::I8((i8::MIN..=i8::MAX).collect()),
                Voxels::U16((0..=u16::MAX).collect()),
                Voxels::I16((i16::MIN..=i16::MAX).collect()),
            ];
            for voxels in all {
                if window == Window::Stored && matches!(voxels, Voxels::U8(_)) {
                    continue;
                }
                let rescale = Rescale { slope, intercept };
                let scan = scan(voxels, rescale, inverted);
                let slice_plane = SlicePlane::first(scan.grid());
                let level = scan.level_of(scan.possible(window));
                let evaluated = scan.evaluated(&slice_plane, 0, &*level);
                let bits = scan.voxels().bits();
                assert!(
                    scan.render(&slice_plane, 0, window).pixels() == evaluated,
                    "{window:?}, {bits} bits, slope {slope}"
                );
            }
        }
    }
}

/// Each plane of a volume, of slices that are inverted by their own word and rescaled by their own slope.
#[test]
fn every_plane_walks_its_own_voxels() {
    let turned = Affine([
        [0.0, 0.0, -2.0, 9.0],
        [1.0, 0.0, 0.0, 0.0],
        [0.0, -1.0, 0.0, 5.0],
    ]);
    let upright = Affine([
        [1.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
    ]);
    for affine in [turned, upright] {
        let grid = Grid {
            slices: 4,
            stacking: Stacking::Slices,
            patient_from_voxel: Some(affine),
            ..Grid::image(5, 3)
        };
        let mut about = About::new(Format::Dicom, 16);
        about.inverted_slices = vec![false, true, true, false];
        let rescales = (1..5).map(|k| Rescale {
            slope: f64::from(k),
            intercept: 0.0,
        });
        let stored = Voxels::I16((0..60).collect());
        let scan = Scan::new(grid, stored, rescales.collect(), about, Source::Raster).unwrap();
        for plane in SlicePlane::planes(scan.grid()) {
            let slice_plane = SlicePlane::new(scan.grid(), plane);
            for slice in 0..slice_plane.slices() {
                let level = scan.level_of(WINDOWS[0]);
                let expected = slice_plane.voxels(slice).flat_map(|voxel| {
                    let shade = level(scan.value(voxel).unwrap());
                    [if scan.about.is_inverted(voxel[2]) {
                        255 - shade
                    } else {
                        shade
                    }; 3]
                });
                let expected: Vec<u8> = expected.collect();
                assert_eq!(
                    scan.render(&slice_plane, slice, WINDOWS[0]).pixels(),
                    expected
                );
            }
        }
    }
}

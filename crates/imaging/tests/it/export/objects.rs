//! Outlines and labels match the masks.

use crate::support::objects::{labelled, mask, masks, scan, volume_grid};
use boxel_imaging::export::{
    Labelled, case_npz, coco_json, label_png, measures_csv, outlines_svg, segs_npz,
};
use boxel_imaging::{Grid, Limits, Mask, Plane, SlicePlane, VolumeMask, Voxels, Window, open};

/// Rasterizes a path: even-odd, sampled at pixel centres.
fn filled(path: &str, width: u32, height: u32) -> Vec<u8> {
    // Vertical edges as column, first row and last row.
    let mut edges: Vec<[i64; 3]> = Vec::new();
    for outline in path.split('Z').filter(|outline| !outline.is_empty()) {
        let spaced = outline.replace(['H', 'V'], ";");
        let letters = outline.chars().filter(|letter| "HV".contains(*letter));
        let mut parts = spaced.split(';');
        let start = parts.next().unwrap().strip_prefix('M').unwrap();
        let (x, y) = start.split_once(' ').unwrap();
        let [x0, y0]: [i64; 2] = [x, y].map(|at| at.parse().unwrap());
        let (mut x, mut y) = (x0, y0);
        for (letter, to) in letters.zip(parts) {
            let to: i64 = to.parse().unwrap();
            match letter {
                'H' => x = to,
                _ => {
                    edges.push([x, y.min(to), y.max(to)]);
                    y = to;
                }
            }
        }
        assert!(x == x0 || y == y0, "closed at a right angle");
        edges.push([x, y.min(y0), y.max(y0)]);
    }
    let inside = |x: i64, y: i64| {
        let crossed = edges
            .iter()
            .filter(|[at, from, to]| *at <= x && *from <= y && y < *to);
        u8::from(crossed.count() % 2 == 1)
    };
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (i64::from(x), i64::from(y))))
        .map(|(x, y)| inside(x, y))
        .collect()
}

#[test]
fn outlines_fill_the_same_pixels() {
    let grid = volume_grid();
    let masks = masks(&grid);
    for plane in SlicePlane::planes(&grid) {
        let slice_plane = SlicePlane::new(&grid, plane);
        let (width, height) = (slice_plane.size().width, slice_plane.size().height);
        for slice in 0..slice_plane.slices() {
            let svg = outlines_svg(&grid, &slice_plane, slice, &labelled(&masks)).unwrap();
            assert!(svg.contains(&format!("viewBox=\"0 0 {width} {height}\"")));
            let mut paths = svg.split(" d=\"").skip(1);
            for mask in &masks {
                let mask = mask.slice(&slice_plane, slice);
                if mask.area_px() == 0 {
                    continue;
                }
                let path = paths.next().unwrap().split('"').next().unwrap();
                assert_eq!(filled(path, width, height), mask.values(), "{path}");
            }
            assert_eq!(paths.next(), None);
        }
    }
    let slice_plane = SlicePlane::new(&grid, Plane::Stored);
    let svg = outlines_svg(&grid, &slice_plane, 1, &labelled(&masks)).unwrap();
    assert!(svg.contains("<title>Ödem &lt;&amp;&gt;</title>"), "{svg}");
    assert!(svg.contains("fill=\"#fa0003\""), "{svg}");
    // The ring: its outline, and that of its hole.
    assert!(svg.contains("d=\"M1 0H6V5H1ZM2 1V4H5V1Z\""), "{svg}");
}

/// In noise, outlines meet in every possible way.
#[test]
fn outlines_of_noise() {
    let grid = Grid::image(40, 30);
    let slice_plane = SlicePlane::first(&grid);
    let noise = mask(&grid, |[i, j, _]| {
        (i * 7919 + j * 104_729 + i * j * 31) % 13 < 6
    });
    let object = Labelled {
        name: "\u{0}noise\u{fffe}",
        colour: [1, 2, 3],
        mask: &noise,
    };
    let svg = outlines_svg(&grid, &slice_plane, 0, &[object]).unwrap();
    let path = svg
        .split(" d=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert_eq!(filled(path, 40, 30), noise.slice(&slice_plane, 0).values());
    assert!(svg.contains("<title>noise</title>"));
}

#[test]
fn labels_are_numbered_and_the_last_wins() {
    let pixels = |values: [u8; 4]| Mask::new(2, 2, values.to_vec()).unwrap();
    let [a, b] = [pixels([1, 1, 0, 0]), pixels([0, 1, 1, 0])];
    let read = |png: &[u8]| open(png, &Limits::default()).unwrap().voxels().clone();
    assert_eq!(
        read(&label_png(&[&a, &b]).unwrap()),
        Voxels::U8(vec![1, 2, 2, 0])
    );
    let many: Vec<&Mask> = [&a; 299].into_iter().chain([&b]).collect();
    assert_eq!(
        read(&label_png(&many).unwrap()),
        Voxels::U16(vec![299, 300, 300, 0])
    );
    assert!(label_png(&[]).is_err());
    assert!(label_png(&[&a, &Mask::new(1, 1, vec![1]).unwrap()]).is_err());
}

#[test]
fn objects_of_another_grid_are_refused() {
    let grid = volume_grid();
    let slice_plane = SlicePlane::first(&grid);
    let other = VolumeMask::empty(&Grid::image(7, 5));
    let object = [Labelled {
        name: "a",
        colour: [0; 3],
        mask: &other,
    }];
    assert!(coco_json(&grid, &slice_plane, &object).is_err());
    assert!(outlines_svg(&grid, &slice_plane, 0, &object).is_err());
    assert!(segs_npz(&grid, &object).is_err());
    assert!(case_npz(&scan(), Window::Percentiles, &object).is_err());
    assert!(measures_csv(&scan(), &slice_plane, &object).is_err());
}

//! The short axis lies inside the mask: shapes with known axes, and two independent implementations, one that walks
//! along lines in small steps, and scikit-image's contour cut by lines.

use crate::support::random::Random;
use crate::support::tools;
use boxel_imaging::measure::{SliceMeasures, measure_slice, measure_volume};
use boxel_imaging::{
    About, Affine, Format, Grid, Mask, PixelSpacing, Plane, Rescale, Scan, SlicePlane, Source,
    SpacingSource, Stacking, VolumeMask, Voxels,
};

/// A scan of one slice with pixels of `x × y` mm.
fn scan(size: [u32; 2], [x_mm, y_mm]: [f64; 2]) -> Scan {
    let grid = Grid {
        stacking: Stacking::Slices,
        pixel_spacing: Some(PixelSpacing {
            x_mm,
            y_mm,
            source: SpacingSource::PixelSpacing,
        }),
        ..Grid::image(size[0], size[1])
    };
    scan_on(grid)
}

fn scan_on(grid: Grid) -> Scan {
    let voxels = Voxels::U8(vec![0; grid.voxels() as usize]);
    let about = About::new(Format::Dicom, 8);
    Scan::new(grid, voxels, vec![Rescale::IDENTITY], about, Source::Raster).unwrap()
}

/// A mask of the pixels whose index is inside.
fn mask([width, height]: [u32; 2], inside: impl Fn(u32, u32) -> bool) -> Mask {
    let values = (0..width * height).map(|at| inside(at % width, at / width).into());
    Mask::new(width, height, values.collect()).unwrap()
}

fn measured(mask: &Mask, spacing: [f64; 2]) -> SliceMeasures {
    let scan = scan([mask.width(), mask.height()], spacing);
    measure_slice(&scan, &SlicePlane::first(scan.grid()), 0, mask).unwrap()
}

/// Length in mm and ends in image space, of the long and the short axis.
fn axes(mask: &Mask, spacing: [f64; 2]) -> [(f64, [[f64; 2]; 2]); 2] {
    let measures = measured(mask, spacing);
    [measures.long_axis, measures.short_axis].map(|axis| {
        let axis = axis.unwrap();
        let ends = axis.ends.map(|end| [f64::from(end.x), f64::from(end.y)]);
        (axis.length_mm.unwrap(), ends)
    })
}

#[track_caller]
fn assert_near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} for {expected}");
}

/// A bar of 40 × 4 pixels with a second bar, 4 wide, 20 down from its left end: a bracket. The long axis runs from the
/// right end of the first bar to the foot of the second.
#[test]
fn a_bracket_is_measured_in_its_arms() {
    let bracket = |x: u32, y: u32| {
        let bar = (5..45).contains(&x) && (5..9).contains(&y);
        bar || ((5..9).contains(&x) && (5..29).contains(&y))
    };
    let [(long, _), (short, ends)] = axes(&mask([50, 34], bracket), [1.0, 1.0]);
    // From the right edge of the first row to the left edge of the last.
    assert_near(long, 40f64.hypot(23.0), 1e-9);
    // Across the convex hull it would be 19 long, and end outside, between the arms.
    let bracket = mask([50, 34], bracket);
    assert_lies_in(&bracket, ends);
    assert_near(short, by_steps(&bracket, [1.0, 1.0]), 0.1);
    assert!((4.0..12.0).contains(&short), "{short}");
}

/// The short axis of a ring doesn't cross the hole.
#[test]
fn a_hole_is_not_crossed() {
    let ring = mask([64, 64], |x, y| {
        let [x, y] = [x, y].map(|at| f64::from(at) - 31.5);
        (10.0..=20.0).contains(&x.hypot(y))
    });
    let [(long, _), (short, ends)] = axes(&ring, [1.0, 1.0]);
    assert_near(long, 40.0, 1.0);
    assert_lies_in(&ring, ends);
    // A chord of a circle of radius 20 that touches one of radius 10.
    assert_near(short, 2.0 * 300f64.sqrt(), 1.0);
}

/// A convex mask is as wide as its hull, and a mask and its mirror image have equal axes.
#[test]
fn convex_masks_are_as_wide_as_their_hull() {
    let rectangle = mask([64, 64], |x, y| {
        (10..50).contains(&x) && (20..40).contains(&y)
    });
    let [_, (short, _)] = axes(&rectangle, [1.0, 1.0]);
    assert_near(short, 20.0 * 40f64.hypot(19.0) / 40.0, 0.02);
    let column = mask([8, 30], |x, y| x == 3 && (2..27).contains(&y));
    let [(long, along), (short, across)] = axes(&column, [0.5, 2.0]);
    assert_eq!((long, along), (50.0, [[3.5, 2.0], [3.5, 27.0]]));
    assert_near(short, 0.5, 1e-12);
    // Of equally long lines, the one at the middle of the long axis.
    assert_eq!(across.map(|[_, y]| y), [14.5, 14.5]);
}

/// Random parts with holes and pixels that touch by corners, on pixels of all shapes, compared with a search in steps
/// of 0.04 mm along lines 0.04 mm apart.
#[test]
fn equals_a_search_in_small_steps() {
    let mut random = Random(11);
    for number in 0..24 {
        let size = [6 + number % 7, 12 - number % 5];
        let inside = 0.45 + 0.4 * random.unit();
        let mask = random.mask(size, inside);
        let spacing = [0.4 + random.unit(), 0.4 + random.unit()];
        let [(long, _), (short, ends)] = axes(&mask, spacing);
        // The search may miss a line between two corners; ours must lie inside.
        assert_lies_in(&largest_part(&mask), ends);
        let in_steps = by_steps(&mask, spacing);
        assert!(short > in_steps - 0.1, "{number}: {short} for {in_steps}");
        assert!(short <= long + 1e-9, "{number}: {short} of {long}");
        // Perpendicular to the long axis, in mm.
        let [(_, along), _] = axes(&mask, spacing);
        let [a, b] =
            [along, ends].map(|[from, to]| [0, 1].map(|at| (to[at] - from[at]) * spacing[at]));
        assert!((a[0] * b[0] + a[1] * b[1]).abs() < 1e-4 * long * long);
        assert_near(b[0].hypot(b[1]), short, 1e-4);
    }
}

/// Every point of a line is inside the part, or on its outline.
#[track_caller]
fn assert_lies_in(part: &Mask, [from, to]: [[f64; 2]; 2]) {
    for step in 0..=1000 {
        let at = f64::from(step) / 1000.0;
        let [x, y] = [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * at);
        let nudge = [-1e-4, 0.0, 1e-4];
        let mut around = nudge.iter().flat_map(|dx| nudge.map(|dy| [x + dx, y + dy]));
        assert!(around.any(|point| is_inside(part, point)), "{x} {y}");
    }
}

/// The longest inside run along lines perpendicular to the long axis.
fn by_steps(mask: &Mask, spacing: [f64; 2]) -> f64 {
    const STEP: f64 = 0.04;
    let [(_, [from, to]), _] = axes(mask, spacing);
    let mm = |[x, y]: [f64; 2]| [x * spacing[0], y * spacing[1]];
    let ([x0, y0], [x1, y1]) = (mm(from), mm(to));
    let length = (x1 - x0).hypot(y1 - y0);
    let [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
    let part = largest_part(mask);
    let reach = (f64::from(mask.width()) * spacing[0]).hypot(f64::from(mask.height()) * spacing[1]);
    let lines = (-reach / STEP) as i64..=(reach / STEP) as i64;
    let mut longest = 0.0f64;
    for line in lines.clone() {
        // Off the corners, where a line may touch the outline without entering.
        let at = (line as f64 + 0.37) * STEP;
        let mut run = 0u32;
        for step in lines.clone() {
            let across = step as f64 * STEP;
            let (x, y) = (x0 + at * ux - across * uy, y0 + at * uy + across * ux);
            run = match is_inside(&part, [x / spacing[0], y / spacing[1]]) {
                true => run + 1,
                false => 0,
            };
            longest = longest.max(f64::from(run) * STEP);
        }
    }
    longest
}

/// Whether a point is inside the outline: between the centres of four pixels, in the area that remains when the outside
/// ones are cut off.
fn is_inside(part: &Mask, [x, y]: [f64; 2]) -> bool {
    let (column, row) = ((x - 0.5).floor(), (y - 0.5).floor());
    let [dx, dy] = [x - 0.5 - column, y - 0.5 - row];
    let pixel = |dx: f64, dy: f64| {
        let (x, y) = (column + dx, row + dy);
        let is_within = (0.0..f64::from(part.width())).contains(&x)
            && (0.0..f64::from(part.height())).contains(&y);
        is_within && part.values()[y as usize * part.width() as usize + x as usize] != 0
    };
    let corners = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
    let near = |[x, y]: [f64; 2]| (dx - x).abs() + (dy - y).abs() <= 0.5;
    let inside = corners.map(|[x, y]| pixel(x, y));
    let count = inside.iter().filter(|inside| **inside).count();
    let of = |which: bool| {
        let which = corners
            .into_iter()
            .zip(inside)
            .filter(move |(_, i)| *i == which);
        which.map(|(corner, _)| corner)
    };
    match count {
        0 => false,
        1 => of(true).any(near),
        2 if inside[0] == inside[1] => (dy <= 0.5) == inside[0],
        2 if inside[0] == inside[2] => (dx <= 0.5) == inside[0],
        _ => !of(false).any(near),
    }
}

/// The largest connected part by flooding; of equally large ones, the topmost.
fn largest_part(mask: &Mask) -> Mask {
    let (width, height) = (mask.width() as i64, mask.height() as i64);
    let mut left: Vec<bool> = mask.values().iter().map(|value| *value != 0).collect();
    let mut best: Vec<usize> = Vec::new();
    for start in 0..left.len() {
        let (mut part, mut next) = (Vec::new(), vec![start]);
        while let Some(at) = next.pop() {
            if !std::mem::take(&mut left[at]) {
                continue;
            }
            part.push(at);
            let (x, y) = (at as i64 % width, at as i64 / width);
            for (x, y) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (x + dx, y + dy))) {
                if (0..width).contains(&x) && (0..height).contains(&y) {
                    next.push((y * width + x) as usize);
                }
            }
        }
        if part.len() > best.len() {
            best = part;
        }
    }
    let values = (0..left.len())
        .map(|at| best.contains(&at).into())
        .collect();
    Mask::new(mask.width(), mask.height(), values).unwrap()
}

/// Both ends in patient space: in the coronal plane of a volume stored in reverse, and without a place.
#[test]
fn ends_are_given_in_patient_space() {
    let grid = Grid {
        slices: 20,
        stacking: Stacking::Slices,
        pixel_spacing: Some(PixelSpacing {
            x_mm: 0.8,
            y_mm: 0.5,
            source: SpacingSource::PixelSpacing,
        }),
        slice_spacing_mm: Some(2.0),
        patient_from_voxel: Some(Affine([
            [-0.8, 0.0, 0.0, 100.0],
            [0.0, -0.5, 0.0, 50.0],
            [0.0, 0.0, 2.0, -300.0],
        ])),
        ..Grid::image(30, 24)
    };
    let scan = scan_on(grid);
    // Voxels 4 to 13 of a row, at slices 7 and 8.
    let inside = |i: u32, j: u32, k: u32| (4..14).contains(&i) && j == 9 && (7..9).contains(&k);
    let mut values = Vec::new();
    for k in 0..20 {
        for j in 0..24 {
            values.extend((0..30).map(|i| u8::from(inside(i, j, k))));
        }
    }
    let bar = VolumeMask::from_values(scan.grid(), &values).unwrap();
    let coronal = SlicePlane::new(scan.grid(), Plane::Coronal);
    let measures = measure_volume(&scan, &coronal, &bar).unwrap();
    let (_, measures) = measures.longest.unwrap();
    let [long, short] = [measures.long_axis, measures.short_axis].map(Option::unwrap);
    let [a, b] = long.patient_mm.unwrap();
    // All lie in the plane of row 9: 50 − 9 · 0.5 = 45.5.
    assert!(a[1] == 45.5 && b[1] == 45.5, "{a:?} {b:?}");
    let far = (b[0] - a[0]).hypot(b[2] - a[2]);
    assert_near(far, long.length_mm.unwrap(), 1e-5);
    assert_near(far, 8f64.hypot(2.0), 1e-5);
    // Column 4 begins at 100 − 3.5 · 0.8 and column 13 ends at 100 − 13.5 · 0.8.
    let mut ends = [a[0], b[0]];
    ends.sort_by(f64::total_cmp);
    assert_near(ends[0], 89.2, 1e-5);
    assert_near(ends[1], 97.2, 1e-5);
    let [a, b] = short.patient_mm.unwrap();
    let far = (b[0] - a[0]).hypot(b[2] - a[2]);
    assert_near(far, short.length_mm.unwrap(), 1e-5);
    let plain = measured(&mask([4, 4], |x, _| x == 1), [1.0, 1.0]);
    assert_eq!(plain.short_axis.unwrap().patient_mm, None);
}

/// A hundred thousand corners must not take minutes.
#[test]
fn noise_is_measured_too() {
    let mut random = Random(3);
    let noise = random.mask([700, 700], 0.6);
    let [(long, _), (short, _)] = axes(&noise, [1.0, 1.1]);
    assert!(
        long > 1000.0 && short > 5.0 && short < long,
        "{long} {short}"
    );
}

/// scikit-image's contour of each mask, cut by lines perpendicular to our long axis.
#[test]
fn equals_scikit_images_contour() {
    let folder = std::env::temp_dir().join(format!("boxel-axes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut random = Random(5);
    let (mut ours, mut cases) = (Vec::new(), Vec::new());
    for number in 0..20 {
        let size = [24 + number, 60 - number];
        // Blobs and noise, alternately.
        let mask = match number % 2 {
            0 => random.discs(size),
            _ => random.mask(size, 0.7),
        };
        let spacing = [0.4 + random.unit(), 0.4 + random.unit()];
        let [(long, _), (short, _)] = axes(&mask, spacing);
        std::fs::write(folder.join(format!("{number}.mask")), mask.values()).unwrap();
        ours.push([long, short]);
        cases.push(format!(r#"{{"size": {size:?}, "spacing": {spacing:?}}}"#));
    }
    std::fs::write(folder.join("cases.json"), format!("[{}]", cases.join(","))).unwrap();
    let theirs = tools::python("short_axis.py", &[&folder]);
    std::fs::remove_dir_all(&folder).unwrap();
    let Some(theirs) = theirs else {
        return;
    };
    if theirs.starts_with("SKIPPED") {
        println!("{theirs}");
        return;
    }
    let lines: Vec<&str> = theirs.lines().collect();
    assert_eq!(lines.len(), ours.len());
    for (number, (ours, line)) in ours.iter().zip(lines).enumerate() {
        let theirs: Vec<f64> = line.split(' ').map(|x| x.parse().unwrap()).collect();
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!(
                (ours - theirs).abs() < 1e-4,
                "{number}: {ours} for {theirs}"
            );
        }
    }
}

impl Random {
    /// A mask with each pixel inside with a probability; the first one always.
    fn mask(&mut self, [width, height]: [u32; 2], inside: f64) -> Mask {
        let mut values: Vec<u8> = Vec::new();
        values.extend((0..width * height).map(|_| u8::from(self.unit() < inside)));
        values[0] = 1;
        Mask::new(width, height, values).unwrap()
    }

    /// A mask of some discs with others cut out.
    fn discs(&mut self, [width, height]: [u32; 2]) -> Mask {
        let discs: Vec<([f64; 2], f64, bool)> = (0..7)
            .map(|at| {
                let centre = [width, height].map(|side| f64::from(side) * self.unit());
                (centre, 3.0 + 9.0 * self.unit(), at < 4)
            })
            .collect();
        mask([width, height], |x, y| {
            let within = |(centre, radius, _): &&([f64; 2], f64, bool)| {
                (f64::from(x) - centre[0]).hypot(f64::from(y) - centre[1]) < *radius
            };
            discs.iter().rfind(within).is_some_and(|(_, _, adds)| *adds)
        })
    }
}

//! Times each edit on a volume of 512 × 512 × 300 voxels, on one thread:
//! `cargo run --release -p boxel-imaging --example edit_times`.
//!
//! Each is run on an organ (an ellipsoid of 1.4 L with a rough surface and holes), and on a mask that reaches through the whole
//! volume (a threshold of noise about a body). Prints the median and the slowest of some runs, in ms.

use std::time::Instant;

use boxel_imaging::edit::EditScene;
use boxel_imaging::{
    About, Affine, EditStep, Error, Format, Grid, PixelSpacing, Rescale, Scan, Source,
    SpacingSource, Stacking, VolumeMask, Voxels,
};

const SIZE: [u32; 3] = [512, 512, 300];
const SPACING: [f64; 3] = [0.8, 0.8, 1.5];
const RUNS: usize = 5;

const EDITS: [(&str, &str); 17] = [
    (
        "interpolate, every 5th slice",
        r#"{"interpolate_v1":{"plane":"axial","slices":[]}}"#,
    ),
    ("largest", r#"{"largest_v1":{}}"#),
    (
        "remove islands",
        r#"{"remove_islands_v1":{"min":{"mm3":100}}}"#,
    ),
    ("fill holes", r#"{"fill_holes_v1":{}}"#),
    (
        "fill holes, axial",
        r#"{"fill_holes_v1":{"plane":"axial"}}"#,
    ),
    (
        "fill holes, sagittal",
        r#"{"fill_holes_v1":{"plane":"sagittal"}}"#,
    ),
    ("smooth, 2 mm", r#"{"smooth_v1":{"radius_mm":2}}"#),
    ("smooth, 10 mm", r#"{"smooth_v1":{"radius_mm":10}}"#),
    ("margin, 3 mm", r#"{"margin_v1":{"mm":3}}"#),
    ("margin, 20 mm", r#"{"margin_v1":{"mm":20}}"#),
    ("margin, -3 mm", r#"{"margin_v1":{"mm":-3}}"#),
    (
        "threshold",
        r#"{"threshold_v1":{"range":{"low":40,"high":200}}}"#,
    ),
    (
        "threshold within",
        r#"{"threshold_within_v1":{"range":{"low":40,"high":200}}}"#,
    ),
    (
        "grow",
        r#"{"grow_v1":{"voxel":[200,250,150],"range":{"low":0,"high":4000}}}"#,
    ),
    (
        "grow, 30 mm",
        r#"{"grow_v1":{"voxel":[200,250,150],"range":{"low":0,"high":4000},"max_mm":30}}"#,
    ),
    (
        "sphere, 10 mm, 20 points",
        r#"{"sphere_v1":{"kind":"paint","radius_mm":10,"path":[[200,200,100],[202,200,100],[204,200,100],[206,200,100],[208,
        200,100],[210,200,100],[212,200,100],[214,200,100],[216,200,100],[218,200,100],[220,200,100],[222,200,100],[224,200,
        100],[226,200,100],[228,200,100],[230,200,100],[232,200,100],[234,200,100],[236,200,100],[238,200,100]]}}"#,
    ),
    (
        "lasso",
        r#"{"lasso_v1":{"plane":"axial","slice":150,"kind":"erase","polygon":[[100,100],[400,120],[380,300],[200,400]]}}"#,
    ),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scan = scan()?;
    let (organ, body) = (organ(&scan)?, body(&scan)?);
    println!(
        "organ: {} voxels, body: {} voxels",
        organ.count(),
        body.count()
    );
    println!(
        "{:32} {:>16} {:>16}",
        "ms (median, slowest)", "organ", "body"
    );
    for (name, json) in EDITS {
        let step: EditStep = serde_json::from_str(json)?;
        let mut line = format!("{name:32}");
        for mask in [&organ, &body] {
            let mask = match name.starts_with("interpolate") {
                true => some_slices(&scan, mask)?,
                false => mask.clone(),
            };
            let mut times = Vec::new();
            for _ in 0..RUNS {
                let begun = Instant::now();
                step.apply(&mask, &EditScene::new(&scan))?;
                times.push(begun.elapsed().as_secs_f64() * 1000.0);
            }
            times.sort_by(f64::total_cmp);
            line += &format!(" {:>8.0} {:>7.0}", times[RUNS / 2], times[RUNS - 1]);
        }
        println!("{line}");
    }
    Ok(())
}

/// Noise from 0 to 1 that only depends on the voxel.
fn noise(index: usize) -> f64 {
    let hash = (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f64 / (1u64 << 24) as f64
}

/// How far a voxel lies from the middle, in units of the half axes of an ellipsoid.
fn from_middle(index: usize, half_axes: [f64; 3]) -> f64 {
    let [columns, rows] = [SIZE[0], SIZE[1]].map(|side| side as usize);
    let voxel = [
        index % columns,
        index / columns % rows,
        index / columns / rows,
    ];
    let off = |axis: usize| (voxel[axis] as f64 - f64::from(SIZE[axis]) / 2.0) / half_axes[axis];
    (off(0).powi(2) + off(1).powi(2) + off(2).powi(2)).sqrt()
}

fn scan() -> Result<Scan, Error> {
    let [x, y, z] = SPACING;
    let grid = Grid {
        slices: SIZE[2],
        stacking: Stacking::Slices,
        pixel_spacing: Some(PixelSpacing {
            x_mm: x,
            y_mm: y,
            source: SpacingSource::PixelSpacing,
        }),
        slice_spacing_mm: Some(z),
        patient_from_voxel: Some(Affine([
            [x, 0.0, 0.0, 0.0],
            [0.0, y, 0.0, 0.0],
            [0.0, 0.0, z, 0.0],
        ])),
        ..Grid::image(SIZE[0], SIZE[1])
    };
    let value = |index: usize| match from_middle(index, [240.0, 200.0, 200.0]) < 1.0 {
        true => (60.0 + 80.0 * (noise(index) - 0.5)) as i16,
        false => (-1000.0 + 50.0 * noise(index)) as i16,
    };
    let stored = (0..grid.voxels() as usize).map(value).collect();
    let about = About::new(Format::Nifti1, 16);
    Scan::new(
        grid,
        Voxels::I16(stored),
        vec![Rescale::IDENTITY],
        about,
        Source::Raster,
    )
}

fn mask(scan: &Scan, inside: impl Fn(usize) -> bool) -> Result<VolumeMask, Error> {
    let voxels = 0..scan.grid().voxels() as usize;
    let values: Vec<u8> = voxels.map(|index| u8::from(inside(index))).collect();
    VolumeMask::from_values(scan.grid(), &values)
}

fn organ(scan: &Scan) -> Result<VolumeMask, Error> {
    mask(scan, |index| {
        let rough = 0.97 + 0.06 * noise(index / 8);
        from_middle(index, [100.0, 80.0, 43.0]) < rough && noise(index) > 0.01
    })
}

fn body(scan: &Scan) -> Result<VolumeMask, Error> {
    mask(scan, |index| {
        from_middle(index, [256.0, 256.0, 400.0]) < 1.0 && noise(index) > 0.1
    })
}

/// Every fifth slice of a mask.
fn some_slices(scan: &Scan, mask: &VolumeMask) -> Result<VolumeMask, Error> {
    let slice = (SIZE[0] * SIZE[1]) as usize;
    let kept = mask
        .values()
        .enumerate()
        .map(|(index, inside)| u8::from(inside && (index / slice).is_multiple_of(5)));
    VolumeMask::from_values(scan.grid(), &kept.collect::<Vec<_>>())
}

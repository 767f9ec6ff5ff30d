//! Surfaces are closed, face outwards, and have the volume of their voxels, wherever the mask lies.

use std::collections::HashMap;

use boxel_imaging::export::{Labelled, MeshFormat, has_surface, surfaces};
use boxel_imaging::{Affine, Error, Grid, Scan, VolumeMask};

use crate::support::objects::{mask, scan as small, voxels};
use crate::support::scans::placed;
use crate::support::series;

/// Vertices and triangles of a PLY.
struct Mesh {
    vertices: Vec<[f32; 3]>,
    triangles: Vec<[u32; 3]>,
}

fn count(header: &str, element: &str) -> usize {
    let line = header.lines().find_map(|line| line.strip_prefix(element));
    line.unwrap().trim().parse().unwrap()
}

fn read(file: &[u8]) -> Mesh {
    let mark = b"end_header\n";
    let end = file.windows(mark.len()).position(|x| x == mark).unwrap() + mark.len();
    let header = std::str::from_utf8(&file[..end]).unwrap();
    let vertices = count(header, "element vertex");
    let (points, faces) = file[end..].split_at(15 * vertices);
    assert_eq!(faces.len(), 13 * count(header, "element face"));
    let numbers = |bytes: &[u8]| {
        let [a, b, c] = [0, 4, 8].map(|at| [0, 1, 2, 3].map(|byte| bytes[at + byte]));
        [a, b, c]
    };
    Mesh {
        vertices: points
            .chunks(15)
            .map(|point| numbers(point).map(f32::from_le_bytes))
            .collect(),
        triangles: faces
            .chunks(13)
            .map(|face| numbers(&face[1..]).map(u32::from_le_bytes))
            .collect(),
    }
}

impl Mesh {
    /// Every edge has one triangle on each side.
    fn is_closed(&self) -> bool {
        let mut edges: HashMap<[u32; 2], u32> = HashMap::new();
        for [a, b, c] in &self.triangles {
            for edge in [[*a, *b], [*b, *c], [*c, *a]] {
                *edges.entry(edge).or_default() += 1;
            }
        }
        edges
            .iter()
            .all(|(&[a, b], &count)| count == 1 && edges.get(&[b, a]) == Some(&1))
    }

    /// In mm³; positive if it faces outwards.
    fn volume(&self) -> f64 {
        let volume = |corners: &[u32; 3]| {
            let [p, q, r] = corners.map(|at| self.vertices[at as usize].map(f64::from));
            let cross = [
                q[1] * r[2] - q[2] * r[1],
                q[2] * r[0] - q[0] * r[2],
                q[0] * r[1] - q[1] * r[0],
            ];
            (p[0] * cross[0] + p[1] * cross[1] + p[2] * cross[2]) / 6.0
        };
        self.triangles.iter().map(volume).sum()
    }

    fn bounds(&self) -> [[f32; 2]; 3] {
        [0, 1, 2].map(|axis| {
            let all = self.vertices.iter().map(|vertex| vertex[axis]);
            [
                all.clone().fold(f32::MAX, f32::min),
                all.fold(f32::MIN, f32::max),
            ]
        })
    }
}

fn on(grid: Grid) -> Scan {
    let mut scan = small();
    let values = boxel_imaging::Voxels::U8(vec![0; grid.voxels() as usize]);
    let rescales = vec![boxel_imaging::Rescale::IDENTITY];
    let about = std::mem::replace(
        &mut scan.about,
        boxel_imaging::About::new(boxel_imaging::Format::Nrrd, 8),
    );
    Scan::new(grid, values, rescales, about, boxel_imaging::Source::Raster).unwrap()
}

fn of(scan: &Scan, mask: &VolumeMask, format: MeshFormat) -> Vec<u8> {
    let object = Labelled {
        name: "Liver",
        colour: [10, 20, 30],
        mask,
    };
    surfaces(scan, &[object], format).unwrap()
}

fn check(scan: &Scan, mask: &VolumeMask, what: &str) -> Mesh {
    let mesh = read(&of(scan, mask, MeshFormat::Ply));
    assert!(mesh.is_closed(), "{what} is not closed");
    let voxels: f64 = mask
        .voxels()
        .map(|[_, _, k]| scan.grid().voxel_mm3(k).unwrap())
        .sum();
    let off = mesh.volume() / voxels - 1.0;
    assert!(
        off.abs() < 0.01,
        "{what}: the volume is off by {:.2} %",
        100.0 * off
    );
    mesh
}

/// 0.7 × 0.8 × 3 mm, tilted.
fn tilted() -> Grid {
    placed(
        [30, 26, 18],
        [
            [0.7, 0.0, 0.0, -40.0],
            [0.0, 0.64, 1.8, 12.0],
            [0.0, -0.48, 2.4, 7.0],
        ],
    )
}

#[test]
fn bodies_of_every_kind_are_closed_and_keep_their_volume() {
    let grid = tilted();
    let scan = on(grid.clone());
    let ball = |[x, y, z]: [f64; 3]| {
        (x - 14.0).powi(2) + (y - 12.0).powi(2) + 4.0 * (z - 8.0).powi(2) < 90.0
    };
    let cases = [
        ("a ball", voxels(&grid, ball)),
        (
            "a ball with a cavity",
            voxels(&grid, |at| {
                ball(at)
                    && !(at[0] > 11.0
                        && at[0] < 15.0
                        && at[1] > 9.0
                        && at[1] < 14.0
                        && at[2] > 5.0
                        && at[2] < 9.0)
            }),
        ),
        ("one voxel", mask(&grid, |at| at == [3, 4, 5])),
        ("all of the scan", mask(&grid, |_| true)),
        ("a corner", mask(&grid, |[i, j, k]| i < 5 && j < 4 && k < 3)),
        ("a line", mask(&grid, |[i, j, _]| i == 7 && j == 9)),
        ("a plane", mask(&grid, |[_, _, k]| k == 17)),
        (
            "voxels that share edges and corners",
            mask(&grid, |[i, j, k]| (i + j + k) % 2 == 0),
        ),
        (
            "noise",
            mask(&grid, |[i, j, k]| {
                (i * i * 7 + j * j * 13 + k * k * 5 + i * j * k) % 11 < 5
            }),
        ),
    ];
    for (what, mask) in &cases {
        check(&scan, mask, what);
    }
}

#[test]
fn a_surface_lies_where_its_voxels_do() {
    let scan = on(placed(
        [20, 20, 10],
        [
            [0.5, 0.0, 0.0, 100.0],
            [0.0, 0.5, 0.0, -30.0],
            [0.0, 0.0, 2.0, 8.0],
        ],
    ));
    let block = mask(scan.grid(), |[i, j, k]| {
        (4..12).contains(&i) && (6..10).contains(&j) && k >= 7
    });
    let mesh = check(&scan, &block, "a block");
    // Its edges are half a voxel around the centres, up to the smoothing.
    let expected = [[101.75, 105.75], [-27.25, -25.25], [21.0, 27.0]];
    for ([from, to], [first, last]) in mesh.bounds().into_iter().zip(expected) {
        assert!(
            (from - first).abs() < 0.3 && (to - last).abs() < 0.3,
            "{from} to {to}"
        );
    }
}

#[test]
fn an_image_of_left_handed_axes_is_no_inside_out_surface() {
    let grid = placed(
        [20, 20, 10],
        [
            [0.5, 0.0, 0.0, 0.0],
            [0.0, 0.5, 0.0, 0.0],
            [0.0, 0.0, -2.0, 0.0],
        ],
    );
    let scan = on(grid.clone());
    check(
        &scan,
        &mask(&grid, |[i, j, k]| i > 3 && j > 3 && k > 3),
        "a block",
    );
}

#[test]
fn slices_at_uneven_distances_have_their_own_thickness() {
    let scan = series::scan(&series::files(&[0.0, 2.5, 5.0, 9.0, 15.0, 17.5], false));
    let tube = voxels(scan.grid(), |[x, y, _]| {
        (x - 30.0).powi(2) + (y - 20.0).powi(2) < 100.0
    });
    let mesh = check(&scan, &tube, "a tube");
    let [_, _, [from, to]] = mesh.bounds();
    assert!(
        (from + 1.25).abs() < 0.7 && (to - 18.75).abs() < 0.7,
        "{from} to {to}"
    );
}

#[test]
fn each_format_holds_all_objects() {
    let scan = on(tilted());
    let masks = [
        mask(scan.grid(), |[i, _, _]| i < 5),
        mask(scan.grid(), |_| false),
        mask(scan.grid(), |[i, _, _]| i > 9),
    ];
    let objects = [0, 1, 2].map(|at| Labelled {
        name: ["Liver\n", "", " "][at],
        colour: [at as u8; 3],
        mask: &masks[at],
    });
    let written = |format| surfaces(&scan, &objects, format).unwrap();
    let mesh = read(&written(MeshFormat::Ply));
    assert!(mesh.is_closed());
    let triangles = mesh.triangles.len();

    let stl = written(MeshFormat::Stl);
    assert!(stl.starts_with(b"Boxel surface. UNIT=mm SPACE=LPS "));
    assert_eq!(stl.len(), 84 + 50 * triangles);
    assert_eq!(stl[80..84], (triangles as u32).to_le_bytes());

    let obj = String::from_utf8(written(MeshFormat::Obj)).unwrap();
    let lines = |start: &str| obj.lines().filter(|line| line.starts_with(start)).count();
    assert!(obj.starts_with("# Boxel surface. UNIT=mm SPACE=LPS\no Liver\nv "));
    assert_eq!(
        [lines("o "), lines("v "), lines("f ")],
        [2, mesh.vertices.len(), triangles]
    );
}

#[test]
fn what_has_no_size_or_no_voxel_is_refused() {
    let scan = on(tilted());
    let refused = |scan: &Scan, mask: &VolumeMask| {
        let object = Labelled {
            name: "",
            colour: [0; 3],
            mask,
        };
        surfaces(scan, &[object], MeshFormat::Stl).unwrap_err()
    };
    let none = refused(&scan, &mask(scan.grid(), |_| false));
    assert!(none.to_string().contains("no voxel is marked"), "{none}");
    let image = on(Grid::image(8, 8));
    assert!(!has_surface(image.grid()) && has_surface(scan.grid()));
    let unsized_image = refused(&image, &mask(image.grid(), |_| true));
    assert!(matches!(unsized_image, Error::ExportUnavailable { .. }));
    let affine = Affine([
        [1.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
    ]);
    let large = on(placed([200, 200, 80], affine.0));
    let noise = mask(large.grid(), |[i, j, k]| (i + j + k) % 2 == 0);
    let said = refused(&large, &noise).to_string();
    assert!(said.contains("6 million triangles"), "{said}");
}

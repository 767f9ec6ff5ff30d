//! Smooths a surface of steps, and gives it back the volume of its voxels.

use super::extract::Surface;

/// Pairs of sweeps: one that smooths and one that swells (Taubin 1995), so that curves stay and steps go.
const PAIRS: u32 = 8;
const SMOOTH: f32 = 0.5;
const SWELL: f32 = -0.53;
/// How far a vertex moves from the corner that it began at, in voxels along each axis: it stays in its cell (Gibson 1998).
const MAX_MOVE: f32 = 0.5;
/// Newton's steps towards the volume; each comes as near as the square.
const VOLUME_STEPS: u32 = 4;

/// Works in voxel space, where volumes are in proportion to those in mm on an even grid.
pub(super) fn relax(surface: &mut Surface) {
    let parts = Parts::of(surface);
    let mut goal = vec![0.0; parts.count];
    for face in &surface.faces {
        let part = parts.of_face(face);
        for corners in triangles(face, &surface.homes) {
            goal[part] += volume(corners);
        }
    }
    let mut sums = vec![[0.0f32; 3]; surface.vertices.len()];
    for _ in 0..PAIRS {
        sweep(surface, &mut sums, SMOOTH);
        sweep(surface, &mut sums, SWELL);
    }
    cut_shorter(surface);
    for _ in 0..VOLUME_STEPS {
        restore_volume(surface, &mut sums, &parts, &goal);
    }
}

/// Moves each vertex towards the middle of its neighbours.
fn sweep(surface: &mut Surface, sums: &mut [[f32; 3]], factor: f32) {
    // Every edge is met twice, once in each of its faces: a vertex with `n` faces has `2 n` terms.
    let mut terms = vec![0u8; sums.len()];
    sums.fill([0.0; 3]);
    for face in &surface.faces {
        for at in 0..4 {
            let vertex = face[at] as usize;
            for next in [face[(at + 1) % 4], face[(at + 3) % 4]] {
                let other = surface.vertices[next as usize];
                for (sum, value) in sums[vertex].iter_mut().zip(other) {
                    *sum += value;
                }
            }
            terms[vertex] += 2;
        }
    }
    let vertices = surface.vertices.iter_mut().zip(&surface.homes);
    for ((vertex, home), (sum, terms)) in vertices.zip(sums.iter().zip(terms)) {
        for axis in 0..3 {
            let middle = sum[axis] / f32::from(terms.max(1));
            let moved = vertex[axis] + factor * (middle - vertex[axis]);
            vertex[axis] = moved.clamp(home[axis] - MAX_MOVE, home[axis] + MAX_MOVE);
        }
    }
}

/// Turns each face so that its first and third corner are on its shorter diagonal, along which it is cut.
fn cut_shorter(surface: &mut Surface) {
    for face in &mut surface.faces {
        let corner = |at: usize| surface.vertices[face[at] as usize];
        let far = |a: [f32; 3], b: [f32; 3]| {
            let terms = [0, 1, 2].map(|axis| (a[axis] - b[axis]).powi(2));
            terms.iter().sum::<f32>()
        };
        if far(corner(1), corner(3)) < far(corner(0), corner(2)) {
            face.rotate_left(1);
        }
    }
}

/// Moves the vertices of each part along their normals until it has its volume.
fn restore_volume(surface: &mut Surface, sums: &mut [[f32; 3]], parts: &Parts, goal: &[f64]) {
    sums.fill([0.0; 3]);
    let mut volumes = vec![0.0; parts.count];
    for face in &surface.faces {
        let part = parts.of_face(face);
        for corners in triangles(face, &surface.vertices) {
            volumes[part] += volume(corners);
        }
        for [a, b, c] in halves(face) {
            let [p, q, r] = [a, b, c].map(|at| surface.vertices[at as usize]);
            let area = area(p, q, r);
            for at in [a, b, c] {
                for (sum, value) in sums[at as usize].iter_mut().zip(area) {
                    *sum += value / 3.0;
                }
            }
        }
    }
    // The volume grows by this where each vertex moves by 1.
    let mut slopes = vec![0.0; parts.count];
    for (sum, part) in sums.iter().zip(&parts.of_vertex) {
        slopes[*part as usize] += f64::from(length(*sum));
    }
    for ((vertex, normal), part) in surface
        .vertices
        .iter_mut()
        .zip(&*sums)
        .zip(&parts.of_vertex)
    {
        let part = *part as usize;
        let far = ((goal[part] - volumes[part]) / slopes[part]).clamp(-0.5, 0.5) as f32;
        let long = length(*normal);
        if far.is_finite() && long > 0.0 {
            for (value, normal) in vertex.iter_mut().zip(normal) {
                *value += far * normal / long;
            }
        }
    }
}

/// The two triangles of a face.
pub(super) fn halves(&[a, b, c, d]: &[u32; 4]) -> [[u32; 3]; 2] {
    [[a, b, c], [a, c, d]]
}

fn triangles(face: &[u32; 4], vertices: &[[f32; 3]]) -> [[[f64; 3]; 3]; 2] {
    halves(face).map(|corners| corners.map(|at| vertices[at as usize].map(f64::from)))
}

/// Signed volume between a triangle and the origin.
fn volume([p, q, r]: [[f64; 3]; 3]) -> f64 {
    let cross = [
        q[1] * r[2] - q[2] * r[1],
        q[2] * r[0] - q[0] * r[2],
        q[0] * r[1] - q[1] * r[0],
    ];
    (p[0] * cross[0] + p[1] * cross[1] + p[2] * cross[2]) / 6.0
}

/// The normal of a triangle, as long as its area.
pub(super) fn area(p: [f32; 3], q: [f32; 3], r: [f32; 3]) -> [f32; 3] {
    let u = [0, 1, 2].map(|axis| q[axis] - p[axis]);
    let v = [0, 1, 2].map(|axis| r[axis] - p[axis]);
    [
        u[1] * v[2] - u[2] * v[1],
        u[2] * v[0] - u[0] * v[2],
        u[0] * v[1] - u[1] * v[0],
    ]
    .map(|value| value / 2.0)
}

pub(super) fn length(vector: [f32; 3]) -> f32 {
    vector.iter().map(|value| value * value).sum::<f32>().sqrt()
}

/// The parts of a surface that are joined: bodies, and cavities in them.
struct Parts {
    of_vertex: Vec<u32>,
    count: usize,
}

impl Parts {
    fn of(surface: &Surface) -> Parts {
        let mut of_vertex: Vec<u32> = (0..surface.vertices.len() as u32).collect();
        for face in &surface.faces {
            let mut first = root(&mut of_vertex, face[0]);
            for &other in &face[1..] {
                let other = root(&mut of_vertex, other);
                let [before, after] = [first.min(other), first.max(other)];
                of_vertex[after as usize] = before;
                first = before;
            }
        }
        // A root comes before its part's other vertices.
        let mut count = 0;
        for vertex in 0..of_vertex.len() {
            let above = of_vertex[vertex] as usize;
            if above == vertex {
                of_vertex[vertex] = count;
                count += 1;
            } else {
                of_vertex[vertex] = of_vertex[above];
            }
        }
        Parts {
            of_vertex,
            count: count as usize,
        }
    }

    fn of_face(&self, face: &[u32; 4]) -> usize {
        self.of_vertex[face[0] as usize] as usize
    }
}

/// The first vertex of a part, as far as it is joined; shortens the way to it.
fn root(above: &mut [u32], vertex: u32) -> u32 {
    let mut at = vertex;
    while above[at as usize] != at {
        let next = above[above[at as usize] as usize];
        above[at as usize] = next;
        at = next;
    }
    at
}

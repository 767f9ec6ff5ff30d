//! The bytes of STL, PLY and OBJ files.

use std::io::Write;

use super::extract::Surface;
use super::relax::{area, halves, length};
use super::{MeshFormat, Place};
use crate::export::Labelled;

/// Bytes of an OBJ for each face: a vertex and two triangles, measured on a CT of 512 × 512 × 300 voxels, and a tenth more. A
/// vector that grows takes thrice its last size.
const OBJ_BYTES: usize = 88;

/// A file that surfaces are added to.
pub(super) struct File {
    format: MeshFormat,
    is_patient: bool,
    bytes: Vec<u8>,
    /// Faces of a PLY, which follow all vertices.
    faces: Vec<u8>,
    vertices: u32,
    triangles: u32,
}

impl File {
    /// For so many faces in all.
    pub fn new(format: MeshFormat, is_patient: bool, faces: u64) -> File {
        let mut file = File {
            format,
            is_patient,
            bytes: Vec::new(),
            faces: Vec::new(),
            vertices: 0,
            triangles: 0,
        };
        let comment = file.comment();
        match format {
            MeshFormat::Stl => {
                file.bytes.reserve_exact(84 + 100 * faces as usize);
                file.bytes.extend(comment.as_bytes());
                file.bytes.resize(80, b' ');
                file.bytes.extend([0; 4]);
            }
            MeshFormat::Ply => file.faces.reserve_exact(26 * faces as usize),
            MeshFormat::Obj => {
                file.bytes.reserve_exact(OBJ_BYTES * faces as usize);
                file.bytes.extend(format!("# {comment}\n").into_bytes());
            }
        }
        file
    }

    /// What a header can say of coordinates. 3D Slicer looks for `SPACE=`.
    fn comment(&self) -> String {
        let space = if self.is_patient { " SPACE=LPS" } else { "" };
        format!("Boxel surface. UNIT=mm{space}")
    }

    /// Adds a surface in voxel space.
    pub fn add(&mut self, object: &Labelled<'_>, surface: &Surface, place: &Place<'_>) {
        let turned = |[a, b, c]: [u32; 3]| match place.is_mirrored() {
            true => [a, c, b],
            false => [a, b, c],
        };
        let triangles = || surface.faces.iter().flat_map(halves).map(turned);
        let out = &mut self.bytes;
        // Writing to a vector can't fail.
        match self.format {
            MeshFormat::Stl => {
                for corners in triangles() {
                    let [p, q, r] = corners.map(|at| place.mm(surface.vertices[at as usize]));
                    let normal = area(p, q, r);
                    let long = length(normal).max(f32::MIN_POSITIVE);
                    for point in [normal.map(|value| value / long), p, q, r] {
                        out.extend(point.map(f32::to_le_bytes).as_flattened());
                    }
                    out.extend([0; 2]);
                }
            }
            MeshFormat::Ply => {
                for vertex in &surface.vertices {
                    out.extend(place.mm(*vertex).map(f32::to_le_bytes).as_flattened());
                    out.extend(object.colour);
                }
                for corners in triangles() {
                    self.faces.push(3);
                    let corners = corners.map(|at| (at + self.vertices).to_le_bytes());
                    self.faces.extend(corners.as_flattened());
                }
            }
            MeshFormat::Obj => {
                let _ = writeln!(out, "o {}", name(object.name, self.vertices));
                for vertex in &surface.vertices {
                    let [x, y, z] = place.mm(*vertex);
                    let _ = writeln!(out, "v {x:.4} {y:.4} {z:.4}");
                }
                for corners in triangles() {
                    // Counted from 1 through the whole file.
                    let [a, b, c] = corners.map(|at| at + self.vertices + 1);
                    let _ = writeln!(out, "f {a} {b} {c}");
                }
            }
        }
        self.vertices += surface.vertices.len() as u32;
        self.triangles += 2 * surface.faces.len() as u32;
    }

    pub fn finish(mut self) -> Vec<u8> {
        match self.format {
            MeshFormat::Stl => {
                if let Some(count) = self.bytes.get_mut(80..84) {
                    count.copy_from_slice(&self.triangles.to_le_bytes());
                }
                self.bytes
            }
            MeshFormat::Obj => self.bytes,
            MeshFormat::Ply => {
                let mut file = format!(
                    "ply\nformat binary_little_endian 1.0\ncomment {}\nelement vertex {}\nproperty float x\n\
                     property float y\nproperty float z\nproperty uchar red\nproperty uchar green\nproperty uchar blue\n\
                     element face {}\nproperty list uchar int vertex_indices\nend_header\n",
                    self.comment(),
                    self.vertices,
                    self.triangles
                )
                .into_bytes();
                file.reserve_exact(self.bytes.len() + self.faces.len());
                file.append(&mut self.bytes);
                file.append(&mut self.faces);
                file
            }
        }
    }
}

/// A name without line breaks; readers end it at the line.
fn name(text: &str, place: u32) -> String {
    let shown: String = text
        .trim()
        .chars()
        .filter(|letter| !letter.is_control())
        .collect();
    match shown.is_empty() {
        true => format!("object_{place}"),
        false => shown,
    }
}

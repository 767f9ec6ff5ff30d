//! Surfaces of masks in mm, as STL, PLY and OBJ files: closed, with normals outwards, also where a mask ends with the scan.
//!
//! | step | from | to |
//! |---|---|---|
//! | [`layers`] | mask | slices of its bounding box, with a border of voxels outside |
//! | [`cells`] | eight voxels around a corner | the vertices there, and which faces of voxels each belongs to |
//! | [`extract`] | slices | a quadrilateral for each face between a voxel inside and one outside |
//! | [`relax`] | that surface of steps | a smooth one, whose parts have the volume of their voxels |
//! | [`write`](mod@write) | surfaces | bytes |
//!
//! This is Surface Nets (Gibson 1998) with vertices as in Dual Marching Cubes (Nielson 2004), which are split where the
//! surface touches itself, and without the pairs of faces that would still share an edge twice (Wenger 2013, section 5.4).
//! It is our own because no crate fits. `fast-surface-nets` 0.2.1 has one vertex where a surface touches itself, so that it
//! isn't closed there, and takes an `f32` for each voxel, 300 MB for a CT. `mcubes` 0.1.7 and `marching-cubes` 0.1.2 cut the
//! corners of whole voxels: of a single one a sixth of its volume is left. `marching-cubes` and `isosurface` 0.1.0-alpha.0 are
//! as they were in 2023. `isomesh` 0.0.14 needs a distance field.

mod cells;
mod extract;
mod layers;
mod relax;
mod write;

use super::{Labelled, on_grid};
use crate::error::Error;
use crate::scan::{Grid, Scan};
use extract::Surface;
use layers::faces;

/// A file format for surfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeshFormat {
    /// Binary STL: triangles of all objects, without names.
    Stl,
    /// Binary PLY: triangles of all objects, with their colours.
    Ply,
    /// Wavefront OBJ: a named object for each.
    Obj,
}

/// Faces of voxels that are written, two triangles each: with the largest file (STL, 100 bytes for each) and the surface
/// that it is made from (57), 450 MiB.
const MAX_FACES: u64 = 3_000_000;

/// Writes the surfaces of objects in mm. Each is closed, and has the volume of the object's voxels.
///
/// Coordinates are in the patient's space towards the left, the back and the head (LPS), as in DICOM, NRRD and, since
/// version 4.11, in the models of 3D Slicer, which reads `SPACE=LPS` in the header. A scan without a place in the patient has
/// the axes of its voxels, and no such word.
///
/// # Errors
///
/// [`Error::GridsDiffer`] for an object of another grid; [`Error::ExportUnavailable`] if the scan is no volume or the size of
/// its voxels is unknown, if no voxel is marked, or for surfaces of more than six million triangles.
pub fn surfaces(
    scan: &Scan,
    objects: &[Labelled<'_>],
    format: MeshFormat,
) -> Result<Vec<u8>, Error> {
    let grid = scan.grid();
    on_grid(grid, objects)?;
    let place = Place::of(grid).ok_or_else(|| unavailable(NO_SIZE))?;
    let counts: Vec<u64> = objects.iter().map(|object| faces(object.mask)).collect();
    let all = counts
        .iter()
        .fold(0, |all, &count| count.saturating_add(all));
    if all == 0 {
        return Err(unavailable("no voxel is marked; mark something first"));
    }
    if all > MAX_FACES {
        return Err(unavailable(
            "its surfaces have more than 6 million triangles, which take too much memory; smooth the masks, remove islands, \
             or save fewer objects",
        ));
    }
    let mut file = write::File::new(format, place.is_patient(), all);
    for (object, count) in objects.iter().zip(counts) {
        if count == 0 {
            continue;
        }
        let mut surface = Surface::of(object.mask, count);
        relax::relax(&mut surface);
        file.add(object, &surface, &place);
    }
    Ok(file.finish())
}

pub(super) const NO_SIZE: &str =
    "it is no volume whose voxels have a known size, and a surface is in mm; save NIfTI or PNG";

/// Whether a grid's voxels have a size, so that a surface can be in mm.
pub fn has_surface(grid: &Grid) -> bool {
    Place::of(grid).is_some()
}

fn unavailable(reason: &'static str) -> Error {
    Error::ExportUnavailable {
        what: "surface",
        reason,
    }
}

/// Where voxel indices lie, in mm.
struct Place<'g> {
    grid: &'g Grid,
    spacing: [f64; 3],
}

impl Place<'_> {
    fn of(grid: &Grid) -> Option<Place<'_>> {
        grid.voxel_mm3(0)?;
        let spacing = grid.spacing_mm().or_else(|| {
            let affine = grid.patient_from_voxel.as_ref()?;
            Some(Grid::spacing_of(affine))
        })?;
        Some(Place { grid, spacing })
    }

    fn is_patient(&self) -> bool {
        self.grid.patient_from_voxel.is_some()
    }

    /// Whether the axes of voxels are left-handed in mm, so that a surface has to be turned inside out.
    fn is_mirrored(&self) -> bool {
        let affine = self.grid.patient_from_voxel.as_ref();
        affine.is_some_and(|affine| affine.determinant() < 0.0)
    }

    /// In mm; a voxel's index stands for its centre.
    fn mm(&self, at: [f32; 3]) -> [f32; 3] {
        let [x, y, z] = at.map(f64::from);
        let z = self.steps(z);
        let mm = match &self.grid.patient_from_voxel {
            Some(affine) => affine.apply([x, y, z]),
            None => [
                x * self.spacing[0],
                y * self.spacing[1],
                z * self.spacing[2],
            ],
        };
        mm.map(|value| value as f32)
    }

    /// Distance from the first slice in units of the slice spacing, also between slices and beyond the last one.
    fn steps(&self, z: f64) -> f64 {
        let Some(positions) = &self.grid.slice_positions_mm else {
            return z;
        };
        let Some(last) = positions.len().checked_sub(2) else {
            return z;
        };
        // `as` saturates.
        let before = (z.floor() as usize).min(last);
        let (a, b) = (positions[before], positions[before + 1]);
        (a + (z - before as f64) * (b - a)) / self.spacing[2]
    }
}

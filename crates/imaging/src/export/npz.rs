//! NumPy archives in the format of the MedSAM on Laptop challenge (CVPR 2024): `.npy` arrays (NumPy Enhancement
//! Proposal 1) in a ZIP archive.
//!
//! | array | in a volume | of an image |
//! |---|---|---|
//! | `imgs` | `[D, H, W]` (colour: `[D, H, W, 3]`), 0 to 255 | `[H, W, 3]` |
//! | `gts`, `segs` | `[D, H, W]`: 0 outside, 1 for the first object, and so on | `[H, W]` |
//! | `boxes` | `[N, 6]`: left, top, first, right, bottom, last | `[N, 4]`: left, top, right, bottom |
//! | `spacing` | mm along columns, rows and slices, as in SimpleITK | |
//!
//! Slices are in the order of the grid, which is that of SimpleITK's `GetArrayFromImage` (`pre_CT_MR.py` and
//! `CVPR24_LiteMedSAM_infer.py` of MedSAM).

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::{CompressionMethod, ZipArchiveWriter};

use super::{Labelled, on_grid};
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::scan::{Grid, Plane, Scan, SlicePlane};
use crate::window::Window;

/// Writes the challenge's output format: `segs`. Where objects overlap, the last one wins.
///
/// # Errors
///
/// [`Error::GridsDiffer`] for an object of another grid; [`Error::Encode`] for more than 65 535 objects, or
/// if the archive can't be written.
pub fn segs_npz(grid: &Grid, objects: &[Labelled<'_>]) -> Result<Vec<u8>, Error> {
    on_grid(grid, objects)?;
    let mut archive = Archive::new();
    archive.labels("segs", grid, objects)?;
    archive.finish()
}

/// Writes the challenge's input format with the ground truth: `imgs` in a window, `boxes` around the objects, `gts`,
/// and
/// `spacing` if it is known and the slices are evenly spaced.
///
/// Objects without voxels are left out, so that boxes and labels have the same numbers. The right, bottom and last edge
/// of a box are one past the object, as in image space.
///
/// Differs from the reference, whose edges are inclusive: its inference excludes the last slice, and rejects the box
/// of an object on a single slice.
///
/// # Errors
///
/// Those of [`segs_npz`].
pub fn case_npz(scan: &Scan, window: Window, objects: &[Labelled<'_>]) -> Result<Vec<u8>, Error> {
    let grid = scan.grid();
    on_grid(grid, objects)?;
    let is_empty = |object: &Labelled<'_>| object.mask.count() == 0;
    let objects: Vec<_> = objects.iter().copied().filter(|o| !is_empty(o)).collect();
    let mut archive = Archive::new();
    archive.images(scan, window)?;
    archive.labels("gts", grid, &objects)?;
    let axes: &[usize] = if grid.slices > 1 { &[0, 1, 2] } else { &[0, 1] };
    let mut boxes: Vec<[u8; 8]> = Vec::new();
    for (first, end) in objects.iter().filter_map(|object| bounds(object.mask)) {
        for corner in [first, end] {
            boxes.extend(
                axes.iter()
                    .map(|&axis| i64::from(corner[axis]).to_le_bytes()),
            );
        }
    }
    archive.array("boxes", "<i8", &[objects.len(), 2 * axes.len()], |out| {
        out.write_all(boxes.as_flattened())
    })?;
    // Unevenly spaced slices have no single spacing.
    let has_spacing = grid.slices > 1 && grid.is_even();
    if let Some(spacing) = grid.spacing_mm().filter(|_| has_spacing) {
        archive.array("spacing", "<f8", &[3], |out| {
            out.write_all(spacing.map(f64::to_le_bytes).as_flattened())
        })?;
    }
    archive.finish()
}

/// The first voxel, and one past the last, along each axis; `None` for an empty mask.
fn bounds(mask: &VolumeMask) -> Option<([u32; 3], [u32; 3])> {
    let mut voxels = mask.voxels();
    let one = voxels.next()?;
    let (mut first, mut end) = (one, one.map(|at| at + 1));
    for voxel in voxels {
        for axis in 0..3 {
            first[axis] = first[axis].min(voxel[axis]);
            end[axis] = end[axis].max(voxel[axis] + 1);
        }
    }
    Some((first, end))
}

/// `[D, H, W]`, or `[H, W]` for a single slice.
fn shape(grid: &Grid) -> Vec<usize> {
    let sides = [grid.slices, grid.rows, grid.columns].map(|side| side as usize);
    let from = usize::from(grid.slices == 1);
    sides[from..].to_vec()
}

struct Archive(ZipArchiveWriter<Vec<u8>>);

fn refused(reason: impl ToString) -> Error {
    Error::Encode {
        what: "NPZ file",
        reason: reason.to_string(),
    }
}

impl Archive {
    fn new() -> Archive {
        Archive(ZipArchiveWriter::new(Vec::new()))
    }

    fn finish(self) -> Result<Vec<u8>, Error> {
        self.0.finish().map_err(refused)
    }

    /// Adds an array; `write` writes its elements.
    fn array(
        &mut self,
        name: &str,
        kind: &str,
        shape: &[usize],
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Error> {
        let path = format!("{name}.npy");
        let file = self.0.new_file(path.as_str());
        let file = file.compression_method(CompressionMethod::DEFLATE);
        let (mut entry, config) = file.start().map_err(refused)?;
        let encoder = DeflateEncoder::new(&mut entry, Compression::default());
        let mut writer = config.wrap(encoder);
        let written = writer.write_all(&header(kind, shape));
        written.and_then(|()| write(&mut writer)).map_err(refused)?;
        let (encoder, descriptor) = writer.finish().map_err(refused)?;
        encoder.finish().map_err(refused)?;
        entry.finish(descriptor).map_err(refused)?;
        Ok(())
    }

    fn labels(&mut self, name: &str, grid: &Grid, objects: &[Labelled<'_>]) -> Result<(), Error> {
        let Ok(count) = u16::try_from(objects.len()) else {
            let count = objects.len();
            return Err(refused(format!("{count} objects are more than 65535")));
        };
        let labels = || (1..=count).zip(objects);
        if count <= 255 {
            let mut values = vec![0u8; grid.voxels() as usize];
            for (label, object) in labels() {
                paint(&mut values, grid, object.mask, label as u8);
            }
            return self.array(name, "|u1", &shape(grid), |out| out.write_all(&values));
        }
        let mut values = vec![[0u8; 2]; grid.voxels() as usize];
        for (label, object) in labels() {
            paint(&mut values, grid, object.mask, label.to_le_bytes());
        }
        self.array(name, "<u2", &shape(grid), |out| {
            out.write_all(values.as_flattened())
        })
    }

    fn images(&mut self, scan: &Scan, window: Window) -> Result<(), Error> {
        let grid = scan.grid();
        let stored = SlicePlane::new(grid, Plane::Stored);
        // In the challenge, images have three channels and grey volumes one.
        let step = if grid.slices > 1 && !scan.is_colour() {
            3
        } else {
            1
        };
        let mut shape = shape(grid);
        if step == 1 {
            shape.push(3);
        }
        self.array("imgs", "|u1", &shape, |out| {
            for slice in 0..grid.slices {
                let image = scan.render(&stored, slice, window);
                let bytes: Vec<u8> = image.pixels().iter().step_by(step).copied().collect();
                out.write_all(&bytes)?;
            }
            Ok(())
        })
    }
}

fn paint<T: Copy>(values: &mut [T], grid: &Grid, mask: &VolumeMask, label: T) {
    for index in mask.voxels().filter_map(|voxel| grid.index(voxel)) {
        values[index] = label;
    }
}

/// A version 1.0 header, padded so that the elements begin at a multiple of 64 bytes.
fn header(kind: &str, shape: &[usize]) -> Vec<u8> {
    let sides: Vec<String> = shape.iter().map(usize::to_string).collect();
    // In Python a tuple of one element ends in a comma.
    let comma = if sides.len() == 1 { "," } else { "" };
    let sides = sides.join(", ") + comma;
    let mut text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({sides}), }}");
    let before = b"\x93NUMPY\x01\x00".len() + 2;
    let filled = (before + text.len() + 1).next_multiple_of(64);
    text.extend(std::iter::repeat_n(' ', filled - before - text.len() - 1));
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.into_bytes());
    bytes
}

//! Segmentations as 3D Slicer stores them: a `.seg.nrrd`, whose header names the segments and whose voxels hold their
//! numbers.
//!
//! A file is an NRRD (teem.sourceforge.net/nrrd/format.html) with the keys of Slicer's `vtkMRMLSegmentationStorageNode`.
//! Segments that share voxels lie in layers of their own, which are the fastest axis (`list domain domain domain`).

use std::fmt::Write as _;

use flate2::{Compression, GzBuilder};

use super::dicom::{Code, Segment};
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::scan::{Affine, Grid, Scan};

const WHAT: &str = "segmentation of 3D Slicer";

/// Writes segments as a gzipped `.seg.nrrd` on the scan's grid, in its place (LPS). A segment's value is its number in the
/// list, counted from 1, in every layer. A file without overlaps has one layer, and other programs read it as a label map.
///
/// Slices are written one after the other, so that memory holds a slice and the file.
///
/// # Errors
///
/// [`Error::GridsDiffer`] if a mask has another grid; [`Error::ExportUnavailable`] for unevenly spaced slices;
/// [`Error::Encode`] for more than 65,535 segments.
pub fn seg_nrrd(scan: &Scan, segments: &[Segment<'_>]) -> Result<Vec<u8>, Error> {
    let grid = scan.grid();
    if !grid.is_even() {
        return Err(Error::ExportUnavailable {
            what: WHAT,
            reason: "its slices are not equally far apart, or some are missing, which an NRRD can't say; save a DICOM SEG, \
                     which keeps each slice where it is, or a resampled NIfTI",
        });
    }
    for segment in segments {
        let [a, b] = [grid.size(), segment.mask.size()];
        if a != b {
            return Err(Error::GridsDiffer { a, b });
        }
    }
    let encode = |reason: String| Error::Encode { what: WHAT, reason };
    if segments.len() > usize::from(u16::MAX) {
        return Err(encode(format!("it has {} segments", segments.len())));
    }
    let layers = layers(segments)?;
    let count = layers.iter().max().map_or(1, |last| last + 1);
    let mut file = header(grid, segments, &layers, count).into_bytes();
    // Neither name, time nor operating system (255: unknown), so that equal input gives equal bytes.
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(&mut file, Compression::default());
    write_voxels(&mut encoder, grid, segments, &layers, count)
        .and_then(|()| encoder.finish())
        .map_err(|error| encode(error.to_string()))?;
    Ok(file)
}

/// The layer of each segment: the first in which it meets no other.
fn layers(segments: &[Segment<'_>]) -> Result<Vec<usize>, Error> {
    let mut layers: Vec<usize> = Vec::new();
    for segment in segments {
        let mut taken = vec![false; segments.len()];
        for (other, &layer) in segments.iter().zip(&layers) {
            if !taken[layer] {
                taken[layer] = segment.mask.meets(other.mask)?;
            }
        }
        layers.push(taken.iter().position(|taken| !taken).unwrap_or_default());
    }
    Ok(layers)
}

fn header(grid: &Grid, segments: &[Segment<'_>], layers: &[usize], count: usize) -> String {
    let is_wide = segments.len() > usize::from(u8::MAX);
    let place = place(grid);
    let [columns, rows, slices] = grid.size();
    let (dimension, list, none, kind) = match count {
        1 => (3, String::new(), "", ""),
        _ => (4, format!("{count} "), "none ", "list "),
    };
    let axes = [0, 1, 2].map(|axis| vector(place.column(axis))).join(" ");
    let mut text = String::from("NRRD0004\n");
    // Writing to a string can't fail.
    let _ = write!(
        text,
        "type: {}\ndimension: {dimension}\nspace: left-posterior-superior\nsizes: {list}{columns} {rows} {slices}\n\
         space directions: {none}{axes}\nkinds: {kind}domain domain domain\nendian: little\nencoding: gzip\n\
         space origin: {}\n",
        if is_wide {
            "unsigned short"
        } else {
            "unsigned char"
        },
        vector(place.offset()),
    );
    for (index, (segment, layer)) in segments.iter().zip(layers).enumerate() {
        put_segment(&mut text, index, segment, *layer);
    }
    text.push_str(
        "Segmentation_ContainedRepresentationNames:=Binary labelmap|\n\
         Segmentation_MasterRepresentation:=Binary labelmap\n\
         Segmentation_ReferenceImageExtentOffset:=0 0 0\n\n",
    );
    text
}

fn put_segment(text: &mut String, index: usize, segment: &Segment<'_>, layer: usize) {
    let number = index + 1;
    let [red, green, blue] = segment.color.map(|level| f64::from(level) / 255.0);
    let extent = extent(segment.mask).map(|[first, last]| format!("{first} {last}"));
    let name = match shown(segment.label) {
        name if name.is_empty() => format!("Segment {number}"),
        name => name,
    };
    let modifier = segment.modifier.map_or("^^".to_owned(), words);
    let (category, property) = (words(segment.category), words(segment.property));
    for (field, value) in [
        ("Color", format!("{red:.6} {green:.6} {blue:.6}")),
        ("ColorAutoGenerated", "0".to_owned()),
        ("Extent", extent.join(" ")),
        ("ID", format!("Segment_{number}")),
        ("LabelValue", number.to_string()),
        ("Layer", layer.to_string()),
        ("Name", name),
        ("NameAutoGenerated", "0".to_owned()),
        (
            "Tags",
            format!(
                "Segmentation.Status:inprogress|TerminologyEntry:Segmentation category and type - DICOM master list\
                 ~{category}~{property}~{modifier}~Anatomic codes - DICOM master list~^^~^^|{}",
                algorithm(segment)
            ),
        ),
    ] {
        let _ = writeln!(text, "Segment{index}_{field}:={value}");
    }
}

/// How it was made, in the tags that Slicer keeps of a DICOM Segmentation.
fn algorithm(segment: &Segment<'_>) -> String {
    let (made, name) = segment.made();
    let mut tags = format!("DICOM.SegmentAlgorithmType:{}|", made.name());
    if let Some(name) = name {
        let _ = write!(tags, "DICOM.SegmentAlgorithmName:{}|", word(name));
    }
    tags
}

fn word(text: &str) -> String {
    shown(text).replace(['~', '^', '|'], " ")
}

/// A code as Slicer's tags spell it.
fn words(code: Code<'_>) -> String {
    let Code {
        value,
        scheme,
        meaning,
    } = code;
    format!("{}^{}^{}", word(scheme), word(value), word(meaning))
}

/// A value of a key: on one line, with backslashes escaped.
fn shown(text: &str) -> String {
    let letters = text.trim().chars();
    let shown: String = letters
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    shown.replace('\\', "\\\\")
}

/// The first and last voxel along each axis; 0 and −1 for an empty segment, as in VTK.
fn extent(mask: &VolumeMask) -> [[i64; 2]; 3] {
    let mut extent = [[i64::MAX, i64::MIN]; 3];
    for voxel in mask.voxels() {
        for ([first, last], at) in extent.iter_mut().zip(voxel) {
            *first = (*first).min(at.into());
            *last = (*last).max(at.into());
        }
    }
    extent.map(|[first, last]| if first > last { [0, -1] } else { [first, last] })
}

/// The place of the scan. Without one: the axes of the image in mm or, of unknown size, in pixels.
fn place(grid: &Grid) -> Affine {
    grid.patient_from_voxel.unwrap_or_else(|| {
        let (x, y) = grid
            .pixel_spacing
            .map_or((1.0, 1.0), |size| (size.x_mm, size.y_mm));
        let z = grid.slice_spacing_mm.unwrap_or(1.0);
        Affine([[x, 0.0, 0.0, 0.0], [0.0, y, 0.0, 0.0], [0.0, 0.0, z, 0.0]])
    })
}

fn vector([x, y, z]: [f64; 3]) -> String {
    // Adding 0 turns −0 into 0.
    format!("({},{},{})", x + 0.0, y + 0.0, z + 0.0)
}

/// Writes each slice with its layers next to each other in a voxel.
fn write_voxels(
    out: &mut impl std::io::Write,
    grid: &Grid,
    segments: &[Segment<'_>],
    layers: &[usize],
    count: usize,
) -> std::io::Result<()> {
    let bytes = if segments.len() > usize::from(u8::MAX) {
        2
    } else {
        1
    };
    let voxel = bytes * count;
    let columns = grid.columns as usize;
    let mut voxels: Vec<_> = segments
        .iter()
        .map(|segment| segment.mask.voxels().peekable())
        .collect();
    let mut slice = vec![0u8; voxel * columns * grid.rows as usize];
    for k in 0..grid.slices {
        slice.fill(0);
        for (number, (voxels, layer)) in (1u16..).zip(voxels.iter_mut().zip(layers)) {
            while let Some([i, j, _]) = voxels.next_if(|at| at[2] == k) {
                let at = (j as usize * columns + i as usize) * voxel + layer * bytes;
                let stored = number.to_le_bytes();
                if let Some(into) = slice.get_mut(at..at + bytes) {
                    into.copy_from_slice(&stored[..bytes]);
                }
            }
        }
        out.write_all(&slice)?;
    }
    Ok(())
}

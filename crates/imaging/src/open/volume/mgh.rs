//! FreeSurfer's MGH, and MGZ, which is its gzipped form (surfer.nmr.mgh.harvard.edu/fswiki/FsTutorial/MghFormat).
//! Everything is big-endian. What follows the voxels (times of the sequence, tags) is left out.

use super::header::{Data, Encoding, Files, Header, Skip, damaged, sides};
use super::place::Place;
use crate::error::Error;
use crate::format::Format;
use crate::nifti::flipped;
use crate::open::samples::Number;
use crate::scan::{Affine, dot};

/// Byte at which the voxels begin.
const VOXELS: u64 = 284;
/// Columns, rows, slices and frames; their type.
const SIDES: usize = 4;
const TYPE: usize = 20;
/// Whether the place is given, the size of a voxel, the directions of the three axes, the centre of the grid.
const HAS_PLACE: usize = 28;
const DELTA: usize = 30;
const DIRECTIONS: usize = 42;
const CENTRE: usize = 78;

/// What FreeSurfer assumes (`mriio.cpp`).
const AS_FREESURFER: &str =
    "columns from left to right, rows from head to feet, and slices from back to front";

fn int(bytes: &[u8], at: usize) -> Option<i32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(i32::from_be_bytes(*bytes))
}

fn three(bytes: &[u8], at: usize) -> Option<[f64; 3]> {
    let mut numbers = [0.0; 3];
    for (axis, number) in numbers.iter_mut().enumerate() {
        let bytes = bytes.get(at + 4 * axis..)?.first_chunk()?;
        *number = f32::from_be_bytes(*bytes).into();
    }
    Some(numbers)
}

/// Whether a file begins like one: version 1, four sides, and a type that FreeSurfer knows.
pub(super) fn detect(bytes: &[u8]) -> bool {
    let side = |axis: usize| int(bytes, SIDES + 4 * axis).is_some_and(|side| side > 0);
    int(bytes, 0) == Some(1)
        && (0..4).all(side)
        && int(bytes, TYPE).is_some_and(|kind| (0..=10).contains(&kind))
}

/// Reads a header.
pub(super) fn read(bytes: &[u8]) -> Result<Header, Error> {
    let format = Format::Mgh;
    let truncated = || Error::Truncated {
        format,
        bytes: bytes.len(),
    };
    let side = |axis: usize| {
        let side = int(bytes, SIDES + 4 * axis).ok_or_else(truncated)?;
        u64::try_from(side).map_err(|_| damaged(format, format!("a side of it is {side}")))
    };
    let sizes = [side(0)?, side(1)?, side(2)?];
    let size = sides(format, &sizes)?;
    let place = place(bytes, size).ok_or_else(truncated)?;
    Ok(Header {
        format,
        size,
        channels: 1,
        volumes: side(3)?,
        number: number(int(bytes, TYPE).ok_or_else(truncated)?)?,
        big_endian: true,
        data: Data {
            files: Files::Own(VOXELS),
            encoding: Encoding::Raw,
            skip_lines: 0,
            skip_bytes: Skip::Bytes(0),
        },
        place,
        modality: "",
        segments: Vec::new(),
        notes: Vec::new(),
    })
}

fn number(kind: i32) -> Result<Number, Error> {
    Ok(match kind {
        0 => Number::U8,
        1 => Number::I32,
        3 => Number::F32,
        4 => Number::I16,
        10 => Number::U16,
        _ => {
            return Err(Error::UnsupportedVoxels {
                format: Format::Mgh,
                what: format!("voxels of type {kind}"),
            });
        }
    })
}

/// From voxel sizes, directions (RAS) and the centre, which is the corner between voxels for an even number of them.
fn place(bytes: &[u8], size: [u32; 3]) -> Option<Place> {
    let has_place = bytes.get(HAS_PLACE..)?.first_chunk()?;
    let is_given = i16::from_be_bytes(*has_place) > 0;
    // Differs from nibabel, which takes any number but 0 for yes and has rows from below: coronal slices of 1 mm, as
    // FreeSurfer has them.
    let coronal = [[-1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]];
    let (delta, directions, centre) = match is_given {
        true => {
            let axis = |axis: usize| three(bytes, DIRECTIONS + 12 * axis);
            let directions = [axis(0)?, axis(1)?, axis(2)?];
            (three(bytes, DELTA)?, directions, three(bytes, CENTRE)?)
        }
        false => ([1.0; 3], coronal, [0.0; 3]),
    };
    let half = size.map(|side| f64::from(side) / 2.0);
    let rows = [0, 1, 2].map(|row| {
        let steps = [0, 1, 2].map(|axis| directions[axis][row] * delta[axis]);
        [steps[0], steps[1], steps[2], centre[row] - dot(steps, half)]
    });
    let affine = flipped(&Affine(rows));
    Some(match is_given {
        true => Place::Patient(affine),
        false => Place::Assumed(affine, AS_FREESURFER),
    })
}

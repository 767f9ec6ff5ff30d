//! NIfTI-1, NIfTI-2 and ANALYZE 7.5: one file or a pair, gzipped or not, of either byte order.
//!
//! A file with several volumes gives a [`Choice`] for each of them. Voxels keep their stored values and order: the
//! file's first axis is the grid's columns.

mod bytes;
mod shape;

use std::collections::HashMap;

use super::Choice;
use super::budget::Budget;
use super::entry::Entry;
use crate::error::Error;
use crate::format::Format;
use crate::nifti::{Form, Header, MAX_HEADER_BYTES, Place, disagreement};
use crate::scan::{
    About, Grid, NiftiSource, Note, NoteCode, PixelSpacing, Rescale, Scan, Source, SpacingSource,
    Stacking,
};
use bytes::Bytes;
pub(in crate::open) use bytes::Gunzip;
use shape::Shape;

/// A volume of a file or of a pair of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NiftiPick {
    /// The file with the header.
    header: usize,
    /// The file with the voxels: the same as `header` unless they are a pair.
    voxels: usize,
    /// Index of the volume in the file.
    volume: u64,
}

/// Maximum number of volumes of a file that are offered; later ones can't be opened.
const MAX_CHOICES: u64 = 4096;

/// The NIfTI version of a file or header, gzipped or not; `None` for other files. An ANALYZE header counts as
/// version 1.
pub(super) fn detect(bytes: &[u8]) -> Option<Format> {
    header_of(bytes).map(|header| format_of(&header))
}

fn header_of(bytes: &[u8]) -> Option<Header> {
    Header::find(&Bytes::new(bytes).start(MAX_HEADER_BYTES))
}

fn header_in(files: &[Entry<'_>], file: usize, budget: &Budget) -> Result<Header, Error> {
    let entry = files.get(file).ok_or(Error::EmptyFile)?;
    let start = entry.start(budget)?;
    header_of(&start).ok_or(Error::Truncated {
        format: Format::Nifti1,
        bytes: start.len(),
    })
}

/// Whether a file is read out of its archive straight into the voxels.
fn is_streamed(entry: &Entry<'_>, budget: &Budget) -> Result<bool, Error> {
    let is_gzipped = bytes::is_gzipped(&entry.start(budget)?);
    Ok(entry.stored().is_none() && !is_gzipped)
}

fn format_of(header: &Header) -> Format {
    match header.version {
        2 => Format::Nifti2,
        _ => Format::Nifti1,
    }
}

/// Lists the scans in the NIfTI files, and the errors of the other files. Only headers are read.
pub(super) fn survey(
    files: &[Entry<'_>],
    of_them: &[usize],
    budget: &Budget,
) -> (Vec<Choice>, Vec<Error>) {
    let (mut choices, mut errors) = (Vec::new(), Vec::new());
    let partners = partners(files);
    for (count, &file) in of_them.iter().enumerate() {
        let which = match of_them.len() {
            1 => String::new(),
            _ => format!("file {}, ", count + 1),
        };
        match volumes_of(files, file, &partners, budget) {
            Ok((voxels, shape)) => {
                for volume in 0..shape.volumes.min(MAX_CHOICES) {
                    let label = format!("NIfTI, {which}{}", shape.describe(volume));
                    let bytes = (size_of::<Choice>() + label.len()) as u64;
                    if let Err(spent) = budget.keep_choice(bytes) {
                        errors.push(spent.error(shape.format));
                        return (choices, errors);
                    }
                    let pick = NiftiPick {
                        header: file,
                        voxels,
                        volume,
                    };
                    choices.push(Choice::new(label, super::Pick::Nifti(pick)));
                }
            }
            Err(error) => errors.push(error),
        }
    }
    (choices, errors)
}

/// Finds the file with the voxels of a header, and reads their shape.
fn volumes_of(
    files: &[Entry<'_>],
    file: usize,
    partners: &HashMap<&str, usize>,
    budget: &Budget,
) -> Result<(usize, Shape), Error> {
    let header = header_in(files, file, budget)?;
    let shape = Shape::of(&header, budget.limits())?;
    let voxels = match header.form {
        Form::Single => file,
        Form::Pair | Form::Analyze => partner(files, file, partners).ok_or(Error::PartMissing {
            format: format_of(&header),
        })?,
    };
    Ok((voxels, shape))
}

/// The first `.img` of each name without its ending.
fn partners<'f>(files: &'f [Entry<'_>]) -> HashMap<&'f str, usize> {
    let stems = files.iter().enumerate().rev();
    let stems = stems.filter_map(|(at, file)| Some((stem(&file.name, ".img")?, at)));
    stems.collect()
}

/// The `.img` of a `.hdr`: the file of the same name but for the ending.
fn partner(files: &[Entry<'_>], header: usize, partners: &HashMap<&str, usize>) -> Option<usize> {
    let stem = stem(&files.get(header)?.name, ".hdr")?;
    partners.get(stem).copied()
}

/// Whether a file has the name of a pair's voxels.
pub(super) fn are_voxels(name: &str) -> bool {
    stem(name, ".img").is_some()
}

/// A name without its extension, in upper or lower case, and a trailing `.gz`; `None` for other extensions.
fn stem<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    without(without(name, ".gz").unwrap_or(name), ending)
}

fn without<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let (stem, end) = name.split_at_checked(name.len().checked_sub(ending.len())?)?;
    end.eq_ignore_ascii_case(ending).then_some(stem)
}

pub(super) fn open(files: &[Entry<'_>], pick: &NiftiPick, budget: &Budget) -> Result<Scan, Error> {
    let header = header_in(files, pick.header, budget)?;
    let shape = Shape::of(&header, budget.limits())?;
    let rescale = rescale_of(&header)?;
    let entry = files.get(pick.voxels).ok_or(Error::EmptyFile)?;
    let read = match is_streamed(entry, budget)? {
        true => Bytes::packed(entry).volume(&shape, pick.volume, budget)?,
        false => Bytes::new(&entry.load(budget)?).volume(&shape, pick.volume, budget)?,
    };
    let mut about = About::new(shape.format, shape.number.bits());
    about
        .notes
        .extend(shape.notes.iter().map(|text| reading(text)));
    about.notes.extend(read.notes);
    if header.form == Form::Analyze {
        about.notes.push(reading(
            "the header is ANALYZE 7.5, which leaves much open; it is read as SPM and nibabel do",
        ));
    }
    let grid = grid_of(&header, &shape, &mut about.notes);
    let source = Source::Nifti(NiftiSource {
        version: header.version,
        big_endian: header.big_endian,
        header: header.bytes().to_vec(),
    });
    Scan::new(grid, read.voxels, vec![rescale], about, source)
}

fn reading(text: &str) -> Note {
    Note {
        code: NoteCode::Reading,
        text: text.to_owned(),
    }
}

/// Reads `scl_slope` and `scl_inter` like nibabel's `get_slope_inter`: without a slope the intercept is ignored.
fn rescale_of(header: &Header) -> Result<Rescale, Error> {
    let [slope, intercept] = header.scl();
    if slope == 0.0 || !slope.is_finite() {
        return Ok(Rescale::IDENTITY);
    }
    match (intercept.is_finite(), header.form) {
        (true, _) => Ok(Rescale { slope, intercept }),
        // Same as nibabel's `Spm2AnalyzeHeader`.
        (false, Form::Analyze) => Ok(Rescale {
            slope,
            intercept: 0.0,
        }),
        (false, _) => Err(Error::Damaged {
            format: format_of(header),
            reason: format!("its scl_inter is {intercept}, with a scl_slope of {slope}"),
        }),
    }
}

fn grid_of(header: &Header, shape: &Shape, notes: &mut Vec<Note>) -> Grid {
    let [columns, rows, slices] = shape.size;
    let mut grid = Grid {
        slices,
        stacking: Stacking::Slices,
        ..Grid::image(columns, rows)
    };
    let Some(place) = Place::of(header, shape.size) else {
        notes.push(Note {
            code: NoteCode::Spacing,
            text: "the file gives no usable size and place of its voxels".to_owned(),
        });
        return grid;
    };
    if !place.is_given {
        notes.push(reading(
            "the orientation is not given by the file; it is taken as columns from right to left, \
             rows from back to front, and slices from feet to head",
        ));
    }
    notes.extend(disagreement(header, &place, shape.size).map(|text| reading(&text)));
    let affine = place.patient_from_voxel();
    let [x_mm, y_mm, slice_mm] = Grid::spacing_of(&affine);
    grid.pixel_spacing = Some(PixelSpacing {
        x_mm,
        y_mm,
        source: SpacingSource::Nifti,
    });
    grid.slice_spacing_mm = Some(slice_mm);
    grid.patient_from_voxel = Some(affine);
    grid
}

//! TIFF and BigTIFF: files → images → stacks.
//!
//! | step | from | to |
//! |---|---|---|
//! | [`directory`] | bytes | directories: tags and values |
//! | [`page`] | a directory | what its image is and how it is stored, checked against the limits |
//! | [`series`] | pages and descriptions ([`description`], [`ome`]) | images along axes |
//! | [`stack`] | a series | one choice for each channel, time, … |
//! | [`samples`] | strips and tiles ([`compression`], [`predictor`]) | the samples of an image |
//! | [`image`] | samples | grey values as they are stored, or colours |
//!
//! We have our own reader because the `tiff` crate's arithmetic can panic on valid files, which would end the wasm
//! module, and because it refuses many microscope files. LZW, deflate, CCITT, JPEG and XML are decoded by crates.

mod compression;
mod contiguous;
mod description;
mod directory;
mod image;
mod label;
mod ome;
mod page;
mod predictor;
mod samples;
mod series;
mod sizes;
mod stack;
mod storage;
mod tags;
mod turn;
mod ycbcr;

use std::cell::RefCell;

use flate2::Decompress;

use super::Choice;
use super::budget::{Budget, Spent};
use crate::error::Error;
use crate::format::Format;
use crate::scan::{About, Scan, Source};
use directory::File;
use page::{Colour, too_much_memory};

/// One stack of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TiffPick {
    /// Index of the file.
    pub file: usize,
    /// Index of the stack in the file.
    stack: usize,
}

/// Lists the stacks of a file. Only the pages' directories are read.
///
/// # Errors
///
/// The error of the first page, if none can be opened.
pub(super) fn survey(file: usize, bytes: &[u8], budget: &Budget) -> Result<Vec<Choice>, Error> {
    let found = series::find(File::new(bytes, budget))?;
    let stacks = stack::stacks(&found, budget)?;
    for stack in &stacks {
        let bytes = size_of::<Choice>() + stack.label.len();
        budget.keep_choice(bytes as u64).map_err(spent)?;
    }
    let choices = stacks
        .into_iter()
        .enumerate()
        .map(|(stack, of)| Choice::new(of.label, super::Pick::Tiff(TiffPick { file, stack })));
    Ok(choices.collect())
}

/// Opens a stack of a file.
pub(super) fn open(bytes: &[u8], pick: &TiffPick, budget: &Budget) -> Result<Scan, Error> {
    let file = File::new(bytes, budget);
    let found = series::find(file)?;
    let mut stacks = stack::stacks(&found, budget)?;
    let is_there = pick.stack < stacks.len();
    let stack = is_there.then(|| stacks.swap_remove(pick.stack));
    drop(stacks);
    let stack = stack.ok_or_else(|| damaged("its pages differ".to_owned()))?;
    let count = stack.planes.len();
    let limits = budget.limits();
    let result = stack.kind.result_bytes().saturating_mul(count as u64);
    let stored = stack.kind.bytes().saturating_mul(count as u64);
    if stored > limits.max_bytes {
        return Err(too_much_memory(stored, limits));
    }
    // The first image is the scan where there is no other.
    let mut held = budget
        .hold(if count > 1 { result } else { 0 })
        .map_err(spent)?;
    let inflater = RefCell::new(Decompress::new(true));
    let mut images = image::Images::new(file, stack.kind, &inflater);
    let mut voxels = None;
    let (mut absent, mut is_rounded) = (0, false);
    for plane in stack.planes.iter() {
        let page = found
            .pages
            .get(plane.page)
            .and_then(|page| page.as_ref().ok());
        let page = page.ok_or_else(|| damaged("its pages differ".to_owned()))?;
        let image = images.read(page, plane.after, plane.sample + stack.sample)?;
        absent += image.absent;
        is_rounded |= image.is_rounded;
        match &mut voxels {
            Some(voxels) => image::append(voxels, image.voxels),
            None if count > 1 => {
                let mut all = image::room(&image.voxels, count);
                image::append(&mut all, image.voxels);
                voxels = Some(all);
            }
            None => {
                voxels = Some(image.voxels);
                held = budget.hold(result).map_err(spent)?;
            }
        }
    }
    drop(held);
    let voxels = voxels.ok_or(Error::EmptyFile)?;
    let mut about = About::new(Format::Tiff, voxels.bits());
    // Voxels keep their stored values; only the display is inverted, as for DICOM's MONOCHROME1.
    about.inverted = stack.kind.colour
        == Colour::Grey {
            zero_is_white: true,
        };
    about.unit = stack.unit;
    about.notes = stack.notes;
    if absent > 0 {
        about.notes.push(stack::reading(format!(
            "{absent} tiles or strips are left out of the file; their values are 0 here"
        )));
    }
    if is_rounded {
        about.notes.push(stack::reading(
            "some values are whole numbers beyond 2^53 and were rounded to 64-bit floating point"
                .to_owned(),
        ));
    }
    Scan::new(
        stack.grid,
        voxels,
        vec![stack.rescale],
        about,
        Source::Raster,
    )
}

fn spent(spent: Spent) -> Error {
    spent.error(Format::Tiff)
}

fn damaged(reason: String) -> Error {
    Error::Damaged {
        format: Format::Tiff,
        reason,
    }
}

fn unsupported(what: String) -> Error {
    Error::Unsupported { what }
}

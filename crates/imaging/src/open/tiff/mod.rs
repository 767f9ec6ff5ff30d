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

use super::{Choice, Limits};
use crate::error::Error;
use crate::format::Format;
use crate::scan::{About, Scan, Source};
use directory::File;
use page::{Colour, Page, too_much_memory};

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
pub(super) fn survey(file: usize, bytes: &[u8], limits: &Limits) -> Result<Vec<Choice>, Error> {
    let found = series::find(File::new(bytes), limits);
    let stacks = stack::stacks(&found)?;
    let choices = stacks.into_iter().enumerate().map(|(index, stack)| Choice {
        label: stack.label,
        pick: super::Pick::Tiff(TiffPick { file, stack: index }),
    });
    Ok(choices.collect())
}

pub(super) fn open(bytes: &[u8], pick: &TiffPick, limits: &Limits) -> Result<Scan, Error> {
    let file = File::new(bytes);
    let found = series::find(file, limits);
    let mut stacks = stack::stacks(&found)?;
    let is_there = pick.stack < stacks.len();
    let stack = is_there.then(|| stacks.swap_remove(pick.stack));
    let stack = stack.ok_or_else(|| damaged("its pages differ".to_owned()))?;
    let count = stack.planes.len();
    if stack.kind.bytes().saturating_mul(count as u64) > limits.max_bytes {
        return Err(too_much_memory(limits));
    }
    let mut images = stack.planes.iter().map(|plane| {
        let page = found
            .pages
            .get(plane.page)
            .and_then(|page| page.as_ref().ok());
        let page = page.ok_or_else(|| damaged("its pages differ".to_owned()))?;
        // A page's samples may be separate images, whatever its tags call them.
        let page = Page {
            kind: stack.kind,
            ..page.clone()
        };
        image::read(file, &page, plane.after, plane.sample + stack.sample)
    });
    let first = images.next().ok_or(Error::EmptyFile)??;
    let image::Image {
        mut voxels,
        mut absent,
        mut is_rounded,
    } = first;
    image::reserve(&mut voxels, count - 1);
    for image in images {
        let image = image?;
        image::append(&mut voxels, image.voxels);
        absent += image.absent;
        is_rounded |= image.is_rounded;
    }
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

fn damaged(reason: String) -> Error {
    Error::Damaged {
        format: Format::Tiff,
        reason,
    }
}

fn unsupported(what: String) -> Error {
    Error::Unsupported { what }
}

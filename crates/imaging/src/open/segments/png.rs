//! PNGs whose pixels are labels: grey values, or places in a palette. One for each slice of the scan, in the order of their
//! names, or one for a slice.

use std::io::Cursor;

use ::png::{ColorType, Decoder, Transformations};

use super::{Link, natural};
use crate::error::Error;
use crate::format::Format;
use crate::open::budget::{Budget, Held, Spent};
use crate::open::entry::Entry;
use crate::open::place::ScanPlace;
use crate::open::{Choice, Pick, png as chunks};
use crate::scan::{About, Grid, NamedSegment, Rescale, Scan, SlicePlane, Source, Stacking, Voxels};
use crate::space::Size;

/// A PNG of labels.
pub(super) struct LabelImage<'a> {
    size: Size,
    labels: Vec<u16>,
    /// Red, green and blue of each label, from 0 on; empty without a palette.
    palette: Vec<[u8; 3]>,
    _held: Held<'a>,
}

impl LabelImage<'_> {
    /// The labels as an image, to look at them.
    pub fn scan(self) -> Result<Scan, Error> {
        let Size { width, height } = self.size;
        let about = About::new(Format::Png, 16);
        Scan::from_image(width, height, Voxels::U16(self.labels), about)
    }
}

/// Reads the labels of a PNG, whose numbers are kept as they are stored.
///
/// # Errors
///
/// [`Error::MasksUnread`] for colours, and for an image that is to be turned; those of opening an image.
pub(super) fn read<'a>(bytes: &[u8], budget: &'a Budget) -> Result<LabelImage<'a>, Error> {
    let limits = budget.limits();
    chunks::check(bytes, limits)?;
    if chunks::orientation(bytes)
        .exif
        .is_some_and(|turn| turn.to_exif() != 1)
    {
        return Err(unread("it says that it is to be turned; save it upright"));
    }
    let mut decoder = Decoder::new_with_limits(
        Cursor::new(bytes),
        ::png::Limits {
            bytes: limits.max_bytes as usize,
        },
    );
    decoder.set_transformations(Transformations::IDENTITY);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let damaged = |error: ::png::DecodingError| Error::Damaged {
        format: Format::Png,
        reason: error.to_string(),
    };
    let mut reader = decoder.read_info().map_err(damaged)?;
    let info = reader.info();
    let size = Size {
        width: info.width,
        height: info.height,
    };
    let bits = info.bit_depth as usize;
    if !matches!(info.color_type, ColorType::Grayscale | ColorType::Indexed) {
        return Err(unread(
            "its pixels are colours, and labels are grey values or places in a palette; save it as a label map",
        ));
    }
    let palette = match (info.color_type, &info.palette) {
        (ColorType::Indexed, Some(palette)) => palette.as_chunks::<3>().0.to_vec(),
        _ => Vec::new(),
    };
    let packed = reader.output_buffer_size().unwrap_or(usize::MAX);
    let _packed = budget.hold(packed as u64).map_err(spent)?;
    let held = budget.hold(2 * size.pixels()).map_err(spent)?;
    let mut bytes = vec![0; packed];
    reader.next_frame(&mut bytes).map_err(damaged)?;
    Ok(LabelImage {
        labels: unpacked(&bytes, size, bits),
        size,
        palette,
        _held: held,
    })
}

/// Samples of 1 to 16 bits; each row begins with a byte of its own.
fn unpacked(bytes: &[u8], size: Size, bits: usize) -> Vec<u16> {
    let columns = size.width as usize;
    let mut labels = Vec::with_capacity(size.pixels() as usize);
    for row in bytes.chunks_exact((columns * bits).div_ceil(8).max(1)) {
        match bits {
            16 => labels.extend(
                row.as_chunks::<2>()
                    .0
                    .iter()
                    .map(|&pair| u16::from_be_bytes(pair)),
            ),
            8 => labels.extend(row.iter().map(|&byte| u16::from(byte))),
            _ => labels.extend((0..columns).map(|at| {
                let first = at * bits;
                let shift = 8 - bits - first % 8;
                u16::from(row[first / 8] >> shift) & ((1 << bits) - 1)
            })),
        }
    }
    labels
}

/// One label map of all PNGs on the scan's voxels, with the colours of their palette, and how they were laid there.
///
/// # Errors
///
/// [`Error::MasksUnread`] with what differs: their number or their size; those of [`read`].
pub(super) fn label_map(
    entries: &[Entry<'_>],
    choices: &[Choice],
    place: &ScanPlace,
    budget: &Budget,
) -> Result<(Scan, Vec<NamedSegment>, Link), Error> {
    let grid = &place.grid;
    let mut files: Vec<&Entry<'_>> = Vec::new();
    for choice in choices {
        match choice.pick {
            Pick::Raster {
                file,
                format: Format::Png,
            } => files.extend(entries.get(file)),
            _ => return Err(unread("there are files of other formats with it")),
        }
    }
    files.sort_by(|a, b| natural::compare(&a.name, &b.name));
    let first = SlicePlane::first(grid);
    let (plane, slice, link) = match (files.len(), place.shown) {
        (count, _) if count == first.slices() as usize => (first, 0, Link::Order),
        (1, Some((shown, slice))) => (SlicePlane::new(grid, shown), slice, Link::ShownSlice),
        (count, _) => {
            let all = first.slices();
            return Err(unread(&format!(
                "{count} images were given, and the scan has {all} slices; give one for each slice"
            )));
        }
    };
    budget.keep(2 * grid.voxels()).map_err(spent)?;
    let mut labels = vec![0u16; grid.voxels() as usize];
    let mut palette: Vec<[u8; 3]> = Vec::new();
    for (number, (slice, entry)) in (1..).zip((slice..).zip(&files)) {
        let image = read(&entry.load(budget)?, budget)?;
        if image.size != plane.size() {
            let (a, b) = (image.size, plane.size());
            return Err(unread(&format!(
                "image {number} has {} × {} pixels, and the slices have {} × {}",
                a.width, a.height, b.width, b.height
            )));
        }
        for (voxel, label) in plane.voxels(slice).zip(image.labels) {
            if let Some(at) = grid.index(voxel).and_then(|at| labels.get_mut(at)) {
                *at = label;
            }
        }
        if image.palette.len() > palette.len() {
            palette = image.palette;
        }
    }
    let named = named(&labels, &palette);
    let grid = Grid {
        slices: grid.slices,
        stacking: Stacking::Slices,
        ..Grid::image(grid.columns, grid.rows)
    };
    let about = About::new(Format::Png, 16);
    let rescales = vec![Rescale::IDENTITY];
    let map = Scan::new(grid, Voxels::U16(labels), rescales, about, Source::Raster)?;
    Ok((map, named, link))
}

/// The labels that a palette colours.
fn named(labels: &[u16], palette: &[[u8; 3]]) -> Vec<NamedSegment> {
    let mut is_there = vec![false; palette.len()];
    for &label in labels {
        if let Some(is_there) = is_there.get_mut(usize::from(label)) {
            *is_there = true;
        }
    }
    let colours = (0u32..).zip(palette).zip(is_there).skip(1);
    let named = colours.filter(|(_, is_there)| *is_there);
    let named = named.map(|((label, color), _)| NamedSegment {
        color: Some(*color),
        ..NamedSegment::new(label)
    });
    named.collect()
}

fn spent(spent: Spent) -> Error {
    spent.error(Format::Png)
}

fn unread(reason: &str) -> Error {
    Error::MasksUnread {
        what: "a PNG of labels",
        reason: reason.to_owned(),
    }
}

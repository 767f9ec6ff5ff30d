//! TIFF and BigTIFF: pages. Neighbours of one kind are one scan, a stack of frames.
//!
//! A single page of 8 or 16 bits is read through the `image` crate, as PNG is; what that can't do, the
//! `tiff` crate below it does: several pages, whole numbers of up to 64 bits with and without sign, and
//! floating point.

mod page;
mod pages;
mod turn;

use super::{Choice, Format, Limits, raster};
use crate::error::Error;
use crate::scan::{About, Grid, Rescale, Scan, Source};
use page::Page;
use pages::Pages;

/// Pages of a file that make one scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pick {
    /// Which file.
    pub file: usize,
    /// The first of them, counted from 0.
    first: usize,
    /// How many there are.
    count: usize,
    page: Page,
}

/// Most pages of a file that are looked at.
const MOST_PAGES: usize = 4096;

/// The scans of a file: of each page the header is read. Pages that can't be opened are left out.
///
/// # Errors
///
/// What is wrong with the first page, if none can be opened.
pub(super) fn survey(file: usize, bytes: &[u8], limits: &Limits) -> Result<Vec<Choice>, Error> {
    let mut pages = Pages::new(bytes, limits)?;
    let mut picks: Vec<Pick> = Vec::new();
    let mut refused = None;
    let mut total = 0;
    for index in 0..MOST_PAGES {
        match pages.page(index == 0) {
            Ok(page) => match picks.last_mut() {
                Some(last) if last.page == page && last.first + last.count == index => {
                    last.count += 1;
                }
                _ => picks.push(Pick {
                    file,
                    first: index,
                    count: 1,
                    page,
                }),
            },
            Err(error) => {
                refused.get_or_insert(error);
            }
        }
        total = index + 1;
        match pages.next() {
            Ok(true) => {}
            Ok(false) => break,
            // What is before a broken page can be opened all the same.
            Err(error) => {
                refused.get_or_insert(error);
                break;
            }
        }
    }
    match refused {
        Some(error) if picks.is_empty() => Err(error),
        _ => Ok(picks.into_iter().map(|pick| pick.choice(total)).collect()),
    }
}

impl Pick {
    /// The choice among the pages of a file.
    fn choice(self, total: usize) -> Choice {
        let Page { width, height, .. } = self.page;
        let format = Format::Tiff.name();
        let (first, last) = (self.first + 1, self.first + self.count);
        let label = match self.count {
            _ if total == 1 => format.to_owned(),
            1 => format!("{format}, page {first} of {total}, {width}×{height}"),
            count if count == total => format!("{format}, {total} pages of {width}×{height}"),
            _ => format!("{format}, pages {first} to {last} of {total}, {width}×{height}"),
        };
        Choice {
            label,
            pick: super::Pick::Tiff(self),
        }
    }
}

/// Opens pages of a file.
pub(super) fn open(bytes: &[u8], pick: &Pick, limits: &Limits) -> Result<Scan, Error> {
    if pick.first == 0 && pick.count == 1 && pick.page.is_ordinary() {
        return raster::open(bytes, Format::Tiff, limits);
    }
    let needed = pick.page.bytes().saturating_mul(pick.count as u64);
    if needed > limits.max_bytes {
        return Err(Error::TooMuchMemory {
            format: Format::Tiff,
            max_bytes: limits.max_bytes,
        });
    }
    let mut pages = Pages::new(bytes, limits)?;
    for _ in 0..pick.first {
        pages.next()?;
    }
    let mut voxels = pages.voxels(&pick.page)?;
    page::reserve(&mut voxels, pick.count - 1);
    for _ in 1..pick.count {
        pages.next()?;
        page::append(&mut voxels, pages.voxels(&pick.page)?);
    }
    let [columns, rows] = pick.page.upright_size();
    let grid = Grid {
        slices: pick.count as u32,
        ..Grid::image(columns, rows)
    };
    let about = About::new(Format::Tiff, voxels.bits());
    Scan::new(grid, voxels, vec![Rescale::IDENTITY], about, Source::Raster)
}

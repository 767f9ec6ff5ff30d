//! Splits a series into stacks to choose from: slices, or images in time, of one channel.

use std::rc::Rc;

use super::description::{Axis, Meaning};
use super::page::{Colour, PixelFormat};
use super::series::{Found, Plane, Series};
use super::spent;
use crate::error::Error;
use crate::open::budget::Budget;
use crate::scan::{Grid, Note, NoteCode, PixelSpacing, Rescale, Stacking};

/// Maximum number of stacks of a file that are offered; later ones can't be opened.
const MAX_CHOICES: usize = 4096;

/// Images that are opened together as one scan.
pub(super) struct Stack {
    pub kind: PixelFormat,
    /// The channels of an image have the same.
    pub planes: Rc<[Plane]>,
    /// Which of a pixel's samples.
    pub sample: usize,
    /// A label that distinguishes it from the file's others.
    pub label: String,
    pub grid: Grid,
    pub rescale: Rescale,
    pub unit: String,
    pub notes: Vec<Note>,
}

/// Lists the stacks of a file.
///
/// # Errors
///
/// The error of the first page, if none can be opened.
pub(super) fn stacks(found: &Found, budget: &Budget) -> Result<Vec<Stack>, Error> {
    let mut stacks = Vec::new();
    for (index, series) in found.series.iter().enumerate() {
        let most = MAX_CHOICES - stacks.len().min(MAX_CHOICES);
        stacks.extend(series.stacks(found, index, most, budget)?);
    }
    let mut refused = found.pages.iter().filter_map(|page| page.as_ref().err());
    let first = refused.next().or(found.broken.as_ref());
    if stacks.is_empty() {
        return Err(first.cloned().unwrap_or(Error::EmptyFile));
    }
    let unread = found.pages.iter().filter(|page| page.is_err()).count();
    let mut notes = Vec::new();
    if let (Some(error), 1..) = (first, unread) {
        let (total, pages) = (
            found.pages.len(),
            if unread == 1 { "page" } else { "pages" },
        );
        notes.push(reading(format!(
            "{unread} {pages} of {total} can't be opened: {error}"
        )));
    }
    if let Some(error) = &found.broken {
        let count = found.pages.len();
        notes.push(reading(format!(
            "the data after page {count} can't be read: {error}"
        )));
    }
    if found.has_more {
        let count = found.pages.len();
        notes.push(reading(format!(
            "the file has more than {count} pages; the others are not shown"
        )));
    }
    if stacks.len() == MAX_CHOICES {
        notes.push(reading(format!(
            "only the first {MAX_CHOICES} scans of the file are offered"
        )));
    }
    for stack in &mut stacks {
        stack.notes.extend(notes.iter().cloned());
    }
    Ok(stacks)
}

pub(super) fn reading(text: String) -> Note {
    Note {
        code: NoteCode::Reading,
        text,
    }
}

impl Series {
    fn stacks(
        &self,
        found: &Found,
        index: usize,
        most: usize,
        budget: &Budget,
    ) -> Result<Vec<Stack>, Error> {
        let axis = self.stacked_axis();
        let [along, rest] = self.axes_and_strides(axis);
        let (stacked, stride) = along.first().copied().unwrap_or((ONE, 1));
        let splits: u64 = rest.iter().map(|(axis, _)| axis.count).product();
        let channels = u64::from(self.kind.channels);
        let mut stacks = Vec::new();
        let mut missing = 0;
        for split in 0..splits {
            // As in the file, the last axis changes fastest.
            let (mut left, mut begin, mut places) = (split, 0, Vec::new());
            for (axis, stride) in rest.iter().rev() {
                let place = left % axis.count;
                left /= axis.count;
                begin += place * stride;
                places.push((*axis, place));
            }
            places.reverse();
            let at = |step: u64| self.planes.get((begin + step * stride) as usize);
            budget.step(stacked.count + 10).map_err(spent)?;
            let planes: Vec<Option<Plane>> = (0..stacked.count)
                .map(|step| at(step).copied().flatten())
                .collect();
            if planes.iter().all(Option::is_none) {
                missing += 1;
                continue;
            }
            let present: Rc<[Plane]> = planes.iter().flatten().copied().collect();
            for sample in 0..channels.min((most - stacks.len()) as u64) {
                let words = self.words(found, index, &places, sample);
                let all = (&planes[..], &present);
                stacks.push(self.stack(found, all, stacked, sample as usize, words));
            }
        }
        if missing > 0 {
            let text = format!(
                "{missing} of {splits} scans that the file's description names are not in it"
            );
            for stack in &mut stacks {
                stack.notes.push(reading(text.clone()));
            }
        }
        Ok(stacks)
    }

    /// The axis that becomes the scan's slices: z, otherwise time, otherwise one without a meaning.
    fn stacked_axis(&self) -> Option<usize> {
        let find = |meaning| {
            let is_it = |axis: &Axis| axis.meaning == meaning && axis.count > 1;
            self.axes.iter().rposition(is_it)
        };
        find(Meaning::Slice)
            .or_else(|| find(Meaning::Time))
            .or_else(|| find(Meaning::Other))
    }

    /// The stacked axis and the others, each with its stride: the number of planes between neighbours.
    fn axes_and_strides(&self, stacked: Option<usize>) -> [Vec<(Axis, u64)>; 2] {
        let mut stride = 1;
        let mut parts = [Vec::new(), Vec::new()];
        for (index, axis) in self.axes.iter().enumerate().rev() {
            let part = &mut parts[usize::from(Some(index) != stacked)];
            part.insert(0, (*axis, stride));
            stride *= axis.count;
        }
        parts
    }

    fn stack(
        &self,
        found: &Found,
        (all, planes): (&[Option<Plane>], &Rc<[Plane]>),
        stacked: Axis,
        sample: usize,
        words: String,
    ) -> Stack {
        let [columns, rows] = self.kind.upright_size();
        let last = all.iter().rposition(Option::is_some).unwrap_or(0);
        let has_gap =
            last + 1 != planes.len() + all.iter().take_while(|plane| plane.is_none()).count();
        let is_volume = stacked.meaning == Meaning::Slice && !has_gap;
        let mut notes: Vec<Note> = self.sizes.note.iter().cloned().collect();
        if planes.len() < all.len() {
            let text = format!(
                "{} of {} images that the file's description names are not in it, and are not shown",
                all.len() - planes.len(),
                all.len()
            );
            let code = if has_gap {
                NoteCode::SliceGap
            } else {
                NoteCode::Reading
            };
            notes.push(Note { code, text });
        }
        let assumed = |plane: &Plane| {
            let page = found
                .pages
                .get(plane.page)
                .and_then(|page| page.as_ref().ok());
            page.is_some_and(|page| page.is_colour_assumed)
        };
        if planes.iter().any(assumed) {
            notes.push(reading(
                "the file doesn't say whether 0 is black or white (PhotometricInterpretation is missing)"
                    .to_owned(),
            ));
        }
        let mut rescale = Rescale::IDENTITY;
        let mut unit = String::new();
        if let (Some(said), Colour::Grey { .. }) = (&self.imagej, self.kind.colour) {
            if let Some([intercept, slope]) = said.line {
                rescale = Rescale { slope, intercept };
                unit = said.value_unit.clone();
            }
            if let Some(function) = said.other_function {
                notes.push(reading(format!(
                    "ImageJ's calibration of the values (function {function}) is not a straight line; \
                     the values are as they are stored"
                )));
            }
        }
        Stack {
            label: self.label(found, planes, stacked, &words),
            kind: self.kind,
            sample,
            grid: Grid {
                slices: planes.len() as u32,
                stacking: if is_volume {
                    Stacking::Slices
                } else {
                    Stacking::Frames
                },
                pixel_spacing: self.sizes.pixel.map(|pixel| match self.kind.orientation {
                    5.. => PixelSpacing {
                        x_mm: pixel.y_mm,
                        y_mm: pixel.x_mm,
                        ..pixel
                    },
                    _ => pixel,
                }),
                slice_spacing_mm: self.sizes.slice_mm.filter(|_| is_volume),
                ..Grid::image(columns, rows)
            },
            planes: planes.clone(),
            rescale,
            unit,
            notes,
        }
    }
}

/// The stacked axis of a single image.
const ONE: Axis = Axis {
    meaning: Meaning::Other,
    count: 1,
};

//! Groups a file's images to series as its writer meant them: by the description of ImageJ, OME or tifffile, by
//! MetaMorph's tag, and otherwise by grouping neighbouring pages of one format.

use super::contiguous::images_after;
use super::description::{Axis, ImageJ, Meaning, Shaped, images};
use super::directory::{Directory, File};
use super::ome;
use super::page::{Colour, Page, PixelFormat};
use super::sizes::Sizes;
use super::spent;
use super::tags::{IMAGE_DESCRIPTION, UIC2};
use crate::error::Error;
use crate::scan::{Note, NoteCode};

/// Maximum number of pages that are read of a file.
const MAX_PAGES: usize = 65_536;

/// The pages of a file and the series that they form.
pub(super) struct Found {
    pub pages: Vec<Result<Page, Error>>,
    pub series: Vec<Series>,
    /// The error that ended the list of pages early, if any.
    pub broken: Option<Error>,
    /// Whether there are more than [`MAX_PAGES`] pages.
    pub has_more: bool,
}

/// An image: a page's own, or one stored after it without its own directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plane {
    pub page: usize,
    /// Number of images after the page's own, which is 0.
    pub after: u64,
    /// Index of its first sample in a pixel.
    pub sample: usize,
}

impl Plane {
    /// A page's own image.
    fn of_page(page: usize) -> Plane {
        Plane {
            page,
            after: 0,
            sample: 0,
        }
    }
}

/// Images of one format along axes.
pub(super) struct Series {
    pub kind: PixelFormat,
    /// Axes; the last one changes fastest.
    pub axes: Vec<Axis>,
    /// One plane for each place along the axes; `None` if the description names an image that the file lacks.
    pub planes: Vec<Option<Plane>>,
    pub sizes: Sizes,
    /// Whether the file describes the axes; otherwise the planes are just consecutive pages.
    pub is_described: bool,
    pub imagej: Option<ImageJ>,
}

/// Finds them all.
///
/// # Errors
///
/// [`Error::TooMuchMemory`] and [`Error::TooMuchWork`].
pub(super) fn find(file: File<'_>) -> Result<Found, Error> {
    let (places, broken) = file.directories(MAX_PAGES + 1);
    let of_page = size_of::<Result<Page, Error>>() + 2 * size_of::<u64>();
    file.budget
        .keep((places.len() * of_page) as u64)
        .map_err(spent)?;
    let read = places.iter().take(MAX_PAGES);
    let pages: Vec<_> = read.map(|&at| Page::read(file, at)).collect();
    let mut found = Found {
        has_more: places.len() > MAX_PAGES,
        series: Vec::new(),
        pages,
        broken,
    };
    let mut is_taken = vec![false; found.pages.len()];
    found.described(file, &mut is_taken)?;
    for first in 0..found.pages.len() {
        if !is_taken.get(first).is_some_and(|taken| *taken) {
            file.budget.step(STEPS_PER_SERIES).map_err(spent)?;
            found.add_series_at(file, first, &mut is_taken)?;
        }
    }
    Ok(found)
}

/// Work to begin a series.
const STEPS_PER_SERIES: u64 = 100;

impl Found {
    fn page(&self, index: usize) -> Option<&Page> {
        self.pages.get(index)?.as_ref().ok()
    }

    fn directory<'a>(&self, file: File<'a>, index: usize) -> Option<Directory<'a>> {
        file.directory(self.page(index)?.at).ok()
    }

    fn push(&mut self, series: Series, is_taken: &mut [bool]) {
        for plane in series.planes.iter().flatten() {
            if let Some(taken) = is_taken.get_mut(plane.page) {
                *taken = true;
            }
        }
        if series.planes.iter().any(Option::is_some) {
            self.series.push(series);
        }
    }

    /// The first page's description, which holds for all.
    fn described(&mut self, file: File<'_>, is_taken: &mut [bool]) -> Result<(), Error> {
        let (Some(first), Some(directory)) = (self.page(0), self.directory(file, 0)) else {
            return Ok(());
        };
        let (kind, samples) = (first.kind, u64::from(first.storage.samples));
        let description = directory
            .texts(IMAGE_DESCRIPTION)
            .next()
            .unwrap_or_default();
        if let Some(said) = ImageJ::read(description) {
            // Ignore counts that exceed any file.
            let count = images(&said.axes).unwrap_or(1);
            let axes = match images(&said.axes) {
                Some(_) => said.axes.clone(),
                None => Vec::new(),
            };
            // A description of a single image says nothing about further pages.
            if count > 1 || self.pages.len() == 1 {
                let series = Series {
                    kind,
                    planes: self.planes(file, 0, count)?,
                    axes,
                    sizes: Sizes::of_imagej(&directory, &said),
                    is_described: true,
                    imagej: Some(said),
                };
                self.push(series, is_taken);
            }
            return Ok(());
        }
        for image in ome::read(description, samples, file.budget)?.unwrap_or_default() {
            keep_planes(file, image.directories.len() as u64)?;
            let first = image
                .directories
                .iter()
                .flatten()
                .find_map(|&page| self.page(page));
            let Some(kind) = first.map(|page| page.kind) else {
                continue;
            };
            let plane = |directory: &Option<usize>| {
                let page = (*directory)?;
                let is_same = self.page(page).is_some_and(|page| page.kind == kind);
                is_same.then_some(Plane::of_page(page))
            };
            let planes = image.directories.iter().map(plane).collect();
            let series = Series {
                kind,
                axes: image.axes,
                planes,
                sizes: image.sizes,
                is_described: true,
                imagej: None,
            };
            self.push(series, is_taken);
        }
        Ok(())
    }

    /// The planes of a number of images from a page on: pages, or images after the only page.
    fn planes(
        &self,
        file: File<'_>,
        first: usize,
        count: u64,
    ) -> Result<Vec<Option<Plane>>, Error> {
        keep_planes(file, count)?;
        let kind = self.page(first).map(|page| page.kind);
        let is_one_of_them = |page: usize| {
            self.page(page).map(|page| page.kind) == kind
                && (page == first || !self.begins_series(file, page))
        };
        let follow = (first..self.pages.len()).take_while(|&page| is_one_of_them(page));
        let follow = follow
            .take(usize::try_from(count).unwrap_or(usize::MAX))
            .count() as u64;
        let after = match (follow, self.page(first)) {
            (1, Some(page)) if count > 1 => images_after(file, page),
            _ => 0,
        };
        let plane = |index: u64| {
            if index < follow {
                let page = first + index as usize;
                return Some(Plane::of_page(page));
            }
            (index <= after && follow == 1).then_some(Plane {
                after: index,
                ..Plane::of_page(first)
            })
        };
        Ok((0..count).map(plane).collect())
    }

    /// Whether tifffile's description on this page begins a new series.
    fn begins_series(&self, file: File<'_>, page: usize) -> bool {
        let directory = self.directory(file, page);
        directory.is_some_and(|directory| {
            let mut texts = directory.texts(IMAGE_DESCRIPTION);
            texts.any(|text| text.starts_with(b"{\"shape\":"))
        })
    }

    /// The series that begins with a page which no description names.
    fn add_series_at(
        &mut self,
        file: File<'_>,
        first: usize,
        is_taken: &mut [bool],
    ) -> Result<(), Error> {
        let (Some(page), Some(directory)) = (self.page(first), self.directory(file, first)) else {
            return Ok(());
        };
        let (mut kind, is_reduced) = (page.kind, page.is_reduced);
        let storage = page.storage;
        let size = [kind.height, kind.width, storage.samples].map(u64::from);
        let mut texts = directory.texts(IMAGE_DESCRIPTION);
        let shaped = texts.find_map(|text| Shaped::read(text, size, storage.is_planar));
        let mut sizes = match directory.texts(IMAGE_DESCRIPTION).find_map(ImageJ::read) {
            Some(said) => Sizes::of_imagej(&directory, &said),
            None => Sizes::of_resolution(&directory),
        };
        if shaped.as_ref().is_some_and(|shaped| shaped.is_doubtful) && kind.colour == Colour::Rgb {
            sizes.note.get_or_insert(are_they_colours());
        }
        // If samples are images, only pages with the same number of them belong together.
        let mut of_page = 1;
        if shaped
            .as_ref()
            .is_some_and(|shaped| shaped.are_samples_images)
        {
            of_page = u64::from(storage.samples);
            kind.colour = Colour::Grey {
                zero_is_white: false,
            };
            kind.channels = 1;
        }
        let of_metamorph = Axis {
            meaning: Meaning::Other,
            count: directory.count(UIC2),
        };
        let axes = shaped.map_or(vec![of_metamorph], |shaped| shaped.axes);
        let count = images(&axes).filter(|count| *count > 1);
        let is_described = count.is_some();
        let (axes, planes) = match count {
            Some(count) => {
                let pages = self.planes(file, first, count / of_page)?;
                let samples = |plane: Option<Plane>| {
                    let sample = move |sample| plane.map(|plane| Plane { sample, ..plane });
                    (0..of_page as usize).map(sample)
                };
                (axes, pages.into_iter().flat_map(samples).collect())
            }
            None => self.neighbours(file, first, is_reduced, is_taken),
        };
        let series = Series {
            kind,
            axes,
            planes,
            sizes,
            is_described,
            imagej: None,
        };
        self.push(series, is_taken);
        Ok(())
    }

    /// Consecutive pages of one format. Reduced copies between them, such as thumbnails of a microscope, are
    /// skipped.
    fn neighbours(
        &self,
        file: File<'_>,
        first: usize,
        is_reduced: bool,
        is_taken: &[bool],
    ) -> (Vec<Axis>, Vec<Option<Plane>>) {
        let kind = self.page(first).map(|page| page.kind);
        let mut planes = Vec::new();
        for index in first..self.pages.len() {
            let Some(page) = self.page(index) else { break };
            if page.is_reduced && !is_reduced {
                continue;
            }
            let is_free = is_taken.get(index) == Some(&false);
            let is_same = Some(page.kind) == kind && page.is_reduced == is_reduced;
            let begins_another = index > first && self.begins_series(file, index);
            if !is_free || !is_same || begins_another {
                break;
            }
            planes.push(Some(Plane::of_page(index)));
        }
        let axis = Axis {
            meaning: Meaning::Other,
            count: planes.len() as u64,
        };
        (vec![axis], planes)
    }
}

/// Takes the memory for planes of a series, and of the stacks that it becomes.
fn keep_planes(file: File<'_>, count: u64) -> Result<(), Error> {
    let bytes = count.saturating_mul(4 * size_of::<Option<Plane>>() as u64);
    file.budget.keep(bytes).map_err(spent)?;
    file.budget.step(count).map_err(spent)
}

/// tifffile has stored stacks of three or four images as planes of colour, if nobody told it better.
fn are_they_colours() -> Note {
    Note {
        code: NoteCode::Reading,
        text: "the file's three or four planes are taken as colours, as its tags say; tifffile writes a \
               stack of so many slices alike: if they are slices, save them with photometric='minisblack'"
            .to_owned(),
    }
}

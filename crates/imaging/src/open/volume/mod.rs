//! NRRD, MetaImage and MGH: a header, and numbers in the same file or in others that it names, plain, deflated or as text.
//!
//! A file with several volumes, or with several numbers for each voxel, gives a [`Choice`] for each of them. Voxels keep
//! their stored values and order: the file's first axis of space is the grid's columns.

mod data;
mod header;
mod labels;
mod metaimage;
mod mgh;
mod nrrd;
mod nrrd_axes;
mod place;
mod segments;
mod text;
mod words;

use std::collections::HashSet;

use super::Choice;
use super::budget::Budget;
use super::entry::Entry;
use crate::error::Error;
use crate::format::Format;
use crate::scan::{About, NamedSegment, Note, NoteCode, Rescale, Scan, Source};
use data::Names;
use header::{Files, Header, MAX_HEADER};
pub(super) use labels::{are_few, are_likely, label_map};

/// A volume of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct VolumePick {
    /// The file with the header.
    header: usize,
    pub format: Format,
    /// Which volume it is, and which of its numbers.
    part: u64,
}

impl VolumePick {
    /// Whether both have the same header.
    pub fn is_same_file(&self, other: &VolumePick) -> bool {
        self.header == other.header
    }
}

/// Maximum number of volumes of a file that are offered; later ones can't be opened.
const MAX_CHOICES: u64 = 4096;

/// The format of a file, by its first bytes; `None` for other files.
pub(super) fn detect(start: &[u8]) -> Option<Format> {
    match start {
        _ if nrrd::detect(start) => Some(Format::Nrrd),
        _ if mgh::detect(start) => Some(Format::Mgh),
        _ if metaimage::detect(start) => Some(Format::MetaImage),
        _ => None,
    }
}

/// Reads the header of a file.
fn header_in(
    files: &[Entry<'_>],
    file: usize,
    format: Format,
    budget: &Budget,
) -> Result<Header, Error> {
    let entry = files.get(file).ok_or(Error::EmptyFile)?;
    // Text, its parts, and the segments.
    let spent = |spent: super::budget::Spent| spent.error(format);
    let mut most = 4 << 10;
    loop {
        let _held = budget.hold(most as u64).map_err(spent)?;
        let start = entry.first(most, budget)?;
        let start = &start[..start.len().min(MAX_HEADER)];
        let is_whole = match format {
            Format::Nrrd => nrrd::is_whole(start),
            Format::MetaImage => metaimage::is_whole(start),
            _ => true,
        };
        if !is_whole && start.len() >= most && most < MAX_HEADER {
            most *= 16;
            continue;
        }
        let _held = budget.hold(16 * start.len() as u64).map_err(spent)?;
        let header = match format {
            Format::Nrrd => nrrd::read(start),
            Format::MetaImage => metaimage::read(start),
            _ => mgh::read(start),
        };
        return header?.checked(budget.limits());
    }
}

/// The names of the files that have the voxels of a header; none for one with its own, or for another format.
pub(super) fn named(bytes: &[u8]) -> Vec<String> {
    let start = bytes.get(..MAX_HEADER).unwrap_or(bytes);
    let header = match detect(start) {
        Some(Format::Nrrd) => nrrd::read(start),
        Some(Format::MetaImage) => metaimage::read(start),
        _ => return Vec::new(),
    };
    let files = header.map(|header| header.data.files);
    let names = |files: Files| (0..files.count()).filter_map(|at| files.name(at)).collect();
    files.map(names).unwrap_or_default()
}

/// What is in files of these formats.
#[derive(Default)]
pub(super) struct Found {
    pub choices: Vec<Choice>,
    pub errors: Vec<Error>,
    /// Files with the numbers of others, which are no scans of their own.
    pub parts: HashSet<usize>,
}

impl Found {
    /// Nothing, because of an error.
    pub fn failed(error: Error) -> Found {
        Found {
            errors: vec![error],
            ..Found::default()
        }
    }
}

/// Lists the scans in the files, given with the formats of all. Only headers are read.
pub(super) fn survey(files: &[Entry<'_>], formats: &[Option<Format>], budget: &Budget) -> Found {
    let mut found = Found::default();
    let is_read =
        |format: &Format| matches!(format, Format::Nrrd | Format::MetaImage | Format::Mgh);
    let of_them = (0..).zip(formats.iter().copied());
    let of_them = of_them.filter_map(|(file, format)| Some((file, format.filter(is_read)?)));
    let of_them: Vec<(usize, Format)> = of_them.collect();
    if of_them.is_empty() {
        return found;
    }
    let names = Names::of(files);
    for (count, &(file, format)) in of_them.iter().enumerate() {
        let which = match of_them.len() {
            1 => String::new(),
            _ => format!("file {}, ", count + 1),
        };
        if let Err(error) = list(files, (file, format), &which, &names, budget, &mut found) {
            let is_full = matches!(error, Error::TooMuchWork { .. });
            found.errors.push(error);
            if is_full {
                return found;
            }
        }
    }
    found
}

/// Adds the volumes of a file.
fn list(
    files: &[Entry<'_>],
    (file, format): (usize, Format),
    which: &str,
    names: &Names<'_>,
    budget: &Budget,
    found: &mut Found,
) -> Result<(), Error> {
    let header = header_in(files, file, format, budget)?;
    let sources = data::sources(files, file, &header.data, format, names, budget)?;
    if !matches!(header.data.files, Files::Own(_)) {
        found.parts.extend(sources);
    }
    let kind = match header.segments.is_empty() {
        true => "",
        false => " segmentation",
    };
    for part in 0..header.parts().min(MAX_CHOICES) {
        let label = format!("{format}{kind}, {which}{}", header.describe(part));
        let bytes = (size_of::<Choice>() + label.len()) as u64;
        budget
            .keep_choice(bytes)
            .map_err(|spent| spent.error(format))?;
        let pick = VolumePick {
            header: file,
            format,
            part,
        };
        found
            .choices
            .push(Choice::new(label, super::Pick::Volume(pick)));
    }
    Ok(())
}

pub(super) fn open(files: &[Entry<'_>], pick: &VolumePick, budget: &Budget) -> Result<Scan, Error> {
    let names = Names::of(files);
    let mut header = header_in(files, pick.header, pick.format, budget)?;
    let sources = data::sources(
        files,
        pick.header,
        &header.data,
        pick.format,
        &names,
        budget,
    )?;
    let read = data::volume(files, &sources, &header, pick.part, budget)?;
    let layer = pick.part % header.channels.max(1);
    let mut segments = std::mem::take(&mut header.segments);
    let is_segmentation = !segments.is_empty();
    segments.retain(|segment| u64::from(segment.layer) == layer);
    let (grid, mut about) = described(header);
    about.notes.extend(read.notes);
    let rescales = vec![Rescale::IDENTITY];
    let mut scan = Scan::new(grid, read.voxels, rescales, about, Source::Raster)?;
    let text = match is_segmentation {
        true => Some(of_segments(&segments)),
        false => are_likely(&scan).then(|| {
            "The values look like the numbers of labels. To compare with them, open the scan and choose this file as \
             the reference mask."
                .to_owned()
        }),
    };
    scan.about.notes.extend(text.map(|text| Note {
        code: NoteCode::LabelMap,
        text,
    }));
    scan.segments = segments;
    Ok(scan)
}

fn of_segments(segments: &[NamedSegment]) -> String {
    let count = segments.len();
    let many = if count == 1 { "" } else { "s" };
    format!(
        "The file is a segmentation with {count} segment{many}, and its values are their numbers. To compare with them, open \
         the scan and choose this file as the reference mask."
    )
}

/// The grid of a header, and what is known of it.
fn described(header: Header) -> (crate::scan::Grid, About) {
    let mut about = About::new(header.format, header.number.bits());
    about.modality = header.modality.to_owned();
    about.notes = header.notes;
    let grid = header.place.grid(header.size, &mut about.notes);
    (grid, about)
}

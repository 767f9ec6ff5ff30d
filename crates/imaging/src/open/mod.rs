//! Reads files into a [`Scan`]. The format is detected by magic number; names and MIME types are not trusted.

mod archive;
mod budget;
mod contain;
mod dicom;
mod entry;
mod jpeg;
mod nifti;
mod place;
mod png;
mod raster;
mod samples;
mod segments;
mod sound;
mod tiff;
mod volume;

use crate::error::Error;
use crate::format::Format;
use crate::scan::{Note, NoteCode, Scan, hounsfield};
use crate::space::Size;
use budget::Budget;
use contain::{contained, contained_in_each};
pub use place::ScanPlace;
pub use segments::{Link, Segment, are_segmentations, open_segments};
use segments::{chosen_array, masks_format};

/// The format of a file, by its first bytes.
///
/// # Errors
///
/// [`Error::EmptyFile`]; [`Error::Unsupported`] for a known format that is not read;
/// [`Error::UnknownFormat`] for anything else.
pub fn detect(bytes: &[u8]) -> Result<Format, Error> {
    if bytes.is_empty() {
        return Err(Error::EmptyFile);
    }
    // First of all, because a DICOM preamble may hold a TIFF directory, which makes the file both.
    if dicom::has_preamble(bytes) {
        return Ok(Format::Dicom);
    }
    if let Some((_, format)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Ok(*format);
    }
    if let Some(format) = nifti::detect(bytes) {
        return Ok(format);
    }
    if let Some(format) = volume::detect(bytes) {
        return Ok(format);
    }
    let is_known = |(offset, magic, _): &&(usize, &'static [u8], &'static str)| {
        bytes
            .get(*offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    if let Some(format) = masks_format(bytes) {
        return Ok(format);
    }
    if let Some((_, _, what)) = SURFACES.iter().find(is_known) {
        return Err(Error::MasksUnread {
            what,
            reason: "it has outlines or numbers instead of voxels; open the session, NIfTI, DICOM SEG or .seg.nrrd that was \
                     saved with it"
                .to_owned(),
        });
    }
    if let Some((_, _, what)) = ARCHIVES.iter().find(is_known) {
        return Err(Error::Archive {
            what,
            reason: "unpack it and open the files in it".to_owned(),
        });
    }
    match NOT_READ.iter().find(is_known) {
        Some((_, _, name)) => Err(Error::Unsupported {
            what: format!("{name} file"),
        }),
        // Last, because a data set without a preamble has no reliable signature.
        None if dicom::detect(bytes) => Ok(Format::Dicom),
        None => Err(Error::UnknownFormat {
            start: describe_start(bytes),
        }),
    }
}

const MAGIC: [(&[u8], Format); 7] = [
    (b"\x89PNG\r\n\x1a\n", Format::Png),
    (b"\xff\xd8\xff", Format::Jpeg),
    (b"BM", Format::Bmp),
    (b"II\x2a\0", Format::Tiff),
    (b"MM\0\x2a", Format::Tiff),
    // BigTIFF.
    (b"II\x2b\0", Format::Tiff),
    (b"MM\0\x2b", Format::Tiff),
];

/// Unsupported archives, as offset, magic number and name.
const ARCHIVES: [(usize, &[u8], &str); 6] = [
    (257, b"ustar", "a tar archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"\xfd7zXZ\0", "an xz archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
];

/// What masks are saved as besides voxels, as offset, magic number and name. An STL, OBJ or CSV has no signature of its own:
/// these are our own.
const SURFACES: [(usize, &[u8], &str); 6] = [
    (0, b"Boxel surface.", "an STL surface"),
    (0, b"solid ", "an STL surface"),
    (0, b"ply\n", "a PLY surface"),
    (0, b"# Boxel surface.", "an OBJ surface"),
    (0, b"<svg", "an SVG of outlines"),
    (0, b"object,label,extent,", "a CSV of measurements"),
];

/// Unsupported formats that a user may well try, as offset, magic number and name.
const NOT_READ: [(usize, &[u8], &str); 6] = [
    (0, b"GIF8", "a GIF"),
    (8, b"WEBP", "a WebP"),
    (4, b"ftyp", "a HEIC, AVIF or MP4"),
    (0, b"%PDF", "a PDF"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000"),
];

/// Limits on a file's size, checked against its header before anything is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest width and height, in pixels.
    pub max_side: u32,
    /// Maximum number of pixels, width times height.
    pub max_pixels: u64,
    /// Maximum number of bytes of a scan's voxels.
    pub max_bytes: u64,
    /// Maximum number of bytes that opening files may hold at once: the files, what is unpacked, headers, a decoder's
    /// buffers, the list of scans and the scan. For files of up to 20 MB together; longer ones may take 8 bytes more for
    /// each of theirs.
    pub max_held: u64,
    /// Maximum number of steps that listing or opening such files may take, each of about 10 ns; longer ones may take
    /// 32 more for each byte. Pixels are not counted: [`Limits::max_bytes`] bounds them.
    pub max_steps: u64,
}

impl Default for Limits {
    /// Limits that fit in a browser tab together with the model: 16,384 pixels a side (the largest canvas),
    /// 64 megapixels; and for 20 MB of files 512 MiB in all.
    fn default() -> Self {
        Limits {
            max_side: 16_384,
            max_pixels: 64_000_000,
            max_bytes: 512 << 20,
            max_held: 512 << 20,
            max_steps: 400_000_000,
        }
    }
}

impl Limits {
    /// Whether an image of this size may be decoded.
    ///
    /// # Errors
    ///
    /// [`Error::NoPixels`] for a side of 0, [`Error::TooLarge`] above a limit.
    pub fn check(&self, size: Size) -> Result<(), Error> {
        let Size { width, height } = size;
        if size.pixels() == 0 {
            return Err(Error::NoPixels { width, height });
        }
        if size.longest_side() > self.max_side || size.pixels() > self.max_pixels {
            return Err(Error::TooLarge {
                width,
                height,
                max_side: self.max_side,
                max_pixels: self.max_pixels,
            });
        }
        Ok(())
    }
}

/// A file from the user.
#[derive(Debug, Clone, Copy)]
pub struct NamedFile<'a> {
    /// Its name, without folders. It is used only to find the files with a header's voxels, such as the `.img` of a
    /// `.hdr`, and is not kept, because it often names the patient.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

/// One of the scans in a set of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// A label that distinguishes it from the others, such as `MR, series 3, 20 slices of 256×256`.
    pub label: String,
    pick: Pick,
    /// Memory of all choices of its list, which is there while one of them is opened.
    list_bytes: u64,
}

impl Choice {
    fn new(label: String, pick: Pick) -> Choice {
        Choice {
            label,
            pick,
            list_bytes: 0,
        }
    }
}

/// Where a choice's scan is stored; files are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pick {
    Raster {
        file: usize,
        format: Format,
    },
    Tiff(tiff::TiffPick),
    Dicom(dicom::DicomPick),
    Nifti(nifti::NiftiPick),
    Volume(volume::VolumePick),
    /// An RT Structure Set, which has no pixels: it can only be opened on a scan.
    Structures {
        file: usize,
    },
    /// Another file that has masks alone, and can only be opened on a scan.
    Masks {
        file: usize,
        format: Format,
    },
}

impl Pick {
    /// Whether both are volumes of one file.
    fn is_same_file(&self, other: &Pick) -> bool {
        match (self, other) {
            (Pick::Volume(a), Pick::Volume(b)) => a.is_same_file(b),
            _ => false,
        }
    }
}

/// Lists the scans in a set of files. A folder with several series, or a NIfTI file with several volumes,
/// gives several choices. Files that are not scans (a `DICOMDIR`, a text file) are ignored if there is a
/// scan. ZIP archives and gzipped files are unpacked, within the limits. An RT Structure Set, a NumPy array or COCO
/// annotations are listed if there is nothing else; only [`open_segments`] opens them.
///
/// # Errors
///
/// Without any scan, the error of the first file: one of those of [`open`].
pub fn survey(files: &[NamedFile<'_>], limits: &Limits) -> Result<Vec<Choice>, Error> {
    let budget = &Budget::new(files, limits);
    let (entries, errors) = archive::entries(files, budget);
    let mut choices = Vec::new();
    let mut refused = None;
    let mut refuse = |error: Error| {
        refused.get_or_insert(error);
    };
    errors.into_iter().for_each(&mut refuse);
    let (mut of_dicom, mut of_nifti) = (Vec::new(), Vec::new());
    let (mut arrays, mut annotations) = (Vec::new(), None);
    let (formats, mut unknown) = formats_of(&entries, budget);
    let volumes = contained(|| Ok(volume::survey(&entries, &formats, budget)));
    let volumes = volumes.unwrap_or_else(volume::Found::failed);
    volumes.errors.into_iter().for_each(&mut refuse);
    for (file, (entry, format)) in entries.iter().zip(formats).enumerate() {
        if volumes.parts.contains(&file) {
            continue;
        }
        match format {
            Some(Format::Nrrd | Format::MetaImage | Format::Mgh) => {}
            Some(Format::Numpy) => arrays.push(file),
            Some(Format::Coco) => annotations = annotations.or(Some(file)),
            Some(Format::Dicom) => of_dicom.push(file),
            Some(Format::Nifti1 | Format::Nifti2) => of_nifti.push(file),
            Some(Format::Tiff) => {
                let found = contained(|| tiff::survey(file, &entry.load(budget)?, budget));
                match found {
                    Ok(found) => choices.extend(found),
                    Err(error) => refuse(error),
                }
            }
            Some(format) => {
                let label = format.name().to_owned();
                choices.push(Choice::new(label, Pick::Raster { file, format }));
            }
            // The `.img` of a pair has no signature either.
            None => unknown.take().into_iter().for_each(&mut refuse),
        }
    }
    choices.extend(volumes.choices);
    let nifti = |of_them: &[usize]| nifti::survey(&entries, of_them, budget);
    let dicom = |of_them: &[usize]| dicom::survey(&entries, of_them, budget);
    let surveyed = [
        contained_in_each(&of_nifti, nifti),
        contained_in_each(&of_dicom, dicom),
    ];
    for ((found, errors), stopped) in surveyed {
        choices.extend(found);
        errors.into_iter().chain(stopped).for_each(&mut refuse);
    }
    if choices.is_empty()
        && let Ok(Some(file)) =
            contained(|| Ok(dicom::find_structures(&entries, &of_dicom, budget)))
    {
        let label = "RT structure set".to_owned();
        choices.push(Choice::new(label, Pick::Structures { file }));
    }
    let array = chosen_array(&entries, &arrays).map(|file| (file, Format::Numpy));
    let annotations = annotations.map(|file| (file, Format::Coco));
    if choices.is_empty()
        && let Some((file, format)) = array.or(annotations)
    {
        let label = format.name().to_owned();
        choices.push(Choice::new(label, Pick::Masks { file, format }));
    }
    for choice in &mut choices {
        choice.list_bytes = budget.choices_bytes();
    }
    match refused {
        _ if !choices.is_empty() => Ok(choices),
        Some(error) => Err(error),
        None => Err(Error::EmptyFile),
    }
}

/// The format of each file, and the first error.
fn formats_of(
    entries: &[entry::Entry<'_>],
    budget: &Budget,
) -> (Vec<Option<Format>>, Option<Error>) {
    let mut first = None;
    let formats = entries.iter().map(|entry| {
        let detected = contained(|| detect(&entry.start(budget)?));
        detected
            .map_err(|error| {
                first.get_or_insert(error);
            })
            .ok()
    });
    (formats.collect(), first)
}

/// Opens one of the scans that [`survey`] found in the same files.
///
/// # Errors
///
/// Those of [`open`].
pub fn open_choice(
    files: &[NamedFile<'_>],
    choice: &Choice,
    limits: &Limits,
) -> Result<Scan, Error> {
    let budget = &opening(files, choice, limits)?;
    // Listed again, so that a choice holds no bytes.
    let (entries, _) = archive::entries(files, budget);
    let entry = |file: usize| entries.get(file).ok_or(Error::EmptyFile);
    let mut scan = contained(|| match &choice.pick {
        Pick::Raster { file, format } => {
            raster::open(&entry(*file)?.load(budget)?, *format, budget)
        }
        Pick::Tiff(pick) => tiff::open(&entry(pick.file)?.load(budget)?, pick, budget),
        Pick::Dicom(pick) => {
            let mut scan = dicom::open(&entries, pick, budget)?;
            if scan.about.modality == "SEG"
                && let Ok(said) = dicom::segmentation(&entries, pick, budget)
                && said.is_label_map
            {
                scan.segments = said.segments;
            }
            Ok(scan)
        }
        Pick::Nifti(pick) => nifti::open(&entries, pick, budget),
        Pick::Volume(pick) => volume::open(&entries, pick, budget),
        Pick::Structures { .. } => Err(Error::NoImage {
            what: "an RT structure set, which is opened on its scan".to_owned(),
        }),
        Pick::Masks { format, .. } => Err(Error::NoImage {
            what: format!("a {format} file of masks, which is opened on its scan"),
        }),
    })
    .and_then(sound::checked)?;
    if scan.about.modality.is_empty() && hounsfield::is_likely(&scan) {
        scan.about.looks_like_ct = true;
        scan.about.notes.push(Note {
            code: NoteCode::LooksLikeCt,
            text: "The file doesn't name the modality. Its values look like Hounsfield units: it is treated as \
                   a CT, in a soft tissue window."
                .to_owned(),
        });
    }
    Ok(scan)
}

/// The budget for opening a choice while its list is in memory.
fn opening(files: &[NamedFile<'_>], choice: &Choice, limits: &Limits) -> Result<Budget, Error> {
    let budget = Budget::new(files, limits);
    let format = match &choice.pick {
        Pick::Raster { format, .. } => *format,
        Pick::Tiff(_) => Format::Tiff,
        Pick::Dicom(_) | Pick::Structures { .. } => Format::Dicom,
        Pick::Nifti(_) => Format::Nifti1,
        Pick::Volume(pick) => pick.format,
        Pick::Masks { format, .. } => *format,
    };
    let kept = budget.keep(choice.list_bytes);
    kept.map_err(|spent| spent.error(format))?;
    Ok(budget)
}

/// Opens the result of [`survey`] as a reference: the segments of a DICOM Segmentation, or the layers of a `.seg.nrrd`, as
/// one label map, with each segment's number in its voxels; otherwise the first scan.
///
/// # Errors
///
/// [`Error::SegmentsOverlap`], because a label map has one number for each voxel; those of [`open`].
pub fn open_reference(
    files: &[NamedFile<'_>],
    choices: &[Choice],
    limits: &Limits,
) -> Result<Scan, Error> {
    let first = choices.first().ok_or(Error::EmptyFile)?;
    let segment = |choice: &'_ Choice| match &choice.pick {
        Pick::Dicom(pick) => choice.segment().map(|number| (number, pick.clone())),
        _ => None,
    };
    let segments: Option<Vec<_>> = choices.iter().map(segment).collect();
    let map = match &segments {
        _ if let Pick::Volume(pick) = &first.pick => {
            let budget = &opening(files, first, limits)?;
            let (entries, _) = archive::entries(files, budget);
            contained(|| volume::label_map(&entries, pick, budget))?
        }
        Some(segments) if segments.len() > 1 => {
            let budget = &opening(files, first, limits)?;
            let (entries, _) = archive::entries(files, budget);
            contained(|| {
                let mut map = dicom::label_map(&entries, segments, budget)?;
                if let (Some(map), Some((_, pick))) = (&mut map, segments.first()) {
                    map.segments = dicom::segmentation(&entries, pick, budget)?.segments;
                }
                Ok(map)
            })?
        }
        _ => None,
    };
    match map {
        Some(map) => sound::checked(map),
        None => open_choice(files, first, limits),
    }
}

impl Choice {
    /// The segment's number if it is a segment, parsed from its label.
    fn segment(&self) -> Option<u16> {
        let mut parts = self.label.rsplit(", ");
        let number = parts.find_map(|part| part.strip_prefix("segment "))?;
        number.split(' ').next()?.parse().ok()
    }
}

/// The names of the other files that the voxels of a header are in, as the header spells them, with folders; none for a file
/// with voxels of its own. The header may come from anyone: it may name any file.
pub fn names_of_parts(header: &[u8]) -> Vec<String> {
    volume::named(header)
}

/// Opens the first scan of a file.
///
/// Images are upright (the EXIF orientation is applied) and without alpha (it is dropped; the colours
/// below it stay). A palette becomes RGB; 1, 2 and 4 bits become 8. Colour profiles are
/// ignored.
///
/// # Errors
///
/// [`Error::EmptyFile`], [`Error::UnknownFormat`], [`Error::Unsupported`], [`Error::Damaged`],
/// [`Error::Truncated`], [`Error::NoPixels`], [`Error::TooLarge`], [`Error::TooMuchMemory`],
/// [`Error::Archive`], [`Error::ArchiveTooLarge`] and [`Error::ReaderStopped`].
pub fn open(bytes: &[u8], limits: &Limits) -> Result<Scan, Error> {
    let files = [NamedFile { name: "", bytes }];
    let choices = survey(&files, limits)?;
    let first = choices.first().ok_or(Error::EmptyFile)?;
    open_choice(&files, first, limits)
}

/// The first bytes for an error text: in quotes if printable, otherwise in hexadecimal.
fn describe_start(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(12)];
    let is_text = |&byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    if start.iter().all(is_text) {
        format!("the text {:?}", String::from_utf8_lossy(start))
    } else {
        let hex: Vec<String> = start.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("the bytes {}", hex.join(" "))
    }
}

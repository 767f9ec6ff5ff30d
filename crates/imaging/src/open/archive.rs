//! Lists the files in ZIP and gzip archives, so that they can be read like files that the user opened directly.

use rawzip::{CompressionMethod, ZipArchive, ZipSliceArchive};

use super::NamedFile;
use super::budget::Budget;
use super::entry::{Entry, Fault, Packing, Part};
use super::nifti;
use crate::error::Error;

/// How deep archives may be nested: a gzipped file in a ZIP has depth 2.
const MAX_DEPTH: u32 = 3;
/// As many files as the page accepts at once.
const MAX_FILES: usize = 20_000;
/// Maximum expansion of one byte by deflate (zlib's technical notes).
const MAX_RATIO: u64 = 1032;

const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
const GZIP: &[u8] = b"\x1f\x8b";

/// Whether a file is a ZIP or gzip archive, by its first bytes. Gzipped NIfTI files don't count: their reader inflates them
/// itself, one volume at a time.
fn is_archive(name: &str, start: &[u8]) -> bool {
    let is_gzip = start.starts_with(GZIP) && !nifti::are_voxels(name);
    is_zip(start) || (is_gzip && nifti::detect(start).is_none())
}

fn is_zip(start: &[u8]) -> bool {
    ZIP.iter().any(|magic| start.starts_with(magic))
}

/// The files that are no archives, and after them the files in archives, in the order of the files; and the errors of
/// archives that can't be listed: of them nothing is taken, so that no part of a series is missing without a word.
pub(super) fn entries<'a>(
    files: &[NamedFile<'a>],
    budget: &'a Budget,
) -> (Vec<Entry<'a>>, Vec<Error>) {
    let (archives, others): (Vec<&NamedFile<'a>>, Vec<_>) = files
        .iter()
        .partition(|file| is_archive(file.name, file.bytes));
    let mut listing = Listing {
        files: MAX_FILES,
        budget,
        entries: others.into_iter().map(Entry::given).collect(),
    };
    let mut errors = Vec::new();
    for file in archives {
        let before = listing.entries.len();
        if let Err(error) = listing.list(file.name, Part::given(file.bytes), 0) {
            listing.entries.truncate(before);
            errors.push(error);
        }
    }
    (listing.entries, errors)
}

/// The files that were found, and how many may come.
struct Listing<'a> {
    files: usize,
    budget: &'a Budget,
    entries: Vec<Entry<'a>>,
}

impl<'a> Listing<'a> {
    /// Lists the files in an archive.
    fn list(&mut self, name: &str, archive: Part<'a>, depth: u32) -> Result<(), Error> {
        if depth == MAX_DEPTH {
            let reason = format!("there are archives in it, {MAX_DEPTH} deep; unpack it first");
            return Err(refused("an archive", reason));
        }
        if is_zip(archive.bytes()) {
            return self.unzip(&archive, depth);
        }
        let is_gz = name.to_lowercase().ends_with(".gz");
        let stem = name.get(..name.len().saturating_sub(3));
        let name = stem
            .filter(|stem| is_gz && !stem.is_empty())
            .unwrap_or(name);
        let inner = Entry::packed(name.to_owned(), archive, Packing::Gzip, self.budget)?;
        self.push(inner, depth)
    }

    /// Adds a file; of an archive, the files in it.
    fn push(&mut self, entry: Entry<'a>, depth: u32) -> Result<(), Error> {
        let is_archive = is_archive(&entry.name, &entry.start(self.budget)?);
        if is_archive {
            let name = entry.name.clone();
            return self.list(&name, entry.into_part(self.budget)?, depth + 1);
        }
        self.files = self.files.checked_sub(1).ok_or_else(|| {
            let reason =
                format!("it has more than {MAX_FILES} files; unpack it, and open one study");
            refused(ZIP_ARCHIVE, reason)
        })?;
        self.entries.push(entry);
        Ok(())
    }

    fn unzip(&mut self, archive: &Part<'a>, depth: u32) -> Result<(), Error> {
        let unreadable = |error: rawzip::Error| {
            refused(ZIP_ARCHIVE, format!("{error}; copy or download it again"))
        };
        let zip = ZipArchive::from_slice(archive.bytes()).map_err(unreadable)?;
        let mut records = zip.entries();
        let mut number = 0;
        while let Some(record) = records.next_entry().map_err(unreadable)? {
            number += 1;
            if record.is_dir() {
                continue;
            }
            let (part, packing) = place(archive, &zip, &record)
                .map_err(|fault| fault.of_entry(number).error(ZIP_ARCHIVE))?;
            let name = String::from_utf8_lossy(record.file_path().as_bytes()).into_owned();
            let inner = Entry::packed(name, part, packing, self.budget)?;
            self.push(inner.numbered(number), depth)?;
        }
        match number {
            0 => Err(refused(ZIP_ARCHIVE, "it is empty".to_owned())),
            _ => Ok(()),
        }
    }
}

/// Where a file of a ZIP is, and how it is packed.
fn place<'a>(
    archive: &Part<'a>,
    zip: &ZipSliceArchive<&[u8]>,
    record: &rawzip::ZipFileHeaderRecord<'_>,
) -> Result<(Part<'a>, Packing), Fault> {
    if record.flags().is_encrypted() {
        return Err(Fault::Other("it is encrypted; unpack it first".to_owned()));
    }
    let found = zip.get_entry(record.wayfinder());
    let found = found.map_err(|error| Fault::Broken(error.to_string()))?;
    let size = record.uncompressed_size_hint();
    if size / MAX_RATIO > found.data().len() as u64 {
        return Err(Fault::Broken(format!("it can't become {size} bytes")));
    }
    let said = found.claim_verifier();
    let packing = match record.compression_method() {
        CompressionMethod::STORE => Packing::Stored(said),
        CompressionMethod::DEFLATE => Packing::Deflated(said),
        other => {
            return Err(Fault::Other(format!(
                "it is compressed by method {}, which is not read; unpack it first",
                other.as_u16()
            )));
        }
    };
    Ok((archive.part(found.compressed_data_range()), packing))
}

const ZIP_ARCHIVE: &str = "a ZIP archive";

fn refused(what: &'static str, reason: String) -> Error {
    Error::Archive { what, reason }
}

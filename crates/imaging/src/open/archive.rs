//! Unpacks ZIP and gzip files within one memory budget, so that their contents can be read like files that
//! the user opened directly.

use std::io::{self, Read};

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipSliceArchive};

use super::NamedFile;
use super::budget::{BYTES_PER_STEP, Budget, Held, Spent};
use super::nifti::{self, Gunzip};
use crate::error::Error;

/// How deep archives may be nested: a gzipped file in a ZIP has depth 2.
const MAX_DEPTH: u32 = 3;
/// As many files as the page accepts at once.
const MAX_FILES: usize = 20_000;
/// Maximum expansion of one byte by deflate (zlib's technical notes).
const MAX_RATIO: u64 = 1032;

/// Work to begin with a member of a gzipped file, or with a file of a ZIP, whatever its length.
pub(super) const STEPS_PER_MEMBER: u64 = 300;

const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
const GZIP: &[u8] = b"\x1f\x8b";

/// A file out of an archive.
pub(super) struct Unpacked<'b> {
    /// With its folders in the archive.
    pub name: String,
    pub bytes: Vec<u8>,
    _held: [Held<'b>; 2],
}

/// Whether a file is a ZIP or gzip archive. Gzipped NIfTI files don't count: their reader inflates them itself,
/// one volume at a time.
pub(super) fn is_archive(file: &NamedFile<'_>) -> bool {
    let NamedFile { name, bytes } = file;
    let is_gzip = bytes.starts_with(GZIP) && !nifti::are_voxels(name);
    is_zip(bytes) || (is_gzip && nifti::detect(bytes).is_none())
}

fn is_zip(bytes: &[u8]) -> bool {
    ZIP.iter().any(|magic| bytes.starts_with(magic))
}

/// The contents of the archives among the files, and the errors of those that can't be unpacked: of them
/// nothing is taken, so that no part of a series is missing without a word. The order is that of the files.
pub(super) fn unpack<'b>(
    files: &[NamedFile<'_>],
    budget: &'b Budget,
) -> (Vec<Unpacked<'b>>, Vec<Error>) {
    let (mut unpacked, mut errors) = (Vec::new(), Vec::new());
    let mut unpacking = Unpacking {
        bytes: budget.limits().max_bytes,
        files: MAX_FILES,
        budget,
    };
    for file in files.iter().filter(|file| is_archive(file)) {
        let before = unpacked.len();
        if let Err(error) = unpacking.unpack(file.name, file.bytes, 0, &mut unpacked) {
            unpacked.truncate(before);
            errors.push(error);
        }
    }
    (unpacked, errors)
}

/// What all archives together may still hold.
struct Unpacking<'b> {
    bytes: u64,
    files: usize,
    budget: &'b Budget,
}

/// Bytes, and the memory that they take.
type Bytes<'b> = (Vec<u8>, Held<'b>);

impl<'b> Unpacking<'b> {
    fn unpack(
        &mut self,
        name: &str,
        bytes: &[u8],
        depth: u32,
        into: &mut Vec<Unpacked<'b>>,
    ) -> Result<(), Error> {
        if depth == MAX_DEPTH {
            let reason = format!("there are archives in it, {MAX_DEPTH} deep; unpack it first");
            return Err(archive("an archive", reason));
        }
        if is_zip(bytes) {
            return self.unzip(bytes, depth, into);
        }
        let inner = self.gunzip(bytes)?;
        let is_gz = name.len() > 3 && name.to_lowercase().ends_with(".gz");
        let name = if is_gz {
            name.get(..name.len() - 3)
        } else {
            None
        }
        .unwrap_or(name);
        self.push(name, inner, depth, into)
    }

    /// Adds a file to the result; an archive is unpacked first.
    fn push(
        &mut self,
        name: &str,
        (bytes, held): Bytes<'b>,
        depth: u32,
        into: &mut Vec<Unpacked<'b>>,
    ) -> Result<(), Error> {
        if is_archive(&NamedFile {
            name,
            bytes: &bytes,
        }) {
            return self.unpack(name, &bytes, depth + 1, into);
        }
        self.files = self.files.checked_sub(1).ok_or_else(|| {
            let reason =
                format!("it has more than {MAX_FILES} files; unpack it, and open one study");
            archive("a ZIP archive", reason)
        })?;
        let of_name = (size_of::<Unpacked<'_>>() + name.len()) as u64;
        let of_name = self.budget.hold(of_name).map_err(|spent| {
            Problem::of_spent(spent).error("a ZIP archive", self.budget.limits().max_bytes)
        })?;
        into.push(Unpacked {
            name: name.to_owned(),
            bytes,
            _held: [held, of_name],
        });
        Ok(())
    }

    /// Twice through: first to count, since a vector that grows takes three times its content.
    fn gunzip(&mut self, bytes: &[u8]) -> Result<Bytes<'b>, Error> {
        let what = "a gzipped file";
        let mut counted = Gunzip::new(bytes).take(self.bytes.saturating_add(1));
        let count = io::copy(&mut counted, &mut io::sink()).map_err(broken);
        let members = counted.get_ref().members();
        count
            .and_then(|count| {
                let steps = 2 * members * STEPS_PER_MEMBER + count / BYTES_PER_STEP;
                self.budget.step(steps).map_err(Problem::of_spent)?;
                self.read(&mut Gunzip::new(bytes), count)
            })
            .map_err(|problem| problem.error(what, self.budget.limits().max_bytes))
    }

    fn unzip(
        &mut self,
        bytes: &[u8],
        depth: u32,
        into: &mut Vec<Unpacked<'b>>,
    ) -> Result<(), Error> {
        let what = "a ZIP archive";
        let unreadable =
            |error: rawzip::Error| archive(what, format!("{error}; copy or download it again"));
        let zip = ZipArchive::from_slice(bytes).map_err(unreadable)?;
        let mut entries = zip.entries();
        let mut number = 0;
        while let Some(entry) = entries.next_entry().map_err(unreadable)? {
            number += 1;
            if entry.is_dir() {
                continue;
            }
            let name = String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned();
            let inner = self.entry(&zip, &entry).map_err(|problem| {
                let max_bytes = self.budget.limits().max_bytes;
                problem.of_entry(number).error(what, max_bytes)
            })?;
            self.push(&name, inner, depth, into)?;
        }
        match number {
            0 => Err(archive(what, "it is empty".to_owned())),
            _ => Ok(()),
        }
    }

    fn entry(
        &mut self,
        zip: &ZipSliceArchive<&[u8]>,
        entry: &rawzip::ZipFileHeaderRecord<'_>,
    ) -> Result<Bytes<'b>, Problem> {
        if entry.flags().is_encrypted() {
            return Err(Problem::Other(
                "it is encrypted; unpack it first".to_owned(),
            ));
        }
        let found = zip.get_entry(entry.wayfinder());
        let found = found.map_err(|error| Problem::Broken(error.to_string()))?;
        let size = entry.uncompressed_size_hint();
        let data = found.data();
        if size / MAX_RATIO > data.len() as u64 {
            return Err(Problem::Broken(format!("it can't become {size} bytes")));
        }
        match entry.compression_method() {
            CompressionMethod::STORE => self.read(&mut found.verifying_reader(data), size),
            CompressionMethod::DEFLATE => {
                let inflated = DeflateDecoder::new(data);
                self.read(&mut found.verifying_reader(inflated), size)
            }
            other => Err(Problem::Other(format!(
                "it is compressed by method {}, which is not read; unpack it first",
                other.as_u16()
            ))),
        }
    }

    /// All that a reader gives, which is so many bytes, if the budget has them.
    fn read(&mut self, reader: &mut impl Read, count: u64) -> Result<Bytes<'b>, Problem> {
        let none_left = Problem::TooMuch { max_bytes: None };
        self.bytes = self.bytes.checked_sub(count).ok_or(none_left)?;
        let steps = count / BYTES_PER_STEP + STEPS_PER_MEMBER;
        self.budget.step(steps).map_err(Problem::of_spent)?;
        let held = self.budget.hold(count).map_err(Problem::of_spent)?;
        let mut bytes = vec![0; count as usize];
        reader.read_exact(&mut bytes).map_err(broken)?;
        // At the end the reader compares the checksum.
        match reader.read(&mut [0]).map_err(broken)? {
            0 => Ok((bytes, held)),
            _ => Err(Problem::Broken(format!(
                "it has more than the {count} bytes that it says"
            ))),
        }
    }
}

fn broken(error: io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Problem::Broken("it ends too early".to_owned()),
        _ => Problem::Broken(error.to_string()),
    }
}

/// Why a file in an archive can't be unpacked.
enum Problem {
    /// More memory than the limit of the budget, or of unpacked files.
    TooMuch {
        max_bytes: Option<u64>,
    },
    Broken(String),
    Other(String),
}

impl Problem {
    /// Adds the file's number to the reason. Its name is left out, because it often names the patient.
    fn of_entry(self, number: usize) -> Problem {
        match self {
            problem @ Problem::TooMuch { .. } => problem,
            Problem::Broken(reason) => Problem::Broken(format!("its file {number}: {reason}")),
            Problem::Other(reason) => Problem::Other(format!("its file {number}: {reason}")),
        }
    }

    fn of_spent(spent: Spent) -> Problem {
        match spent {
            Spent::Memory { max_bytes } => Problem::TooMuch {
                max_bytes: Some(max_bytes),
            },
            Spent::Steps => Problem::Other(
                "it takes too long to unpack, because of the way it is built; unpack it first"
                    .to_owned(),
            ),
        }
    }

    /// `usual` is the limit of unpacked files.
    fn error(self, what: &'static str, usual: u64) -> Error {
        match self {
            Problem::TooMuch { max_bytes } => Error::ArchiveTooLarge {
                what,
                max_bytes: max_bytes.map_or(usual, |max_bytes| max_bytes.min(usual)),
            },
            Problem::Broken(reason) => {
                archive(what, format!("{reason}; copy or download it again"))
            }
            Problem::Other(reason) => archive(what, reason),
        }
    }
}

fn archive(what: &'static str, reason: String) -> Error {
    Error::Archive { what, reason }
}

//! Unpacks ZIP and gzip files within one memory budget, so that their contents can be read like files that
//! the user opened directly.

use std::io::{self, Read};

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipSliceArchive};

use super::nifti::{self, Gunzip};
use super::{Limits, NamedFile};
use crate::error::Error;

/// How deep archives may be nested: a gzipped file in a ZIP has depth 2.
const MAX_DEPTH: u32 = 3;
/// As many files as the page accepts at once.
const MAX_FILES: usize = 20_000;
/// Maximum expansion of one byte by deflate (zlib's technical notes).
const MAX_RATIO: u64 = 1032;

const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
const GZIP: &[u8] = b"\x1f\x8b";

pub(super) struct Unpacked {
    /// File name with its folders in the archive.
    pub name: String,
    pub bytes: Vec<u8>,
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

/// Unpacks the archives among the files, in the files' order. If an archive can't be unpacked, its error is
/// returned and none of its files, so that no series is silently incomplete.
pub(super) fn unpack(files: &[NamedFile<'_>], limits: &Limits) -> (Vec<Unpacked>, Vec<Error>) {
    let (mut unpacked, mut errors) = (Vec::new(), Vec::new());
    let mut budget = Budget {
        bytes: limits.max_bytes,
        files: MAX_FILES,
        limits,
    };
    for file in files.iter().filter(|file| is_archive(file)) {
        let before = unpacked.len();
        if let Err(error) = budget.unpack(file.name, file.bytes, 0, &mut unpacked) {
            unpacked.truncate(before);
            errors.push(error);
        }
    }
    (unpacked, errors)
}

/// The remaining budget for all archives together.
struct Budget<'a> {
    bytes: u64,
    files: usize,
    limits: &'a Limits,
}

impl Budget<'_> {
    fn unpack(
        &mut self,
        name: &str,
        bytes: &[u8],
        depth: u32,
        into: &mut Vec<Unpacked>,
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
        bytes: Vec<u8>,
        depth: u32,
        into: &mut Vec<Unpacked>,
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
        let name = name.to_owned();
        into.push(Unpacked { name, bytes });
        Ok(())
    }

    /// Inflates twice, first to count: a vector that grows would take three times the size of its content.
    fn gunzip(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let what = "a gzipped file";
        let mut counted = Gunzip::new(bytes).take(self.bytes.saturating_add(1));
        let count = io::copy(&mut counted, &mut io::sink()).map_err(broken);
        count
            .and_then(|count| self.read(&mut Gunzip::new(bytes), count))
            .map_err(|problem| problem.error(what, self.limits))
    }

    fn unzip(&mut self, bytes: &[u8], depth: u32, into: &mut Vec<Unpacked>) -> Result<(), Error> {
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
            let inner = self
                .entry(&zip, &entry)
                .map_err(|problem| problem.of_entry(number).error(what, self.limits))?;
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
    ) -> Result<Vec<u8>, Problem> {
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

    /// Reads exactly `count` bytes, if the budget allows them.
    fn read(&mut self, reader: &mut impl Read, count: u64) -> Result<Vec<u8>, Problem> {
        self.bytes = self.bytes.checked_sub(count).ok_or(Problem::TooMuch)?;
        let mut bytes = vec![0; count as usize];
        reader.read_exact(&mut bytes).map_err(broken)?;
        // At the end the reader compares the checksum.
        match reader.read(&mut [0]).map_err(broken)? {
            0 => Ok(bytes),
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
    TooMuch,
    Broken(String),
    Other(String),
}

impl Problem {
    /// Adds the file's number to the reason. Its name is left out, because it often names the patient.
    fn of_entry(self, number: usize) -> Problem {
        match self {
            Problem::TooMuch => Problem::TooMuch,
            Problem::Broken(reason) => Problem::Broken(format!("its file {number}: {reason}")),
            Problem::Other(reason) => Problem::Other(format!("its file {number}: {reason}")),
        }
    }

    fn error(self, what: &'static str, limits: &Limits) -> Error {
        match self {
            Problem::TooMuch => Error::ArchiveTooLarge {
                what,
                max_bytes: limits.max_bytes,
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

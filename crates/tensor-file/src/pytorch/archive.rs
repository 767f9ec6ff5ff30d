//! The records of a checkpoint's zip archive.
//!
//! The central directory is authoritative, as in PyTorch's own reader. Local headers must agree with it, and records must
//! neither overlap nor reach beyond the file. What `rawzip` leaves to its callers is checked here, before a byte of a
//! record is read.
//!
//! Sources: PKWARE's APPNOTE 4.3 (structures), 4.4.5 (methods); PyTorch's
//! `caffe2/serialize/inline_container.cc`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use miniz_oxide::inflate::decompress_slice_iter_to_slice;
use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};

use crate::limits::{self, Budget, Limits};
use crate::{ArchiveFault, Error};

/// The largest ratio of inflated to compressed size that deflate can reach, from zlib's technical notes.
const MAX_RATIO: u64 = 1032;

/// A zip archive, with its records by name.
pub struct Archive<'a> {
    bytes: &'a [u8],
    records: BTreeMap<String, Record>,
    /// The folder of `data.pkl`, with its slash.
    root: String,
}

/// One record of the archive.
struct Record {
    /// Its bytes in the file, as they are stored.
    range: Range<usize>,
    is_deflated: bool,
    /// Size in bytes after inflating.
    size: u64,
    crc: u32,
}

impl<'a> Archive<'a> {
    /// Reads the directory, and checks every record against it.
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let zip = ZipArchive::from_slice(bytes).map_err(unreadable)?;
        let (end, file) = (zip.end_offset(), bytes.len() as u64);
        if end != file {
            return Err(ArchiveFault::Trailing { end, file }.into());
        }
        let mut records = BTreeMap::new();
        let mut entries = zip.entries();
        while let Some(entry) = entries.next_entry().map_err(unreadable)? {
            let name = name_of(entry.file_path().as_bytes())?;
            let record = Record::find(&zip, &entry, name)?;
            if records.insert(name.to_owned(), record).is_some() {
                return Err(ArchiveFault::Duplicate(name.to_owned()).into());
            }
            let found = records.len() as u64;
            limits::check("records in its zip archive", found, limits.records)?;
        }
        let (declared, found) = (zip.entries_hint(), records.len() as u64);
        if declared != found {
            return Err(ArchiveFault::Count { declared, found }.into());
        }
        check_overlaps(&records)?;
        let root = root_of(&records)?;
        Ok(Self {
            bytes,
            records,
            root,
        })
    }

    /// The bytes of `data.pkl`.
    pub fn pickle(&self, limits: &Limits, budget: &mut Budget) -> Result<Cow<'a, [u8]>, Error> {
        let name = format!("{}data.pkl", self.root);
        let record = self.records.get(&name).ok_or(ArchiveFault::NoPickle)?;
        limits::check("bytes in `data.pkl`", record.size, limits.header_bytes)?;
        record.read(&name, self.bytes, budget)
    }

    /// Refuses archives of unsupported versions and of big-endian machines.
    pub fn check_version(&self, budget: &mut Budget) -> Result<(), Error> {
        if let Some(order) = self.text("byteorder", budget)?
            && order != "little"
        {
            return Err(ArchiveFault::ByteOrder(order).into());
        }
        // `kMinSupportedFileFormatVersion` and `kMaxSupportedFileFormatVersion`.
        let is_known = |version: &str| matches!(version.trim().parse(), Ok(1..=10));
        match self.text("version", budget)? {
            Some(version) if !is_known(&version) => Err(ArchiveFault::Version(version).into()),
            _ => Ok(()),
        }
    }

    /// The text of a record with at most 64 bytes, if it exists.
    fn text(&self, record: &str, budget: &mut Budget) -> Result<Option<String>, Error> {
        let name = format!("{}{record}", self.root);
        let Some(record) = self.records.get(&name) else {
            return Ok(None);
        };
        limits::check("bytes in a record of text", record.size, 64)?;
        let bytes = record.read(&name, self.bytes, budget)?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The size in bytes of the storage with this key, if it exists.
    pub fn storage_size(&self, key: &str) -> Option<u64> {
        let record = self.records.get(&self.storage_name(key));
        record.map(|record| record.size)
    }

    /// The bytes of the storage with this key; empty if it does not exist.
    pub fn storage(&self, key: &str, budget: &mut Budget) -> Result<Cow<'a, [u8]>, Error> {
        let name = self.storage_name(key);
        match self.records.get(&name) {
            Some(record) => record.read(&name, self.bytes, budget),
            None => Ok(Cow::Borrowed(&[])),
        }
    }

    fn storage_name(&self, key: &str) -> String {
        format!("{}data/{key}", self.root)
    }
}

impl Record {
    fn find(
        zip: &ZipSliceArchive<&[u8]>,
        entry: &ZipFileHeaderRecord<'_>,
        name: &str,
    ) -> Result<Self, ArchiveFault> {
        let record = || name.to_owned();
        let differs = |what| ArchiveFault::LocalHeader {
            record: record(),
            what,
        };
        let found = zip
            .get_entry(entry.wayfinder())
            .map_err(|_| ArchiveFault::Outside(record()))?;
        let local = found.local_header();
        if entry.flags().is_encrypted() || local.flags().is_encrypted() {
            return Err(ArchiveFault::Encrypted(record()));
        }
        if local.file_path().as_bytes() != name.as_bytes() {
            return Err(differs("name"));
        }
        let method = entry.compression_method();
        if local.compression_method() != method {
            return Err(differs("method"));
        }
        let compressed = entry.compressed_size_hint();
        let size = entry.uncompressed_size_hint();
        // With a data descriptor the sizes follow the record. PyTorch writes all files this way.
        let sizes = (local.compressed_size_hint(), local.uncompressed_size_hint());
        if !local.flags().has_data_descriptor() && sizes != (compressed, size) {
            return Err(differs("size"));
        }
        let is_deflated = match method {
            CompressionMethod::STORE if compressed != size => return Err(differs("size")),
            CompressionMethod::STORE => false,
            CompressionMethod::DEFLATE => true,
            other => {
                let method = other.as_u16();
                return Err(ArchiveFault::Method {
                    record: record(),
                    method,
                });
            }
        };
        if is_deflated && size / MAX_RATIO > compressed {
            return Err(ArchiveFault::Ratio {
                record: record(),
                declared: size,
                compressed,
            });
        }
        let (start, end) = found.compressed_data_range();
        Ok(Self {
            // Both fit a `usize`: `rawzip` has checked that they are within the slice.
            range: start as usize..end as usize,
            is_deflated,
            size,
            crc: entry.crc32(),
        })
    }

    /// The bytes, inflated and checked against the checksum.
    ///
    /// PyTorch does not check it. The check costs little compared with using a tensor, and detects damaged downloads.
    fn read<'a>(
        &self,
        name: &str,
        file: &'a [u8],
        budget: &mut Budget,
    ) -> Result<Cow<'a, [u8]>, Error> {
        let raw = file
            .get(self.range.clone())
            .ok_or_else(|| ArchiveFault::Outside(name.to_owned()))?;
        let bytes = if self.is_deflated {
            let mut inflated = budget.zeros(self.size)?;
            let length =
                decompress_slice_iter_to_slice(&mut inflated, std::iter::once(raw), false, true);
            if length != Ok(inflated.len()) {
                return Err(ArchiveFault::Inflate(name.to_owned()).into());
            }
            Cow::Owned(inflated)
        } else {
            Cow::Borrowed(raw)
        };
        let found = rawzip::crc32(&bytes);
        if found != self.crc {
            let (record, declared) = (name.to_owned(), self.crc);
            return Err(ArchiveFault::Checksum {
                record,
                declared,
                found,
            }
            .into());
        }
        Ok(bytes)
    }
}

fn unreadable(error: rawzip::Error) -> ArchiveFault {
    ArchiveFault::Zip(error.to_string())
}

fn name_of(bytes: &[u8]) -> Result<&str, ArchiveFault> {
    std::str::from_utf8(bytes)
        .map_err(|_| ArchiveFault::Name(String::from_utf8_lossy(bytes).into_owned()))
}

fn check_overlaps(records: &BTreeMap<String, Record>) -> Result<(), ArchiveFault> {
    let mut by_start: Vec<_> = records.iter().collect();
    by_start.sort_by_key(|(_, record)| record.range.start);
    for pair in by_start.windows(2) {
        if let [(first, before), (second, after)] = pair
            && before.range.end > after.range.start
        {
            return Err(ArchiveFault::Overlap {
                first: (*first).clone(),
                second: (*second).clone(),
            });
        }
    }
    Ok(())
}

/// The folder of `data.pkl`, with its slash. PyTorch names it after the file.
fn root_of(records: &BTreeMap<String, Record>) -> Result<String, ArchiveFault> {
    let mut pickles = records.keys().filter_map(|name| {
        let root = name.strip_suffix("data.pkl")?;
        let folder = root.strip_suffix('/')?;
        (!folder.is_empty() && !folder.contains('/')).then_some(root)
    });
    let root = pickles.next().ok_or(ArchiveFault::NoPickle)?;
    match pickles.next() {
        None => Ok(root.to_owned()),
        Some(other) => Err(ArchiveFault::TwoPickles {
            first: format!("{root}data.pkl"),
            second: format!("{other}data.pkl"),
        }),
    }
}

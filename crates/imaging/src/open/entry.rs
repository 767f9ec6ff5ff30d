//! A file to be read: the user's, or one in an archive, which is unpacked when it is needed and no earlier, so that a scan
//! and one of its files are in memory, and not all of them.

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::{Deref, Range};
use std::rc::Rc;

use flate2::bufread::DeflateDecoder;
use rawzip::{Crc32, ZipVerification};

use super::NamedFile;
use super::budget::{BYTES_PER_STEP, Budget, Held, Spent};
use super::nifti::Gunzip;
use crate::error::Error;

/// Bytes by which a packed file's format is told, and a portion of reading it.
const START: usize = 4 << 10;

/// Work to begin with a member of a gzipped file, or with a file of a ZIP, whatever its length.
pub(super) const STEPS_PER_MEMBER: u64 = 300;

/// A file to be read.
pub(super) struct Entry<'a> {
    /// With its folders in the archive.
    pub name: Cow<'a, str>,
    part: Part<'a>,
    packing: Packing,
    /// Which file of its archive it is, counted from 1.
    number: Option<usize>,
    _held: Option<Held<'a>>,
}

/// A part of a file, or all of it.
#[derive(Clone)]
pub(super) struct Part<'a> {
    whole: Whole<'a>,
    range: Range<usize>,
}

#[derive(Clone)]
enum Whole<'a> {
    Given(&'a [u8]),
    /// An archive out of another.
    Unpacked(Rc<Loaded<'a>>),
}

/// How a file is packed in its archive.
#[derive(Clone, Copy)]
pub(super) enum Packing {
    None,
    Stored(ZipVerification),
    Deflated(ZipVerification),
    Gzip,
}

/// The bytes of a file, and the memory that they take.
pub(super) struct Loaded<'a> {
    bytes: Cow<'a, [u8]>,
    _held: Option<Held<'a>>,
}

impl Deref for Loaded<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<'a> Part<'a> {
    /// All of the user's file.
    pub fn given(bytes: &'a [u8]) -> Part<'a> {
        Part {
            range: 0..bytes.len(),
            whole: Whole::Given(bytes),
        }
    }

    /// A range of it; empty if it is not in it.
    pub fn part(&self, (from, to): (u64, u64)) -> Part<'a> {
        let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX);
        let range =
            self.range.start.saturating_add(at(from))..self.range.start.saturating_add(at(to));
        let is_inside = range.start <= range.end && range.end <= self.range.end;
        Part {
            whole: self.whole.clone(),
            range: if is_inside { range } else { 0..0 },
        }
    }

    pub fn bytes(&self) -> &[u8] {
        let whole = match &self.whole {
            Whole::Given(bytes) => bytes,
            Whole::Unpacked(loaded) => &loaded[..],
        };
        whole.get(self.range.clone()).unwrap_or_default()
    }
}

impl<'a> Entry<'a> {
    /// A file of the user.
    pub fn given(file: &NamedFile<'a>) -> Entry<'a> {
        Entry {
            name: file.name.into(),
            part: Part::given(file.bytes),
            packing: Packing::None,
            number: None,
            _held: None,
        }
    }

    /// A file in an archive.
    pub fn packed(
        name: String,
        part: Part<'a>,
        packing: Packing,
        budget: &'a Budget,
    ) -> Result<Entry<'a>, Error> {
        let mut entry = Entry {
            name: name.into(),
            part,
            packing,
            number: None,
            _held: None,
        };
        let held = budget.hold((size_of::<Entry<'_>>() + entry.name.len()) as u64);
        entry._held = Some(held.map_err(|spent| entry.error(spent.into()))?);
        Ok(entry)
    }

    /// The same as the file of its archive with this number.
    pub fn numbered(mut self, number: usize) -> Entry<'a> {
        self.number = Some(number);
        self
    }

    /// The bytes, if they need not be unpacked.
    pub fn stored(&self) -> Option<&[u8]> {
        match self.packing {
            Packing::None | Packing::Stored(_) => Some(self.part.bytes()),
            Packing::Deflated(_) | Packing::Gzip => None,
        }
    }

    /// How many bytes it has in its archive.
    pub fn packed_bytes(&self) -> usize {
        self.part.bytes().len()
    }

    /// Whether it was gzipped, and so had another name.
    pub fn is_gzipped(&self) -> bool {
        matches!(self.packing, Packing::Gzip)
    }

    /// The most bytes that it can have, if one that is packed becomes `ratio`.
    pub fn most_bytes(&self, ratio: u64) -> u64 {
        let stored = self.packed_bytes() as u64;
        match self.packing {
            Packing::None | Packing::Stored(_) => stored,
            Packing::Deflated(said) => said.uncompressed_size,
            Packing::Gzip => stored.saturating_mul(ratio),
        }
    }

    /// How many bytes it has.
    ///
    /// # Errors
    ///
    /// Those of [`Entry::load`]: where nothing says how many, they are unpacked to be counted.
    pub fn length(&self, budget: &Budget) -> Result<u64, Error> {
        match self.packing {
            Packing::Gzip => {
                let counted = self.read(budget, u64::MAX, |_| {});
                counted.map_err(|fault| self.error(fault))
            }
            _ => Ok(self.most_bytes(1)),
        }
    }

    /// Enough of the bytes to tell the format.
    ///
    /// # Errors
    ///
    /// [`Error::Archive`] if they are damaged.
    pub fn start(&self, budget: &Budget) -> Result<Cow<'_, [u8]>, Error> {
        self.first(START, budget)
    }

    /// The first bytes, `most` or a few more; all of them if they need not be unpacked.
    ///
    /// # Errors
    ///
    /// [`Error::Archive`] if they are damaged.
    pub fn first(&self, most: usize, budget: &Budget) -> Result<Cow<'_, [u8]>, Error> {
        if let Some(stored) = self.stored() {
            return Ok(Cow::Borrowed(stored));
        }
        let mut start = Vec::with_capacity(most);
        let read = self.read(budget, most as u64, |portion| {
            start.extend_from_slice(portion);
        });
        read.map_err(|fault| self.error(fault))?;
        Ok(Cow::Owned(start))
    }

    /// All bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Archive`] if they are damaged, [`Error::ArchiveTooLarge`] if they don't fit in memory.
    pub fn load<'s>(&'s self, budget: &'s Budget) -> Result<Loaded<'s>, Error> {
        match (self.stored(), self.packing) {
            (Some(stored), packing) => {
                if let Packing::Stored(_) = packing {
                    self.read(budget, u64::MAX, |_| {})
                        .map_err(|fault| self.error(fault))?;
                }
                Ok(Loaded {
                    bytes: Cow::Borrowed(stored),
                    _held: None,
                })
            }
            (None, _) => self.unpack(budget),
        }
    }

    /// All bytes, as a part to look for files in.
    ///
    /// # Errors
    ///
    /// Those of [`Entry::load`].
    pub fn into_part(self, budget: &'a Budget) -> Result<Part<'a>, Error> {
        match self.stored() {
            Some(_) => {
                self.load(budget)?;
                Ok(self.part)
            }
            None => {
                let loaded = self.unpack(budget)?;
                Ok(Part {
                    range: 0..loaded.len(),
                    whole: Whole::Unpacked(Rc::new(loaded)),
                })
            }
        }
    }

    fn unpack<'b>(&self, budget: &'b Budget) -> Result<Loaded<'b>, Error> {
        // Read first to count, where no length is given, since a vector that grows takes three times its content.
        let counted = match self.packing {
            Packing::Deflated(said) => Ok(said.uncompressed_size),
            _ => self.read(budget, u64::MAX, |_| {}),
        };
        let filled = counted.and_then(|count| {
            within(count, budget)?;
            let held = budget.hold(count)?;
            let mut bytes = Vec::with_capacity(count as usize);
            self.read(budget, u64::MAX, |portion| {
                // No more than was counted, so that the vector does not grow.
                let room = bytes.capacity() - bytes.len();
                bytes.extend_from_slice(portion.get(..room).unwrap_or(portion));
            })?;
            Ok(Loaded {
                bytes: Cow::Owned(bytes),
                _held: Some(held),
            })
        });
        filled.map_err(|fault| self.error(fault))
    }

    /// Reads up to so many bytes, in portions, and counts them. At the end the checksum is compared.
    fn read(&self, budget: &Budget, most: u64, mut each: impl FnMut(&[u8])) -> Result<u64, Fault> {
        budget.step(STEPS_PER_MEMBER)?;
        let mut reader = self.reader();
        let mut portion = [0; START];
        let (mut length, mut members) = (0, 0);
        while length < most {
            let count = reader.read(&mut portion)?;
            let begun = reader.members() - members;
            members += begun;
            budget.step(count as u64 / BYTES_PER_STEP + begun * STEPS_PER_MEMBER)?;
            each(&portion[..count]);
            length += count as u64;
            within(length, budget)?;
            if count == 0 {
                break;
            }
        }
        Ok(length)
    }

    fn error(&self, fault: Fault) -> Error {
        let fault = match self.number {
            Some(number) => fault.of_entry(number),
            None => fault,
        };
        fault.error(match self.packing {
            Packing::Gzip => "a gzipped file",
            _ => "a ZIP archive",
        })
    }

    /// A reader of the unpacked bytes. Its last call compares the checksum.
    pub fn reader(&self) -> Unpacking<'_> {
        let bytes = self.part.bytes();
        match self.packing {
            Packing::None => Unpacking::Stored(bytes, None),
            Packing::Stored(said) => Unpacking::Stored(bytes, Some(Checked::new(said))),
            Packing::Deflated(said) => {
                Unpacking::Deflated(DeflateDecoder::new(bytes), Checked::new(said))
            }
            Packing::Gzip => Unpacking::Gzip(Gunzip::new(bytes)),
        }
    }
}

/// Refuses a file that is larger than any scan.
fn within(bytes: u64, budget: &Budget) -> Result<(), Spent> {
    let max_bytes = budget.limits().max_bytes;
    match bytes <= max_bytes {
        true => Ok(()),
        false => Err(Spent::Memory {
            needed_bytes: bytes,
            max_bytes,
        }),
    }
}

/// Reads a file out of its archive.
pub(super) enum Unpacking<'a> {
    Stored(&'a [u8], Option<Checked>),
    Deflated(DeflateDecoder<&'a [u8]>, Checked),
    Gzip(Gunzip<'a>),
}

impl Unpacking<'_> {
    /// Members of a gzipped file that have been begun.
    fn members(&self) -> u64 {
        match self {
            Unpacking::Gzip(gunzip) => gunzip.members(),
            _ => 0,
        }
    }
}

impl Read for Unpacking<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Unpacking::Stored(bytes, None) => bytes.read(into),
            Unpacking::Stored(bytes, Some(checked)) => checked.read(bytes, into),
            Unpacking::Deflated(decoder, checked) => checked.read(decoder, into),
            Unpacking::Gzip(gunzip) => gunzip.read(into),
        }
    }
}

/// Compares length and checksum at the end.
pub(super) struct Checked {
    said: ZipVerification,
    checksum: Crc32,
    length: u64,
}

impl Checked {
    fn new(said: ZipVerification) -> Checked {
        Checked {
            said,
            checksum: Crc32::new(),
            length: 0,
        }
    }

    fn read(&mut self, reader: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
        let count = reader.read(into)?;
        if count == 0 && !into.is_empty() {
            let found = ZipVerification {
                crc: self.checksum.checksum(),
                uncompressed_size: self.length,
            };
            self.said.valid(found).map_err(io::Error::other)?;
        }
        self.checksum.update(into.get(..count).unwrap_or_default());
        self.length += count as u64;
        let most = self.said.uncompressed_size;
        match self.length <= most {
            true => Ok(count),
            false => Err(io::Error::other(format!(
                "it has more than the {most} bytes that it says"
            ))),
        }
    }
}

/// Why a file in an archive can't be unpacked.
pub(super) enum Fault {
    Spent(Spent),
    /// The archive is damaged.
    Broken(String),
    Other(String),
}

impl Fault {
    /// Adds the file's number to the reason. Its name is left out, because it often names the patient.
    pub fn of_entry(self, number: usize) -> Fault {
        match self {
            Fault::Spent(spent) => Fault::Spent(spent),
            Fault::Broken(reason) => Fault::Broken(format!("its file {number}: {reason}")),
            Fault::Other(reason) => Fault::Other(format!("its file {number}: {reason}")),
        }
    }

    /// For the person whose archive this is.
    pub fn error(self, what: &'static str) -> Error {
        let reason = match self {
            Fault::Spent(Spent::Memory {
                needed_bytes,
                max_bytes,
            }) => {
                return Error::ArchiveTooLarge {
                    what,
                    needed_bytes,
                    max_bytes,
                };
            }
            Fault::Spent(Spent::Steps) => {
                "it takes too long to unpack, because of the way it is built; unpack it first"
                    .to_owned()
            }
            Fault::Broken(reason) => format!("{reason}; copy or download it again"),
            Fault::Other(reason) => reason,
        };
        Error::Archive { what, reason }
    }
}

impl From<Spent> for Fault {
    fn from(spent: Spent) -> Fault {
        Fault::Spent(spent)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Fault::Broken("it ends too early".to_owned()),
            _ => Fault::Broken(error.to_string()),
        }
    }
}

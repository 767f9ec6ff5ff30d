use std::io::{self, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::shape::Shape;
use crate::error::Error;
use crate::open::budget::{BYTES_PER_STEP, Budget, Spent};
use crate::open::entry::{Entry, Unpacking};
use crate::open::samples::{self, Samples};

/// The bytes of a file, which may be gzipped, or in an archive.
pub(super) struct Bytes<'a> {
    /// As they are stored, or how many they are in their archive.
    stored: &'a [u8],
    length: usize,
    inflated: Option<Inflated<'a>>,
}

enum Inflated<'a> {
    Gzip(Gunzip<'a>),
    Archive(Unpacking<'a>),
}

impl Read for Inflated<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Inflated::Gzip(gunzip) => gunzip.read(into),
            Inflated::Archive(unpacking) => unpacking.read(into),
        }
    }
}

/// Maximum expansion of one byte by deflate (RFC 1951: 258 bytes from two bits, rounded up).
const MAX_DEFLATE_RATIO: u64 = 1032;

/// A later volume of a gzipped file is reached by inflating and discarding everything before it: at most this many
/// times the memory limit.
const PASSES: u64 = 8;

const GZIP: &[u8] = b"\x1f\x8b\x08";

pub(super) fn is_gzipped(bytes: &[u8]) -> bool {
    bytes.starts_with(GZIP)
}

impl<'a> Bytes<'a> {
    /// The bytes of a file.
    pub fn new(stored: &'a [u8]) -> Self {
        let inflated = is_gzipped(stored).then(|| Inflated::Gzip(Gunzip::new(stored)));
        Bytes {
            stored,
            length: stored.len(),
            inflated,
        }
    }

    /// The bytes of a file that is unpacked while it is read.
    pub fn packed(entry: &'a Entry<'_>) -> Self {
        Bytes {
            stored: &[],
            length: entry.packed_bytes(),
            inflated: Some(Inflated::Archive(entry.reader())),
        }
    }

    /// The first `count` bytes, or fewer if the file is shorter or damaged.
    pub fn start(self, count: usize) -> Vec<u8> {
        let Some(mut inflated) = self.inflated else {
            let start = self.stored.get(..count);
            return start.unwrap_or(self.stored).to_vec();
        };
        if let Inflated::Gzip(gunzip) = &mut inflated {
            gunzip.max_members = MEMBERS_OF_START;
        }
        let mut start = Vec::with_capacity(count);
        // Bytes read before an error are kept.
        let _ = inflated.take(count as u64).read_to_end(&mut start);
        start
    }

    /// The samples of a volume. Memory for them is asked for only if the file can have them.
    pub fn volume(self, shape: &Shape, volume: u64, budget: &Budget) -> Result<Samples, Error> {
        let limits = budget.limits();
        let spent = |spent: Spent| spent.error(shape.format);
        // The scan takes the memory over.
        budget
            .keep(shape.voxels() * shape.number.bytes())
            .map_err(spent)?;
        let truncated = Error::Truncated {
            format: shape.format,
            bytes: self.length,
        };
        let (start, length) = shape.extent(volume).ok_or(truncated.clone())?;
        let explain = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => truncated.clone(),
            _ => Error::Damaged {
                format: shape.format,
                reason: error.to_string(),
            },
        };
        let Some(mut inflated) = self.inflated else {
            let range = usize::try_from(start)
                .ok()
                .zip(usize::try_from(start + length).ok());
            let voxels = range.and_then(|(start, end)| self.stored.get(start..end));
            let mut voxels = voxels.ok_or(truncated.clone())?;
            return read(&mut voxels, shape).map_err(explain);
        };
        let max = (self.length as u64).saturating_mul(MAX_DEFLATE_RATIO);
        if start + length > max {
            return Err(truncated);
        }
        let too_much = Error::TooMuchMemory {
            format: shape.format,
            needed_bytes: start + length,
            max_bytes: limits.max_bytes,
        };
        let max = limits.max_bytes.saturating_mul(PASSES);
        if start + length > max {
            return Err(too_much);
        }
        budget
            .step((start + length) / BYTES_PER_STEP)
            .map_err(spent)?;
        pass(&mut inflated, start).map_err(explain)?;
        let samples = read(&mut inflated, shape).map_err(explain)?;
        // To the end, since the checksum stands there.
        let mut behind = (&mut inflated).take(max - start - length);
        let behind = io::copy(&mut behind, &mut io::sink()).map_err(explain)?;
        budget.step(behind / BYTES_PER_STEP).map_err(spent)?;
        match inflated.read(&mut [0]).map_err(explain)? {
            0 => Ok(samples),
            _ => Err(too_much),
        }
    }
}

fn read(reader: &mut impl Read, shape: &Shape) -> io::Result<Samples> {
    samples::read(reader, shape.voxels(), shape.number, shape.big_endian)
}

/// Reads and discards bytes.
fn pass(reader: &mut impl Read, bytes: u64) -> io::Result<()> {
    let passed = io::copy(&mut reader.take(bytes), &mut io::sink())?;
    match passed == bytes {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Inflates all members of a gzipped file one after the other and compares their checksums (RFC 1952). Bytes after
/// the last member are ignored, as by `gzip`.
pub(in crate::open) struct Gunzip<'a> {
    rest: &'a [u8],
    stage: Stage,
    /// One for all members: making a decoder takes longer than inflating a short one.
    inflater: Decompress,
    checksum: Crc,
    members: u64,
    max_members: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Header,
    Data,
    /// The checksum is compared after all data have been handed over, so that a damaged file's start is known.
    Trailer,
    End,
}

/// Members that are read: as blocks of `bgzip`, of 64 KiB each, they are more than 4 GiB, which no volume lies behind
/// ([`PASSES`]).
const MAX_MEMBERS: u64 = 70_000;
/// Members in which a header is looked for.
const MEMBERS_OF_START: u64 = 16;

impl<'a> Gunzip<'a> {
    pub fn new(stored: &'a [u8]) -> Self {
        Gunzip {
            rest: stored,
            stage: Stage::Header,
            inflater: Decompress::new(false),
            checksum: Crc::new(),
            members: 0,
            max_members: MAX_MEMBERS,
        }
    }

    /// How many have been begun.
    pub fn members(&self) -> u64 {
        self.members
    }

    /// Passes a member's header (RFC 1952 section 2.3).
    fn read_header(&mut self) -> io::Result<()> {
        self.members += 1;
        if self.members > self.max_members {
            let reason = format!("it is made of more than {} parts", self.max_members);
            return Err(io::Error::other(reason));
        }
        let head = self.next(10)?;
        if !head.starts_with(GZIP) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "invalid gzip header",
            ));
        }
        let flags = head[3];
        if flags & 4 != 0 {
            let length = self.next(2)?;
            self.next(usize::from(u16::from_le_bytes([length[0], length[1]])))?;
        }
        // The name and the comment end with a zero.
        for _ in 0..(flags >> 3 & 1) + (flags >> 4 & 1) {
            let end = self.rest.iter().position(|&byte| byte == 0);
            self.next(end.ok_or(io::ErrorKind::UnexpectedEof)? + 1)?;
        }
        if flags & 2 != 0 {
            self.next(2)?;
        }
        self.inflater.reset(false);
        self.checksum.reset();
        Ok(())
    }

    /// The next bytes of the file.
    fn next(&mut self, count: usize) -> io::Result<&'a [u8]> {
        let taken = self.rest.split_at_checked(count);
        let (taken, rest) = taken.ok_or(io::ErrorKind::UnexpectedEof)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Compares a member's checksum and length, and goes to the next one.
    fn read_trailer(&mut self) -> io::Result<()> {
        let expected = [self.checksum.sum(), self.checksum.amount()].map(u32::to_le_bytes);
        if self.next(8)? != expected.as_flattened() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "corrupt gzip stream does not have a matching checksum",
            ));
        }
        // Tapes are padded with zeros.
        let next = self.rest.iter().position(|&byte| byte != 0);
        self.rest = next
            .and_then(|next| self.rest.get(next..))
            .unwrap_or_default();
        self.stage = match self.rest.starts_with(GZIP) {
            true => Stage::Header,
            false => Stage::End,
        };
        Ok(())
    }
}

impl Read for Gunzip<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            match self.stage {
                Stage::End => return Ok(0),
                Stage::Header => {
                    self.read_header()?;
                    self.stage = Stage::Data;
                }
                Stage::Trailer => {
                    self.read_trailer()?;
                    continue;
                }
                Stage::Data => {}
            }
            let before = (self.inflater.total_in(), self.inflater.total_out());
            let status = self
                .inflater
                .decompress(self.rest, into, FlushDecompress::None)
                .map_err(|_| {
                    io::Error::new(io::ErrorKind::InvalidData, "corrupt deflate stream")
                })?;
            let consumed = (self.inflater.total_in() - before.0) as usize;
            let got = (self.inflater.total_out() - before.1) as usize;
            self.next(consumed)?;
            self.checksum.update(&into[..got]);
            if status == Status::StreamEnd {
                self.stage = Stage::Trailer;
            } else if got == 0 && consumed == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if got > 0 {
                return Ok(got);
            }
        }
    }
}

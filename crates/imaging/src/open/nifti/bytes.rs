use std::io::{self, Read};

use flate2::bufread::GzDecoder;

use super::samples::{self, Samples};
use super::shape::Shape;
use crate::error::Error;
use crate::open::budget::{BYTES_PER_STEP, Budget, Spent};

/// The bytes of a file, which may be gzipped.
pub(super) struct Bytes<'a> {
    stored: &'a [u8],
    gunzip: Option<Gunzip<'a>>,
}

/// Maximum expansion of one byte by deflate (RFC 1951: 258 bytes from two bits, rounded up).
const MAX_DEFLATE_RATIO: u64 = 1032;

/// A later volume of a gzipped file is reached by inflating and discarding everything before it: at most this many
/// times the memory limit.
const PASSES: u64 = 8;

const GZIP: &[u8] = b"\x1f\x8b\x08";

impl<'a> Bytes<'a> {
    /// The bytes of an uncompressed file.
    pub fn new(stored: &'a [u8]) -> Self {
        let gunzip = stored.starts_with(GZIP).then(|| Gunzip::new(stored));
        Bytes { stored, gunzip }
    }

    /// The first `count` bytes, or fewer if the file is shorter or damaged.
    pub fn start(self, count: usize) -> Vec<u8> {
        let Some(mut gunzip) = self.gunzip else {
            let start = self.stored.get(..count);
            return start.unwrap_or(self.stored).to_vec();
        };
        gunzip.most_members = MEMBERS_OF_START;
        let mut start = Vec::with_capacity(count);
        // Bytes read before an error are kept.
        let _ = gunzip.take(count as u64).read_to_end(&mut start);
        start
    }

    /// The samples of a volume. Memory for them is asked for only if the file can have them.
    pub fn volume(self, shape: &Shape, volume: u64, budget: &Budget) -> Result<Samples, Error> {
        let (stored, limits) = (self.stored, budget.limits());
        let spent = |spent: Spent| spent.error(shape.format);
        // The scan takes the memory over.
        budget
            .keep(shape.voxels() * shape.number.bytes())
            .map_err(spent)?;
        let truncated = Error::Truncated {
            format: shape.format,
            bytes: stored.len(),
        };
        let (start, length) = shape.extent(volume).ok_or(truncated.clone())?;
        let explain = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => truncated.clone(),
            _ => Error::Damaged {
                format: shape.format,
                reason: error.to_string(),
            },
        };
        let Some(mut gunzip) = self.gunzip else {
            let range = usize::try_from(start)
                .ok()
                .zip(usize::try_from(start + length).ok());
            let voxels = range.and_then(|(start, end)| stored.get(start..end));
            let mut voxels = voxels.ok_or(truncated.clone())?;
            return samples::read(&mut voxels, shape).map_err(explain);
        };
        let max = (stored.len() as u64).saturating_mul(MAX_DEFLATE_RATIO);
        if start + length > max {
            return Err(truncated);
        }
        let too_much = Error::TooMuchMemory {
            format: shape.format,
            max_bytes: limits.max_bytes,
        };
        let max = limits.max_bytes.saturating_mul(PASSES);
        if start + length > max {
            return Err(too_much);
        }
        budget
            .step((start + length) / BYTES_PER_STEP)
            .map_err(spent)?;
        pass(&mut gunzip, start).map_err(explain)?;
        let samples = samples::read(&mut gunzip, shape).map_err(explain)?;
        // To the end, since the checksum stands there.
        let mut behind = (&mut gunzip).take(max - start - length);
        let behind = io::copy(&mut behind, &mut io::sink()).map_err(explain)?;
        budget.step(behind / BYTES_PER_STEP).map_err(spent)?;
        match gunzip.is_at_end() {
            true => Ok(samples),
            false => Err(too_much),
        }
    }
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
    /// The next member; `None` after the last one.
    member: Option<GzDecoder<&'a [u8]>>,
    members: u64,
    most_members: u64,
}

/// Members that are read: as blocks of `bgzip`, of 64 KiB each, they are more than 4 GiB, which no volume lies behind
/// ([`PASSES`]). Every member makes a decoder, however little it holds.
const MAX_MEMBERS: u64 = 70_000;
/// Members in which a header is looked for.
const MEMBERS_OF_START: u64 = 16;

impl<'a> Gunzip<'a> {
    pub fn new(stored: &'a [u8]) -> Self {
        Gunzip {
            member: Some(GzDecoder::new(stored)),
            members: 1,
            most_members: MAX_MEMBERS,
        }
    }

    /// How many have been begun.
    pub fn members(&self) -> u64 {
        self.members
    }

    fn is_at_end(&self) -> bool {
        self.member.is_none()
    }
}

impl Read for Gunzip<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        while let Some(member) = &mut self.member {
            let got = member.read(into)?;
            if got > 0 {
                return Ok(got);
            }
            let rest: &[u8] = member.get_ref();
            // Files from tapes are padded with zeros.
            let next = rest.iter().position(|&byte| byte != 0);
            let rest = next.and_then(|next| rest.get(next..)).unwrap_or_default();
            self.member = rest.starts_with(GZIP).then(|| GzDecoder::new(rest));
            self.members += u64::from(self.member.is_some());
            if self.members > self.most_members {
                let reason = format!("it is made of more than {} parts", self.most_members);
                return Err(io::Error::other(reason));
            }
        }
        Ok(0)
    }
}

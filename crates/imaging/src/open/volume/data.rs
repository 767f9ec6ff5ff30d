//! Reads the numbers that a header describes, out of its own file or of others.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::{GzDecoder, ZlibDecoder};

use super::header::{Data, Encoding, Files, Header, MAX_FILES, Skip, damaged};
use super::text::Text;
use crate::error::Error;
use crate::format::Format;
use crate::open::budget::{BYTES_PER_STEP, Budget};
use crate::open::entry::{Entry, STEPS_PER_MEMBER, Unpacking};
use crate::open::samples::{self, Samples};

/// Maximum expansion of one byte by deflate (RFC 1951: 258 bytes from two bits, rounded up).
const MAX_DEFLATE_RATIO: u64 = 1032;
/// A later volume is reached by decoding what is before it: at most this many times the memory limit.
const PASSES: u64 = 8;
/// Work to look a name up.
const STEPS_PER_NAME: u64 = 60;
/// Work to read a number that is text.
const STEPS_PER_WORD: u64 = 4;
const GZIP: &[u8] = b"\x1f\x8b";

/// The files by name: in full, and without their folders. Of several with a name the first counts.
pub(super) struct Names<'f> {
    full: HashMap<&'f str, usize>,
    plain: HashMap<&'f str, usize>,
}

impl<'f> Names<'f> {
    pub fn of(files: &'f [Entry<'_>]) -> Names<'f> {
        let names = || files.iter().enumerate().rev();
        Names {
            full: names().map(|(at, file)| (&*file.name, at)).collect(),
            plain: names().map(|(at, file)| (plain(&file.name), at)).collect(),
        }
    }

    /// The file that a header in `folder` names: next to it, or of that name anywhere. A file that was gzipped has lost
    /// its ending with the gzip.
    fn find(&self, folder: &str, name: &str) -> Option<usize> {
        let name = name.trim_start_matches("./");
        let stem = name.strip_suffix(".gz");
        let mut names = [Some(name), stem].into_iter().flatten();
        names.find_map(|name| {
            let near = self.full.get(format!("{folder}{name}").as_str());
            near.or_else(|| self.plain.get(plain(name))).copied()
        })
    }
}

/// A name without its folders, of Windows too.
fn plain(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Finds the files with the numbers of a header.
///
/// # Errors
///
/// [`Error::PartMissing`] if one is not there.
pub(super) fn sources(
    files: &[Entry<'_>],
    header: usize,
    data: &Data,
    format: Format,
    names: &Names<'_>,
    budget: &Budget,
) -> Result<Vec<usize>, Error> {
    if let Files::Own(_) = data.files {
        return Ok(vec![header]);
    }
    let count = data.files.count();
    let missing = || Error::PartMissing { format };
    if count == 0 || count > MAX_FILES || count > files.len() as u64 {
        return Err(missing());
    }
    let own = files.get(header).map_or("", |file| &*file.name);
    let folder = own.strip_suffix(plain(own)).unwrap_or_default();
    let mut found = Vec::new();
    for index in 0..count {
        budget
            .step(STEPS_PER_NAME)
            .map_err(|spent| spent.error(format))?;
        let file = data
            .files
            .name(index)
            .and_then(|name| names.find(folder, &name));
        found.push(file.ok_or_else(missing)?);
    }
    Ok(found)
}

/// Reads a volume. Memory for it is asked for only if the files can have it.
pub(super) fn volume(
    files: &[Entry<'_>],
    sources: &[usize],
    header: &Header,
    part: u64,
    budget: &Budget,
) -> Result<Samples, Error> {
    let size = header.number.bytes();
    let voxels = header.voxels();
    let (channels, channel) = (header.channels.max(1), part % header.channels.max(1));
    let before = (part / channels).checked_mul(voxels * channels * size);
    let length = voxels * channels * size;
    let mut stream = Stream::new(files, sources, header, budget)?;
    stream.ask(before, length)?;
    // The scan takes the memory over.
    budget
        .keep(voxels * size)
        .map_err(|spent| spent.error(header.format))?;
    stream.pass(before.unwrap_or(u64::MAX))?;
    let read = match channels {
        1 => samples::read(&mut stream, voxels, header.number, stream_order(header)),
        _ => {
            let mut one = Channel::new(&mut stream, channels * size, channel * size, size);
            samples::read(&mut one, voxels, header.number, stream_order(header))
        }
    };
    let read = read.map_err(|error| stream.explain(error))?;
    stream.finish()?;
    Ok(read)
}

/// Text is turned into little-endian numbers.
pub(super) fn stream_order(header: &Header) -> bool {
    header.big_endian && header.data.encoding != Encoding::Text
}

/// The numbers of all files, one after the other, as bytes.
pub(super) struct Stream<'a> {
    files: &'a [Entry<'a>],
    sources: &'a [usize],
    header: &'a Header,
    budget: &'a Budget,
    next: usize,
    current: Option<Box<dyn Read + 'a>>,
    /// Bytes that may still be read.
    left: u64,
}

impl<'a> Stream<'a> {
    pub fn new(
        files: &'a [Entry<'_>],
        sources: &'a [usize],
        header: &'a Header,
        budget: &'a Budget,
    ) -> Result<Stream<'a>, Error> {
        Ok(Stream {
            files,
            sources,
            header,
            budget,
            next: 0,
            current: None,
            left: budget.limits().max_bytes.saturating_mul(PASSES),
        })
    }

    /// Counts the work of reading `length` bytes behind others, and refuses what the files can't have or nobody would
    /// wait for.
    pub fn ask(&mut self, before: Option<u64>, length: u64) -> Result<(), Error> {
        let format = self.header.format;
        let skipped = match self.header.data.skip_bytes {
            Skip::Bytes(bytes) => bytes.saturating_mul(self.sources.len() as u64),
            Skip::ToEnd => 0,
        };
        let all = before.and_then(|before| before.checked_add(length)?.checked_add(skipped));
        let all = all.filter(|all| *all <= self.most_bytes());
        let all = all.ok_or_else(|| self.truncated())?;
        if all > self.left {
            return Err(Error::TooMuchMemory {
                format,
                needed_bytes: all,
                max_bytes: self.budget.limits().max_bytes,
            });
        }
        let steps = match self.header.data.encoding {
            Encoding::Text => (all / self.header.number.bytes()).saturating_mul(STEPS_PER_WORD),
            _ => all / BYTES_PER_STEP,
        };
        self.budget.step(steps).map_err(|spent| spent.error(format))
    }

    /// The most that the files can have.
    fn most_bytes(&self) -> u64 {
        let Data { encoding, .. } = self.header.data;
        let most = |source: &usize| {
            let file = self.files.get(*source)?;
            let stored = file.most_bytes(MAX_DEFLATE_RATIO);
            Some(match encoding {
                Encoding::Raw => stored.saturating_sub(own_start(&self.header.data)),
                Encoding::Deflated => stored.saturating_mul(MAX_DEFLATE_RATIO),
                // A digit and what stands between it and the next.
                Encoding::Text => stored.saturating_add(1) / 2 * self.header.number.bytes(),
            })
        };
        let sizes = self.sources.iter().filter_map(most);
        sizes.fold(0, u64::saturating_add)
    }

    /// Reads and discards bytes.
    pub fn pass(&mut self, bytes: u64) -> Result<(), Error> {
        let passed = io::copy(&mut self.take(bytes), &mut io::sink());
        match passed.map_err(|error| self.explain(error))? == bytes {
            true => Ok(()),
            false => Err(self.truncated()),
        }
    }

    /// Reads to the end of the file that is being read, since its checksum stands there.
    pub fn finish(mut self) -> Result<(), Error> {
        let Some(mut current) = self.current.take() else {
            return Ok(());
        };
        let is_plain = self.header.data.encoding == Encoding::Raw;
        let is_stored = self
            .next
            .checked_sub(1)
            .and_then(|at| self.files.get(*self.sources.get(at)?))
            .is_some_and(|file| file.stored().is_some());
        if is_plain && is_stored {
            return Ok(());
        }
        let mut rest = (&mut current).take(self.left);
        let behind = io::copy(&mut rest, &mut io::sink()).map_err(|error| self.explain(error))?;
        let spent = self.budget.step(behind / BYTES_PER_STEP);
        spent.map_err(|spent| spent.error(self.header.format))
    }

    fn truncated(&self) -> Error {
        let bytes = |source: &usize| Some(self.files.get(*source)?.packed_bytes());
        Error::Truncated {
            format: self.header.format,
            bytes: self.sources.iter().filter_map(bytes).sum(),
        }
    }

    pub fn explain(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.truncated(),
            _ => damaged(self.header.format, error.to_string()),
        }
    }

    /// The numbers of the next file; `None` behind the last.
    fn open_next(&mut self) -> io::Result<Option<Box<dyn Read + 'a>>> {
        let Some(file) = self
            .sources
            .get(self.next)
            .and_then(|at| self.files.get(*at))
        else {
            return Ok(None);
        };
        self.next += 1;
        let error = |error: Error| io::Error::other(error.to_string());
        self.step(STEPS_PER_MEMBER)?;
        if file.stored().is_some() {
            // Compares the checksum of a file that an archive stores.
            file.load(self.budget).map_err(error)?;
        }
        let data = &self.header.data;
        let to_skip = match data.skip_bytes {
            Skip::Bytes(bytes) => bytes,
            Skip::ToEnd => {
                let length = file.length(self.budget).map_err(error)?;
                let all = self.header.all_bytes().unwrap_or(u64::MAX);
                let own = all / self.sources.len().max(1) as u64;
                length
                    .checked_sub(own)
                    .ok_or(io::ErrorKind::UnexpectedEof)?
            }
        };
        let stored = match file.stored() {
            Some(stored) => Stored::Slice(stored),
            None => Stored::Packed(file.reader()),
        };
        let mut stored = BufReader::new(stored);
        let start = match data.skip_bytes {
            Skip::Bytes(_) => own_start(data),
            Skip::ToEnd => 0,
        };
        passed(&mut stored, start)?;
        self.pass_lines(&mut stored)?;
        let number = self.header.number;
        let mut decoded: Box<dyn Read + 'a> = match data.encoding {
            Encoding::Raw => Box::new(stored),
            Encoding::Text => Box::new(Text::new(stored, number)),
            Encoding::Deflated if stored.fill_buf()?.starts_with(GZIP) => {
                Box::new(GzDecoder::new(stored))
            }
            // It was unpacked with its ending `.gz`.
            Encoding::Deflated if file.is_gzipped() && !is_zlib(stored.fill_buf()?) => {
                Box::new(stored)
            }
            Encoding::Deflated => Box::new(ZlibDecoder::new(stored)),
        };
        passed(&mut decoded, to_skip)?;
        Ok(Some(decoded))
    }

    /// Passes the lines before what is encoded.
    fn pass_lines(&self, stored: &mut impl BufRead) -> io::Result<()> {
        let mut lines = stored.take(self.budget.limits().max_bytes);
        for _ in 0..self.header.data.skip_lines {
            let count = lines.skip_until(b'\n')?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.step(1 + count as u64 / BYTES_PER_STEP)?;
        }
        Ok(())
    }

    fn step(&self, steps: u64) -> io::Result<()> {
        let spent = self.budget.step(steps);
        spent.map_err(|spent| io::Error::other(spent.error(self.header.format).to_string()))
    }
}

/// Byte of the header's own file at which the numbers begin.
fn own_start(data: &Data) -> u64 {
    match data.files {
        Files::Own(start) => start,
        _ => 0,
    }
}

/// Whether bytes begin like a zlib stream (RFC 1950).
fn is_zlib(start: &[u8]) -> bool {
    let head = start.first_chunk().copied().map(u16::from_be_bytes);
    head.is_some_and(|head| head >> 8 & 15 == 8 && head % 31 == 0)
}

fn passed(reader: &mut impl Read, bytes: u64) -> io::Result<()> {
    match io::copy(&mut reader.take(bytes), &mut io::sink())? == bytes {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(current) = &mut self.current {
                let count = current.read(into)?;
                if count > 0 {
                    self.left = self.left.saturating_sub(count as u64);
                    return Ok(count);
                }
            }
            self.current = self.open_next()?;
            if self.current.is_none() {
                return Ok(0);
            }
        }
    }
}

/// A file as it is stored, or out of its archive.
enum Stored<'a> {
    Slice(&'a [u8]),
    Packed(Unpacking<'a>),
}

impl Read for Stored<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Stored::Slice(bytes) => bytes.read(into),
            Stored::Packed(unpacking) => unpacking.read(into),
        }
    }
}

/// One of several numbers that a voxel has.
struct Channel<R> {
    reader: R,
    /// Bytes of a voxel, the first of them that are taken, and how many.
    voxel: u64,
    first: u64,
    count: u64,
    /// Where in its voxel the next byte is.
    at: u64,
}

impl<R: Read> Channel<R> {
    fn new(reader: R, voxel: u64, first: u64, count: u64) -> Channel<R> {
        Channel {
            reader,
            voxel,
            first,
            count,
            at: 0,
        }
    }
}

impl<R: Read> Read for Channel<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.reader.read(into)?;
            let mut taken = 0;
            for index in 0..count {
                if (self.first..self.first + self.count).contains(&self.at) {
                    into[taken] = into[index];
                    taken += 1;
                }
                self.at += 1;
                if self.at == self.voxel {
                    self.at = 0;
                }
            }
            if taken > 0 || count == 0 {
                return Ok(taken);
            }
        }
    }
}

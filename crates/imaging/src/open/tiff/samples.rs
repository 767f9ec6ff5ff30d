//! Assembles the chunks of a page to its samples, without predictor and in native byte order.

use std::cell::RefCell;
use std::io::{self, Read};

use flate2::Decompress;

use super::compression::{Chunk, Compression};
use super::directory::{Directory, File};
use super::page::Page;
use super::predictor::unpredict;
use super::tags::*;
use super::turn::Line;
use super::ycbcr;
use super::{damaged, spent, unsupported};
use crate::error::Error;
use crate::open::budget::BYTES_PER_STEP;
use crate::open::jpeg;

/// A number type of samples, read from bytes (lowest byte first) or from single bits.
pub(super) trait Sample: Copy + Default {
    const BYTES: usize;
    fn of_bytes(bytes: &[u8]) -> Self;
    fn of_bits(bits: u32) -> Self;
}

macro_rules! samples {
    ($($number:ty)*) => {$(
        impl Sample for $number {
            const BYTES: usize = size_of::<$number>();
            fn of_bytes(bytes: &[u8]) -> Self {
                bytes.first_chunk().map_or_else(Default::default, |&bytes| <$number>::from_le_bytes(bytes))
            }
            fn of_bits(bits: u32) -> Self {
                bits as $number
            }
        }
    )*};
}
samples!(u8 i8 u16 i16 u32 i32 u64 i64 f32 f64);

pub(super) struct Reader<'a> {
    pub file: File<'a>,
    pub directory: Directory<'a>,
    pub page: Page,
    /// One for all chunks.
    pub inflater: &'a RefCell<Decompress>,
    /// Distance in bytes from the page's own image to the requested one, if several follow one directory.
    pub skipped_bytes: u64,
}

/// The samples of a page, interleaved.
pub(super) struct Samples<T> {
    pub values: Vec<T>,
    /// Tiles or strips that the file omits; their samples are 0, as in GDAL and tifffile.
    pub absent: usize,
}

impl Reader<'_> {
    /// Reads `count` samples of each pixel, starting at sample `first`, straight into the upright image: a second one might
    /// not fit in memory.
    pub fn samples<T: Sample>(&self, first: usize, count: usize) -> Result<Samples<T>, Error> {
        let (kind, storage) = (&self.page.kind, &self.page.storage);
        let (width, height) = (kind.width as usize, kind.height as usize);
        let [chunk_width, chunk_rows] = storage.chunk.map(|side| side as usize);
        let (across, down) = (width.div_ceil(chunk_width), height.div_ceil(chunk_rows));
        let planes = if storage.is_planar { count } else { 1 };
        let chunks = self.chunks((across * down) as u64)?;
        let row = chunk_width as u64 * self.samples_of_chunk() as u64;
        let row_bytes = row.saturating_mul((u64::from(kind.bits).div_ceil(8)) + T::BYTES as u64);
        let budget = self.file.budget;
        let _rows = budget.hold(row_bytes).map_err(spent)?;
        // Before any is read: a file may list millions, of one pixel each.
        let steps = (planes * across * down) as u64 * storage.compression.steps();
        budget.step(steps).map_err(spent)?;
        let mut values = vec![T::default(); width * height * count];
        let mut row_of_chunk = Vec::new();
        let mut absent = 0;
        for plane in 0..planes {
            for index in 0..across * down {
                let position = match storage.is_planar {
                    true => (first + plane) * across * down + index,
                    false => index,
                };
                let [x0, y0] = [index % across * chunk_width, index / across * chunk_rows];
                let rows = chunk_rows.min(height - y0);
                let stored = self.stored(chunks, position)?;
                let Some(stored) = stored else {
                    absent += 1;
                    continue;
                };
                let of_pixel = self.samples_of_chunk();
                let (skip, taken) = match storage.is_planar {
                    true => (0, 1),
                    false => (first, count),
                };
                self.rows(stored, rows, |y, row| {
                    unpack(row, kind.bits, chunk_width * of_pixel, &mut row_of_chunk);
                    let pixels = chunk_width.min(width - x0);
                    let line = Line::of(y0 + y, [width, height], kind.orientation);
                    if of_pixel == count && line.is_straight() {
                        let into = values.get_mut(line.at(x0) * count..).unwrap_or_default();
                        let samples = pixels * count;
                        into[..samples].copy_from_slice(&row_of_chunk[..samples]);
                        return;
                    }
                    let pixels = row_of_chunk.chunks_exact(of_pixel).take(pixels);
                    for (pixel, x) in pixels.zip(x0..) {
                        let at = line.at(x) * count + plane;
                        let into = values.get_mut(at..).unwrap_or_default();
                        into[..taken].copy_from_slice(&pixel[skip..skip + taken]);
                    }
                })?;
            }
        }
        Ok(Samples { values, absent })
    }

    /// Samples per pixel in a chunk, as the decoder returns them.
    fn samples_of_chunk(&self) -> usize {
        match self.page.storage.is_planar {
            true => 1,
            false => self.page.storage.samples as usize,
        }
    }

    /// The tags that say where the chunks are: offsets and lengths.
    fn chunks(&self, of_plane: u64) -> Result<[u16; 2], Error> {
        let storage = &self.page.storage;
        let planes = match storage.is_planar {
            true => u64::from(storage.samples),
            false => 1,
        };
        let needed = of_plane.saturating_mul(planes);
        let (offsets, counts) = match storage.is_tiled {
            true => (TILE_OFFSETS, TILE_BYTE_COUNTS),
            false => (STRIP_OFFSETS, STRIP_BYTE_COUNTS),
        };
        let listed = self.directory.count(offsets);
        match listed >= needed {
            true => Ok([offsets, counts]),
            false => Err(damaged(format!(
                "it lists {listed} strips or tiles, and its size needs {needed}"
            ))),
        }
    }

    /// The stored bytes of a chunk; `None` where the file leaves it out.
    fn stored(&self, [offsets, counts]: [u16; 2], position: usize) -> Result<Option<&[u8]>, Error> {
        let at = self.directory.nth(offsets, position as u64)?.unwrap_or(0);
        // A missing length: what is needed, or up to the file's end.
        let count = self.directory.nth(counts, position as u64)?;
        let count = count.unwrap_or(u64::MAX);
        if at == 0 && (count == 0 || count == u64::MAX) || self.page.storage.is_tiled && count == 0
        {
            return Ok(None);
        }
        let at = at.saturating_add(self.skipped_bytes);
        let rest = (self.file.bytes.len() as u64).checked_sub(at);
        let rest = rest.ok_or(self.file.truncated())?;
        // Some writers leave out lengths, or store 0 for strips.
        let count = if count == 0 || count == u64::MAX {
            rest
        } else {
            count
        };
        let stored = self.file.slice(at, count);
        stored.map(Some).ok_or(self.file.truncated())
    }

    /// Reads the decompressed rows of a chunk one at a time, with the lowest byte of integers first.
    fn rows(
        &self,
        stored: &[u8],
        rows: usize,
        mut put: impl FnMut(usize, &[u8]),
    ) -> Result<(), Error> {
        let (kind, storage) = (&self.page.kind, &self.page.storage);
        let [width, max_rows] = storage.chunk;
        let samples = self.samples_of_chunk();
        let chunk = Chunk {
            compression: storage.compression,
            jpeg_tables: self.directory.bytes(JPEG_TABLES),
            width,
            // A tile is coded whole, also at the image's edge.
            rows: if storage.is_tiled {
                max_rows
            } else {
                rows as u32
            },
            max_rows,
            samples: samples as u32,
        };
        let budget = self.file.budget;
        let row_bytes = (width as usize * samples * kind.bits as usize).div_ceil(8);
        let decoded = chunk.decoded_bytes(stored, row_bytes as u64);
        let _decoded = budget.hold(decoded).map_err(spent)?;
        // Rows have samples that nobody asked for, and a chunk without a length is the rest of the file.
        let copied = if decoded > 0 { stored.len() } else { 0 };
        let steps = (rows * row_bytes + copied) as u64 / BYTES_PER_STEP / 2;
        let steps = match storage.compression {
            Compression::Jpeg => steps + jpeg::steps(stored),
            _ => steps,
        };
        budget.step(steps).map_err(spent)?;
        let turned: Vec<u8>;
        let stored = match storage.is_lowest_bit_first && storage.compression != Compression::Jpeg {
            true => {
                budget
                    .step(stored.len() as u64 / BYTES_PER_STEP)
                    .map_err(spent)?;
                turned = stored.iter().map(|byte| byte.reverse_bits()).collect();
                &turned
            }
            false => stored,
        };
        let mut reader = chunk.reader(stored, self.inflater.borrow_mut())?;
        let [_, down] = storage.subsampling;
        let is_subsampled = storage.subsampling != [1, 1];
        let band_bytes = match is_subsampled {
            true => ycbcr::packed_bytes([width, down], storage.subsampling),
            false => row_bytes,
        };
        let mut band = vec![0; band_bytes];
        for y in (0..rows).step_by(down as usize) {
            reader
                .read_exact(&mut band)
                .map_err(|error| match error.kind() {
                    io::ErrorKind::UnexpectedEof => {
                        damaged(format!("a strip or tile ends in its row {y} of {rows}"))
                    }
                    _ => damaged(format!("a strip or tile is broken in its row {y}: {error}")),
                })?;
            if is_subsampled {
                let pixels = ycbcr::unpacked(&band, [width, down], storage.subsampling);
                let of_image = pixels.chunks_exact(row_bytes).take(rows - y);
                of_image
                    .enumerate()
                    .for_each(|(row, bytes)| put(y + row, bytes));
            } else {
                self.order(&mut band, samples)?;
                put(y, &band);
            }
        }
        Ok(())
    }

    /// Reverses the predictor of a row, and puts the lowest byte of each number first.
    fn order(&self, row: &mut [u8], samples: usize) -> Result<(), Error> {
        let (bits, storage) = (self.page.kind.bits, &self.page.storage);
        let is_whole = bits.is_multiple_of(8);
        let size = bits as usize / 8;
        let predictor = match storage.compression {
            // These have no predictor; the tag may be left over from the file that this one was converted from.
            Compression::None | Compression::Jpeg | Compression::Fax4 => 1,
            _ => storage.predictor,
        };
        // For floating-point numbers the predictor defines the byte order.
        if self.file.big_endian && is_whole && size > 1 && predictor != 3 {
            row.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        }
        match predictor {
            1 => Ok(()),
            2 | 3 if is_whole => {
                unpredict(row, size, samples, predictor == 3);
                Ok(())
            }
            other => Err(unsupported(format!(
                "a TIFF file with predictor {other} of samples of {bits} bits"
            ))),
        }
    }
}

/// Unpacks a row of numbers of `bits` bits each; if these are not whole bytes, the highest bit comes first.
fn unpack<T: Sample>(row: &[u8], bits: u32, count: usize, into: &mut Vec<T>) {
    into.clear();
    if bits.is_multiple_of(8) {
        into.extend(row.chunks_exact(T::BYTES).map(T::of_bytes));
        return;
    }
    let (mut held, mut held_bits) = (0u32, 0);
    let mut bytes = row.iter();
    into.extend((0..count).map(|_| {
        while held_bits < bits {
            held = held << 8 | u32::from(bytes.next().copied().unwrap_or(0));
            held_bits += 8;
        }
        held_bits -= bits;
        T::of_bits(held >> held_bits & ((1 << bits) - 1))
    }));
}

//! Decompresses the strips and tiles of a TIFF file, and never to more bytes than they must have.

use std::cell::RefMut;
use std::io::{self, Cursor, Read};

use flate2::{Decompress, FlushDecompress, Status};
use weezl::LzwStatus;
use zune_core::bytestream::ZCursor;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::{damaged, unsupported};
use crate::error::Error;
use crate::open::jpeg;

/// Value of tag 259.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Fax4,
    Lzw,
    Jpeg,
    Deflate,
    PackBits,
}

impl Compression {
    pub fn of(code: u64) -> Result<Compression, Error> {
        Ok(match code {
            1 => Compression::None,
            4 => Compression::Fax4,
            5 => Compression::Lzw,
            7 => Compression::Jpeg,
            8 | 32946 => Compression::Deflate,
            32773 => Compression::PackBits,
            other => {
                let name = match other {
                    2 | 32771 => "CCITT run lengths",
                    3 => "CCITT Group 3",
                    6 => "JPEG as in TIFF 6.0",
                    32809 => "ThunderScan",
                    32908..=32909 => "Pixar",
                    33003 | 33004 | 33005 | 34712 => "JPEG 2000",
                    34676 | 34677 => "SGI LogLuv",
                    34887 => "LERC",
                    34892 => "lossy JPEG of DNG",
                    34925 => "LZMA",
                    34926 | 50000 => "Zstandard",
                    34927 | 50001 => "WebP",
                    34934 | 22610 => "JPEG XR",
                    50002 | 52546 => "JPEG XL",
                    _ => "an unknown kind",
                };
                let what = format!("a TIFF file compressed by {name} ({other})");
                return Err(unsupported(what));
            }
        })
    }
}

impl Compression {
    /// Work to begin with a chunk, whatever its length.
    pub fn steps(self) -> u64 {
        match self {
            Compression::None | Compression::PackBits => 5,
            Compression::Fax4 | Compression::Lzw | Compression::Deflate => 500,
            Compression::Jpeg => 2000,
        }
    }
}

/// A chunk: what its bytes are to become.
pub(super) struct Chunk<'a> {
    pub compression: Compression,
    /// Content of the tag `JPEGTables`.
    pub jpeg_tables: Option<&'a [u8]>,
    pub width: u32,
    pub rows: u32,
    /// Rows of the page's other chunks: some writers code as many in the last strip.
    pub max_rows: u32,
    /// Samples per pixel in this chunk.
    pub samples: u32,
}

impl Chunk<'_> {
    /// A reader of the decompressed bytes. Rows are read one at a time, so that a single strip for the whole image is
    /// never decompressed as a whole. Only JPEG and CCITT, of 8 bits and 1 bit, are decoded at once.
    pub fn reader<'a>(
        &self,
        stored: &'a [u8],
        inflater: RefMut<'a, Decompress>,
    ) -> Result<Box<dyn Read + 'a>, Error> {
        Ok(match self.compression {
            Compression::None => Box::new(stored),
            Compression::Lzw => Box::new(Lzw::new(stored)),
            Compression::Deflate => Box::new(Deflate::new(stored, inflater)),
            Compression::PackBits => Box::new(PackBits::new(stored)),
            Compression::Jpeg => Box::new(Cursor::new(self.jpeg(stored)?)),
            Compression::Fax4 => Box::new(Cursor::new(self.fax4(stored)?)),
        })
    }

    /// Memory of a chunk that is decoded at once.
    pub fn decoded_bytes(&self, stored: &[u8], row_bytes: u64) -> u64 {
        let rows = u64::from(self.max_rows.max(self.rows));
        match self.compression {
            Compression::Jpeg => {
                rows * row_bytes + 2 * stored.len() as u64 + jpeg::scratch_bytes(stored)
            }
            Compression::Fax4 => rows * row_bytes,
            _ => 0,
        }
    }

    /// The components as they are stored, without a change of colours: what they mean is in the tags.
    fn jpeg(&self, stored: &[u8]) -> Result<Vec<u8>, Error> {
        let explain = |error: &dyn std::fmt::Display| damaged(format!("its JPEG data: {error}"));
        let mut whole;
        let stored = match self.jpeg_tables {
            // The tables are a JPEG without an image: they are inserted where the image's own tables would be.
            Some(tables) => {
                let tables = tables.strip_suffix(b"\xff\xd9").unwrap_or(tables);
                whole = tables.to_vec();
                whole.extend(stored.strip_prefix(b"\xff\xd8").unwrap_or(stored));
                &whole
            }
            None => stored,
        };
        let options = DecoderOptions::default()
            .set_strict_mode(true)
            .set_max_width(self.width as usize)
            .set_max_height(self.max_rows as usize);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(stored), options);
        decoder.decode_headers().map_err(|error| explain(&error))?;
        let (width, height) = decoder.dimensions().unwrap_or_default();
        let kept = decoder.input_colorspace();
        let components = kept.map_or(0, |kept| kept.num_components());
        if width != self.width as usize
            || height < self.rows as usize
            || components != self.samples as usize
        {
            return Err(damaged(format!(
                "its JPEG data are {width}x{height} pixels of {components} samples, and not {}x{} \
                 of {}",
                self.width, self.rows, self.samples
            )));
        }
        if let Some(kept) = kept {
            decoder.set_options(options.jpeg_set_out_colorspace(kept));
        }
        decoder.decode().map_err(|error| explain(&error))
    }

    /// Decodes CCITT Group 4 (ITU-T T.6): one bit per pixel, 0 for white as in the tag's default.
    fn fax4(&self, stored: &[u8]) -> Result<Vec<u8>, Error> {
        let side = |side| u16::try_from(side).map_err(|_| damaged("its side is too long".into()));
        let (width, rows) = (side(self.width)?, side(self.rows)?);
        let row_bytes = usize::from(width).div_ceil(8);
        let mut bytes = vec![0; row_bytes * usize::from(rows)];
        let mut into = bytes.chunks_exact_mut(row_bytes.max(1));
        let decoded = fax::decoder::decode_g4(stored.iter().copied(), width, Some(rows), |line| {
            let Some(row) = into.next() else { return };
            for (x, colour) in fax::decoder::pels(line, width).enumerate() {
                if let (fax::Color::Black, Some(byte)) = (colour, row.get_mut(x / 8)) {
                    *byte |= 0x80 >> (x % 8);
                }
            }
        });
        match decoded {
            Some(()) => Ok(bytes),
            None => Err(damaged("its CCITT Group 4 data are broken".to_owned())),
        }
    }
}

/// A reader of deflated bytes. Making an inflater takes longer than inflating a small tile, so that all have the same.
struct Deflate<'a> {
    stored: &'a [u8],
    inflater: RefMut<'a, Decompress>,
}

impl<'a> Deflate<'a> {
    fn new(stored: &'a [u8], mut inflater: RefMut<'a, Decompress>) -> Self {
        inflater.reset(true);
        Deflate { stored, inflater }
    }
}

impl Read for Deflate<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let before = (self.inflater.total_in(), self.inflater.total_out());
            let status = self
                .inflater
                .decompress(self.stored, into, FlushDecompress::None)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            let consumed = (self.inflater.total_in() - before.0) as usize;
            let got = (self.inflater.total_out() - before.1) as usize;
            self.stored = self.stored.get(consumed..).unwrap_or_default();
            if got > 0 || status == Status::StreamEnd || consumed == 0 {
                return Ok(got);
            }
        }
    }
}

/// A reader of TIFF's variant of LZW.
struct Lzw<'a> {
    stored: &'a [u8],
    decoder: weezl::decode::Decoder,
}

impl<'a> Lzw<'a> {
    fn new(stored: &'a [u8]) -> Self {
        // Differs from libtiff, which also reads the codes of files from before 1989, whose bits are reversed.
        let decoder = weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
        Lzw { stored, decoder }
    }
}

impl Read for Lzw<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let step = self.decoder.decode_bytes(self.stored, into);
            self.stored = self.stored.get(step.consumed_in..).unwrap_or_default();
            let status = step
                .status
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
            let has_moved = step.consumed_in > 0 && matches!(status, LzwStatus::Ok);
            if step.consumed_out > 0 || !has_moved {
                return Ok(step.consumed_out);
            }
        }
    }
}

/// PackBits (TIFF 6.0, section 9).
struct PackBits<'a> {
    stored: &'a [u8],
    /// Bytes left of the current run, and the byte that it repeats.
    run: usize,
    repeated: Option<u8>,
}

impl<'a> PackBits<'a> {
    fn new(stored: &'a [u8]) -> Self {
        PackBits {
            stored,
            run: 0,
            repeated: None,
        }
    }
}

impl Read for PackBits<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.run == 0 {
            let Some((&head, rest)) = self.stored.split_first() else {
                return Ok(0);
            };
            self.stored = rest;
            match head {
                0..=127 => (self.run, self.repeated) = (usize::from(head) + 1, None),
                128 => {}
                129.. => {
                    let Some((&byte, rest)) = rest.split_first() else {
                        return Ok(0);
                    };
                    self.stored = rest;
                    (self.run, self.repeated) = (257 - usize::from(head), Some(byte));
                }
            }
        }
        let mut count = self.run.min(into.len());
        match self.repeated {
            Some(byte) => into[..count].fill(byte),
            None => {
                count = count.min(self.stored.len());
                let (run, rest) = self.stored.split_at(count);
                into[..count].copy_from_slice(run);
                self.stored = rest;
            }
        }
        self.run -= count;
        Ok(count)
    }
}

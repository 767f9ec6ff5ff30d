use std::io::{self, Cursor};

use tiff::TiffError;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

use super::page::Page;
use crate::error::Error;
use crate::open::{Format, Limits};
use crate::scan::Voxels;
use crate::space::Size;

/// The pages of a file one after the other, with the `tiff` crate's errors made ours.
pub(super) struct Pages<'a> {
    decoder: Decoder<Cursor<&'a [u8]>>,
    length: usize,
    limits: &'a Limits,
}

impl<'a> Pages<'a> {
    /// At the first page.
    pub fn new(bytes: &'a [u8], limits: &'a Limits) -> Result<Self, Error> {
        let mut theirs = tiff::decoder::Limits::default();
        let most = usize::try_from(limits.max_bytes).unwrap_or(usize::MAX);
        theirs.decoding_buffer_size = most;
        theirs.intermediate_buffer_size = most;
        let length = bytes.len();
        let decoder = Decoder::new(Cursor::new(bytes))
            .map_err(|error| explain(error, length, limits))?
            .with_limits(theirs);
        Ok(Pages {
            decoder,
            length,
            limits,
        })
    }

    /// On to the next page, if there is one.
    pub fn next(&mut self) -> Result<bool, Error> {
        if !self.decoder.more_images() {
            return Ok(false);
        }
        let next = self.decoder.next_image();
        next.map_err(|error| self.explain(error)).map(|()| true)
    }

    /// What the page is, if it can be opened. The first may be one that only the `image` crate reads.
    pub fn page(&mut self, is_first: bool) -> Result<Page, Error> {
        let limits = self.limits;
        let (width, height) = self.tried(Decoder::dimensions)?;
        limits.check(Size { width, height })?;
        let colour = self.tried(Decoder::colortype)?;
        let (chunk_width, _) = self.decoder.chunk_dimensions();
        // The decoder asks for memory for a row of a tile.
        if chunk_width > limits.max_side {
            return Err(damaged(format!("its tiles are {chunk_width} pixels wide")));
        }
        let sample = self.tried(Decoder::image_buffer_layout)?.sample_type;
        let unsupported = || Error::Unsupported {
            what: format!(
                "a TIFF file with such pixels, of {} × {} bits,",
                colour.num_samples(),
                colour.bit_depth()
            ),
        };
        let page = Page {
            width,
            height,
            colour,
            sample: sample.ok_or_else(unsupported)?,
            orientation: self.orientation(),
        };
        if page.bytes() > limits.max_bytes {
            return Err(too_much_memory(limits));
        }
        match page.is_readable() || (is_first && page.is_ordinary()) {
            true => Ok(page),
            false => Err(unsupported()),
        }
    }

    /// 1 where it isn't given, or in no known number.
    fn orientation(&mut self) -> u32 {
        let given = self.decoder.find_tag_unsigned(Tag::Orientation);
        let given = given.ok().flatten().unwrap_or(1);
        if (1..=8).contains(&given) { given } else { 1 }
    }

    /// What is in the page, which must be as it was when the file was surveyed.
    pub fn voxels(&mut self, page: &Page) -> Result<Voxels, Error> {
        if self.page(false)? != *page {
            return Err(damaged("its pages differ".to_owned()));
        }
        let mut decoded = DecodingResult::U8(Vec::new());
        let layout = self.tried(|decoder| decoder.read_image_to_buffer(&mut decoded))?;
        let voxels = page.voxels(decoded, layout.planes);
        voxels.ok_or_else(|| damaged("a page has too few or too many samples".to_owned()))
    }

    fn tried<T>(
        &mut self,
        step: impl FnOnce(&mut Decoder<Cursor<&'a [u8]>>) -> Result<T, TiffError>,
    ) -> Result<T, Error> {
        step(&mut self.decoder).map_err(|error| self.explain(error))
    }

    fn explain(&self, error: TiffError) -> Error {
        explain(error, self.length, self.limits)
    }
}

fn explain(error: TiffError, bytes: usize, limits: &Limits) -> Error {
    match error {
        TiffError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            let format = Format::Tiff;
            Error::Truncated { format, bytes }
        }
        TiffError::UnsupportedError(feature) => Error::Unsupported {
            what: format!("a TIFF file of this kind ({feature})"),
        },
        TiffError::LimitsExceeded => too_much_memory(limits),
        TiffError::FormatError(error) => damaged(error.to_string()),
        other => damaged(other.to_string()),
    }
}

fn damaged(reason: String) -> Error {
    Error::Damaged {
        format: Format::Tiff,
        reason,
    }
}

fn too_much_memory(limits: &Limits) -> Error {
    Error::TooMuchMemory {
        format: Format::Tiff,
        max_bytes: limits.max_bytes,
    }
}

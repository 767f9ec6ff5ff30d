//! Reads a file up to its data set: preamble, meta information, transfer syntax (DICOM PS3.10 section 7).

use std::borrow::Cow;
use std::io::{self, Read};

use flate2::read::DeflateDecoder;

use super::attribute::{MEDIA_STORAGE_SOP_CLASS_UID, TRANSFER_SYNTAX_UID};
use super::data_set::DataSet;
use super::element::{self, Encoding};
use super::problem::Problem;
use super::transfer_syntax::TransferSyntax;
use crate::open::budget::{BYTES_PER_STEP, Budget, Held};

const PREAMBLE: usize = 128;
const MAGIC: &[u8] = b"DICM";

/// A file whose data set can be read.
#[derive(Debug)]
pub(super) struct File<'a> {
    /// Bytes of the data set, inflated if they were deflated.
    data: Cow<'a, [u8]>,
    encoding: Encoding,
    /// How the data set and its pixels are encoded.
    pub syntax: TransferSyntax,
    /// SOP class in the meta information; may be empty.
    pub media_storage_sop_class: String,
    budget: &'a Budget,
    /// Memory of the inflated data.
    _inflated: Option<Held<'a>>,
}

impl<'a> File<'a> {
    pub fn read(bytes: &'a [u8], budget: &'a Budget) -> Result<File<'a>, Problem> {
        let begins = match has_preamble(bytes) {
            true => PREAMBLE + MAGIC.len(),
            false => 0,
        };
        let body = bytes.get(begins..).unwrap_or_default();
        let (meta, length) = meta_information(body)?;
        let body = body.get(length..).unwrap_or_default();
        let uid = meta.text(TRANSFER_SYNTAX_UID);
        let declared = (!uid.is_empty()).then(|| TransferSyntax::of_uid(&uid));
        let (data, inflated) = match declared {
            Some(TransferSyntax::Deflated) => {
                let (data, held) = inflate(body, budget)?;
                (Cow::Owned(data), Some(held))
            }
            _ => (Cow::Borrowed(body), None),
        };
        let encoding = match (sniff(&data), &declared) {
            // If the file contradicts its meta information, the data set itself decides.
            (Some(seen), _) => seen,
            (None, Some(declared)) => declared.encoding(),
            (None, None) if element::looks_explicit(&data, 0) => Encoding::EXPLICIT,
            (None, None) => Encoding::IMPLICIT,
        };
        let syntax = declared.unwrap_or(TransferSyntax::of_encoding(encoding));
        Ok(File {
            data,
            encoding,
            syntax,
            media_storage_sop_class: meta.text(MEDIA_STORAGE_SOP_CLASS_UID),
            budget,
            _inflated: inflated,
        })
    }

    pub fn data_set(&self) -> Result<DataSet<'_>, Problem> {
        DataSet::read(&self.data, self.encoding, Some(self.budget))
    }

    /// Whether numbers are big-endian.
    pub fn is_big_endian(&self) -> bool {
        self.encoding.big_endian
    }
}

/// Whether `DICM` follows the preamble.
pub(super) fn has_preamble(bytes: &[u8]) -> bool {
    bytes.get(PREAMBLE..PREAMBLE + MAGIC.len()) == Some(MAGIC)
}

/// Whether bytes without `DICM` are a data set: elements in ascending order, the first of which belongs to group 2
/// or 8.
pub(super) fn detect(bytes: &[u8]) -> bool {
    let Some(encoding) = sniff(bytes) else {
        return false;
    };
    let Some(first) = element::header(bytes, 0, encoding) else {
        return false;
    };
    let Some(length) = first.length else {
        return false;
    };
    match first.value.checked_add(length) {
        Some(end) if end == bytes.len() => true,
        Some(end) => element::header(bytes, end, encoding).is_some_and(|second| {
            second.tag > first.tag && (second.tag.0 <= 0x0020 || second.tag.0 == 0xfffe)
        }),
        None => false,
    }
}

/// Guesses the encoding from the first element: it must be of group 2 or 8, with a known value representation or a
/// length that fits.
fn sniff(bytes: &[u8]) -> Option<Encoding> {
    let first = bytes.first_chunk::<8>()?;
    let big_endian = match first[..2] {
        [2..=8, 0] => false,
        [0, 2..=8] => true,
        _ => return None,
    };
    let explicit = element::looks_explicit(bytes, 0);
    let encoding = Encoding {
        explicit,
        big_endian,
    };
    let header = element::header(bytes, 0, encoding)?;
    let fits = header.length.is_none_or(|length| length < bytes.len());
    fits.then_some(encoding)
}

/// The elements of group 2 and their total length. The length in (0002,0000) is ignored, because it is often wrong.
fn meta_information(bytes: &[u8]) -> Result<(DataSet<'_>, usize), Problem> {
    let encoding = match element::looks_explicit(bytes, 0) {
        true => Encoding::EXPLICIT,
        false => Encoding::IMPLICIT,
    };
    let mut at = 0;
    while let Some(header) = element::header(bytes, at, encoding) {
        if header.tag.0 != 0x0002 {
            break;
        }
        let length = header
            .length
            .ok_or_else(|| Problem::damaged("an element of its meta information has no length"))?;
        at = header
            .value
            .checked_add(length)
            .filter(|&end| end <= bytes.len())
            .ok_or(Problem::Truncated)?;
    }
    let meta = bytes.get(..at).unwrap_or_default();
    Ok((DataSet::read(meta, encoding, None)?, at))
}

/// Deflated data sets have no header of zlib (PS3.5 section A.5). They are inflated twice, the first time
/// into nothing: a vector that grows takes thrice its last size.
fn inflate<'b>(bytes: &[u8], budget: &'b Budget) -> Result<(Vec<u8>, Held<'b>), Problem> {
    let most = budget.limits().max_bytes / 2;
    let broken = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Problem::Truncated,
        _ => Problem::damaged("its deflated data set can't be inflated"),
    };
    let mut counted = DeflateDecoder::new(bytes).take(most + 1);
    let length = io::copy(&mut counted, &mut io::sink()).map_err(broken)?;
    // Both times.
    budget.step(2 * length / BYTES_PER_STEP)?;
    if length > most {
        return Err(Problem::TooMuchMemory(length));
    }
    let held = budget.hold(length)?;
    let mut inflated = Vec::with_capacity(length as usize);
    // It is read up to its end and no further, so that the vector does not grow.
    let mut decoder = DeflateDecoder::new(bytes).take(length);
    decoder.read_to_end(&mut inflated).map_err(broken)?;
    Ok((inflated, held))
}

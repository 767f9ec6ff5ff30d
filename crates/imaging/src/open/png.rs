//! The size of a PNG and whether it is complete, from its chunks (W3C PNG, section 5).
//!
//! The decoder tells a file that ends too early from a damaged one by its message only, and panics
//! on a palette that doesn't consist of whole colours.

use image::metadata::Orientation;

use super::Limits;
use crate::error::Error;
use crate::format::Format;
use crate::space::Size;

const SIGNATURE: usize = 8;
/// Bytes of a chunk's length, type and checksum.
const AROUND_DATA: usize = 12;

/// Checks the size in the header, the length of the palette, and that the chunks are complete up to `IEND`.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    let truncated = Error::Truncated {
        format: Format::Png,
        bytes: bytes.len(),
    };
    if let Some(size) = header_size(&bytes[bytes.len().min(SIGNATURE)..]) {
        limits.check(size)?;
    }
    for (name, data) in chunks(bytes) {
        match name {
            b"IEND" => return Ok(()),
            b"PLTE" if data.is_empty() || !data.len().is_multiple_of(3) => {
                return Err(broken_palette(data.len()));
            }
            _ => {}
        }
    }
    Err(truncated)
}

/// Memory that the decoder may take for what is compressed next to the pixels, up to a limit for each of the buffers: what
/// it unpacks, in a vector that grows.
pub(super) fn metadata_bytes(bytes: &[u8], most: u64) -> u64 {
    const MAX_RATIO: u64 = 1032;
    let compressed = chunks(bytes).filter(|(name, _)| matches!(*name, b"iCCP" | b"zTXt" | b"iTXt"));
    let unpacked = compressed.fold(0, |sum: u64, (_, data)| {
        sum.saturating_add((data.len() as u64).saturating_mul(MAX_RATIO))
    });
    2 * unpacked.min(most)
}

/// Names and data of the chunks, as far as they are whole.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = &bytes[bytes.len().min(SIGNATURE)..];
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk()?;
        let length = u32::from_be_bytes(*length) as usize;
        let (name, after) = after.split_first_chunk()?;
        let data = after.get(..length)?;
        rest = rest.get(length.checked_add(AROUND_DATA)?..)?;
        Some((name, data))
    })
}

/// A PNG's orientation, by the place where the file gives it.
pub(super) struct FoundOrientation {
    /// Orientation in the `eXIf` chunk, before or after the pixels (PNG 3, 11.3.5.1).
    pub exif: Option<Orientation>,
    /// Orientation other than upright (2 to 8) in a text chunk, which viewers ignore, and the name of that text.
    pub elsewhere: Option<(u8, &'static str)>,
}

/// Searches the chunks for an orientation.
pub(super) fn orientation(bytes: &[u8]) -> FoundOrientation {
    let mut result = FoundOrientation {
        exif: None,
        elsewhere: None,
    };
    for (name, data) in chunks(bytes) {
        let found = match name {
            b"eXIf" => {
                result.exif = result.exif.or(Orientation::from_exif_chunk(data));
                None
            }
            b"iTXt" => in_xmp(data).map(|orientation| (orientation, "XMP")),
            b"tEXt" => in_profile(data).map(|orientation| (orientation, "its Exif text")),
            _ => None,
        };
        result.elsewhere = result.elsewhere.or(found);
    }
    result
}

/// `tiff:Orientation` in an uncompressed XMP packet, as an attribute or an element.
fn in_xmp(text: &[u8]) -> Option<u8> {
    const NAME: &[u8] = b"tiff:Orientation";
    text.strip_prefix(b"XML:com.adobe.xmp\0")?;
    let at = text.windows(NAME.len()).position(|window| window == NAME)?;
    let after = text.get(at + NAME.len()..)?;
    let digit = after.iter().take(4).find(|byte| byte.is_ascii_digit())?;
    turned(digit - b'0')
}

/// Orientation in the Exif data that ImageMagick writes as text: a name, a length and hexadecimal digits.
fn in_profile(text: &[u8]) -> Option<u8> {
    let rest = text
        .strip_prefix(b"Raw profile type exif\0")
        .or_else(|| text.strip_prefix(b"Raw profile type APP1\0"))?;
    // Its first two lines are the name and the length.
    let mut lines = rest.trim_ascii_start().splitn(3, |byte| *byte == b'\n');
    let digits = lines
        .nth(2)?
        .iter()
        .filter_map(|byte| char::from(*byte).to_digit(16));
    let digits: Vec<u8> = digits.map(|digit| digit as u8).collect();
    let exif: Vec<u8> = digits
        .as_chunks::<2>()
        .0
        .iter()
        .map(|[high, low]| high << 4 | low)
        .collect();
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(&exif);
    turned(Orientation::from_exif_chunk(exif)?.to_exif())
}

fn turned(orientation: u8) -> Option<u8> {
    (2..=8).contains(&orientation).then_some(orientation)
}

fn broken_palette(bytes: usize) -> Error {
    Error::Damaged {
        format: Format::Png,
        reason: format!("its palette of {bytes} bytes is not made of whole colours"),
    }
}

/// The size in an `IHDR` chunk; the decoder complains if there is none.
fn header_size(chunk: &[u8]) -> Option<Size> {
    let chunk = chunk.first_chunk::<16>()?;
    let side = |at: usize| u32::from_be_bytes([0, 1, 2, 3].map(|i| chunk[at + i]));
    (&chunk[4..8] == b"IHDR").then(|| Size {
        width: side(8),
        height: side(12),
    })
}

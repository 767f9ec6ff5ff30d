//! The size of a PNG and whether it is complete, from its chunks (W3C PNG, section 5).
//!
//! The decoder tells a file that ends too early from a damaged one by its message only, and panics
//! on a palette that doesn't consist of whole colours.

use super::{Format, Limits};
use crate::error::Error;
use crate::space::Size;

const SIGNATURE: usize = 8;
/// Length, type and checksum of a chunk.
const AROUND_DATA: usize = 12;

/// Checks the size in the header, the length of the palette, and that the chunks go on to the last.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    let truncated = Error::Truncated {
        format: Format::Png,
        bytes: bytes.len(),
    };
    let mut rest = &bytes[bytes.len().min(SIGNATURE)..];
    if let Some(size) = header_size(rest) {
        limits.check(size)?;
    }
    while let Some([l3, l2, l1, l0, name @ ..]) = rest.first_chunk::<8>() {
        let length = u32::from_be_bytes([*l3, *l2, *l1, *l0]) as usize;
        let Some(behind) = rest.get(length.saturating_add(AROUND_DATA)..) else {
            break;
        };
        match name {
            b"IEND" => return Ok(()),
            b"PLTE" if length == 0 || !length.is_multiple_of(3) => {
                return Err(broken_palette(length));
            }
            _ => {}
        }
        rest = behind;
    }
    Err(truncated)
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

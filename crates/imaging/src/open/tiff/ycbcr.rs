//! YCbCr → RGB (TIFF 6.0, sections 20 and 21).

use super::directory::Directory;
use super::tags::{REFERENCE_BLACK_WHITE, YCBCR_COEFFICIENTS};

/// Bytes of a chunk with subsampled chroma: blocks of luma samples, each followed by its two chroma samples.
pub(super) fn packed_bytes([width, rows]: [u32; 2], [across, down]: [u32; 2]) -> usize {
    let blocks = width.div_ceil(across) as usize * rows.div_ceil(down) as usize;
    blocks * (across * down + 2) as usize
}

/// Expands such a chunk to three samples per pixel. Chroma is repeated, as in libtiff.
pub(super) fn unpacked(
    packed: &[u8],
    [width, rows]: [u32; 2],
    [across, down]: [u32; 2],
) -> Vec<u8> {
    let [width, rows, across, down] = [width, rows, across, down].map(|side| side as usize);
    let blocks = packed.chunks_exact(across * down + 2);
    let mut pixels = vec![0; width * rows * 3];
    let blocks_across = width.div_ceil(across);
    for (index, block) in blocks.enumerate() {
        let [left, top] = [index % blocks_across * across, index / blocks_across * down];
        let (lights, colours) = block.split_at(across * down);
        for (at, light) in lights.iter().enumerate() {
            let (x, y) = (left + at % across, top + at / across);
            if x < width && y < rows {
                let at = (y * width + x) * 3;
                pixels[at] = *light;
                pixels[at + 1..at + 3].copy_from_slice(colours);
            }
        }
    }
    pixels
}

/// Coefficients of the conversion to RGB.
pub(super) struct Conversion {
    red: f64,
    green: f64,
    blue: f64,
    /// Black and white levels of luma, then of the two chroma samples.
    reference: [f64; 6],
}

impl Conversion {
    /// JPEG's conversion, over the full range of levels (JFIF 1.02).
    pub const JPEG: Conversion = Conversion {
        red: 0.299,
        green: 0.587,
        blue: 0.114,
        reference: [0.0, 255.0, 128.0, 255.0, 128.0, 255.0],
    };

    /// The conversion of a directory; JPEG's is TIFF's default as well.
    pub fn of(directory: &Directory<'_>) -> Conversion {
        let mut conversion = Conversion::JPEG;
        if let &[red, green, blue] = directory.fractions(YCBCR_COEFFICIENTS).as_slice()
            && green > 0.0
        {
            (conversion.red, conversion.green, conversion.blue) = (red, green, blue);
        }
        let given = directory.fractions(REFERENCE_BLACK_WHITE);
        if let Some(given) = given.first_chunk::<6>()
            && given
                .as_chunks::<2>()
                .0
                .iter()
                .all(|[black, white]| white > black)
        {
            conversion.reference = *given;
        }
        conversion
    }

    pub fn rgb(&self, [y, cb, cr]: [u8; 3]) -> [u8; 3] {
        let [y0, y1, cb0, cb1, cr0, cr1] = self.reference;
        let scaled = |code: u8, zero: f64, full: f64, range: f64| {
            (f64::from(code) - zero) * range / (full - zero)
        };
        let y = scaled(y, y0, y1, 255.0);
        let (cb, cr) = (scaled(cb, cb0, cb1, 127.0), scaled(cr, cr0, cr1, 127.0));
        let red = y + cr * (2.0 - 2.0 * self.red);
        let blue = y + cb * (2.0 - 2.0 * self.blue);
        let green = (y - self.red * red - self.blue * blue) / self.green;
        // `as` clamps to 0 and 255.
        [red, green, blue].map(|level| level.round() as u8)
    }
}

//! Converts samples to RGB (DICOM PS3.3 C.7.6.3.1.2).

use super::layout::{Photometric, PixelLayout, Samples};
use super::pixels::Frame;
use super::problem::Problem;

/// Converts Y, Cb and Cr to RGB; the last argument is the largest value of each.
type Conversion = fn([f64; 3], f64) -> [f64; 3];

/// RGB samples of each pixel, as unsigned numbers of the stored bits.
pub(super) fn rgb<'f>(
    frame: &'f Frame<'_>,
    layout: &PixelLayout,
) -> Result<impl Iterator<Item = [u32; 3]> + use<'f>, Problem> {
    let (sample, pixels) = (sample_of(frame), layout.pixels());
    let (is_halved, is_planar) = (frame.photometric.is_halved(), frame.planar);
    let samples = match is_halved {
        true => 4 * pixels.div_ceil(2),
        false => 3 * pixels,
    };
    if frame.cells.len() < samples * width(frame) {
        return Err(Problem::damaged("its colours are fewer than its pixels"));
    }
    let places = move |pixel: usize| match (is_halved, is_planar) {
        // Two pixels are stored as `Y Y Cb Cr`.
        (true, _) => {
            let pair = pixel / 2 * 4;
            [pair + pixel % 2, pair + 2, pair + 3]
        }
        (false, true) => [pixel, pixels + pixel, 2 * pixels + pixel],
        (false, false) => [3 * pixel, 3 * pixel + 1, 3 * pixel + 2],
    };
    let largest = largest(frame.samples);
    let convert: Option<Conversion> = match frame.photometric {
        Photometric::YbrFull | Photometric::YbrFull422 => Some(full),
        Photometric::YbrPartial422 | Photometric::YbrPartial => Some(partial),
        _ => None,
    };
    Ok((0..pixels).map(move |pixel| {
        let colour = places(pixel).map(&sample);
        let Some(convert) = convert else {
            return colour;
        };
        // Rounded.
        convert(colour.map(f64::from), largest).map(|x| (x.clamp(0.0, largest) + 0.5) as u32)
    }))
}

/// Whether [`put_full`] converts a frame: interleaved YBR_FULL of 8 bits, as most loops are.
pub(super) fn is_full_of_8_bits(frame: &Frame<'_>) -> bool {
    let is_plain = matches!(
        frame.samples,
        Samples::Integers {
            allocated: 8,
            stored: 8,
            ..
        }
    );
    is_plain && frame.photometric == Photometric::YbrFull && !frame.planar
}

/// The conversion of [`rgb`] with products from a table. Returns how many samples there were.
pub(super) fn put_full(frame: &Frame<'_>, into: &mut [u8]) -> usize {
    let products = |factor: f64| -> [f64; 256] {
        std::array::from_fn(|level| factor * (level as f64 - 128.0))
    };
    let [red_cr, green_cb, green_cr, blue_cb] = [RED_CR, GREEN_CB, GREEN_CR, BLUE_CB].map(products);
    let rounded = |level: f64| (level.clamp(0.0, 255.0) + 0.5) as u8;
    let pixels = frame.cells.as_chunks().0.iter();
    let mut count = 0;
    for (rgb, &[y, cb, cr]) in into.as_chunks_mut().0.iter_mut().zip(pixels) {
        let (y, cb, cr) = (f64::from(y), usize::from(cb), usize::from(cr));
        *rgb = [
            rounded(y + red_cr[cr]),
            rounded(y - green_cb[cb] - green_cr[cr]),
            rounded(y + blue_cb[cb]),
        ];
        count += 3;
    }
    count
}

/// Samples of the frame's cells as unsigned numbers, without the bits outside the stored ones.
pub(super) fn unsigned<'f>(frame: &'f Frame<'_>) -> impl Iterator<Item = u32> + use<'f> {
    (0..frame.cells.len() / width(frame)).map(sample_of(frame))
}

/// Bytes per cell.
fn width(frame: &Frame<'_>) -> usize {
    match frame.samples {
        Samples::Integers { allocated, .. } => (allocated / 8).max(1) as usize,
        Samples::F32 => 4,
        Samples::F64 => 8,
    }
}

/// Largest value of an unsigned sample.
fn largest(samples: Samples) -> f64 {
    match samples {
        Samples::Integers { stored, .. } => f64::from(u32::MAX >> (32 - stored)),
        Samples::F32 | Samples::F64 => f64::from(u32::MAX),
    }
}

/// Returns a function that reads the sample in a cell.
fn sample_of<'f>(frame: &'f Frame<'_>) -> impl Fn(usize) -> u32 + use<'f> {
    let width = width(frame);
    let (shift, mask) = match frame.samples {
        Samples::Integers { stored, high, .. } => (high + 1 - stored, u32::MAX >> (32 - stored)),
        Samples::F32 | Samples::F64 => (0, u32::MAX),
    };
    let cells = &frame.cells[..];
    move |at| {
        if width == 1 {
            return u32::from(cells.get(at).copied().unwrap_or_default()) >> shift & mask;
        }
        let cell = cells.get(at * width..(at + 1) * width);
        let bytes = cell.unwrap_or_default().iter().rev();
        bytes.fold(0u32, |sum, &byte| sum << 8 | u32::from(byte)) >> shift & mask
    }
}

const RED_CR: f64 = 1.402;
const GREEN_CB: f64 = 0.114 * 1.772 / 0.587;
const GREEN_CR: f64 = 0.299 * 1.402 / 0.587;
const BLUE_CB: f64 = 1.772;

/// YBR_FULL: ITU-R BT.601 over the full range (PS3.3 C.7.6.3.1.2).
fn full([y, cb, cr]: [f64; 3], largest: f64) -> [f64; 3] {
    let middle = (largest + 1.0) / 2.0;
    let (cb, cr) = (cb - middle, cr - middle);
    [
        y + RED_CR * cr,
        y - GREEN_CB * cb - GREEN_CR * cr,
        y + BLUE_CB * cb,
    ]
}

/// YBR_PARTIAL: with 8 bits, Y is 16 to 235, and Cb and Cr are 16 to 240.
fn partial([y, cb, cr]: [f64; 3], largest: f64) -> [f64; 3] {
    let unit = (largest + 1.0) / 256.0;
    let middle = 128.0 * unit;
    let of = |value: f64, zero: f64, range: f64| (value - zero) / (range * unit) * largest;
    let whole = [
        of(y, 16.0 * unit, 219.0),
        of(cb, middle, 224.0) + middle,
        of(cr, middle, 224.0) + middle,
    ];
    full(whole, largest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    /// Each level of one sample next to some of the others.
    #[test]
    fn the_table_has_the_formulas_levels() {
        let levels = [0u8, 1, 16, 77, 127, 128, 129, 200, 254, 255];
        let pixels = (0..=255).flat_map(|level| {
            levels.iter().flat_map(move |&other| {
                [
                    [level, other, 255 - other],
                    [other, level, other],
                    [other, other, level],
                ]
            })
        });
        let cells: Vec<u8> = pixels.flatten().collect();
        let frame = Frame {
            samples: Samples::Integers {
                allocated: 8,
                stored: 8,
                high: 7,
                signed: false,
            },
            photometric: Photometric::YbrFull,
            planar: false,
            remarks: Vec::new(),
            held: None,
            cells: Cow::Owned(cells.clone()),
        };
        assert!(is_full_of_8_bits(&frame));
        let mut ours = vec![0; cells.len()];
        assert_eq!(put_full(&frame, &mut ours), cells.len());
        for (rgb, cells) in ours.as_chunks::<3>().0.iter().zip(cells.as_chunks::<3>().0) {
            let exact = full(cells.map(f64::from), 255.0);
            let exact = exact.map(|level| level.round().clamp(0.0, 255.0) as u8);
            assert_eq!(*rgb, exact, "{cells:?}");
        }
    }
}

//! Sequential Huffman-coded JPEG (ITU-T T.81 annex F): 12 bits, and 8 bits with chroma subsampling.

use std::borrow::Cow;

use super::jpeg::segment;
use super::jpeg_cosine::{cosines, inverse_cosine};
use super::jpeg_upsampling::Plane;
use crate::open::dicom::problem::Problem;
use crate::open::jpeg::huffman::{Bits, Table};
use crate::open::jpeg::markers::{Component, DHT, DQT, DRI, FrameHeader, SOS, restart_interval};

/// Position of each coefficient in zigzag order (T.81 figure A.6).
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

#[derive(Default)]
struct Tables {
    dc: [Option<Table>; 4],
    ac: [Option<Table>; 4],
    quantization: [Option<[f64; 64]>; 4],
    restart_interval: u32,
}

/// A component of a scan, with its tables and state.
struct Coded<'a> {
    index: usize,
    dc: &'a Table,
    ac: &'a Table,
    quantization: &'a [f64; 64],
    /// DC coefficient of the previous block.
    previous: i32,
    /// Blocks across and down in a minimum coded unit of the scan.
    blocks: [usize; 2],
}

/// A component's layout: the blocks in which it is coded, and the samples inside the image.
struct Shape {
    /// Image columns and rows per sample.
    factors: [usize; 2],
    width: usize,
    height: usize,
    /// Samples per row, including those that only fill blocks.
    stride: usize,
    rows: usize,
}

/// Decodes samples, interleaved by pixel, each as `of` gives it.
pub(super) fn decode<S: Copy + Default>(
    bytes: &[u8],
    frame: &FrameHeader,
    of: fn(u16) -> S,
) -> Result<Vec<S>, Problem> {
    let shapes = shapes(frame)?;
    let room = |shape: &Shape| vec![0; shape.stride * shape.rows];
    let mut coded: Vec<Vec<u16>> = shapes.iter().map(room).collect();
    let mut tables = Tables::default();
    let mut done = vec![false; shapes.len()];
    let mut at = 0;
    while done.contains(&false) {
        let segment = segment(bytes, at)?;
        at = segment.end;
        match segment.marker {
            DHT => {
                for (class, place, table) in Table::of_segment(segment.payload)? {
                    let of_class = if class == 0 {
                        &mut tables.dc
                    } else {
                        &mut tables.ac
                    };
                    if let Some(slot) = of_class.get_mut(usize::from(place)) {
                        *slot = Some(table);
                    }
                }
            }
            DQT => read_quantization(segment.payload, &mut tables)?,
            DRI => tables.restart_interval = restart_interval(segment.payload),
            SOS => {
                let mut components = scan(segment.payload, frame, &tables)?;
                let mut bits = Bits::new(bytes, at);
                decode_scan(
                    &mut bits,
                    &mut components,
                    frame,
                    &shapes,
                    &tables,
                    &mut coded,
                )?;
                at = bits.position();
                components.iter().for_each(|of| done[of.index] = true);
            }
            _ => {}
        }
    }
    Ok(interleaved(frame, &shapes, coded, of))
}

/// Layouts of the components (T.81 sections A.1.1 and A.2).
fn shapes(frame: &FrameHeader) -> Result<Vec<Shape>, Problem> {
    let parts = |of: fn(&Component) -> u8| frame.components.iter().map(move |c| usize::from(of(c)));
    let max = |of| parts(of).max().unwrap_or(1);
    let max = [max(|c| c.horizontal), max(|c| c.vertical)];
    let size = [usize::from(frame.columns), usize::from(frame.rows)];
    // A single component is coded in just the blocks that it needs, whatever its sampling factors.
    let is_alone = frame.components.len() == 1;
    let shape = |component: &Component| {
        let own = match is_alone {
            true => max,
            false => [component.horizontal, component.vertical].map(usize::from),
        };
        let is_whole = |axis: usize| own[axis] > 0 && max[axis] <= 4 && max[axis] % own[axis] == 0;
        if !(is_whole(0) && is_whole(1)) {
            return Err(Problem::Unsupported(
                "a DICOM file with JPEG data whose colours have odd resolutions".to_owned(),
            ));
        }
        let samples = |axis: usize| (size[axis] * own[axis]).div_ceil(max[axis]);
        let padded = |axis: usize| size[axis].div_ceil(8 * max[axis]) * 8 * own[axis];
        Ok(Shape {
            factors: [max[0] / own[0], max[1] / own[1]],
            width: samples(0),
            height: samples(1),
            stride: padded(0),
            rows: padded(1),
        })
    };
    frame.components.iter().map(shape).collect()
}

fn interleaved<S: Copy + Default>(
    frame: &FrameHeader,
    shapes: &[Shape],
    coded: Vec<Vec<u16>>,
    of: fn(u16) -> S,
) -> Vec<S> {
    let (columns, rows) = (usize::from(frame.columns), usize::from(frame.rows));
    let channels = shapes.len();
    let mut samples = vec![S::default(); columns * rows * channels];
    for (channel, (shape, coded)) in shapes.iter().zip(coded).enumerate() {
        let plane = Plane {
            width: shape.width,
            height: shape.height,
            stride: shape.stride,
            samples: &coded,
        };
        for (y, line) in samples.chunks_mut((columns * channels).max(1)).enumerate() {
            let row = match shape.factors {
                [1, 1] => Cow::Borrowed(plane.row(y)),
                factors => Cow::Owned(plane.upsampled_row(y, factors, columns)),
            };
            let places = line.iter_mut().skip(channel).step_by(channels);
            let row = row.iter().copied();
            places
                .zip(row)
                .for_each(|(place, sample)| *place = of(sample));
        }
    }
    samples
}

/// Reads a `DQT` segment (T.81 section B.2.4.1).
fn read_quantization(payload: &[u8], tables: &mut Tables) -> Result<(), Problem> {
    let mut rest = payload;
    while let Some((&place, after)) = rest.split_first() {
        let width = if place >> 4 == 0 { 1 } else { 2 };
        let (values, after) = after
            .split_at_checked(64 * width)
            .ok_or(Problem::Truncated)?;
        rest = after;
        let mut table = [0.0; 64];
        for (value, &at) in values.chunks(width).zip(&ZIGZAG) {
            let value = value
                .iter()
                .fold(0u32, |sum, &byte| sum << 8 | u32::from(byte));
            table[usize::from(at)] = value.into();
        }
        if let Some(slot) = tables.quantization.get_mut(usize::from(place & 15)) {
            *slot = Some(table);
        }
    }
    Ok(())
}

fn scan<'a>(
    payload: &[u8],
    frame: &FrameHeader,
    tables: &'a Tables,
) -> Result<Vec<Coded<'a>>, Problem> {
    let broken = || Problem::damaged("a scan header of its JPEG data is broken");
    let (&count, rest) = payload.split_first().ok_or_else(broken)?;
    let selectors = rest.get(..2 * usize::from(count)).ok_or_else(broken)?;
    let component = |&[id, places]: &[u8; 2]| {
        let index = frame.components.iter().position(|c| c.id == id)?;
        let quantization = usize::from(frame.components[index].quantization);
        Some(Coded {
            index,
            dc: tables.dc.get(usize::from(places >> 4))?.as_ref()?,
            ac: tables.ac.get(usize::from(places & 15))?.as_ref()?,
            quantization: tables.quantization.get(quantization)?.as_ref()?,
            previous: 0,
            blocks: [1, 1],
        })
    };
    let components: Option<Vec<_>> = selectors.as_chunks().0.iter().map(component).collect();
    let components = components.filter(|components| !components.is_empty());
    components.ok_or_else(broken)
}

/// Decodes a scan (T.81 sections A.2.2 and A.2.3): a single component's blocks row by row, several components' blocks
/// interleaved in minimum coded units.
fn decode_scan(
    bits: &mut Bits<'_>,
    components: &mut [Coded<'_>],
    frame: &FrameHeader,
    shapes: &[Shape],
    tables: &Tables,
    coded: &mut [Vec<u16>],
) -> Result<(), Problem> {
    let cosines = cosines();
    let middle = f64::from(1u32 << (frame.precision - 1));
    let units = units(components, frame, shapes);
    let (mut left, mut markers) = (tables.restart_interval, 0);
    for unit in 0..units[0] * units[1] {
        if tables.restart_interval > 0 {
            if left == 0 {
                bits.restart(markers)?;
                markers += 1;
                left = tables.restart_interval;
                components.iter_mut().for_each(|of| of.previous = 0);
            }
            left -= 1;
        }
        let unit = [unit % units[0], unit / units[0]];
        for of in &mut *components {
            let stride = shapes[of.index].stride;
            for block in 0..of.blocks[0] * of.blocks[1] {
                let at = [block % of.blocks[0], block / of.blocks[0]];
                let [left, top] = [0, 1].map(|axis| 8 * (unit[axis] * of.blocks[axis] + at[axis]));
                let coefficients = coefficients(bits, of)?;
                let sample = |value: f64| (value + middle).round().clamp(0.0, 2.0 * middle - 1.0);
                let is_flat = coefficients[1..]
                    .iter()
                    .all(|&coefficient| coefficient == 0.0);
                let flat = sample(coefficients[0] * cosines[0][0] * cosines[0][0]) as u16;
                let values = match is_flat {
                    true => [flat; 64],
                    false => inverse_cosine(&coefficients, &cosines).map(|x| sample(x) as u16),
                };
                for (row, values) in values.as_chunks::<8>().0.iter().enumerate() {
                    let first = (top + row) * stride + left;
                    if let Some(places) = coded[of.index].get_mut(first..first + 8) {
                        places.copy_from_slice(values);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Number of minimum coded units across and down; also sets the number of each component's blocks in one.
fn units(components: &mut [Coded<'_>], frame: &FrameHeader, shapes: &[Shape]) -> [usize; 2] {
    if let [only] = components {
        let shape = &shapes[only.index];
        only.blocks = [1, 1];
        return [shape.width.div_ceil(8), shape.height.div_ceil(8)];
    }
    let mut units = [0, 0];
    for of in components {
        let Component {
            horizontal,
            vertical,
            ..
        } = frame.components[of.index];
        of.blocks = [usize::from(horizontal), usize::from(vertical)];
        let shape = &shapes[of.index];
        units = [
            shape.stride / 8 / of.blocks[0],
            shape.rows / 8 / of.blocks[1],
        ];
    }
    units
}

/// Decodes and dequantizes the coefficients of a block (T.81 section F.2.2).
fn coefficients(bits: &mut Bits<'_>, coded: &mut Coded<'_>) -> Result<[f64; 64], Problem> {
    let mut block = [0.0; 64];
    let size = bits.value(coded.dc)?;
    coded.previous = coded.previous.wrapping_add(bits.extended(size)?);
    block[0] = f64::from(coded.previous) * coded.quantization[0];
    let mut at = 1;
    while at < 64 {
        let code = bits.value(coded.ac)?;
        let (zeros, size) = (usize::from(code >> 4), code & 15);
        match (zeros, size) {
            (15, 0) => at += 16,
            (_, 0) => break,
            _ => {
                at += zeros;
                let value = bits.extended(size)?;
                let Some(&place) = ZIGZAG.get(at) else {
                    return Err(Problem::damaged("a block of its JPEG data is too long"));
                };
                let place = usize::from(place);
                block[place] = f64::from(value) * coded.quantization[place];
                at += 1;
            }
        }
    }
    Ok(block)
}

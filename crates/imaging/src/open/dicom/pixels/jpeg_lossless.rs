//! JPEG lossless (ITU-T T.81 annex H): process 14, all predictors, 2 to 16 bits.

use super::jpeg::segment;
use crate::open::dicom::problem::Problem;
use crate::open::jpeg::entropy::Doubts;
use crate::open::jpeg::huffman::{Bits, Table};
use crate::open::jpeg::markers::{DHT, DRI, FrameHeader, SOS, restart_interval};

/// The current scan (T.81 section B.2.3).
struct Scan {
    /// For each component, its index in the frame and its Huffman table.
    components: Vec<(usize, Table)>,
    predictor: u8,
    point_transform: u8,
}

/// Decodes samples, interleaved by pixel; also returns faults of the data that don't prevent decoding.
pub(super) fn decode(bytes: &[u8], frame: &FrameHeader) -> Result<(Vec<u16>, Doubts), Problem> {
    if frame
        .components
        .iter()
        .any(|c| (c.horizontal, c.vertical) != (1, 1))
    {
        return Err(Problem::Unsupported(
            "a DICOM file with lossless JPEG data of subsampled colours".to_owned(),
        ));
    }
    let channels = frame.components.len();
    let pixels = usize::from(frame.rows) * usize::from(frame.columns);
    let mut samples = vec![0; pixels * channels];
    let mut tables: [Option<Table>; 4] = [None, None, None, None];
    let mut interval = 0;
    let mut doubts = Doubts::default();
    let mut at = 0;
    let mut done = vec![false; channels];
    while done.contains(&false) {
        let segment = segment(bytes, at)?;
        at = segment.end;
        match segment.marker {
            DHT => {
                for (_, place, table) in Table::of_segment(segment.payload)? {
                    if let Some(slot) = tables.get_mut(usize::from(place)) {
                        *slot = Some(table);
                    }
                }
            }
            DRI => interval = restart_interval(segment.payload),
            SOS => {
                let scan = scan(segment.payload, frame, &tables)?;
                let mut bits = Bits::new(bytes, at);
                let impossible = decode_scan(&mut bits, &scan, frame, interval, &mut samples)?;
                doubts.impossible_parts += impossible;
                doubts.surplus_bytes += bits.finish();
                at = bits.position();
                for (component, _) in &scan.components {
                    done[*component] = true;
                }
            }
            _ => {}
        }
    }
    Ok((samples, doubts))
}

fn scan(payload: &[u8], frame: &FrameHeader, tables: &[Option<Table>; 4]) -> Result<Scan, Problem> {
    let broken = || Problem::damaged("a scan header of its JPEG data is broken");
    let (&count, rest) = payload.split_first().ok_or_else(broken)?;
    let (selectors, rest) = rest
        .split_at_checked(2 * usize::from(count))
        .ok_or_else(broken)?;
    let &[predictor, _, transforms] = rest.first_chunk().ok_or_else(broken)?;
    let component = |&[id, places]: &[u8; 2]| {
        let index = frame.components.iter().position(|c| c.id == id)?;
        let table = tables.get(usize::from(places >> 4))?.clone()?;
        Some((index, table))
    };
    let components: Option<Vec<_>> = selectors.as_chunks().0.iter().map(component).collect();
    let scan = Scan {
        components: components.ok_or_else(broken)?,
        predictor,
        point_transform: transforms & 15,
    };
    let is_sound = !scan.components.is_empty()
        && (1..=7).contains(&scan.predictor)
        && scan.point_transform < frame.precision;
    is_sound.then_some(scan).ok_or_else(broken)
}

/// Decodes a scan into `samples`; returns the number of samples that exceed the precision.
fn decode_scan(
    bits: &mut Bits<'_>,
    scan: &Scan,
    frame: &FrameHeader,
    restart_interval: u32,
    samples: &mut [u16],
) -> Result<usize, Problem> {
    let channels = frame.components.len();
    let columns = usize::from(frame.columns);
    let end = 1i32 << (frame.precision - scan.point_transform);
    let mut impossible = 0;
    let first = 1i32 << (frame.precision - scan.point_transform - 1);
    let (mut left, mut markers) = (restart_interval, 0);
    // In the first row, also after a restart, nothing above is used.
    let mut is_first_row = true;
    for row in 0..usize::from(frame.rows) {
        // After a restart nothing to the left is used either.
        let mut begins = true;
        for column in 0..columns {
            if restart_interval > 0 {
                if left == 0 {
                    bits.restart(markers)?;
                    markers += 1;
                    left = restart_interval;
                    (is_first_row, begins) = (true, true);
                }
                left -= 1;
            }
            for (component, table) in &scan.components {
                let at = (row * columns + column) * channels + component;
                let before = |back: usize| at.checked_sub(back).map_or(0, |at| samples[at].into());
                let prediction = match (is_first_row, begins) {
                    (true, true) => first,
                    (true, false) => before(channels),
                    (false, true) => before(columns * channels),
                    (false, false) => predict(
                        scan.predictor,
                        before(channels),
                        before(columns * channels),
                        before((columns + 1) * channels),
                    ),
                };
                let difference = match bits.value(table)? {
                    16 => 32_768,
                    size => bits.extended(size)?,
                };
                let sample = (prediction + difference) & 0xffff;
                impossible += usize::from(sample >= end);
                samples[at] = sample as u16;
            }
            begins = false;
        }
        is_first_row = false;
    }
    shift(scan, channels, samples);
    Ok(impossible)
}

/// Reverses the point transform (T.81 section A.4).
fn shift(scan: &Scan, channels: usize, samples: &mut [u16]) {
    if scan.point_transform == 0 {
        return;
    }
    for (component, _) in &scan.components {
        for sample in samples.iter_mut().skip(*component).step_by(channels) {
            *sample <<= scan.point_transform;
        }
    }
}

/// Predicts a sample (T.81 table H.1): `a` is to the left, `b` above, `c` above and to the left.
fn predict(predictor: u8, a: i32, b: i32, c: i32) -> i32 {
    match predictor {
        1 => a,
        2 => b,
        3 => c,
        4 => a + b - c,
        5 => a + ((b - c) >> 1),
        6 => b + ((a - c) >> 1),
        _ => (a + b) / 2,
    }
}

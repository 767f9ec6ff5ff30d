//! Label maps: the layers of a segmentation as one map, and the guess whether values are labels.

use std::collections::HashMap;
use std::io::{self, Read};

use super::data::{self, Names, Stream};
use super::{VolumePick, described, header_in};
use crate::error::Error;
use crate::open::budget::Budget;
use crate::open::entry::Entry;
use crate::open::samples::Number;
use crate::scan::{Rescale, Scan, Source, Voxels};

/// Opens all layers of a segmentation as one scan, whose voxels have the number of the segment, counted from 1; `None`
/// for a file with one layer, or none.
///
/// # Errors
///
/// [`Error::SegmentsOverlap`]; those of opening a layer.
pub(in crate::open) fn label_map(
    files: &[Entry<'_>],
    pick: &VolumePick,
    budget: &Budget,
) -> Result<Option<Scan>, Error> {
    let mut header = header_in(files, pick.header, pick.format, budget)?;
    if header.segments.is_empty() || header.channels < 2 || header.volumes != 1 {
        return Ok(None);
    }
    let spent = |spent: crate::open::budget::Spent| spent.error(pick.format);
    let names = Names::of(files);
    let sources = data::sources(
        files,
        pick.header,
        &header.data,
        pick.format,
        &names,
        budget,
    )?;
    let mut segments = std::mem::take(&mut header.segments);
    budget.keep(64 * segments.len() as u64).map_err(spent)?;
    let numbers: HashMap<(u64, u64), u16> = (1..=u16::MAX)
        .zip(&segments)
        .map(|(number, segment)| ((segment.layer.into(), segment.label.into()), number))
        .collect();
    let voxels = header.voxels();
    budget.keep(2 * voxels).map_err(spent)?;
    let mut labels = {
        let mut stream = Stream::new(files, &sources, &header, budget)?;
        stream.ask(Some(0), header.all_bytes().unwrap_or(u64::MAX))?;
        let of_voxels = Layers {
            size: header.number.bytes() as usize,
            big_endian: data::stream_order(&header),
            layers: header.channels,
            numbers: &numbers,
        };
        if !is_whole(header.number) {
            return Ok(None);
        }
        let read = of_voxels.read(&mut stream, voxels);
        let labels = read.map_err(|error| stream.explain(error))??;
        stream.finish()?;
        labels
    };
    labels.shrink_to_fit();
    for (number, segment) in (1..).zip(&mut segments) {
        (segment.label, segment.layer) = (number, 0);
    }
    let (grid, about) = described(header);
    let rescales = vec![Rescale::IDENTITY];
    let mut scan = Scan::new(grid, Voxels::U16(labels), rescales, about, Source::Raster)?;
    scan.segments = segments;
    Ok(Some(scan))
}

fn is_whole(number: Number) -> bool {
    matches!(
        number,
        Number::U8 | Number::I8 | Number::U16 | Number::I16 | Number::U32 | Number::I32
    )
}

/// The layers of a voxel, next to each other.
struct Layers<'n> {
    size: usize,
    big_endian: bool,
    layers: u64,
    /// The number of the segment with a layer and a label.
    numbers: &'n HashMap<(u64, u64), u16>,
}

impl Layers<'_> {
    fn read(&self, stream: &mut impl Read, voxels: u64) -> io::Result<Result<Vec<u16>, Error>> {
        let mut labels = Vec::with_capacity(voxels as usize);
        let mut stream = io::BufReader::new(stream);
        let mut bytes = [0; 8];
        for _ in 0..voxels {
            let mut label = 0;
            for layer in 0..self.layers {
                let stored = bytes.get_mut(..self.size).unwrap_or_default();
                stream.read_exact(stored)?;
                if self.big_endian {
                    stored.reverse();
                }
                let value = u64::from_le_bytes(bytes);
                bytes = [0; 8];
                if value == 0 {
                    continue;
                }
                let number = self.numbers.get(&(layer, value)).copied().unwrap_or(0);
                match (label, number) {
                    (_, 0) => {}
                    (0, _) => label = number,
                    (a, b) => return Ok(Err(Error::SegmentsOverlap { a, b })),
                }
            }
            labels.push(label);
        }
        Ok(Ok(labels))
    }
}

/// Of the neighbours in a row of which one has a label, as many are equal in a label map. Images of 8 bits are below a
/// half, even where their background is 0.
const MIN_EQUAL: f64 = 0.6;
/// Voxels that are looked at.
const MAX_VOXELS: usize = 1 << 22;
/// Labels that a map has.
const MAX_LABEL: f64 = 65_535.0;

fn are_whole(scan: &Scan) -> bool {
    matches!(
        scan.voxels(),
        Voxels::U8(_)
            | Voxels::I8(_)
            | Voxels::U16(_)
            | Voxels::I16(_)
            | Voxels::U32(_)
            | Voxels::I32(_)
    )
}

/// Images have more different values than this, even if they are dark.
const MAX_FEW: usize = 32;

/// Whether whole numbers are so few that they can only be labels, as in a mask of a small lesion, whose neighbours differ.
pub(in crate::open) fn are_few(scan: &Scan) -> bool {
    if !are_whole(scan) {
        return false;
    }
    let mut is_there = vec![false; MAX_LABEL as usize + 1];
    let mut count = 0;
    for index in 0..scan.voxels().len() {
        let value = scan.voxels().grey(index);
        let Some(value) = value.filter(|value| (0.0..=MAX_LABEL).contains(value)) else {
            return false;
        };
        if value != 0.0
            && let Some(is_there) = is_there.get_mut(value as usize)
            && !std::mem::replace(is_there, true)
        {
            count += 1;
            if count > MAX_FEW {
                return false;
            }
        }
    }
    count > 0
}

/// Whether whole numbers look like those of labels: several of them, and most neighbours are equal. A mask of one value is
/// one too.
pub(in crate::open) fn are_likely(scan: &Scan) -> bool {
    let columns = scan.grid().columns as usize;
    if !are_whole(scan) || columns < 2 {
        return false;
    }
    let count = scan.voxels().len();
    // Whole rows, spread over the scan.
    let rows = count / columns;
    let step = (count / MAX_VOXELS + 1) | 1;
    let (mut pairs, mut equal, mut labelled) = (0u64, 0u64, 0u64);
    for row in (0..rows).step_by(step) {
        let mut before = None;
        for index in row * columns..(row + 1) * columns {
            let Some(value) = scan.voxels().grey(index) else {
                return false;
            };
            // A label may be too large, which opening it says.
            if value < 0.0 {
                return false;
            }
            labelled += u64::from(value != 0.0);
            if let Some(before) = before.filter(|before| *before != 0.0 || value != 0.0) {
                pairs += 1;
                equal += u64::from(before == value);
            }
            before = Some(value);
        }
    }
    labelled > 0 && pairs > 0 && equal as f64 >= MIN_EQUAL * pairs as f64
}

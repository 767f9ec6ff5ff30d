//! Whether the entropy-coded data of a JPEG are whole: they are read as a decoder reads them, without making pixels
//! (ITU-T T.81 annexes F and G).
//!
//! `zune-jpeg` fills what it can't decode with grey and reports nothing, in its strict mode too where a marker comes too
//! early; grey on a scan would be taken for tissue. Huffman codes fall into step again soon after a fault, so that most
//! faults show at the end only: data are left over, or missing.

use super::fault::Fault;
use super::huffman::{Bits, Table};
use super::markers::{DHT, DQT, DRI, FrameHeader, SOS, restart_interval, segment};
use super::progressive;

/// Scans of one image that are read; `zune-jpeg` reads no more either.
const MAX_SCANS: u32 = 100;

/// What was found in data that can be decoded to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::open) struct Doubts {
    /// Whole bytes that no pixel needed.
    pub surplus_bytes: usize,
    /// Blocks whose coefficients no samples can have, or samples of more bits than there are.
    pub impossible_parts: usize,
    /// A progressive image lacks scans, so that it has less detail than it was made with.
    pub lacks_scans: bool,
}

impl Doubts {
    /// What the user should know; `None` where nothing is wrong.
    pub fn text(&self) -> Option<String> {
        let found = match (self.surplus_bytes, self.impossible_parts) {
            (0, 0) if self.lacks_scans => {
                let text = "The JPEG data end before the last scan: the image has less detail than it was saved with.";
                return Some(text.to_owned());
            }
            (0, 0) => return None,
            (0, parts) => format!("{parts} of their parts have values that no image has"),
            (bytes, _) => format!("{bytes} of their bytes belong to no pixel"),
        };
        Some(format!(
            "The JPEG data seem to be damaged: {found}. Part of the image may be wrong."
        ))
    }
}

/// Tables and settings that hold for the scans to come.
#[derive(Default)]
pub(super) struct Tables {
    pub dc: [Option<Table>; 4],
    pub ac: [Option<Table>; 4],
    quantization: [Option<[u16; 64]>; 4],
    pub restart_interval: u32,
}

/// Blocks of a component across and down: those that it needs, and those of whole units of all components.
pub(super) struct Blocks {
    pub needed: [usize; 2],
    pub padded: [usize; 2],
}

/// A scan header (T.81 section B.2.3).
pub(super) struct Scan {
    /// Which components of the frame, and which tables they use for DC and AC.
    pub components: Vec<(usize, usize, usize)>,
    /// First and last coefficient.
    pub band: [usize; 2],
    /// Bits by which coefficients were shifted in the scan before of the band, and in this one.
    pub shifts: [u8; 2],
}

/// Reads all scans of an image with a discrete cosine transform and Huffman codes, of 8 or 12 bits. Of other
/// processes nothing is read.
///
/// # Errors
///
/// [`Fault`] where a decoder can't go on.
pub(in crate::open) fn check(bytes: &[u8]) -> Result<Doubts, Fault> {
    let mut tables = Tables::default();
    let mut frame: Option<(FrameHeader, Vec<Blocks>)> = None;
    let mut progress = None;
    let mut done = Vec::new();
    let mut doubts = Doubts::default();
    let (mut at, mut scans) = (0, 0);
    loop {
        let segment = match segment(bytes, at) {
            Ok(Some(segment)) => segment,
            Ok(None) => break,
            // Fragments of DICOM may lack the last marker.
            Err(_) if progress.is_none() && is_done(&done) => break,
            Err(fault) => return Err(fault),
        };
        at = segment.end;
        if let Some(header) = FrameHeader::of(&segment) {
            let header = header?;
            if header.process > 2 || !matches!(header.precision, 8 | 12) {
                return Ok(doubts);
            }
            let blocks = blocks(&header)?;
            done = vec![false; blocks.len()];
            progress = (header.process == 2).then(|| progressive::Progress::new(&blocks));
            frame = Some((header, blocks));
            continue;
        }
        match segment.marker {
            DHT => tables.read_huffman(segment.payload)?,
            DQT => tables.read_quantization(segment.payload)?,
            DRI => tables.restart_interval = restart_interval(segment.payload),
            SOS => {
                let missing = Fault::Damaged("the frame header is missing before the pixels");
                let (header, blocks) = frame.as_ref().ok_or(missing)?;
                let scan = scan(segment.payload, header)?;
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(Fault::Damaged("its JPEG data have more than 100 scans"));
                }
                let mut bits = Bits::new(bytes, at);
                match &mut progress {
                    Some(progress) => progress.read(&mut bits, &scan, header, blocks, &tables)?,
                    None => {
                        let impossible = sequential(&mut bits, &scan, header, blocks, &tables)?;
                        doubts.impossible_parts += impossible;
                    }
                }
                doubts.surplus_bytes += bits.finish();
                at = bits.position();
                for (component, ..) in &scan.components {
                    done[*component] = true;
                }
                if progress.is_none() && is_done(&done) {
                    break;
                }
            }
            _ => {}
        }
    }
    if !is_done(&done) {
        return Err(Fault::Truncated);
    }
    doubts.lacks_scans = progress.is_some_and(|progress| !progress.is_complete());
    Ok(doubts)
}

fn is_done(done: &[bool]) -> bool {
    !done.is_empty() && done.iter().all(|&done| done)
}

impl Tables {
    fn read_huffman(&mut self, payload: &[u8]) -> Result<(), Fault> {
        for (class, place, table) in Table::of_segment(payload)? {
            let of_class = match class {
                0 => &mut self.dc,
                _ => &mut self.ac,
            };
            if let Some(slot) = of_class.get_mut(usize::from(place)) {
                *slot = Some(table);
            }
        }
        Ok(())
    }

    /// In the order in which coefficients are coded (T.81 section B.2.4.1).
    fn read_quantization(&mut self, payload: &[u8]) -> Result<(), Fault> {
        let mut rest = payload;
        while let Some((&place, after)) = rest.split_first() {
            let width = if place >> 4 == 0 { 1 } else { 2 };
            let (values, after) = after.split_at_checked(64 * width).ok_or(Fault::Truncated)?;
            rest = after;
            let mut table = [0; 64];
            for (slot, value) in table.iter_mut().zip(values.chunks(width)) {
                *slot = value
                    .iter()
                    .fold(0, |sum, &byte| sum << 8 | u16::from(byte));
            }
            if let Some(slot) = self.quantization.get_mut(usize::from(place & 15)) {
                *slot = Some(table);
            }
        }
        Ok(())
    }

    pub fn dc(&self, place: usize) -> Result<&Table, Fault> {
        let table = self.dc.get(place).and_then(Option::as_ref);
        table.ok_or(Fault::Damaged("its JPEG data lack a Huffman table"))
    }

    pub fn ac(&self, place: usize) -> Result<&Table, Fault> {
        let table = self.ac.get(place).and_then(Option::as_ref);
        table.ok_or(Fault::Damaged("its JPEG data lack a Huffman table"))
    }
}

/// T.81 section A.1.1 and A.2.
fn blocks(frame: &FrameHeader) -> Result<Vec<Blocks>, Fault> {
    let factors = |component: &super::markers::Component| {
        [component.horizontal, component.vertical].map(usize::from)
    };
    let all: Vec<[usize; 2]> = frame.components.iter().map(factors).collect();
    let is_sound = |[across, down]: &[usize; 2]| (1..=4).contains(across) && (1..=4).contains(down);
    if all.is_empty() || !all.iter().all(is_sound) {
        return Err(Fault::Damaged("its JPEG frame header is broken"));
    }
    let most = [0, 1].map(|axis| all.iter().map(|own| own[axis]).max().unwrap_or(1));
    let size = [frame.columns, frame.rows].map(usize::from);
    let of = |own: &[usize; 2]| Blocks {
        needed: [0, 1].map(|axis| (size[axis] * own[axis]).div_ceil(most[axis]).div_ceil(8)),
        padded: [0, 1].map(|axis| size[axis].div_ceil(8 * most[axis]) * own[axis]),
    };
    Ok(all.iter().map(of).collect())
}

fn scan(payload: &[u8], frame: &FrameHeader) -> Result<Scan, Fault> {
    let read = || {
        let (&count, rest) = payload.split_first()?;
        let (selectors, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, shifts] = rest.first_chunk()?;
        let component = |&[id, places]: &[u8; 2]| {
            let index = frame.components.iter().position(|c| c.id == id)?;
            Some((index, usize::from(places >> 4), usize::from(places & 15)))
        };
        let components: Option<Vec<_>> = selectors.as_chunks().0.iter().map(component).collect();
        Some(Scan {
            components: components.filter(|components| !components.is_empty())?,
            band: [first, last.min(63)].map(usize::from),
            shifts: [shifts >> 4, shifts & 15],
        })
    };
    read().ok_or(Fault::Damaged("a scan header of its JPEG data is broken"))
}

/// Calls `block` with the index in the scan's list of components and the place of each block, in the order in which
/// they are coded (T.81 section A.2), and `restart` after each restart marker.
pub(super) fn each_block<S>(
    bits: &mut Bits<'_>,
    scan: &Scan,
    frame: &FrameHeader,
    blocks: &[Blocks],
    restart_interval: u32,
    state: &mut S,
    mut block: impl FnMut(&mut Bits<'_>, &mut S, usize, usize) -> Result<(), Fault>,
    mut restart: impl FnMut(&mut S),
) -> Result<(), Fault> {
    let is_alone = scan.components.len() == 1;
    let (first, ..) = scan.components[0];
    let factors = |component: usize| {
        let of = &frame.components[component];
        [of.horizontal, of.vertical].map(usize::from)
    };
    let units = match is_alone {
        true => blocks[first].needed,
        false => [0, 1].map(|axis| blocks[first].padded[axis] / factors(first)[axis]),
    };
    let (mut left, mut markers) = (restart_interval, 0);
    for unit in 0..units[0] * units[1] {
        if restart_interval > 0 {
            if left == 0 {
                bits.restart(markers)?;
                markers += 1;
                left = restart_interval;
                restart(state);
            }
            left -= 1;
        }
        let [x, y] = [unit % units[0], unit / units[0]];
        for (index, (component, ..)) in scan.components.iter().enumerate() {
            let [across, down] = if is_alone {
                [1, 1]
            } else {
                factors(*component)
            };
            for at in 0..across * down {
                let column = x * across + at % across;
                let row = y * down + at / across;
                let place = row * blocks[*component].padded[0] + column;
                block(bits, state, index, place)?;
            }
        }
    }
    Ok(())
}

/// Reads a scan of a sequential image; gives the number of impossible blocks.
fn sequential(
    bits: &mut Bits<'_>,
    scan: &Scan,
    frame: &FrameHeader,
    blocks: &[Blocks],
    tables: &Tables,
) -> Result<usize, Fault> {
    struct Coded<'t> {
        dc: &'t Table,
        ac: &'t Table,
        quantization: [f64; 64],
        most: f64,
        previous: i32,
    }
    let precision = frame.precision;
    let coded = |&(component, dc, ac): &(usize, usize, usize)| {
        let place = usize::from(frame.components[component].quantization);
        let table = tables.quantization.get(place).copied().flatten();
        let table = table.ok_or(Fault::Damaged("its JPEG data lack a quantization table"))?;
        let quantization = table.map(f64::from);
        Ok(Coded {
            dc: tables.dc(dc)?,
            ac: tables.ac(ac)?,
            most: most_energy(precision, &quantization),
            quantization,
            previous: 0,
        })
    };
    let coded: Result<Vec<Coded<'_>>, Fault> = scan.components.iter().map(coded).collect();
    let mut state = (coded?, 0);
    each_block(
        bits,
        scan,
        frame,
        blocks,
        tables.restart_interval,
        &mut state,
        |bits, (coded, impossible), index, _| {
            let of = &mut coded[index];
            let size = bits.value(of.dc)?;
            check_size(size, precision + 3)?;
            of.previous = of.previous.saturating_add(bits.extended(size)?);
            let mut energy = (f64::from(of.previous) * of.quantization[0]).powi(2);
            let mut at = 1;
            while at < 64 {
                let code = bits.value(of.ac)?;
                let (zeros, size) = (usize::from(code >> 4), code & 15);
                match (zeros, size) {
                    (15, 0) => at += 16,
                    (_, 0) => break,
                    _ => {
                        check_size(size, precision + 2)?;
                        at += zeros;
                        let step = of.quantization.get(at).ok_or(TOO_LONG)?;
                        energy += (f64::from(bits.extended(size)?) * step).powi(2);
                        at += 1;
                    }
                }
            }
            *impossible += usize::from(energy > of.most);
            Ok(())
        },
        |(coded, _)| coded.iter_mut().for_each(|of| of.previous = 0),
    )?;
    Ok(state.1)
}

pub(super) const TOO_LONG: Fault = Fault::Damaged("a block of its JPEG data is too long");

/// Bits of a coefficient (T.81 tables F.1 and F.2, with 4 more for 12 bits).
pub(super) fn check_size(size: u8, most: u8) -> Result<(), Fault> {
    match size <= most {
        true => Ok(()),
        false => Err(Fault::Damaged(
            "its JPEG data have a coefficient that is too large",
        )),
    }
}

/// The largest sum of squares of dequantized coefficients that samples can have: that of the samples themselves, by
/// Parseval's theorem, from half the range on either side of 0; and coefficients are rounded by half a step at most.
fn most_energy(precision: u8, quantization: &[f64; 64]) -> f64 {
    let largest = 8.0 * f64::from(1u32 << (precision - 1));
    let rounding = quantization
        .iter()
        .map(|step| (step / 2.0).powi(2))
        .sum::<f64>();
    (largest + rounding.sqrt()).powi(2)
}

//! Whether the entropy-coded data of a JPEG are whole: they are read as a decoder reads them, without making pixels
//! (ITU-T T.81 annexes F and G).
//!
//! `zune-jpeg` fills what it can't decode with grey and reports nothing, in its strict mode too where a marker comes too
//! early; grey on a scan would look like tissue. Huffman codes fall into step again soon after a fault, so that most
//! faults show at the end only: data are left over, or missing.

use super::blocks::{Blocks, Course, Scan};
use super::fault::Fault;
use super::huffman::{Bits, Table};
use super::markers::{DHT, DQT, DRI, FrameHeader, SOS, restart_interval, segment};
use super::progressive::Progress;
use super::sequential;

/// Scans of one image that are read; `zune-jpeg` reads no more either.
const MAX_SCANS: u32 = 100;

/// Faults found in data that can still be decoded to the end.
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
    /// A note for the user; `None` without a fault.
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
    dc: [Option<Table>; 4],
    ac: [Option<Table>; 4],
    quantization: [Option<[u16; 64]>; 4],
    pub restart_interval: u32,
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
            let blocks = Blocks::of(&header)?;
            done = vec![false; blocks.len()];
            progress = (header.process == 2).then(|| Progress::new(&blocks));
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
                let scan = Scan::read(segment.payload, header)?;
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(Fault::Damaged("its JPEG data have more than 100 scans"));
                }
                let course = Course {
                    scan: &scan,
                    frame: header,
                    blocks,
                    tables: &tables,
                };
                let mut bits = Bits::new(bytes, at);
                match &mut progress {
                    Some(progress) => progress.read(&mut bits, &course)?,
                    None => doubts.impossible_parts += sequential::read(&mut bits, &course)?,
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

    /// Steps in the order in which coefficients are coded.
    pub fn quantization(&self, place: u8) -> Result<[f64; 64], Fault> {
        let table = self.quantization.get(usize::from(place)).copied().flatten();
        let table = table.ok_or(Fault::Damaged("its JPEG data lack a quantization table"))?;
        Ok(table.map(f64::from))
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
